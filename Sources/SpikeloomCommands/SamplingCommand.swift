import ArgumentParser
import ChipSpec
import Description
import Experiments
import Foundation
import Report

/// `spikeloom sampling`.
struct SamplingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sampling",
        abstract:
            "Let a network of sampling neurons learn a Boltzmann distribution, by wake and sleep.",
        discussion: """
            Each noise is run without and with spike-based alignment learning \
            (docs/RESULTS.md).

            Example:
              spikeloom sampling Examples/rules/wake-sleep.yaml --initial-noise 0,1 --seeds 2
            """
    )

    @Argument(help: ArgumentHelp("The rule of the sleep phase.", valueName: "yaml"))
    var rule: String

    @OptionGroup var target: ChipOptions

    @Option(
        help: ArgumentHelp(
            "Deviations of the first weights, log-odds, with commas between.",
            valueName: "s,s…"
        )
    )
    var initialNoise = "0,1"

    @Option(
        help: ArgumentHelp(
            "Relative deviations of the rule's windows, with commas between.",
            valueName: "s,s…"
        )
    )
    var plasticityNoise = "0"

    @Option(help: "Learning rate of weights and biases.")
    var rate = 0.02

    @Option(help: "Learning rate of SAL, in the runs with it.")
    var alignmentRate = 0.02

    @Option(help: "Wake and sleep phases.")
    var iterations = 1500

    @Option(help: "Length of a sleep phase in refractory times.")
    var phase = 1000

    @Option(help: "Steps of the run that measures the distribution.")
    var finalSteps = 20_000_000

    @Option(help: "Number of seeds.")
    var seeds = 4

    @Option(help: "The first seed; the others follow.")
    var seed: UInt64 = 200

    @Option(help: "Runs at a time. The results are the same for any number.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
    var json: String?

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
            guard !range.contains(value) else { return }
            throw ValidationError(
                "\(name) must lie in \(range.lowerBound)...\(range.upperBound)."
            )
        }
        try check("--iterations", iterations, 1...1_000_000)
        try check("--phase", phase, 1...100_000)
        try check("--final-steps", finalSteps, 1...10_000_000_000)
        try check("--seeds", seeds, 1...1000)
        try check("--threads", threads, 1...256)
        for (name, value) in [("--rate", rate), ("--alignment-rate", alignmentRate)] {
            guard (0...1).contains(value) else {
                throw ValidationError("\(name) must lie in 0...1.")
            }
        }
        _ = try numbers("--initial-noise", initialNoise, 0...4)
        _ = try numbers("--plasticity-noise", plasticityNoise, 0...0.5)
    }

    private func numbers(
        _ name: String,
        _ text: String,
        _ range: ClosedRange<Double>
    ) throws -> [Double] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let value = Double(part), range.contains(value) else {
                throw ValidationError(
                    "\(name): '\(part)' is no number in \(range.lowerBound)...\(range.upperBound)."
                )
            }
            return value
        }
    }

    func run() throws {
        var plan = SamplingPlan()
        plan.learningRate = rate
        plan.alignmentRate = alignmentRate
        plan.iterations = iterations
        plan.phaseInRefractoryTimes = phase
        plan.finalSteps = finalSteps
        let study = SamplingStudy(
            plan,
            initialNoises: try numbers("--initial-noise", initialNoise, 0...4),
            plasticityNoises: try numbers("--plasticity-noise", plasticityNoise, 0...0.5),
            seeds: (0..<UInt64(seeds)).map { seed &+ $0 },
            threads: threads
        )
        let spec = try target.spec()
        let runs = study.arms.count * seeds
        let progress = Progress("learning", unit: "runs", total: runs, quiet)
        let arms = try study(rule: RuleFile.rule(path: rule), chip: spec) { progress.update($0) }
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
        if !quiet { Console.print(SamplingStudy.text(arms)) }
    }
}
