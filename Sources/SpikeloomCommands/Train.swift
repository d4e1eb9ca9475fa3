import ArgumentParser
import Description
import Experiments
import Foundation
import Report

/// `spikeloom train`.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train deep networks with feedback weights from a chip, or from its rivals.",
        discussion: """
            A training study describes data, layers, and arms that differ in where feedback \
            weights come from (docs/TRAINING.md). The passes run on the host; where an arm asks \
            for it, a chip aligns the feedback weights between epochs, in its registers.

            Examples:
              spikeloom train Examples/studies/digits-depth.yaml --arm bp@4 sal@4 --seeds 2
              spikeloom train my.yaml --json my.json --plot my.svg
            """
    )

    @Argument(help: ArgumentHelp("A training study.", valueName: "yaml"))
    var file: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Arms to run; all by default.", valueName: "arm")
    )
    var arm: [String] = []

    @Option(help: ArgumentHelp("Run only the first N seeds of the file.", valueName: "n"))
    var seeds: Int?

    @Option(help: ArgumentHelp("Run this seed alone.", valueName: "seed"))
    var seed: UInt64?

    @Option(help: "Runs at a time. The results are the same for any number.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: ArgumentHelp("Energy table of the chip.", valueName: "table"))
    var energy: String?

    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
    var json: String?

    @Option(
        help: ArgumentHelp(
            "Draw it: validation accuracy over the epochs, or test accuracy along the axis of the study.",
            valueName: "svg|png|pdf"
        )
    )
    var plot: String?

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        if let seeds, !(1...10_000).contains(seeds) {
            throw ValidationError("--seeds must lie in 1...10,000.")
        }
        guard (1...256).contains(threads) else {
            throw ValidationError("--threads must lie in 1...256.")
        }
        if seeds != nil, seed != nil {
            throw ValidationError("--seeds and --seed do not go together. Give one of them.")
        }
    }

    func run() throws {
        let trainings = try TrainingFile(path: file)
        var study = try TrainingStudy(
            trainings,
            arms: arm,
            catalogue: Tools.catalogue,
            threads: threads,
            energy: energy
        )
        if let energy {
            for arm in study.arms { _ = try EnergyChoice.table(energy, of: arm.chip) }
        }
        if let seed { study.seeds = [seed] }
        if let seeds { study.seeds = Array(study.arms[0].training.seeds.prefix(seeds)) }
        let progress = Progress("training", unit: "runs", total: study.pairCount, quiet)
        let results = try study { progress.update($0) }
        progress.finish()
        let report = TrainingReport(
            file: file,
            study: study,
            results: results,
            toolVersion: Version.text,
            command: (["spikeloom"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
        )
        if let json { try Tools.write(report.json.text, to: json) }
        if let plot {
            let figure =
                trainings.axis.map { report.axisFigure($0, places: trainings.axisPlaces) }
                ?? report.figure
            guard let figure else {
                throw BadInput(
                    "--plot: the study keeps no validation samples back, so that there is no course to "
                        + "draw. Add data.validation."
                )
            }
            try Tools.draw(to: plot) { figure.gnuplotScript(output: $0, format: $1) }
        }
        if !quiet { Console.print(report.table.text) }
    }
}
