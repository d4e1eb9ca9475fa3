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
    /// Inputs first, in the order of their names, then all others in dependency order.
    public var populations: [Population]
    /// At most one projection for each (source, target, delay), sorted by (target, source, delay).
    public var projections: [Projection]
    /// What the network puts out, sorted by name.
    public var outputs: [NetworkOutput]

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
    /// The threshold is subtracted from it (snnTorch's and sinabs's default).
    case subtractThreshold = "subtract"
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
    /// The sum itself: an output that reads a weighted sum without a neuron.
    case relay
    /// v += h·r·x; spike and reset.
    case integrateAndFire(IntegrateAndFire)
    /// v += h/τ·(v_leak − v + r·x); spike and reset.
    case leakyIntegrateAndFire(LeakyIntegrator, Firing)
    /// v += h/τ·(v_leak − v + r·x); the output is v.
    case leakyIntegrator(LeakyIntegrator)
    /// i += h/τ_syn·(w_in·x − i), then v as a leaky integrator of r·i with the new i; spike and reset.
    case currentBased(SynapticFilter, LeakyIntegrator, Firing)

    /// Whether the population puts out spikes.
    public var isSpiking: Bool {
        switch self {
        case .input, .integrateAndFire, .leakyIntegrateAndFire, .currentBased: true
        case .relay, .leakyIntegrator: false
        }
    }

    /// NIR's name of the model, for reports.
    public var modelName: String {
        switch self {
        case .input: "Input"
        case .relay: "Output"
        case .integrateAndFire: "IF"
        case .leakyIntegrateAndFire: "LIF"
        case .leakyIntegrator: "LI"
        case .currentBased: "CubaLIF"
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

/// Which neurons are connected, and how strongly.
public enum Connectivity: Sendable, Equatable {
    /// `[target][source]`, row-major; every pair is a synapse, zeros included.
    case dense([Double])
    /// Neuron k to neuron k, one weight each.
    case oneToOne([Double])
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
    /// Populations of one loop share one depth, and skip connections get the longer delay they need,
    /// so that a chip with perfect numbers spikes exactly as `FloatReference`, `depth` steps later.
    ///
    /// - Returns: One depth a population, or nil if a loop has no delay at all.
    public func depths() -> [Int]? {
        var depth = [Int](repeating: 0, count: populations.count)
        // Longest paths by relaxation; without a delay-free loop it settles in one pass a population.
        for _ in 0...populations.count {
            var changed = false
            for projection in projections {
                let least = depth[projection.source] + 1 - projection.delay
                if depth[projection.target] < least {
                    depth[projection.target] = least
                    changed = true
                }
            }
            if !changed { return depth }
        }
        return nil
    }
}
