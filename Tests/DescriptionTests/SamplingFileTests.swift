import Description
import Foundation
import NetworkIR
import TestSupport
import Testing

@Suite("Sampling studies")
struct SamplingFileTests {
    private static let root = Fixtures.repository.path

    private static let text = """
        sampling: small
        rule: Examples/rules/wake-sleep.yaml
        seeds: 1-2
        iterations: 10
        phase: 100
        initialNoise: [0, 0.5]
        arms:
          without: { alignmentRate: 0 }
          with: {}
        """

    private static func file(_ text: String) throws -> SamplingFile {
        try SamplingFile(text: text, path: root + "/small.yaml")
    }

    @Test("reads the studies of Examples/studies, both arms of them")
    func examples() throws {
        for name in ["sampling-init-noise", "sampling-plasticity-noise"] {
            let file = try SamplingFile(path: Self.root + "/Examples/studies/\(name).yaml")
            #expect(file.arms == ["without", "with"])
            let without = try file.sampling(arm: "without")
            let with = try file.sampling(arm: "with")
            #expect(without.alignmentRate == 0 && with.alignmentRate > 0)
            #expect(with.isComparable(with: without) && with.rule.name == "wake-sleep")
            #expect(with.initialNoises.count * with.plasticityNoises.count >= 3)
        }
    }

    @Test("keys that are left out have the values of the page")
    func defaults() throws {
        let text = "sampling: small\nrule: Examples/rules/wake-sleep.yaml"
        let sampling = try Self.file(text).sampling()
        #expect(sampling.neuronCount == 7 && sampling.seeds == [1] && sampling.chip == "pilot")
        #expect(sampling.iterations == 1500 && sampling.phaseInRefractoryTimes == 1000)
        #expect(sampling.learningRate == 0.02 && sampling.alignmentRate == 0.02)
        #expect(sampling.initialNoises == [0] && sampling.plasticityNoises == [0])
        #expect(sampling.initialBiasNoise == 0)
        #expect(sampling.finalSteps == 20_000_000 && sampling.lookEvery == 50)
    }

    @Test("a rule alone is a study of it, with and without SAL")
    func ruleAlone() throws {
        let file = try SamplingFile(path: Self.root + "/Examples/rules/wake-sleep.yaml")
        #expect(file.arms == ["without", "with"])
        let sampling = try file.sampling(arm: "without")
        #expect(sampling.alignmentRate == 0 && sampling.rule.name == "wake-sleep")
        #expect(sampling.initialNoises == [0, 1] && sampling.seeds == [200, 201, 202, 203])
    }

    static let bad: [BadStudy] = [
        BadStudy("sampling: small\n", "", "lacks the key sampling"),
        BadStudy("rule: Examples/rules/wake-sleep.yaml\n", "", "lacks the key rule"),
        BadStudy("wake-sleep", "no-rule", ":2:7: in arm \'without\', rule", "cannot be opened"),
        BadStudy("iterations: 10", "itterations: 10", ":4:1", "Did you mean iterations"),
        BadStudy(
            "iterations: 10",
            "iterations: 0",
            ":4:13: in arm \'without\', iterations",
            "1...1000000"
        ),
        BadStudy("phase: 100", "phase: 1.5", ":5:8: in arm \'without\', phase", "1...100000"),
        BadStudy("phase: 100", "neurons: 11", ":5:10: in arm \'without\', neurons", "2...10"),
        BadStudy(
            "phase: 100",
            "learningRate: 2",
            ":5:15: in arm \'without\', learningRate",
            "0...1"
        ),
        BadStudy(
            "phase: 100",
            "plasticityNoise: 0.6",
            ":5:18: in arm \'without\', plasticityNoise",
            "0...0.5"
        ),
        BadStudy("phase: 100", "finalSteps: -1", "finalSteps"),
        BadStudy("phase: 100", "initialDeviation: x", "initialDeviation", "log-odds"),
        BadStudy("phase: 100", "initialBiasNoise: 5", "initialBiasNoise", "0...4 log-odds"),
        BadStudy("phase: 100", "lookEvery: 0", "lookEvery"),
        BadStudy(
            "[0, 0.5]",
            "[0, 5]",
            ":6:19: in arm \'without\', initialNoise[1]",
            "0...4 log-odds"
        ),
        BadStudy("[0, 0.5]", "[1, 1]", ":6:19: in arm \'without\', initialNoise[1]", "before"),
        BadStudy("[0, 0.5]", "[]", ":6:15: in arm \'without\', initialNoise", "1...64"),
        BadStudy("seeds: 1-2", "seeds: -1", ":3:8: in arm \'without\', seeds"),
        BadStudy(
            "alignmentRate: 0",
            "alignmentRate: -1",
            ":8:29: in arm \'without\', alignmentRate",
            "0...1"
        ),
    ]

    @Test("refuses bad studies with place, limit and advice", arguments: bad)
    func refuses(_ bad: BadStudy) throws {
        #expect(Self.text.contains(bad.old))
        let text = Self.text.replacing(bad.old, with: bad.new)
        let error = #expect(throws: DescriptionError.self) {
            try Self.file(text).sampling(arm: "without")
        }
        let message = error?.description ?? ""
        for word in bad.words { #expect(message.contains(word), "\(message)") }
    }

    @Test("the JSON Schema has exactly the keys that the reader knows, and the page explains them")
    func schema() throws {
        let path = Self.root + "/docs/schemas/sampling-study.schema.json"
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let keys = try #require(SamplingKeys.bySection["document"])
        let properties = try #require(schema["properties"] as? [String: [String: Any]])
        #expect(Set(properties.keys) == Set(keys) && Set(keys).count == keys.count)
        #expect(schema["additionalProperties"] as? Bool == false)
        #expect(schema["required"] as? [String] == ["sampling", "rule"])
        #expect(properties["iterations"]?["maximum"] as? Int == SamplingKeys.iterations.upperBound)
        #expect(properties["phase"]?["maximum"] as? Int == SamplingKeys.phase.upperBound)
        #expect(properties["finalSteps"]?["maximum"] as? Int == SamplingKeys.finalSteps.upperBound)
        let page = try String(contentsOfFile: Self.root + "/docs/SAMPLING.md", encoding: .utf8)
        for key in keys { #expect(page.contains("`\(key)`"), "docs/SAMPLING.md explains \(key)") }
    }
}
