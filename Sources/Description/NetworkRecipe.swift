import FixedPoint
public import NetworkIR

/// A network as an experiment describes it: a seed makes a network of it.
public struct NetworkRecipe: Sendable {
    var name: String
    var timeStep: Double
    var populations: [PopulationRecipe]
    var projections: [ProjectionRecipe]
    var rules: [LearningRule]
}

struct PopulationRecipe: Sendable {
    enum Neuron: Sendable {
        case input
        case lif(LIFRecipe)
        case sampling(SamplingNeuron)
    }

    struct LIFRecipe: Sendable {
        var tau: Distribution
        var tauSyn: Distribution?
        var threshold: Distribution
        var reset: Distribution
        var refractory: Double
        var noise: [NoiseSource]
    }

    var path: String
    var shape: [Int]
    var neuron: Neuron
    var bias: Distribution
    var compartments: [Compartment]

    var count: Int { shape.reduce(1, *) }
}

struct ProjectionRecipe: Sendable {
    enum Pairs: Sendable {
        case all
        case oneToOne
        case probability(Double)
        case inDegree(Int)
        case outDegree(Int)
        /// As the projection it is the feedback of, the other way round.
        case mirrored
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
    var delay: Int
    var rule: String?
}

extension NetworkRecipe {
    /// Draws a network.
    ///
    /// - Parameter seed: Of all distributions and connections.
    /// - Returns: The network: inputs first, projections sorted by (target, source, delay, name).
    public func network(seed: UInt64) -> Network {
        let stream = RandomStream(seed: seed, purpose: .network)
        let inputs = populations.filter { if case .input = $0.neuron { true } else { false } }
        let others = populations.filter { if case .input = $0.neuron { false } else { true } }
        let ordered = inputs + others
        var index: [String: Int] = [:]
        for (position, population) in ordered.enumerated() { index[population.path] = position }
        var present: [String: [Bool]] = [:]
        for projection in projections where projection.feedbackOf == nil {
            present[projection.name] = pairs(of: projection, stream, ordered, index)
        }
        for projection in projections where projection.feedbackOf != nil {
            present[projection.name] = pairs(
                of: projection,
                stream,
                ordered,
                index,
                mirrors: present
            )
        }
        var drawn = projections.map {
            self.projection($0, stream, ordered, index, present[$0.name] ?? [])
        }
        drawn.sort {
            ($0.target, $0.source, $0.delay, $0.name ?? "")
                < ($1.target, $1.source, $1.delay, $1.name ?? "")
        }
        for (position, projection) in drawn.enumerated() {
            let forward = projections.first { $0.name == projection.name }?.feedbackOf
            drawn[position].feedbackOf = forward.flatMap { name in
                drawn.firstIndex { $0.name == name }
            }
        }
        var network = Network(
            name: name,
            timeStep: timeStep,
            populations: ordered.map { population($0, stream) },
            projections: drawn,
            outputs: others.map {
                NetworkOutput(
                    name: $0.path,
                    population: index[$0.path] ?? 0,
                    shape: $0.shape
                )
            }.sorted { $0.name < $1.name }
        )
        network.rules = rules
        return network
    }

    private func population(_ recipe: PopulationRecipe, _ stream: RandomStream) -> Population {
        let id = RandomStream.id(of: recipe.path)
        func values(_ distribution: Distribution, _ parameter: UInt32) -> [Double] {
            (0..<recipe.count).map {
                distribution.value(stream, index: $0, id: id, parameter: parameter)
            }
        }
        let dynamics: Dynamics =
            switch recipe.neuron {
            case .input: .input
            case .lif(let lif):
                .noisy(
                    NoisyNeuron(
                        membraneTau: values(lif.tau, 1),
                        currentTau: lif.tauSyn.map { values($0, 2) } ?? [],
                        firing: Firing(
                            threshold: values(lif.threshold, 3),
                            reset: values(lif.reset, 4)
                        ),
                        refractory: lif.refractory,
                        noise: lif.noise
                    )
                )
            case .sampling(let neuron): .sampling(neuron)
            }
        var population = Population(
            path: recipe.path,
            shape: recipe.shape,
            dynamics: dynamics,
            bias: dynamics == .input ? [] : values(recipe.bias, 5)
        )
        population.compartments = recipe.compartments
        return population
    }

    /// Which pairs are synapses, `[target][source]`.
    private func pairs(
        of recipe: ProjectionRecipe,
        _ stream: RandomStream,
        _ populations: [PopulationRecipe],
        _ index: [String: Int],
        mirrors: [String: [Bool]] = [:]
    ) -> [Bool] {
        let sources = populations[index[recipe.source] ?? 0].count
        let targets = populations[index[recipe.target] ?? 0].count
        let id = RandomStream.id(of: recipe.name)
        var present = [Bool](repeating: false, count: sources * targets)
        func allows(_ target: Int, _ source: Int) -> Bool {
            recipe.allowsAutapses || recipe.source != recipe.target || target != source
        }
        switch recipe.pairs {
        case .all:
            for target in 0..<targets {
                for source in 0..<sources where allows(target, source) {
                    present[target * sources + source] = true
                }
            }
        case .oneToOne:
            for k in 0..<min(sources, targets) where allows(k, k) {
                present[k * sources + k] = true
            }
        case .probability(let probability):
            for target in 0..<targets {
                for source in 0..<sources where allows(target, source) {
                    let pair = target * sources + source
                    let share = stream.uniform(UInt32(truncatingIfNeeded: pair), id, 100)
                    present[pair] = share < probability
                }
            }
        case .inDegree(let degree):
            for target in 0..<targets {
                let candidates = (0..<sources).filter { allows(target, $0) }
                for source in smallest(degree, of: candidates, stream, id, row: target, 101) {
                    present[target * sources + source] = true
                }
            }
        case .outDegree(let degree):
            for source in 0..<sources {
                let candidates = (0..<targets).filter { allows($0, source) }
                for target in smallest(degree, of: candidates, stream, id, row: source, 102) {
                    present[target * sources + source] = true
                }
            }
        case .mirrored:
            guard let forward = recipe.feedbackOf.flatMap({ mirrors[$0] }) else { return present }
            for target in 0..<targets {
                for source in 0..<sources {
                    present[target * sources + source] = forward[source * targets + target]
                }
            }
        }
        return present
    }

    /// A random subset: the candidates with the smallest draws.
    private func smallest(
        _ count: Int,
        of candidates: [Int],
        _ stream: RandomStream,
        _ id: UInt32,
        row: Int,
        _ parameter: UInt32
    ) -> [Int] {
        let keyed = candidates.map { candidate in
            let words = stream.words(
                UInt32(truncatingIfNeeded: candidate),
                id,
                parameter + UInt32(truncatingIfNeeded: row) << 8
            )
            return (UInt64(words.0) << 32 | UInt64(words.1), candidate)
        }
        return keyed.sorted { $0 < $1 }.prefix(count).map(\.1).sorted()
    }

    private func projection(
        _ recipe: ProjectionRecipe,
        _ stream: RandomStream,
        _ populations: [PopulationRecipe],
        _ index: [String: Int],
        _ present: [Bool]
    ) -> Projection {
        let source = index[recipe.source] ?? 0
        let target = index[recipe.target] ?? 0
        let id = RandomStream.id(of: recipe.name)
        let weights = present.indices.map { pair in
            present[pair] ? recipe.weights.value(stream, index: pair, id: id, parameter: 10) : 0
        }
        var projection = Projection(
            source: source,
            target: target,
            delay: recipe.delay,
            connectivity: .dense(weights)
        )
        projection.name = recipe.name
        projection.compartment = recipe.compartment
        if recipe.rule != nil || recipe.fullScale != nil {
            let largest = weights.lazy.map(\.magnitude).max() ?? 0
            projection.plasticity = Plasticity(
                rule: recipe.rule.flatMap { name in rules.firstIndex { $0.name == name } },
                fullScale: recipe.fullScale ?? max(largest, 1e-6),
                isPresent: present.allSatisfy { $0 } ? nil : present
            )
        }
        return projection
    }
}
