import ChipSpec
import NetworkIR
import Yams

/// Reads the sections of an experiment.
struct ExperimentReader {
    let folder: String

    func experiment(_ root: Entry) throws -> Experiment {
        let section = try root.section(ExperimentKeys.document)
        let step =
            try section["stepInMilliseconds"]?.number(1e-6...1e6, "ms") ?? 1
        let network = try section.required("network", "It holds populations and projections.")
        let recipe = try recipe(
            network,
            name: section.required("experiment", "It is the name.").text(atMost: 64),
            step: step
        )
        return Experiment(
            name: recipe.name,
            summary: try section["summary"]?.text() ?? "",
            chip: try section["chip"]?.text(atMost: 4096) ?? "pilot",
            chipSettings: try settings(section["chipSettings"]),
            stepInSeconds: step / 1000,
            seeds: try seeds(section["seeds"]),
            recipe: recipe,
            mismatch: try mismatch(section["mismatch"]),
            plan: LearningPlan(
                phases: try section.required("phases", "They say what is done.").list(1...1000)
                    .map { try phase($0, recipe) },
                probeEverySeconds: try section["probeEverySeconds"]?.number(1e-3...1e9, "s") ?? 10
            )
        )
    }

    // MARK: The frame

    private func settings(_ entry: Entry?) throws -> [ChipSetting] {
        guard let entry else { return [] }
        guard let mapping = entry.node.mapping else {
            throw entry.refusal("is \(entry.shown). It must be a section of chip keys and values.")
        }
        return try mapping.map { name, value in
            let place = Entry(file: entry.file, key: entry.key, node: name)
            let key = try place.text(atMost: 200)
            let text: String
            if let list = value.sequence {
                text = "[" + list.compactMap { $0.scalar?.string }.joined(separator: ", ") + "]"
            } else {
                text = try entry.child(key, value).text(atMost: 200)
            }
            let mark = name.mark
            return ChipSetting(
                key: key,
                value: text,
                place: "\(entry.file):\(mark?.line ?? 0):\(mark?.column ?? 0): chipSettings"
            )
        }
    }

    private func seeds(_ entry: Entry?) throws -> [UInt64] {
        guard let entry else { return [1] }
        if let text = entry.node.scalar?.string {
            let ends = text.split(separator: "-").map { UInt64($0) }
            if ends.count == 2, let first = ends[0], let last = ends[1], first <= last,
                last - first < 10_000
            {
                return Array(first...last)
            }
            if ends.count == 1, let only = ends[0] { return [only] }
            throw entry.refusal(
                "is \(entry.shown). It must be a list of whole numbers, or a range such as 200-209."
            )
        }
        return try entry.list(1...10_000).map { UInt64(try $0.integer(0...Int.max)) }
    }

    private func mismatch(_ entry: Entry?) throws -> [MismatchParameter: Double] {
        guard let entry else { return [:] }
        let names = MismatchParameter.allCases.map(\.rawValue)
        if entry.node.scalar != nil {
            // One figure for what varies together on a device: neurons and synapses, not the engine.
            let value = try entry.number(0...10)
            let parameters: [MismatchParameter] = [
                .threshold, .membraneTau, .currentTau, .refractory, .weight,
            ]
            return Dictionary(uniqueKeysWithValues: parameters.map { ($0, value) })
        }
        let section = try entry.section(names)
        var result: [MismatchParameter: Double] = [:]
        for parameter in MismatchParameter.allCases {
            if let value = section[parameter.rawValue] {
                result[parameter] = try value.number(0...10)
            }
        }
        return result
    }

    // MARK: The network

    private func recipe(_ entry: Entry, name: String, step: Double) throws -> NetworkRecipe {
        let section = try entry.section(ExperimentKeys.network)
        let list = try section.required("populations", "A network has at least one.").named()
        var populations: [PopulationRecipe] = []
        var entries: [String: Entry] = [:]
        for (path, entry) in list {
            entries[path] = entry
            populations.append(try population(path, entry, entries, step: step))
        }
        let neurons = populations.reduce(0) { $0 + $1.count }
        guard neurons <= 1 << 20 else {
            throw entry.refusal("has \(neurons) neurons. It may have 1,048,576.")
        }
        var rules: [LearningRule] = []
        var projections: [ProjectionRecipe] = []
        let named = try section["projections"]?.named() ?? []
        for (name, entry) in named {
            projections.append(
                try projection(name, entry, populations, names: named.map(\.0), rules: &rules)
            )
        }
        var synapses = 0
        for (position, projection) in projections.enumerated() {
            let source = populations.first { $0.path == projection.source }?.count ?? 0
            let target = populations.first { $0.path == projection.target }?.count ?? 0
            synapses += source * target
            guard synapses <= 1 << 27 else {
                throw named[position].1.refusal(
                    "brings the network to \(synapses) pairs. It may have 134,217,728."
                )
            }
            try checkFeedback(projection, projections, named[position].1)
            if let count = projection.weights.arrayCount, count != source * target {
                throw named[position].1.refusal(
                    "has an array of \(count) weights. It must hold \(target) × \(source) "
                        + "(targets × sources)."
                )
            }
        }
        return NetworkRecipe(
            name: name,
            timeStep: step,
            populations: populations,
            projections: projections,
            rules: rules
        )
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
                "leads from \(projection.source) to \(projection.target), but is the feedback of "
                    + "\(name), which leads from \(forward.source) to \(forward.target).",
                "Swap from and to."
            )
        }
        guard forward.feedbackOf == nil else {
            throw entry.refusal("is the feedback of \(name), which is a feedback itself.")
        }
    }

    private func population(
        _ path: String,
        _ entry: Entry,
        _ earlier: [String: Entry],
        step: Double
    ) throws -> PopulationRecipe {
        var section = try entry.section(ExperimentKeys.population)
        if let like = section["like"] {
            let name = try like.reference(
                earlier.keys.filter { $0 != path }.sorted(),
                "population above"
            )
            guard let model = earlier[name], var merged = model.node.mapping,
                let own = entry.node.mapping
            else { throw like.refusal("is no section.") }
            for (key, value) in own where key.scalar?.string != "like" { merged[key] = value }
            let mark = entry.node.mark
            var mapping = merged
            mapping.mark = mark
            section = try Entry(file: entry.file, key: entry.key, node: .mapping(mapping))
                .section(ExperimentKeys.population)
        }
        let shape: [Int]
        if let extents = section["shape"] {
            shape = try extents.list(1...8).map { try $0.integer(1...1 << 20) }
        } else {
            shape = [
                try section.required("count", "It is the number of neurons.").integer(1...1 << 20)
            ]
        }
        enum Kind: String, CaseIterable { case lif, sampling, input }
        let kind = try section.required("neuron", "It is lif, sampling or input.").word(Kind.self)
        let neuron: PopulationRecipe.Neuron =
            switch kind {
            case .input: .input
            case .lif: .lif(try lif(section))
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
                try Distribution($0, -1e6...1e6, "", folder: folder)
            } ?? .constant(0),
            compartments: compartments ?? []
        )
    }

    private func lif(_ section: Section) throws -> PopulationRecipe.LIFRecipe {
        func distribution(_ name: String, _ range: ClosedRange<Double>, _ unit: String) throws
            -> Distribution?
        {
            try section[name].map { try Distribution($0, range, unit, folder: folder) }
        }
        guard let tau = try distribution("tau", 1e-3...1e6, "ms") else {
            _ = try section.required("tau", "It is the membrane time constant in ms.")
            return PopulationRecipe.LIFRecipe(
                tau: .constant(1),
                threshold: .constant(1),
                reset: .constant(0),
                refractory: 0,
                noise: []
            )
        }
        return PopulationRecipe.LIFRecipe(
            tau: tau,
            tauSyn: try distribution("tauSyn", 1e-3...1e6, "ms"),
            threshold: try distribution("threshold", 1e-6...1e6, "") ?? .constant(1),
            reset: try distribution("reset", -1e6...1e6, "") ?? .constant(0),
            refractory: try section["refractory"]?.number(0...1e6, "ms") ?? 0,
            noise: try section["noise"].map(noise) ?? []
        )
    }

    private func noise(_ entry: Entry) throws -> [NoiseSource] {
        let parts = try entry.section(ExperimentKeys.noise)
        let deviation = try parts.required(
            "deviation",
            "It is the standard deviation of the free membrane."
        )
        .number(0...1e6)
        let share = try parts["share"]?.number(0...1) ?? 0
        let source = try parts["source"]?.text(atMost: 64) ?? "common"
        var sources: [NoiseSource] = []
        if share < 1 {
            sources.append(NoiseSource(stationaryDeviation: deviation * (1 - share).squareRoot()))
        }
        if share > 0 {
            sources.append(
                NoiseSource(stationaryDeviation: deviation * share.squareRoot(), shared: source)
            )
        }
        return deviation == 0 ? [] : sources
    }

    private func sampling(_ section: Section) throws -> SamplingNeuron {
        let refractory = try section.required("refractory", "It is τ_ref in steps.").integer(
            1...255
        )
        guard let psp = section["psp"] else {
            return SamplingNeuron(refractorySteps: refractory, psp: .rectangular(steps: refractory))
        }
        let parts = try psp.section(ExperimentKeys.psp)
        if let steps = parts["rectangular"] {
            return SamplingNeuron(
                refractorySteps: refractory,
                psp: .rectangular(steps: try steps.integer(1...255))
            )
        }
        if let tau = parts["exponential"] {
            return SamplingNeuron(
                refractorySteps: refractory,
                psp: .exponential(tau: try tau.number(1e-3...1e4, "steps"))
            )
        }
        guard let tau = parts["alpha"] else {
            throw psp.refusal("is empty. It must have rectangular, exponential or alpha.")
        }
        return SamplingNeuron(
            refractorySteps: refractory,
            psp: .alpha(tau: try tau.number(1e-3...1e4, "steps"))
        )
    }

    private func projection(
        _ name: String,
        _ entry: Entry,
        _ populations: [PopulationRecipe],
        names: [String],
        rules: inout [LearningRule]
    ) throws -> ProjectionRecipe {
        let section = try entry.section(ExperimentKeys.projection)
        let paths = populations.map(\.path)
        let source = try section.required("from", "It is the presynaptic population.")
            .reference(paths, "population")
        let targetEntry = try section.required("to", "It is the postsynaptic population.")
        let target = try targetEntry.reference(paths, "population")
        let targetPopulation = populations.first { $0.path == target }
        if case .input? = targetPopulation?.neuron {
            throw targetEntry.refusal(
                "is an input, which has no synapses.",
                "Name a population of neurons."
            )
        }
        let compartments = targetPopulation?.compartments.map(\.name) ?? []
        let compartment = try section["compartment"].map {
            let name = try $0.reference(compartments, "compartment of \(target)")
            return compartments.firstIndex(of: name) ?? 0
        }
        let feedbackOf = try section["feedbackOf"]?.reference(
            names.filter { $0 != name },
            "other projection"
        )
        let rule = try section["rule"].map { try self.rule($0, name: name) }
        if let rule, !rules.contains(where: { $0.name == rule.name }) { rules.append(rule) }
        if let rule, let other = rules.first(where: { $0.name == rule.name }),
            other.entries.map(\.text) != rule.entries.map(\.text)
        {
            throw entry.refusal(
                "has a rule of the name '\(rule.name)', which another rule has too."
            )
        }
        return ProjectionRecipe(
            name: name,
            source: source,
            target: target,
            compartment: compartment ?? 0,
            feedbackOf: feedbackOf,
            pairs: try pairs(section["connect"], isFeedback: feedbackOf != nil),
            allowsAutapses: try section["autapses"]?.flag() ?? false,
            weights: try Distribution(
                section.required("weights", "A number, a distribution or an array."),
                -1e6...1e6,
                "",
                folder: folder
            ),
            fullScale: try section["fullScale"]?.number(1e-9...1e9),
            delay: try section["delay"]?.integer(1...62) ?? 1,
            rule: rule?.name
        )
    }

    private func pairs(_ entry: Entry?, isFeedback: Bool) throws -> ProjectionRecipe.Pairs {
        guard let entry else { return isFeedback ? .mirrored : .all }
        if entry.node.mapping != nil {
            let parts = try entry.section(ExperimentKeys.connect)
            if let value = parts["probability"] { return .probability(try value.number(0...1)) }
            if let value = parts["inDegree"] { return .inDegree(try value.integer(0...1 << 20)) }
            if let value = parts["outDegree"] { return .outDegree(try value.integer(0...1 << 20)) }
            throw entry.refusal("is empty. It must have probability, inDegree or outDegree.")
        }
        enum Word: String, CaseIterable { case allToAll, oneToOne, mirrored }
        switch try entry.word(Word.self) {
        case .allToAll: return .all
        case .oneToOne: return .oneToOne
        case .mirrored:
            guard isFeedback else {
                throw entry.refusal("is mirrored, but the projection names no feedbackOf.")
            }
            return .mirrored
        }
    }

    /// A rule: a file, or the rule itself.
    private func rule(_ entry: Entry, name: String) throws -> LearningRule {
        if entry.node.mapping != nil {
            return try RuleFile.rule(entry, name: "rule of \(name)")
        }
        let file = try entry.text()
        let path = file.hasPrefix("/") || folder.isEmpty ? file : folder + "/" + file
        do {
            return try RuleFile.rule(path: path)
        } catch let error as DescriptionError where error.line == 0 {
            throw entry.refusal("names '\(file)'. \(error.what)", error.advice)
        }
    }

    // MARK: Phases

    private func phase(_ entry: Entry, _ recipe: NetworkRecipe) throws -> LearningPhase {
        let section = try entry.section(ExperimentKeys.phase)
        if let trim = section["trim"] {
            let parts = try trim.section(ExperimentKeys.trim)
            return .trim(
                TrimPhase(
                    rounds: try parts.required("rounds", "").integer(1...10_000),
                    seconds: try parts.required("seconds", "It is the length of a round.")
                        .number(1e-3...1e9, "s"),
                    target: try parts.required("target", "It is a rate in Hz.").number(
                        1e-3...1e5,
                        "Hz"
                    ),
                    gain: try parts.required("gain", "It is the step of the bias.").number(0...1e6)
                )
            )
        }
        return .run(try run(section.required("run", "A phase is trim or run."), recipe))
    }

    private func run(_ entry: Entry, _ recipe: NetworkRecipe) throws -> RunPhase {
        let parts = try entry.section(ExperimentKeys.run)
        let plastic = recipe.projections.filter { $0.rule != nil }.map(\.name)
        let populations = recipe.populations.map(\.path)
        var phase = RunPhase(
            name: try parts["name"]?.text(atMost: 64) ?? "run",
            seconds: try parts.required("seconds", "It is the length of the phase.")
                .number(0...1e9, "s")
        )
        if let rules = parts["rules"] {
            for (name, state) in try rules.named() {
                _ = try state.placedReference(name, plastic, "projection with a rule")
                if try state.flag() { phase.learning.append(name) }
            }
        } else {
            phase.learning = plastic
        }
        for (name, course) in try parts["amplitudes"]?.named(atMost: 64) ?? [] {
            phase.amplitudes.append(try amplitude(name, course, plastic))
        }
        if let control = parts["homeostasis"], control.node.mapping != nil {
            let parts = try control.section(ExperimentKeys.homeostasis)
            phase.rateControl = RateControlPlan(
                populations: try parts["populations"]?.list(1...10_000).map {
                    try $0.reference(populations, "population")
                } ?? [],
                target: try parts.required("target", "It is a rate in Hz.").number(
                    1e-3...1e5,
                    "Hz"
                ),
                step: try parts.required("h", "It is the step of the bias.").number(0...1e6),
                everySeconds: try parts["everySeconds"]?.number(1e-6...1e6, "s") ?? 1
            )
        } else if let control = parts["homeostasis"], try control.flag() {
            throw control.refusal("must be a section with target and h, or off.")
        }
        if let attenuation = parts["attenuation"], attenuation.node.scalar?.string == "auto" {
            phase.choosesAttenuation = true
        } else {
            try readAttenuation(parts["attenuation"], populations, &phase)
        }
        if let monitor = parts["monitor"] {
            if monitor.node.mapping != nil {
                let parts = try monitor.section(ExperimentKeys.monitor)
                var plan = MonitorPlan()
                if let value = parts["everySeconds"] {
                    plan.everySeconds = try value.number(1e-3...1e9)
                }
                if let value = parts["saturatedShare"] {
                    plan.saturatedShare = try value.number(0...1)
                }
                if let value = parts["drift"] {
                    plan.driftInStandardErrors = try value.number(0...1e6)
                }
                phase.monitor = plan
            } else if try monitor.flag() {
                phase.monitor = MonitorPlan()
            }
        }
        for stimulus in try parts["stimuli"]?.list(0...1000) ?? [] {
            phase.stimuli.append(try self.stimulus(stimulus, recipe))
        }
        return phase
    }

    private func readAttenuation(
        _ entry: Entry?,
        _ populations: [String],
        _ phase: inout RunPhase
    ) throws {
        guard let entry else { return }
        guard entry.node.mapping != nil else {
            throw entry.refusal("is \(entry.shown). It must be auto, or a shift for each population.")
        }
        for (name, shift) in try entry.named() {
            _ = try shift.placedReference(name, populations, "population")
            phase.attenuation[name] = try shift.integer(0...15)
        }
    }

    private func amplitude(_ name: String, _ entry: Entry, _ plastic: [String]) throws
        -> AmplitudeCourse
    {
        guard entry.node.mapping != nil else {
            let value = try entry.number(-1e6...1e6)
            return AmplitudeCourse(name: name, from: value, to: value)
        }
        let parts = try entry.section(ExperimentKeys.amplitude)
        let from = try parts.required("from", "It is the amplitude at the start.").number(
            -1e6...1e6
        )
        let to = try parts["to"]?.number(-1e6...1e6) ?? from
        let shape = try parts["shape"]?.word(AmplitudeCourse.Shape.self) ?? .geometric
        if shape == .geometric, from != to, from <= 0 || to <= 0 {
            throw entry.refusal(
                "falls geometrically from \(from) to \(to). Both must be above 0.",
                "Write shape: linear, or other values."
            )
        }
        return AmplitudeCourse(
            projection: try parts["projection"]?.reference(plastic, "projection with a rule"),
            name: name,
            from: from,
            to: to,
            shape: shape,
            everySteps: try parts["everySteps"]?.integer(1...1 << 30) ?? 1024
        )
    }

    private func stimulus(_ entry: Entry, _ recipe: NetworkRecipe) throws -> Stimulus {
        let section = try entry.section(ExperimentKeys.stimulus)
        let inputs = recipe.populations.filter {
            if case .input = $0.neuron { true } else { false }
        }
        .map(\.path)
        let neurons = recipe.populations.map(\.path).filter { !inputs.contains($0) }
        if let poisson = section["poisson"] {
            let parts = try poisson.section(ExperimentKeys.poisson)
            return .poisson(
                input: try parts.required("input", "").reference(inputs, "input"),
                rate: try parts.required("rate", "It is a rate in Hz.").number(0...1e6, "Hz")
            )
        }
        if let spikes = section["spikes"] {
            return try self.spikes(spikes, inputs)
        }
        let current = try section.required("current", "A stimulus is poisson, spikes or current.")
        let parts = try current.section(ExperimentKeys.current)
        let from = try parts["fromSeconds"]?.number(0...1e9, "s") ?? 0
        return .current(
            population: try parts.required("population", "").reference(
                neurons,
                "population of neurons"
            ),
            value: try parts.required("value", "It is added to the biases.").number(-1e6...1e6),
            from: from,
            to: try parts["toSeconds"]?.number(from...1e9, "s") ?? 1e9
        )
    }

    private func spikes(_ entry: Entry, _ inputs: [String]) throws -> Stimulus {
        let parts = try entry.section(ExperimentKeys.spikes)
        let file = try parts.required("file", "It is an NPZ file.")
        let array = try parts.required("array", "Its rows are step and channel.").text()
        let values = try Distribution.array(try file.text(), array, folder: folder, entry: file)
        guard values.count.isMultiple(of: 2), values.allSatisfy({ $0 >= 0 && $0 < 4e9 }) else {
            throw file.refusal("holds an array '\(array)' that is no list of (step, channel).")
        }
        let pairs = stride(from: 0, to: values.count, by: 2).map {
            (UInt32(values[$0]), UInt32(values[$0 + 1]))
        }.sorted { $0 < $1 }
        return .spikes(
            input: try parts.required("input", "").reference(inputs, "input"),
            steps: pairs.map(\.0),
            channels: pairs.map(\.1),
            period: try parts["periodInSteps"]?.integer(1...1 << 40)
        )
    }
}

extension Entry {
    /// Checks a name that stands as a key, at the place of its value.
    func placedReference(_ name: String, _ names: [String], _ what: String)
        throws(DescriptionError) -> String
    {
        guard names.contains(name) else {
            let list = names.isEmpty ? "there is none" : names.prefix(20).joined(separator: ", ")
            throw refusal(
                "is for '\(name)', which is no \(what). It must be one of: \(list).",
                Self.suggestion(name, among: names)
            )
        }
        return name
    }
}
