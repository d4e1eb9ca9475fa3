public import ArgumentParser
import ChipImage
import ChipSpec
import Compiler
import Description
import Experiments
import Foundation
public import Mapping
import NIRImport
import Report

/// `spikeloom compile`.
struct Compile: ReportingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compile a network to a chip image.",
        discussion: """
            Examples:
              spikeloom compile digits_fc.nir --from snntorch --chip pilot -o digits.chipimg
              spikeloom compile net.nir --from snntorch --device device.yaml -o net.chipimg
              spikeloom compile synapses.npz --chip mapping-bench --effort best --json report.json

            An NPZ file holds synapses as compressed rows of sources (n_neurons, n_inputs, indptr, indices,
            weights) of integrate-and-fire neurons.
            """
    )

    @Argument(
        help: ArgumentHelp("Network: a NIR file, or synapses in an NPZ file.", valueName: "network")
    )
    var network: String

    @OptionGroup var importing: ImportOptions
    @OptionGroup var target: ChipOptions
    @OptionGroup var mapping: MappingOptions

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

    func run() throws {
        let start = ContinuousClock.now
        let (image, report, notes) = try compiled()
        try verify(image)
        if let output { try image.write(to: output) }
        if let map {
            let figure = PlacementMap(image).figure
            try Tools.draw(to: map) { figure.gnuplotScript(output: $0, format: $1) }
        }
        let cost = CompileText.Cost(
            seconds: (ContinuousClock.now - start) / .seconds(1),
            peakBytes: Tools.peakBytes()
        )
        if let json {
            try Tools.write(CompileText.json(report, cost), to: json)
        }
        guard !quiet else { return }
        for note in notes { Console.print(note) }
        Console.print(CompileText.text(report))
        if let output { Console.print("\(output) written.") }
    }

    /// Compiles; the network is let go as soon as its weights are quantised.
    private func compiled() throws -> (ChipImage, CompileReport, [String]) {
        let imported = try importing.network(at: network)
        let notes = imported.notes
        let progress = Progress("mapping", unit: "thousandths", total: 1000, quiet)
        defer { progress.finish() }
        var options = mapping.options { progress.update(Int($0 * 1000)) }
        options.keepsNetwork = false
        let chip = try target.spec()
        let device = try device.map { path in
            let file = try DeviceFile(path: path)
            try DeviceChoice.check(file, path, chip)
            return file.device
        }
        // The one place to hand `device.deadCores` to the mapping, once CompilerOptions takes them.
        let compilation = try Compiler.compile(
            (consume imported).network,
            for: chip,
            options: options
        )
        guard let device else { return (compilation.image, compilation.report, notes) }
        var image = compilation.image
        let dead = image.cores.map(\.core).filter(device.deadCores.contains)
        guard dead.isEmpty else {
            throw BadInput(
                "Core \(dead[0]) of the device is dead, and the mapping uses it. "
                    + "Use fewer cores, or another --seed or --effort."
            )
        }
        let compensation = Compensation(&image, for: device)
        return (image, compilation.report, notes + [compensation.summary])
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

    func validate() throws {
        if let neuronsPerCore, neuronsPerCore < 1 {
            throw ValidationError("--neurons-per-core must be at least 1.")
        }
    }

    /// The compiler's options.
    func options(progress: @escaping @Sendable (Double) -> Void = { _ in }) -> CompilerOptions {
        CompilerOptions(
            neuronsPerCore: neuronsPerCore,
            effort: effort,
            seed: seed,
            progress: progress
        )
    }
}

extension MappingEffort: ExpressibleByArgument {}

/// An image of ours that breaks an invariant is our bug, not the user's.
func verify(_ image: ChipImage) throws {
    do { try image.verify() } catch {
        throw OwnBug(message: "the compiled image breaks an invariant: \(error)")
    }
}
