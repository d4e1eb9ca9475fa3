import Analysis
import ArgumentParser
import ChipImage
import ChipSpec
import Description
import Emulator
import Events
import Experiments
import Foundation
import NIRExport
import NetworkIR
import Report
import SpikeTrace

/// `spikeloom learn`.
struct Learn: ReportingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a learning experiment on the chip.",
        discussion: """
            An experiment file describes chip, network, rules, phases, seeds and arms \
            (docs/EXPERIMENTS.md). The weights learn on the chip, in its registers; the \
            report says how well feedback weights agree with forward weights, and what \
            learning took: updates, joules, chip time.

            Examples:
              spikeloom learn Examples/learning/reciprocal.yaml --arm H9 --seeds 3
              spikeloom learn my.yaml --json my.json --save-image learned.chipimg
              spikeloom learn my.yaml --arm a --seed 1 --record a.mcap
            """
    )

    @Argument(help: ArgumentHelp("An experiment.", valueName: "yaml"))
    var file: String

    @OptionGroup var options: StudyOptions
    @OptionGroup var reporting: DiagnosticOptions

    @Option(
        help: ArgumentHelp(
            "Write the chip image with the weights learned (one arm, one seed).",
            valueName: "chipimg"
        )
    )
    var saveImage: String?

    @Option(
        help: ArgumentHelp(
            "Write the network with the weights learned as a NIR file, for snnTorch, Norse, Sinabs, Lava "
                + "(one arm, one seed).",
            valueName: "nir"
        )
    )
    var exportNir: String?

    @Option(
        help: ArgumentHelp(
            "Write the registers that the experiment's probes name, step by step (one arm, one seed).",
            valueName: "csv"
        )
    )
    var probeFile: String?

    @Option(
        help: ArgumentHelp(
            "Record every spike, inputs among them, the weight registers of all rules whenever the experiment "
                + "looks at them, and the registers that its probes name (one arm, one seed); `replay "
                + "--compare weights` reads spikes and weights.",
            valueName: "mcap"
        )
    )
    var record: String?

    @Option(
        help: ArgumentHelp(
            "Write the weight registers of --record as a table: step,projection,pre,post,register (one "
                + "arm, one seed).",
            valueName: "csv"
        )
    )
    var recordWeights: String?

    @Option(
        help: ArgumentHelp(
            "Draw it: weights, angle over time and spike-time differences of the first run, the "
                + "angles along the axis of the experiment, or the drift in its plane.",
            valueName: "svg|png|pdf"
        )
    )
    var plot: String?

    @Flag(
        help: ArgumentHelp(
            "Choose amplitude, phase length, rate control and shift by the engine, the weights and "
                + "the rates, and say why."
        )
    )
    var auto = false

    @Flag(
        help: ArgumentHelp(
            "Run nothing: show where the feedback weight of two coupled neurons rests, from the exact "
                + "Markov chain, for the rule, ties and delays of the first arm."
        )
    )
    var analyse = false

    func run() throws {
        let experiments = try ExperimentFile(path: file, files: NIRParts.files)
        var study = try LearningStudy(
            experiments,
            arms: options.arm,
            catalogue: Tools.catalogue,
            threads: options.threads,
            energy: options.energy
        )
        try options.checkEnergy(of: study.arms.map(\.chip))
        study.seeds = options.chosenSeeds(of: study.arms[0].experiment.seeds)
        if analyse { return try analyse(study) }
        for (option, path) in [
            ("--save-image", saveImage), ("--export-nir", exportNir), ("--probe-file", probeFile),
            ("--record", record), ("--record-weights", recordWeights),
        ]
        where path != nil && study.runCount != 1 {
            throw BadInput(
                "\(option): \(study.runCount) runs are asked for. Name one with --arm and --seed."
            )
        }
        study.isAutomatic = auto
        if auto, !options.quiet {
            for arm in study.arms {
                let seed = study.seeds?.first ?? arm.experiment.seeds[0]
                let settings = try LearningStudy.automaticSettings(of: arm, seed: seed)
                for reason in settings.reasons { Console.print("auto: \(reason)") }
            }
        }
        study.countsDifferences = plot != nil && experiments.axis == nil
        let progress = Progress("learning", unit: "thousandths", total: 1000, options.quiet)
        let results: [[LearningResult]]
        var notes: [String] = []
        let keeps = [saveImage, exportNir, probeFile, record, recordWeights].contains { $0 != nil }
        if keeps {
            results = [[try runAndSave(study, &notes) { progress.update($0) }]]
        } else {
            results = try study { progress.update($0) }
        }
        progress.finish()
        let report = LearningReport(
            file: file,
            study: study,
            results: results,
            untilAngle: experiments.axis?.untilAngle,
            toolVersion: Version.text,
            command: (["spikeloom"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
        )
        if let json = options.json { try Tools.write(report.json.text, to: json) }
        if let plot { try draw(report, experiments, to: plot) }
        guard !options.quiet else { return }
        if let plane = report.planeTable, let arms = report.planeArms {
            Console.print(arms.text)
            Console.print(plane.text)
        } else if results.contains(where: { $0.contains { !$0.projections.isEmpty } }) {
            Console.print(report.table.text)
        } else {
            Console.print(
                "No projection has a feedback (feedbackOf): there are no angles to report."
            )
            Console.print(report.rates.text)
        }
        if results.count == 1, report.planeTable == nil {
            for course in results[0].first?.projections ?? [] where course.points.count > 2 {
                let angles = course.points.map { Optional($0.nominal.angle) }
                let line = Sparkline(angles, unit: "°", range: 0...95).text(width: 60)
                Console.print("\(course.name): \(line)")
            }
        }
        for line in report.stops + notes { Console.print(line) }
    }

    private func analyse(_ study: LearningStudy) throws {
        let seed = study.seeds?.first ?? study.arms[0].experiment.seeds[0]
        let analysis = try PairAnalysis(of: study.arms[0], seed: seed)
        if let plot {
            let figure = analysis.figure
            try Tools.draw(to: plot) { figure.gnuplotScript(output: $0, format: $1) }
        }
        Console.print(analysis.description)
        Console.print(analysis.table.text)
    }

    /// Runs the only run that is asked for, and writes image and network with its weights.
    private func runAndSave(
        _ study: LearningStudy,
        _ notes: inout [String],
        progress: (Int) -> Void
    ) throws -> LearningResult {
        let arm = study.arms[0]
        let seed = study.seeds?.first ?? arm.experiment.seeds[0]
        let network = arm.experiment.network(seed: seed)
        // What NIR cannot hold is better known before the run.
        if exportNir != nil { _ = try nir(network, arm) }
        var run = try LearningStudy.run(of: arm, seed: seed, isAutomatic: auto)
        run.countsDifferences = study.countsDifferences
        if probeFile != nil, arm.experiment.plan.probes.isEmpty {
            throw BadInput(
                "--probe-file: the experiment has no probes. Add for example probes: "
                    + "[{ population: \(network.populations.last?.path ?? ""), toSeconds: 1 }]."
            )
        }
        let probed = try ProbedRegisters.find(
            arm.experiment.plan.probes,
            image: run.machine.image,
            machine: run.machine
        )
        let table = try probeFile.map { try ProbeFile(probed, path: $0) }
        let probes = try ProbeSeries(record == nil ? [] : probed)
        var series = WeightSeries(run.machine, after: probes.channels)
        let recorder = try record.map {
            try traceWriter(
                $0,
                of: run.machine.image,
                probes.channels + series.channels,
                arm,
                seed: seed
            )
        }
        if let recorder { run.sink = { try recorder.append($0) } }
        if recorder != nil || table != nil {
            run.probe = { machine, seconds in
                try table?.note(machine, at: seconds)
                guard let recorder else { return }
                try probes.note(machine, at: seconds) {
                    try recorder.append($0, toSeries: $1, step: $2)
                }
            }
        }
        var weights = WeightRecording()
        run.look = { [recordWeights] machine in
            if let recorder { try series.note(machine, to: recorder) }
            if recordWeights != nil { try weights.note(machine) }
        }
        let result = try run.run { progress(Int($0 * 1000)) }
        try table?.finish()
        try recorder?.finish()
        if let recordWeights { try Tools.write(weights.text, to: recordWeights) }
        if let record {
            notes += series.leftOut.map {
                "\(record): the weights of '\($0)' are too many for a series and not recorded."
            }
        }
        if let saveImage { try run.learnedImage().write(to: saveImage) }
        if let exportNir {
            let file = try nir(run.learnedNetwork(network), arm)
            try file.write(to: exportNir)
            notes += file.notes.map { "\(exportNir): \($0)" }
            notes.append(
                "\(exportNir): Read it with a time step of \(file.timeStep) s (--dt \(file.timeStep))."
            )
        }
        return result
    }

    private func traceWriter(
        _ path: String,
        of image: ChipImage,
        _ series: [SeriesChannel],
        _ arm: LearningStudy.Arm,
        seed: UInt64
    ) throws -> SpikeTraceWriter {
        typealias Key = SpikeTraceInfo.Key
        let facts = LearningFacts(experiment: file, arm: arm.experiment.arm ?? "", seed: seed)
        let others = [
            Key.chipDigest: image.chip.digest.description,
            Key.imageDigest: Digest(of: try image.encoded()).description,
            Key.toolVersion: Version.text,
        ]
        return try SpikeTraceWriter(
            path: path,
            info: SpikeTraceInfo(
                timeBase: image.chip.time.step,
                metadata: facts.metadata.merging(others) { own, _ in own },
                channels: image.spikeChannels,
                series: series
            )
        )
    }

    private func nir(_ network: Network, _ arm: LearningStudy.Arm) throws -> NIRWriter {
        try NIRWriter(
            network,
            secondsPerUnit: arm.experiment.stepInSeconds / network.timeStep
        )
    }

    private func draw(
        _ report: LearningReport,
        _ experiments: ExperimentFile,
        to path: String
    ) throws {
        if let figure = report.planeFigure {
            try Tools.draw(to: path) { figure.gnuplotScript(output: $0, format: $1) }
        } else if let axis = experiments.axis {
            let figure = report.axisFigure(
                label: axis.label,
                isLogarithmic: axis.isLogarithmic,
                places: experiments.axisPlaces
            )
            try Tools.draw(to: path) { figure.gnuplotScript(output: $0, format: $1) }
        } else if let figure = report.figure {
            try Tools.draw(to: path) { figure.gnuplotScript(output: $0, format: $1) }
        } else {
            throw BadInput(
                "--plot: the experiment has no feedback projection (feedbackOf) to draw."
            )
        }
    }
}
