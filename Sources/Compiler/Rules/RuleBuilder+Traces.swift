import ChipImage
import ChipSpec
import Diagnostics
import NetworkIR

// Learning traces.
extension RuleBuilder {
    /// Reads the fields of a learning trace, if the rule declares it.
    mutating func readTrace(_ name: String) throws(RuleError) {
        let fields = rule.entries.filter { $0.key.hasPrefix(name + ".") }
        guard let first = fields.first, let register = RuleVariable(rawValue: name) else { return }
        guard limits.engine.registers.contains(register) else {
            throw absent(register, first, at: 0)
        }
        guard let impulseEntry = fields.first(where: { $0.key.hasSuffix(".impulse") }) else {
            throw refusal(
                .ruleValue,
                first,
                "\(name) has no impulse, which is what a spike adds to it.",
                "Add impulse: \((limits.largestTrace + 1) / 4)."
            )
        }
        let impulse = try impulse(impulseEntry)
        let tauEntry = fields.first { $0.key.hasSuffix(".tau") }
        let tau = try tauEntry.map { entry throws(RuleError) in try self.tau(entry) }
        var shape = TraceShape.exponential
        if let entry = fields.first(where: { $0.key.hasSuffix(".shape") }) {
            shape = try self.shape(entry)
            if shape == .triangular {
                try checkTriangle(impulse, tau, entry, tauEntry)
            }
        }
        traces.append(TraceProgram(register: register, impulse: impulse, tau: tau, shape: shape))
    }

    private func impulse(_ entry: LearningRuleEntry) throws(RuleError) -> Double {
        let isWhole = limits.engine.engine != .loihi
        guard let value = ExactNumber.decimal(entry.text), value > 0,
            value <= Double(limits.largestTrace), !isWhole || value == value.rounded()
        else {
            throw refusal(
                .ruleValue,
                entry,
                "The impulse is \(Self.shown(entry)). A learning trace of chip "
                    + "'\(limits.chip)' has \(limits.engine.traceBits) bits: the impulse is a "
                    + (isWhole ? "whole number in 1" : "number above 0 and at most ")
                    + (isWhole ? "...\(limits.largestTrace)." : "\(limits.largestTrace)."),
                "A quarter of the range, \((limits.largestTrace + 1) / 4), leaves room for several "
                    + "spikes."
            )
        }
        return value
    }

    private func tau(_ entry: LearningRuleEntry) throws(RuleError) -> Double {
        guard let value = ExactNumber.decimal(entry.text), value <= limits.longestTau else {
            throw refusal(
                .ruleValue,
                entry,
                "The time constant is \(Self.shown(entry)). On chip '\(limits.chip)' it is a "
                    + "number of steps in 0...\(Int(limits.longestTau)).",
                entry.text.hasPrefix("-")
                    ? "Write how fast the trace falls as a positive number; 0 clears it every step."
                    : "Leave tau out for a trace that never decays."
            )
        }
        return value
    }

    private func shape(_ entry: LearningRuleEntry) throws(RuleError) -> TraceShape {
        guard let shape = TraceShape(rawValue: entry.text) else {
            let names = TraceShape.allCases.map(\.rawValue)
            throw refusal(
                .ruleValue,
                entry,
                "The shape is \(Self.shown(entry)). It is one of "
                    + names.joined(separator: ", ") + ".",
                Self.suggestion(entry.text, names)
            )
        }
        return shape
    }

    /// A triangular trace falls by a whole number a step, or its window would not end at tau.
    private func checkTriangle(
        _ impulse: Double,
        _ tau: Double?,
        _ shape: LearningRuleEntry,
        _ entry: LearningRuleEntry?
    ) throws(RuleError) {
        guard limits.engine.engine == .pilot else {
            throw refusal(
                .ruleValue,
                shape,
                "The engine of chip '\(limits.chip)' has exponential traces only.",
                "Choose another chip, or write shape: exponential."
            )
        }
        guard let tau, tau >= 1 else {
            throw refusal(
                .ruleValue,
                entry ?? shape,
                "A triangular trace falls to 0 within tau steps, and tau is "
                    + "\(tau.map { "\($0)" } ?? "missing"). It must be 1 or more.",
                "Add for example tau: 10."
            )
        }
        let fall = impulse / tau
        guard fall == fall.rounded() else {
            let nearest = max(1, fall.rounded()) * tau
            let most = (Double(limits.largestTrace) / tau).rounded(.down) * tau
            let proposal = nearest <= Double(limits.largestTrace) ? nearest : most
            throw refusal(
                .ruleValue,
                entry ?? shape,
                "The trace falls by impulse/tau = \(impulse)/\(tau) a step. It must be a whole number.",
                proposal >= 1 && proposal == proposal.rounded()
                    ? "Write impulse: \(Int(proposal))."
                    : "Choose a whole tau of at most \(limits.largestTrace)."
            )
        }
    }
}
