import Diagnostics
import NetworkIR
import Yams

/// Reads the sections of a sampling study.
struct SamplingReader {
    /// What file names are relative to.
    let folder: String

    private var experiments: ExperimentReader { ExperimentReader(folder: folder) }

    func sampling(_ root: Entry) throws -> Sampling {
        let section = try root.section(SamplingKeys.document)
        let name = try section.required("sampling", "It is the name.").text(atMost: 64)
        var rules: [LearningRule] = []
        let place = try section.required("rule", "It is the rule of the sleep phase.")
        _ = try experiments.rule(place, name: "sleep", &rules)
        guard let rule = rules.first else {
            throw place.refusal(.descriptionMissing, "holds no rule.")
        }
        return Sampling(
            name: name,
            summary: try section["summary"]?.text() ?? "",
            chip: try section["chip"].map(experiments.chip) ?? "pilot",
            chipSettings: try experiments.settings(section["chipSettings"]),
            rule: rule,
            seeds: try experiments.seeds(section["seeds"]),
            neuronCount: try section["neurons"]?.integer(2...10) ?? 7,
            iterations: try section["iterations"]?.integer(SamplingKeys.iterations) ?? 1500,
            phaseInRefractoryTimes: try section["phase"]?.integer(SamplingKeys.phase) ?? 1000,
            learningRate: try section["learningRate"]?.number(SamplingKeys.rate) ?? 0.02,
            alignmentRate: try section["alignmentRate"]?.number(SamplingKeys.rate) ?? 0.02,
            initialDeviation: try section["initialDeviation"]?.number(0...2, "log-odds") ?? 0.2,
            initialNoises: try levels(
                section["initialNoise"],
                SamplingKeys.initialNoise,
                "log-odds"
            ),
            initialBiasNoise: try section["initialBiasNoise"]?.number(
                SamplingKeys.initialNoise,
                "log-odds"
            ) ?? 0,
            plasticityNoises: try levels(section["plasticityNoise"], SamplingKeys.plasticityNoise),
            finalSteps: try section["finalSteps"]?.integer(SamplingKeys.finalSteps) ?? 20_000_000,
            lookEvery: try section["lookEvery"]?.integer(SamplingKeys.iterations) ?? 50
        )
    }

    private func levels(_ entry: Entry?, _ range: ClosedRange<Double>, _ unit: String = "")
        throws(DescriptionError) -> [Double]
    {
        guard let entry else { return [0] }
        var result: [Double] = []
        for item in entry.node.sequence == nil ? [entry] : try entry.list(1...64) {
            let level = try item.number(range, unit)
            guard !result.contains(level) else {
                throw item.refusal(
                    .descriptionTwice,
                    "is \(Entry.plain(level)), which stands there before."
                )
            }
            result.append(level)
        }
        return result
    }
}

/// Every key of a sampling study, and the ranges that flags of the command share.
public enum SamplingKeys {
    static let document = [
        "sampling", "summary", "chip", "chipSettings", "rule", "seeds", "neurons", "iterations",
        "phase", "learningRate", "alignmentRate", "initialDeviation", "initialNoise",
        "initialBiasNoise", "plasticityNoise", "finalSteps", "lookEvery", "arms",
    ]
    /// Wake and sleep phases.
    public static let iterations = 1...1_000_000
    /// Length of a sleep phase in refractory times.
    public static let phase = 1...100_000
    /// Steps of the run that measures the distribution.
    public static let finalSteps = 1...10_000_000_000
    /// Learning rates.
    public static let rate = 0.0...1.0
    /// Noise of first weights, log-odds.
    public static let initialNoise = 0.0...4.0
    /// Relative deviation of windows.
    public static let plasticityNoise = 0.0...0.5

    /// Keys by section, as the JSON Schema names its definitions; `document` is the file.
    package static let bySection: [String: [String]] = ["document": document]
}
