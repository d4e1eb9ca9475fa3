import Diagnostics
import NetworkIR
import Samples
import Yams

extension ExperimentReader {
    /// Most phases, repeated ones counted each time.
    static let mostPhases = 10_000
    /// Longest experiment, in steps.
    static let mostSteps = 0x1p40

    /// Phases as they are read, and what they add up to.
    private struct Schedule {
        var phases: [LearningPhase] = []
        var steps = 0.0
        /// Phases, and those left out.
        var count = 0
    }

    func phases(_ entry: Entry, _ recipe: NetworkRecipe) throws(DescriptionError) -> [LearningPhase]
    {
        var schedule = Schedule()
        try append(entry, recipe, to: &schedule, depth: 0)
        return schedule.phases
    }

    private func append(
        _ entry: Entry,
        _ recipe: NetworkRecipe,
        to schedule: inout Schedule,
        depth: Int
    ) throws(DescriptionError) {
        for item in try entry.list(1...1000) {
            let section = try item.section(ExperimentKeys.phase)
            let kind = try section.one(of: ExperimentKeys.phase)
            let body = try section.required(kind, "")
            guard kind != "repeat" else {
                let parts = try body.section(ExperimentKeys.repeat)
                let times = try parts.required("times", "It is the number of repetitions.")
                    .integer(1...Self.mostPhases)
                let phases = try parts.required("phases", "They are what is repeated.")
                guard depth < 4 else {
                    throw body.refusal(
                        .descriptionTooLarge,
                        "is nested too deeply. Four repeats may stand in each other."
                    )
                }
                for _ in 0..<times {
                    try append(phases, recipe, to: &schedule, depth: depth + 1)
                }
                continue
            }
            schedule.count += 1
            if kind == "trim" {
                let trim = try trim(body)
                schedule.steps += Double(trim.rounds) * trim.seconds * 1000 / recipe.milliseconds
                // None is how an arm leaves the trim of its document out.
                if trim.rounds > 0 { schedule.phases.append(.trim(trim)) }
            } else {
                let run = try run(body, recipe)
                schedule.steps += run.seconds * 1000 / recipe.milliseconds
                schedule.phases.append(.run(run))
            }
            guard schedule.count <= Self.mostPhases, schedule.steps <= Self.mostSteps else {
                throw body.refusal(
                    .descriptionTooLarge,
                    "brings the experiment to \(schedule.count) phases and "
                        + "\(Entry.plain(schedule.steps.rounded())) steps. It may have "
                        + "\(Self.mostPhases) phases and \(Entry.plain(Self.mostSteps)) steps.",
                    "Shorten it."
                )
            }
        }
    }

    private func trim(_ entry: Entry) throws(DescriptionError) -> TrimPhase {
        let parts = try entry.section(ExperimentKeys.trim)
        return TrimPhase(
            rounds: try parts.required("rounds", "It is the number of rounds.").integer(0...10_000),
            seconds: try parts.required("seconds", "It is the length of a round.")
                .number(1e-3...1e9, "s"),
            target: try parts.required("target", "It is a rate in Hz.").number(1e-3...1e5, "Hz"),
            gain: try parts.required("gain", "It is the step of the bias.").number(0...1e6)
        )
    }

    func run(_ entry: Entry, _ recipe: NetworkRecipe) throws(DescriptionError) -> RunPhase {
        let parts = try entry.section(ExperimentKeys.run)
        let populations = recipe.populations.map(\.path)
        let neurons = recipe.populations.filter { !$0.isInput }.map(\.path)
        var phase = RunPhase(
            name: try parts["name"]?.text(atMost: 64) ?? "run",
            seconds: try parts.required("seconds", "It is the length of the phase.")
                .number(0...1e9, "s"),
            learning: try learning(parts["rules"], recipe),
            rateControl: try parts["homeostasis"].map { entry throws(DescriptionError) in
                try rateControl(entry, neurons)
            } ?? nil,
            monitor: try parts["monitor"].map { entry throws(DescriptionError) in
                try monitor(entry)
            } ?? nil
        )
        if let entry = parts["servo"] {
            phase.servos = try servos(entry, recipe, learning: phase.learning)
        }
        for (name, course) in try parts["amplitudes"]?.named(atMost: 64) ?? [] {
            for course in course.node.sequence == nil ? [course] : try course.list(1...64) {
                phase.amplitudes.append(try amplitude(name, course, recipe))
            }
        }
        if let attenuation = parts["attenuation"], attenuation.node.mapping == nil {
            guard attenuation.node.scalar?.string == "auto" else {
                throw attenuation.refusal(
                    "is \(attenuation.shown). It must be auto, or a shift for each population."
                )
            }
            phase.choosesAttenuation = true
        } else {
            for (name, shift) in try parts["attenuation"]?.named() ?? [] {
                try shift.checkName(name, neurons, "population of neurons")
                phase.attenuation[name] = try shift.integer(0...15)
            }
        }
        for stimulus in try parts["stimuli"]?.list(0...1000) ?? [] {
            phase.stimuli += try stimuli(stimulus, recipe, populations)
        }
        return phase
    }

    /// Projections whose rules are on: all that have one, or as named.
    private func learning(_ entry: Entry?, _ recipe: NetworkRecipe) throws(DescriptionError)
        -> [String]
    {
        let plastic = recipe.projections.filter { $0.rule != nil }.map(\.name)
        guard let entry else { return plastic }
        guard entry.node.mapping != nil else { return try entry.flag() ? plastic : [] }
        var result: [String] = []
        for (name, state) in try entry.named() {
            try state.checkName(name, plastic, "projection with a rule")
            if try state.flag() { result.append(name) }
        }
        return result
    }

    private func rateControl(_ entry: Entry, _ neurons: [String]) throws(DescriptionError)
        -> RateControlPlan?
    {
        guard entry.node.mapping != nil else {
            guard try entry.flag() else { return nil }
            throw entry.refusal(
                .descriptionMissing,
                "is on, but says no rate. It must be a section with target and h, or off.",
                "Write for example { target: 30, h: 0.005 }."
            )
        }
        let parts = try entry.section(ExperimentKeys.homeostasis)
        var populations: [String] = []
        for item in try parts["populations"]?.list(1...10_000) ?? [] {
            populations.append(try item.reference(neurons, "population of neurons"))
        }
        return RateControlPlan(
            populations: populations,
            target: try parts.required("target", "It is a rate in Hz.").number(1e-3...1e5, "Hz"),
            step: try parts.required("h", "It is the step of the bias.").number(0...1e6),
            everySeconds: try parts["everySeconds"]?.number(1e-6...1e6, "s") ?? 1
        )
    }

    /// Gain servos: on, off, one for all projections, or a list of them.
    private func servos(_ entry: Entry, _ recipe: NetworkRecipe, learning: [String])
        throws(DescriptionError) -> [GainServoPlan]
    {
        if entry.node.scalar != nil { return try entry.flag() ? [GainServoPlan()] : [] }
        let plastic = recipe.projections.filter { $0.rule != nil }.map(\.name)
        var taken: Set<String> = []
        var plans: [GainServoPlan] = []
        for item in entry.node.sequence == nil ? [entry] : try entry.list(1...64) {
            let parts = try item.section(ExperimentKeys.servo)
            let law = try parts["law"]?.word(GainServoPlan.Law.self) ?? .exact
            var plan = GainServoPlan(
                kappa: try parts["kappa"]?.number(0...4096),
                everySteps: try parts["everySteps"]?.integer(1...1 << 30) ?? 1000,
                law: law
            )
            for name in try parts["projections"]?.list(1...10_000) ?? [] {
                plan.projections.append(try name.reference(plastic, "projection with a rule"))
            }
            if law == .shifts, let kappa = parts["kappa"],
                plan.kappa < 1 || plan.kappa.significand != 1
            {
                throw kappa.refusal(
                    "is \(kappa.shown). With law: shifts it must be a power of two in 1...4096.",
                    "Write 32, or law: exact."
                )
            }
            let names = plan.projections.isEmpty ? learning : plan.projections
            for name in names where !taken.insert(name).inserted {
                throw item.refusal(
                    .descriptionTwice,
                    "is a second gain servo for '\(name)'. A projection has one.",
                    "Name in projections which of them each servo is for."
                )
            }
            plans.append(plan)
        }
        return plans
    }

    private func monitor(_ entry: Entry) throws(DescriptionError) -> MonitorPlan? {
        guard entry.node.mapping != nil else { return try entry.flag() ? MonitorPlan() : nil }
        let parts = try entry.section(ExperimentKeys.monitor)
        var plan = MonitorPlan()
        if let value = parts["everySeconds"] {
            plan.everySeconds = try value.number(1e-3...1e9, "s")
        }
        if let value = parts["saturatedShare"] { plan.saturatedShare = try value.number(0...1) }
        if let value = parts["drift"] { plan.driftInStandardErrors = try value.number(0...1e6) }
        if let value = parts["strayShare"] { plan.strayShare = try value.number(0...1) }
        return plan
    }

    private func amplitude(_ name: String, _ entry: Entry, _ recipe: NetworkRecipe)
        throws(DescriptionError) -> AmplitudeCourse
    {
        let plastic = recipe.projections.filter { $0.rule != nil }
        var course = AmplitudeCourse(name: name, from: 0, to: 0)
        let range = -1e6...1e6
        if entry.node.mapping == nil {
            course.from = try entry.number(range)
            course.to = course.from
        } else {
            let parts = try entry.section(ExperimentKeys.amplitude)
            course.from = try parts.required("from", "It is the amplitude at the start.")
                .number(range)
            course.to = try parts["to"]?.number(range) ?? course.from
            course.shape = try parts["shape"]?.word(AmplitudeCourse.Shape.self) ?? .geometric
            course.everySteps = try parts["everySteps"]?.integer(1...1 << 30) ?? 1024
            course.projection = try parts["projection"]?.reference(
                plastic.map(\.name),
                "projection with a rule"
            )
        }
        if course.shape == .geometric, course.from != course.to, course.from <= 0 || course.to <= 0
        {
            throw entry.refusal(
                "moves geometrically from \(course.from) to \(course.to). Both must be above 0.",
                "Write shape: linear, or other values."
            )
        }
        // Whether the rule means it as an amplitude is for its compiler to say.
        let rules = plastic.filter { course.projection == nil || course.projection == $0.name }
            .compactMap { projection in recipe.rules.first { $0.name == projection.rule } }
        let words = Set(rules.flatMap { $0.entries.flatMap { RuleFile.words(of: $0.text) } })
        try entry.checkName(name, words.sorted(), "name in the rules of these projections")
        return course
    }

    // MARK: Stimuli

    private func stimuli(_ entry: Entry, _ recipe: NetworkRecipe, _ populations: [String])
        throws(DescriptionError) -> [Stimulus]
    {
        guard let body = entry.node.mapping?["open"] else {
            return [try stimulus(entry, recipe, populations)]
        }
        _ = try entry.section(ExperimentKeys.stimulus).one(of: ExperimentKeys.stimulus)
        let part = try entry.child("open", body).section(ExperimentKeys.open)
            .required("part", "It is a part with addFeedback.")
        let name = try part.reference(recipe.gates.keys.sorted(), "part with addFeedback")
        return (recipe.gates[name] ?? []).map {
            .current(population: $0.population, value: $0.value, from: 0, to: 1e9)
        }
    }

    private func stimulus(_ entry: Entry, _ recipe: NetworkRecipe, _ populations: [String])
        throws(DescriptionError) -> Stimulus
    {
        let inputs = recipe.populations.filter(\.isInput)
        let section = try entry.section(ExperimentKeys.stimulus)
        let kind = try section.one(of: ExperimentKeys.stimulus)
        let body = try section.required(kind, "")
        switch kind {
        case "poisson":
            let parts = try body.section(ExperimentKeys.poisson)
            return .poisson(
                input: try parts.required("input", "It is a population of neuron input.")
                    .reference(inputs.map(\.path), "input"),
                rate: try parts.required("rate", "It is a rate in Hz.").number(0...1e6, "Hz")
            )
        case "spikes": return try spikes(body, inputs)
        default:
            let parts = try body.section(ExperimentKeys.current)
            let from = try parts["fromSeconds"]?.number(0...1e9, "s") ?? 0
            return .current(
                population: try parts.required("population", "It is a population of neurons.")
                    .reference(
                        populations.filter { name in !inputs.contains { $0.path == name } },
                        "population of neurons"
                    ),
                value: try parts.required("value", "It is added to the biases.")
                    .number(-1e6...1e6),
                from: from,
                to: try parts["toSeconds"]?.number(from...1e9, "s") ?? 1e9
            )
        }
    }

    private func spikes(_ entry: Entry, _ inputs: [PopulationRecipe]) throws(DescriptionError)
        -> Stimulus
    {
        let parts = try entry.section(ExperimentKeys.spikes)
        let input = try parts.required("input", "It is a population of neuron input.")
            .reference(inputs.map(\.path), "input")
        let channels = inputs.first { $0.path == input }?.count ?? 0
        let file = try parts.required("file", "It is an NPZ or HDF5 file.")
        let name = try parts.required("array", "Its rows are step and channel.").text()
        let array = try Distribution.numbers(file, name, folder: folder)
        guard array.shape.count == 2, array.shape[1] == 2 else {
            throw file.refusal(
                .descriptionArray,
                "has an array '\(name)' of \(array.shape). It must be N × 2: step, channel.",
                "Save one row a spike."
            )
        }
        var spikes: [(UInt32, UInt32)] = []
        spikes.reserveCapacity(array.shape[0])
        for row in 0..<array.shape[0] {
            guard let step = UInt32(exactly: array.values[2 * row]),
                let channel = UInt32(exactly: array.values[2 * row + 1]), channel < channels
            else {
                throw file.refusal(
                    .descriptionArray,
                    "has (\(array.values[2 * row]), \(array.values[2 * row + 1])) in row \(row) of "
                        + "'\(name)'. Steps are whole numbers in 0...4294967295, channels of "
                        + "'\(input)' in 0...\(channels - 1)."
                )
            }
            spikes.append((step, channel))
        }
        spikes.sort { $0 < $1 }
        return .spikes(
            input: input,
            steps: spikes.map(\.0),
            channels: spikes.map(\.1),
            period: try parts["periodInSteps"]?.integer(1...1 << 40)
        )
    }
}
