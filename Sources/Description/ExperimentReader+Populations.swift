import Diagnostics
import NetworkIR
import Samples
import Yams

extension ExperimentReader {
    /// A population with the keys of the one it is like; its own keys count.
    func resolved(_ entry: Entry, _ models: [String: Entry]) throws(DescriptionError)
        -> Entry
    {
        let section = try entry.section(ExperimentKeys.population)
        guard let like = section["like"], let own = entry.node.mapping else { return entry }
        let name = try like.reference(models.keys.sorted(), "population above")
        var merged = models[name]?.node.mapping ?? Node.Mapping([])
        for (key, value) in own where key.scalar?.string != "like" {
            // Number and shape say the same; noise is told field by field.
            if key.scalar?.string == "count" { merged["shape"] = nil }
            if key.scalar?.string == "shape" { merged["count"] = nil }
            if key.scalar?.string == "noise", var noise = merged["noise"]?.mapping,
                let fields = value.mapping
            {
                for (field, value) in fields { noise[field] = value }
                noise.mark = value.mark
                merged["noise"] = .mapping(noise)
            } else {
                merged[key] = value
            }
        }
        merged.mark = entry.node.mark
        return Entry(file: entry.file, key: entry.key, node: .mapping(merged))
    }

    private enum Kind: String, CaseIterable {
        case lif
        case sampling
        case input

        var keys: [String] {
            let common = ["count", "shape", "neuron", "like", "positions"]
            return switch self {
            case .input: common
            case .sampling: common + ["refractory", "psp", "bias", "compartments"]
            case .lif:
                common + [
                    "tau", "tauSyn", "threshold", "reset", "refractory", "noise", "bias",
                    "compartments",
                ]
            }
        }
    }

    func population(_ path: String, _ entry: Entry) throws -> PopulationRecipe {
        let section = try entry.section(ExperimentKeys.population)
        let kind = try section.required("neuron", "It is lif, sampling or input.").word(Kind.self)
        try section.refuse(except: kind.keys, "a population of neuron '\(kind.rawValue)'")
        var shape: [Int] = []
        if try section.one(of: ["count", "shape"]) == "count" {
            shape = [try section.required("count", "").integer(1...Self.mostNeurons)]
        } else {
            let extents = try section.required("shape", "")
            var count = 1
            for extent in try extents.list(1...8) {
                // Neither factor is above 2^20.
                shape.append(try extent.integer(1...Self.mostNeurons))
                count *= shape[shape.count - 1]
                guard count <= Self.mostNeurons else {
                    throw extents.refusal(
                        .descriptionTooLarge,
                        "has \(count) neurons or more. It may have \(Self.mostNeurons)."
                    )
                }
            }
        }
        let neuron: PopulationRecipe.Neuron =
            switch kind {
            case .input: .input
            case .lif: .lif(try lif(section, shape))
            case .sampling: .sampling(try sampling(section))
            }
        let compartments = try section["compartments"]?.named(atMost: 8).map { name, gain in
            Compartment(name: name, gain: try gain.number(1e-6...1e6))
        }
        return PopulationRecipe(
            path: path,
            shape: shape,
            neuron: neuron,
            bias: try section["bias"].map {
                try Distribution($0, -1e6...1e6, shape: shape, folder: folder)
            } ?? .constant(0),
            compartments: compartments ?? [],
            positions: try section["positions"].map { try positions($0, shape: shape) }
        )
    }

    private func positions(_ entry: Entry, shape: [Int]) throws -> PositionRecipe {
        let section = try entry.section(ExperimentKeys.positions)
        let kind = try section.one(of: ["grid", "ring", "random", "file"])
        let range = -1e9...1e9
        func numbers(_ entry: Entry, _ count: ClosedRange<Int>, _ range: ClosedRange<Double>)
            throws(DescriptionError) -> [Double]
        {
            var numbers: [Double] = []
            for item in try entry.list(count) { numbers.append(try item.number(range)) }
            return numbers
        }
        if let array = section["array"], kind != "file" {
            throw array.refusal(
                .descriptionMissing,
                "is the name of an array, but no file is named.",
                "Add file."
            )
        }
        let body = try section.required(kind, "")
        switch kind {
        case "grid":
            guard shape.count <= 3 else {
                throw body.refusal(
                    "is a grid of \(shape.count) axes. Space has 1...3.",
                    "Give the population a shape of at most three extents."
                )
            }
            // A number alone is the distance along all axes.
            guard body.node.mapping != nil else {
                let spacing = try body.number(1e-9...1e9)
                return .grid(
                    spacing: shape.map { _ in spacing },
                    origin: shape.map { _ in 0 }
                )
            }
            let parts = try body.section(ExperimentKeys.grid)
            let axes = shape.count...shape.count
            let spacing = try parts.required("spacing", "It is a distance, or one for each axis.")
            return .grid(
                spacing: spacing.node.sequence == nil
                    ? try shape.map { _ in try spacing.number(1e-9...1e9) }
                    : try numbers(spacing, axes, 1e-9...1e9),
                origin: try parts["origin"].map { try numbers($0, axes, range) }
                    ?? shape.map { _ in 0 }
            )
        case "ring":
            let parts = try body.section(ExperimentKeys.ring)
            return .ring(
                radius: try parts.required("radius", "It is a distance.").number(1e-9...1e9),
                center: try parts["center"].map { try numbers($0, 2...2, range) } ?? [0, 0]
            )
        case "random":
            let parts = try body.section(ExperimentKeys.random)
            let box = try numbers(
                parts.required("box", "It is a list of the lengths of its edges."),
                1...3,
                1e-9...1e9
            )
            return .random(
                box: box,
                origin: try parts["origin"].map { try numbers($0, box.count...box.count, range) }
                    ?? box.map { _ in 0 }
            )
        default:
            let name = try section.required("array", "It names the array in the file.").text()
            let array = try Distribution.numbers(body, name, folder: folder)
            let count = shape.reduce(1, *)
            guard array.shape.count == 2, array.shape[0] == count, (1...3).contains(array.shape[1]),
                array.values.allSatisfy({ range.contains($0) })
            else {
                throw body.refusal(
                    .descriptionArray,
                    "has an array '\(name)' of \(array.shape). It must be \(count) × 1, 2 or 3, of "
                        + "numbers within ±10^9.",
                    "Save one row of coordinates a neuron."
                )
            }
            return .given(array.values, axes: array.shape[1])
        }
    }

    private func lif(_ section: Section, _ shape: [Int]) throws -> PopulationRecipe.LIFRecipe {
        func distribution(_ name: String, _ range: ClosedRange<Double>, _ unit: String = "") throws
            -> Distribution?
        {
            try section[name].map {
                try Distribution($0, range, unit, shape: shape, folder: folder)
            }
        }
        _ = try section.required("tau", "It is the membrane time constant in ms.")
        return PopulationRecipe.LIFRecipe(
            tau: try distribution("tau", 1e-3...1e6, "ms") ?? .constant(1),
            tauSyn: try distribution("tauSyn", 1e-3...1e6, "ms"),
            threshold: try distribution("threshold", 1e-6...1e6) ?? .constant(1),
            reset: try distribution("reset", -1e6...1e6) ?? .constant(0),
            refractory: try section["refractory"]?.number(0...1e6, "ms") ?? 0,
            noise: try section["noise"].map(noise) ?? []
        )
    }

    private func noise(_ entry: Entry) throws(DescriptionError) -> [NoiseSource] {
        let parts = try entry.section(ExperimentKeys.noise)
        let deviation = try parts.required(
            "deviation",
            "It is the standard deviation of the free membrane."
        ).number(0...1e6)
        let share = try parts["share"]?.number(0...1) ?? 0
        let source = try parts["source"]?.text(atMost: 64) ?? "common"
        guard deviation > 0 else { return [] }
        var sources: [NoiseSource] = []
        if share < 1 {
            sources.append(NoiseSource(stationaryDeviation: deviation * (1 - share).squareRoot()))
        }
        if share > 0 {
            sources.append(
                NoiseSource(stationaryDeviation: deviation * share.squareRoot(), shared: source)
            )
        }
        return sources
    }

    func sampling(_ section: Section) throws(DescriptionError) -> SamplingNeuron {
        let refractory = try section.required("refractory", "It is τ_ref in steps.").integer(
            1...255
        )
        guard let entry = section["psp"] else {
            return SamplingNeuron(refractorySteps: refractory, psp: .rectangular(steps: refractory))
        }
        let parts = try entry.section(ExperimentKeys.psp)
        let name = try parts.one(of: ExperimentKeys.psp)
        let value = try parts.required(name, "")
        let psp: PostsynapticPotential =
            switch name {
            case "rectangular": .rectangular(steps: try value.integer(1...255))
            case "exponential": .exponential(tau: try value.number(1e-3...1e4, "steps"))
            default: .alpha(tau: try value.number(1e-3...1e4, "steps"))
            }
        return SamplingNeuron(refractorySteps: refractory, psp: psp)
    }
}
