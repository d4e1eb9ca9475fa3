import FixedPoint
public import NetworkIR

/// A network as a file describes it: a seed makes a network of it.
public struct NetworkRecipe: Sendable {
    var name: String
    var timeStep: Double
    var populations: [PopulationRecipe]
    var projections: [ProjectionRecipe]
    var rules: [LearningRule]
    /// What network files that are parts of it say of neurons.
    var conventions = NetworkConventions()
    /// Projections of such parts.
    var imported: [ImportedProjection] = []
    /// Milliseconds of the author's time in a step.
    var stepInMilliseconds: Double?
    /// Biases that open the feedback of a part, by its path.
    var gates: [String: [(population: String, value: Double)]] = [:]
    /// What is put out, by name; nil for all populations that the file describes itself.
    var outputs: [OutputRecipe]?
}

/// What all neurons of a network have in common.
struct NetworkConventions: Sendable, Equatable {
    var reset: ResetRule = .toResetPotential
    var threshold: ThresholdRule = .greater
}

/// A projection with the weights that a network file gives it.
struct ImportedProjection: Sendable {
    var source: String
    var target: String
    var projection: Projection
}

struct OutputRecipe: Sendable {
    var name: String
    var population: String
    var shape: [Int]
}

struct PopulationRecipe: Sendable {
    enum Neuron: Sendable {
        case input
        case lif(LIFRecipe)
        case sampling(SamplingNeuron)
        /// As a network file has it.
        case given(Population)
    }

    struct LIFRecipe: Sendable {
        var tau: Distribution
        var tauSyn: Distribution?
        var threshold: Distribution
        var reset: Distribution
        var refractory: Double
        var noise: [NoiseSource]
        /// Times of the network in a millisecond of the file.
        var timeScale = 1.0
    }

    var path: String
    var shape: [Int]
    var neuron: Neuron
    var bias: Distribution
    var compartments: [Compartment]
    var positions: PositionRecipe?

    var count: Int { shape.reduce(1, *) }
    var isInput: Bool {
        switch neuron {
        case .input: true
        case .lif, .sampling: false
        case .given(let population): population.dynamics == .input
        }
    }
}

struct ProjectionRecipe: Sendable {
    enum Pairs: Sendable {
        case all
        case oneToOne
        case probability(Double)
        case inDegree(Int)
        case outDegree(Int)
        case kernel(Kernel)
        case listed(SparsePairs)
        /// As the projection it is the feedback of, the other way round.
        case mirrored

        var isOneToOne: Bool { if case .oneToOne = self { true } else { false } }
    }

    var name: String
    var source: String
    var target: String
    var compartment: Int
    var feedbackOf: String?
    var pairs: Pairs
    var allowsAutapses: Bool
    var weights: Distribution
    var fullScale: Double?
    var delays: DelayRecipe
    var rule: String?
    /// Sign that its weights have and keep.
    var sign: SynapseSign?
    /// Weight by distance, in place of `weights`.
    var weightKernel: Kernel?
    /// Period of each axis of the space that distances are measured in, 0 for an open one.
    var wrap: [Double] = []
    /// Whether its scale follows that of the target's other projections.
    var followsScale = false
    /// Steps more than `delays`, so that it fits between populations that answer late.
    var extraDelay = 0

    var dependsOnDistance: Bool {
        if case .kernel = pairs { return true }
        return weightKernel != nil || delays.needsDistance
    }
}

extension NetworkRecipe {
    /// Milliseconds of a step.
    var milliseconds: Double { stepInMilliseconds ?? timeStep }

    /// Draws a network.
    ///
    /// - Parameter seed: Of all distributions and connections.
    /// - Returns: The network: inputs first, projections sorted by (target, source, delay, name).
    public func network(seed: UInt64) -> Network {
        let stream = RandomStream(seed: seed, purpose: .network)
        let inputs = populations.filter(\.isInput)
        let others = populations.filter { !$0.isInput }
        let ordered = inputs + others
        var index: [String: Int] = [:]
        for (position, population) in ordered.enumerated() { index[population.path] = position }
        var drawing = NetworkDrawing(stream: stream, populations: ordered, index: index)
        var drawn: [Projection] = []
        var forwards: [String: String] = [:]
        let kept = Set(projections.compactMap(\.feedbackOf))
        for isFeedback in [false, true] {
            for projection in projections where (projection.feedbackOf != nil) == isFeedback {
                let pattern = drawing.pattern(of: projection)
                if kept.contains(projection.name) { drawing.patterns[projection.name] = pattern }
                forwards[projection.name] = projection.feedbackOf
                drawn += drawing.projections(projection, pattern, rules: rules)
            }
        }
        for projection in imported {
            var copy = projection.projection
            copy.source = index[projection.source] ?? 0
            copy.target = index[projection.target] ?? 0
            drawn.append(copy)
        }
        drawn.sort {
            ($0.target, $0.source, $0.delay, $0.name ?? "")
                < ($1.target, $1.source, $1.delay, $1.name ?? "")
        }
        var places: [String: Int] = [:]
        for (position, projection) in drawn.enumerated() {
            if let name = projection.name { places[name] = position }
        }
        for position in drawn.indices {
            drawn[position].feedbackOf =
                drawn[position].name.flatMap { forwards[$0] }.flatMap { places[$0] }
        }
        var network = Network(
            name: name,
            timeStep: timeStep,
            reset: conventions.reset,
            threshold: conventions.threshold,
            populations: ordered.map(drawing.population),
            projections: drawn,
            outputs: (outputs ?? ownOutputs).map {
                NetworkOutput(name: $0.name, population: index[$0.population] ?? 0, shape: $0.shape)
            }.sorted { $0.name < $1.name }
        )
        network.rules = rules
        return network
    }

    /// All populations that spike and that the file describes itself.
    var ownOutputs: [OutputRecipe] {
        populations.compactMap { population in
            if population.isInput { return nil }
            if case .given = population.neuron { return nil }
            return OutputRecipe(
                name: population.path,
                population: population.path,
                shape: population.shape
            )
        }
    }
}
