/// A curve in one line of a terminal, for example an angle that falls: `87.3° █▆▄▃▂▁ 9.8°`.
public struct Sparkline: Sendable, Equatable {
    /// Values at equal distances; nil where there is none, which leaves a gap.
    public var values: [Double?]
    /// Unit, written behind numbers without a space, for example `°`.
    public var unit: String
    /// Decimals of the numbers.
    public var decimals: Int
    /// Values of the lowest and the highest block; nil for those of the values.
    public var range: ClosedRange<Double>?

    /// Describes a curve.
    ///
    /// - Parameters:
    ///   - values: Values at equal distances; nil where there is none.
    ///   - unit: Unit, written behind numbers without a space.
    ///   - decimals: Decimals of the numbers.
    ///   - range: Values of the lowest and the highest block; nil for those of the values.
    public init(
        _ values: [Double?],
        unit: String = "",
        decimals: Int = 1,
        range: ClosedRange<Double>? = nil
    ) {
        self.values = values
        self.unit = unit
        self.decimals = decimals
        self.range = range
    }

    /// First value, blocks and last value.
    ///
    /// - Parameter width: Most columns; a block stands for the mean of several values if there are
    ///   more values than blocks.
    /// - Returns: At most `width` characters, without a line end; the blocks alone, then nothing, if
    ///   there is no room.
    public func text(width: Int) -> String {
        let known = values.compactMap(\.self).filter(\.isFinite)
        guard let first = known.first, let last = known.last else { return "" }
        let head = Format.fixed(first, decimals: decimals) + unit + " "
        let tail = " " + Format.fixed(last, decimals: decimals) + unit
        let room = width - head.count - tail.count
        return room >= 3 ? head + blocks(room) + tail : blocks(width)
    }

    private static let heights = Array("▁▂▃▄▅▆▇█")

    private func blocks(_ width: Int) -> String {
        guard width > 0 else { return "" }
        let columns = min(width, values.count)
        let means = (0..<columns).map { column -> Double? in
            let first = column * values.count / columns
            let next = (column + 1) * values.count / columns
            let known = values[first..<next].compactMap(\.self).filter(\.isFinite)
            return known.isEmpty
                ? nil : known.reduce(0) { $0 + $1 / Double(known.count) }
        }
        let low = range?.lowerBound ?? means.compactMap(\.self).min() ?? 0
        let high = range?.upperBound ?? means.compactMap(\.self).max() ?? 0
        return String(means.map { $0.map { Self.block($0, low, high) } ?? " " })
    }

    private static func block(_ value: Double, _ low: Double, _ high: Double) -> Character {
        // Halved first: the difference of two numbers may have no place in a Double.
        let part = (value / 2 - low / 2) / (high / 2 - low / 2)
        guard part.isFinite else { return heights[3] }
        return heights[Int((min(1, max(0, part)) * 7).rounded())]
    }
}
