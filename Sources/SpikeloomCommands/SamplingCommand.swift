import ArgumentParser
import ChipSpec
import Description
import Experiments
import Foundation
import Report

/// `spikeloom sampling`.
struct SamplingCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "sampling",
        abstract:
            "Let a network of sampling neurons learn a Boltzmann distribution, by wake and sleep.",
        discussion: """
            A sampling study describes rule, noises, rates, seeds and arms (docs/SAMPLING.md). \
            Flags stand above its keys. A rule file alone is run with and without spike-based \
            alignment learning at the noises 0 and 1.

            Examples:
              spikeloom sampling Examples/studies/sampling-init-noise.yaml --seeds 2
              spikeloom sampling my.yaml --json my.json --plot my.svg
            """
    )

    @Argument(
        help: ArgumentHelp("A sampling study, or a rule of the sleep phase.", valueName: "yaml")
    )
    var file: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Arms to run; all by default.", valueName: "arm")
    )
    var arm: [String] = []

    @Option(
        help: ArgumentHelp(
            "Chip: a name that `spikeloom chips` lists, or a spec file.",
            valueName: "name|file"
        )
    )
    var chip: String?

    @Option(
        help: ArgumentHelp(
            "Deviations of the first weights, log-odds, with commas between.",
            valueName: "s,s…"
        )
    )
    var initialNoise: String?

    @Option(
        help: ArgumentHelp(
            "Relative deviations of the rule's windows, with commas between.",
            valueName: "s,s…"
        )
    )
    var plasticityNoise: String?

    @Option(help: ArgumentHelp("Learning rate of weights and biases.", valueName: "rate"))
    var rate: Double?

    @Option(help: ArgumentHelp("Learning rate of SAL, in arms with it.", valueName: "rate"))
    var alignmentRate: Double?

    @Option(help: ArgumentHelp("Wake and sleep phases.", valueName: "n"))
    var iterations: Int?

    @Option(help: ArgumentHelp("Length of a sleep phase in refractory times.", valueName: "n"))
    var phase: Int?

    @Option(help: ArgumentHelp("Steps of the run that measures the distribution.", valueName: "n"))
    var finalSteps: Int?

    @Option(help: ArgumentHelp("Number of seeds.", valueName: "n"))
    var seeds: Int?

    @Option(help: ArgumentHelp("The first seed; the others follow.", valueName: "seed"))
    var seed: UInt64?

    @Option(help: "Runs at a time. The results are the same for any number.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
    var json: String?

    @Option(
        help: ArgumentHelp(
            "Draw it: D_KL and asymmetry against the noise, one line an arm.",
            valueName: "svg|png|pdf"
        )
    )
    var plot: String?

    @OptionGroup var reporting: DiagnosticOptions

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        func check<Value>(_ name: String, _ value: Value?, _ range: ClosedRange<Value>) throws {
            guard let value, !range.contains(value) else { return }
            throw ValidationError(
                "\(name) must lie in \(range.lowerBound)...\(range.upperBound)."
            )
        }
        try check("--iterations", iterations, SamplingKeys.iterations)
        try check("--phase", phase, SamplingKeys.phase)
        try check("--final-steps", finalSteps, SamplingKeys.finalSteps)
        try check("--seeds", seeds, 1...10_000)
        try check("--threads", threads, 1...256)
        try check("--rate", rate, SamplingKeys.rate)
        try check("--alignment-rate", alignmentRate, SamplingKeys.rate)
        _ = try numbers("--initial-noise", initialNoise, SamplingKeys.initialNoise)
        _ = try numbers("--plasticity-noise", plasticityNoise, SamplingKeys.plasticityNoise)
    }

    private func numbers(
        _ name: String,
        _ text: String?,
        _ range: ClosedRange<Double>
    ) throws -> [Double]? {
        try text?.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let value = Double(part), range.contains(value) else {
                throw ValidationError(
                    "\(name): '\(part)' is no number in \(range.lowerBound)...\(range.upperBound)."
                )
            }
            return value
        }
    }

    /// An arm of the file, with the flags above its keys.
    private func overridden(_ sampling: Sampling) throws -> Sampling {
        var result = sampling
        if let chip {
            result.chip = chip
            result.chipSettings = []
        }
        if let values = try numbers("--initial-noise", initialNoise, SamplingKeys.initialNoise) {
            result.initialNoises = values
        }
        if let values = try numbers(
            "--plasticity-noise",
            plasticityNoise,
            SamplingKeys.plasticityNoise
        ) {
            result.plasticityNoises = values
        }
        if let rate { result.learningRate = rate }
        // An arm without SAL stays without.
        if let alignmentRate, sampling.alignmentRate > 0 { result.alignmentRate = alignmentRate }
        if let iterations { result.iterations = iterations }
        if let phase { result.phaseInRefractoryTimes = phase }
        if let finalSteps { result.finalSteps = finalSteps }
        if let seed {
            let count = seeds ?? sampling.seeds.count
            result.seeds = (0..<UInt64(count)).map { seed &+ $0 }
        } else if let seeds {
            let last = result.seeds.last ?? 0
            let more = max(0, seeds - result.seeds.count)
            result.seeds = result.seeds.prefix(seeds) + (0..<UInt64(more)).map { last &+ 1 &+ $0 }
        }
        return result
    }

    func run() throws {
        let file = try SamplingFile(path: file)
        let names: [String?] = arm.isEmpty ? (file.arms.isEmpty ? [nil] : file.arms) : arm
        let samplings = try names.map { try overridden(file.sampling(arm: $0)) }
        let first = samplings[0]
        for sampling in samplings.dropFirst() where !first.isComparable(with: sampling) {
            throw BadInput(
                "\(file.path): arm '\(sampling.arm ?? "")' differs from '\(first.arm ?? "")' in chip, "
                    + "rule, seeds or noises, which all arms share. Write two studies."
            )
        }
        let study = SamplingStudy(samplings, threads: threads)
        var spec = try Tools.catalogue.load(first.chip)
        for setting in first.chipSettings {
            spec = try spec.setting(setting.key, to: setting.value, place: setting.place)
        }
        let runs = study.arms.count * study.seeds.count
        let progress = Progress("learning", unit: "runs", total: runs, quiet)
        let arms = try study(rule: first.rule, chip: spec) { progress.update($0) }
        progress.finish()
        if let json {
            let report = SamplingStudy.json(
                arms,
                chip: spec.name,
                command: (["spikeloom"] + CommandLine.arguments.dropFirst())
                    .joined(separator: " "),
                toolVersion: Version.text
            )
            try Tools.write(report.text, to: json)
        }
        if let plot {
            let figure = SamplingStudy.figure(arms, title: first.summary)
            try Tools.draw(to: plot) { figure.gnuplotScript(output: $0, format: $1) }
        }
        if !quiet { Console.print(SamplingStudy.text(arms)) }
    }
}
