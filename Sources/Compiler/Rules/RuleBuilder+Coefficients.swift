import ChipImage
import ChipSpec
import Diagnostics
import NetworkIR

// Numbers of products.
extension RuleBuilder {
    /// Splits the number of a product into mantissa and exponent, where possible as its author did.
    func fit(
        _ number: ExactNumber,
        _ parts: inout Parts,
        _ entry: LearningRuleEntry,
        _ offset: Int
    ) throws(RuleError) {
        var mantissa = number.significand
        var exponent = parts.exponent + number.twos
        while !limits.mantissas.contains(mantissa), mantissa.isMultiple(of: 2) {
            mantissa /= 2
            exponent += 1
        }
        guard number.fives == 0, limits.mantissas.contains(mantissa) else {
            throw refusal(
                .ruleCoefficient,
                entry,
                at: offset,
                "The coefficient \(Self.shown(number, parts.exponent)) is no mantissa in "
                    + "\(limits.mantissas.lowerBound)...\(limits.mantissas.upperBound) times a power "
                    + "of two, as the engine of chip '\(limits.chip)' has it.",
                nearest(to: number, parts.exponent).map { "Round it to \($0)." }
                    ?? "Choose a larger one."
            )
        }
        while exponent > limits.exponents.upperBound, limits.mantissas.contains(mantissa * 2) {
            mantissa *= 2
            exponent -= 1
        }
        while exponent < limits.exponents.lowerBound, mantissa.isMultiple(of: 2) {
            mantissa /= 2
            exponent += 1
        }
        guard limits.exponents.contains(exponent) else {
            throw refusal(
                .ruleCoefficient,
                entry,
                at: offset,
                "The coefficient is \(mantissa)*2^\(exponent). On chip '\(limits.chip)' the exponent "
                    + "lies in \(limits.exponents.lowerBound)...\(limits.exponents.upperBound).",
                parts.amplitude == nil
                    ? "Choose another impulse, so that the traces carry a part of it."
                    : "Let the amplitude carry a part of it."
            )
        }
        parts.mantissa = mantissa
        parts.exponent = exponent
        if limits.engine.engine == .pilot { try checkRegister(parts, entry, offset) }
    }

    /// Checks that the coefficient in the engine's register is neither 0 nor clamped.
    ///
    /// C = mantissa · 2^exponent · amplitude · 2^(H + 12) within 32 bits (NUMERICS, section 9).
    private func checkRegister(
        _ parts: Parts,
        _ entry: LearningRuleEntry,
        _ offset: Int
    ) throws(RuleError) {
        let lowest = -(limits.hiddenBits + 12)
        let value =
            Double(parts.mantissa.magnitude)
            * Double(sign: .plus, exponent: parts.exponent - lowest, significand: 1)
        // No amplitude is larger than the whole range of a weight.
        let most = parts.amplitude == nil ? 0 : limits.weightBits
        guard value * Double(sign: .plus, exponent: most, significand: 1) >= 0.5 else {
            throw refusal(
                .ruleCoefficient,
                entry,
                at: offset,
                "The coefficient is \(parts.mantissa)*2^\(parts.exponent), which is 0 on chip "
                    + "'\(limits.chip)'. Its smallest is 2^\(lowest) of a weight's lowest visible bit.",
                "Choose a larger one."
            )
        }
        guard parts.amplitude != nil || value <= Double(Int32.max) else {
            throw refusal(
                .ruleCoefficient,
                entry,
                at: offset,
                "The coefficient is \(parts.mantissa)*2^\(parts.exponent). On chip '\(limits.chip)' it "
                    + "must be below 2^\(31 + lowest), in units of a weight's lowest visible bit.",
                "Choose a smaller one."
            )
        }
    }

    private static func shown(_ number: ExactNumber, _ exponent: Int) -> String {
        "\(number.integer.map { "\($0)" } ?? "\(number.value)")"
            + (exponent == 0 ? "" : "*2^\(exponent)")
    }

    /// The nearest coefficient that the engine can hold, as text.
    private func nearest(to number: ExactNumber, _ exponent: Int) -> String? {
        let value = number.value
        guard value.isNormal else { return nil }
        // The largest unit that keeps the mantissa in its range.
        var power = value.exponent - 60
        func scaled() -> Double {
            (value / Double(sign: .plus, exponent: power, significand: 1)).rounded(.toNearestOrEven)
        }
        while !limits.mantissas.contains(Int(exactly: scaled()) ?? .max) { power += 1 }
        var mantissa = Int(exactly: scaled()) ?? 1
        while mantissa.isMultiple(of: 2) {
            mantissa /= 2
            power += 1
        }
        let decimal = Double(mantissa) * Double(sign: .plus, exponent: power, significand: 1)
        let whole = power + exponent
        return "\(mantissa)*2^\(whole)"
            + (exponent == 0 && decimal.description.utf8.count < 12 ? " (\(decimal))" : "")
    }
}
