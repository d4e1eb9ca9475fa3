import ArgumentParser
import Report
import SpikeTrace

/// `spikeloom repair`.
struct Repair: ReportingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a whole recording of a damaged or unfinished one.",
        discussion: """
            Keeps every intact chunk, and says what was passed over and what is lost. The old file \
            is only read. Exit code 1 with --check if anything was lost or damaged.

            Example:
              spikeloom repair torn.mcap whole.mcap
            """
    )

    @Argument(help: ArgumentHelp("The recording to read.", valueName: "in"))
    var input: String

    @Argument(help: ArgumentHelp("The recording to write.", valueName: "out"))
    var output: String

    @Flag(help: "Leave with exit code 1 if the old file was not intact.")
    var check = false

    @OptionGroup var reporting: DiagnosticOptions

    func run() throws {
        let report = try TraceRepair.repair(input, to: output)
        var kept = "\(Format.count(report.spikes)) spikes"
        if report.rows > 0 { kept += " and \(Format.count(report.rows)) rows of series" }
        Console.print("\(output): \(kept) from \(Format.count(report.chunks)) intact chunks.")
        for skip in report.health.skipped {
            Console.print(
                "\(input): bytes \(skip.bytes.lowerBound) to \(skip.bytes.upperBound) passed over: "
                    + skip.reason
            )
        }
        if !report.health.hasSummary {
            Console.print("\(input): no intact summary: the recording was cut off or damaged.")
        }
        if let lost = report.lostSpikes {
            Console.print("\(Format.count(lost)) spikes are lost.")
        } else {
            Console.print("The old file does not say how many spikes it had.")
        }
        if check && !report.health.isIntact {
            throw NegativeAnswer(message: "\(input): \(report.health)")
        }
    }
}
