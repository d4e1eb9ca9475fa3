import Foundation
import TestSupport
import Testing

@Suite("Chips command")
struct ChipsTests {
    private static let bad = Fixtures.repository
        .appendingPathComponent("Tests/ChipSpecTests/Fixtures/bad")

    /// Files that are large, deep or no text, by name.
    private static let monsters: [(name: String, bytes: [UInt8])] = {
        let head = Array("extends: pilot\nname: bad\nsummary: A bad chip.\n".utf8)
        let limit = 1 << 20
        func filled(_ text: String, to size: Int = limit) -> [UInt8] {
            let piece = Array(text.utf8)
            return head + Array("mesh: ".utf8)
                + (0..<(size - 60) / piece.count).flatMap { _ in piece }
        }
        func keys(_ count: Int) -> [UInt8] {
            head + (0..<count).flatMap { Array("k\($0): 1\n".utf8) }
        }
        func merged(_ parent: String, _ key: String, _ items: (Int) -> String) -> [UInt8] {
            Array("extends: \(parent)\nname: bad\nsummary: A bad chip.\n\(key):\n".utf8)
                + (0..<8000).flatMap { Array("  \(items($0))\n".utf8) }
        }
        let long =
            String(repeating: "? ", count: 60) + "["
            + String(repeating: "x, ", count: 16_000) + "x]\n"
        return [
            ("too-large", head + [UInt8](repeating: 32, count: limit)),
            ("brackets", filled("[")), ("braces", filled("{")), ("dashes", filled("\n- ")),
            ("dashes-of-a-line", filled("- ")), ("questions", filled("? ")),
            ("closed-900", filled("[", to: 960) + filled("]", to: 960).suffix(900)),
            (
                "indented",
                head + (0..<900).flatMap { Array(repeating: 32, count: $0) + [97, 58, 10] }
            ),
            ("long-list", filled("1,")), ("many-keys", keys(16_000)), ("more-keys", keys(20_000)),
            ("inner", merged("pilot", "mesh") { "k\($0): 1" }),
            ("inner-again", merged("./inner.yaml", "mesh") { "k\($0): 1" }),
            ("tables", merged("loihi", "energyTables") { "- name: k\($0)" }),
            ("tables-again", merged("./tables.yaml", "energyTables") { "- name: k\($0)" }),
            ("long-key", Array(long.utf8)),
            ("long-word", filled("9")),
            ("open-quotes", filled("\"")), ("commas", filled(",")), ("colons", filled(": ")),
            ("anchors", filled("&a ")), ("stars", filled("*a ")), ("tags", filled("!a ")),
            ("tabs", filled("\t")), ("documents", filled("\n---")), ("hashes", filled("#")),
            ("newlines", filled("\n")), ("nul", head + [0]),
            ("nuls", [UInt8](repeating: 0, count: limit)),
            ("no-utf8", head + [0xC3, 0x28]), ("utf16", [0xFF, 0xFE] + head.flatMap { [$0, 0] }),
            ("directive", Array("%YAML 9.9\n---\na: 1\n".utf8)),
        ]
    }()

    @Test("refuses each bad spec with one message, in a second and 200 MB")
    func refusesBadSpecs() throws {
        let scratch = try Scratch()
        for (name, bytes) in Self.monsters {
            try Data(bytes).write(to: scratch.file("\(name).yaml"))
        }
        let fixtures = try FileManager.default.contentsOfDirectory(atPath: Self.bad.path).sorted()
        #expect(fixtures.count >= 40)
        let paths =
            fixtures.map { Self.bad.appendingPathComponent($0).path }
            + Self.monsters.map { scratch.file("\($0.name).yaml").path }
            + [scratch.folder.path + "/", scratch.file("missing.yaml").path]
        for path in paths {
            let name = URL(fileURLWithPath: path).lastPathComponent
            let outcome = try BuiltProgram.run(
                ["chips", path],
                within: 200_000_000 / 1024,
                cpuSeconds: 1
            )
            #expect(outcome.exitCode == 2, "\(name): \(outcome.exitCode) \(outcome.complaint)")
            #expect(outcome.output.isEmpty, "\(name)")
            #expect(outcome.complaint.hasPrefix("error[E0"), "\(name): \(outcome.complaint)")
            #expect(outcome.complaint.contains(".yaml") || path.hasSuffix("/"), "\(name)")
            #expect(outcome.complaint.count < 1500, "\(name)")
        }
    }

    @Test("shows what a chip is: every part of it, and the digest")
    func card() throws {
        for (chip, words) in [
            ("loihi", ["8 × 4", "at random", "barrier", "sanafe", "fitted", "0 J", "unknown"]),
            ("pilot", ["gain servo", "real time", "noisyLIF", "assumed", "1.60 mW"]),
            ("truenorth", ["none", "4,096"]), ("odin", ["odin"]),
        ] {
            let outcome = try BuiltProgram.run(["chips", chip])
            #expect(outcome.exitCode == 0)
            for word in [
                "Geometry", "A core holds", "Synapses", "Dendrites", "Somas", "Learning",
                "Interconnect", "Time", "Mismatch", "Energy table", "Known gaps", "Digest",
            ] + words {
                #expect(outcome.output.contains(word), "\(chip): \(word)")
            }
            // Without a terminal, nothing but a table is wider than 80 columns.
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.allSatisfy { $0.count <= 90 }, "\(chip)")
        }
    }

    @Test("writes the resolved spec, which is a spec, and whose SHA-256 is the digest")
    func json() throws {
        let scratch = try Scratch()
        let spec = "extends: loihi\nname: mine\nsummary: A chip of mine.\nmesh: { width: 3 }\n"
        try Data(spec.utf8).write(to: scratch.file("mine.yaml"))
        let first = try BuiltProgram.run(
            ["chips", "./mine.yaml", "--json", "mine.json"],
            in: scratch.folder
        )
        #expect(first.exitCode == 0, "\(first.complaint)")
        #expect(first.output.contains("3 × 4"))
        let again = try BuiltProgram.run(
            ["chips", "./mine.json", "--json", "again.json"],
            in: scratch.folder
        )
        #expect(again.output == first.output)
        let bytes = try Data(contentsOf: scratch.file("mine.json"))
        #expect(try Data(contentsOf: scratch.file("again.json")) == bytes)
        let quiet = try BuiltProgram.run(
            ["chips", "./mine.json", "--json", "x.json", "--quiet"],
            in: scratch.folder
        )
        #expect(quiet.exitCode == 0 && quiet.output.isEmpty)
        #expect(try BuiltProgram.run(["chips", "--json", "x.json"]).exitCode == 2)
    }

    @Test("lists the good chips beside a bad one")
    func list() throws {
        let scratch = try Scratch()
        let folder = scratch.file("chipspecs")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("mesh: [".utf8).write(to: folder.appendingPathComponent("broken.yaml"))
        let outcome = try BuiltProgram.run(["chips"], in: scratch.folder)
        #expect(outcome.exitCode == 0)
        #expect(outcome.output.contains("'spikeloom chips broken' says why"))
        #expect(outcome.output.contains("truenorth") && outcome.output.contains("pilot"))
    }
}
