/// A network as its author meant it: populations, projections and outputs, in real numbers.
///
/// Time is in steps of `timeStep`. All stateless operators between two populations are folded into
/// the projection between them; their constants are folded into the bias of the target.
public struct Network: Sendable, Equatable {
    /// Name for reports, usually the file's.
    public var name: String
    /// Length of a step in the unit of the file's time constants.
    public var timeStep: Double
    /// What happens to a membrane potential at a spike.
    public var reset: ResetRule
    /// When a neuron spikes.
    public var threshold: ThresholdRule
    /// Potential below which no spiking neuron falls, after its reset (sinabs's `min_v_mem`); nil without one.
    public var lowestPotential: Double?
    /// Inputs first, in the order of their names, then all others in dependency order.
    public var populations: [Population]
    /// At most one projection for each (source, target, delay), sorted by (target, source, delay).
    public var projections: [Projection]
    /// What the network puts out, sorted by name.
    public var outputs: [NetworkOutput]
    /// Learning rules that projections name.
    public var rules: [LearningRule] = []

    /// Makes a network from its parts.
    ///
    /// - Parameters:
    ///   - name: Name for reports.
    ///   - timeStep: Length of a step in the unit of the time constants.
    ///   - reset: What happens to a membrane potential at a spike.
    ///   - threshold: When a neuron spikes.
    ///   - populations: Inputs first.
    ///   - projections: Sorted by (target, source, delay).
    ///   - outputs: Sorted by name.
    public init(
        name: String,
        timeStep: Double,
        reset: ResetRule = .toResetPotential,
        threshold: ThresholdRule = .greater,
        populations: [Population],
        projections: [Projection],
        outputs: [NetworkOutput]
    ) {
        self.name = name
        self.timeStep = timeStep
        self.reset = reset
        self.threshold = threshold
        self.populations = populations
        self.projections = projections
        self.outputs = outputs
    }
}

/// What happens to a membrane potential at a spike.
public enum ResetRule: String, Sendable, Codable, CaseIterable {
    /// It is set to the reset potential (NIR's rule).
    case toResetPotential = "zero"
    /// It is the reset potential in the step after the spike, whose input is lost.
    ///
    /// So do snnTorch's Synaptic, RLeaky and RSynaptic with `reset_mechanism="zero"`; `Firing` can
    /// exempt a population.
    case toResetPotentialLater = "zero-later"
    /// The threshold is subtracted from it (sinabs's default).
    case subtractThreshold = "subtract"
    /// The threshold is subtracted from it one step later, behind the leak (snnTorch's default).
    case subtractThresholdLater = "subtract-later"
    /// As many spikes in a step as thresholds fit, each subtracts one (sinabs's default).
    case subtractThresholdRepeatedly = "subtract-all"

    /// Whether a spike subtracts the threshold, now or later.
    public var subtracts: Bool {
        switch self {
        case .toResetPotential, .toResetPotentialLater: false
        case .subtractThreshold, .subtractThresholdLater, .subtractThresholdRepeatedly: true
        }
    }

    /// Most spikes of a neuron in one step under `subtractThresholdRepeatedly`; what is left stays.
    public static let mostSpikesOfStep = 4096
}

/// When a neuron spikes.
public enum ThresholdRule: String, Sendable, Codable, CaseIterable {
    /// v > threshold (NIR's rule).
    case greater = ">"
    /// v ≥ threshold (sinabs).
    case greaterOrEqual = ">="
}

/// A group of neurons of one model, or an input, or a sum that is only read.
public struct Population: Sendable, Equatable {
    /// Path of the node in the network file, for example `lif1` or `block/lif`.
    public var path: String
    /// Shape without batch and time; the neurons are its elements in C order.
    public var shape: [Int]
    /// Equation and parameters.
    public var dynamics: Dynamics
    /// Constant added to the summed input of each neuron at every step; empty means all zero.
    public var bias: [Double]
    /// Dendritic compartments by name and gain, for example basal and apical; empty means one of gain 1.
    public var compartments: [Compartment] = []

    /// Makes a population.
    ///
    /// - Parameters:
    ///   - path: Path of the node in the network file.
    ///   - shape: Shape, C order.
    ///   - dynamics: Equation and parameters, one value a neuron.
    ///   - bias: One value a neuron, or empty.
    public init(path: String, shape: [Int], dynamics: Dynamics, bias: [Double] = []) {
        self.path = path
        self.shape = shape
        self.dynamics = dynamics
        self.bias = bias
    }

    /// Number of neurons.
    public var count: Int { shape.reduce(1, *) }
}

/// Equation of a population, by forward Euler with step h = `Network.timeStep`.
///
/// All arrays hold one value a neuron, already broadcast. x is the summed input plus bias.
public enum Dynamics: Sendable, Equatable {
    /// Spikes from outside.
    case input
    /// The sum itself: an output that reads a weighted sum without a neuron, or what a delay holds.
    case relay
    /// Spikes where x > threshold, under either `ThresholdRule`; no state.
    case threshold([Double])
    /// v += h·r·x; the output is v.
    case integrator(r: [Double])
    /// v += h·r·x; spike and reset.
    case integrateAndFire(IntegrateAndFire)
    /// v += h/τ·(v_leak − v + r·x); spike and reset.
    case leakyIntegrateAndFire(LeakyIntegrator, Firing)
    /// v += h/τ·(v_leak − v + r·x); the output is v.
    case leakyIntegrator(LeakyIntegrator)
    /// i += h/τ_syn·(w_in·x − i), then v as a leaky integrator of r·i with the new i; spike and reset.
    case currentBased(SynapticFilter, LeakyIntegrator, Firing)
    /// i += h/τ_syn·(w_in·x − i), then v as a leaky integrator of r·i with the new i; the output is v.
    case currentBasedIntegrator(SynapticFilter, LeakyIntegrator)
    /// i ← e^(−h/τ_syn)·i + Σ w·s; v ← a·v + (1 − a)·(bias + i) + noise, a = e^(−h/τ_m); refractory.
    case noisy(NoisyNeuron)
    /// Spikes with probability σ(u − ln τ_ref) a step when not refractory; u = bias + Σ w·PSP.
    case sampling(SamplingNeuron)

    /// Whether the population puts out spikes.
    public var isSpiking: Bool {
        switch self {
        case .input, .threshold, .integrateAndFire, .leakyIntegrateAndFire, .currentBased, .noisy,
            .sampling:
            true
        case .relay, .integrator, .leakyIntegrator, .currentBasedIntegrator: false
        }
    }

    /// Threshold and reset potential of populations that have both.
    public var firing: Firing? {
        switch self {
        case .integrateAndFire(let neuron): neuron.firing
        case .leakyIntegrateAndFire(_, let firing), .currentBased(_, _, let firing): firing
        case .noisy(let neuron): neuron.firing
        case .input, .relay, .threshold, .integrator, .leakyIntegrator, .currentBasedIntegrator,
            .sampling:
            nil
        }
    }

    /// NIR's name of the model, for reports.
    public var modelName: String {
        switch self {
        case .input: "Input"
        case .relay: "Output"
        case .threshold: "Threshold"
        case .integrator: "I"
        case .integrateAndFire: "IF"
        case .leakyIntegrateAndFire: "LIF"
        case .leakyIntegrator: "LI"
        case .currentBased: "CubaLIF"
        case .currentBasedIntegrator: "CubaLI"
        case .noisy: "noisyLIF"
        case .sampling: "sampling"
        }
    }
}

/// Parameters of an integrate-and-fire neuron, one value a neuron.
public struct IntegrateAndFire: Sendable, Equatable {
    /// Gain of the input, per unit of time.
    public var r: [Double]
    /// Threshold and reset.
    public var firing: Firing

    /// Makes the parameters.
    ///
    /// - Parameters:
    ///   - r: Gain, per unit of time.
    ///   - firing: Threshold and reset.
    public init(r: [Double], firing: Firing) {
        self.r = r
        self.firing = firing
    }
}

/// Threshold and reset potential, one value a neuron.
public struct Firing: Sendable, Equatable {
    /// The neuron spikes above this potential.
    public var threshold: [Double]
    /// Potential after a spike under `ResetRule.toResetPotential`.
    public var reset: [Double]
    /// Whether the population resets at the spike under `ResetRule.toResetPotentialLater` too.
    public var resetsAtOnce = false

    /// Makes the parameters.
    ///
    /// - Parameters:
    ///   - threshold: Spike threshold.
    ///   - reset: Reset potential.
    public init(threshold: [Double], reset: [Double]) {
        self.threshold = threshold
        self.reset = reset
    }
}

/// Parameters of a leaky membrane, one value a neuron.
public struct LeakyIntegrator: Sendable, Equatable {
    /// Membrane time constant, positive, unit of the file.
    public var tau: [Double]
    /// Gain of the input.
    public var r: [Double]
    /// Resting potential.
    public var leak: [Double]

    /// Makes the parameters.
    ///
    /// - Parameters:
    ///   - tau: Membrane time constant.
    ///   - r: Gain.
    ///   - leak: Resting potential.
    public init(tau: [Double], r: [Double], leak: [Double]) {
        self.tau = tau
        self.r = r
        self.leak = leak
    }
}

/// Parameters of a first-order synaptic current, one value a neuron.
public struct SynapticFilter: Sendable, Equatable {
    /// Synaptic time constant, positive, unit of the file.
    public var tau: [Double]
    /// Gain of the input of the filter.
    public var inputGain: [Double]

    /// Makes the parameters.
    ///
    /// - Parameters:
    ///   - tau: Synaptic time constant.
    ///   - inputGain: Gain of the input, NIR's w_in.
    public init(tau: [Double], inputGain: [Double]) {
        self.tau = tau
        self.inputGain = inputGain
    }
}

/// The synapses from one population to another.
public struct Projection: Sendable, Equatable {
    /// Index of the source in `Network.populations`.
    public var source: Int
    /// Index of the target.
    public var target: Int
    /// Steps after which a spike arrives: 0 within the step (feed-forward), 1 or more in loops.
    public var delay: Int
    /// Weights.
    public var connectivity: Connectivity
    /// Name in the network description; nil where it has none (NIR).
    public var name: String?
    /// Compartment of the target it feeds: index in `Population.compartments`.
    public var compartment = 0
    /// Index in `Network.projections` of the forward projection that this one is the feedback of.
    public var feedbackOf: Int?
    /// How its weights learn; nil is static.
    public var plasticity: Plasticity?
    /// Whether a pair of weight 0 is a synapse on the chip: by default it is left out there.
    public var keepsZeroWeights = false
    /// Strides of the convolution or pool that it is, one an axis behind the channels; empty for others.
    ///
    /// By how much the window of a target moves over the source where the target is the next one along an
    /// axis. It says where to look for kernels: what the weights are is in `connectivity` alone.
    public var windowStrides: [Int] = []

    /// Makes a projection.
    ///
    /// - Parameters:
    ///   - source: Index of the source population.
    ///   - target: Index of the target population.
    ///   - delay: Steps, 0 or more.
    ///   - connectivity: Weights.
    public init(source: Int, target: Int, delay: Int, connectivity: Connectivity) {
        self.source = source
        self.target = target
        self.delay = delay
        self.connectivity = connectivity
    }
}

/// Sign of all synapses of a projection (Dale's law): a weight of 0 has either.
public enum SynapseSign: String, Sendable, CaseIterable {
    /// No weight below 0.
    case excitatory
    /// No weight above 0.
    case inhibitory
}

/// How the weights of a projection learn.
public struct Plasticity: Sendable, Equatable {
    /// Index in `Network.rules`; nil reserves weight registers without a rule (a fixed projection on
    /// the same scale as its plastic partner).
    public var rule: Int?
    /// Weight at the upper end of the register, in the author's units: ±fullScale.
    public var fullScale: Double
    /// Which pairs are synapses, in the order of the connectivity; nil means all.
    ///
    /// A plastic synapse exists even where its weight is 0.
    public var isPresent: [Bool]?
    /// Whether the compiler fits its scale to that of the target's other projections, whose weights
    /// become the same as without it; `fullScale` is then the least that must fit.
    public var followsScale = false
    /// Sign that the weights have and keep; nil where they may have both.
    public var sign: SynapseSign?

    /// Makes the parameters.
    ///
    /// - Parameters:
    ///   - rule: Index in `Network.rules`.
    ///   - fullScale: Weight at the upper end of the register.
    ///   - isPresent: Which pairs are synapses.
    public init(rule: Int?, fullScale: Double, isPresent: [Bool]? = nil) {
        self.rule = rule
        self.fullScale = fullScale
        self.isPresent = isPresent
    }
}

/// A learning rule as its author wrote it; the compiler parses it for a chip's engine.
public struct LearningRule: Sendable, Equatable {
    /// Name.
    public var name: String
    /// File for messages.
    public var file: String
    /// Its entries in order: `x1`, `dw` … with their text and where it begins.
    public var entries: [LearningRuleEntry]

    /// Makes a rule.
    ///
    /// - Parameters:
    ///   - name: Name.
    ///   - file: File for messages.
    ///   - entries: Its entries in order.
    public init(name: String, file: String, entries: [LearningRuleEntry]) {
        self.name = name
        self.file = file
        self.entries = entries
    }
}

/// One entry of a rule.
public struct LearningRuleEntry: Sendable, Equatable {
    /// Key, for example `dw`, `x1.tau`, `epoch`.
    public var key: String
    /// Text of the value.
    public var text: String
    /// Line of the value in the file, from 1.
    public var line: Int
    /// Column of the value's first character, from 1.
    public var column: Int

    /// Makes an entry.
    ///
    /// - Parameters:
    ///   - key: Key.
    ///   - text: Text of the value.
    ///   - line: Line of the value.
    ///   - column: Column of its first character.
    public init(key: String, text: String, line: Int, column: Int) {
        self.key = key
        self.text = text
        self.line = line
        self.column = column
    }
}

/// A dendritic compartment: its own sum, its own gain.
public struct Compartment: Sendable, Equatable {
    /// Name, for example `basal`.
    public var name: String
    /// Factor of its sum, a power of two on most chips.
    public var gain: Double

    /// Makes a compartment.
    ///
    /// - Parameters:
    ///   - name: Name.
    ///   - gain: Factor of its sum.
    public init(name: String, gain: Double) {
        self.name = name
        self.gain = gain
    }
}

/// Parameters of a noisy leaky integrate-and-fire neuron, one value a neuron.
///
/// Times are in the unit of the file. Decay is exact (e^(−h/τ)), not Euler's.
public struct NoisyNeuron: Sendable, Equatable {
    /// Membrane time constant.
    public var membraneTau: [Double]
    /// Time constant of the synaptic current; empty without one (charge acts for one step).
    public var currentTau: [Double]
    /// Threshold and reset potential.
    public var firing: Firing
    /// Refractory period, rounded to whole steps.
    public var refractory: Double
    /// Noise on the membrane.
    public var noise: [NoiseSource]

    /// Makes the parameters.
    ///
    /// - Parameters:
    ///   - membraneTau: Membrane time constant.
    ///   - currentTau: Time constant of the synaptic current.
    ///   - firing: Threshold and reset potential.
    ///   - refractory: Refractory period.
    ///   - noise: Noise on the membrane.
    public init(
        membraneTau: [Double],
        currentTau: [Double],
        firing: Firing,
        refractory: Double,
        noise: [NoiseSource]
    ) {
        self.membraneTau = membraneTau
        self.currentTau = currentTau
        self.firing = firing
        self.refractory = refractory
        self.noise = noise
    }
}

/// White noise on membranes.
public struct NoiseSource: Sendable, Equatable {
    /// Standard deviation that the free membrane settles to, author's units of v.
    public var stationaryDeviation: Double
    /// Name of a source that all who name it share; nil gives each neuron its own.
    public var shared: String?

    /// Makes a source.
    ///
    /// - Parameters:
    ///   - stationaryDeviation: Standard deviation that the free membrane settles to.
    ///   - shared: Name of a shared source.
    public init(stationaryDeviation: Double, shared: String? = nil) {
        self.stationaryDeviation = stationaryDeviation
        self.shared = shared
    }
}

/// Parameters of a sampling neuron; weights and biases are log-odds.
public struct SamplingNeuron: Sendable, Equatable {
    /// Refractory time τ_ref in steps.
    public var refractorySteps: Int
    /// Shape of the postsynaptic potential.
    public var psp: PostsynapticPotential

    /// Makes the parameters.
    ///
    /// - Parameters:
    ///   - refractorySteps: Refractory time in steps.
    ///   - psp: Shape of the postsynaptic potential.
    public init(refractorySteps: Int, psp: PostsynapticPotential) {
        self.refractorySteps = refractorySteps
        self.psp = psp
    }
}

/// Shape of a postsynaptic potential.
public enum PostsynapticPotential: Sendable, Equatable {
    /// 1 for a number of steps.
    case rectangular(steps: Int)
    /// e^(−t/τ), τ in steps.
    case exponential(tau: Double)
    /// (t/τ)·e^(1 − t/τ), τ in steps.
    case alpha(tau: Double)
}

/// Which neurons are connected, and how strongly.
public enum Connectivity: Sendable, Equatable {
    /// `[target][source]`, row-major; every pair is a synapse, zeros included.
    case dense([Double])
    /// Neuron k to neuron k, one weight each.
    case oneToOne([Double])
    /// The pairs that are listed; all others are not connected.
    case sparse(SparseWeights)
}

/// Something the network puts out under a name: the spikes or the membrane potential of a population.
public struct NetworkOutput: Sendable, Equatable {
    /// Name of the Output node.
    public var name: String
    /// Index of the population in `Network.populations`.
    public var population: Int
    /// Shape in which the file declares it.
    public var shape: [Int]

    /// Makes an output.
    ///
    /// - Parameters:
    ///   - name: Name of the Output node.
    ///   - population: Index of the population.
    ///   - shape: Declared shape.
    public init(name: String, population: Int, shape: [Int]) {
        self.name = name
        self.population = population
        self.shape = shape
    }
}

extension Network {
    /// Steps by which each population runs behind its author's time on a chip.
    ///
    /// On a chip every projection takes at least one step. If population p runs `depth[p]` steps
    /// late, a projection with the author's delay d takes d + depth[target] − depth[source] steps;
    /// depths are the smallest that make this at least 1 for every projection. Inputs have 0.
    /// Populations of one loop share one depth where every projection of the loop has a delay, so that
    /// spikes keep their author's time differences there, and skip connections get the longer delay
    /// they need: a chip with perfect numbers spikes exactly as `FloatReference`, `depth` steps later.
    ///
    /// - Returns: One depth a population, or nil if a loop has no delay at all.
    public func depths() -> [Int]? {
        let each = Array(populations.indices)
        guard let depth = depths(of: each) else { return nil }
        let loops = loops()
        // A loop with a projection of delay 0 cannot share a depth.
        var isDelayed = [Bool](repeating: true, count: populations.count)
        for projection in projections
        where loops[projection.source] == loops[projection.target] && projection.delay == 0 {
            isDelayed[loops[projection.source]] = false
        }
        let groups = each.map { isDelayed[loops[$0]] ? loops[$0] : $0 }
        return groups == each ? depth : depths(of: groups)
    }

    /// Smallest depths at which populations of one group share theirs.
    private func depths(of groups: [Int]) -> [Int]? {
        var depth = [Int](repeating: 0, count: populations.count)
        // Longest paths by relaxation; without a delay-free loop it settles in one pass a population.
        for _ in 0...populations.count {
            var changed = false
            for projection in projections {
                let least = depth[groups[projection.source]] + 1 - projection.delay
                if depth[groups[projection.target]] < least {
                    depth[groups[projection.target]] = least
                    changed = true
                }
            }
            if !changed { return groups.map { depth[$0] } }
        }
        return nil
    }

    /// Strongly connected components: one of its populations for each population.
    ///
    /// Kosaraju's method: in the order in which a search from any start leaves them, what reaches a
    /// population against the arrows is of its component.
    ///
    /// - Returns: One index of a population for each population.
    package func loops() -> [Int] {
        var targets = [[Int]](repeating: [], count: populations.count)
        var sources = targets
        for projection in projections {
            targets[projection.source].append(projection.target)
            sources[projection.target].append(projection.source)
        }
        var isSeen = [Bool](repeating: false, count: populations.count)
        var left: [Int] = []
        for start in populations.indices where !isSeen[start] {
            isSeen[start] = true
            var path = [(population: start, next: 0)]
            while let (population, next) = path.last {
                if next == targets[population].count {
                    left.append(population)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let target = targets[population][next]
                if !isSeen[target] {
                    isSeen[target] = true
                    path.append((target, 0))
                }
            }
        }
        var component = [Int](repeating: -1, count: populations.count)
        for start in left.reversed() where component[start] < 0 {
            component[start] = start
            var open = [start]
            while let population = open.popLast() {
                for source in sources[population] where component[source] < 0 {
                    component[source] = start
                    open.append(source)
                }
            }
        }
        return component
    }
}
