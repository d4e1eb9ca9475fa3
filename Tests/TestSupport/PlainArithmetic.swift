package import ChipSpec
package import FixedPoint

/// The operations of `docs/NUMERICS.md`, written by division and remainder rather than by shifts.
///
/// On purpose not the code of `FixedPoint`: two ways to the same number check each other.
package enum PlainArithmetic {
    /// Division that rounds down.
    ///
    /// - Parameters:
    ///   - a: Dividend.
    ///   - b: Positive divisor.
    /// - Returns: ⌊a / b⌋.
    package static func floorDivision(_ a: Int64, _ b: Int64) -> Int64 {
        let quotient = a / b
        return a % b < 0 ? quotient - 1 : quotient
    }

    /// Two to the power of n.
    ///
    /// - Parameter n: 0...62.
    /// - Returns: 2ⁿ.
    package static func power(_ n: Int) -> Int64 { (0..<n).reduce(Int64(1)) { x, _ in x * 2 } }

    /// Multiplies by a power of two, rounding down (or towards zero) if it is negative.
    ///
    /// - Parameters:
    ///   - a: Any raw value.
    ///   - exponent: −62...62.
    ///   - truncates: Whether a right shift rounds towards zero (a planted error).
    /// - Returns: a · 2^exponent.
    package static func shift(_ a: Int64, by exponent: Int, truncates: Bool = false) -> Int64 {
        if exponent >= 0 { return a * power(exponent) }
        return truncates ? a / power(-exponent) : floorDivision(a, power(-exponent))
    }

    /// Divides and rounds by a rule.
    ///
    /// - Parameters:
    ///   - a: Dividend.
    ///   - b: Positive divisor.
    ///   - mode: Rounding; not `stochastic`, which no neuron of the contract uses.
    /// - Returns: a / b, rounded.
    package static func divide(_ a: Int64, by b: Int64, rounding mode: RoundingMode) -> Int64 {
        switch mode {
        case .floor: return floorDivision(a, b)
        case .towardZero: return a / b
        case .nearest:
            let whole = a / b
            guard 2 * (a % b).magnitude >= b.magnitude else { return whole }
            return a < 0 ? whole - 1 : whole + 1
        case .stochastic: preconditionFailure("a soma does not round at random")
        }
    }

    /// Brings a value into lowest...highest by an overflow rule.
    ///
    /// - Parameters:
    ///   - value: Any raw value.
    ///   - lowest: Smallest value of the register.
    ///   - highest: Largest value of the register.
    ///   - rule: Saturate or wrap.
    /// - Returns: A value of the register.
    package static func fit(
        _ value: Int64,
        _ lowest: Int64,
        _ highest: Int64,
        _ rule: OverflowRule
    ) -> Int64 {
        switch rule {
        case .saturate: return value < lowest ? lowest : value > highest ? highest : value
        case .wrap:
            let span = highest - lowest + 1
            return value - floorDivision(value - lowest, span) * span
        }
    }

    /// The nearest integer of a number, ties away from zero, within bounds.
    ///
    /// - Parameters:
    ///   - x: Any number; NaN (a decay of 0 divided by a factor of 0) gives 0.
    ///   - lowest: Lower bound.
    ///   - highest: Upper bound.
    /// - Returns: A value in lowest...highest.
    package static func nearest(
        _ x: Double,
        _ lowest: Int64 = -(1 << 52),
        _ highest: Int64 = 1 << 52
    ) -> Int64 {
        guard !x.isNaN else { return 0 }
        let rounded = x < 0 ? -(-x + 0.5).rounded(.down) : (x + 0.5).rounded(.down)
        // x + 0.5 rounds up for the number just below one half and for odd integers above 2^52.
        let exact = x.magnitude < 0.5 || x.magnitude >= 0x1p52 ? x.rounded(.towardZero) : rounded
        return Int64(Swift.min(Swift.max(exact, Double(lowest)), Double(highest)))
    }

    /// Quantises a weight as Loihi does (`docs/NUMERICS.md`, section 3).
    ///
    /// - Parameters:
    ///   - weight: The author's integer weight.
    ///   - bits: Weight bits, 1...8.
    ///   - mode: Sign mode of the matrix.
    ///   - truncation: Where low bits go.
    /// - Returns: The effective weight.
    package static func loihiWeight(
        _ weight: Int,
        bits: Int,
        mode: SignMode,
        truncation: WeightTruncation = .floor
    ) -> Int {
        let magnitude = mode == .inhibitory ? -weight : weight
        let clipped = min(max(magnitude, mode == .mixed ? -256 : 0), 255)
        let step = power(8 - bits + (mode == .mixed ? 1 : 0))
        let steps = divide(
            Int64(clipped),
            by: step,
            rounding: truncation == .floor ? .floor : .towardZero
        )
        return Int(mode == .inhibitory ? -steps * step : steps * step)
    }

    /// The sign mode a matrix gets by default.
    ///
    /// - Parameter weights: All weights of the matrix.
    /// - Returns: Excitatory if none is negative, else inhibitory if none is positive, else mixed.
    package static func signMode(of weights: [Int]) -> SignMode {
        if weights.allSatisfy({ $0 >= 0 }) { return .excitatory }
        return weights.allSatisfy { $0 <= 0 } ? .inhibitory : .mixed
    }
}
