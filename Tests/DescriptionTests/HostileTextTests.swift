import Description
import Foundation
import TestSupport
import Testing

@Suite("Hostile experiment files")
struct HostileTextTests {
    @Test("deep nesting, long lines and control characters are errors, not crashes")
    func shapes() {
        let texts = [
            String(repeating: "[", count: 200_000), String(repeating: "{a: ", count: 50_000),
            String(repeating: "- ", count: 200_000), String(repeating: "a: ", count: 10_000),
            "experiment: " + String(repeating: "x", count: 1_000_000), "\u{0}", "\u{FEFF}",
            "---\n---\n",
            "%YAML 9.9\n---\na: b", "? [a, b]\n: c", "!!binary x", "a: !!python/object:os.system x",
            String(repeating: "é", count: 600_000), "experiment: \"\\0\"", "experiment: \u{85}x",
            "1: 2\n1.0: 3", "null: null", "~: ~",
        ]
        for text in texts {
            #expect(throws: DescriptionError.self, "\(text.prefix(30))") {
                try ExperimentFile(text: text, path: "x.yaml").experiment()
            }
        }
    }

    @Test("nested aliases, as values and as keys, are refused before they multiply")
    func aliases() {
        var bomb = "a0: &a0 [x, x]\n"
        for level in 1...40 { bomb += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        var keys = "k0: &k0 {x: y}\n"
        for level in 1...40 {
            keys += "k\(level): &k\(level) {? *k\(level - 1) : *k\(level - 1)}\n"
        }
        for text in [bomb, keys] {
            let error = #expect(throws: DescriptionError.self) {
                try ExperimentFile(text: text, path: "x.yaml")
            }
            #expect(error?.description.hasPrefix("x.yaml:1:5: There is a '&x'") == true)
        }
        // Without a name an '&' is text.
        #expect(throws: Never.self) {
            try Texts.experiment(
                Texts.plain("chip: pilot", "chip: pilot\nsummary: \"a & b && c\" # & d")
            )
        }
    }

    @Test("files that are too large, no text, folders or missing are refused with their path")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("description-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path + "/x.yaml"
        func refusal(_ data: Data?) throws -> String {
            if let data { try data.write(to: URL(fileURLWithPath: path)) }
            let error = #expect(throws: DescriptionError.self) { try ExperimentFile(path: path) }
            return error?.description ?? ""
        }
        #expect(try refusal(nil).contains("cannot be opened"))
        #expect(try refusal(Data(repeating: 32, count: 1 << 20)).contains("empty"))
        #expect(try refusal(Data(repeating: 32, count: 1 << 20 + 1)).contains("1 MiB"))
        #expect(try refusal(Data([0xFF, 0xFE, 0])).contains("UTF-8"))
        let error = #expect(throws: DescriptionError.self) { try ExperimentFile(path: folder.path) }
        #expect(error?.description.hasPrefix(folder.path) == true)
    }

    @Test("texts with random damage are read or refused, nothing else")
    func damage() throws {
        let root = Fixtures.repository.path + "/Examples/learning"
        let sources = [
            Texts.plain, try String(contentsOfFile: root + "/reciprocal.yaml", encoding: .utf8),
            try String(contentsOfFile: root + "/axes/weight-scale.yaml", encoding: .utf8),
        ]
        let pieces = [
            "", " ", "\n", ":", "{", "}", "[", "]", "-", "1e999", "-1", "0", "nan",
            "99999999999999999999",
            "'", "\"", "#", "?", "|", ">", "*", "&", "!", "%", "@", "~", "\t", "\u{2028}", "on",
            "like",
        ]
        var random = SplitMix64(seed: 4)
        var refused = 0
        for round in 0..<1500 {
            var scalars = Array(sources[round % sources.count].unicodeScalars)
            for _ in 0...(round % 3) {
                let start = Int(random.next() % UInt64(scalars.count))
                let end = min(scalars.count, start + Int(random.next() % 8))
                let piece = pieces[Int(random.next() % UInt64(pieces.count))]
                scalars.replaceSubrange(start..<end, with: Array(piece.unicodeScalars))
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            do {
                let file = try ExperimentFile(text: String(text), path: root + "/x.yaml")
                for arm in [nil] + file.arms.prefix(2).map(Optional.some) {
                    _ = try file.experiment(arm: arm)
                }
            } catch let error as DescriptionError {
                refused += 1
                #expect(!error.what.isEmpty)
            }
        }
        #expect((300..<1450).contains(refused), "\(refused) of 1500")
    }

    @Test("networks with random damage are read or refused")
    func networks() throws {
        let folder = Fixtures.repository.appendingPathComponent("Examples/networks")
        let sources = try ["sheet.yaml", "columns.yaml", "two-digits.yaml"].map {
            try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
        }
        let pieces = [
            "", " ", "\n", ":", "{", "}", "[", "]", "-", "1e999", "-1", "0", "9", "99999",
            "1048576", "$",
            "$size", "kernel", "wrap", "use", "input", "\u{2028}",
        ]
        var random = SplitMix64(seed: 5)
        var refused = 0
        for round in 0..<600 {
            var scalars = Array(sources[round % sources.count].unicodeScalars)
            let start = Int(random.next() % UInt64(scalars.count))
            let end = min(scalars.count, start + Int(random.next() % 4))
            let piece = pieces[Int(random.next() % UInt64(pieces.count))]
            scalars.replaceSubrange(start..<end, with: Array(piece.unicodeScalars))
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            do {
                _ = try NetworkFile(text: String(text), path: folder.path + "/x.yaml")
            } catch let error as DescriptionError {
                refused += 1
                #expect(!error.what.isEmpty)
            }
        }
        #expect((200..<590).contains(refused), "\(refused) of 600")
    }
}
