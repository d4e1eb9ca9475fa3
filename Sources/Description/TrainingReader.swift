import Diagnostics
import NetworkIR
import Samples
import Yams

/// Reads the sections of a training study.
struct TrainingReader {
    /// What file names are relative to.
    let folder: String

    private var experiments: ExperimentReader { ExperimentReader(folder: folder) }

    func training(_ root: Entry) throws -> Training {
        let section = try root.section(TrainingKeys.document)
        let network = try section.required("network", "It holds the hidden layers.")
            .section(TrainingKeys.network)
        let hidden = try network.required("hidden", "It lists the neurons of each hidden layer.")
            .list(1...64).map { item throws(DescriptionError) in try item.integer(1...4096) }
        let fullScale = try fullScale(section["weights"])
        let feedback = try section.required("feedback", "It says where feedback weights come from.")
            .word(FeedbackSource.self)
        let tracking = try section["tracking"]?.flag() ?? false
        let alignment = try section["alignment"].map {
            try self.alignment($0, hidden, fullScale ?? 1)
        }
        if feedback == .aligned {
            guard alignment != nil else {
                throw root.refusal(
                    .descriptionKeysTogether,
                    "has feedback: aligned and no alignment. It says how a chip aligns.",
                    "Add the section alignment."
                )
            }
            guard fullScale != nil else {
                throw (section["weights"] ?? root).refusal(
                    .descriptionKeysTogether,
                    "keeps weights as float, and a chip aligns registers.",
                    "Write weights: { fullScale: 2.0 }."
                )
            }
        }
        if tracking, ![.aligned, .mirror].contains(feedback), let entry = section["tracking"] {
            throw entry.refusal(
                .descriptionKeysTogether,
                "is on for feedback: \(feedback.rawValue). It is for aligned feedback; kolenPollack "
                    + "tracks by itself.",
                "Delete tracking."
            )
        }
        return Training(
            name: try section.required("training", "It is the name.").text(atMost: 64),
            summary: try section["summary"]?.text() ?? "",
            chip: try section["chip"].map(experiments.chip) ?? "pilot",
            chipSettings: try experiments.settings(section["chipSettings"]),
            seeds: try experiments.seeds(section["seeds"]),
            data: try data(section.required("data", "It says what is learned.")),
            hidden: hidden,
            initialGain: try network["gain"]?.number(1e-6...1e6) ?? 4.5,
            fullScale: fullScale,
            epochs: try section["epochs"]?.integer(1...100_000) ?? 20,
            batchSize: try section["batch"]?.integer(1...65_536) ?? 20,
            learningRates: try rates(section["learningRate"]),
            momentum: try section["momentum"]?.number(0...0.999) ?? 0.9,
            feedback: feedback,
            tracking: tracking,
            decay: try section["decay"]?.number(0...10) ?? 0.02,
            mismatch: try section["mismatch"]?.number(0...10) ?? 0,
            inputNoise: try section["inputNoise"]?.number(0...1e3) ?? 0,
            spikeNoise: try spikeNoise(section["spikeNoise"]),
            thresholdNoise: try section["thresholdNoise"]?.number(0...1e3) ?? 0,
            alignment: alignment
        )
    }

    private func rates(_ entry: Entry?) throws(DescriptionError) -> [Double] {
        guard let entry else { return [0.01] }
        let items = entry.node.sequence == nil ? [entry] : try entry.list(1...32)
        var result: [Double] = []
        for item in items { result.append(try item.number(1e-9...100)) }
        return result
    }

    private func spikeNoise(_ entry: Entry?) throws(DescriptionError) -> Double {
        guard let entry else { return 0 }
        let value = try entry.number(0...10)
        guard value == 0 || value >= 1e-3 else {
            throw entry.refusal(
                "is \(value). It must be 0, or in 0.001...10: a value of 1 travels as 1/spikeNoise² "
                    + "spikes, at most a million."
            )
        }
        return value
    }

    private func fullScale(_ entry: Entry?) throws(DescriptionError) -> Double? {
        guard let entry, entry.node.mapping != nil else {
            enum Word: String, CaseIterable { case float }
            _ = try entry?.word(Word.self)
            return nil
        }
        return try entry.section(TrainingKeys.weights)
            .required("fullScale", "It is the weight at the upper end of the registers.")
            .number(1e-6...1e6)
    }

    // MARK: Data

    private func data(_ entry: Entry) throws -> TrainingData {
        let section = try entry.section(TrainingKeys.data)
        let kind = try section.one(of: ["images", "yinYang", "temporalXOR"])
        let body = try section.required(kind, "")
        func count() throws(DescriptionError) -> Int {
            try body.section(TrainingKeys.generated)
                .required("samples", "It is their number.").integer(3...1_000_000)
        }
        let samples: TrainingSamples =
            switch kind {
            case "yinYang": .yinYang(count: try count())
            case "temporalXOR": .temporalXOR(count: try count())
            default: try images(body)
            }
        let total =
            switch samples {
            case .images(_, _, let labels, _): labels.count
            case .yinYang(let count), .temporalXOR(let count): count
            }
        let validation = try section["validation"]?.integer(0...total - 1) ?? 0
        let test = try section.required("test", "It is the number of samples that are read once.")
            .integer(1...total - 1)
        guard validation + test < total else {
            throw entry.refusal(
                "keeps \(validation) + \(test) of \(total) samples back. At least one must be left to "
                    + "learn from.",
                "Lower validation or test."
            )
        }
        return TrainingData(samples: samples, validation: validation, test: test)
    }

    private func images(_ entry: Entry) throws(DescriptionError) -> TrainingSamples {
        let section = try entry.section(TrainingKeys.images)
        let file = try section.required("file", "It is an NPZ file.")
        func array(_ key: String) throws(DescriptionError) -> NumberArray {
            let name = try section[key]?.text() ?? (key == "inputs" ? "images" : "labels")
            return try Distribution.numbers(file, name, folder: folder)
        }
        let (inputs, labels) = (try array("inputs"), try array("labels"))
        let scale = try section["scale"]?.number(1e-9...1e9) ?? 1
        guard inputs.shape.count >= 2, labels.shape == [inputs.shape[0]], inputs.shape[0] >= 2
        else {
            throw file.refusal(
                .descriptionArray,
                "has inputs of \(inputs.shape) and labels of \(labels.shape). They must be of samples × "
                    + "features and of samples, two or more.",
                "Name the arrays with inputs: and labels:."
            )
        }
        var classes: [Int] = []
        for value in labels.values {
            guard let label = Int(exactly: value), (0..<65_536).contains(label) else {
                throw file.refusal(
                    .descriptionArray,
                    "has the label \(value). Labels are whole numbers in 0...65535."
                )
            }
            classes.append(label)
        }
        let features = inputs.values.count / inputs.shape[0]
        guard (1...65_536).contains(features) else {
            throw file.refusal(
                .descriptionArray,
                "has samples of \(features) features. They may have 1...65536."
            )
        }
        return .images(
            inputs: inputs.values.map { $0 * scale },
            featureCount: features,
            labels: classes,
            classCount: max(2, (classes.max() ?? 0) + 1)
        )
    }

    // MARK: Alignment

    private func alignment(_ entry: Entry, _ hidden: [Int], _ fullScale: Double) throws
        -> AlignmentPlan
    {
        let section = try entry.section(TrainingKeys.alignment)
        let neuron = try experiments.sampling(section)
        var rules: [LearningRule] = []
        let name = try experiments.rule(
            section.required("rule", "It is the rule of the feedback weights."),
            name: "feedback",
            &rules
        )
        guard let rule = rules.first(where: { $0.name == name }) else {
            throw entry.refusal(.descriptionMissing, "has no rule.")
        }
        // Inputs and outputs do not matter to the names that phases use.
        let recipe = AlignmentPlan.recipe(
            neuron,
            rule,
            widths: [1] + hidden + [2],
            fullScale: fullScale
        )
        return AlignmentPlan(
            neuron: neuron,
            rule: rule,
            warmUp: try experiments.run(
                section.required("warmUp", "It is the phase before training."),
                recipe
            ),
            everyEpoch: try section["everyEpoch"].map { entry in
                entry.node.scalar?.string == "off" ? nil : try experiments.run(entry, recipe)
            } ?? nil
        )
    }
}
