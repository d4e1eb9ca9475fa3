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
            Example:
              spikeloom replay run.mcap --image digits.chipimg --check
            """
    )

    @Argument(help: ArgumentHelp("The recording.", valueName: "mcap"))
    var recording: String

    @Option(help: ArgumentHelp("The image to replay it on.", valueName: "chipimg"))
    var image: String

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

    @OptionGroup var reporting: DiagnosticOptions

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        guard (1...256).contains(threads) else {
            throw ValidationError("--threads must lie in 1...256.")
        }
    }

    func run() throws {
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
        let progress = Progress("replaying", unit: "steps", total: nil, quiet)
        let outcome = try replay(reader) { progress.update(Int(clamping: $0)) }
        progress.finish()
        let report = ReplayReport(recording: recording, image: image, outcome: outcome)
        if let json { try Tools.write(report.json.text, to: json) }
        if !quiet { Console.print(report.text) }
        if !reader.health.isIntact { Console.warn(recording, reader.health) }
        if check && !outcome.comparison.isEqual { throw NegativeAnswer(message: "") }
    }
}
