public import ArgumentParser
import ChipSpec
import Experiments
import Foundation
public import Interconnect
import Report

extension TrafficPattern: ExpressibleByArgument {}

/// `spikeloom traffic`.
struct TrafficCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "traffic",
        abstract:
            "Load a chip's interconnect with synthetic packets: throughput and latency by load.",
        discussion: """
            Examples:
              spikeloom traffic pilot --pattern uniform --plot traffic.svg
              spikeloom traffic loihi --pattern hotspot --queue 2 4 16
            """
    )

    @Argument(help: ArgumentHelp("The chip: a name or a spec file.", valueName: "name|file"))
    var chip: String

    @Option(
        help: ArgumentHelp(
            "Where packets go: to any core; from column x, row y to column y, row x; half of them to core "
                + "0; all of them to core 0; to the next core.",
            valueName: TrafficPattern.allCases.map(\.rawValue).joined(separator: "|")
        )
    )
    var pattern = TrafficPattern.uniform

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Offered loads, as shares of what the busiest link can carry.",
            valueName: "share"
        )
    )
    var load: [Double] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2]

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Packets that the queue before each link holds; the chip's own by default.",
            valueName: "n"
        )
    )
    var queue: [Int] = []

    @Option(help: "Slots in which packets are put out; a slot is the time of a packet on a link.")
    var slots = 2000

    @Option(help: "Seed of times and destinations.")
    var seed: UInt64 = 1

    @Option(help: "Loads that run at a time. The results are the same for any number.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: ArgumentHelp("Energy table whose latencies count.", valueName: "table"))
    var energy: String?

    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Draw the curves with gnuplot.", valueName: "svg|png|pdf"))
    var plot: String?

    @OptionGroup var reporting: DiagnosticOptions

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        guard !load.isEmpty, load.allSatisfy({ $0 > 0 && $0 <= 100 }) else {
            throw ValidationError("--load must lie above 0 and be at most 100.")
        }
        guard queue.allSatisfy({ (2...65_536).contains($0) }) else {
            throw ValidationError("--queue must lie in 2...65,536.")
        }
        guard (100...100_000).contains(slots) else {
            throw ValidationError("--slots must lie in 100...100,000.")
        }
        guard (1...256).contains(threads) else {
            throw ValidationError("--threads must lie in 1...256.")
        }
    }

    func run() throws {
        let spec = try Tools.catalogue.load(chip)
        let study = try TrafficStudy(
            chip: spec,
            table: EnergyChoice.table(energy, of: spec) ?? spec.energyTables[0],
            pattern: pattern,
            loads: load,
            queues: queue,
            slots: slots,
            seed: seed
        )
        let total = study.queues.count * study.loads.count
        let progress = Progress("loading", unit: "loads", total: total, quiet)
        let report = try study(threads: threads, progress: progress.update)
        progress.finish()
        if let json { try Tools.write(report.json.text, to: json) }
        if let plot {
            try Tools.draw(to: plot) { report.figure.gnuplotScript(output: $0, format: $1) }
        }
        if !quiet { Console.print(report.text) }
    }
}
