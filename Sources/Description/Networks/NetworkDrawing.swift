import FixedPoint
import NetworkIR

/// Draws the populations and projections of a network of one seed.
struct NetworkDrawing {
    private let stream: RandomStream
    private let populations: [PopulationRecipe]
    private let index: [String: Int]
    /// Where the neurons of populations with positions are.
    private let positions: [String: Positions]
    /// Pairs of projections that have a feedback.
    var patterns: [String: PairPattern] = [:]

    init(stream: RandomStream, populations: [PopulationRecipe], index: [String: Int]) {
        self.stream = stream
        self.populations = populations
        self.index = index
        var positions: [String: Positions] = [:]
        for population in populations {
            guard let recipe = population.positions else { continue }
            positions[population.path] = recipe.positions(
                shape: population.shape,
                stream,
                id: RandomStream.id(of: population.path)
            )
        }
        self.positions = positions
    }

    func population(_ recipe: PopulationRecipe) -> Population {
        let id = RandomStream.id(of: recipe.path)
        func values(_ distribution: Distribution, _ parameter: UInt32) -> [Double] {
            let draws = ProjectionDraws(stream: stream, id: id)
            return (0..<recipe.count).map { distribution.value(draws, $0, parameter) }
        }
        let dynamics: Dynamics
        switch recipe.neuron {
        case .given(let population): return population
        case .input: dynamics = .input
        case .lif(let lif):
            func times(_ distribution: Distribution, _ parameter: UInt32) -> [Double] {
                let values = values(distribution, parameter)
                return lif.timeScale == 1 ? values : values.map { $0 * lif.timeScale }
            }
            dynamics = .noisy(
                NoisyNeuron(
                    membraneTau: times(lif.tau, 1),
                    currentTau: lif.tauSyn.map { times($0, 2) } ?? [],
                    firing: Firing(
                        threshold: values(lif.threshold, 3),
                        reset: values(lif.reset, 4)
                    ),
                    refractory: lif.refractory * lif.timeScale,
                    noise: lif.noise
                )
            )
        case .sampling(let neuron): dynamics = .sampling(neuron)
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

    /// Which pairs are synapses.
    func pattern(of recipe: ProjectionRecipe) -> PairPattern {
        let sources = populations[index[recipe.source] ?? 0].count
        let targets = populations[index[recipe.target] ?? 0].count
        let drawing = PairDrawing(
            draws: draws(of: recipe),
            sources: sources,
            targets: targets,
            excludesSelf: recipe.source == recipe.target && !recipe.allowsAutapses
        )
        switch recipe.pairs {
        case .all: return drawing.all()
        case .oneToOne: return .oneToOne(targets)
        case .probability(let probability): return .sparse(drawing.pairs(probability: probability))
        case .inDegree(let degree): return .sparse(drawing.pairs(inDegree: degree))
        case .outDegree(let degree): return .sparse(drawing.pairs(outDegree: degree))
        case .listed(let pairs): return .sparse(pairs)
        case .kernel(let kernel):
            guard let origins = positions[recipe.source], let places = positions[recipe.target]
            else { return .sparse(SparsePairs(indexless: targets)) }
            return .sparse(
                drawing.pairs(kernel, from: origins, to: places, wrap: recipe.wrap)
            )
        case .mirrored:
            guard let forward = recipe.feedbackOf.flatMap({ patterns[$0] }) else {
                return .sparse(SparsePairs(indexless: targets))
            }
            return forward.transposed(sources: targets, targets: sources)
        }
    }

    private func draws(of recipe: ProjectionRecipe) -> ProjectionDraws {
        ProjectionDraws(stream: stream, id: RandomStream.id(of: recipe.name))
    }

    /// The projection with its weights: one, or one for each delay.
    func projections(
        _ recipe: ProjectionRecipe,
        _ pattern: PairPattern,
        rules: [LearningRule]
    ) -> [Projection] {
        let synapses = ProjectionSynapses(
            recipe,
            pattern,
            draws(of: recipe),
            sources: populations[index[recipe.source] ?? 0].count,
            positions: positions[recipe.source].flatMap { source in
                positions[recipe.target].map { (source, $0) }
            }
        )
        let weights = synapses.weights()
        func make(_ connectivity: Connectivity, delay: Int, name: String) -> Projection {
            var projection = Projection(
                source: index[recipe.source] ?? 0,
                target: index[recipe.target] ?? 0,
                delay: delay + recipe.extraDelay,
                connectivity: connectivity
            )
            projection.name = name
            projection.compartment = recipe.compartment
            return projection
        }
        guard case .fixed(let delay) = recipe.delays else {
            return synapses.split(weights).map { delay, sparse in
                make(.sparse(sparse), delay: delay, name: "\(recipe.name)[\(delay)]")
            }
        }
        var present: [Bool]?
        let connectivity: Connectivity
        switch pattern {
        case .dense(let flags):
            connectivity = .dense(weights)
            present = flags.allSatisfy { $0 } ? nil : flags
        case .oneToOne: connectivity = .oneToOne(weights)
        case .sparse(let pairs):
            connectivity = .sparse(
                SparseWeights(offsets: pairs.offsets, sources: pairs.sources, weights: weights)
            )
        }
        var projection = make(connectivity, delay: delay, name: recipe.name)
        if recipe.rule != nil || recipe.fullScale != nil {
            let largest = weights.lazy.map(\.magnitude).max() ?? 0
            projection.plasticity = Plasticity(
                rule: recipe.rule.flatMap { name in rules.firstIndex { $0.name == name } },
                fullScale: recipe.fullScale ?? max(largest, 1e-6),
                isPresent: present
            )
            projection.plasticity?.followsScale = recipe.followsScale
            projection.plasticity?.sign = recipe.sign
        }
        return [projection]
    }
}

extension SparsePairs {
    /// Rows without a pair.
    init(indexless targets: Int) {
        self.init(targets: 0)
        offsets = [Int](repeating: 0, count: targets + 1)
    }
}
