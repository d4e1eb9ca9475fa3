import ChipSpec
import Description
import Foundation
import TestSupport
import Testing

@Suite("JSON Schema and page of experiments")
struct SchemaTests {
    private static let root = Fixtures.repository.path

    private static func schema() throws -> [String: Any] {
        let path = root + "/docs/schemas/experiment.schema.json"
        let value = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(fileURLWithPath: path))
        )
        return try #require(value as? [String: Any])
    }

    private static func definitions() throws -> [String: [String: Any]] {
        let schema = try schema()
        var definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        definitions["document"] = schema
        return definitions
    }

    private static func keys(of definition: [String: Any]?) -> Set<String> {
        Set((definition?["properties"] as? [String: Any] ?? [:]).keys)
    }

    @Test("has exactly the keys that the reader knows, section by section, and allows no others")
    func keys() throws {
        let definitions = try Self.definitions()
        for (name, known) in ExperimentKeys.bySection {
            #expect(Self.keys(of: definitions[name]) == Set(known), "\(name)")
            #expect(Set(known).count == known.count, "\(name)")
        }
        let mismatch = MismatchParameter.allCases.map(\.rawValue) + ["all"]
        #expect(Self.keys(of: definitions["mismatch"]) == Set(mismatch))
        for (name, definition) in definitions where definition["properties"] != nil {
            #expect(definition["additionalProperties"] as? Bool == false, "\(name)")
            #expect(ExperimentKeys.bySection[name] != nil || name == "mismatch", "\(name)")
        }
    }

    @Test("names only definitions that are there, and uses all of them")
    func references() throws {
        var named: Set<String> = []
        func visit(_ value: Any) {
            if let object = value as? [String: Any] {
                if let reference = object["$ref"] as? String {
                    named.insert(String(reference.dropFirst("#/$defs/".count)))
                }
                object.values.forEach(visit)
            } else if let list = value as? [Any] {
                list.forEach(visit)
            }
        }
        visit(try Self.schema())
        let definitions = Set(try Self.definitions().keys).subtracting(["document"])
        #expect(named == definitions)
    }

    /// A section with entries, and the text that it completes where `@` stands.
    struct Part: Sendable, CustomTestStringConvertible {
        var section: String
        var text: String
        var entries: [String]
        var testDescription: String { section }
    }

    private static let stimulus = "poisson: { input: input, rate: 10 }"
    private static let seconds = "seconds: 10\n"

    /// Two sampling neurons, each with a synapse to the other that learns.
    static let pair = """
        experiment: pair
        network:
          populations:
            a: { count: 1, neuron: sampling, refractory: 5 }
            b: { like: a }
          projections:
            there: { from: a, to: b, weights: 1, rule: { name: r, x1: { impulse: 1 }, dw: eta*y0*x1 } }
            back: { from: b, to: a, weights: 1, rule: { name: s, x1: { impulse: 1 }, dw: eta*y0*x1 } }
        phases: [{ run: { seconds: 1, amplitudes: { eta: 0.1 } } }]
        plane: { x: there, y: back }
        """

    static let parts: [Part] = [
        Part(
            section: "document",
            text: "{ @ }",
            entries: [
                "experiment: x", "network: { populations: { a: { count: 1, neuron: input } } }",
                "phases: [{ run: { seconds: 1 } }]",
            ]
        ),
        Part(
            section: "network",
            text: "experiment: x\nphases: [{ run: { seconds: 1 } }]\nnetwork: { @ }",
            entries: ["populations: { a: { count: 1, neuron: input } }", "projections: {}"]
        ),
        Part(
            section: "projection",
            text: Texts.plain("{ from: input, to: upper, weights: 1 }", "{ @ }"),
            entries: ["from: input", "to: upper", "weights: 1", "autapses: no"]
        ),
        Part(
            section: "normal",
            text: Texts.plain("deviation: 0.2, clip: 0.6", "@"),
            entries: ["mean: 0", "deviation: 1", "clip: 1"]
        ),
        Part(
            section: "normalDelay",
            text: Texts.plain("weights: 1 }", "weights: 1, delay: { normal: { @ } } }"),
            entries: ["mean: 2", "deviation: 1", "low: 1", "high: 4"]
        ),
        Part(
            section: "lognormal",
            text: Texts.plain("weights: 1 }", "weights: { lognormal: { @ } } }"),
            entries: ["median: 2", "sigma: 0.1", "low: 1", "high: 4"]
        ),
        Part(
            section: "trim",
            text: Texts.plain("rounds: 2, seconds: 1, target: 30, gain: 0.1", "@"),
            entries: ["rounds: 2", "seconds: 1", "target: 30", "gain: 0.1"]
        ),
        Part(
            section: "repeat",
            text: Texts.plain(
                "trim: { rounds: 2, seconds: 1, target: 30, gain: 0.1 }",
                "repeat: { @ }"
            ),
            entries: ["times: 2", "phases: [{ run: { seconds: 1 } }]"]
        ),
        Part(
            section: "run",
            text: Texts.plain(
                "trim: { rounds: 2, seconds: 1, target: 30, gain: 0.1 }",
                "run: { @ }"
            ),
            entries: ["name: first", "seconds: 1", "rules: off"]
        ),
        Part(
            section: "amplitude",
            text: Texts.plain("from: 4e-3, to: 4e-4", "@"),
            entries: ["from: 1", "to: 2", "shape: linear", "everySteps: 1"]
        ),
        Part(
            section: "homeostasis",
            text: Texts.plain(seconds, seconds + "      homeostasis: { @ }\n"),
            entries: ["target: 30", "h: 1", "everySeconds: 1", "populations: [lower]"]
        ),
        Part(
            section: "servo",
            text: Texts.plain(seconds, seconds + "      servo: { @ }\n"),
            entries: ["kappa: 16", "everySteps: 9", "law: shifts", "projections: [feedback]"]
        ),
        Part(
            section: "monitor",
            text: Texts.plain(seconds, seconds + "      monitor: { @ }\n"),
            entries: ["everySeconds: 1", "saturatedShare: 1", "drift: 1", "strayShare: 0.3"]
        ),
        Part(
            section: "poisson",
            text: Texts.plain(stimulus, "poisson: { @ }"),
            entries: ["input: input", "rate: 1"]
        ),
        Part(
            section: "spikes",
            text: Texts.plain(stimulus, "spikes: { @ }"),
            entries: ["input: input", "file: arrays.npz", "array: spikes", "periodInSteps: 9"]
        ),
        Part(
            section: "current",
            text: Texts.plain(stimulus, "current: { @ }"),
            entries: ["population: lower", "value: 1", "fromSeconds: 1", "toSeconds: 2"]
        ),
        Part(
            section: "probe",
            text: Texts.plain + "\nprobes: [{ @ }]",
            entries: [
                "population: lower", "register: u", "neurons: [0]", "fromSeconds: 1",
                "toSeconds: 2",
            ]
        ),
        Part(
            section: "plane",
            text: pair.replacing("x: there, y: back", with: "@"),
            entries: ["x: there", "y: back"]
        ),
        Part(
            section: "axis",
            text: Texts.plain + "\naxis: { set: seeds, @ }",
            entries: ["label: x", "values: [1]", "logarithmic: yes", "untilAngle: 25"]
        ),
        Part(
            section: "axisValue",
            text: Texts.plain + "\naxis: { label: x, values: [{ @ }] }",
            entries: ["at: 1", "set: {}", "lines: {}"]
        ),
    ]

    @Test("requires exactly the keys without which the reader refuses a section", arguments: parts)
    func required(part: Part) throws {
        let definition = try Self.definitions()[part.section] ?? [:]
        let keys = part.entries.map { String($0.prefix { $0 != ":" }) }
        // Of the ways to write a section, the one that the part has.
        let ways = (definition["oneOf"] as? [[String: Any]] ?? []).compactMap {
            $0["required"] as? [String]
        }
        let required =
            definition["required"] as? [String] ?? ways.first { Set($0).isSubset(of: keys) } ?? []
        #expect(Set(required).isSubset(of: keys))
        func read(without key: String?) throws {
            let entries = zip(keys, part.entries).filter { $0.0 != key }.map(\.1)
            _ = try Texts.experiment(
                part.text.replacing("@", with: entries.joined(separator: ", "))
            )
        }
        #expect(throws: Never.self) { try read(without: nil) }
        for key in keys {
            if required.contains(key) {
                let error = #expect(throws: DescriptionError.self, "\(key)") {
                    try read(without: key)
                }
                #expect(error?.what.hasPrefix("lacks the key \(key).") == true, "\(key)")
            } else {
                #expect(throws: Never.self, "\(key)") { try read(without: key) }
            }
        }
    }

    @Test("names the words of each choice as the types have them")
    func words() throws {
        let definitions = try Self.definitions()
        func words(_ section: String, _ key: String) -> [String] {
            let properties = definitions[section]?["properties"] as? [String: [String: Any]]
            let node = properties?[key] ?? [:]
            let choices = (node["anyOf"] as? [[String: Any]])?.first { $0["enum"] != nil } ?? node
            return choices["enum"] as? [String] ?? []
        }
        #expect(
            words("amplitude", "shape").sorted()
                == AmplitudeCourse.Shape.allCases.map(\.rawValue).sorted()
        )
        #expect(words("population", "neuron") == ["lif", "sampling", "input"])
        #expect(words("projection", "connect") == ["allToAll", "oneToOne", "mirrored"])
    }

    @Test("and docs/EXPERIMENTS.md or docs/NETWORKS.md explains every key")
    func documentation() throws {
        let page = try ["EXPERIMENTS", "NETWORKS"].map {
            try String(contentsOfFile: Self.root + "/docs/\($0).md", encoding: .utf8)
        }.joined()
        for key in Set(ExperimentKeys.bySection.values.joined()) {
            #expect(
                page.contains("`\(key)`") || page.contains("\(key):") || page.contains(" \(key),")
                    || page.contains(" \(key) }"),
                "\(key)"
            )
        }
        for parameter in MismatchParameter.allCases {
            #expect(page.contains("`\(parameter.rawValue)`"))
        }
    }
}
