public import Analysis
import ChipImage
import ChipSpec
import Description
public import Report

/// What a rule does to two coupled neurons, from the exact Markov chain: no run, no noise.
///
/// The neurons stand for the populations of the first feedback projection: escape-rate neurons with the
/// refractory time, the length of the potentials and the delays of the image. A LIF population is stood in
/// for by such neurons, so that its weights are read as log-odds: the field then shows ties, delays and
/// unequal halves, not the gain of the neuron.
public struct PairAnalysis: Sendable {
    /// The drift over a grid of weights, and the line on which B rests.
    public let field: DriftField
    /// What was analysed, for reports.
    public let description: String

    /// Analyses an arm of a study.
    ///
    /// - Parameters:
    ///   - arm: The arm.
    ///   - seed: Of the network.
    ///   - points: Grid points on each axis.
    /// - Throws: `LearningRun.UnknownName` if no feedback projection has a rule of two halves;
    ///   `AnalysisError`; errors of the compiler.
    public init(of arm: LearningStudy.Arm, seed: UInt64, points: Int = 9) throws {
        let image = try LearningStudy.image(of: arm, seed: seed)
        let network = image.network
        guard
            let projection = network.projections.first(where: {
                $0.feedbackOf != nil && $0.rule != nil
            }), let rule = projection.rule, let program = network.rules?[rule],
            let forward = projection.feedbackOf.map({ network.projections[$0] }),
            let population = network.populations.first(where: { $0.path == projection.target }),
            var window = Self.window(of: program)
        else {
            throw LearningRun.UnknownName(
                description: "--analyse: no feedback projection has a rule of two equal windows or "
                    + "traces. Give feedbackOf and a rule such as sal.yaml."
            )
        }
        let tieRule = arm.chip.learning?.tieRule ?? .exclude
        window.ties = PlasticityWindow.Ties(rawValue: tieRule.rawValue) ?? .exclude
        let refractory =
            population.sampling?.refractorySteps ?? (population.refractorySteps ?? 0) + 1
        var pair = CoupledPair(
            forward: 0,
            feedback: 0,
            refractorySteps: refractory,
            synapticSteps: population.sampling?.pspSteps ?? 5
        )
        pair.forwardDelay = forward.delay
        pair.feedbackDelay = projection.delay
        let grid = (0..<points).map { -2 + 4 * Double($0) / Double(max(1, points - 1)) }
        field = try pair.driftField(forward: grid, feedback: grid, window: window)
        description =
            "rule \(program.name), tie rule \(tieRule.rawValue), refractory \(refractory) steps, delays "
            + "\(forward.delay) and \(projection.delay)"
    }

    /// The window of a rule; nil if it has not one of each half.
    private static func window(of program: RuleProgram) -> PlasticityWindow? {
        func gain(_ mantissa: Int, _ exponent: Int) -> Double {
            Double(mantissa).magnitude * Double(sign: .plus, exponent: exponent, significand: 1)
        }
        if let pre = program.windows.first(where: { $0.trigger == .x0 }),
            let post = program.windows.first(where: { $0.trigger == .y0 })
        {
            var window = PlasticityWindow.nearestNeighbour(steps: pre.lastStep)
            window.isUntied = pre.skipsTies
            if !pre.requiresNewerPartner { window.pairing = .last }
            window.causalGain =
                gain(post.mantissa, post.exponent) / gain(pre.mantissa, pre.exponent)
            return window
        }
        guard let pre = program.products.first(where: { $0.trigger == .x0 }),
            let post = program.products.first(where: { $0.trigger == .y0 }),
            let register = pre.factors.first?.variable,
            let trace = program.traces.first(where: { $0.register == register }),
            let tau = trace.tau, tau > 0
        else { return nil }
        var window =
            trace.shape == .triangular
            ? PlasticityWindow.triangular(steps: Int(tau))
            : PlasticityWindow.exponential(timeConstant: tau)
        window.causalGain = gain(post.mantissa, post.exponent) / gain(pre.mantissa, pre.exponent)
        return window
    }

    /// The field as a picture.
    public var figure: FieldFigure {
        var arrows: [FieldFigure.Arrow] = []
        for (w, forward) in field.forward.enumerated() {
            for (b, feedback) in field.feedback.enumerated() {
                arrows.append(
                    FieldFigure.Arrow(
                        FigurePoint(forward, feedback),
                        drift: FigurePoint(0, field[w, b].feedback)
                    )
                )
            }
        }
        let rest = zip(field.forward, field.zeroLine).map { FigurePoint($0, $1 ?? .nan) }
        return FieldFigure(
            title: "Drift of the feedback weight",
            x: FigureAxis("forward weight", unit: "log-odds"),
            y: FigureAxis("feedback weight", unit: "log-odds"),
            arrows: arrows,
            lines: [FieldFigure.Line("where B rests", rest)],
            caption: description
        )
    }

    /// One row a forward weight: where the feedback weight rests.
    public var table: TextTable {
        var table = TextTable([
            .init("forward weight", alignment: .right), .init("B rests at", alignment: .right),
            .init("off by", alignment: .right),
        ])
        for (forward, rest) in zip(field.forward, field.zeroLine) {
            table.append([
                Format.fixed(forward, decimals: 2),
                rest.map { Format.fixed($0, decimals: 3) } ?? "outside",
                rest.map { Format.fixed($0 - forward, decimals: 3) } ?? "",
            ])
        }
        return table
    }
}
