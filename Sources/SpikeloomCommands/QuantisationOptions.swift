public import ArgumentParser
import ChipImage
import ChipSpec
public import Compiler
import Experiments
import NetworkIR
import Samples

extension ScaleRule: ExpressibleByArgument {
    /// Reads a rule from the command line.
    ///
    /// - Parameter argument: What stands after `--scale`.
    public init?(argument: String) { self.init(argument) }
}

/// How weights become registers.
struct QuantisationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Which weight of a projection is the largest that a register holds: the largest, or the "
                + "one at a percentile of magnitudes (99.9 by default); what lies above is clipped.",
            valueName: "max|percentile[=P]"
        )
    )
    var scale = ScaleRule.max

    @Option(
        help: ArgumentHelp(
            "Samples (NPZ) to choose the scales of each population by: those with which the chip is "
                + "nearest to the network in real numbers. Energy and step time are predicted from them.",
            valueName: "npz"
        )
    )
    var calibrate: String?

    @Option(help: "Samples of the file that --calibrate runs.")
    var calibrationSamples = 16

    @Flag(
        help: "Show the author's value of every parameter, its register, and what that stands for."
    )
    var table = false

    func validate() throws {
        guard (1...1_000_000).contains(calibrationSamples) else {
            throw ValidationError("--calibration-samples must lie in 1...1,000,000.")
        }
    }

    /// Runs the calibration; nil if none is asked for.
    func calibration(
        of network: Network,
        for chip: ChipSpec,
        _ options: CompilerOptions,
        rules: [RuleProgram],
        quiet: Bool
    ) throws -> CalibrationResult? {
        guard let calibrate else { return nil }
        let samples = try SampleSet(contentsOf: calibrate)
            .matched(to: NetworkPorts(network).inputs)
        var candidates = Calibration.standardCandidates
        if !candidates.contains(scale) { candidates.insert(scale, at: 0) }
        let progress = Progress("calibrating", unit: "thousandths", total: 1000, quiet)
        defer { progress.finish() }
        return try Calibration(candidates: candidates, samples: calibrationSamples)(
            network,
            for: chip,
            options: options,
            rules: rules,
            samples,
            progress: { progress.update(Int($0 * 1000)) }
        )
    }

    /// What an image costs at the rates that the calibration samples cause; nil without any.
    func prediction(for image: ChipImage) throws -> CostPrediction? {
        guard let calibrate else { return nil }
        let samples = try SampleSet(contentsOf: calibrate).matched(to: NetworkPorts(image).inputs)
        return try CostPrediction(image, samples: samples.prefix(calibrationSamples))
    }
}
