package import Events

/// Turns ticks of a source into time steps, exactly: ⌊tick · source ÷ step⌋.
package struct StepClock {
    private let numerator: UInt64
    private let denominator: UInt64

    /// Makes a clock; nil if the ratio of the two does not fit 64 bits.
    package init?(from source: TimeBase, to step: TimeBase) {
        // Crosswise, so that the products stay small.
        func divisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
            var (a, b) = (a, b)
            while b != 0 { (a, b) = (b, a % b) }
            return a
        }
        let first = divisor(source.numerator, step.numerator)
        let second = divisor(source.denominator, step.denominator)
        let above = (source.numerator / first)
            .multipliedReportingOverflow(by: step.denominator / second)
        let below = (source.denominator / second)
            .multipliedReportingOverflow(by: step.numerator / first)
        guard !above.overflow, !below.overflow else { return nil }
        numerator = above.partialValue
        denominator = below.partialValue
    }

    /// The step that a tick lies in; nil if it does not fit 62 bits.
    @inline(__always)
    package func step(_ tick: Int64) -> Int64? {
        if numerator == 1 && denominator == 1 { return fitting(tick) }
        let product = tick.magnitude.multipliedFullWidth(by: numerator)
        guard product.high < denominator else { return nil }
        let (quotient, rest) = denominator.dividingFullWidth(product)
        guard quotient < 1 << 61 else { return nil }
        if tick >= 0 { return Int64(quotient) }
        return -Int64(quotient) - (rest > 0 ? 1 : 0)
    }

    private func fitting(_ tick: Int64) -> Int64? { tick.magnitude < 1 << 61 ? tick : nil }
}
