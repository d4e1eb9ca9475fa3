import ChipImage
import ChipSpec
import Compiler
import Description
import NetworkIR
import TestSupport
import Testing

@Suite("Hostile rules")
struct RuleFuzzTests {
    private let seeds = [
        "2^-5*eta*x0*y1 - 2^-5*eta*y0*x1", "-decay*x0*w*(w - 3)*sgn(v + 2)",
        "u4*0.75e-1*(127 - y1)",
        "+eta if 0 < t_pre - t_post <= 6, newer, untied", "(-2)*2^-3*x0*y1 + 2*2^-3*y0*x1",
    ]

    /// Compiles one entry; an error must point into it.
    private func check(_ text: String, on chip: ChipSpec, key: String = "dw") -> Bool {
        let entries = [
            LearningRuleEntry(key: "x1.impulse", text: "32", line: 1, column: 1),
            LearningRuleEntry(key: "y1.impulse", text: "32", line: 2, column: 1),
            LearningRuleEntry(key: key, text: text, line: 3, column: 7),
        ]
        do {
            _ = try RuleCompiler.program(
                for: LearningRule(name: "r", file: "f", entries: entries),
                on: chip
            )
            return true
        } catch {
            let isInside = (7...(7 + text.unicodeScalars.count)).contains(error.column)
            #expect(error.line < 3 || isInside, "\(error) of \(text)")
            #expect(error.what.hasSuffix("."), "\(error)")
            #expect(error.what.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 })
            return false
        }
    }

    @Test(
        "mutated lines compile or are refused with a place inside of them",
        arguments: ["pilot", "loihi"]
    )
    func mutations(chipName: String) throws {
        let chip = try Rules.chip(chipName)
        var random = SplitMix64(seed: 42)
        let pieces = [
            "x0", "y1", "x1", "w", "u4", "u99999999999999999999", "sgn(", "(", ")", "*", "+", "-",
            "^",
            "2^", " if ", "0 <", "<=", "t_pre", "t_post", ",", "newer", "9223372036854775808",
            "1e99",
            "1e-99", "\u{0}", "\u{301}", "é", "\n", "\u{1F600}", "-9223372036854775808", "0.1",
        ]
        var compiled = 0
        for _ in 0..<4000 {
            var text = Array(random.pick(seeds).unicodeScalars)
            for _ in 0..<random.int(1...4) {
                let place = random.int(0...text.count)
                switch random.int(0...2) {
                case 0: text.insert(contentsOf: random.pick(pieces).unicodeScalars, at: place)
                case 1: text.removeSubrange(place..<min(text.count, place + random.int(1...4)))
                default:
                    let end = min(text.count, place + random.int(1...9))
                    text.insert(contentsOf: text[place..<end], at: random.int(0...text.count))
                }
            }
            var line = String.UnicodeScalarView()
            line.append(contentsOf: text)
            if check(String(line), on: chip) { compiled += 1 }
        }
        #expect(compiled > 40, "\(compiled)")
    }

    @Test("random bytes in any entry are refused, not trapped on")
    func randomBytes() throws {
        let chip = try Rules.chip("pilot")
        var random = SplitMix64(seed: 43)
        for _ in 0..<2000 {
            let bytes = (0..<random.int(0...40)).map { _ in UInt8(random.int(0...255)) }
            let key = random.pick([
                "dw", "x2.impulse", "x1.tau", "y1.shape", "epoch", "thirdFactor",
            ])
            _ = check(String(decoding: bytes, as: UTF8.self), on: chip, key: key)
        }
    }

    @Test(
        "long lines and deep nesting are refused at once",
        arguments: ["(", "((-", "-", "2^(", "sgn(", "x0*", "1*", "x0 + ", "2^2^", "9", "x", "0."]
    )
    func longLines(piece: String) throws {
        let chip = try Rules.chip("pilot")
        for count in [40, 4000 / piece.utf8.count, 100_000] {
            #expect(!check(String(repeating: piece, count: count), on: chip))
        }
    }

    @Test("hostile files do not trap the reader and the compiler together")
    func files() throws {
        let chip = try Rules.chip("pilot")
        var random = SplitMix64(seed: 44)
        let file = Array(
            (Rules.traces + "epoch: 1\nthirdFactor: q\ndw:\n  - q*2^-5*eta*x0*y1\n  - -y0*x1\n")
                .utf8
        )
        var compiled = 0
        for _ in 0..<1500 {
            var bytes = file
            for _ in 0..<random.int(1...3) {
                bytes[random.int(0...bytes.count - 1)] = UInt8(random.int(32...126))
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if Rules.error(text, on: chip) == nil { compiled += 1 }
        }
        #expect(compiled > 10, "\(compiled)")
    }
}
