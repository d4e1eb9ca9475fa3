import ChipSpec
import Events
import FixedPoint
import Foundation
import Testing

@Suite("JSON Schema of chip specs")
struct SchemaTests {
    private static func schema() throws -> [String: Any] {
        let path = Specs.folder + "/../docs/schemas/chip.schema.json"
        let value = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(fileURLWithPath: path))
        )
        return try #require(value as? [String: Any])
    }

    /// Sections of the schema by path, as `SpecKeys` writes them.
    private static func sections() throws -> [String: [String: Any]] {
        let root = try schema()
        let definitions = try #require(root["$defs"] as? [String: [String: Any]])
        var result: [String: [String: Any]] = [:]
        func visit(_ node: [String: Any], _ path: String) {
            var node = node
            if let name = (node["$ref"] as? String)?.split(separator: "/").last {
                node = definitions[String(name)] ?? [:]
            }
            if let items = node["items"] as? [String: Any] { visit(items, path + "[]") }
            guard let properties = node["properties"] as? [String: [String: Any]] else { return }
            result[path] = node
            for (key, value) in properties {
                let name = path.hasSuffix(".prices") ? "*" : key
                visit(value, path.isEmpty ? name : "\(path).\(name)")
            }
        }
        visit(root, "")
        return result
    }

    @Test("has exactly the keys that the loader knows, and allows no others")
    func keys() throws {
        let sections = try Self.sections()
        #expect(Set(sections.keys) == Set(SpecKeys.bySection.keys))
        for (path, known) in SpecKeys.bySection {
            let properties = sections[path]?["properties"] as? [String: Any] ?? [:]
            #expect(Set(properties.keys) == Set(known), "section '\(path)'")
            #expect(sections[path]?["additionalProperties"] as? Bool == false, "section '\(path)'")
        }
    }

    @Test(
        "names the words of each choice as the types have them, stochastic decay rounding left out"
    )
    func words() throws {
        let provenance = Provenance.allCases.map(\.rawValue)
        let flag = ["yes", "no"]
        let expected = [
            "interconnect.topology": InterconnectTopology.allCases.map(\.rawValue),
            "interconnect.tileOrder": TileOrder.allCases.map(\.rawValue),
            "interconnect.casting": PacketCasting.allCases.map(\.rawValue),
            "interconnect.whenFull": FullQueuePolicy.allCases.map(\.rawValue),
            "synapse.hasSignModes": flag, "synapse.hasSharedKernels": flag,
            "soma.hasCurrentBias": flag,
            "soma.hasResetPotential": flag,
            "synapse.weightTruncation": WeightTruncation.allCases.map(\.rawValue),
            "synapse.exponentShift": ExponentShift.allCases.map(\.rawValue),
            "synapse.weightPlanes": WeightPlanes.allCases.map(\.rawValue),
            "dendrite.accumulator.isSigned": ["yes"], "soma.membrane.isSigned": ["yes"],
            "soma.current.isSigned": ["yes"],
            "dendrite.accumulator.overflow": OverflowRule.allCases.map(\.rawValue),
            "soma.membrane.overflow": OverflowRule.allCases.map(\.rawValue),
            "soma.current.overflow": OverflowRule.allCases.map(\.rawValue),
            "soma.models": NeuronModel.allCases.map(\.rawValue),
            // The loader refuses it: see RefusalTests.
            "soma.decayRounding": RoundingMode.allCases.filter { $0 != .stochastic }
                .map(\.rawValue),
            "soma.resetRules": SomaReset.allCases.map(\.rawValue),
            "learning.engine": LearningEngine.allCases.map(\.rawValue),
            "learning.registers": RuleVariable.allCases.map(\.rawValue),
            "learning.traceRounding": RoundingMode.allCases.map(\.rawValue),
            "learning.weightRounding": RoundingMode.allCases.map(\.rawValue),
            "learning.tieRule": TieRule.allCases.map(\.rawValue),
            "learning.timestamp": PlasticityTimestamp.allCases.map(\.rawValue),
            "learning.hasHomeostasis": flag, "learning.hasGainServo": flag,
            "time.mode": StepMode.allCases.map(\.rawValue),
            "mismatch.distribution": MismatchDistribution.allCases.map(\.rawValue),
            "mismatch.parameters": MismatchParameter.allCases.map(\.rawValue),
            "energyTables[].staticPowerProvenance": provenance,
            "energyTables[].prices.*.provenance": provenance,
        ]
        let root = try Self.schema()
        let definitions = try #require(root["$defs"] as? [String: [String: Any]])
        var found: [String: [String]] = [:]
        for (path, section) in try Self.sections() {
            let properties = try #require(section["properties"] as? [String: [String: Any]])
            for (key, property) in properties {
                var node = property
                if let name = (node["$ref"] as? String)?.split(separator: "/").last {
                    node = definitions[String(name)] ?? [:]
                }
                let choices = node["enum"] ?? (node["items"] as? [String: Any])?["enum"]
                guard let choices = choices as? [Any] else { continue }
                // Canonical JSON writes true and false where people write yes and no.
                found["\(path).\(key)"] = choices.compactMap { $0 as? String }
            }
        }
        #expect(Set(found.keys) == Set(expected.keys))
        for (key, words) in expected {
            #expect(found[key]?.sorted() == words.sorted(), "\(key)")
        }
    }

    @Test("and docs/CHIPS.md explains every key")
    func documentation() throws {
        let page = try String(contentsOfFile: Specs.folder + "/../docs/CHIPS.md", encoding: .utf8)
        for key in Set(SpecKeys.bySection.values.joined()) {
            #expect(page.contains("`\(key)`"), "\(key)")
        }
    }

    @Test("and docs/ENERGY.md has the prices of the specs")
    func energyPage() throws {
        let page = try String(contentsOfFile: Specs.folder + "/../docs/ENERGY.md", encoding: .utf8)
        let tables = try Specs.load("pilot").energyTables + Specs.load("loihi").energyTables
        let rows = page.split(separator: "\n").map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        for action in Action.allCases {
            let row = try #require(rows.first { $0.count == 4 && $0[0] == "`\(action.name)`" })
            for (table, cell) in zip(tables, row.dropFirst()) {
                let price = table.prices.first { $0.action == action }
                if let price {
                    #expect(Double(cell) == price.energyInPicojoules, "\(table.name) \(action)")
                    #expect((cell == "unknown") == (price.energyInPicojoules == nil))
                } else {
                    #expect(Double(cell) == nil && cell != "unknown", "\(table.name) \(action)")
                }
            }
        }
    }

    /// Keys that a spec which extends no other must have, by section, as the schema has them.
    private static func requiredKeys() throws -> [String: Set<String>] {
        let root = try schema()
        let definitions = try #require(root["$defs"] as? [String: [String: Any]])
        var result: [String: Set<String>] = [:]
        func visit(_ node: [String: Any], _ path: String) {
            var node = node
            if let name = (node["$ref"] as? String)?.split(separator: "/").last {
                node = definitions[String(name)] ?? [:]
            }
            result[path, default: []].formUnion(node["required"] as? [String] ?? [])
            if let items = node["items"] as? [String: Any] { visit(items, path + "[]") }
            for (key, value) in node["properties"] as? [String: Any] ?? [:] {
                let name = path.hasSuffix(".prices") ? "*" : key
                guard let value = value as? [String: Any] else { continue }
                visit(value, path.isEmpty ? name : "\(path).\(name)")
            }
        }
        visit(root, "")
        visit(try #require(root["else"] as? [String: Any]), "")
        return result
    }

    @Test("requires exactly the keys without which the loader refuses a spec")
    func required() throws {
        let required = try Self.requiredKeys()
        for (path, section) in try Self.sections() {
            let properties = try #require(section["properties"] as? [String: Any])
            let optional = Set(properties.keys).subtracting(required[path] ?? [])
            for key in properties.keys where key != "extends" && key != "unset" {
                // Without the key, as the loader sees it: a spec whose JSON lacks it.
                let spec = try Self.specWithout(key, in: path)
                if optional.contains(key) {
                    #expect(throws: Never.self, "\(path).\(key)") {
                        try ChipSpec(canonicalJSON: spec, path: "x")
                    }
                } else {
                    let error = #expect(throws: ChipSpecError.self, "\(path).\(key)") {
                        try ChipSpec(canonicalJSON: spec, path: "x")
                    }
                    #expect(error?.description.contains("\(key) is missing") == true)
                }
            }
        }
    }

    @Test("requires of a spec that extends another its name and summary alone")
    func requiredWithExtends() throws {
        let root = try Self.schema()
        let then = try #require(root["then"] as? [String: Any])
        #expect(then["required"] as? [String] == ["name", "summary"])
        #expect(root["required"] == nil)
        #expect((root["if"] as? [String: Any])?["required"] as? [String] == ["extends"])
    }

    @Test("gives each whole number the range of the loader: the ends are accepted, one more is not")
    func ranges() throws {
        // Keys whose range also depends on others; the refusals are tested by name elsewhere.
        let coupled: Set = [
            "weightBits", "thresholdBits", "thresholdShift", "biasMaximumExponent", "bits",
            "fractionBits", "tiles", "biasMantissaBits",
        ]
        // A key that is for trees alone.
        let alone: Set = ["branching"]
        for (path, section) in try Self.sections() {
            let properties = try #require(section["properties"] as? [String: [String: Any]])
            for (key, value) in properties
            where value["type"] as? String == "integer" && !alone.contains(key) {
                let lowest = try #require(value["minimum"] as? Int)
                let highest = try #require(value["maximum"] as? Int)
                for (number, isFine) in [
                    (lowest, true), (highest, true), (lowest - 1, false), (highest + 1, false),
                ] where !isFine || !coupled.contains(key) {
                    let spec = try Self.spec(setting: key, in: path, to: number)
                    let loaded = try? ChipSpec(canonicalJSON: spec, path: "x")
                    #expect((loaded != nil) == isFine, "\(path).\(key): \(number)")
                }
            }
        }
    }

    private static func specWithout(_ key: String, in section: String) throws -> [UInt8] {
        try changed(section) { $0[key] = nil }
    }

    private static func spec(setting key: String, in section: String, to number: Int) throws
        -> [UInt8]
    {
        try changed(section) { $0[key] = number }
    }

    /// The bytes of a valid spec in which one section is changed.
    private static func changed(_ section: String, _ change: (inout [String: Any]) -> Void) throws
        -> [UInt8]
    {
        // A chip with a barrier, and without the model that fixes the registers.
        var chip = try Specs.load("loihi")
        chip.soma.models = [.lif]
        let object = try JSONSerialization.jsonObject(with: Data(chip.canonicalJSON()))
        var root = try #require(object as? [String: Any])
        let path = section.replacing("[]", with: ".0").replacing("*", with: "spike")
            .split(separator: ".").map(String.init)
        root = try #require(apply(change, to: root, at: path[...]) as? [String: Any])
        return Array(try JSONSerialization.data(withJSONObject: root))
    }

    private static func apply(
        _ change: (inout [String: Any]) -> Void,
        to value: Any,
        at path: ArraySlice<String>
    ) -> Any {
        guard let first = path.first else {
            var object = value as? [String: Any] ?? [:]
            change(&object)
            return object
        }
        if var list = value as? [Any], let index = Int(first) {
            list[index] = apply(change, to: list[index], at: path.dropFirst())
            return list
        }
        var object = value as? [String: Any] ?? [:]
        object[first] = apply(change, to: object[first] as Any, at: path.dropFirst())
        return object
    }
}
