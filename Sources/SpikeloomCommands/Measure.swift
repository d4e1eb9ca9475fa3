import ArgumentParser
import ChipImage
import ChipSpec
import Emulator
import Experiments
import Foundation
import NetworkIR
import Report
import Samples

/// `spikeloom measure`.
struct Measure: ReportingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure accuracy and energy over a population of devices.",
        discussion: """
            Given a NIR file, it also shows where the accuracy goes: as trained, with \
            the chip's weights, in the chip's arithmetic, and under mismatch.

            Examples:
              spikeloom measure digits.chipimg --input test.npz --mismatch 0,0.2,0.4
              spikeloom measure net.nir --from snntorch --input test.npz --plot w.svg
            """
    )

    @Argument(help: ArgumentHelp("A chip image, or a NIR file.", valueName: "file"))
    var file: String

    @OptionGroup var sampling: SampleOptions
    @OptionGroup var importing: ImportOptions
    @OptionGroup var target: ChipOptions

    @Option(
        help: ArgumentHelp("Coefficients of variation, with commas between.", valueName: "cv,cv…")
    )
    var mismatch = "0,0.1,0.2,0.4"

    @Option(help: DeviceChoice.help)
    var device: String?

    @Option(help: "Devices at each level.")
    var devices = 20

    @Option(help: "Seed of the first device; the others follow.")
    var deviceSeed: UInt64 = 1

    @Option(help: "Devices that run at a time. The results are the same for any number.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: ArgumentHelp("Energy table of the chip.", valueName: "table"))
    var energy: String?

    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Draw the accuracies with gnuplot.", valueName: "svg"))
    var plot: String?

    @OptionGroup var reporting: DiagnosticOptions

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        guard (1...100_000).contains(devices) else {
            throw ValidationError("--devices must lie in 1...100,000.")
        }
        guard (1...256).contains(threads) else {
            throw ValidationError("--threads must lie in 1...256.")
        }
        _ = try levels()
        if device != nil, mismatch != "0,0.1,0.2,0.4" {
            throw ValidationError("--device and --mismatch exclude each other.")
        }
    }

    private func levels() throws -> [Double] {
        try mismatch.split(separator: ",").map { try MismatchArgument.coefficient(String($0)) }
    }

    func run() throws {
        let program = try Program(path: file, importing: importing, target: target)
        let image = program.image
        var run = try sampling.chipRun(image)
        run.table = try EnergyChoice.table(energy, of: image.chip)
        let samples = try sampling.samples(for: NetworkPorts(image).inputs)
        guard samples.labels != nil else {
            throw BadInput("\(sampling.input) has no labels, so no accuracy can be measured.")
        }
        if let device { run.device = try DeviceChoice.load(device, for: image) }
        let study = DeviceStudy(
            run: run,
            levels: device == nil ? try levels() : [0],
            devices: devices,
            firstSeed: deviceSeed,
            threads: threads
        )
        let progress = Progress("measuring", unit: "devices", total: study.jobCount, quiet)
        let levels = try study(samples) { progress.update($0) }
        progress.finish()
        let report = MeasureReport(
            network: program.name,
            chip: image.chip.name,
            samples: samples.sampleCount,
            before: try floatStages(program, run: run, samples: samples),
            levels: levels,
            devices: devices,
            firstSeed: deviceSeed,
            toolVersion: Version.text,
            command: (["spikeloom"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
        )
        try publish(report, notes: program.notes)
    }

    /// Accuracy as trained and with the chip's weights; none if an image was given.
    private func floatStages(
        _ program: Program,
        run: ChipRun,
        samples: SampleSet
    ) throws -> [AccuracyWaterfall.Stage] {
        let networks = [
            ("float", program.network), ("quantised weights", try program.quantisedNetwork()),
        ]
        return try networks.compactMap { label, network in
            guard let network else { return nil }
            var float = FloatRun(network: network, readout: run.readout)
            float.between = run.between
            float.inputSteps = run.inputSteps
            float.output = run.output
            return .init(label, mean: try float(samples).accuracy ?? 0)
        }
    }

    private func publish(_ report: MeasureReport, notes: [String]) throws {
        if let json { try Tools.write(report.json.text, to: json) }
        if let plot {
            let temporary = plot + ".part"
            try Tools.draw(report.waterfall.gnuplotScript(output: temporary))
            try Tools.move(temporary, to: plot)
        }
        guard !quiet else { return }
        for note in notes { Console.print(note) }
        Console.print(report.waterfall.text(width: min(Console.width, 100)))
        Console.print(report.table.text)
        if let plot { Console.print("\(plot) drawn.") }
    }
}
