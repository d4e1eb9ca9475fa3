import ChipImage
import ChipSpec
import FixedPoint

/// Neurons of one population on one core that one partition updates together.
struct HostSegment {
    /// Index of the core among the used cores.
    var core: Int
    /// Number of the first neuron.
    var firstNeuron: Int
    /// Place of the first neuron in the partition's columns, a multiple of eight.
    var first: Int
    /// Number of neurons.
    var count: Int
    /// First accumulator within the partition; compartment c begins `c * paddedCount` later.
    var accumulator: Int
    /// Exponents of the compartments.
    var exponents: [Int]
    /// Soma arithmetic.
    var model: NeuronModel
    /// What a spike does to v.
    var reset: SomaReset
    /// Whether the current register is used.
    var hasCurrent: Bool
    /// Steps since the state reset at which the population wakes.
    var depth: Int
    /// Whether all of a neuron's update provably stays inside 32 bits.
    var fitsInt32: Bool
    /// Index of the population.
    var population: Int
    /// `RandomStream.id` of the population's path.
    var populationID: UInt32
    /// Noise on the membrane.
    var noise: MembraneNoise
    /// What a `sampling` soma needs besides.
    var sampling: SamplingTable?

    /// Neurons of a kernel's block: columns are padded to a multiple of it.
    static let block = 8

    /// Number of neurons, padding included.
    var paddedCount: Int { Self.padded(count) }

    /// A count, padded to whole blocks.
    static func padded(_ count: Int) -> Int { (count + block - 1) / block * block }
}

/// What a step looks up of a segment: a few numbers at a fixed place, nothing to retain.
struct SegmentPlace: BitwiseCopyable {
    /// Which text updates the neurons.
    enum Kernel: BitwiseCopyable {
        case random
        case trueNorth
        /// Worked off event by event before the other segments' turn.
        case odin
        /// Eight neurons at a time, in 32 bits.
        case narrow
        case wide
    }

    var core = 0
    var firstNeuron: UInt32 = 0
    var first = 0
    var count = 0
    var paddedCount = 0
    var accumulator = 0
    /// Its exponents among those of all segments.
    var firstExponent = 0
    var compartments = 0
    var depth = 0
    var kernel = Kernel.wide
    var hasCurrent = false

    /// An empty place.
    init() {}

    /// The place of a segment.
    init(_ segment: HostSegment, firstExponent: Int) {
        core = segment.core
        firstNeuron = UInt32(segment.firstNeuron)
        first = segment.first
        count = segment.count
        paddedCount = segment.paddedCount
        accumulator = segment.accumulator
        self.firstExponent = firstExponent
        compartments = segment.exponents.count
        depth = segment.depth
        kernel =
            switch segment.model {
            case .noisyLIF, .sampling: .random
            case .trueNorth: .trueNorth
            case .odinLIF: .odin
            case .cubaLIF, .lif, .integrateAndFire, .li: segment.fitsInt32 ? .narrow : .wide
            }
        hasCurrent = segment.hasCurrent
    }
}

/// Registers of the image and rows by sender.
///
/// Nothing in it changes while a partition runs, with two exceptions: the charges of plastic synapses
/// (`PlasticBlock` rewrites them) and biases under rate control.
///
/// Rows: sender s owns rows `senderRows[s]..<senderRows[s + 1]`; row r has one delay and owns the
/// synapses `rowSynapses[r]..<rowSynapses[r + 1]`.
@safe
final class HostTables: Sendable {
    /// Length of the columns: neurons of all segments, padding included.
    let columnCount: Int
    let accumulatorCount: Int
    let segments: [HostSegment]

    let threshold: HostArray<Int32>
    /// 2^n − decay, so that the kernels multiply at once.
    let membraneFactor: HostArray<Int32>
    let currentFactor: HostArray<Int32>
    let membraneBias: HostArray<Int32>
    let currentBias: HostArray<Int32>
    let resetPotential: HostArray<Int32>
    let initialPotential: HostArray<Int32>
    let refractorySteps: HostArray<Int32>
    let indexInPopulation: HostArray<UInt32>
    /// Registers of one model alone, `[register][column]`; empty for most.
    let modelRegisters: HostArray<Int32>

    let senderRows: HostArray<UInt32>
    let rowDelay: HostArray<UInt8>
    let rowSynapses: HostArray<UInt32>
    let targets: HostArray<UInt16>
    /// Charges of the image; empty where the device's weights vary.
    let charges: HostArray<Int16>
    /// Charges with `HostLayout.weightFractionBits` more fraction bits, where weights vary.
    let wideCharges: HostArray<Int32>
    /// Flags of each synapse onto `odinLIF` neurons (`ODIN`); empty for other models.
    let synapseFlags: HostArray<UInt8>
    /// Whether an accumulator can reach its rail, so that every addition must look.
    let needsSaturation: Bool

    init(_ draft: PartitionDraft) {
        columnCount = draft.threshold.count
        accumulatorCount = draft.accumulatorCount
        segments = draft.segments
        threshold = HostArray(draft.threshold, else: 0)
        membraneFactor = HostArray(draft.membraneFactor, else: 0)
        currentFactor = HostArray(draft.currentFactor, else: 0)
        membraneBias = HostArray(draft.membraneBias, else: 0)
        currentBias = HostArray(draft.currentBias, else: 0)
        resetPotential = HostArray(draft.resetPotential, else: 0)
        initialPotential = HostArray(draft.initialPotential, else: 0)
        refractorySteps = HostArray(draft.refractorySteps, else: 0)
        indexInPopulation = HostArray(draft.indexInPopulation, else: 0)
        modelRegisters = HostArray(draft.modelRegisters.flatMap { $0 }, else: 0)
        senderRows = HostArray(draft.senderRows, else: 0)
        rowDelay = HostArray(draft.rowDelay, else: 1)
        rowSynapses = HostArray(draft.rowSynapses, else: 0)
        targets = HostArray(draft.targets, else: 0)
        charges = HostArray(draft.charges, else: 0)
        wideCharges = HostArray(draft.wideCharges, else: 0)
        synapseFlags = HostArray(draft.synapseFlags, else: 0)
        needsSaturation = draft.needsSaturation
    }
}

/// A partition while the loader fills it.
struct PartitionDraft {
    var accumulatorCount = 0
    var segments: [HostSegment] = []
    var threshold: [Int32] = []
    var membraneFactor: [Int32] = []
    var currentFactor: [Int32] = []
    var membraneBias: [Int32] = []
    var currentBias: [Int32] = []
    var resetPotential: [Int32] = []
    var initialPotential: [Int32] = []
    var refractorySteps: [Int32] = []
    var indexInPopulation: [UInt32] = []
    /// `[register][column]`.
    var modelRegisters: [[Int32]] = []
    var plastic: [PlasticDraft] = []
    var senderRows: [UInt32] = [0]
    var rowDelay: [UInt8] = []
    var rowSynapses: [UInt32] = [0]
    var targets: [UInt16] = []
    var charges: [Int16] = []
    var wideCharges: [Int32] = []
    var synapseFlags: [UInt8] = []
    var needsSaturation = false

    /// Appends neurons that never spike and are never active.
    mutating func appendSilentNeurons(_ count: Int) {
        threshold += [Int32](repeating: .max, count: count)
        let zeros = [Int32](repeating: 0, count: count)
        membraneFactor += zeros
        currentFactor += zeros
        membraneBias += zeros
        currentBias += zeros
        resetPotential += zeros
        initialPotential += zeros
        refractorySteps += zeros
        indexInPopulation += [UInt32](repeating: 0, count: count)
        for register in modelRegisters.indices { modelRegisters[register] += zeros }
    }
}
