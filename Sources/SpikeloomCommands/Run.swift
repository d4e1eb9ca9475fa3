import ArgumentParser
import ChipImage
import ChipSpec
import Emulator
import Events
import Experiments
import Foundation
import NIRImport
import NetworkIR
import Report
import Samples
import SpikeTrace

/// Numbers that a network is run with.
enum Numerics: String, CaseIterable, ExpressibleByArgument {
    /// The chip's own registers.
    case chip
    /// Floating point, with the weights and parameters that the chip holds.
    case quantised
    /// Floating point: the network as its author meant it.
    case float
}

/// `spikeloom run`.
struct Run: ReportingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run an image, or a network, on samples: accuracy, energy, chip time.",
        discussion: """
            Examples:
              spikeloom run digits.chipimg --input test.npz --record run.mcap
              spikeloom run net.nir --from snntorch --numerics float --input test.npz
            """
    )

    @Argument(
        help: ArgumentHelp(
            "A chip image, a NIR file, or a description of a network in YAML.",
            valueName: "file"
        )
    )
    var file: String

    @OptionGroup var sampling: SampleOptions
    @OptionGroup var importing: ImportOptions
    @OptionGroup var target: ChipOptions
    @OptionGroup var hardware: DeviceOptions
    @OptionGroup var timing: TimingOptions

    @Option(
        help: ArgumentHelp(
            "Numbers to run a NIR file with: the chip's registers, floating point with what the "
                + "chip's registers hold, or the network as its author meant it.",
            valueName: "chip|quantised|float"
        )
    )
    var numerics: Numerics = .chip

    @Option(help: ArgumentHelp("Record every spike.", valueName: "mcap"))
    var record: String?

    @Flag(
        help:
            "With --record, wait for the disk after every chunk: what was recorded then survives the loss of power, too."
    )
    var fsync = false

    @Option(
        help: ArgumentHelp(
            "Write the membrane potential (v) or synaptic current (u) of a population, each step: "
                + "into the recording, or, without --record, to --probe-file. May be repeated.",
            valueName: "population:v"
        )
    )
    var probe: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where probes are written, as CSV; without --record the default is probes.csv.",
            valueName: "csv"
        )
    )
    var probeFile: String?

    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
    var json: String?

    @Flag(help: "List the output counts of every sample in the JSON report.")
    var counts = false

    @OptionGroup var reporting: DiagnosticOptions

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        guard record != nil || !fsync else { throw ValidationError("--fsync goes with --record.") }
    }

    func run() throws {
        if numerics == .float {
            let imported = try importNetwork()
            let report = try runFloat(imported.network, numerics: .float)
            return try publish(report, notes: imported.notes)
        }
        let program = try Program(path: file, importing: importing, target: target)
        guard numerics == .quantised else {
            return try publish(runChip(program), notes: program.notes)
        }
        guard let quantised = try program.quantisedNetwork() else {
            throw BadInput(
                "--numerics quantised needs the NIR file: an image holds no float network."
            )
        }
        try publish(runFloat(quantised, numerics: .quantised), notes: program.notes)
    }

    private func importNetwork() throws -> ImportedNetwork {
        guard try FileKind(path: file) != .chipImage else {
            throw BadInput("--numerics float needs the NIR file: an image holds no float network.")
        }
        return try importing.network(at: file)
    }

    private func publish(_ report: RunReport, notes: [String]) throws {
        if let json { try Tools.write(report.json(withCounts: counts).text, to: json) }
        guard !quiet else { return }
        for note in notes { Console.print(note) }
        Console.print(report.text)
    }

    // MARK: Float

    private func runFloat(_ network: Network, numerics: Numerics) throws -> RunReport {
        guard record == nil && probe.isEmpty else {
            throw BadInput("--record and --probe need chip numerics: only a chip has addresses.")
        }
        let ports = NetworkPorts(network)
        let output = try sampling.outputIndex(among: ports.outputs.map(\.name))
        var run = FloatRun(
            network: network,
            readout: try sampling.readout(
                outputSpikes: ports.outputs[output].isSpiking,
                name: ports.outputs[output].name
            )
        )
        run.between = try sampling.betweenSamples()
        run.inputSteps = sampling.steps
        run.output = output
        let samples = try sampling.samples(for: ports.inputs)
        let progress = Progress("running", unit: "samples", total: samples.sampleCount, quiet)
        let result = try run(samples, progress: progress.update)
        progress.finish()
        return RunReport(
            network: network.name,
            chip: nil,
            numerics: numerics.rawValue,
            result: result,
            energy: nil,
            mismatch: nil,
            deviceSeed: 0,
            runSeed: hardware.seed,
            toolVersion: Version.text,
            readout: run.readout,
            plan: SamplePlan(
                inputSteps: run.inputSteps ?? samples.stepCount,
                drainSteps: 0,
                between: run.between
            )
        )
    }

    // MARK: Chip

    private func runChip(_ program: Program) throws -> RunReport {
        let image = program.image
        var run = try sampling.chipRun(image)
        run.device = try hardware.device(for: image)
        run.machine = MachineOptions(threads: hardware.threads)
        run.table = try hardware.table(of: image.chip)
        try timing.apply(to: &run)
        let samples = try sampling.samples(for: NetworkPorts(image).inputs)
        let asked = try probe.map { try ProbeFile.probe($0, image: image) }
        let probed = try ProbedRegisters.find(asked, image: image)
        let series = try ProbeSeries(record == nil ? [] : probed)
        let recorder = try record.map { path in
            try SpikeTraceRecorder(
                path: path,
                info: traceInfo(image, run, samples, series.channels),
                isSynced: fsync
            )
        }
        let table = probeFile ?? (record == nil ? "probes.csv" : nil)
        let probes =
            try asked.isEmpty ? nil : table.map { try ProbeFile(probed, path: $0) }
        let progress = Progress("running", unit: "samples", total: samples.sampleCount, quiet)
        let result = try run(
            samples,
            sink: recorder.map { writer in { try writer.append($0) } },
            probe: asked.isEmpty
                ? nil
                : { machine in
                    try probes?.note(machine)
                    guard let recorder else { return }
                    try series.note(machine) { try recorder.append($0, toSeries: $1, step: $2) }
                },
            progress: progress.update
        )
        progress.finish()
        let prices = run.table ?? image.chip.energyTables[0]
        try recorder?.finish(totals: RecordedCounts.totals(of: result, table: prices.name))
        try probes?.finish()
        if let time = result.timing { try timing.publish(time, image: image) }
        return RunReport(
            network: program.name,
            chip: image.chip.name,
            numerics: Numerics.chip.rawValue,
            result: result,
            energy: run.energy(of: result),
            mismatch: MismatchArgument.text(run.device.variation),
            deviceSeed: run.device.seed,
            runSeed: hardware.seed,
            toolVersion: Version.text,
            readout: run.readout,
            plan: run.plan(for: samples)
        )
    }

    private func traceInfo(
        _ image: ChipImage,
        _ run: ChipRun,
        _ samples: SampleSet,
        _ series: [SeriesChannel]
    ) throws -> SpikeTraceInfo {
        let facts = RunFacts(
            chipDigest: image.chip.digest.description,
            imageDigest: Digest(of: try image.encoded()).description,
            runSeed: hardware.seed,
            device: run.device,
            samples: samples.sampleCount,
            plan: run.plan(for: samples),
            toolVersion: Version.text
        )
        return SpikeTraceInfo(
            timeBase: image.chip.time.step,
            metadata: facts.metadata,
            channels: image.spikeChannels,
            series: series
        )
    }
}
