import ChipSpec
import Compiler
import Description
import Diagnostics
import Foundation
import NetworkIR
import TestSupport
import Testing

@Suite("Diagnostics of descriptions, chip specs and rules")
struct TextDiagnosticsTests {
    @Test("each example of a description gets the message of its page")
    func descriptions() {
        var rest = codes("E02")
        rest.remove(.descriptionUnreadable)
        trigger(.descriptionUnreadable) { _ = try ExperimentFile(path: "missing.yaml") }
        rest.remove(.descriptionArm)
        trigger(.descriptionArm) {
            let text = """
                experiment: x
                network: { populations: { a: { count: 1, neuron: lif, tau: 10 } } }
                phases: [{ run: { seconds: 1 } }]
                """
            _ = try ExperimentFile(text: text, path: "x.yaml").experiment(arm: "nosuch")
        }
        // Arrays are no text: `ConnectionFileTests` has the rest of their faults.
        rest.remove(.descriptionConnections)
        let folder = try? TemporaryFolder()
        trigger(.descriptionConnections, in: folder?.path) {
            let path = (folder?.path ?? "") + "/x.npz"
            try ConnectionArrays(neurons: 2, indptr: [0, 1], indices: [1], weights: [5])
                .write(to: path)
            _ = try ConnectionFile.network(path: path, name: "x", threshold: 1)
        }
        for code in rest {
            let diagnostic = trigger(code) {
                let file = try ExperimentFile(text: page(on: code)?.example ?? "", path: "x.yaml")
                for arm in [nil] + file.arms.map(Optional.some) {
                    _ = try file.experiment(arm: arm)
                }
            }
            #expect(diagnostic?.file == "x.yaml" && (diagnostic?.line ?? 0) > 0, "\(code.rawValue)")
        }
    }

    @Test("each example of a chip spec gets the message of its page")
    func specs() throws {
        let folder = try TemporaryFolder()
        let pilot = Fixtures.repository.appendingPathComponent("chipspecs/pilot.yaml")
        _ = try folder.file("pilot.yaml", Data(contentsOf: pilot))
        let catalogue = ChipCatalogue(folders: [folder.path])
        var rest = codes("E04")
        for (code, name) in [(DiagnosticCode.specUnreadable, "/missing.yaml"), (.unknownChip, "")] {
            rest.remove(code)
            trigger(code, in: folder.path) {
                _ = try ChipCatalogue(folders: [folder.path + "/."])
                    .load(name.isEmpty ? "pilott" : folder.path + name)
            }
        }
        for code in rest {
            let path = try folder.file("mine.yaml", (page(on: code)?.example ?? "").utf8)
            let diagnostic = trigger(code, in: folder.path) { _ = try catalogue.load(path) }
            #expect(diagnostic?.file == path, "\(code.rawValue)")
            #expect(code == .specMissing || (diagnostic?.line ?? 0) > 0, "\(code.rawValue)")
        }
    }

    @Test("an error of a chip that another extends has the code of its cause, and its place")
    func inheritedSpec() throws {
        let folder = try TemporaryFolder()
        let base = try folder.file("base.yaml", "name: base\nsummray: x\n".utf8)
        let path = try folder.file("mine.yaml", "extends: ./base.yaml\nname: mine\n".utf8)
        do {
            _ = try ChipCatalogue(folders: []).load(path)
            Issue.record("it is accepted")
        } catch let error as ChipSpecError {
            #expect(error.diagnostic.code == .specUnknownKey)
            #expect(error.diagnostic.file == base && error.diagnostic.line == 2)
            #expect(error.diagnostic.message == error.description)
        }
    }

    @Test("each example of a rule gets the message of its page")
    func rules() throws {
        var rest = codes("E06")
        let pilot = try chip("pilot")
        for (code, keys) in [
            (DiagnosticCode.ruleUnknownKey, ["x4.impulse"]),
            (.ruleTwice, ["x1.impulse", "x1.impulse"]),
        ] {
            rest.remove(code)
            let entries = keys.enumerated().map {
                LearningRuleEntry(key: $1, text: "32", line: $0 + 1, column: 1)
            }
            trigger(code) {
                let rule = LearningRule(name: "r", file: "r.yaml", entries: entries)
                _ = try RuleCompiler.program(for: rule, on: pilot)
            }
        }
        for code in rest {
            let text = page(on: code)?.example ?? ""
            // The first line of an example names its chip.
            let name = try #require(text.firstMatch(of: /for chip ([a-z-]+)/)).1
            let target = try chip(String(name))
            let diagnostic = trigger(code) {
                let rule = try RuleFile.rule(text: text, path: "r.yaml")
                _ = try RuleCompiler.program(for: rule, on: target)
            }
            #expect(diagnostic?.file == "r.yaml", "\(code.rawValue)")
        }
    }
}
