import ChipImage
import ChipSpec
import Compiler
import Description
import Foundation
import NetworkIR

/// Chips and rule files for the tests of rules.
enum Rules {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A file of the package.
    static func path(_ name: String) -> String { root.appending(path: name).path }

    /// A chip of the package.
    static func chip(_ name: String) throws -> ChipSpec {
        try ChipSpec.load(contentsOf: path("chipspecs/\(name).yaml"))
    }

    /// Traces x1 and y1 as many rules have them, three lines.
    static let traces = """
        name: r
        x1: { impulse: 32, tau: 10 }
        y1: { impulse: 32, tau: 10 }

        """

    /// Reads and compiles a rule file.
    static func program(_ text: String, on chip: ChipSpec) throws -> RuleProgram {
        try RuleCompiler.program(for: RuleFile.rule(text: text, path: "r.yaml"), on: chip)
    }

    /// What the compiler makes of one `dw` beside traces x1 and y1.
    static func products(_ dw: String, on chip: ChipSpec) throws -> [RuleProduct] {
        let entries = [("x1", 32), ("y1", 32)].flatMap { name, impulse in
            [
                LearningRuleEntry(key: "\(name).impulse", text: "\(impulse)", line: 1, column: 1),
                LearningRuleEntry(key: "\(name).tau", text: "10", line: 1, column: 1),
            ]
        }
        // Uses both traces, whatever the line does.
        let uses = LearningRuleEntry(key: "dw", text: "x0*y1 + y0*x1", line: 2, column: 5)
        let line = LearningRuleEntry(key: "dw", text: dw, line: 3, column: 5)
        let rule = LearningRule(name: "r", file: "r.yaml", entries: entries + [uses, line])
        return Array(try RuleCompiler.program(for: rule, on: chip).products.dropFirst(2))
    }

    /// The error of a rule file.
    static func error(_ text: String, on chip: ChipSpec) -> String? {
        do {
            _ = try program(text, on: chip)
            return nil
        } catch {
            return "\(error)"
        }
    }
}
