public import ArgumentParser
import ChipImage
import ChipSpec
import Compiler
import Description
import Experiments
import Foundation
public import Mapping
import NIRImport
import NetworkIR
import Report
import SpikeTrace

/// `spikeloom compile`.
struct Compile: ReportingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compile a network to a chip image.",
        discussion: """
            Examples:
              spikeloom compile digits_fc.nir --from snntorch --chip pilot -o digits.chipimg
              spikeloom compile net.nir --from snntorch --device device.yaml -o net.chipimg
              spikeloom compile synapses.npz --chip mapping-bench --effort best --json report.json
              spikeloom compile digits_fc.nir --from snntorch --calibrate digits_fc_test.npz --table
              spikeloom compile digits_fc.nir --from snntorch --stop-after quantise --dump-after quantise
              spikeloom compile Examples/networks/sheet.yaml --chip pilot
              spikeloom compile net.nir --rates run.mcap -o net.chipimg
              spikeloom compile net.nir --pin hidden=4-7 --dead-cores 3,17-20 -o net.chipimg

            --rates run.mcap takes the spikes of 'spikeloom run net.nir --record run.mcap' and saves packets of
            that run instead of one spike of each sender. Where another image was run, give it with --rates-image.
            A pinned population lies on its cores and nowhere else, and shares none with others.

            A YAML file describes populations, projections and parts (docs/NETWORKS.md). \
            An NPZ file holds synapses as compressed rows of sources (n_neurons, n_inputs, indptr, indices,
            weights) of integrate-and-fire neurons. The passes are canonicalise, lower, quantise, partition,
            place, route, emit, verify; docs/COMPILER.md says what each does.
            """
    )

    @Argument(
        help: ArgumentHelp(
            "Network: a NIR file, a description in YAML, or synapses in an NPZ file.",
            valueName: "network"
        )
    )
    var network: String

    @OptionGroup var importing: ImportOptions
    @OptionGroup var target: ChipOptions
    @OptionGroup var mapping: MappingOptions
    @OptionGroup var quantisation: QuantisationOptions
    @OptionGroup var passes: PassOptions

    @Option(
        help: ArgumentHelp(
            "Weigh packets by the spikes of a recorded run of this network.",
            valueName: "mcap"
        )
    )
    var rates: String?

    @Option(
        help: ArgumentHelp(
            "The image that --rates was recorded on, where it is not what the same options give without "
                + "--rates.",
            valueName: "chipimg"
        )
    )
    var ratesImage: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Image to write; without it, only the report is made.",
            valueName: "image"
        )
    )
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Compensate what is known of a device: thresholds, decays, biases, weights.",
            valueName: "yaml"
        )
    )
    var device: String?

    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
    var json: String?

    @OptionGroup var reporting: DiagnosticOptions

    @Option(
        help: ArgumentHelp(
            "Draw the mesh: how full tiles are, what links carry if all spike once (SVG, PNG or PDF).",
            valueName: "picture"
        )
    )
    var map: String?

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        if passes.stopAfter != nil, output != nil || map != nil {
            throw ValidationError(
                "--stop-after writes no image and no picture. Leave out -o and --map."
            )
        }
        guard rates != nil || ratesImage == nil else {
            throw ValidationError("--rates-image needs --rates: the recording that was made on it.")
        }
    }

    func run() throws {
        let start = ContinuousClock.now
        let clock = PassClock()
        let compiled = try compiled(clock)
        func cost() -> CompileText.Cost {
            CompileText.Cost(
                seconds: (ContinuousClock.now - start) / .seconds(1),
                peakBytes: clock.peakBytes
            )
        }
        switch compiled.outcome {
        case .stopped(var report):
            report.passes = clock.priced(report.passes)
            if let json {
                let text = try CompileText.json(report, cost(), calibration: compiled.calibration)
                try Tools.write(text, to: json)
            }
            publish(
                CompileText.text(report),
                compiled,
                parameters: report.parameters ?? [],
                passes: report.passes
            )
        case .finished(let image, var report):
            report.passes = clock.priced(report.passes)
            try verify(image)
            if let output { try image.write(to: output) }
            if let map {
                let figure = PlacementMap(image).figure
                try Tools.draw(to: map) { figure.gnuplotScript(output: $0, format: $1) }
            }
            let price = cost()
            let predicted = try quantisation.prediction(for: image)
            if let json {
                let text = try CompileText.json(
                    report,
                    price,
                    calibration: compiled.calibration,
                    predicted: predicted
                )
                try Tools.write(text, to: json)
            }
            publish(
                CompileText.text(report),
                compiled,
                parameters: report.parameters,
                passes: report.passes
            )
            guard !quiet else { return }
            if let predicted { Console.print(predicted.text) }
            if let output { Console.print("\(output) written.") }
        }
    }

    /// Prints a report and the tables that were asked for.
    private func publish(
        _ text: String,
        _ compiled: Compiled,
        parameters: [ParameterReport],
        passes reports: [PassReport]
    ) {
        guard !quiet else { return }
        for note in compiled.notes { Console.print(note) }
        if let calibration = compiled.calibration {
            Console.print(CompileTables.calibration(calibration).text)
        }
        if quantisation.table { Console.print(CompileTables.parameters(parameters).text) }
        if passes.verbose { Console.print(CompileTables.passes(reports).text) }
        Console.print(text)
    }

    /// What came of a compilation, without the network.
    private struct Compiled {
        enum Outcome {
            case finished(ChipImage, CompileReport)
            case stopped(StoppedReport)
        }

        let outcome: Outcome
        let notes: [String]
        let calibration: CalibrationResult?
    }

    /// Compiles; the network is let go as soon as its weights are quantised.
    private func compiled(_ clock: PassClock) throws -> Compiled {
        let imported = try importing.network(at: network)
        let notes = imported.notes
        let chip = try target.spec()
        let rules = try imported.network.rules.map { try RuleCompiler.program(for: $0, on: chip) }
        let calibration = try quantisation.calibration(
            of: imported.network,
            for: chip,
            mapping.options(),
            rules: rules,
            quiet: quiet
        )
        let progress = Progress("mapping", unit: "thousandths", total: 1000, quiet)
        defer { progress.finish() }
        var options = try mapping.options { progress.update(Int($0 * 1000)) }
        options.keepsNetwork = false
        options.scale = quantisation.scale
        if let calibration { options.scaleOfPopulation = calibration.scales }
        let device = try device.map { path in
            let file = try DeviceFile(path: path)
            try DeviceChoice.check(file, path, chip)
            return file.device
        }
        options.deadCores += (device?.deadCores ?? []).map { Int($0) }
        if let rates {
            let image =
                try ratesImage.map { try ChipImage.load(path: $0) }
                ?? Compiler.compile(imported.network, for: chip, options: options, rules: rules)
                .image
            options.rates = try RecordedRates.read(SpikeTraceReader(path: rates), of: image)
        }
        let dumps = PassDumps(try passes.dumps())
        let outcome = try Compiler.run(
            (consume imported).network,
            for: chip,
            options: options,
            rules: rules,
            upTo: passes.last ?? .verify,
            observer: PassObserver(
                dumped: dumps.passes,
                write: dumps.write,
                didStart: clock.begin,
                didFinish: clock.end
            )
        )
        try dumps.finish()
        switch outcome {
        case .finished(let compilation):
            var image = compilation.image
            let compensation = device.map { Compensation(&image, for: $0) }
            return Compiled(
                outcome: .finished(image, compilation.report),
                notes: notes + (compensation.map { [$0.summary] } ?? []),
                calibration: calibration
            )
        case .stopped(let report):
            return Compiled(outcome: .stopped(report), notes: notes, calibration: calibration)
        }
    }
}

/// How cores are filled.
struct MappingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long to look for a mapping with fewer packets.",
            valueName: MappingEffort.allCases.map(\.rawValue).joined(separator: "|")
        )
    )
    var effort = MappingEffort.default

    @Option(help: ArgumentHelp("Seed of the mapping.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp("Most neurons of a core, below the chip's limit.", valueName: "count")
    )
    var neuronsPerCore: Int?

    @Option(
        help: ArgumentHelp(
            "Put a population on these cores and nowhere else, as in hidden=0-3,7; may be repeated.",
            valueName: "population=cores"
        )
    )
    var pin: [String] = []

    @Option(
        help: ArgumentHelp("Cores of the device that are dead, as in 3,17-20.", valueName: "cores")
    )
    var deadCores: String?

    @Option(
        help: ArgumentHelp(
            "Proposals of annealing for the places of cores, instead of the effort's.",
            valueName: "count"
        )
    )
    var placeProposals: Int?

    func validate() throws {
        if let neuronsPerCore, neuronsPerCore < 1 {
            throw ValidationError("--neurons-per-core must be at least 1.")
        }
        if let placeProposals, !(0...1_000_000_000).contains(placeProposals) {
            throw ValidationError("--place-proposals must lie in 0...1,000,000,000.")
        }
        _ = try options()
    }

    /// The compiler's options.
    func options(
        progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) throws -> CompilerOptions {
        var options = CompilerOptions(
            neuronsPerCore: neuronsPerCore,
            effort: effort,
            seed: seed,
            progress: progress
        )
        options.placeProposals = placeProposals
        options.deadCores =
            try deadCores.map { try CoreList.cores($0, option: "--dead-cores") } ?? []
        for text in pin {
            // A path may hold the sign, a list of cores does not.
            guard let equals = text.lastIndex(of: "=") else {
                throw ValidationError("--pin '\(text)' names no cores. Write population=cores.")
            }
            let cores = try CoreList.cores(
                String(text[text.index(after: equals)...]),
                option: "--pin"
            )
            options.pinned[String(text[..<equals]), default: []] += cores
        }
        return options
    }
}

extension MappingEffort: ExpressibleByArgument {}

/// An image of ours that breaks an invariant is our bug, not the user's.
func verify(_ image: ChipImage) throws {
    do { try image.verify() } catch {
        throw OwnBug(message: "the compiled image breaks an invariant: \(error)")
    }
}
