import ChipImage
import ChipSpec
public import Description
import FixedPoint

/// What `--auto` chooses for the phases of an experiment, and why.
///
/// The laws are those of `docs/SAL.md`, found on set-up R: they read the weights of the image, the engine
/// and the rate the neurons are held at.
public struct AutomaticSettings: Sendable, Equatable {
    /// The plan with amplitudes, lengths, rate control and shifts chosen.
    public let plan: LearningPlan
    /// One sentence a choice.
    public let reasons: [String]

    /// Spikes a neuron needs for an alignment: 30 Hz for 400 s.
    private static let spikesPerNeuron = 12_000.0
    /// Amplitude of a pair at the start in root-mean-square weights: windows, and traces at full height.
    private static let windowAmplitude = 0.04
    private static let traceAmplitude = 0.02

    /// Chooses settings for an arm.
    ///
    /// - Parameters:
    ///   - arm: The arm.
    ///   - image: Its network, compiled.
    init(of arm: LearningStudy.Arm, image: ChipImage) {
        var plan = arm.experiment.plan
        var reasons: [String] = []
        var target = 30.0
        for case .trim(let trim) in plan.phases { target = trim.target }
        let engine = arm.chip.learning
        for index in plan.phases.indices {
            guard case .run(var run) = plan.phases[index], !run.learning.isEmpty else { continue }
            if let control = run.rateControl { target = control.target }
            run.seconds = (Self.spikesPerNeuron / target).rounded()
            reasons.append(
                "\(run.name): \(Int(run.seconds)) s, so that a neuron of \(Self.plain(target)) Hz spikes "
                    + "12,000 times."
            )
            if engine?.hasHomeostasis == true {
                run.rateControl = RateControlPlan(target: target, step: 0.01, everySeconds: 1)
                reasons.append(
                    "\(run.name): rate control at \(Self.plain(target)) Hz, h 0.01: the chip has spike "
                        + "counters, and rates decide."
                )
            }
            if (engine?.longestAttenuation ?? 0) > 0 {
                run.attenuation = [:]
                run.choosesAttenuation = true
                reasons.append("\(run.name): dendritic sums shifted by the law of the shift.")
            }
            run.amplitudes = []
            for name in run.learning {
                guard
                    let projection = image.network.projections.firstIndex(where: { $0.name == name }
                    ),
                    let rule = image.network.projections[projection].rule,
                    let program = image.network.rules?[rule]
                else { continue }
                let table = image.network.projections[projection]
                let partner = table.feedbackOf ?? projection
                let weight = Self.rootMeanSquare(image, partner)
                let isWindow = !program.windows.isEmpty
                let start = (isWindow ? Self.windowAmplitude : Self.traceAmplitude) * weight
                for amplitude in program.amplitudes {
                    run.amplitudes.append(
                        AmplitudeCourse(
                            projection: name,
                            name: amplitude,
                            from: start,
                            to: start / 10,
                            shape: .geometric
                        )
                    )
                    reasons.append(
                        "\(run.name): \(amplitude) of \(name) from \(Self.plain(start)) to a tenth: "
                            + "\(isWindow ? "4" : "2") % of the root-mean-square weight "
                            + "\(Self.plain(weight)) of \(image.network.projections[partner].name ?? "it")."
                    )
                }
            }
            plan.phases[index] = .run(run)
        }
        self.plan = plan
        self.reasons = reasons
    }

    private static func rootMeanSquare(_ image: ChipImage, _ projection: Int) -> Double {
        let registers = image.registers(ofProjection: projection)
        let scale =
            image.network.projections[projection].weightScale
            / Double(1 << image.hiddenBits(ofProjection: projection))
        let squares = registers.reduce(0.0) { $0 + Double($1) * Double($1) }
        return (squares / Double(max(1, registers.count))).squareRoot() * scale
    }

    private static func plain(_ value: Double) -> String {
        "\((value * 100_000).rounded() / 100_000)"
    }
}
