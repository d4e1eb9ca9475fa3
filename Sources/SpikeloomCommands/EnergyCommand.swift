import ArgumentParser
import ChipSpec
import Events
import Experiments
import Foundation
import Report
import SpikeTrace

/// `spikeloom energy`.
struct EnergyCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "energy",
        abstract: "Price the counts of a recording or a report by a table, without running again.",
        discussion: """
            Examples:
              spikeloom energy run.mcap --chip loihi --energy davies2018
              spikeloom energy run.json --energy sanafe
            """
    )

    @Argument(
        help: ArgumentHelp(
            "A recording (run --record) or a report (run --json).",
            valueName: "mcap|json"
        )
    )
    var file: String

    @Option(
        help: ArgumentHelp(
            "The chip whose prices count; by default the one that the report names.",
            valueName: "name|file"
        )
    )
    var chip: String?

    @Option(help: ArgumentHelp("Energy table; the chip's first by default.", valueName: "table"))
    var energy: String?

    @Option(help: ArgumentHelp("Write the terms as JSON.", valueName: "file"))
    var json: String?

    @OptionGroup var reporting: DiagnosticOptions

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    /// Larger reports are none of ours.
    private static let mostBytes = 1 << 28

    func run() throws {
        let recorded = try counts()
        guard let name = chip ?? recorded.chipName else {
            throw BadInput("--chip is missing: \(file) does not name its chip. Give --chip NAME.")
        }
        let spec = try Tools.catalogue.load(name)
        if let digest = recorded.chipDigest, digest != spec.digest.description {
            throw BadInput(
                "\(file) was recorded on another chip: its digest is \(digest.prefix(12))…, that of "
                    + "\(spec.name) \(spec.digest.description.prefix(12))…. Give the spec of the run."
            )
        }
        let table = try EnergyChoice.table(energy, of: spec) ?? spec.energyTables[0]
        let report = PricedCounts(recorded: recorded, energy: recorded.energy(by: table))
        if let json { try Tools.write(report.json.text, to: json) }
        if !quiet { Console.print(report.text) }
    }

    private func counts() throws -> RecordedCounts {
        if try FileKind(path: file) == .spikeTrace {
            return try RecordedCounts(SpikeTraceReader(path: file))
        }
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw BadInput("\(file) cannot be opened. It must be a readable file.")
        }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: Self.mostBytes + 1),
            data.count <= Self.mostBytes
        else {
            throw BadInput(
                "\(file) cannot be read, or has more than 256 MiB. Give a report of a run."
            )
        }
        return try RecordedCounts(report: data, path: file)
    }
}
