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
    var isInput: Bool { if case .input = neuron { true } else { false } }
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
    /// Steps; where there are several, each synapse draws its own.
    var delays: ClosedRange<Int>
    var rule: String?
}

extension NetworkRecipe {
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
        var drawn = projections.flatMap {
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
        if recipe.pairs.isOneToOne { return [Bool](repeating: true, count: targets) }
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
        case .oneToOne: break
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
    ) -> [Projection] {
        let source = index[recipe.source] ?? 0
        let target = index[recipe.target] ?? 0
        let id = RandomStream.id(of: recipe.name)
        let sources = populations[source].count
        let isOneToOne = recipe.pairs.isOneToOne
        // A pair is numbered by its place in the whole matrix, however it is stored.
        let weights = present.indices.map { place -> Double in
            let pair = isOneToOne && !recipe.weights.isArray ? place * (sources + 1) : place
            return present[place]
                ? recipe.weights.value(stream, index: pair, id: id, parameter: 10) : 0
        }
        func make(_ weights: [Double], delay: Int, name: String) -> Projection {
            var projection = Projection(
                source: source,
                target: target,
                delay: delay,
                connectivity: isOneToOne ? .oneToOne(weights) : .dense(weights)
            )
            projection.name = name
            projection.compartment = recipe.compartment
            return projection
        }
        if recipe.delays.count > 1 {
            return split(recipe, stream, weights, sources: sources, make)
        }
        var projection = make(weights, delay: recipe.delays.lowerBound, name: recipe.name)
        if recipe.rule != nil || recipe.fullScale != nil {
            let largest = weights.lazy.map(\.magnitude).max() ?? 0
            projection.plasticity = Plasticity(
                rule: recipe.rule.flatMap { name in rules.firstIndex { $0.name == name } },
                fullScale: recipe.fullScale ?? max(largest, 1e-6),
                isPresent: present.allSatisfy { $0 } ? nil : present
            )
        }
        return [projection]
    }

    /// One projection for each delay: `name[3]` has the synapses that drew 3 steps.
    private func split(
        _ recipe: ProjectionRecipe,
        _ stream: RandomStream,
        _ weights: [Double],
        sources: Int,
        _ make: ([Double], _ delay: Int, _ name: String) -> Projection
    ) -> [Projection] {
        let id = RandomStream.id(of: recipe.name)
        let delays = recipe.delays
        let drawn = weights.indices.map { place -> Int in
            let pair = recipe.pairs.isOneToOne ? place * (sources + 1) : place
            let share = stream.uniform(UInt32(truncatingIfNeeded: pair), id, 20)
            return min(delays.upperBound, delays.lowerBound + Int(share * Double(delays.count)))
        }
        return delays.compactMap { delay in
            let own = weights.indices.map { drawn[$0] == delay ? weights[$0] : 0 }
            guard own.contains(where: { $0 != 0 }) else { return nil }
            return make(own, delay, "\(recipe.name)[\(delay)]")
        }
    }
}
