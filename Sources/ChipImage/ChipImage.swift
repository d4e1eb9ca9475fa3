public import ChipSpec

/// A compiled network: everything the chip is loaded with, plus the map back to the network.
///
/// Plain data; `ChipImage+Encoding` writes it to a `.chipimg` file, `ChipImage+Verification` proves
/// its invariants. Raw integers are register values of the chip (`docs/NUMERICS.md`).
public struct ChipImage: Sendable, Equatable {
    /// The chip it was compiled for, in full: an image runs without its spec file.
    public var chip: ChipSpec
    /// What the tables mean in the words of the network.
    public var network: NetworkTable
    /// External inputs; port p is the virtual core `NeuronAddress.firstInputCore + p`.
    public var inputs: [InputPort]
    /// Tables of the used cores, ascending by physical core.
    public var cores: [CoreTables]

    /// Makes an image from its parts.
    ///
    /// - Parameters:
    ///   - chip: The chip.
    ///   - network: Names, shapes, scales.
    ///   - inputs: External inputs.
    ///   - cores: Tables, ascending by core.
    public init(chip: ChipSpec, network: NetworkTable, inputs: [InputPort], cores: [CoreTables]) {
        self.chip = chip
        self.network = network
        self.inputs = inputs
        self.cores = cores
    }
}

/// Names, shapes and scales: what turns registers back into the author's numbers.
public struct NetworkTable: Sendable, Equatable, Codable {
    /// Name of the network.
    public var name: String
    /// Length of a step in the unit of the file's time constants.
    public var timeStep: Double
    /// Populations on the chip, inputs not among them.
    public var populations: [PopulationTable]
    /// Projections, for reports.
    public var projections: [ProjectionTable]
    /// Outputs.
    public var outputs: [OutputTable]
    /// Steps from the last input step to the last possible output: the deepest output's depth.
    public var drainSteps: Int
    /// Learning rules that projections run; nil in images that do not learn.
    public var rules: [RuleProgram]?

    /// Makes the table.
    ///
    /// - Parameters:
    ///   - name: Name of the network.
    ///   - timeStep: Step in the unit of the file.
    ///   - populations: Populations on the chip.
    ///   - projections: Projections.
    ///   - outputs: Outputs.
    ///   - drainSteps: Depth of the deepest output.
    ///   - rules: Learning rules.
    public init(
        name: String,
        timeStep: Double,
        populations: [PopulationTable],
        projections: [ProjectionTable],
        outputs: [OutputTable],
        drainSteps: Int,
        rules: [RuleProgram]? = nil
    ) {
        self.name = name
        self.timeStep = timeStep
        self.populations = populations
        self.projections = projections
        self.outputs = outputs
        self.drainSteps = drainSteps
        self.rules = rules
    }
}

/// A population on the chip.
public struct PopulationTable: Sendable, Equatable, Codable {
    /// Path in the network file.
    public var path: String
    /// Shape, C order.
    public var shape: [Int]
    /// Soma arithmetic.
    public var model: NeuronModel
    /// What a spike does to v.
    public var reset: SomaReset
    /// Whether the synaptic current register is used.
    public var hasCurrent: Bool
    /// Exponent of each compartment: its accumulator is shifted by it (left if positive) before the
    /// soma adds it.
    ///
    /// One entry a compartment, at least one.
    public var compartmentExponents: [Int]
    /// Author's units of membrane potential per raw 1 of v, per neuron or one for all.
    public var membraneScale: [Double]
    /// Steps after an input at which its effect reaches this population at the earliest.
    public var depth: Int
    /// Refractory period of its neurons in steps; nil is 0.
    public var refractorySteps: Int?
    /// Noise on the membrane of its neurons; nil without.
    public var noise: [NoiseTable]?
    /// What a `sampling` soma needs besides; nil for other models.
    public var sampling: SamplingTable?

    /// Makes the table.
    ///
    /// - Parameters:
    ///   - path: Path in the network file.
    ///   - shape: Shape, C order.
    ///   - model: Soma arithmetic.
    ///   - reset: What a spike does to v.
    ///   - hasCurrent: Whether the current register is used.
    ///   - compartmentExponents: One a compartment.
    ///   - membraneScale: Author's units per raw 1, one value or one a neuron.
    ///   - depth: Steps behind the input.
    ///   - refractorySteps: Refractory period in steps.
    ///   - noise: Noise on the membrane.
    ///   - sampling: What a `sampling` soma needs besides.
    public init(
        path: String,
        shape: [Int],
        model: NeuronModel,
        reset: SomaReset,
        hasCurrent: Bool,
        compartmentExponents: [Int],
        membraneScale: [Double],
        depth: Int,
        refractorySteps: Int? = nil,
        noise: [NoiseTable]? = nil,
        sampling: SamplingTable? = nil
    ) {
        self.path = path
        self.shape = shape
        self.model = model
        self.reset = reset
        self.hasCurrent = hasCurrent
        self.compartmentExponents = compartmentExponents
        self.membraneScale = membraneScale
        self.depth = depth
        self.refractorySteps = refractorySteps
        self.noise = noise
        self.sampling = sampling
    }

    /// Number of neurons.
    public var count: Int { shape.reduce(1, *) }
}

/// Noise that one source adds to the membranes of a population.
public struct NoiseTable: Sendable, Hashable, Codable {
    /// Most sources of a population.
    package static let mostSources = 16

    /// Amplitude register A, 0 or more: the noise of a step is (s · A + 128) >> 8, s the sum of four random
    /// bytes less 510 (`docs/NUMERICS.md`, section 8); its standard deviation is 0.577 A raw units of v.
    public var amplitude: Int
    /// Name of the source that all listeners share; nil gives each neuron a source of its own.
    public var sharedSource: String?

    /// Makes the table.
    ///
    /// - Parameters:
    ///   - amplitude: Amplitude register.
    ///   - sharedSource: Name of a source that all listeners share.
    public init(amplitude: Int, sharedSource: String? = nil) {
        self.amplitude = amplitude
        self.sharedSource = sharedSource
    }
}

/// How a presynaptic spike acts over time on a `sampling` soma.
public enum PSPShape: String, Sendable, Hashable, Codable, CaseIterable {
    /// Its weight for `pspSteps` steps.
    case rectangular
    /// A current that decays by the current decay register.
    case exponential
    /// Two such currents in series: rises and falls with the same time constant.
    case alpha
}

/// What a `sampling` soma needs besides its registers.
public struct SamplingTable: Sendable, Hashable, Codable {
    /// Most steps of a rectangular potential.
    package static let longestPSP = 255

    /// Log-odds per raw 1 of the membrane potential.
    public var logOddsPerRaw: Double
    /// Refractory time τ_ref in steps: a spike sets the counter ζ to it; 1...255.
    public var refractorySteps: Int
    /// Shape of the postsynaptic potential.
    public var psp: PSPShape
    /// Steps of a rectangular potential, 1...255; 1 for other shapes.
    public var pspSteps: Int

    /// Makes the table.
    ///
    /// - Parameters:
    ///   - logOddsPerRaw: Log-odds per raw 1 of the membrane potential.
    ///   - refractorySteps: Refractory time in steps.
    ///   - psp: Shape of the postsynaptic potential.
    ///   - pspSteps: Steps of a rectangular potential.
    public init(logOddsPerRaw: Double, refractorySteps: Int, psp: PSPShape, pspSteps: Int) {
        self.logOddsPerRaw = logOddsPerRaw
        self.refractorySteps = refractorySteps
        self.psp = psp
        self.pspSteps = pspSteps
    }
}

/// A projection on the chip.
public struct ProjectionTable: Sendable, Equatable, Codable {
    /// Path of the source population or name of the input.
    public var source: String
    /// Path of the target population.
    public var target: String
    /// Steps from spike to arrival, at least 1.
    public var delay: Int
    /// Compartment of the target it feeds.
    public var compartment: Int
    /// Sign mode of its weights.
    public var signMode: SignMode
    /// Author's effective weight per raw weight of 1.
    public var weightScale: Double
    /// Number of synapses in the image (weights of 0 are left out).
    public var synapses: Int
    /// Largest and root-mean-square difference between raw · scale and the author's weight.
    public var largestError: Double
    /// Root-mean-square difference.
    public var rootMeanSquareError: Double
    /// Name in the network description; nil where it has none (NIR).
    public var name: String?
    /// Index in `NetworkTable.rules` of the rule its synapses run; nil where they are static.
    public var rule: Int?
    /// Index of the forward projection that this one is the feedback of.
    public var feedbackOf: Int?
    /// Kernels that its synapses share on the chip; nil where each synapse takes memory of its own.
    public var kernels: KernelTable?

    /// Makes the table.
    ///
    /// - Parameters:
    ///   - source: Source population or input.
    ///   - target: Target population.
    ///   - delay: Steps, at least 1.
    ///   - compartment: Compartment of the target.
    ///   - signMode: Sign mode.
    ///   - weightScale: Effective weight per raw 1.
    ///   - synapses: Number of synapses.
    ///   - largestError: Largest quantisation error.
    ///   - rootMeanSquareError: Root-mean-square quantisation error.
    ///   - name: Name in the network description.
    ///   - rule: Index of the rule its synapses run.
    ///   - feedbackOf: Index of the forward projection.
    ///   - kernels: Kernels that its synapses share.
    public init(
        source: String,
        target: String,
        delay: Int,
        compartment: Int,
        signMode: SignMode,
        weightScale: Double,
        synapses: Int,
        largestError: Double,
        rootMeanSquareError: Double,
        name: String? = nil,
        rule: Int? = nil,
        feedbackOf: Int? = nil,
        kernels: KernelTable? = nil
    ) {
        self.source = source
        self.target = target
        self.delay = delay
        self.compartment = compartment
        self.signMode = signMode
        self.weightScale = weightScale
        self.synapses = synapses
        self.largestError = largestError
        self.rootMeanSquareError = rootMeanSquareError
        self.name = name
        self.rule = rule
        self.feedbackOf = feedbackOf
        self.kernels = kernels
    }
}

/// An output of the network.
public struct OutputTable: Sendable, Equatable, Codable {
    /// Name of the Output node.
    public var name: String
    /// Index in `NetworkTable.populations`.
    public var population: Int

    /// Makes the table.
    ///
    /// - Parameters:
    ///   - name: Name of the Output node.
    ///   - population: Index of the population it reads.
    public init(name: String, population: Int) {
        self.name = name
        self.population = population
    }
}

/// One spike's way to one axon of one core.
public struct Route: Sendable, Hashable, Comparable {
    /// Destination core.
    public var core: UInt32
    /// Axon in of that core.
    public var axon: UInt32

    /// Makes a route.
    ///
    /// - Parameters:
    ///   - core: Destination core.
    ///   - axon: Axon in.
    public init(core: UInt32, axon: UInt32) {
        self.core = core
        self.axon = axon
    }

    /// Order by core, then axon.
    ///
    /// - Parameters:
    ///   - a: One route.
    ///   - b: Another.
    /// - Returns: Whether a comes first.
    public static func < (a: Self, b: Self) -> Bool { (a.core, a.axon) < (b.core, b.axon) }
}

/// Routes of many senders: sender k owns `routes[offsets[k]..<offsets[k + 1]]`, ascending by core,
/// at most one route to a core, or to an axon where the chip's weights have planes.
public struct RouteTable: Sendable, Equatable {
    /// Senders + 1 entries, ascending, first 0.
    public var offsets: [UInt32]
    /// Routes of all senders.
    public var routes: [Route]

    /// Makes the table.
    ///
    /// - Parameters:
    ///   - offsets: Senders + 1 entries.
    ///   - routes: Routes of all senders.
    public init(offsets: [UInt32] = [0], routes: [Route] = []) {
        self.offsets = offsets
        self.routes = routes
    }

    /// Routes of a sender.
    ///
    /// - Parameter sender: Slot or channel.
    /// - Returns: Its routes, ascending by core.
    public subscript(sender: Int) -> ArraySlice<Route> {
        routes[Int(offsets[sender])..<Int(offsets[sender + 1])]
    }
}

/// An external input and where its channels lead.
public struct InputPort: Sendable, Equatable {
    /// Name of the Input node.
    public var name: String
    /// Shape; channels are its elements in C order.
    public var shape: [Int]
    /// Routes of each channel.
    public var routes: RouteTable

    /// Makes a port.
    ///
    /// - Parameters:
    ///   - name: Name of the Input node.
    ///   - shape: Shape, C order.
    ///   - routes: Routes of each channel.
    public init(name: String, shape: [Int], routes: RouteTable) {
        self.name = name
        self.shape = shape
        self.routes = routes
    }

    /// Number of channels.
    public var channelCount: Int { shape.reduce(1, *) }
}

/// Slots of a core that hold neurons of one population.
public struct Segment: Sendable, Hashable {
    /// Index in `NetworkTable.populations`.
    public var population: UInt32
    /// First slot.
    public var firstSlot: UInt32
    /// Number of slots.
    public var count: UInt32

    /// Makes a segment.
    ///
    /// - Parameters:
    ///   - population: Index of the population.
    ///   - firstSlot: First slot.
    ///   - count: Number of slots.
    public init(population: UInt32, firstSlot: UInt32, count: UInt32) {
        self.population = population
        self.firstSlot = firstSlot
        self.count = count
    }
}

/// Registers of the neurons of a core, structure of arrays, `[slot]`.
public struct NeuronTables: Sendable, Equatable {
    /// Index of the neuron within its population.
    public var indexInPopulation: [UInt32] = []
    /// Threshold in raw units of v; the soma spikes strictly above it.
    ///
    /// Not read by `li`; models with `NeuronModel.spikesAtThreshold` spike at it as well.
    public var threshold: [Int32] = []
    /// Membrane decay register.
    public var membraneDecay: [UInt16] = []
    /// Current decay register; 0 where the population has no current (`cubaLIF` always has one).
    public var currentDecay: [UInt16] = []
    /// Constant added to v each step, raw units of v.
    public var membraneBias: [Int32] = []
    /// Constant added to the current each step, raw units of u.
    public var currentBias: [Int32] = []
    /// Potential after a spike under `SomaReset.zero`, raw.
    public var resetPotential: [Int32] = []
    /// Potential after a state reset, raw.
    public var initialPotential: [Int32] = []
    /// Registers that only the model of this core's neurons has, `[slot][register]`.
    ///
    /// Empty for most models; `TrueNorthRegisters` and `ODINRegisters` read them.
    public var modelRegisters: [Int32] = []

    /// No neurons.
    public init() {}

    /// Number of neurons.
    public var count: Int { threshold.count }
}

/// Synapse memory of a core: axon → rows → synapses.
public struct SynapseTables: Sendable, Equatable {
    /// Axon a owns rows `axonRows[a]..<axonRows[a + 1]`; axons + 1 entries, first 0.
    public var axonRows: [UInt32] = [0]
    /// Row r owns synapses `rowSynapses[r]..<rowSynapses[r + 1]`; rows + 1 entries, first 0.
    public var rowSynapses: [UInt32] = [0]
    /// Delay of each row in steps, 1...62.
    public var rowDelay: [UInt8] = []
    /// Exponent of each row: each weight is shifted by it (left if positive, floor to the right).
    public var rowExponent: [Int8] = []
    /// Compartment each row feeds.
    public var rowCompartment: [UInt8] = []
    /// Target slot of each synapse, ascending within a row.
    public var targets: [UInt16] = []
    /// Weight of each synapse, raw; of a plastic one the upper bits of its register (rounded down).
    public var weights: [Int16] = []
    /// Projection of each plastic row, 1 + its index in `NetworkTable.projections`; 0 is a static row.
    ///
    /// Empty where no row is plastic. In an axon, plastic rows follow static ones.
    public var rowProjection: [UInt16] = []
    /// Hidden bits of each synapse, below its weight: register = weight · 2^hidden + these bits.
    ///
    /// Empty where all are 0.
    public var hiddenWeights: [UInt8] = []

    /// No axons.
    public init() {}

    /// Number of axons in.
    public var axonCount: Int { axonRows.count - 1 }
}

/// Tables of one core.
public struct CoreTables: Sendable, Equatable {
    /// Physical core.
    public var core: UInt32
    /// Slots by population, ascending, without gaps, from slot 0.
    public var segments: [Segment]
    /// Registers of the neurons.
    public var neurons: NeuronTables
    /// Synapse memory.
    public var synapses: SynapseTables
    /// Where the spikes of each slot go.
    public var routes: RouteTable

    /// Makes the tables of a core.
    ///
    /// - Parameters:
    ///   - core: Physical core.
    ///   - segments: Slots by population.
    ///   - neurons: Registers.
    ///   - synapses: Synapse memory.
    ///   - routes: Where spikes go.
    public init(
        core: UInt32,
        segments: [Segment],
        neurons: NeuronTables,
        synapses: SynapseTables,
        routes: RouteTable
    ) {
        self.core = core
        self.segments = segments
        self.neurons = neurons
        self.synapses = synapses
        self.routes = routes
    }
}
