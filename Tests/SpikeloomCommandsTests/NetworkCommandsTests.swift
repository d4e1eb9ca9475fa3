import Foundation
import TestSupport
import Testing

@Suite("Commands on networks in YAML")
struct NetworkCommandsTests {
    @Test("compile takes a description, and a seed of its own for it")
    func compile() throws {
        func report(_ options: String...) throws -> String {
            let outcome = try BuiltProgram.run(
                ["compile", "Examples/networks/sheet.yaml", "--chip", "pilot"] + options
            )
            #expect(outcome.exitCode == 0, "\(outcome.complaint)")
            return outcome.output
        }
        let first = try report()
        #expect(first.contains("network 'sheet' of seed 1"))
        #expect(first.contains("excitatory → inhibitory"))
        let second = try report("--network-seed", "2")
        #expect(second.contains("network 'sheet' of seed 2"))
        #expect(first != second)
    }

    @Test("run reads NIR parts through the child process")
    func run() throws {
        let outcome = try BuiltProgram.run([
            "run", "Examples/networks/two-digits.yaml", "--input",
            "Examples/digits/digits_fc_test.npz", "--steps", "6",
        ])
        #expect(outcome.exitCode == 0, "\(outcome.complaint)")
        #expect(outcome.output.contains("votes"))
    }

    @Test("a wrong description is refused with code, file, line and key")
    func refused() throws {
        let scratch = try Scratch()
        let path = scratch.file("x.yaml")
        try Data("network: x\npopulations: { a: { cuont: 1, neuron: input } }\n".utf8).write(
            to: path
        )
        for command in [["compile"], ["run", "--input", "Examples/digits/digits_fc_test.npz"]] {
            let outcome = try BuiltProgram.run([command[0], path.path] + command.dropFirst())
            #expect(outcome.exitCode == 2)
            #expect(outcome.complaint.contains("x.yaml:2:21: populations.a has the key 'cuont'"))
        }
    }
}
