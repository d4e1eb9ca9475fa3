import ChipImage
import ChipSpec
import FixedPoint

/// Dendrites of a population of `sampling` somas: what its somas predict, what arrives from above, and the
/// error between (`docs/NUMERICS.md`, section 11).
///
/// The basal dendrite is the soma's own input. The apical one is a population of its own, neuron for
/// neuron, whose somas integrate and never spike.
public struct DendriteSettings: Sendable, Equatable {
    /// Fraction bits of `coupling` and `nudging`.
    public static let couplingBits = 12
    /// Fraction bits of a running average, below the lowest bit of v.
    public static let averageBits = 12
    /// Fraction bits of the dendritic error: 1 is a spike probability of 1 a step.
    public static let errorBits = 14
    /// Values that the coupling registers hold.
    public static let couplings: ClosedRange<Int32> = -(1 << 20)...(1 << 20)
    /// Values of `averagingShift`.
    public static let averagingShifts = 1...averageBits

    /// Population of as many `sampling` somas that serves as apical dendrites; nil without.
    public var apical: Int?
    /// What the soma feels of the apical potential, in 2^−12.
    public var coupling: Int32
    /// How strongly targets pull the soma, in 2^−12.
    public var nudging: Int32
    /// k of the running averages, whose time constant is 2^k steps.
    public var averagingShift: Int

    /// Chooses settings; values beyond the registers are cut.
    ///
    /// - Parameters:
    ///   - apical: Population that serves as apical dendrites.
    ///   - coupling: What the soma feels of the apical potential, in 2^−12.
    ///   - nudging: How strongly targets pull the soma, in 2^−12.
    ///   - averagingShift: k of the running averages of 2^k steps, 1...12.
    public init(apical: Int? = nil, coupling: Int32, nudging: Int32, averagingShift: Int) {
        func fitted(_ value: Int32) -> Int32 {
            min(max(value, Self.couplings.lowerBound), Self.couplings.upperBound)
        }
        self.apical = apical
        self.coupling = fitted(coupling)
        self.nudging = fitted(nudging)
        self.averagingShift = min(
            max(averagingShift, Self.averagingShifts.lowerBound),
            Self.averagingShifts.upperBound
        )
    }
}

/// The dendrites of a population while a machine runs.
///
/// They work after the somas of a step: the drive they find acts on the somas of the next one.
@safe
final class RunningDendrites {
    struct Place {
        var partition: Int
        var segment: Int
        var column: Int
    }

    var settings: DendriteSettings
    let somas: [Place]
    var apical: [Place] = []
    /// Biases without the drive, raw.
    let bias: HostArray<Int32>
    /// Target potentials, raw; meaningless where `isNudged` is 0.
    let target: HostArray<Int32>
    let isNudged: HostArray<UInt8>
    let averageBasal: HostArray<Int64>
    let averageSoma: HostArray<Int64>
    /// Sum of the potentials since the host cleared it.
    let sum: HostArray<Int64>
    private(set) var summedSteps: UInt64 = 0

    init(_ settings: DendriteSettings, somas: [Place], biases: [Int32]) {
        self.settings = settings
        self.somas = somas
        bias = HostArray(biases, else: 0)
        target = HostArray(repeating: 0, count: somas.count)
        isNudged = HostArray(repeating: 0, count: somas.count)
        averageBasal = HostArray(repeating: 0, count: somas.count)
        averageSoma = HostArray(repeating: 0, count: somas.count)
        sum = HostArray(repeating: 0, count: somas.count)
    }

    /// The state reset: averages and drives.
    func reset(_ partitions: [HostPartition]) {
        averageBasal.fill(0)
        averageSoma.fill(0)
        clearSums()
        for (k, place) in somas.enumerated() {
            partitions[place.partition].tables.membraneBias[place.column] = bias[k]
            partitions[place.partition].error[place.column] = 0
        }
    }

    /// Clears the sums of potentials.
    func clearSums() {
        sum.fill(0)
        summedSteps = 0
    }

    /// Works off a step.
    ///
    /// - Parameters:
    ///   - partitions: Of the machine.
    ///   - age: Steps since the state reset.
    ///   - membrane: Format of v.
    func step(_ partitions: [HostPartition], age: UInt64, membrane: RegisterFormat) {
        summedSteps &+= 1
        let shift = Int64(settings.averagingShift)
        let bits = Int64(DendriteSettings.averageBits)
        let couplingBits = Int64(DendriteSettings.couplingBits)
        // Drives must not be rounded down: their sign says which way to learn.
        let half = Int64(1) << (couplingBits - 1)
        // From a 32-bit probability to the error's fraction bits.
        let errorShift = Int64(32 - DendriteSettings.errorBits)
        for k in 0..<somas.count {
            let place = somas[k]
            let partition = partitions[place.partition]
            guard age >= UInt64(partition.places[place.segment].depth) else { continue }
            let v = Int64(partition.v[place.column])
            let resting = Int64(bias[k])
            let basal = v &- Int64(partition.tables.membraneBias[place.column])
            sum[k] &+= v
            averageBasal[k] &+= ((basal &<< bits) &- averageBasal[k]) &>> shift
            averageSoma[k] &+= ((v &<< bits) &- averageSoma[k]) &>> shift
            let predicted = (averageBasal[k] &>> bits) &+ resting
            let felt = partition.spikeThreshold(of: place.segment, at: averageSoma[k] &>> bits)
            let expected = partition.spikeThreshold(of: place.segment, at: predicted)
            let difference = Int64(felt) &- Int64(expected)
            partition.error[place.column] = Int32(
                truncatingIfNeeded: (difference &+ (1 &<< (errorShift &- 1))) &>> errorShift
            )
            // 21 bits times 26 bits.
            var drive: Int64 = 0
            if !apical.isEmpty {
                let source = partitions[apical[k].partition]
                let column = apical[k].column
                let potential =
                    Int64(source.v[column]) &- Int64(source.tables.membraneBias[column])
                drive &+= (Int64(settings.coupling) &* potential &+ half) &>> couplingBits
            }
            if isNudged[k] != 0 {
                let missing = Int64(target[k]) &- predicted
                drive &+= (Int64(settings.nudging) &* missing &+ half) &>> couplingBits
            }
            partition.tables.membraneBias[place.column] = Int32(
                truncatingIfNeeded: membrane.fitted(resting &+ drive)
            )
        }
    }
}
