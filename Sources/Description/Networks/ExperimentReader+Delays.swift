import Diagnostics
import Yams

extension ExperimentReader {
    /// A number of steps, or how each synapse comes by its own.
    func delays(
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
                mean: try parts.required("mean", "It is the mean delay in steps.").number(
                    -1e6...1e6
                ),
                deviation: try parts.required("deviation", "It is the standard deviation in steps.")
                    .number(0...1e6),
                range:
                    low...(try parts["high"]?.integer(low...range.upperBound) ?? range.upperBound)
            )
        case "distance": delays = try distanceDelay(body, recipe, ends, &draft)
        default: delays = .given(try steps(body, recipe, ends))
        }
        guard
            delays.isFixed
                || recipe.rule == nil && recipe.feedbackOf == nil
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
        let velocity = try parts.required(
            "velocity",
            "It is the distance that a spike goes in a step."
        )
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
            _ = try parts.required("file", "It is an NPZ or HDF5 file.")
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
}
