import Diagnostics
import NetworkIR
import Yams

/// Reads the sections of a circuit study.
struct CircuitReader {
    /// What file names are relative to.
    let folder: String

    private var experiments: ExperimentReader { ExperimentReader(folder: folder) }

    func circuit(_ root: Entry) throws -> Circuit {
        let section = try root.section(CircuitKeys.document)
        let network = try section.required("network", "It holds the hidden layers.")
            .section(CircuitKeys.network)
        let hidden = try network.required("hidden", "It lists the neurons of each hidden layer.")
            .list(1...16).map { item throws(DescriptionError) in try item.integer(1...4096) }
        let dendrites = try section.required("dendrites", "It says what a soma feels of them.")
            .section(CircuitKeys.dendrites)
        let learning = try section.required("learning", "It holds the rule of the forward weights.")
            .section(CircuitKeys.learning)
        var rules: [LearningRule] = []
        let rule = try self.rule(learning, "learning", &rules)
        let alignment = try section["alignment"].map { try self.alignment($0, &rules) }
        let feedback = try section.required("feedback", "It says where feedback weights come from.")
            .word(CircuitFeedback.self)
        if feedback == .aligned, alignment == nil {
            throw root.refusal(
                .descriptionKeysTogether,
                "has feedback: aligned and no alignment. It says by which rule.",
                "Add the section alignment."
            )
        }
        let layers = hidden.count + 1
        enum Numerics: String, CaseIterable { case chip, float }
        return Circuit(
            name: try section.required("circuit", "It is the name.").text(atMost: 64),
            summary: try section["summary"]?.text() ?? "",
            chip: try section["chip"].map(experiments.chip) ?? "pilot",
            chipSettings: try experiments.settings(section["chipSettings"]),
            seeds: try experiments.seeds(section["seeds"]),
            task: try task(
                section.required("task", "It says what is learned."),
                hidden: hidden
            ),
            hidden: hidden,
            refractorySteps: try network["refractory"]?.integer(1...255) ?? 10,
            inputTau: try network["inputTau"]?.number(1...1e3, "steps"),
            biases: try numbers(network["bias"], layers, -20...20, absent: 0),
            fullScales: try numbers(network["fullScale"], layers, 1e-3...1e3, absent: 4),
            initialLimits: try numbers(network["initial"], layers, 0...1e3, absent: 1),
            initialFeedbackLimit: try network["initialFeedback"]?.number(0...1e3, "log-odds") ?? 1,
            apicalCoupling: try dendrites["apical"]?.number(0...16) ?? 0.02,
            nudging: try dendrites["nudging"]?.number(0...1) ?? 0.6,
            averagingShift: try averaging(dendrites["averaging"]),
            schedule: try schedule(section.required("schedule", "It says how long it learns.")),
            rule: rule,
            rates: try numbers(
                learning.required("rates", "It is the rate of the forward weights."),
                layers,
                0...100,
                absent: 0
            ),
            rateDecay: try learning["decay"]?.number(1e-6...1) ?? 1,
            feedback: feedback,
            alignment: alignment,
            isFloat: try section["numerics"]?.word(Numerics.self) == .float
        )
    }

    private func averaging(_ entry: Entry?) throws(DescriptionError) -> Int {
        guard let entry else { return 10 }
        let steps = try entry.integer(2...4096)
        guard steps & (steps - 1) == 0 else {
            throw entry.refusal(
                "is \(steps). The chip averages by shifts: it must be a power of two in 2...4096.",
                "The nearest below is \(1 << (steps.bitWidth - 1 - steps.leadingZeroBitCount))."
            )
        }
        return steps.trailingZeroBitCount
    }

    /// A number for all layers of weights, or a list of one for each, the lowest first.
    private func numbers(
        _ entry: Entry?,
        _ layers: Int,
        _ range: ClosedRange<Double>,
        absent: Double
    ) throws(DescriptionError) -> [Double] {
        guard let entry else { return .init(repeating: absent, count: layers) }
        guard entry.node.sequence != nil else {
            return .init(repeating: try entry.number(range), count: layers)
        }
        let items = try entry.list(1...64)
        guard items.count == layers else {
            throw entry.refusal(
                .descriptionKeysTogether,
                "has \(items.count) values. The network has \(layers) layers of weights.",
                "Give one for each, the lowest first, or one number for all."
            )
        }
        var numbers: [Double] = []
        for item in items { numbers.append(try item.number(range)) }
        return numbers
    }

    private func rule(
        _ section: Section,
        _ name: String,
        _ rules: inout [LearningRule]
    ) throws -> LearningRule {
        let entry = try section.required("rule", "It is the rule of the weights.")
        let name = try experiments.rule(entry, name: name, &rules)
        guard let rule = rules.first(where: { $0.name == name }) else {
            throw entry.refusal(.descriptionMissing, "has no rule.")
        }
        return rule
    }

    private func alignment(_ entry: Entry, _ rules: inout [LearningRule]) throws
        -> CircuitAlignment
    {
        enum Inputs: String, CaseIterable { case samples, silent }
        let section = try entry.section(CircuitKeys.alignment)
        return CircuitAlignment(
            rule: try rule(section, "alignment", &rules),
            eta: try section.required("eta", "It is the amplitude of the rule.").number(0...100),
            etaDecay: try section["decay"]?.number(1e-6...1) ?? 1,
            patterns: try section["patterns"]?.integer(0...1_000_000) ?? 1,
            firstPatterns: try section["firstPatterns"]?.integer(0...1_000_000) ?? 0,
            steps: try section.required("steps", "It is the length of an alignment pattern.")
                .integer(1...100_000_000),
            isSilent: try section["inputs"]?.word(Inputs.self) == .silent
        )
    }

    private func schedule(_ entry: Entry) throws(DescriptionError) -> CircuitSchedule {
        let section = try entry.section(CircuitKeys.schedule)
        let steps = try section.required("steps", "It is the length of a pattern.")
            .integer(1...100_000_000)
        let testSteps = try section["testSteps"]?.integer(1...100_000_000) ?? steps
        return CircuitSchedule(
            epochs: try section.required("epochs", "It is their number.").integer(1...1_000_000),
            patterns: try section.required("patterns", "It is their number in an epoch.")
                .integer(1...1_000_000),
            steps: steps,
            lag: try section["lag"]?.integer(0...steps - 1) ?? 0,
            testSteps: testSteps,
            testLag: try section["testLag"]?.integer(0...testSteps - 1) ?? 0
        )
    }

    private func task(_ entry: Entry, hidden: [Int]) throws(DescriptionError) -> CircuitTask {
        let section = try entry.section(CircuitKeys.task)
        guard try section.one(of: CircuitKeys.task) == "teacher" else {
            let body = try section.required("yinYang", "").section(CircuitKeys.yinYang)
            let target = try body["target"]?.number(-100...100, "log-odds") ?? 1
            return .yinYang(
                YinYangTask(
                    training: try body.required("training", "It is the number of samples.")
                        .integer(1...1_000_000),
                    test: try body.required("test", "It is the number of samples read once.")
                        .integer(1...1_000_000),
                    scale: try body["scale"]?.number(0...100, "log-odds") ?? 3,
                    constant: try body["constant"]?.number(-100...100, "log-odds"),
                    target: target,
                    otherTarget: try body["otherTarget"]?.number(-100...100, "log-odds") ?? -target
                )
            )
        }
        let body = try section.required("teacher", "").section(CircuitKeys.teacher)
        func numbers(_ key: String, _ what: String) throws(DescriptionError) -> [Double] {
            var numbers: [Double] = []
            for item in try body.required(key, what).list(1...1000) {
                numbers.append(try item.number(-100...100))
            }
            return numbers
        }
        let weights = try numbers("weights", "It lists the teacher's weights, one a layer.")
        guard weights.count == hidden.count + 1, hidden.allSatisfy({ $0 == 1 }) else {
            throw entry.refusal(
                .descriptionKeysTogether,
                "is taught by \(weights.count) weights, and the hidden layers have \(hidden) neurons. A "
                    + "teacher is a chain: one neuron and one weight a layer.",
                "Write \(hidden.count + 1) weights, and network.hidden as a list of ones."
            )
        }
        return .teacher(
            weights: weights,
            training: try numbers("training", "It lists input potentials to learn from."),
            validation: try numbers("validation", "It lists input potentials to validate with.")
        )
    }
}
