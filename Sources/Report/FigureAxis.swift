import Foundation

/// An axis of a figure: what it measures, in which unit, on which scale.
public struct FigureAxis: Sendable, Equatable {
    /// How values become places.
    public enum Scale: Sendable {
        /// Equal steps.
        case linear
        /// Equal decades; values that are not above zero are not drawn.
        case logarithmic
    }

    /// What is measured, for example `chip time`.
    public var quantity: String
    /// Unit, for example `s`; may be empty.
    public var unit: String
    /// How values become places.
    public var scale: Scale
    /// First and last value; nil for what the data need.
    public var range: ClosedRange<Double>?
    /// Values to label; empty for a round choice.
    public var ticks: [Double]

    /// Describes an axis.
    ///
    /// - Parameters:
    ///   - quantity: What is measured.
    ///   - unit: Unit, or empty.
    ///   - scale: How values become places.
    ///   - range: First and last value; nil for what the data need.
    ///   - ticks: Values to label; empty for a round choice.
    public init(
        _ quantity: String,
        unit: String = "",
        scale: Scale = .linear,
        range: ClosedRange<Double>? = nil,
        ticks: [Double] = []
    ) {
        self.quantity = quantity
        self.unit = unit
        self.scale = scale
        self.range = range
        self.ticks = ticks
    }
}

extension FigureAxis {
    var label: String { unit.isEmpty ? quantity : "\(quantity) (\(unit))" }

    /// Whether a value has a place; values so large that gnuplot takes them for missing have none.
    func canPlace(_ value: Double) -> Bool {
        guard value.magnitude < 1e100 else { return false }
        return scale == .linear || value > 1e-100
    }

    /// The range to draw: the given one, or one with room around the values.
    func bounds(_ values: some Sequence<Double>) -> ClosedRange<Double> {
        if let range, canPlace(range.lowerBound), canPlace(range.upperBound),
            range.upperBound - range.lowerBound > 1e-6 * range.upperBound.magnitude
        {
            return range
        }
        let placed = values.lazy.filter(canPlace)
        guard let low = placed.min(), let high = placed.max() else {
            return scale == .linear ? 0...1 : 1...10
        }
        if scale == .logarithmic {
            let margin = max(1.1, pow(high / low, 0.04))
            return low / margin...high * margin
        }
        let largest = max(low.magnitude, high.magnitude)
        // Numbers that hardly differ, or below any scale of interest, get a range of their own size.
        let span = max(high - low, largest * 0.01, 1e-90)
        let margin = 0.05 * span
        let startsAtZero = low >= 0 && low < 0.35 * high
        return (startsAtZero ? 0 : low - margin)...(high + margin)
    }

    /// Where a value lies between the bounds, 0...1; outside of that for values beyond them.
    func fraction(_ value: Double, within bounds: ClosedRange<Double>) -> Double {
        let place: (Double) -> Double = { scale == .linear ? $0 : log10($0) }
        let low = place(bounds.lowerBound)
        return (place(value) - low) / (place(bounds.upperBound) - low)
    }

    /// Range, scale and ticks as gnuplot commands.
    ///
    /// - Parameters:
    ///   - name: `x` or `y`.
    ///   - bounds: First and last value.
    /// - Returns: Lines of a script.
    func commands(_ name: String, bounds: ClosedRange<Double>) -> [String] {
        var lines = ["set \(name)range [\(bounds.lowerBound):\(bounds.upperBound)]"]
        if scale == .logarithmic { lines.append("set logscale \(name) 10") }
        let ticks =
            !ticks.isEmpty
            ? ticks.filter(canPlace).map { (value: $0, text: Self.text($0)) }
            : scale == .logarithmic
                ? Self.decades(bounds).map { (value: $0, text: Self.text($0)) }
                : Self.steps(bounds)
        let texts = ticks.map { "'\($0.text)' \($0.value)" }
        return lines + ["set \(name)tics (\(texts.joined(separator: ", ")))"]
    }

    /// At most eight equal steps of 1, 2 or 5 of a decade, in short texts.
    ///
    /// Texts of gnuplot grow with the numbers, over the name of the axis.
    private static func steps(_ bounds: ClosedRange<Double>) -> [(value: Double, text: String)] {
        let (low, high) = (bounds.lowerBound, bounds.upperBound)
        // Decades from the literal's text are exact where products of ten are not.
        func ten(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 1 }
        let start = Int(log10((high - low) / 8).rounded(.down))
        let choices: [(digit: Double, exponent: Int)] = [
            (1, start), (2, start), (5, start), (1, start + 1), (2, start + 1),
        ]
        guard
            let step = choices.first(where: { (high - low) / ($0.digit * ten($0.exponent)) <= 8 })
        else { return [] }
        let size = step.digit * ten(step.exponent)
        guard let first = Int(exactly: (low / size).rounded(.up)),
            let last = Int(exactly: (high / size).rounded(.down)), first <= last
        else { return [] }
        let largest = max(low.magnitude, high.magnitude)
        var (exponent, unit) = (0, "")
        if largest >= 1e15 || largest < 0.01 {
            exponent = Int(log10(largest).rounded(.down))
            unit = "e\(exponent)"
        } else if largest >= 10_000 {
            exponent = largest < 1e6 ? 3 : largest < 1e9 ? 6 : largest < 1e12 ? 9 : 12
            unit = [3: " k", 6: " M", 9: " G"][exponent] ?? " T"
        }
        return (first...last).map { index in
            let digits = Double(index) * step.digit
            let shift = step.exponent - exponent
            let text = Format.fixed(
                shift < 0 ? digits / ten(-shift) : digits * ten(shift),
                decimals: max(0, -shift)
            )
            let value =
                step.exponent < 0 ? digits / ten(-step.exponent) : digits * ten(step.exponent)
            return (value, index == 0 ? "0" : text + unit)
        }
    }

    /// 1, 2, 5 of each decade; powers of ten alone if that is too many.
    private static func decades(_ bounds: ClosedRange<Double>) -> [Double] {
        func ticks(_ digits: [Int]) -> [Double] {
            (-101...101).flatMap { exponent in
                digits.compactMap { Double("\($0)e\(exponent)") }.filter(bounds.contains)
            }
        }
        for digits in [[1, 2, 5], [1, 3], [1]] {
            let ticks = ticks(digits)
            if ticks.count <= 9 && ticks.count > 1 { return ticks }
        }
        let tens = ticks([1])
        let step = max(1, (tens.count + 7) / 8)
        return tens.isEmpty
            ? [bounds.lowerBound, bounds.upperBound]
            : tens.indices.filter { $0.isMultiple(of: step) }.map { tens[$0] }
    }

    /// A number without needless digits: `5`, `0.1`, `1e-05`.
    private static func text(_ value: Double) -> String {
        guard let whole = Int(exactly: value), whole.magnitude < 100_000 else {
            return value.description
        }
        return String(whole)
    }
}
