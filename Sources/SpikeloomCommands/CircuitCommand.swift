import ArgumentParser
import ChipSpec
import Description
import Experiments
import Report

/// Trains circuits with dendrites all on the chip.
struct CircuitCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "circuit",
        abstract:
            "Train a network with dendrites all on the chip: the host sends inputs and targets only.",
        discussion: """
            Somas predict what their basal dendrites say, apical dendrites bring the error from above, and \
            the chip's rules change forward and feedback weights. docs/CIRCUITS.md explains the keys.

            Examples:
              spikeloom circuit Examples/studies/microcircuit.yaml --arm sal bp --seeds 2
              spikeloom circuit my.yaml --json my.json --plot my.svg
            """
    )

    @Argument(help: ArgumentHelp("A circuit study.", valueName: "yaml"))
    var file: String

    @OptionGroup var options: StudyOptions
    @OptionGroup var reporting: DiagnosticOptions

    @Option(help: ArgumentHelp("Stop after this many epochs.", valueName: "n"))
    var epochs: Int?

    @Option(
        help: ArgumentHelp(
            "Draw it: validation loss over the epochs, or the angle of the feedback weights.",
            valueName: "svg|png|pdf"
        )
    )
    var plot: String?

    func validate() throws {
        if let epochs, !(1...1_000_000).contains(epochs) {
            throw ValidationError("--epochs must lie in 1...1,000,000.")
        }
    }

    func run() throws {
        var study = try CircuitStudy(
            CircuitFile(path: file),
            arms: options.arm,
            catalogue: Tools.catalogue,
            threads: options.threads,
            energy: options.energy
        )
        try options.checkEnergy(of: study.arms.map(\.chip))
        study.seeds = options.chosenSeeds(of: study.arms[0].circuit.seeds)
        study.epochs = epochs
        let progress = Progress("training", unit: "runs", total: study.runCount, options.quiet)
        let results = try study { progress.update($0) }
        progress.finish()
        let report = CircuitReport(
            file: file,
            study: study,
            results: results,
            toolVersion: Version.text,
            command: (["spikeloom"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
        )
        if let json = options.json { try Tools.write(report.json.text, to: json) }
        if let plot {
            try Tools.draw(to: plot) { report.figure.gnuplotScript(output: $0, format: $1) }
        }
        if !options.quiet { Console.print(report.table.text) }
    }
}
