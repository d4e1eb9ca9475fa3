import Description
import Foundation
import NetworkIR
import TestSupport
import Testing

@Suite("Circuit studies")
struct CircuitFileTests {
    private static let root = Fixtures.repository.path

    private static let text = """
        circuit: small
        seeds: 1-2
        task: { teacher: { weights: [2, 2], training: [-3, 3], validation: [0] } }
        network: { hidden: [1], refractory: 10, bias: -1, fullScale: [4, 5], initial: 3 }
        dendrites: { apical: 0.02, nudging: 0.6, averaging: 1024 }
        schedule: { epochs: 3, patterns: 15, steps: 2000, lag: 200 }
        learning: { rule: Examples/rules/dendritic-error.yaml, rates: [0.2, 0.003] }
        feedback: aligned
        alignment: { rule: Examples/rules/sal-nearest-10.yaml, eta: 0.001, steps: 500 }
        """

    private static func file(_ text: String) throws -> CircuitFile {
        try CircuitFile(text: text, path: root + "/small.yaml")
    }

    @Test("reads every circuit of Examples/studies, every arm of it")
    func examples() throws {
        let folder = Self.root + "/Examples/studies"
        var count = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let path = folder + "/" + name
            guard try String(contentsOfFile: path, encoding: .utf8).contains("\ncircuit:") else {
                continue
            }
            let file = try CircuitFile(path: path)
            #expect(file.arms.contains("sal") && file.arms.contains("bp"), "\(name)")
            for arm in file.arms { #expect(try file.circuit(arm: arm).seeds.count >= 5) }
            count += 1
        }
        #expect(count >= 2)
    }

    @Test("makes a network of layers, apical dendrites and interneurons")
    func network() throws {
        let text = Self.text.replacing(
            "teacher: { weights: [2, 2], training: [-3, 3], validation: [0] }",
            with: "yinYang: { training: 9, test: 3 }"
        ).replacing("hidden: [1]", with: "hidden: [6, 5]").replacing(
            "[0.2, 0.003]",
            with: "[1, 2, 3]"
        )
        .replacing("[4, 5]", with: "4")
        let circuit = try Self.file(text).circuit()
        #expect(circuit.widths == [4, 6, 5, 3] && circuit.rates == [1, 2, 3])
        #expect(circuit.averagingShift == 10 && !circuit.isFloat)
        let network = circuit.network
        let counts = Dictionary(
            uniqueKeysWithValues: network.populations.map { ($0.path, $0.count) }
        )
        #expect(
            counts == [
                "layer0": 4, "layer1": 6, "layer2": 5, "layer3": 3, "apical1": 6, "apical2": 5,
                "inter1": 5, "inter2": 3,
            ]
        )
        let ends = Dictionary(
            uniqueKeysWithValues: network.projections.map { projection in
                (
                    projection.name ?? "",
                    network.populations[projection.source].path + " "
                        + network.populations[projection.target].path
                )
            }
        )
        #expect(
            ends == [
                "up1": "layer0 layer1", "up2": "layer1 layer2", "up3": "layer2 layer3",
                "down1": "layer2 apical1", "down2": "layer3 apical2", "predict1": "layer1 inter1",
                "predict2": "layer2 inter2", "cancel1": "inter1 apical1",
                "cancel2": "inter2 apical2",
            ]
        )
    }

    static let bad: [BadStudy] = [
        BadStudy("circuit: small\n", "", "lacks the key circuit"),
        BadStudy("circuit: small", "circiut: small", ":1:1", "Did you mean circuit"),
        BadStudy(
            "feedback: aligned",
            "feedback: alined",
            ":8:11: feedback",
            "Did you mean aligned"
        ),
        BadStudy("alignment: {", "numerics: float #", "Add the section alignment"),
        BadStudy("hidden: [1]", "hidden: []", ":4:20: network.hidden", "1...16"),
        BadStudy("hidden: [1]", "hidden: [2]", ":3:7: task", "one neuron and one weight a layer"),
        BadStudy("weights: [2, 2]", "weights: [2]", ":3:7: task", "Write 2 weights"),
        BadStudy("weights: [2, 2]", "weights: [2, x]", "task.teacher.weights[1]"),
        BadStudy("teacher: {", "teacher: { wieghts: 1,", "Did you mean weights"),
        BadStudy("rates: [0.2, 0.003]", "rates: [0.2]", ":7:63: learning.rates", "2 layers"),
        BadStudy("rates: [0.2, 0.003]", "rates: [0.2, -1]", "learning.rates[1]", "0...100"),
        BadStudy(
            "averaging: 1024",
            "averaging: 1000",
            "dendrites.averaging",
            "power of two",
            "512"
        ),
        BadStudy("averaging: 1024", "averaging: 8192", "dendrites.averaging", "2...4096"),
        BadStudy("nudging: 0.6", "nudging: 2", "dendrites.nudging", "0...1"),
        BadStudy("lag: 200", "lag: 2000", "schedule.lag", "0...1999"),
        BadStudy("steps: 2000, ", "", "schedule", "lacks the key steps"),
        BadStudy("epochs: 3", "epochs: 0", "schedule.epochs"),
        BadStudy("eta: 0.001", "eta: -1", "alignment.eta"),
        BadStudy("eta: 0.001, ", "", "alignment", "lacks the key eta"),
        BadStudy(", steps: 500", "", "alignment", "lacks the key steps"),
        BadStudy("steps: 500", "steps: 500, inputs: none", "alignment.inputs", "samples"),
        BadStudy("fullScale: [4, 5]", "fullScale: [4]", "network.fullScale", "one number for all"),
        BadStudy("sal-nearest-10", "no-rule", "alignment.rule"),
        BadStudy("refractory: 10", "refractory: 0", "network.refractory", "1...255"),
        BadStudy("feedback: aligned", "feedback: aligned\nnumerics: double", "numerics"),
    ]

    @Test("refuses bad studies with place, limit and advice", arguments: bad)
    func refuses(_ bad: BadStudy) throws {
        #expect(Self.text.contains(bad.old))
        let text = Self.text.replacing(bad.old, with: bad.new)
        let error = #expect(throws: DescriptionError.self) { try Self.file(text).circuit() }
        let message = error?.description ?? ""
        for word in bad.words { #expect(message.contains(word), "\(message)") }
    }

    @Test("the JSON Schema has exactly the keys that the reader knows, section by section")
    func schema() throws {
        let path = Self.root + "/docs/schemas/circuit-study.schema.json"
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        var definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        definitions["document"] = schema
        #expect(definitions.count == CircuitKeys.bySection.count)
        for (name, known) in CircuitKeys.bySection {
            let properties = definitions[name]?["properties"] as? [String: Any] ?? [:]
            #expect(Set(properties.keys) == Set(known), "\(name)")
            #expect(definitions[name]?["additionalProperties"] as? Bool == false, "\(name)")
        }
        let page = try String(contentsOfFile: Self.root + "/docs/CIRCUITS.md", encoding: .utf8)
        for key in Set(CircuitKeys.bySection.values.joined()) {
            #expect(page.contains("`\(key)`"), "docs/CIRCUITS.md explains \(key)")
        }
    }
}
