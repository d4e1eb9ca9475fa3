import Analysis
import ArgumentParser
import ChipImage
import Emulator
import Experiments
import Report
import SpikeTrace

/// `spikeloom replay`.
struct ReplayCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Drive the chip with recorded inputs, and compare its spikes with the recorded.",
        discussion: """
            The first difference is told with the membrane potential around it, each population and the \
            worst neurons with their distances (docs/METRICS.md). With --teacher-forced every population \
            gets the recorded spikes of its sources, so that each neuron is judged alone \
            (docs/TUTORIAL_REPLAY.md).

            With --compare weights a learning rule is driven with recorded spikes, and its weights are \
            compared with recorded ones (`spikeloom learn --record`).

            Examples:
              spikeloom replay run.mcap --image digits.chipimg --check
              spikeloom replay chip.mcap --image digits.chipimg --teacher-forced --plot raster.svg
              spikeloom replay chip.mcap --image digits.chipimg --tolerance 1 --compare lif2
              spikeloom replay learned.mcap --rule sal.yaml --compare weights --weights learned.csv
            """
    )

    @Argument(help: ArgumentHelp("The recording.", valueName: "mcap"))
    var recording: String

    @Option(help: ArgumentHelp("The image to replay it on.", valueName: "chipimg"))
    var image: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Recorded inputs that drive the chip; all by default.",
            valueName: "name"
        )
    )
    var inputs: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Populations (or cores, as core/3) that are compared, all by default; or `weights`.",
            valueName: "name"
        )
    )
    var compare: [String] = []

    @Flag(
        help: "Give every population the recorded spikes of its sources: judge each neuron alone."
    )
    var teacherForced = false

    @Option(help: "Steps within which two spikes of a neuron count as the same.")
    var tolerance = 0

    @Option(
        help: ArgumentHelp(
            "The recording is N repetitions of one stimulus: distances are given beside those between "
                + "its own trials, and a neuron deviates only if it is farther off.",
            valueName: "n"
        )
    )
    var trials = 1

    @Option(help: "Time constant of the distances, in steps.")
    var timeConstant = 10.0

    @Option(
        help: ArgumentHelp(
            "With --compare weights: a table of weights, as `learn --record-weights` writes it, in the place of "
                + "those in the recording.",
            valueName: "csv"
        )
    )
    var weights: String?

    @Option(
        help: ArgumentHelp(
            "With --compare weights: a rule in the place of the experiment's own.",
            valueName: "yaml"
        )
    )
    var rule: String?

    @Option(
        help: ArgumentHelp(
            "With --compare weights: the experiment, instead of the recorded one.",
            valueName: "yaml"
        )
    )
    var experiment: String?

    @Option(help: "With --compare weights: the arm, instead of the recorded one.")
    var arm: String?

    @Option(help: "With --compare weights: the seed, instead of the recorded one.")
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Mismatch of the device, instead of the recorded one.",
            valueName: "cv|off"
        )
    )
    var mismatch: String?

    @Option(help: DeviceChoice.help)
    var device: String?

    @Option(help: "Seed of the device's fixed pattern, with --mismatch.")
    var deviceSeed: UInt64 = 1

    @Option(help: "Threads. The results are the same for any number.")
    var threads = 1

    @Flag(help: "Leave with exit code 1 if a spike differs.")
    var check = false

    @Option(help: ArgumentHelp("Write the comparison as JSON.", valueName: "file"))
    var json: String?

    @Option(
        help: ArgumentHelp(
            "Draw rasters around the first difference, recorded above emulated.",
            valueName: "svg|png|pdf"
        )
    )
    var plot: String?

    @Option(help: "Steps that --plot shows.")
    var plotSteps = 200

    @OptionGroup var reporting: DiagnosticOptions

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        guard (1...256).contains(threads) else {
            throw ValidationError("--threads must lie in 1...256.")
        }
        guard (0...1_000_000).contains(tolerance) else {
            throw ValidationError("--tolerance must lie in 0...1,000,000.")
        }
        guard (1...1_000_000).contains(trials) else {
            throw ValidationError("--trials must lie in 1...1,000,000.")
        }
        guard timeConstant > 0, timeConstant <= 1e9 else {
            throw ValidationError("--time-constant must lie above 0, up to 1,000,000,000.")
        }
        guard (1...100_000).contains(plotSteps) else {
            throw ValidationError("--plot-steps must lie in 1...100,000.")
        }
        guard comparesWeights || image != nil else {
            throw ValidationError("--image is missing: the image to replay the recording on.")
        }
        let hasRule = rule != nil || experiment != nil || weights != nil || arm != nil
        guard comparesWeights || !hasRule && seed == nil else {
            throw ValidationError(
                "--weights, --rule, --experiment, --arm and --seed need --compare weights."
            )
        }
    }

    private var comparesWeights: Bool { compare == ["weights"] }

    func run() throws {
        guard !comparesWeights, let image else { return try replayWeights() }
        let loaded = try ChipImage.load(path: image)
        let reader = try SpikeTraceReader(path: recording)
        var replay = Replay(image: loaded)
        replay.machine = MachineOptions(threads: threads)
        if device != nil || mismatch != nil {
            replay.device = try DeviceChoice.device(
                file: device,
                mismatch: mismatch ?? "off",
                seed: deviceSeed,
                for: loaded
            )
        }
        replay.isTeacherForced = teacherForced
        replay.tolerance = tolerance
        replay.trials = trials
        replay.inputs = inputs.isEmpty ? nil : inputs
        replay.compared = compare.isEmpty ? nil : compare
        replay.settings.timeConstant = timeConstant
        replay.settings.precision = max(replay.settings.precision, Double(tolerance))
        replay.rasterSteps = plot == nil ? 0 : plotSteps
        let progress = Progress("replaying", unit: "steps", total: nil, quiet)
        let outcome = try replay(reader) { progress.update(Int(clamping: $0)) }
        progress.finish()
        let report = ReplayReport(recording: recording, image: image, outcome: outcome)
        if let json { try Tools.write(report.json.text, to: json) }
        if let plot {
            let figure = report.figure
            try Tools.draw(to: plot) { figure.gnuplotScript(output: $0, format: $1) }
        }
        if !quiet { Console.print(report.text) }
        if !reader.health.isIntact { Console.warn(recording, reader.health) }
        if check && !outcome.isEqual { throw NegativeAnswer(message: "") }
    }
}
