import ArgumentParser
import ChipImage
import Compiler
import Experiments
import Foundation
import NIRImport
import Report

/// `spikeloom compile`.
struct Compile: ReportingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compile a network to a chip image.",
        discussion: """
            Example:
              spikeloom compile digits_fc.nir --from snntorch --chip pilot -o digits.chipimg
            """
    )

    @Argument(help: ArgumentHelp("Network: a NIR file.", valueName: "network"))
    var network: String

    @OptionGroup var importing: ImportOptions
    @OptionGroup var target: ChipOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("Image to write.", valueName: "image"))
    var output: String

    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
    var json: String?

    @OptionGroup var reporting: DiagnosticOptions

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func run() throws {
        let imported = try importing.network(at: network)
        let compilation = try Compiler.compile(imported.network, for: target.spec())
        try verify(compilation.image)
        try compilation.image.write(to: output)
        if let json {
            try Tools.write(CompileText.json(compilation.report), to: json)
        }
        guard !quiet else { return }
        for note in imported.notes { Console.print(note) }
        Console.print(CompileText.text(compilation.report))
        Console.print("\(output) written.")
    }
}

/// An image of ours that breaks an invariant is our bug, not the user's.
func verify(_ image: ChipImage) throws {
    do { try image.verify() } catch {
        throw OwnBug(message: "the compiled image breaks an invariant: \(error)")
    }
}
