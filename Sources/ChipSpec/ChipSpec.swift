public import Events
public import FixedPoint

/// A chip: geometry, limits, number formats, clock and prices, as described by a file in `chipspecs/`.
///
/// A value of this type has been validated: every number lies in the range its comment gives.
public struct ChipSpec: Sendable, Equatable, Codable {
    /// Name, as used with `--chip`.
    public var name: String
    /// One sentence for the list of chips.
    public var summary: String
    /// Cores and how they are laid out.
    public var mesh: MeshSpec
    /// Links and queues between the cores; `InterconnectSpec.standard` where the file has no such section.
    public var interconnect: InterconnectSpec
    /// What one core holds.
    public var core: CoreSpec
    /// Synapse formats.
    public var synapse: SynapseSpec
    /// Dendritic accumulators.
    public var dendrite: DendriteSpec
    /// Neuron registers.
    public var soma: SomaSpec
    /// The learning engine; nil on a chip that does not learn.
    public var learning: LearningSpec?
    /// Clock.
    public var time: TimeSpec
    /// What varies from device to device, and how.
    public var mismatch: MismatchSpec
    /// Prices in joules and seconds, at least one table; the first is the default.
    public var energyTables: [EnergyTable]
    /// What the model of this chip leaves out, one sentence each.
    public var knownGaps: [String]
}

/// Cores on a rectangular grid of tiles.
public struct MeshSpec: Sendable, Equatable, Codable {
    /// Tiles from west to east, 1...256.
    public var width: Int
    /// Tiles from north to south, 1...256.
    public var height: Int
    /// Cores on each tile, 1...64.
    ///
    /// Core c sits on tile c / coresPerTile.
    public var coresPerTile: Int

    package init(width: Int, height: Int, coresPerTile: Int) {
        self.width = width
        self.height = height
        self.coresPerTile = coresPerTile
    }

    /// Cores of the chip.
    public var coreCount: Int { width * height * coresPerTile }
}

/// Limits of one core.
public struct CoreSpec: Sendable, Equatable, Codable {
    /// Neurons a core holds, 1...65,536.
    public var neurons: Int
    /// Axons in, 1...65,536.
    public var axonsIn: Int
    /// Routes out (one neuron to one destination core each), 1...2²⁰.
    public var axonsOut: Int
    /// Synapse memory in bytes, row headers included.
    public var synapseMemoryInBytes: Int
}

/// Where the low bits of a quantised weight go on chips with a sign-mode dependent step.
public enum WeightTruncation: String, Sendable, Codable, CaseIterable {
    /// Towards minus infinity (lava-nc).
    case floor
    /// Towards zero (brian2_loihi).
    case towardZero
}

/// Whether a weight exponent shifts the sum of the weights or each weight.
public enum ExponentShift: String, Sendable, Codable, CaseIterable {
    /// The accumulator is shifted, once a step (lava-nc).
    case perSum
    /// Each weight is shifted before it is added (brian2_loihi, NxSDK emulators).
    case perSynapse
}

/// Sign mode of the weights of a projection.
public enum SignMode: String, Sendable, Codable, CaseIterable {
    /// Both signs.
    case mixed
    /// No weight below zero.
    case excitatory
    /// No weight above zero.
    case inhibitory
}

/// How the weights of a sender are spread over several axons of a core, each with one row.
public enum WeightPlanes: String, Sendable, Codable, CaseIterable {
    /// Axon of type G carries bit G of each weight: a binary crossbar (TrueNorth).
    case bits
    /// One axon carries the weights above 0 and one those below: a sign for each axon (ODIN).
    case signs
}

/// Synapse formats of a chip.
public struct SynapseSpec: Sendable, Equatable, Codable {
    /// Weight bits: 2...16, sign included, on two's complement chips; 1...8, the magnitude, on sign-mode
    /// chips.
    ///
    /// With the largest exponent at most 16; on chips that learn at most 9.
    public var weightBits: Int
    /// Whether sign modes exist (Loihi): a single-sign projection uses all bits for the magnitude,
    /// a mixed one gives up its lowest bit.
    ///
    /// Without, weights are two's complement.
    public var hasSignModes: Bool
    /// Hidden bits below the weight where a synapse is plastic, 0...8.
    public var hiddenWeightBits: Int
    /// Where low bits go.
    public var weightTruncation: WeightTruncation
    /// Whether an exponent shifts sums or weights.
    public var exponentShift: ExponentShift
    /// Smallest weight exponent, −8...0.
    public var minimumExponent: Int
    /// Largest weight exponent, 0...7.
    public var maximumExponent: Int
    /// Longest delay in steps, 1...62; the shortest is 1.
    public var maximumDelayInSteps: Int
    /// Bytes of synapse memory a static synapse takes.
    public var bytesPerSynapse: Int
    /// Bytes a plastic synapse takes.
    public var bytesPerPlasticSynapse: Int
    /// Bytes a row header takes (a row: synapses of one axon with equal delay and exponent).
    public var bytesPerRowHeader: Int
    /// How weights are spread over axons; nil where one axon carries all of a sender's weights.
    public var weightPlanes: WeightPlanes?
    /// Whether a core holds each kernel of a convolution once: the chip has a format for convolutions.
    public var hasSharedKernels: Bool {
        get { sharesKernels ?? false }
        set { sharesKernels = newValue ? true : nil }
    }
    /// Nil for no, so that a coded spec may leave it out, as a file may.
    private var sharesKernels: Bool?

    /// Range of the integer weights of a projection.
    ///
    /// - Parameter mode: Sign mode of the projection.
    /// - Returns: Lowest and highest weight, and the step between weights.
    public func weightRange(_ mode: SignMode) -> (range: ClosedRange<Int>, step: Int) {
        guard hasSignModes else {
            let top = 1 << (weightBits - 1)
            // The sign is the axon's, so both have the same magnitudes.
            let bottom = weightPlanes == .signs ? 1 - top : -top
            switch mode {
            case .mixed: return (bottom...(top - 1), 1)
            case .excitatory: return (0...(top - 1), 1)
            case .inhibitory: return (bottom...0, 1)
            }
        }
        // Loihi: 8 magnitude bits in every mode; fewer weight bits drop low bits (NUMERICS, 3).
        switch mode {
        case .mixed:
            let step = 1 << (8 - weightBits + 1)
            return (-256...(256 - step), step)
        case .excitatory:
            let step = 1 << (8 - weightBits)
            return (0...(256 - step), step)
        case .inhibitory:
            let step = 1 << (8 - weightBits)
            return ((step - 256)...0, step)
        }
    }
}

/// Dendritic accumulators of a chip.
public struct DendriteSpec: Sendable, Equatable, Codable {
    /// Register that sums the charge of a step.
    public var accumulator: RegisterFormat
    /// Compartments a neuron may have, 1...8; each has an accumulator and an exponent of its own.
    public var maximumCompartments: Int
}

/// Neuron registers of a chip.
public struct SomaSpec: Sendable, Equatable, Codable {
    /// Models the soma can run.
    public var models: [NeuronModel]
    /// Membrane potential v.
    public var membrane: RegisterFormat
    /// Synaptic current u; nil where the chip has none.
    public var current: RegisterFormat?
    /// Bits by which an accumulator is shifted left when added to u or v, 0...16.
    public var accumulatorShift: Int
    /// Bits of the decay registers, 1...12: factor (2^bits − decay)/2^bits a step.
    public var decayBits: Int
    /// Rounding of the decay product.
    public var decayRounding: RoundingMode
    /// Bits of the threshold mantissa, 1...31, unsigned.
    public var thresholdBits: Int
    /// Bits by which the threshold mantissa is shifted left, 0...16.
    public var thresholdShift: Int
    /// Bits of the bias mantissa, 2...31, signed.
    public var biasMantissaBits: Int
    /// Largest bias exponent, 0...16: bias = mantissa · 2^exponent.
    public var biasMaximumExponent: Int
    /// Whether a current has a bias of its own (constant input of the filter).
    public var hasCurrentBias: Bool
    /// Reset rules the soma can do, as `zero` and `subtract`.
    public var resetRules: [SomaReset]
    /// Whether the reset potential is a register; without one, it is 0.
    public var hasResetPotential: Bool
    /// Bits of the refractory counter, 0...8; 0 without one.
    public var refractoryBits: Int
    /// Bits of the amplitude of a noise source, 0...16; 0 without on-chip noise.
    public var noiseBits: Int
}

/// What a soma does to its membrane potential at a spike.
public enum SomaReset: String, Sendable, Codable, CaseIterable {
    /// v is set to the reset potential.
    case zero
    /// The threshold is subtracted from v.
    case subtract
}

/// How a chip's steps follow each other.
public enum StepMode: String, Sendable, Codable, CaseIterable {
    /// A step lasts a fixed time; work that takes longer is an overrun.
    case realTime
    /// A step ends when all cores are done and a barrier has passed.
    case barrier
}

/// Clock of a chip.
public struct TimeSpec: Sendable, Equatable, Codable {
    /// How steps follow each other.
    public var mode: StepMode
    /// Length of a step: exact in real-time mode, the label of a step in traces in barrier mode.
    public var step: TimeBase

    package init(mode: StepMode, step: TimeBase) {
        self.mode = mode
        self.step = step
    }
}

/// Shape of the distribution of a mismatched parameter.
public enum MismatchDistribution: String, Sendable, Codable, CaseIterable {
    /// Log-normal with mean 1: never changes a sign.
    case logNormal
    /// Normal with mean 1, clipped at 0.
    case normal
}

/// A parameter that differs from device to device.
///
/// One table of names for specs, options and reports.
///
/// The raw values key the random numbers: never renumber, only add.
public enum MismatchParameter: String, Sendable, Codable, CaseIterable {
    /// Spike threshold.
    case threshold
    /// Membrane time constant.
    case membraneTau
    /// Synaptic time constant.
    case currentTau
    /// Bias of a neuron.
    case bias
    /// Gain of a synapse.
    case weight
    /// Refractory period.
    case refractory
    /// Time constant of a learning trace, each side of each neuron for itself.
    case traceTau

    /// Number that keys the fixed pattern of this parameter.
    public var key: UInt32 {
        switch self {
        case .threshold: 1
        case .membraneTau: 2
        case .currentTau: 3
        case .bias: 4
        case .weight: 5
        case .refractory: 6
        case .traceTau: 7
        }
    }
}

/// What varies from device to device.
public struct MismatchSpec: Sendable, Equatable, Codable {
    /// Shape of every distribution.
    public var distribution: MismatchDistribution
    /// Parameters that `--mismatch CV` varies.
    public var parameters: [MismatchParameter]
}

/// Where a price comes from.
public enum Provenance: String, Sendable, Codable, CaseIterable {
    /// Printed in a publication of the maker.
    case published
    /// Fitted by somebody to measurements.
    case fitted
    /// Our assumption.
    case assumed
    /// Nobody says: the total then reads "at least".
    case unknown
}

/// Price of one action.
public struct ActionPrice: Sendable, Equatable, Codable {
    /// Which action.
    public var action: Action
    /// Energy of one action in picojoules; nil is unknown, which is not zero.
    public var energyInPicojoules: Double?
    /// Busy time of one action in nanoseconds; nil is unknown.
    public var latencyInNanoseconds: Double?
    /// Where the energy comes from.
    public var provenance: Provenance

    package init(
        action: Action,
        energyInPicojoules: Double?,
        latencyInNanoseconds: Double?,
        provenance: Provenance
    ) {
        self.action = action
        self.energyInPicojoules = energyInPicojoules
        self.latencyInNanoseconds = latencyInNanoseconds
        self.provenance = provenance
    }
}

/// A table of prices from one source.
///
/// Tables are never mixed.
public struct EnergyTable: Sendable, Equatable, Codable {
    /// Name, as used with `--energy`.
    public var name: String
    /// Publication or file the numbers are from.
    public var source: String
    /// Prices, in the order of `Action.allCases`; an action without an entry costs nothing in this
    /// table because the table counts it elsewhere.
    ///
    /// An unknown price is an entry with nil.
    public var prices: [ActionPrice]
    /// Power that flows whatever the chip does, in milliwatts; nil is unknown.
    public var staticPowerInMilliwatts: Double?
    /// Where the static power comes from.
    public var staticPowerProvenance: Provenance
    /// Barrier time by number of mapped tiles, ascending; empty on real-time chips and where nobody
    /// says.
    public var barrier: [BarrierTime]

    package init(
        name: String,
        source: String,
        prices: [ActionPrice],
        staticPowerInMilliwatts: Double? = nil,
        staticPowerProvenance: Provenance = .unknown,
        barrier: [BarrierTime] = []
    ) {
        self.name = name
        self.source = source
        self.prices = prices
        self.staticPowerInMilliwatts = staticPowerInMilliwatts
        self.staticPowerProvenance = staticPowerProvenance
        self.barrier = barrier
    }
}

/// Time of a barrier between the cores.
public struct BarrierTime: Sendable, Equatable, Codable {
    /// From how many mapped tiles on, up to the next entry; below the first entry, its time holds.
    public var tiles: Int
    /// Time of the barrier in nanoseconds.
    public var latencyInNanoseconds: Double

    package init(tiles: Int, latencyInNanoseconds: Double) {
        self.tiles = tiles
        self.latencyInNanoseconds = latencyInNanoseconds
    }
}
