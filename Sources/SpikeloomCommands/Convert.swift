import ArgumentParser
import Events
import Report
import SpikeTrace

/// `spikeloom convert`.
struct Convert: ReportingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Convert a recording to another format, or another format to a recording.",
        discussion: """
            Formats go by the extension: .mcap is a recording; others are \
            \(TraceFormat.all.map { ".\($0.name) (\($0.summary))" }.joined(separator: ", ")).

            Example:
              spikeloom convert run.mcap run.csv
            """
    )

    @Argument(help: "File to read.")
    var input: String

    @Argument(help: "File to write.")
    var output: String

    @Option(help: "Length of a time step, for formats that do not tell it.")
    var stepInMicroseconds: UInt64 = 1000

    @OptionGroup var reporting: DiagnosticOptions

    func validate() throws {
        guard stepInMicroseconds > 0 else {
            throw ValidationError("--step-in-microseconds must be at least 1.")
        }
    }

    func run() throws {
        switch (input.hasSuffix(".mcap"), output.hasSuffix(".mcap")) {
        case (true, false):
            let format = try TraceFormat.of(path: output)
            let reader = try SpikeTraceReader(path: input)
            try format.export(reader, output)
            if !reader.health.isIntact { Console.warn(input, reader.health) }
        case (false, true):
            let base = TimeBase(numerator: stepInMicroseconds, denominator: 1_000_000)
            let count = try TraceFormat.of(path: input).importTrace(input, output, base)
            Console.print("\(output): \(Format.count(count)) spikes.")
        default:
            throw BadInput("One of the two files must be a recording, named .mcap.")
        }
    }
}
