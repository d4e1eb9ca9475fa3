public import ArgumentParser
import ChipImage
import ChipSpec
import Compiler
import Description
public import Experiments
import Foundation
import HDF5
public import NIRImport
public import NetworkIR
import Samples
import SpikeTrace

extension Exporter: ExpressibleByArgument {}
extension ResetRule: ExpressibleByArgument {}
extension Readout: ExpressibleByArgument {}

/// How a network file is to be read.
struct ImportOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The tool that wrote the NIR file: sets its time step and known faults.",
            valueName: Exporter.allCases.map(\.rawValue).joined(separator: "|")
        )
    )
    var from: Exporter?

    @Option(
        help: ArgumentHelp(
            "Time step in the unit of the file's time constants, instead of --from's.",
            valueName: "time"
        )
    )
    var dt: Double?

    @Option(
        help: ArgumentHelp(
            "What a spike does to the membrane potential: set it to v_reset at once (NIR's rule) or "
                + "in the next step, whose input is lost (snnTorch's Synaptic and RLeaky); or subtract the "
                + "threshold, at once, or (as snnTorch does, and `subtract` with --from snntorch) one step "
                + "later, or as often as it fits, with a spike each time (sinabs's default).",
            valueName: ResetRule.allCases.map(\.rawValue).joined(separator: "|")
        )
    )
    var reset: ResetRule?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Potential below which no spiking neuron of the NIR file falls: sinabs's min_v_mem, which "
                + "its from_model sets to -1.",
            valueName: "number"
        )
    )
    var minPotential: Double?

    @Option(
        help: ArgumentHelp(
            "Threshold of all neurons of a network of synapses in an NPZ file.",
            valueName: "number"
        )
    )
    var threshold = 127.0

    @Option(
        help: ArgumentHelp(
            "Seed of a network that a YAML file describes, instead of the file's.",
            valueName: "number"
        )
    )
    var networkSeed: UInt64?

    func validate() throws {
        guard minPotential.map({ $0.isFinite && $0 <= 0 }) ?? true else {
            throw ValidationError("--min-potential must be 0 or below.")
        }
        guard threshold > 0, threshold <= 1e9 else {
            throw ValidationError("--threshold must lie above 0, up to 1,000,000,000.")
        }
    }

    /// Reads a description in YAML, synapses from an NPZ file, or a NIR file through the child process.
    func network(at path: String) throws -> ImportedNetwork {
        if path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
            let file = try NetworkFile(path: path, files: NIRParts.files)
            let network = file.network(seed: networkSeed)
            return ImportedNetwork(
                network: network,
                summary: "network '\(file.name)' of seed \(networkSeed ?? file.seed)",
                warnings: []
            )
        }
        if let kind = try? FileKind(path: path), kind == .zip {
            let network = try ConnectionFile.network(
                path: path,
                name: URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent,
                threshold: threshold
            )
            let summary = "integrate-and-fire neurons, threshold \(threshold), reset by subtraction"
            return ImportedNetwork(network: network, summary: summary, warnings: [])
        }
        let source = HDF5ChildProcess(program: try Tools.hdf5Program(), file: path)
        return try NIRFile.read(
            source,
            name: URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent,
            file: path,
            settings: ImportSettings(
                exporter: from,
                timeStep: dt,
                reset: reset,
                lowestPotential: minPotential
            )
        )
    }
}

/// Which chip, and whose prices.
struct ChipOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Chip to compile for: a name that `spikeloom chips` lists, or a spec file.",
            valueName: "name|file"
        )
    )
    var chip = "pilot"

    /// Loads the spec.
    func spec() throws -> ChipSpec { try Tools.catalogue.load(chip) }
}

/// How samples are run.
struct SampleOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Samples: NPZ with `spikes` (samples, steps, channels…) of 0/1 and perhaps `labels`; or a "
                + "recording, for its input spikes.",
            valueName: "npz|mcap"
        )
    )
    var input: String

    @Option(help: "Steps with input of each sample, instead of the samples' own length.")
    var steps: Int?

    @Option(
        help: ArgumentHelp(
            "How the answer is read off the output: most spikes, first spike, highest membrane "
                + "potential, or highest in the last step. By default count, or membrane where the "
                + "output does not spike.",
            valueName: Readout.allCases.map(\.rawValue).joined(separator: "|")
        )
    )
    var readout: Readout?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "What happens between samples: reset the state, run N steps without input, or carry "
                + "the state on.",
            valueName: "reset|blank N|carry"
        )
    )
    var between: [String] = ["reset"]

    @Option(help: ArgumentHelp("Output that answers, where there are several.", valueName: "name"))
    var output: String?

    func validate() throws {
        if let steps, !(1...100_000_000).contains(steps) {
            throw ValidationError("--steps must lie in 1...100,000,000.")
        }
        _ = try betweenSamples()
    }

    /// What `--between` says.
    func betweenSamples() throws -> BetweenSamples {
        guard let between = BetweenSamples(between.joined(separator: " ")) else {
            throw ValidationError(
                "--between '\(between.joined(separator: " "))' is not known. Use reset, carry, or "
                    + "blank N with N in 0...1,000,000."
            )
        }
        return between
    }

    /// Reads the samples, in the order of the network's inputs.
    func samples(for inputs: [(name: String, shape: [Int])]) throws -> SampleSet {
        if try FileKind(path: input) == .spikeTrace {
            let recorded = try RecordedSamples.read(SpikeTraceReader(path: input))
            return try recorded.matched(to: inputs)
        }
        return try SampleSet(contentsOf: input).matched(to: inputs)
    }

    /// Index of the output that answers.
    func outputIndex(among names: [String]) throws -> Int {
        guard let output else {
            guard names.count == 1 else {
                throw BadInput(
                    "The network has \(names.count) outputs: \(names.joined(separator: ", ")). "
                        + "Choose the one that answers with --output."
                )
            }
            return 0
        }
        guard let index = names.firstIndex(of: output) else {
            throw BadInput(
                "--output: there is no output '\(output)'. "
                    + "The network has \(names.joined(separator: ", "))."
            )
        }
        return index
    }

    /// The readout, checked against what the output does.
    func readout(outputSpikes: Bool, name: String) throws -> Readout {
        let chosen = readout ?? (outputSpikes ? .count : .membrane)
        if !outputSpikes && (chosen == .count || chosen == .first) {
            throw BadInput(
                "--readout \(chosen): output '\(name)' does not spike. "
                    + "Use membrane or last."
            )
        }
        return chosen
    }
}

/// Names of a network's inputs and outputs, and whether the outputs spike.
struct NetworkPorts {
    let inputs: [(name: String, shape: [Int])]
    let outputs: [(name: String, isSpiking: Bool)]

    init(_ image: ChipImage) {
        inputs = image.inputs.map { ($0.name, $0.shape) }
        outputs = image.network.outputs.map {
            ($0.name, image.network.populations[$0.population].model.isSpiking)
        }
    }

    init(_ network: Network) {
        inputs = network.populations.filter { $0.dynamics == .input }.map { ($0.path, $0.shape) }
        outputs = network.outputs.map {
            ($0.name, network.populations[$0.population].dynamics.isSpiking)
        }
    }
}
