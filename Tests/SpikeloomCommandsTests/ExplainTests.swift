import Foundation
import TestSupport
import Testing

@Suite("Diagnostics of the program")
struct ExplainTests {
    private func run(_ arguments: String...) throws -> BuiltProgram.Outcome {
        try BuiltProgram.run(arguments)
    }

    // MARK: explain

    @Test("explain prints a page: meaning, reason, example with its message, remedy")
    func page() throws {
        let outcome = try run("explain", "e0302")
        #expect(outcome.exitCode == 0 && outcome.complaint.isEmpty)
        #expect(outcome.output.hasPrefix("E0302: The network has no neurons\n"))
        for part in ["\nWhy\n", "\nExample\n", "error[E0302]: Network 'net'", "\nWhat to do\n"] {
            #expect(outcome.output.contains(part), "\(outcome.output)")
        }
    }

    @Test("explain refuses a code that is not there, and names the nearest")
    func unknownCode() throws {
        let outcome = try run("explain", "E0309x")
        #expect(outcome.exitCode == 2 && outcome.output.isEmpty)
        #expect(outcome.complaint.contains("no code 'E0309x'. Did you mean E0309?"))
        #expect(try run("explain", "banana").complaint.contains("'spikeloom explain' lists all"))
        #expect(try run("explain", "E0302", "--markdown").exitCode == 2)
    }

    @Test("explain alone lists all codes by chapter")
    func list() throws {
        let outcome = try run("explain")
        #expect(outcome.exitCode == 0)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("  E0") } >= 100)
        #expect(lines.contains("  E0302  The network has no neurons"))
    }

    // MARK: Errors

    private static let lost = ["compile", "lost.nir", "--from", "snntorch", "-o", "x.chipimg"]

    @Test("an error shows its code, and the hint on a terminal alone")
    func text() throws {
        let outcome = try BuiltProgram.run(Self.lost)
        #expect(outcome.exitCode == 2)
        #expect(outcome.complaint.hasPrefix("error[E0101]: lost.nir: "))
        #expect(outcome.complaint.split(separator: "\n").count == 1)
    }

    /// The objects of standard error, one a line.
    private func diagnostics(_ outcome: BuiltProgram.Outcome) throws -> [[String: Any]] {
        try outcome.complaint.split(separator: "\n").map { line in
            let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
            return try #require(value as? [String: Any])
        }
    }

    /// The keys that the schema requires.
    private static let keys: Set<String> = [
        "schema", "code", "severity", "message", "file", "line", "column", "path", "resource",
        "needed", "limit",
    ]

    @Test("--diagnostics json writes an error as one object with code and file")
    func json() throws {
        let outcome = try BuiltProgram.run(Self.lost + ["--diagnostics", "json"])
        #expect(outcome.exitCode == 2 && outcome.output.isEmpty)
        let objects = try diagnostics(outcome)
        let object = try #require(objects.first)
        #expect(objects.count == 1 && Set(object.keys) == Self.keys)
        #expect(object["schema"] as? String == "spikeloom.diagnostic/1")
        #expect(object["code"] as? String == "E0101" && object["severity"] as? String == "error")
        #expect(object["file"] as? String == "lost.nir" && object["line"] is NSNull)
        #expect((object["message"] as? String)?.hasPrefix("lost.nir: ") == true)
    }

    @Test(
        "every command that reads files tells in JSON what is wrong with them",
        arguments: [
            ["run", "lost.nir", "--input", "lost.npz"],
            ["measure", "lost.nir", "--input", "lost.npz"], ["inspect", "lost.nir"],
            ["replay", "lost.mcap", "--image", "lost.chipimg"], ["learn", "lost.yaml"],
            ["convert", "lost.mcap", "lost.csv"], ["train", "lost.yaml"],
            ["circuit", "lost.yaml"], ["sampling", "lost.yaml"], ["chips", "lost.yaml"],
            ["energy", "lost.mcap"], ["traffic", "lost.yaml"],
        ]
    )
    func jsonEverywhere(arguments: [String]) throws {
        let outcome = try BuiltProgram.run(arguments + ["--diagnostics", "json"])
        #expect(outcome.exitCode == 2)
        let objects = try diagnostics(outcome)
        #expect(objects.count == 1 && objects[0]["severity"] as? String == "error")
    }

    @Test("--diagnostics json names line and key of a description, and what a chip lacks")
    func jsonPlaces() throws {
        let scratch = try Scratch()
        let text = """
            experiment: x
            network:
              populations: { a: { count: 0, neuron: lif, tau: 10 } }
            phases: [{ run: { seconds: 1 } }]
            """
        try text.write(to: scratch.file("x.yaml"), atomically: true, encoding: .utf8)
        let learned = try BuiltProgram.run(
            ["learn", "x.yaml", "--diagnostics", "json"],
            in: scratch.folder
        )
        let value = try #require(try diagnostics(learned).first)
        #expect(value["code"] as? String == "E0207" && value["line"] as? Int == 3)
        #expect(value["path"] as? String == "network.populations.a.count")
        // A chip on which the digits network does not fit.
        let chip = """
            extends: pilot
            name: mine
            summary: One core of 64 neurons.
            mesh: { width: 1, height: 1 }
            core: { neurons: 64 }
            """
        try chip.write(to: scratch.file("mine.yaml"), atomically: true, encoding: .utf8)
        let digits = Fixtures.repository.appendingPathComponent("Examples/digits/digits_fc.nir")
        let compiled = try BuiltProgram.run(
            [
                "compile", digits.path, "--from", "snntorch", "--chip", "mine.yaml", "-o",
                "x.chipimg", "--diagnostics", "json",
            ],
            in: scratch.folder
        )
        let limit = try #require(try diagnostics(compiled).first)
        #expect(limit["code"] as? String == "E0318", "\(compiled.complaint)")
        #expect(limit["needed"] as? Int == 2 && limit["limit"] as? Int == 1)
        #expect((limit["resource"] as? String)?.hasPrefix("cores, full by ") == true)
    }

    @Test("--diagnostics json writes errors without a code, too, with null for it")
    func jsonWithoutCode() throws {
        let outcome = try run("inspect", "README.md", "--diagnostics", "json")
        #expect(outcome.exitCode == 2)
        let object = try #require(try diagnostics(outcome).first)
        #expect(Set(object.keys) == Self.keys && object["code"] is NSNull)
        let usage = try run("inspect", "README.md", "--diagnostics", "xml")
        #expect(usage.exitCode == 2 && usage.complaint.contains("--diagnostics"))
    }
}
