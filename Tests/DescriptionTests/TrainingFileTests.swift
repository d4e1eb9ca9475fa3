import Description
import Foundation
import NetworkIR
import TestSupport
import Testing

@Suite("Training studies")
struct TrainingFileTests {
    private static let root = Fixtures.repository.path

    private static let text = """
        training: small
        seeds: 1-2
        data: { yinYang: { samples: 300 }, validation: 50, test: 100 }
        network: { hidden: [8, 6] }
        weights: { fullScale: 2.0 }
        learningRate: [0.01, 0.02]
        feedback: aligned
        alignment:
          refractory: 10
          rule: Examples/rules/sal-nearest-10.yaml
          warmUp: { name: warmUp, seconds: 2, amplitudes: { eta: 1e-3 }, servo: on }
          everyEpoch: { name: align, seconds: 1, amplitudes: { eta: 1e-4 } }
        """

    private static func file(_ text: String) throws -> TrainingFile {
        try TrainingFile(text: text, path: root + "/small.yaml")
    }

    @Test("reads every study of Examples/studies, every arm of it")
    func examples() throws {
        let folder = Self.root + "/Examples/studies"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasPrefix("digits") || $0 == "noise.yaml" }
        #expect(names.count >= 4)
        for name in names {
            let file = try TrainingFile(path: folder + "/" + name)
            #expect(file.axis != nil && file.arms.count >= 12)
            for arm in file.arms {
                let training = try file.training(arm: arm)
                guard case .images(let inputs, 64, let labels, 10) = training.data.samples else {
                    Issue.record("\(name)")
                    continue
                }
                #expect(labels.count == 1797 && inputs.max() == 1)
            }
        }
    }

    @Test("makes a network of populations and reciprocal projections of the layers")
    func network() throws {
        let training = try Self.file(Self.text).training()
        #expect(training.learningRates == [0.01, 0.02] && training.seeds == [1, 2])
        let plan = try #require(training.alignment)
        #expect(plan.warmUp.learning == ["feedback1", "feedback2"])
        let network = plan.network(widths: [4, 8, 6, 3], fullScale: 2)
        #expect(network.populations.map(\.path) == ["input", "layer1", "layer2", "output"])
        #expect(network.populations.map(\.count) == [4, 8, 6, 3])
        let names = network.projections.compactMap(\.name).sorted()
        #expect(names == ["feedback1", "feedback2", "forward0", "forward1", "forward2"])
        for projection in network.projections {
            #expect(projection.plasticity?.fullScale == 2)
            let isFeedback = projection.name?.hasPrefix("feedback") ?? false
            #expect((projection.feedbackOf != nil) == isFeedback)
            #expect(projection.target == projection.source + (isFeedback ? -1 : 1))
        }
    }

    static let bad: [BadStudy] = [
        BadStudy("training: small\n", "", "lacks the key training"),
        BadStudy("training: small", "trainning: small", ":1:1", "Did you mean training"),
        BadStudy(
            "feedback: aligned",
            "feedback: alined",
            ":7:11: feedback",
            "Did you mean aligned"
        ),
        BadStudy("feedback: aligned", "", "lacks the key feedback"),
        BadStudy("hidden: [8, 6]", "hidden: []", ":4:20: network.hidden", "1...64"),
        BadStudy("hidden: [8, 6]", "hidden: [8, 0]", "network.hidden[1]", "1...4096"),
        BadStudy("weights: { fullScale: 2.0 }", "weights: float", "registers", "fullScale: 2.0"),
        BadStudy("weights: { fullScale: 2.0 }", "weights: double", ":5:10: weights", "float"),
        BadStudy("fullScale: 2.0", "fullScale: -1", "weights.fullScale"),
        BadStudy("learningRate: [0.01, 0.02]", "learningRate: 0", ":6:15: learningRate"),
        BadStudy("learningRate: [0.01, 0.02]", "momentum: 1", "momentum", "0.999"),
        BadStudy("learningRate: [0.01, 0.02]", "epochs: 0", "epochs", "1...100000"),
        BadStudy("learningRate: [0.01, 0.02]", "spikeNoise: -0.1", ":6:13: spikeNoise", "0...10"),
        BadStudy("learningRate: [0.01, 0.02]", "spikeNoise: 1e-4", "spikeNoise", "0.001...10"),
        BadStudy(
            "learningRate: [0.01, 0.02]",
            "thresholdNoise: .nan",
            "thresholdNoise",
            "0...1000"
        ),
        BadStudy("learningRate: [0.01, 0.02]", "thresholdNoise: -1", "thresholdNoise", "0...1000"),
        BadStudy("learningRate: [0.01, 0.02]", "mismatch: -0.2", "mismatch", "0...10"),
        BadStudy("samples: 300", "samples: 2", "yinYang.samples", "3..."),
        BadStudy(
            "validation: 50, test: 100",
            "validation: 250, test: 100",
            ":3:7: data",
            "left to learn"
        ),
        BadStudy("test: 100", "", "lacks the key test"),
        BadStudy("yinYang: { samples: 300 }, ", "", "exactly one of", "yinYang"),
        BadStudy(
            "yinYang: { samples: 300 }",
            "images: { file: no.npz }",
            "data.images.file",
            "cannot be read"
        ),
        BadStudy("refractory: 10", "refractory: 0", ":9:15: alignment.refractory", "1...255"),
        BadStudy("sal-nearest-10", "no-rule", ":10:9: alignment.rule"),
        BadStudy(
            "eta: 1e-3",
            "beta: 1e-3",
            "alignment.warmUp.amplitudes.beta",
            "name in the rules"
        ),
        BadStudy("seconds: 2,", "", "alignment.warmUp", "lacks the key seconds"),
        BadStudy("servo: on", "homeostasis: { target: 50 }", "lacks the key h"),
        BadStudy(
            "feedback: aligned",
            "feedback: random\ntracking: yes",
            "tracking",
            "aligned feedback"
        ),
    ]

    @Test("refuses bad studies with place, limit and advice", arguments: bad)
    func refuses(_ bad: BadStudy) throws {
        #expect(Self.text.contains(bad.old))
        let text = Self.text.replacing(bad.old, with: bad.new)
        let error = #expect(throws: DescriptionError.self) {
            try Self.file(text).training()
        }
        let message = error?.description ?? ""
        for word in bad.words { #expect(message.contains(word), "\(message)") }
    }

    @Test("reads the noises and the rivals from spikes")
    func noiseAndRivals() throws {
        let keys = "learningRate: 0.01\nspikeNoise: 0.2\nthresholdNoise: 0.4\ninputNoise: 0.1"
        let noisy = Self.text.replacing("learningRate: [0.01, 0.02]", with: keys)
        let training = try Self.file(noisy).training()
        #expect(training.spikeNoise == 0.2 && training.thresholdNoise == 0.4)
        #expect(training.inputNoise == 0.1)
        for source in [FeedbackSource.stdwi, .rdd] {
            let text = Self.text.replacing("aligned", with: source.rawValue)
            let training = try Self.file(text).training()
            #expect(training.feedback == source && training.spikeNoise == 0)
        }
    }

    @Test("aligned feedback needs the section alignment")
    func needsAlignment() throws {
        let text = Self.text.components(separatedBy: "alignment:")[0]
        let error = #expect(throws: DescriptionError.self) { try Self.file(text).training() }
        #expect(error?.description.contains("Add the section alignment") == true)
    }

    @Test("the JSON Schema has exactly the keys that the reader knows, section by section")
    func schema() throws {
        let path = Self.root + "/docs/schemas/training.schema.json"
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        var definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        definitions["document"] = schema
        #expect(definitions.count == TrainingKeys.bySection.count)
        for (name, known) in TrainingKeys.bySection {
            let properties = definitions[name]?["properties"] as? [String: Any] ?? [:]
            #expect(Set(properties.keys) == Set(known), "\(name)")
            #expect(definitions[name]?["additionalProperties"] as? Bool == false, "\(name)")
        }
        let page = try String(contentsOfFile: Self.root + "/docs/TRAINING.md", encoding: .utf8)
        for key in Set(TrainingKeys.bySection.values.joined()) {
            #expect(page.contains("`\(key)`"), "docs/TRAINING.md explains \(key)")
        }
    }
}
