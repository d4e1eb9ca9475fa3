public import FixedPoint

/// The arithmetic of a learning engine.
///
/// Each is one file in `Emulator/Plasticity`; `docs/NUMERICS.md`, sections 9 and 10, has the steps.
public enum LearningEngine: String, Sendable, Codable, CaseIterable {
    /// The engine of this project's chip: wide weight registers, updates at the spikes.
    case pilot
    /// Loihi's engine as in lava-nc: epochs, 4-bit mantissas, one draw per side and epoch.
    case loihi
    /// ODIN's spike-driven synaptic plasticity: at each presynaptic event, by potential and calcium.
    case odin
}

/// What a spike of one side sees of a spike of the other side in the same time step.
public enum TieRule: String, Sendable, Codable, CaseIterable {
    /// Nothing: both learning traces are read before either is bumped.
    case exclude
    /// Each other, both ways: both learning traces are bumped before either is read.
    case include
    /// The presynaptic spike counts as the earlier one: its trace is bumped before it is read.
    case preFirst
    /// The postsynaptic spike counts as the earlier one.
    case postFirst
}

/// Which time a presynaptic spike has in the learning engine.
public enum PlasticityTimestamp: String, Sendable, Codable, CaseIterable {
    /// The step in which its soma spiked, whatever the delay of the synapse.
    case soma
    /// The step in which it reaches the synapse.
    case arrival
}

/// A register that a learning rule may read.
///
/// Written in rules as here; `constant` stands for a plain number.
public enum RuleVariable: String, Sendable, Codable, CaseIterable {
    /// Presynaptic spike in this step (epoch).
    case x0
    /// Presynaptic learning traces.
    case x1, x2
    /// Postsynaptic spike in this step (epoch).
    case y0
    /// Postsynaptic learning traces.
    case y1, y2, y3
    /// Weight, delay and tag of the synapse.
    case w, d, t
    /// Reward: one register a projection, written by the host.
    case r
    /// Membrane potential, synaptic current, calcium and refractory state of the postsynaptic neuron.
    case v, u, calcium, refractory
    /// Dendritic error of the postsynaptic neuron: spike probability at its mean potential less that which
    /// its basal dendrite predicts, in 2^−14.
    case e
    /// Steps since the last spike of each side.
    case lastPre, lastPost
}

/// Learning engine of a chip: which registers, how wide, in which order.
public struct LearningSpec: Sendable, Equatable, Codable {
    /// Arithmetic.
    public var engine: LearningEngine
    /// Registers a rule may read, in the order of `RuleVariable.allCases`.
    public var registers: [RuleVariable]
    /// Width of a learning trace (x1, y1 …), unsigned, 1...16.
    public var traceBits: Int
    /// Rounding of the decay of a learning trace.
    public var traceRounding: RoundingMode
    /// Bits of the decay factor of a learning trace, 1...16: factor/2^bits a step.
    public var traceDecayBits: Int
    /// Rounding of an update to the full width of the weight register (visible and hidden bits).
    public var weightRounding: RoundingMode
    /// What spikes of one step see of each other.
    public var tieRule: TieRule
    /// Which time a presynaptic spike has.
    public var timestamp: PlasticityTimestamp
    /// Longest time difference of a window on last spikes, in steps, 0...255; 0 without such registers.
    public var longestWindowInSteps: Int
    /// Longest learning epoch in steps, 1...63; 1 means updates at every step.
    public var longestEpochInSteps: Int
    /// Products a rule may have, 1...64.
    public var maximumProducts: Int
    /// Rules a core can hold at a time, 1...64.
    public var maximumRules: Int
    /// Whether the engine can hold rates: a spike counter a neuron that moves the bias.
    public var hasHomeostasis: Bool
    /// Whether the engine can hold the scale of weights: a sum a core and projection that scales them.
    public var hasGainServo: Bool
    /// Longest right shift of a dendritic sum while a projection aligns, 0...15.
    public var longestAttenuation: Int

    /// Whether the engine has dendritic errors: its rules can read register e.
    public var hasDendrites: Bool { registers.contains(.e) }

    package init(
        engine: LearningEngine,
        registers: [RuleVariable],
        traceBits: Int,
        traceRounding: RoundingMode,
        traceDecayBits: Int,
        weightRounding: RoundingMode,
        tieRule: TieRule,
        timestamp: PlasticityTimestamp,
        longestWindowInSteps: Int,
        longestEpochInSteps: Int,
        maximumProducts: Int,
        maximumRules: Int,
        hasHomeostasis: Bool,
        hasGainServo: Bool,
        longestAttenuation: Int
    ) {
        self.engine = engine
        self.registers = registers
        self.traceBits = traceBits
        self.traceRounding = traceRounding
        self.traceDecayBits = traceDecayBits
        self.weightRounding = weightRounding
        self.tieRule = tieRule
        self.timestamp = timestamp
        self.longestWindowInSteps = longestWindowInSteps
        self.longestEpochInSteps = longestEpochInSteps
        self.maximumProducts = maximumProducts
        self.maximumRules = maximumRules
        self.hasHomeostasis = hasHomeostasis
        self.hasGainServo = hasGainServo
        self.longestAttenuation = longestAttenuation
    }
}
