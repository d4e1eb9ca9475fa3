import Diagnostics
import Yams

extension ExperimentReader {
    /// Periods of the axes of a torus.
    func wrap(_ entry: Entry, _ source: PopulationRecipe) throws(DescriptionError)
        -> [Double]
    {
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

    func checkPositions(
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

    func kernel(_ entry: Entry, peak: ClosedRange<Double>) throws(DescriptionError)
        -> Kernel
    {
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
}
