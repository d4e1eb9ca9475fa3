import Diagnostics
import NetworkIR
import Yams

extension ExperimentReader {
    func projection(
        _ name: String,
        _ entry: Entry,
        _ names: ProjectionNames,
        _ scope: NetworkScope,
        _ draft: inout NetworkDraft
    ) throws -> ProjectionRecipe {
        let section = try entry.section(ExperimentKeys.projection)
        let fromEntry = try section.required("from", "It is the presynaptic population.")
        let toEntry = try section.required("to", "It is the postsynaptic population.")
        let from = try fromEntry.reference(names.populations, "population")
        let to = try toEntry.reference(names.populations, "population")
        guard let source = draft[scope.prefix + from], let target = draft[scope.prefix + to] else {
            throw entry.refusal(.descriptionReference, "leads nowhere.")
        }
        guard !target.isInput else {
            throw toEntry.refusal(
                .descriptionProjection,
                "is an input, which has no synapses.",
                "Name a population of neurons."
            )
        }
        let compartments = target.compartments.map(\.name)
        let compartment = try section["compartment"].map { entry in
            let name = try entry.reference(compartments, "compartment of \(to)")
            return compartments.firstIndex(of: name) ?? 0
        }
        let feedbackOf = try section["feedbackOf"]?.reference(
            names.words.map(\.name).filter { $0 != name },
            "other projection"
        )
        let forwardWord = names.words.first { $0.name == feedbackOf }?.word
        let allowsAutapses = try section["autapses"]?.flag() ?? false
        let ends = ProjectionEnds(
            source: source,
            target: target,
            isRecurrent: from == to && !allowsAutapses,
            mirrored: feedbackOf.map { _ in forwardWord == "oneToOne" ? .oneToOne : .mirrored }
        )
        let kind = try pairs(section["connect"], ends)
        var recipe = ProjectionRecipe(
            name: scope.prefix + name,
            source: source.path,
            target: target.path,
            compartment: compartment ?? 0,
            feedbackOf: feedbackOf.map { scope.prefix + $0 },
            pairs: kind,
            allowsAutapses: allowsAutapses,
            weights: .constant(0),
            fullScale: try section["fullScale"]?.number(1e-9...1e9),
            delays: .fixed(1)
        )
        recipe.sign = try section["sign"]?.word(SynapseSign.self)
        recipe.wrap = try section["wrap"].map { try wrap($0, source) } ?? []
        let weights = try section.required(
            "weights",
            "They are a number, a distribution or an array."
        )
        if weights.node.mapping?["kernel"] != nil {
            let parts = try weights.section(ExperimentKeys.weights)
            try parts.refuse(except: ["kernel"], "weights by distance")
            recipe.weightKernel = try kernel(
                parts.required("kernel", ""),
                peak: recipe.weightRange
            )
            try checkPositions(weights, source, target)
        } else if case .kernel = kind {
            try checkPositions(section.required("connect", ""), source, target)
        }
        try count(kind, recipe, ends, entry, &draft)
        if recipe.weightKernel == nil {
            recipe.weights = try Distribution(
                weights,
                recipe.weightRange,
                shape: kind.arrayShape(sources: source.count, targets: target.count),
                folder: folder
            )
        }
        recipe.rule = try section["rule"].map { try rule($0, name: name, &draft.rules) }
        if let delay = section["delay"] {
            recipe.delays = try delays(delay, recipe, ends, &draft)
        }
        if let wrap = section["wrap"], recipe.weightKernel == nil, !recipe.delays.needsDistance {
            guard case .kernel = kind else {
                throw wrap.refusal(
                    .descriptionKeysTogether,
                    "is for distances, which nothing of this projection depends on.",
                    "Delete it, or add a kernel."
                )
            }
        }
        return recipe
    }

    /// Notes what drawing the projection will take, before anything of that size is there.
    private func count(
        _ kind: ProjectionRecipe.Pairs,
        _ recipe: ProjectionRecipe,
        _ ends: ProjectionEnds,
        _ entry: Entry,
        _ draft: inout NetworkDraft
    ) throws(DescriptionError) {
        let (sources, targets) = (ends.source.count, ends.target.count)
        // Neither factor is above 2^20.
        let all = sources * targets
        let isWide = all > PairDrawing.mostPairsOneByOne
        switch kind {
        case .all: try draft.add(pairs: all, synapses: 0, entry)
        case .mirrored: try draft.add(pairs: isWide ? 0 : all, synapses: 0, entry)
        case .oneToOne: try draft.add(pairs: targets, synapses: 0, entry)
        case .listed(let pairs):
            try draft.add(pairs: 0, synapses: Double(pairs.sources.count), entry)
        case .probability(let probability):
            try draft.add(
                pairs: isWide ? 0 : all,
                synapses: probability * Double(all),
                entry
            )
        case .inDegree(let degree):
            try draft.add(pairs: isWide ? 0 : all, synapses: Double(degree * targets), entry)
        case .outDegree(let degree):
            try draft.add(pairs: isWide ? 0 : all, synapses: Double(degree * sources), entry)
        case .kernel(let kernel):
            guard let origins = draft.positions(of: ends.source),
                let places = draft.positions(of: ends.target)
            else { return }
            let cells = NeighbourCells(origins, reach: kernel.reach, wrap: recipe.wrap)
            var candidates = 0
            for target in 0..<targets where candidates <= Self.mostPairs {
                candidates += cells.candidateCount(around: places, target)
            }
            try draft.add(
                pairs: candidates,
                synapses: min(1, kernel.peak) * Double(candidates),
                entry
            )
        }
    }
}

extension ProjectionRecipe {
    /// Weights its author may give.
    fileprivate var weightRange: ClosedRange<Double> {
        switch sign {
        case nil: -1e6...1e6
        case .excitatory: 0...1e6
        case .inhibitory: -1e6...0
        }
    }
}

/// The two populations of a projection.
struct ProjectionEnds {
    var source: PopulationRecipe
    var target: PopulationRecipe
    /// Whether it leads from a population to itself, and not from a neuron to itself.
    var isRecurrent: Bool
    /// Pairs of the projection it is the feedback of; nil if it is none.
    var mirrored: ProjectionRecipe.Pairs?
}

extension ProjectionRecipe.Pairs {
    /// Shape of an array with one value a synapse, or a pair.
    func arrayShape(sources: Int, targets: Int) -> [Int] {
        switch self {
        case .oneToOne: [targets]
        case .listed(let pairs): [pairs.sources.count]
        default: [targets, sources]
        }
    }
}
