import ChipSpec
import FixedPoint

/// Columns of a segment of random somas, `[neuron]`, not padded.
///
/// The pointers point at the segment's first neuron and are valid while the partition lives.
@safe
struct RandomSomaColumns {
    let count: Int
    /// S, before attenuation.
    let input: UnsafePointer<Int64>
    let v: UnsafeMutablePointer<Int32>
    let u: UnsafeMutablePointer<Int32>
    /// Second stage of an alpha-shaped potential.
    let h: UnsafeMutablePointer<Int32>
    /// Refractory counters.
    let zeta: UnsafeMutablePointer<Int32>
    let threshold: UnsafePointer<Int32>
    let membraneFactor: UnsafePointer<Int32>
    let currentFactor: UnsafePointer<Int32>
    let membraneBias: UnsafePointer<Int32>
    let currentBias: UnsafePointer<Int32>
    let resetPotential: UnsafePointer<Int32>
    let refractorySteps: UnsafePointer<Int32>
    let indexInPopulation: UnsafePointer<UInt32>
    /// Right shift of the dendritic sum.
    let attenuation: Int64
    /// Sender number of the first neuron.
    let firstSender: UInt32
    /// Receives the senders that spike, ascending.
    let spikes: UnsafeMutablePointer<UInt32>
    /// −1 for each neuron that resets whatever it computes, 0 for the others; nil where those reset that
    /// spike.
    let followed: UnsafePointer<Int32>?

    /// Whether a neuron resets.
    @inline(__always)
    func resets(_ k: Int, spikes: Bool) -> Bool {
        guard let followed = unsafe followed else { return spikes }
        return unsafe followed[k] != 0
    }
}

/// Formats of a soma's registers, apart from what only the loader reads.
struct SomaFormats {
    let membrane: RegisterRange
    /// The membrane's where the chip has no current register.
    let current: RegisterRange
    let accumulatorShift: Int
    let decayBits: Int
    let decayRounding: RoundingMode

    init(_ soma: SomaSpec) {
        membrane = RegisterRange(soma.membrane)
        current = RegisterRange(soma.current ?? soma.membrane)
        accumulatorShift = soma.accumulatorShift
        decayBits = soma.decayBits
        decayRounding = soma.decayRounding
    }
}

/// A register format with its rails worked out.
struct RegisterRange {
    private let minimum: Int64
    private let maximum: Int64
    private let wraps: Bool
    private let unused: Int64
    private let isSigned: Bool

    init(_ format: RegisterFormat) {
        minimum = format.minimum
        maximum = format.maximum
        wraps = format.overflow == .wrap
        unused = 64 - Int64(format.bits)
        isSigned = format.isSigned
    }

    /// `RegisterFormat.fitted`.
    @inline(__always)
    func fitted(_ value: Int64) -> Int64 {
        guard wraps else { return min(max(value, minimum), maximum) }
        let shifted = value &<< unused
        return isSigned
            ? shifted &>> unused
            : Int64(truncatingIfNeeded: UInt64(bitPattern: shifted) &>> UInt64(unused))
    }
}

/// The `noisyLIF` soma: `docs/NUMERICS.md`, section 8.
struct NoisyLIF {
    let soma: SomaFormats

    /// Updates the neurons of a segment by one step.
    ///
    /// - Parameters:
    ///   - columns: The segment.
    ///   - hasCurrent: Whether the current register is used.
    ///   - noise: Noise of the step, one value a neuron.
    /// - Returns: Number of spikes.
    func update(
        _ columns: RandomSomaColumns,
        hasCurrent: Bool,
        noise: UnsafePointer<Int32>
    ) -> Int {
        switch soma.decayRounding {
        case .floor, .stochastic: unsafe update(columns, hasCurrent, noise, RoundingDown.self)
        case .towardZero: unsafe update(columns, hasCurrent, noise, RoundingTowardZero.self)
        case .nearest: unsafe update(columns, hasCurrent, noise, RoundingToNearest.self)
        }
    }

    private func update<R: DecayRounding>(
        _ columns: RandomSomaColumns,
        _ hasCurrent: Bool,
        _ noise: UnsafePointer<Int32>,
        _ rounding: R.Type
    ) -> Int {
        let membrane = soma.membrane
        let current = soma.current
        let shift = Int64(soma.accumulatorShift)
        let full = Int64(1) << Int64(soma.decayBits)
        var spikeCount = 0
        for k in 0..<columns.count {
            var drive = unsafe (columns.input[k] &>> columns.attenuation) &<< shift
            if hasCurrent {
                let decayed = unsafe R.product(
                    Int64(columns.u[k]),
                    Int64(columns.currentFactor[k]),
                    bits: soma.decayBits
                )
                drive = unsafe current.fitted(decayed &+ drive &+ Int64(columns.currentBias[k]))
                unsafe columns.u[k] = Int32(truncatingIfNeeded: drive)
            }
            if unsafe columns.zeta[k] > 0 {
                unsafe columns.zeta[k] &-= 1
                unsafe columns.v[k] = columns.resetPotential[k]
                if columns.resets(k, spikes: false) {
                    unsafe columns.zeta[k] = columns.refractorySteps[k]
                }
                continue
            }
            let v0 = unsafe Int64(columns.v[k])
            let loss = unsafe full &- Int64(columns.membraneFactor[k])
            // 26 bits times 12 bits.
            let pull = unsafe R.product(
                drive &+ Int64(columns.membraneBias[k]) &- v0,
                loss,
                bits: soma.decayBits
            )
            let v = unsafe membrane.fitted(v0 &+ pull &+ Int64(noise[k]))
            let spikes = unsafe v > Int64(columns.threshold[k])
            if spikes {
                unsafe columns.spikes[spikeCount] = columns.firstSender &+ UInt32(k)
                spikeCount &+= 1
            }
            if columns.resets(k, spikes: spikes) {
                unsafe columns.v[k] = columns.resetPotential[k]
                unsafe columns.zeta[k] = columns.refractorySteps[k]
            } else {
                unsafe columns.v[k] = Int32(truncatingIfNeeded: v)
            }
        }
        return spikeCount
    }
}

extension DecayRounding {
    /// x · factor / 2^bits, rounded, for products that fit 62 bits.
    @inline(__always)
    static func product(_ x: Int64, _ factor: Int64, bits: Int) -> Int64 {
        mode.shifted(x &* factor, rightBy: bits)
    }
}
