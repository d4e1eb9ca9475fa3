import ArgumentParser
import ChipImage
import ChipSpec
import Description
import Events
import Experiments
import Foundation
import Report
import SpikeTrace
import Twin

/// `spikeloom fit`.
struct FitCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "fit",
        abstract: "Estimate the mismatch of a device from a recording of it.",
        discussion: """
            Each neuron is fitted by itself, on the recorded spikes of its sources: threshold and time \
            constants with 95 % intervals, and which of them the recording does not tell. The last \
            part of the recording is held out, and says how much nearer the fit is than the nominal chip.

            Example:
              spikeloom fit run.mcap --image digits.chipimg -o device.yaml
              spikeloom run digits.chipimg --input test.npz --device device.yaml
            """
    )

    @Argument(help: ArgumentHelp("The recording, inputs among it.", valueName: "mcap"))
    var recording: String

    @Option(help: ArgumentHelp("The image that was recorded.", valueName: "chipimg"))
    var image: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The device to write.", valueName: "yaml"))
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Parameters to estimate, with commas between: of threshold, membraneTau, currentTau, bias. "
                + "By default those of them that the chip spec names as mismatched.",
            valueName: "names"
        )
    )
    var parameters: String?

    @Option(help: ArgumentHelp("Share of the recording to hold out, its end.", valueName: "share"))
    var holdOut = 0.25

    @Option(help: "Seed of the random walks.")
    var seed: UInt64 = 1

    @Option(help: "Neurons that are fitted at a time. The results are the same for any number.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
    var json: String?

    @OptionGroup var reporting: DiagnosticOptions

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        guard (1...256).contains(threads) else {
            throw ValidationError("--threads must lie in 1...256.")
        }
        guard holdOut >= 0, holdOut <= 0.9 else {
            throw ValidationError("--hold-out must lie in 0...0.9.")
        }
        _ = try chosen()
    }

    private func chosen() throws -> [MismatchParameter]? {
        try parameters.map { text in
            try text.split(separator: ",").map { name in
                guard let parameter = DeviceFit.possible.first(where: { $0.rawValue == name })
                else {
                    throw ValidationError(
                        "--parameters: '\(name)' cannot be estimated. Choose of "
                            + DeviceFit.possible.map(\.rawValue).joined(separator: ", ") + "."
                    )
                }
                return parameter
            }
        }
    }

    func run() throws {
        let loaded = try ChipImage.load(path: image)
        let reader = try SpikeTraceReader(path: recording)
        let recorded = try spikes(of: reader, on: loaded)
        var fit = DeviceFit(image: loaded, parameters: try chosen())
        fit.fittedShare = 1 - holdOut
        fit.threads = threads
        fit.seed = seed
        let neurons = loaded.cores.reduce(0) { $0 + $1.neurons.count }
        let progress = Progress("fitting", unit: "thirds of neurons", total: 3 * neurons, quiet)
        let result = fit(recorded) { progress.update($0) }
        progress.finish()
        let report = FitReport(recording: recording, image: loaded, result: result)
        if let output {
            let text = report.device(named: Self.name(of: output)).text
            try Tools.write(text, to: output)
        }
        if let json { try Tools.write(report.json.text, to: json) }
        if !reader.health.isIntact { Console.warn(recording, reader.health) }
        guard !quiet else { return }
        Console.print(report.text)
        if let output { Console.print("\(output) written.") }
    }

    private static func name(of path: String) -> String {
        String(URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent.prefix(64))
    }

    private func spikes(of reader: SpikeTraceReader, on image: ChipImage) throws -> RecordedSpikes {
        let facts = RunFacts(reader.info)
        let spikes = try reader.allSpikes()
        var steps = spikes.last.map { Int(clamping: $0.step) } ?? 0
        steps = min(steps, RecordedSpikes.mostSteps - 1) + 1
        var period: Int?
        if let facts, facts.plan.between == .reset { period = facts.plan.stepsPerSample }
        let result = RecordedSpikes(spikes, steps: steps, stepsPerReset: period, image: image)
        guard result.strangers == 0 else {
            throw BadInput(
                "\(recording) holds \(result.strangers) spikes of neurons or inputs that the image does "
                    + "not have. Give the image that was recorded."
            )
        }
        return result
    }
}
