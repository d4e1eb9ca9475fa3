import ArgumentParser
import ChipSpec
import Report

/// `spikeloom chips`.
struct Chips: ReportingCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the chips that are known, or show one.",
        discussion: """
            Examples:
              spikeloom chips
              spikeloom chips loihi
              spikeloom chips ./mychip.yaml --json mychip.json
            """
    )

    @Argument(help: ArgumentHelp("Chip to show: a name or a spec file.", valueName: "name|file"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "Write the chip as it is with all that it extends: canonical JSON, whose SHA-256 is the "
                + "digest. It is a chip spec too.",
            valueName: "file"
        )
    )
    var json: String?

    @OptionGroup var reporting: DiagnosticOptions

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        guard json == nil || name != nil else {
            throw ValidationError("--json needs a chip: spikeloom chips NAME --json FILE.")
        }
    }

    func run() throws {
        let catalogue = Tools.catalogue
        if let name {
            let chip = try catalogue.load(name)
            if let json {
                try Tools.write(String(decoding: chip.canonicalJSON(), as: UTF8.self), to: json)
            }
            if !quiet { Console.print(ChipCard(chip: chip, width: Console.width).text) }
            return
        }
        var table = TextTable([
            .init("chip"), .init("cores", alignment: .right), .init("neurons", alignment: .right),
            .init("summary"),
        ])
        for name in catalogue.names {
            // One bad file of the user's folder does not hide the others.
            guard let chip = try? catalogue.load(name) else {
                table.append([name, "", "", "Not usable: 'spikeloom chips \(name)' says why."])
                continue
            }
            table.append([
                name, Format.count(chip.mesh.coreCount),
                Format.count(chip.mesh.coreCount * chip.core.neurons), chip.summary,
            ])
        }
        if !quiet { Console.print(table.text) }
    }
}
