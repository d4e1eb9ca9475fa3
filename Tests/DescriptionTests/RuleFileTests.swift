import Description
import Foundation
import NetworkIR
import TestSupport
import Testing

@Suite("Rule files")
struct RuleFileTests {
    @Test("entries carry their text, line and column, that of a quoted text after its quote")
    func entries() throws {
        let rule = try RuleFile.rule(
            text: """
                # A rule.
                name: mine
                x1: { impulse: 32, tau: 10 }
                dw:
                  - 2^-4 * x0 * y1
                  - "-eta*y0*x1"
                epoch: 4
                """,
            path: "folder/rule.yaml"
        )
        #expect(rule.name == "mine")
        #expect(rule.file == "folder/rule.yaml")
        let found = rule.entries.map { "\($0.key) \($0.line):\($0.column) \($0.text)" }
        #expect(
            found == [
                "x1.impulse 3:16 32", "x1.tau 3:25 10", "epoch 7:8 4", "dw 5:5 2^-4 * x0 * y1",
                "dw 6:6 -eta*y0*x1",
            ]
        )
    }

    @Test("a rule without a name is called after its file")
    func name() throws {
        #expect(try RuleFile.rule(text: "dw: x0", path: "a/b.yaml").name == "b.yaml")
    }

    @Test("the rules of Examples can be read")
    func examples() throws {
        let folder = Fixtures.repository.appendingPathComponent("Examples/rules").path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(files.count >= 13)
        for file in files {
            let rule = try RuleFile.rule(path: folder + "/" + file)
            #expect(rule.name + ".yaml" == file)
            #expect(rule.entries.contains { $0.key == "dw" })
        }
    }

    @Test(
        "rules that are refused",
        arguments: [
            ("dv: x0", "r.yaml:1:1:", "mean dw"),
            ("x1: { impulse: 1, tauu: 2 }\ndw: x0", "r.yaml:1:19: x1", "mean tau"),
            ("x1: 3\ndw: x0", "r.yaml:1:5: x1", "section"),
            ("dw: []", "r.yaml:1:5: dw", "1...64"),
            ("dw: { a: b }", "r.yaml:1:5: dw", "text"),
            ("dw: |\n  x0\n  y0", "dw", "on one line"),
            ("dw: x0\ndw: y0", "r.yaml:1:1:", "twice"),
            ("", "r.yaml: ", "empty"),
            ("- x0", "r.yaml:1:1:", "section"),
            ("dw: *x", "r.yaml:1:5:", "alias"),
            ("dw: &x x0", "r.yaml:1:5:", "anchors"),
        ]
    )
    func refused(text: String, place: String, says: String) throws {
        let error = #expect(throws: DescriptionError.self) {
            try RuleFile.rule(text: text, path: "r.yaml")
        }
        let message = try #require(error).description
        #expect(message.contains(place), "\(message)")
        #expect(message.contains(says), "\(message)")
    }
}
