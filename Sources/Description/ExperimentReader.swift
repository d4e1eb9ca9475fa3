import ChipSpec
import Diagnostics
import NetworkIR
import Yams

/// Reads the sections of an experiment.
struct ExperimentReader {
    /// What file names are relative to.
    let folder: String
    /// How network files of other kinds are read; nil where they are not.
    var files: NetworkFiles?

    func experiment(_ root: Entry) throws -> Experiment {
        let section = try root.section(ExperimentKeys.document)
        let name = try section.required("experiment", "It is the name.").text(atMost: 64)
        let step = try section["stepInMilliseconds"]?.number(1e-6...1e6, "ms") ?? 1
        let recipe = try network(
            section.required("network", "It holds populations and projections."),
            name: name,
            step: step
        )
        return Experiment(
            name: name,
            summary: try section["summary"]?.text() ?? "",
            chip: try section["chip"].map(chip) ?? "pilot",
            chipSettings: try settings(section["chipSettings"]),
            stepInSeconds: step / 1000,
            seeds: try seeds(section["seeds"]),
            recipe: recipe,
            mismatch: try mismatch(section["mismatch"]),
            plan: LearningPlan(
                phases: try phases(
                    section.required("phases", "They say what is done."),
                    recipe
                ),
                probeEverySeconds: try section["probeEverySeconds"]?.number(1e-3...1e9, "s") ?? 10,
                probes: try probes(section["probes"], recipe)
            ),
            plane: try section["plane"].map { try plane($0, recipe) }
        )
    }

    private func plane(_ entry: Entry, _ recipe: NetworkRecipe) throws(DescriptionError)
        -> WeightPlane
    {
        let section = try entry.section(ExperimentKeys.plane)
        let plastic = recipe.projections.filter { $0.rule != nil }
        func projection(_ key: String, _ what: String) throws(DescriptionError) -> (
            ProjectionRecipe, Entry
        ) {
            let place = try section.required(key, what)
            let name = try place.reference(plastic.map(\.name), "projection with a rule")
            guard let projection = plastic.first(where: { $0.name == name }) else {
                throw place.refusal(.descriptionReference, "leads nowhere.")
            }
            let ends = recipe.populations.filter {
                $0.path == projection.source || $0.path == projection.target
            }
            for end in ends {
                guard case .sampling = end.neuron, end.count == 1 else {
                    throw place.refusal(
                        .descriptionReference,
                        "is \(place.shown), which ends at '\(end.path)'. A plane is spanned by single "
                            + "synapses between two sampling neurons.",
                        "Name a projection between populations of count: 1 and neuron: sampling."
                    )
                }
            }
            return (projection, place)
        }
        let (x, _) = try projection("x", "It is the projection of the horizontal axis.")
        let (y, place) = try projection("y", "It is the projection of the vertical axis.")
        guard x.source == y.target, x.target == y.source, x.source != x.target else {
            throw place.refusal(
                .descriptionReference,
                "is \(place.shown), from '\(y.source)' to '\(y.target)'. It must lead from "
                    + "'\(x.target)' to '\(x.source)', the other way than x.",
                "Name the projection back."
            )
        }
        return WeightPlane(x: x.name, y: y.name)
    }

    private func probes(_ entry: Entry?, _ recipe: NetworkRecipe) throws(DescriptionError)
        -> [StateProbe]
    {
        var result: [StateProbe] = []
        for item in try entry?.list(0...1000) ?? [] {
            let parts = try item.section(ExperimentKeys.probe)
            let (quantity, count) = try quantity(parts, recipe)
            let from = try parts["fromSeconds"]?.number(0...1e9, "s") ?? 0
            var probe = StateProbe(
                quantity,
                from: from,
                to: try parts["toSeconds"]?.number(from...1e9, "s") ?? 1e9
            )
            for index in try parts["neurons"]?.list(1...Self.mostNeurons) ?? [] {
                probe.neurons.append(try index.integer(0...max(0, count - 1)))
            }
            result.append(probe)
        }
        return result
    }

    /// What a probe looks at, and how many neurons it has.
    private func quantity(
        _ parts: Section,
        _ recipe: NetworkRecipe
    ) throws(DescriptionError) -> (StateProbe.Quantity, count: Int) {
        guard let projection = parts["projection"] else {
            let neurons = recipe.populations.filter { !$0.isInput }
            let population = try parts.required(
                "population",
                "It is a population of neurons; a learning trace is of a projection."
            ).reference(neurons.map(\.path), "population of neurons")
            let register = try parts["register"]?.word(StateProbe.Register.self) ?? .v
            return (
                .register(register, population: population),
                neurons.first { $0.path == population }?.count ?? 0
            )
        }
        if let population = parts["population"] {
            throw population.refusal(
                "stands beside projection. A probe is of one of them.",
                "Keep population for v and u, projection for learning traces."
            )
        }
        let learning = recipe.projections.filter { $0.rule != nil }
        let name = try projection.reference(learning.map(\.name), "projection with a rule")
        let trace = try parts.required("register", "It is a learning trace.").word(
            StateProbe.Trace.self
        )
        let isPre = trace == .x1 || trace == .x2
        let population = learning.first { $0.name == name }.map { isPre ? $0.source : $0.target }
        return (
            .trace(trace, projection: name),
            recipe.populations.first { $0.path == population }?.count ?? 0
        )
    }

    /// A name of the catalogue, or a file beside the experiment.
    func chip(_ entry: Entry) throws(DescriptionError) -> String {
        let name = try entry.text()
        guard name.contains("/") || name.hasSuffix(".yaml") else { return name }
        let path = Entry.path(name, in: folder)
        // Without a folder the catalogue would look for a name.
        return path.contains("/") ? path : "./" + path
    }

    func settings(_ entry: Entry?) throws(DescriptionError) -> [ChipSetting] {
        guard let entry else { return [] }
        guard let mapping = entry.node.mapping, mapping.count <= 100 else {
            throw entry.refusal(
                "is \(entry.shown). It must be a section of at most 100 chip keys and values.",
                "Write for example learning.tieRule: preFirst."
            )
        }
        var result: [ChipSetting] = []
        for (name, value) in mapping {
            let place = Entry(file: entry.file, key: entry.key, node: name)
            let key = try place.text(atMost: 200)
            let setting = entry.child(key, value)
            var words: [String] = []
            if value.sequence != nil {
                for item in try setting.list(0...64) { words.append(try item.text(atMost: 100)) }
            } else {
                words = [try setting.text(atMost: 200)]
            }
            let mark = name.mark
            result.append(
                ChipSetting(
                    key: key,
                    value: value.sequence == nil
                        ? words[0] : "[" + words.joined(separator: ", ") + "]",
                    place: "\(entry.file):\(mark?.line ?? 0):\(mark?.column ?? 0): chipSettings"
                )
            )
        }
        return result
    }

    func seeds(_ entry: Entry?) throws(DescriptionError) -> [UInt64] {
        guard let entry else { return [1] }
        if let text = entry.node.scalar?.string {
            let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { part in
                part.utf8.allSatisfy { (48...57).contains($0) } ? UInt64(part) : nil
            }
            if ends.count == 2, let first = ends[0], let last = ends[1], first <= last,
                last - first < 10_000
            {
                return Array(first...last)
            }
            if ends.count == 1, let only = ends[0] { return [only] }
            throw entry.refusal(
                "is \(entry.shown). It must be a whole number of 0 or more, a list of such numbers, "
                    + "or a range of at most 10,000 such as 200-209."
            )
        }
        var result: [UInt64] = []
        for item in try entry.list(1...10_000) {
            let seed = UInt64(try item.integer(0...Int.max))
            guard !result.contains(seed) else {
                throw item.refusal(
                    .descriptionTwice,
                    "is \(seed), which stands there before. Each seed stands once."
                )
            }
            result.append(seed)
        }
        return result
    }

    private func mismatch(_ entry: Entry?) throws(DescriptionError) -> [MismatchParameter: Double] {
        guard let entry else { return [:] }
        // One figure for what varies together on a device: neurons and synapses, not the engine.
        func all(_ value: Double) -> [MismatchParameter: Double] {
            [
                .threshold: value, .membraneTau: value, .currentTau: value, .refractory: value,
                .weight: value,
            ]
        }
        if entry.node.scalar != nil { return all(try entry.number(0...10)) }
        let section = try entry.section(["all"] + MismatchParameter.allCases.map(\.rawValue))
        var result: [MismatchParameter: Double] = [:]
        if let value = section["all"] { result = all(try value.number(0...10)) }
        for parameter in MismatchParameter.allCases {
            if let value = section[parameter.rawValue] {
                result[parameter] = try value.number(0...10)
            }
        }
        return result
    }
}
