import Diagnostics
import NetworkIR
import Yams

extension ExperimentReader {
    /// Largest network, in neurons.
    static let mostNeurons = 1 << 20
    /// Largest network, in pairs of neurons that projections span.
    static let mostPairs = 1 << 27

    func network(_ entry: Entry, name: String, step: Double) throws -> NetworkRecipe {
        let section = try entry.section(ExperimentKeys.network)
        let list = try section.required("populations", "A network has at least one.")
        var populations: [PopulationRecipe] = []
        var models: [String: Entry] = [:]
        var neurons = 0
        for (path, entry) in try list.named() {
            let whole = try resolved(entry, models)
            models[path] = whole
            populations.append(try population(path, whole))
            neurons += populations[populations.count - 1].count
            guard neurons <= Self.mostNeurons else {
                throw entry.refusal(
                    .descriptionTooLarge,
                    "brings the network to \(neurons) neurons. It may have \(Self.mostNeurons).",
                    "Lower count."
                )
            }
        }
        guard !populations.isEmpty else {
            throw list.refusal("is empty. A network has at least one population.")
        }
        var rules: [LearningRule] = []
        var projections: [ProjectionRecipe] = []
        var pairs = 0
        let named = try section["projections"]?.named() ?? []
        let words = named.map { name, entry in
            (name, entry.node.mapping?["connect"]?.scalar?.string)
        }
        for (name, entry) in named {
            let projection = try projection(
                name,
                entry,
                populations,
                connectWords: words,
                rules: &rules,
                pairs: &pairs
            )
            projections.append(projection)
        }
        for (position, (_, entry)) in named.enumerated() {
            try checkFeedback(projections[position], projections, entry)
        }
        return NetworkRecipe(
            name: name,
            timeStep: step,
            populations: populations,
            projections: projections,
            rules: rules
        )
    }

    // MARK: Populations

    /// A population with the keys of the one it is like; its own keys count.
    private func resolved(_ entry: Entry, _ models: [String: Entry]) throws(DescriptionError)
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
            let common = ["count", "shape", "neuron", "like"]
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

    private func population(_ path: String, _ entry: Entry) throws -> PopulationRecipe {
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
            compartments: compartments ?? []
        )
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

    // MARK: Projections

    private func projection(
        _ name: String,
        _ entry: Entry,
        _ populations: [PopulationRecipe],
        connectWords: [(name: String, word: String?)],
        rules: inout [LearningRule],
        pairs: inout Int
    ) throws -> ProjectionRecipe {
        let section = try entry.section(ExperimentKeys.projection)
        let paths = populations.map(\.path)
        let fromEntry = try section.required("from", "It is the presynaptic population.")
        let toEntry = try section.required("to", "It is the postsynaptic population.")
        let (from, to) = (
            try fromEntry.reference(paths, "population"), try toEntry.reference(paths, "population")
        )
        guard let source = populations.first(where: { $0.path == from }),
            let target = populations.first(where: { $0.path == to })
        else { throw entry.refusal(.descriptionReference, "leads nowhere.") }
        if case .input = target.neuron {
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
            connectWords.map(\.name).filter { $0 != name },
            "other projection"
        )
        let forwardWord = connectWords.first { $0.name == feedbackOf }?.word
        let allowsAutapses = try section["autapses"]?.flag() ?? false
        let kind = try self.pairs(
            section["connect"],
            mirrored: feedbackOf.map { _ in forwardWord == "oneToOne" ? .oneToOne : .mirrored },
            source,
            target,
            isRecurrent: from == to && !allowsAutapses
        )
        let isOneToOne = if case .oneToOne = kind { true } else { false }
        pairs += isOneToOne ? target.count : source.count * target.count
        guard pairs <= Self.mostPairs else {
            throw entry.refusal(
                .descriptionTooLarge,
                "brings the network to \(pairs) pairs of neurons. It may have \(Self.mostPairs).",
                "Lower the numbers of neurons."
            )
        }
        let rule = try section["rule"].map { try self.rule($0, name: name, &rules) }
        let fullScale = try section["fullScale"]?.number(1e-9...1e9)
        return ProjectionRecipe(
            name: name,
            source: from,
            target: to,
            compartment: compartment ?? 0,
            feedbackOf: feedbackOf,
            pairs: kind,
            allowsAutapses: allowsAutapses,
            weights: try Distribution(
                section.required("weights", "They are a number, a distribution or an array."),
                -1e6...1e6,
                shape: isOneToOne ? [target.count] : [target.count, source.count],
                folder: folder
            ),
            fullScale: fullScale,
            delays: try section["delay"].map {
                try delays($0, isFixed: rule == nil && feedbackOf == nil && fullScale == nil)
            } ?? 1...1,
            rule: rule
        )
    }

    /// A number of steps, or a range from which each synapse draws its own.
    private func delays(_ entry: Entry, isFixed: Bool) throws(DescriptionError) -> ClosedRange<Int>
    {
        let range = 1...62
        guard entry.node.mapping != nil else {
            let steps = try entry.integer(range)
            return steps...steps
        }
        let ends = try entry.section(ExperimentKeys.delay)
            .required("uniform", "It is a list of the shortest and the longest delay.").list(2...2)
        let first = try ends[0].integer(range)
        let last = try ends[1].integer(first...range.upperBound)
        guard first == last || isFixed else {
            throw entry.refusal(
                .descriptionProjection,
                "differs from synapse to synapse. A projection with rule, fullScale or feedbackOf has "
                    + "one delay: the learning traces of a neuron serve all its synapses.",
                "Write a number, or one projection for each delay."
            )
        }
        return first...last
    }

    private func pairs(
        _ entry: Entry?,
        mirrored: ProjectionRecipe.Pairs?,
        _ source: PopulationRecipe,
        _ target: PopulationRecipe,
        isRecurrent: Bool
    ) throws(DescriptionError) -> ProjectionRecipe.Pairs {
        guard let entry else { return mirrored ?? .all }
        if entry.node.mapping != nil {
            let parts = try entry.section(ExperimentKeys.connect)
            let name = try parts.one(of: ExperimentKeys.connect)
            let value = try parts.required(name, "")
            let own = isRecurrent ? 1 : 0
            switch name {
            case "probability": return .probability(try value.number(0...1))
            case "inDegree": return .inDegree(try value.integer(0...max(0, source.count - own)))
            default: return .outDegree(try value.integer(0...max(0, target.count - own)))
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
            guard !isRecurrent else {
                throw entry.refusal(
                    .descriptionProjection,
                    "is oneToOne from '\(source.path)' to itself: autapses, which are off.",
                    "Add autapses: yes."
                )
            }
            return .oneToOne
        case .mirrored:
            guard let mirrored else {
                throw entry.refusal(
                    .descriptionFeedback,
                    "is mirrored, but the projection names no feedbackOf.",
                    "Add feedbackOf, or write allToAll."
                )
            }
            return mirrored
        }
    }

    private func checkFeedback(
        _ projection: ProjectionRecipe,
        _ all: [ProjectionRecipe],
        _ entry: Entry
    ) throws(DescriptionError) {
        guard let name = projection.feedbackOf, let forward = all.first(where: { $0.name == name })
        else { return }
        guard forward.source == projection.target, forward.target == projection.source else {
            throw entry.refusal(
                .descriptionFeedback,
                "leads from \(projection.source) to \(projection.target), but is the feedback of "
                    + "\(name), which leads from \(forward.source) to \(forward.target).",
                "Swap from and to."
            )
        }
        guard forward.feedbackOf == nil else {
            throw entry.refusal(
                .descriptionFeedback,
                "is the feedback of \(name), which is a feedback itself.",
                "Name the forward projection."
            )
        }
        guard forward.delays.count == 1 else {
            throw entry.refusal(
                .descriptionFeedback,
                "is the feedback of \(name), whose delay differs from synapse to synapse.",
                "Give \(name) one delay."
            )
        }
        let isMirrored =
            switch (projection.pairs, forward.pairs) {
            case (.mirrored, _), (.oneToOne, .oneToOne): true
            case (.all, .all): projection.allowsAutapses == forward.allowsAutapses
            default: false
            }
        guard isMirrored else {
            throw entry.refusal(
                .descriptionFeedback,
                "connects other pairs than \(name), whose feedback it is. Each pair must be there in "
                    + "both directions.",
                "Leave connect out: a feedback has the pairs of its forward projection."
            )
        }
    }

    /// The name of a rule: a file, or the rule itself.
    func rule(_ entry: Entry, name: String, _ rules: inout [LearningRule]) throws -> String {
        let rule: LearningRule
        if entry.node.mapping != nil {
            rule = try RuleFile.rule(entry, name: "rule of \(name)")
        } else {
            let file = try entry.text()
            do {
                rule = try RuleFile.rule(path: Entry.path(file, in: folder))
            } catch let error as DescriptionError where error.line == 0 {
                throw entry.refusal(error.code, "names '\(file)'. \(error.what)", error.advice)
            }
        }
        if let known = rules.first(where: { $0.name == rule.name }) {
            guard known == rule else {
                throw entry.refusal(
                    .descriptionTwice,
                    "is a rule of the name '\(rule.name)', which another rule of the network has.",
                    "Give one of them another name."
                )
            }
        } else {
            rules.append(rule)
        }
        return rule.name
    }
}
