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
        let ticks = ticks.isEmpty && scale == .logarithmic ? Self.decades(bounds) : ticks
        if !ticks.isEmpty {
            let texts = ticks.filter(canPlace).map { "'\(Self.text($0))' \($0)" }
            lines.append("set \(name)tics (\(texts.joined(separator: ", ")))")
        }
        return lines
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
