import ArgumentParser
import ChipSpec
import Diagnostics

/// `spikeloom explain`.
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Explain the code of an error, with an example; without a code, list all.",
        discussion: """
            Examples:
              spikeloom explain
              spikeloom explain E0302
            """
    )

    @Argument(help: "Code of an error, for example E0302.")
    var code: String?

    @Flag(help: "Print all pages as Markdown: docs/DIAGNOSTICS.md.")
    var markdown = false

    func validate() throws {
        guard code == nil || !markdown else {
            throw ValidationError("--markdown prints all pages: leave the code out.")
        }
    }

    func run() throws {
        guard let code else {
            return Console.print(
                markdown
                    ? String(DiagnosticCatalogue.markdown.dropLast()) : DiagnosticCatalogue.list
            )
        }
        guard let page = DiagnosticCatalogue.page(on: code) else {
            let codes = DiagnosticCode.allCases.map(\.rawValue)
            let hint = NearestName.of(code, among: codes).map { "Did you mean \($0)? " } ?? ""
            throw BadInput(
                "There is no code '\(code)'. \(hint)'spikeloom explain' lists all \(codes.count)."
            )
        }
        Console.print(page.text(width: Console.width))
    }
}
