import Events

extension TimeBase {
    /// Log time of a step: nanoseconds since the start, rounded down, 2⁶⁴ − 1 where they do not fit.
    ///
    /// Unlike `nanoseconds(atStep:)` it never wraps, so it keeps the order of steps.
    func logTime(ofStep step: UInt64) -> UInt64 {
        let product = step.multipliedFullWidth(by: numerator)
        guard product.high < denominator else { return .max }
        let (seconds, rest) = denominator.dividingFullWidth(product)
        let fraction = denominator.dividingFullWidth(rest.multipliedFullWidth(by: 1_000_000_000))
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(fraction.quotient)
        return overflow || carry ? .max : sum
    }
}
