import ChipImage
import ChipSpec
import Compiler
import Description
import Foundation
import NetworkIR
import TestSupport
import Testing

@Suite("Examples/rules")
struct ExampleRulesTests {
    private static let folder = Rules.path("Examples/rules")

    private func rules() throws -> [LearningRule] {
        try FileManager.default.contentsOfDirectory(atPath: Self.folder).sorted()
            .filter { $0.hasSuffix(".yaml") }
            .map { try RuleFile.rule(path: Self.folder + "/" + $0) }
    }

    @Test("every rule compiles for the chip it was made for, and is named as its file")
    func compiles() throws {
        let chip = try Rules.chip("pilot")
        let rules = try rules()
        #expect(rules.count >= 12)
        // Made for learning traces wider than the chip's own.
        var wide = chip
        wide.learning?.traceBits = 14
        // Made for a tag, which only loihi has.
        let chips = ["sal-wide": wide, "sal-tag": try Rules.chip("loihi")]
        for rule in rules {
            let program = try RuleCompiler.program(for: rule, on: chips[rule.name] ?? chip)
            #expect(rule.file.hasSuffix("/\(program.name).yaml"))
        }
    }

    @Test("loihi takes those without windows, triangles and fine coefficients, and says why else")
    func listsLoihi() throws {
        let chip = try Rules.chip("loihi")
        var refused: [String: String] = [:]
        for rule in try rules() {
            do {
                _ = try RuleCompiler.program(for: rule, on: chip)
            } catch {
                refused[rule.name] = error.description
            }
        }
        let reasons = [
            "sal-nearest": "keeps no times of last spikes",
            "sal-nearest-10": "keeps no times of last spikes",
            "sal-nearest-25": "keeps no times of last spikes",
            "sal-nearest-5": "keeps no times of last spikes",
            "sal-nearest-tied": "keeps no times of last spikes",
            "sal-wide": "has 7 bits",
            "dendritic-error": "register e",
            "sal-triangular": "exponential traces only",
            "wake-sleep": "exponential traces only",
            "stdp": "no mantissa in -8...7",
            "triplet": "the exponent lies in -7...8",
            "kolen-pollack": "the exponent lies in -7...8",
            "weight-mirror": "the exponent lies in -7...8",
        ]
        #expect(refused.keys.sorted() == reasons.keys.sorted())
        for (name, reason) in reasons {
            #expect(refused[name]?.contains(reason) ?? false, "\(name): \(refused[name] ?? "-")")
        }
    }
}
