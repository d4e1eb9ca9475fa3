import Diagnostics
import FixedPoint
import NetworkIR
import Yams

extension ExperimentReader {
    /// Gives a part that is a network file projections back, behind gates that are shut but in the
    /// phases that open them.
    ///
    /// For each projection between populations that spike, neurons `P/gate` repeat the spikes of its target P while a
    /// current opens them, and the feedback leads from there to its source. With the gates shut no spike gets into
    /// the part, and its scales follow those of the forward weights: inference is what it is without.
    func addFeedback(
        _ entry: Entry,
        _ scope: NetworkScope,
        into draft: inout NetworkDraft
    ) throws {
        let section = try entry.section(ExperimentKeys.addFeedback)
        let forwards = try self.forwards(entry, section["from"], scope, draft)
        let rule = try section["rule"].map { try self.rule($0, name: "addFeedback", &draft.rules) }
        let noise = try section["noise"].map { try self.noise($0, draft) }
        var opened: [(population: String, value: Double)] = []
        let senders = draft.populations.map(\.path).filter { path in
            forwards.contains { draft.imported[$0].target == path }
        }
        for path in senders {
            let gate = try addGate(to: path, entry, &draft)
            opened.append((gate, Gate.charge))
        }
        for place in forwards {
            let forward = draft.imported[place]
            let (source, target) = (forward.source, forward.target)
            let name = "\(target)>\(scope.local(source))"
            draft.imported[place].projection.name = "\(source)>\(scope.local(target))"
            var feedback = try self.feedback(section, forward, draft)
            feedback.name = name
            feedback.feedbackOf = draft.imported[place].projection.name
            feedback.rule = rule
            // The feedback takes one step on a chip, as every other projection between neighbours.
            let (late, early) = (draft.depths[target] ?? 0, draft.depths[source] ?? 0)
            feedback.extraDelay = max(0, late - early)
            try draft.count(entry)
            try draft.add(pairs: forward.projection.connectivity.weights.count, synapses: 0, entry)
            draft.projections.append(feedback)
        }
        if let noise {
            let moved = draft.populations.map(\.path).filter { path in
                forwards.contains {
                    draft.imported[$0].source == path || draft.imported[$0].target == path
                }
            }
            for path in moved {
                opened.append(
                    (try addNoise(noise.weight, to: path, entry, &draft), noise.current)
                )
            }
        }
        draft.gates[String(scope.prefix.dropLast())] = opened
    }

    /// A neuron that repeats spikes while its bias lets it: x = 2 · spike + bias, threshold 1.
    private enum Gate {
        static let charge = 2.0
    }

    /// Projections that get a feedback: between populations that spike, feed-forward.
    private func forwards(
        _ entry: Entry,
        _ from: Entry?,
        _ scope: NetworkScope,
        _ draft: NetworkDraft
    ) throws(DescriptionError) -> [Int] {
        func isNeuron(_ path: String) -> Bool {
            guard case .given(let population) = draft[path]?.neuron else { return false }
            return population.dynamics.isSpiking && population.dynamics != .input
        }
        let all = draft.imported.indices.filter { place in
            let forward = draft.imported[place]
            return forward.source.hasPrefix(scope.prefix) && forward.target.hasPrefix(scope.prefix)
                && isNeuron(forward.source) && isNeuron(forward.target)
                && forward.source != forward.target && forward.projection.delay == 0
        }
        let targets = Set(all.map { scope.local(draft.imported[$0].target) }).sorted()
        var wanted = Set(targets)
        if let from {
            wanted = []
            for item in try from.list(1...10_000) {
                wanted.insert(
                    try item.reference(targets, "population that neurons of this part project to")
                )
            }
        }
        let chosen = all.filter { wanted.contains(scope.local(draft.imported[$0].target)) }
        guard !chosen.isEmpty else {
            throw entry.refusal(
                .descriptionFeedback,
                "finds no projection from neurons that spike to others.",
                "Delete it: the network has one layer of neurons that spike."
            )
        }
        return chosen
    }

    private func feedback(
        _ section: Section,
        _ forward: ImportedProjection,
        _ draft: NetworkDraft
    ) throws(DescriptionError) -> ProjectionRecipe {
        let sources = draft[forward.source]?.count ?? 0
        let targets = draft[forward.target]?.count ?? 0
        let largest = forward.projection.connectivity.weights.lazy.map(\.magnitude).max() ?? 0
        var pairs = ProjectionRecipe.Pairs.all
        var transposed: [Double] = []
        switch forward.projection.connectivity {
        case .dense(let weights):
            transposed.reserveCapacity(weights.count)
            for source in 0..<sources {
                for target in 0..<targets { transposed.append(weights[target * sources + source]) }
            }
        case .oneToOne(let weights):
            pairs = .oneToOne
            transposed = weights
        case .sparse(let sparse):
            var listed = SparsePairs(targets: targets)
            listed.offsets = sparse.offsets
            listed.sources = sparse.sources
            listed.entries = sparse.weights.indices.map { Int32($0) }
            let back = listed.transposed(sources: sources)
            transposed = back.entries.map { sparse.weights[Int($0)] }
            var own = back
            own.entries = own.sources.indices.map { Int32($0) }
            pairs = .listed(own)
        }
        let key = try section.one(of: ["weights", "transposed"])
        let value = try section.required(key, "")
        let weights: Distribution
        if key == "transposed" {
            let factor = try value.number(-1e6...1e6)
            weights = .array(transposed.map { $0 * factor })
        } else {
            weights = try Distribution(
                value,
                -1e6...1e6,
                shape: [targets, sources],
                folder: folder
            )
            guard !weights.isArray else {
                throw value.refusal(
                    "is \(value.shown). It must be a number or a distribution.",
                    "Write transposed: 1 for the weights of the forward projections."
                )
            }
        }
        return ProjectionRecipe(
            name: "",
            source: forward.target + "/gate",
            target: forward.source,
            compartment: 0,
            feedbackOf: nil,
            pairs: pairs,
            allowsAutapses: true,
            weights: weights,
            fullScale: try section["fullScale"]?.number(1e-9...1e9) ?? max(largest, 1e-6),
            delays: .fixed(1),
            rule: nil,
            followsScale: true
        )
    }

    // MARK: Gates and noise

    private func addGate(to path: String, _ entry: Entry, _ draft: inout NetworkDraft)
        throws(DescriptionError) -> String
    {
        let shape = draft[path]?.shape ?? []
        let count = shape.reduce(1, *)
        let step = draft.importedStep?.step ?? draft.step
        func all(_ value: Double) -> [Double] { [Double](repeating: value, count: count) }
        let gate = Population(
            path: path + "/gate",
            shape: shape,
            dynamics: .leakyIntegrateAndFire(
                LeakyIntegrator(tau: all(step), r: all(1), leak: all(0)),
                Firing(threshold: all(1), reset: all(0))
            ),
            bias: all(-Gate.charge)
        )
        try draft.add(recipe(gate), entry)
        try draft.count(entry)
        draft.imported.append(
            ImportedProjection(
                source: path,
                target: gate.path,
                projection: Projection(
                    source: 0,
                    target: 0,
                    delay: 1,
                    connectivity: .oneToOne(all(Gate.charge))
                )
            )
        )
        return gate.path
    }

    private func recipe(_ population: Population) -> PopulationRecipe {
        PopulationRecipe(
            path: population.path,
            shape: population.shape,
            neuron: .given(population),
            bias: .constant(0),
            compartments: []
        )
    }

    /// Charge of a spike of noise, and the current under which there are as many as asked for.
    private func noise(_ entry: Entry, _ draft: NetworkDraft) throws(DescriptionError) -> (
        weight: Double, current: Double
    ) {
        let parts = try entry.section(ExperimentKeys.addedNoise)
        guard draft.importedStep?.conventions.reset.subtracts != true else {
            throw entry.refusal(
                .descriptionKeysTogether,
                "has noise, but the network resets by subtraction, which neurons with noise do not.",
                "Write reset: zero for the part, or drive it by stimuli."
            )
        }
        let most = 450 / draft.step
        let rate = try parts.required("rate", "It is the rate of each source of noise in Hz.")
            .number(1 / draft.step...most, "Hz")
        let share = rate * draft.step / 1000
        return (
            try parts.required("weight", "It is the weight of a spike of noise.").number(
                1e-9...1e6
            ),
            Noise.threshold + PortableMath.normalQuantile(share)
        )
    }

    private enum Noise {
        /// In standard deviations: further than any draw.
        static let threshold = 10.0
    }

    /// Two neurons with noise for each neuron, one that excites it and one that inhibits it.
    private func addNoise(
        _ weight: Double,
        to path: String,
        _ entry: Entry,
        _ draft: inout NetworkDraft
    ) throws(DescriptionError) -> String {
        let targets = draft[path]?.count ?? 0
        let count = 2 * targets
        let step = draft.importedStep?.step ?? draft.step
        func all(_ value: Double) -> [Double] { [Double](repeating: value, count: count) }
        let noise = Population(
            path: path + "/noise",
            shape: [count],
            dynamics: .noisy(
                NoisyNeuron(
                    // Each step forgets the one before.
                    membraneTau: all(step / 8),
                    currentTau: [],
                    firing: Firing(threshold: all(Noise.threshold), reset: all(0)),
                    refractory: 0,
                    noise: [NoiseSource(stationaryDeviation: 1)]
                )
            ),
            bias: all(0)
        )
        try draft.add(recipe(noise), entry)
        try draft.count(entry)
        var projection = Projection(
            source: 0,
            target: 0,
            delay: 1,
            connectivity: .sparse(
                SparseWeights(
                    offsets: (0...targets).map { 2 * $0 },
                    sources: (0..<count).map { Int32($0) },
                    weights: (0..<count).map { $0 % 2 == 0 ? weight : -weight }
                )
            )
        )
        projection.name = noise.path + ">"
        projection.plasticity = Plasticity(rule: nil, fullScale: weight)
        projection.plasticity?.followsScale = true
        draft.imported.append(
            ImportedProjection(source: noise.path, target: path, projection: projection)
        )
        return noise.path
    }
}
