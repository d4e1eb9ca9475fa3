import ArgumentParser
import Description
import Experiments
import Foundation
import Report

/// `spikeloom train`.
struct Train: ReportingCommand {
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

    @OptionGroup var options: StudyOptions
    @OptionGroup var reporting: DiagnosticOptions

    @Option(
        help: ArgumentHelp(
            "Draw it: validation accuracy over the epochs, or test accuracy along the axis of the study.",
            valueName: "svg|png|pdf"
        )
    )
    var plot: String?

    func run() throws {
        let trainings = try TrainingFile(path: file)
        var study = try TrainingStudy(
            trainings,
            arms: options.arm,
            catalogue: Tools.catalogue,
            threads: options.threads,
            energy: options.energy
        )
        try options.checkEnergy(of: study.arms.map(\.chip))
        study.seeds = options.chosenSeeds(of: study.arms[0].training.seeds)
        let progress = Progress("training", unit: "runs", total: study.pairCount, options.quiet)
        let results = try study { progress.update($0) }
        progress.finish()
        let report = TrainingReport(
            file: file,
            study: study,
            results: results,
            toolVersion: Version.text,
            command: (["spikeloom"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
        )
        if let json = options.json { try Tools.write(report.json.text, to: json) }
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
        if !options.quiet { Console.print(report.table.text) }
    }
}
