import ChipImage
import ChipSpec
import FixedPoint
import TestSupport

/// What random images contain of sections 8 and 9 of `docs/NUMERICS.md`.
enum RandomLearning {
    /// All that random images must contain.
    static let expected: Set<String> = {
        var all = PSPShape.allCases.map { "psp \($0)" }
        all += TieRule.allCases.map { "ties \($0)" }
        all += PlasticityTimestamp.allCases.map { "timestamp \($0)" }
        all += RoundingMode.allCases.flatMap { ["traces \($0)", "updates \($0)"] }
        all += (0...8).map { "hidden bits \($0)" }
        all += TraceShape.allCases.map { "trace \($0)" }
        all += ["x1", "x2", "y1", "y2", "y3", "x0", "y0", "w", "r", "refractory", "u", "v"]
            .map { "factor \($0)" }
        all += ["x0", "y0", "every"].flatMap { trigger in
            (trigger == "every" ? ["product"] : ["product", "window"]).map { "\($0) \(trigger)" }
        }
        all += [
            "noise of its own", "shared noise", "several sources", "refractory 0",
            "refractory above 0", "trace without tau", "trace of tau 0", "sign of a factor",
            "constant of a factor", "amplitude", "epoch above 1", "every above 1",
            "window from 0", "newer partner", "ties skipped", "plastic input",
            "plastic population", "plastic self", "plastic delay", "plastic compartment",
            "plastic negative exponent", "plastic mismatch", "several plastic projections",
            "two rules", "plastic over cores", "attenuation", "rate control", "learning off",
            "bias written", "register written", "reward", "named projection",
            "coarse log-odds", "fine log-odds", "exact servo", "servo of shifts", "servo off",
        ]
        return Set(all)
    }()

    /// What an image contains, and what its host does.
    static func features(_ random: RandomImage) -> Set<String> {
        guard let engine = random.image.chip.learning else { return [] }
        let network = random.image.network
        var found: Set<String> = [
            "ties \(engine.tieRule)", "timestamp \(engine.timestamp)",
            "traces \(engine.traceRounding)", "updates \(engine.weightRounding)",
            "hidden bits \(random.image.chip.synapse.hiddenWeightBits)",
        ]
        for population in network.populations { found.formUnion(features(population)) }
        for rule in network.rules ?? [] { found.formUnion(features(rule)) }
        if (network.rules ?? []).count > 1 { found.insert("two rules") }
        let plastic = network.projections.filter { $0.rule != nil }
        if plastic.count > 1 { found.insert("several plastic projections") }
        for projection in plastic {
            found.insert(
                network.populations.contains { $0.path == projection.source }
                    ? "plastic population" : "plastic input"
            )
            if projection.source == projection.target { found.insert("plastic self") }
            if projection.delay > 1 { found.insert("plastic delay") }
            if projection.compartment > 0 { found.insert("plastic compartment") }
            if projection.name != nil { found.insert("named projection") }
        }
        if random.device.variation[.weight] != nil { found.insert("plastic mismatch") }
        let homes = random.image.cores.count { !$0.synapses.rowProjection.isEmpty }
        if homes > 1 { found.insert("plastic over cores") }
        for core in random.image.cores {
            let tables = core.synapses
            for row in tables.rowExponent.indices
            where tables.projection(ofRow: row) != nil && tables.rowExponent[row] < 0 {
                found.insert("plastic negative exponent")
            }
        }
        for action in random.actions(steps: 60).flatMap({ $0 }) { found.formUnion(name(action)) }
        return found
    }

    private static func features(_ population: PopulationTable) -> Set<String> {
        var found: Set<String> = []
        if let sampling = population.sampling {
            found.insert("psp \(sampling.psp)")
            found.insert(sampling.logOddsPerRaw > 1.0 / 64 ? "coarse log-odds" : "fine log-odds")
        }
        if population.model == .noisyLIF {
            let isShort = (population.refractorySteps ?? 0) == 0
            found.insert(isShort ? "refractory 0" : "refractory above 0")
        }
        for source in population.noise ?? [] {
            found.insert(source.sharedSource == nil ? "noise of its own" : "shared noise")
        }
        if (population.noise ?? []).count > 1 { found.insert("several sources") }
        return found
    }

    private static func features(_ rule: RuleProgram) -> Set<String> {
        var found: Set<String> = []
        if rule.epoch > 1 { found.insert("epoch above 1") }
        for trace in rule.traces {
            found.insert("trace \(trace.shape)")
            if trace.tau == nil { found.insert("trace without tau") }
            if trace.tau == 0 { found.insert("trace of tau 0") }
        }
        for product in rule.products {
            found.insert("product \(name(product.trigger))")
            if case .every(let epochs) = product.trigger, epochs > 1 {
                found.insert("every above 1")
            }
            if product.amplitude != nil { found.insert("amplitude") }
            for factor in product.factors {
                found.insert("factor \(factor.variable)")
                if factor.isSign { found.insert("sign of a factor") }
                if factor.constant != 0 { found.insert("constant of a factor") }
            }
        }
        for window in rule.windows {
            found.insert("window \(name(window.trigger))")
            if window.firstStep == 0 { found.insert("window from 0") }
            if window.requiresNewerPartner { found.insert("newer partner") }
            if window.skipsTies { found.insert("ties skipped") }
        }
        return found
    }

    private static func name(_ trigger: RuleTrigger) -> String {
        switch trigger {
        case .x0: "x0"
        case .y0: "y0"
        case .every: "every"
        }
    }

    private static func name(_ action: HostAction) -> [String] {
        switch action {
        case .setLearning(_, let isOn): isOn ? [] : ["learning off"]
        case .setAmplitude: []
        case .setReward: ["reward"]
        case .setAttenuation(_, let shift): shift > 0 ? ["attenuation"] : []
        case .setRateControl: ["rate control"]
        case .stopRateControl: []
        case .setGainServo(_, let servo):
            [servo.map { $0.isExact ? "exact servo" : "servo of shifts" } ?? "servo off"]
        case .setBias: ["bias written"]
        case .setWeightRegister: ["register written"]
        }
    }
}
