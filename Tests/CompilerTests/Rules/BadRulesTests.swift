import ChipSpec
import Compiler
import Foundation
import NetworkIR
import Testing

@Suite("Bad rules")
struct BadRulesTests {
    /// A rule file, and what its error must say.
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var place: String
        var says: [String]
        var chip = "pilot"

        var testDescription: String { "\(place) \(says.first ?? "")" }
    }

    /// A change of the weight beside traces x1 and y1 in lines 2 and 3; it begins at 4:5.
    private static func dw(
        _ text: String,
        _ place: String,
        _ says: String...,
        chip: String = "pilot"
    ) -> Case {
        Case(
            text: Rules.traces + "dw: \"\(text)\"\n",
            place: place.isEmpty ? "" : "4:\(place)",
            says: says,
            chip: chip
        )
    }

    /// Other lines, the name before them in line 1.
    private static func file(
        _ lines: String,
        _ place: String,
        _ says: String...,
        chip: String = "pilot"
    ) -> Case {
        Case(text: "name: r\n" + lines, place: place, says: says, chip: chip)
    }

    // A quoted line begins at column 6.
    private static let lines = [
        dw(" ", "6", "The line is empty", "Write for example"),
        dw("eta*x0*y1 -", "17", "Here stands the end", "A factor is"),
        dw("eta*x0*y1 )", "16", "')'", "Delete it"),
        dw("eta*x0*y1 y0", "16", "'y0'", "followed by +, -"),
        dw("eta*x0**y1", "13", "Here stands '*'", "Delete one"),
        dw("eta*-2*x0*y1", "10", "bracket: (-2)"),
        dw("2x0*y1", "7", "A number is followed by 'x'", "joined by '*'"),
        dw("2^-5*eta*x0*y1/2", "20", "'/' is no sign", "no division"),
        dw("w = x0*y1", "8", "'=' is no sign", "dw:"),
        dw("x0*y1 \u{2212} y0*x1", "12", "U+2212", "Write '-'"),
        dw("x0\u{B7}y1", "8", "U+B7", "Write '*'"),
        dw("\u{3B7}*x0*y1", "6", "U+3B7", "ASCII"),
        dw("[w - 3]*x0", "6", "'[' is no sign", "Brackets are ( and )"),
        dw("3^2*x0*y1", "7", "Only powers of 2"),
        dw("2^65*x0*y1", "8", "2^65 is out of range", "-64...64"),
        dw("2^0.5*x0*y1", "8", "A whole number"),
        dw("2^99999999999*x0", "8", "at most 2^31"),
        dw("1234567890123456789012*x0", "6", "too many digits", "18"),
        dw("1e999*x0*y1", "6", "too many digits", "exponent"),
        dw("123456789012*123456789012*x0", "19", "Together they have at most 18"),
        dw("x0*(x1 + y1)", "15", "Here stands 'y1'", "Multiply brackets"),
        dw("x0*((w - 3))", "10", "nested brackets"),
        dw("x0*(w - 3 + 4)", "16", "closed by ')'", "sum of products"),
        dw("x0*(w - 0.5)", "14", "A whole number"),
        dw("x0*(0.5 + w)", "10", "whole number", "outside of the bracket"),
        dw("x0*(w - 3", "15", "Here stands the end", "closed by ')'"),
        dw("x0*sgn w", "13", "sgn is followed by '('"),
        dw("x0*sgn(3)", "14", "a register and a number"),
        dw("x0*newer", "9", "'newer' is a word"),
        dw("eta*y1", "6", "no trigger", "x0", "uk"),
        dw("x0*y0*eta", "9", "y0 is a second trigger", "(y0)"),
        dw("x0*x0", "9", "x0 is a second trigger"),
        dw("u4*eta*x0*w", "13", "x0 is a second trigger"),
        dw("u4*u5*w", "9", "u5 is a second trigger", "Keep one"),
        dw("u21*w", "6", "k lies in 0...20"),
        dw("x0*(u4 + 1)", "9", "u4 is a trigger and has no value"),
        dw("x0*x3", "9", "'x3' is no register", "Did you mean"),
        dw("x0*Y1*eta", "9", "'Y1' is no register", "Did you mean y1"),
        dw("x0*(weight - 3)", "9", "'weight' is no register"),
        dw("x0*refractori", "9", "Did you mean refractory"),
        dw("x0*lastPre", "9", "read by windows only", "if 0 <"),
        dw("x0*calcium", "9", "Chip 'pilot' has no register calcium", "another chip"),
        dw("x0*v", "9", "Chip 'loihi' has no register v", chip: "loihi"),
        dw("x0*y2", "9", "y2 is read", "Add y2: { impulse: 32, tau: 10 }"),
        dw("eta*alpha*x0*y1", "10", "'alpha' is the second named amplitude", "'eta' the first"),
        dw("0*x0*y1", "6", "always 0", "Delete"),
        dw("0.1*x0*y1", "6", "0.1 is no mantissa", "Round it to 13107*2^-17"),
        dw("1e-99*1e-99*1e-99*1e-99*x0*y1", "6", "is no mantissa", "Choose a larger one"),
        dw("32769*x0*y1", "6", "-32768...32767", "Round it to 1*2^15"),
        dw("2^-20*x0*y1 + 2^-22*x0*y1", "20", "which is 0 on chip", "2^-20"),
        dw("2^11*x0*y1", "6", "must be below 2^11"),
        dw("x0*(w - 4294967296)", "14", "at most 2^31"),
        dw("x0*y1*9", "6", "-8...7", "Round it to 1*2^3", chip: "loihi"),
        dw("2^-8*x0*y1", "6", "-7...8", "impulse", chip: "loihi"),
        dw("2^-8*eta*x0*y1", "6", "-7...8", "amplitude carry", chip: "loihi"),
        dw("x0*(w - 300)", "10", "-256...255", chip: "loihi"),
        dw("x0*sgn(x1)", "9", "sign of w, d, t", chip: "loihi"),
        dw("u2*w + u3*w", "13", "one k for all uk", "u3 after u2", chip: "loihi"),
        dw("x0" + String(repeating: "*y1", count: 17), "57", "more than 16 registers"),
        dw("x0" + String(repeating: "*2", count: 32), "71", "more than 32 factors"),
        dw(String(repeating: "x", count: 65) + "*x0", "6", "65 letters", "64"),
        dw(
            (1...17).map { "x0*y1*\($0)" }.joined(separator: " + "),
            "173",
            "product 17",
            "holds 16"
        ),
    ]

    private static let windows = [
        dw("eta if t_pre - t_post <= 6", "13", "'t_pre'", "whole number"),
        dw("eta if 0 < t_pre - t_pre <= 6", "25", "'t_pre'", "t_pre - t_post or"),
        dw("eta if 0 < t_pre - t_post", "31", "Here stands < or <=", "if 0 <"),
        dw("eta if 0 > t_pre - t_post", "15", "'>' is no sign", "smaller side first"),
        dw("eta if 0 < dt <= 6", "17", "The time difference stands here"),
        dw("eta if 0 < t_pre - t_post <= 6 newer", "37", "followed by ', newer'"),
        dw("eta if 0 < t_pre - t_post <= 6, nearest", "38", "'nearest'", "'newer' and 'untied'"),
        dw("eta if 0 < t_pre - t_post <= 6, newer, newer", "45", "at most once"),
        dw("eta if -3 < t_pre - t_post <= 6", "13", "begins at -2 steps", "second line"),
        dw("eta if 0 < t_pre - t_post <= 64", "35", "ends at 64 steps", "63", "Shorten"),
        dw("eta if 6 < t_pre - t_post <= 6", "35", "The window is empty"),
        dw("eta if 0 <= t_pre - t_post < 1, untied", "35", "'untied' leaves these out"),
        dw("eta*x0 if 0 < t_pre - t_post <= 6", "10", "stands a register", "is the trigger"),
        dw("eta*(w + 3) if 0 < t_pre - t_post <= 6", "10", "stands a register"),
        dw("0.3 if 0 < t_pre - t_post <= 6", "6", "0.3 is no mantissa"),
        dw(
            "eta if 0 < t_pre - t_post <= 6",
            "13",
            "no times of last spikes",
            "traces",
            chip: "loihi"
        ),
        file(
            "dw:\n  - eta*x0*w\n  - eta if 0 < t_pre - t_post <= 6\n",
            "4:5",
            "mixes products and windows",
            "throughout"
        ),
        file(
            "dw:\n  - eta if 0 < t_pre - t_post <= 6\n  - eta*x0*w\n",
            "4:5",
            "mixes products and windows"
        ),
        file(
            "x1: { impulse: 32 }\ndw: eta if 0 < t_pre - t_post <= 6\n",
            "2:16",
            "x1.impulse",
            "windows read the times of spikes only"
        ),
    ]

    private static let entries = [
        file("", "", "changes nothing", "Add for example dw:"),
        file("x1: { impulse: 32 }\n", "", "changes nothing"),
        file("x1: { tau: 10 }\ndw: x0*x1\n", "2:12", "x1 has no impulse", "impulse: 32"),
        file("x1: { impulse: 128 }\ndw: y0*x1\n", "2:16", "1...127", "32"),
        file("x1: { impulse: 0 }\ndw: y0*x1\n", "2:16", "1...127"),
        file("x1: { impulse: 1.5 }\ndw: y0*x1\n", "2:16", "whole number"),
        file("x1: { impulse: nan }\ndw: y0*x1\n", "2:16", "'nan'"),
        file("x1: { impulse: 0x20 }\ndw: y0*x1\n", "2:16", "'0x20'"),
        file("x1: { impulse: 9, tau: -1 }\ndw: y0*x1\n", "2:24", "'-1'", "positive"),
        file("x1: { impulse: 9, tau: 65537 }\ndw: y0*x1\n", "2:24", "0...65536", "never decays"),
        file("x1: { impulse: 9, tau: inf }\ndw: y0*x1\n", "2:24", "'inf'"),
        file(
            "x1: { impulse: 9, tau: 3, shape: triangle }\ndw: y0*x1\n",
            "2:34",
            "exponential, triangular",
            "Did you mean triangular"
        ),
        file(
            "x1: { impulse: 32, tau: 10, shape: triangular }\ndw: y0*x1\n",
            "2:25",
            "32.0/10.0",
            "Write impulse: 30"
        ),
        file(
            "x1: { impulse: 32, shape: triangular }\ndw: y0*x1\n",
            "2:27",
            "tau is missing",
            "tau: 10"
        ),
        file(
            "x1: { impulse: 30, tau: 10, shape: triangular }\ndw: y0*x1\n",
            "2:36",
            "exponential traces only",
            chip: "loihi"
        ),
        file("x1: { impulse: 32 }\ndw: y0*w\n", "2:16", "no product reads it", "Delete x1"),
        file("epoch: 2\ndw: y0*w\n", "2:8", "1...1", "Delete the key"),
        file("epoch: 64\ndw: y0*w\n", "2:8", "1...63", chip: "loihi"),
        file("epoch: 1.5\ndw: y0*w\n", "2:8", "'1.5'", "whole number"),
        file("dt: y0*w\n", "2:5", "does not change t", "dw"),
        file("thirdFactor: x1\ndw: y0*w\n", "2:14", "'x1' cannot name", "reward"),
        file("thirdFactor: a b\ndw: y0*w\n", "2:14", "'a b' cannot name"),
        file("thirdFactor: reward\ndw: y0*w\n", "2:14", "no product reads it"),
        file("thirdFactor: reward\ndw: y0*rewards\n", "3:8", "Did you mean reward"),
    ]

    @Test("are refused with place, limit and advice", arguments: lines + windows + entries)
    func refuses(bad: Case) throws {
        let message = Rules.error(bad.text, on: try Rules.chip(bad.chip)) ?? "compiles"
        let start = bad.place.isEmpty ? "r.yaml: " : "r.yaml:\(bad.place): "
        #expect(message.hasPrefix(start), "\(message)")
        for words in bad.says { #expect(message.contains(words), "\(message)") }
    }

    @Test("a chip without learning engine is named")
    func namesChip() throws {
        var chip = try Rules.chip("pilot")
        chip.learning = nil
        let message = Rules.error("name: r\ndw: x0*w\n", on: chip)
        #expect(message?.contains("chip 'pilot' has no learning engine") ?? false)
    }

    @Test("messages stand in docs/LEARNING.md as they are")
    func quotesMessages() throws {
        let page = try String(contentsOfFile: Rules.path("docs/LEARNING.md"), encoding: .utf8)
        let words = page.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
        let chip = try Rules.chip("pilot")
        for rule in [
            Rules.traces + "dw: x0*y0*eta\n", Rules.traces + "dw: 0.1*x0*y1\n",
            "name: r\ndw:\n  - eta if 0 < t_pre - t_post <= 64\n",
        ] {
            let message = try #require(Rules.error(rule, on: chip))
            #expect(words.contains("my" + message.dropFirst()), "\(message)")
        }
    }

    @Test("entries of another reader are checked as well")
    func checksEntries() throws {
        let chip = try Rules.chip("pilot")
        func message(_ entries: [(String, String)]) -> String {
            let rule = LearningRule(
                name: "r",
                file: "r.yaml",
                entries: entries.enumerated().map {
                    LearningRuleEntry(key: $1.0, text: $1.1, line: $0 + 1, column: 3)
                }
            )
            do {
                _ = try RuleCompiler.program(for: rule, on: chip)
                return "compiles"
            } catch {
                return error.description
            }
        }
        #expect(message([("dw", "x0*w")]) == "compiles")
        #expect(message([("x1.tua", "3")]).contains("r.yaml:1:3: x1.tua: A rule has no such key"))
        #expect(message([("x1.tua", "3")]).contains("Did you mean x1.tau?"))
        #expect(message([("epoch", "1"), ("epoch", "1")]).contains("r.yaml:2:3: epoch: The key"))
        let long = String(repeating: "x0*w + ", count: 600) + "x0*w"
        #expect(message([("dw", long)]).contains("4204 bytes. It may have 4096"))
        let many = [(String, String)](repeating: ("dw", "x0*w"), count: 257)
        #expect(message(many).contains("257 entries. It may have 256"))
        #expect(message([("dw", "x0*w\n")]).contains("r.yaml:1:7: dw: U+A is no sign"))
    }
}
