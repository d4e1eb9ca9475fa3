import ArgumentParser
import ChipSpec
import Report

/// `spikeloom chips`.
struct Chips: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the chips that are known, or show one.",
        discussion: """
            Example:
              spikeloom chips loihi
            """
    )

    @Argument(help: ArgumentHelp("Chip to show: a name or a spec file.", valueName: "name|file"))
    var name: String?

    func run() throws {
        if let name {
            Console.print(ChipCard(chip: try Tools.catalogue.load(name)).text)
            return
        }
        var table = TextTable([
            .init("chip"), .init("cores", alignment: .right), .init("neurons", alignment: .right),
            .init("summary"),
        ])
        for name in Tools.catalogue.names {
            let chip = try Tools.catalogue.load(name)
            table.append([
                name, Format.count(chip.mesh.coreCount),
                Format.count(chip.mesh.coreCount * chip.core.neurons), chip.summary,
            ])
        }
        Console.print(table.text)
    }
}
