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
        recipe.wrap = try section["wrap"].map { try wrap($0, source) } ?? []
        let weights = try section.required("weights", "They are a number, a distribution or an array.")
        if weights.node.mapping?["kernel"] != nil {
            let parts = try weights.section(ExperimentKeys.weights)
            try parts.refuse(except: ["kernel"], "weights by distance")
            recipe.weightKernel = try kernel(
                parts.required("kernel", ""),
                peak: -1e6...1e6
            )
            try checkPositions(weights, source, target)
        } else if case .kernel = kind {
            try checkPositions(section.required("connect", ""), source, target)
        }
        try count(kind, recipe, ends, entry, &draft)
        if recipe.weightKernel == nil {
            recipe.weights = try Distribution(
                weights,
                -1e6...1e6,
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

    // MARK: Delays

    /// A number of steps, or how each synapse comes by its own.
    private func delays(
        _ entry: Entry,
        _ recipe: ProjectionRecipe,
        _ ends: ProjectionEnds,
        _ draft: inout NetworkDraft
    ) throws(DescriptionError) -> DelayRecipe {
        let range = DelayRecipe.steps
        guard entry.node.mapping != nil else { return .fixed(try entry.integer(range)) }
        let section = try entry.section(ExperimentKeys.delay)
        let kind = try section.one(of: ExperimentKeys.delay)
        let body = try section.required(kind, "")
        let delays: DelayRecipe
        switch kind {
        case "uniform":
            let list = try body.list(2...2)
            let first = try list[0].integer(range)
            let last = try list[1].integer(first...range.upperBound)
            delays = first == last ? .fixed(first) : .uniform(first...last)
        case "normal":
            let parts = try body.section(ExperimentKeys.normalDelay)
            let low = try parts["low"]?.integer(range) ?? range.lowerBound
            delays = .normal(
                mean: try parts.required("mean", "It is the mean delay in steps.").number(-1e6...1e6),
                deviation: try parts.required("deviation", "It is the standard deviation in steps.")
                    .number(0...1e6),
                range: low...(try parts["high"]?.integer(low...range.upperBound) ?? range.upperBound)
            )
        case "distance": delays = try distanceDelay(body, recipe, ends, &draft)
        default: delays = .given(try steps(body, recipe, ends))
        }
        guard delays.isFixed || recipe.rule == nil && recipe.feedbackOf == nil
            && recipe.fullScale == nil
        else {
            throw entry.refusal(
                .descriptionProjection,
                "differs from synapse to synapse. A projection with rule, fullScale or feedbackOf has "
                    + "one delay: the learning traces of a neuron serve all its synapses.",
                "Write a number, or one projection for each delay."
            )
        }
        return delays
    }

    private func distanceDelay(
        _ entry: Entry,
        _ recipe: ProjectionRecipe,
        _ ends: ProjectionEnds,
        _ draft: inout NetworkDraft
    ) throws(DescriptionError) -> DelayRecipe {
        let range = DelayRecipe.steps
        let parts = try entry.section(ExperimentKeys.distance)
        let velocity = try parts.required("velocity", "It is the distance that a spike goes in a step.")
            .number(1e-9...1e9)
        let base = try parts["base"]?.number(0...Double(range.upperBound), "steps") ?? 1
        let high = try parts["high"]?.integer(range)
        try checkPositions(entry, ends.source, ends.target)
        if high == nil, let origins = draft.positions(of: ends.source),
            let places = draft.positions(of: ends.target)
        {
            var farthest = places.farthest(from: origins, wrap: recipe.wrap)
            if case .kernel(let kernel) = recipe.pairs { farthest = min(farthest, kernel.cutoff) }
            let longest = base + farthest / velocity
            guard longest < Double(range.upperBound) + 0.5 else {
                throw entry.refusal(
                    .descriptionProjection,
                    "comes to \(Entry.plain(longest.rounded(.up))) steps over a distance of "
                        + "\(farthest). A delay has at most \(range.upperBound).",
                    "Add high, to which longer ones are set, or raise velocity."
                )
            }
        }
        return .distance(
            base: base,
            velocity: velocity,
            range: range.lowerBound...(high ?? range.upperBound)
        )
    }

    /// Delays that are given: a list, or an array of a file.
    private func steps(
        _ entry: Entry,
        _ recipe: ProjectionRecipe,
        _ ends: ProjectionEnds
    ) throws(DescriptionError) -> [Int] {
        let range = DelayRecipe.steps
        let shape = recipe.pairs.arrayShape(sources: ends.source.count, targets: ends.target.count)
        let values: Distribution
        if entry.node.mapping != nil {
            let parts = try entry.section(ExperimentKeys.steps)
            _ = try parts.required("file", "It is an NPZ file.")
            values = try Distribution(
                entry,
                Double(range.lowerBound)...Double(range.upperBound),
                "steps",
                shape: shape,
                folder: folder
            )
        } else {
            _ = try entry.list(0...Distribution.mostItems)
            values = try Distribution(
                entry,
                Double(range.lowerBound)...Double(range.upperBound),
                "steps",
                shape: shape,
                folder: folder
            )
        }
        guard case .array(let steps) = values else { return [] }
        if let place = steps.firstIndex(where: { $0 != $0.rounded() }) {
            throw entry.refusal(
                .descriptionArray,
                "has \(steps[place]) at \(place). Delays are whole steps."
            )
        }
        return steps.map { Int($0) }
    }

    // MARK: Distances

    /// Periods of the axes of a torus.
    private func wrap(_ entry: Entry, _ source: PopulationRecipe) throws(DescriptionError) -> [Double] {
        guard let axes = source.positions?.axes else {
            throw entry.refusal(
                .descriptionProjection,
                "is for distances, but '\(source.path)' has no positions.",
                "Add positions to both populations."
            )
        }
        var periods: [Double] = []
        for item in try entry.list(axes...axes) { periods.append(try item.number(0...1e9)) }
        return periods
    }

    private func checkPositions(
        _ entry: Entry,
        _ source: PopulationRecipe,
        _ target: PopulationRecipe
    ) throws(DescriptionError) {
        for population in [source, target] where population.positions == nil {
            throw entry.refusal(
                .descriptionProjection,
                "depends on distance, but '\(population.path)' has no positions.",
                "Add for example positions: { grid: 1 } to the population."
            )
        }
        guard source.positions?.axes == target.positions?.axes else {
            throw entry.refusal(
                .descriptionProjection,
                "depends on distance, from '\(source.path)' with \(source.positions?.axes ?? 0) "
                    + "coordinates to '\(target.path)' with \(target.positions?.axes ?? 0). They must lie "
                    + "in one space.",
                "Give both populations positions with as many axes."
            )
        }
    }

    private func kernel(_ entry: Entry, peak: ClosedRange<Double>) throws(DescriptionError) -> Kernel {
        let section = try entry.section(ExperimentKeys.kernel)
        let name = try section.one(of: ["gaussian", "exponential", "disc", "box"])
        let length = try section.required(name, "").number(1e-9...1e9)
        let shape: Kernel.Shape =
            switch name {
            case "gaussian": .gaussian(deviation: length)
            case "exponential": .exponential(length: length)
            case "disc": .disc(radius: length)
            default: .box(halfWidth: length)
            }
        return Kernel(
            shape: shape,
            peak: try section["peak"]?.number(peak) ?? 1,
            cutoff: try section["cutoff"]?.number(0...1e9) ?? .infinity
        )
    }

    // MARK: Pairs

    private func pairs(_ entry: Entry?, _ ends: ProjectionEnds) throws
        -> ProjectionRecipe.Pairs
    {
        let (source, target) = (ends.source, ends.target)
        guard let entry else { return ends.mirrored ?? .all }
        if entry.node.mapping != nil {
            let parts = try entry.section(ExperimentKeys.connect)
            let name = try parts.one(of: ExperimentKeys.connect)
            let value = try parts.required(name, "")
            let own = ends.isRecurrent ? 1 : 0
            switch name {
            case "probability": return .probability(try value.number(0...1))
            case "inDegree": return .inDegree(try value.integer(0...max(0, source.count - own)))
            case "outDegree": return .outDegree(try value.integer(0...max(0, target.count - own)))
            case "kernel": return .kernel(try kernel(value, peak: 0...1))
            case "pairs": return .listed(try listed(value, ends))
            default: return .listed(try compressed(value, ends))
            }
        }
        enum Word: String, CaseIterable { case allToAll, oneToOne, mirrored }
        switch try entry.word(Word.self) {
        case .allToAll: return .all
        case .oneToOne:
            guard source.count == target.count else {
                throw entry.refusal(
                    .descriptionProjection,
                    "is oneToOne, from \(source.count) to \(target.count) neurons. The numbers must "
                        + "be equal.",
                    "Write allToAll, or change one of the counts."
                )
            }
            guard !ends.isRecurrent else {
                throw entry.refusal(
                    .descriptionProjection,
                    "is oneToOne from '\(source.path)' to itself: autapses, which are off.",
                    "Add autapses: yes."
                )
            }
            return .oneToOne
        case .mirrored:
            guard let mirrored = ends.mirrored else {
                throw entry.refusal(
                    .descriptionFeedback,
                    "is mirrored, but the projection names no feedbackOf.",
                    "Add feedbackOf, or write allToAll."
                )
            }
            return mirrored
        }
    }

    /// Pairs that stand in the file: `[source, target]` each.
    private func listed(_ entry: Entry, _ ends: ProjectionEnds) throws(DescriptionError) -> SparsePairs {
        var pairs: [(source: Int, target: Int)] = []
        for item in try entry.list(0...Distribution.mostItems) {
            let places = try item.list(2...2)
            pairs.append(
                (
                    try places[0].integer(0...ends.source.count - 1),
                    try places[1].integer(0...ends.target.count - 1)
                )
            )
        }
        // Compressed by source, with the place in the list beside each.
        let order = pairs.indices.sorted {
            (pairs[$0].source, pairs[$0].target, $0) < (pairs[$1].source, pairs[$1].target, $1)
        }
        for (one, next) in zip(order, order.dropFirst()) where pairs[one] == pairs[next] {
            throw entry.refusal(
                .descriptionTwice,
                "has [\(pairs[one].source), \(pairs[one].target)] twice. A pair is one synapse.",
                "Delete one of the two."
            )
        }
        var indptr = [Int](repeating: 0, count: ends.source.count + 1)
        for pair in pairs { indptr[pair.source + 1] += 1 }
        for source in 0..<ends.source.count { indptr[source + 1] += indptr[source] }
        var result = try compressed(
            indptr,
            order.map { Int32(pairs[$0].target) },
            ends,
            entry,
            entry
        )
        result.entries = result.entries.map { Int32(order[Int($0)]) }
        return result
    }

    /// Pairs of a file, compressed by source as `scipy.sparse.csr_array` holds them.
    private func compressed(_ entry: Entry, _ ends: ProjectionEnds) throws -> SparsePairs {
        let parts = try entry.section(ExperimentKeys.csr)
        let file = try parts.required("file", "It is an NPZ file.")
        let path = Entry.path(try file.text(), in: folder)
        func numbers(_ key: String) throws -> (name: String, place: Entry) {
            (try parts[key]?.text() ?? key, parts[key] ?? file)
        }
        let (indptrName, indptrPlace) = try numbers("indptr")
        let (indicesName, indicesPlace) = try numbers("indices")
        let indptr = try integers(path, indptrName, file, limit: ends.source.count + 1)
        let indices = try integers(path, indicesName, file, limit: Self.mostSynapses)
        guard let columns = [Int32](exactly: indices) else {
            throw indicesPlace.refusal(
                .descriptionConnections,
                "names a neuron beyond 32 bits in '\(indicesName)'."
            )
        }
        return try compressed(indptr, columns, ends, indptrPlace, indicesPlace)
    }

    private func compressed(
        _ indptr: [Int],
        _ indices: [Int32],
        _ ends: ProjectionEnds,
        _ indptrPlace: Entry,
        _ indicesPlace: Entry
    ) throws(DescriptionError) -> SparsePairs {
        guard indptr.count == ends.source.count + 1 else {
            throw indptrPlace.refusal(
                .descriptionConnections,
                "has \(indptr.count) row offsets. The \(ends.source.count) neurons of "
                    + "'\(ends.source.path)' need \(ends.source.count + 1).",
                "Write the arrays as scipy.sparse.csr_array holds them, one row a source."
            )
        }
        do {
            return try SparsePairs(indptr: indptr, indices: indices, targets: ends.target.count)
        } catch {
            throw indicesPlace.refusal(
                .descriptionConnections,
                "is wrong: it \(error).",
                "Write the arrays as scipy.sparse.csr_array holds them, one row a source."
            )
        }
    }

    private func integers(_ path: String, _ name: String, _ file: Entry, limit: Int)
        throws(DescriptionError) -> [Int]
    {
        try Distribution.integers(path, name, file, limit: limit)
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

extension [Int32] {
    /// The same numbers in 32 bits; nil if one does not fit.
    fileprivate init?(exactly numbers: [Int]) {
        self = []
        reserveCapacity(numbers.count)
        for number in numbers {
            guard let narrow = Int32(exactly: number) else { return nil }
            append(narrow)
        }
    }
}
