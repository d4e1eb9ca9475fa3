/// Named values side by side, for example the terms of an energy.
public struct BarChart: Sendable, Equatable {
    /// A bar.
    public struct Bar: Sendable, Equatable {
        /// Name.
        public var label: String
        /// Length; nil if it is not known, which draws no bar.
        public var value: Double?
        /// The value as text; empty for SI prefixes.
        public var text: String

        /// Describes a bar.
        ///
        /// - Parameters:
        ///   - label: Name.
        ///   - value: Length, not negative; nil if it is not known.
        ///   - text: The value as text, or empty for three digits with an SI prefix.
        public init(_ label: String, _ value: Double?, text: String = "") {
            self.label = label
            self.value = value
            self.text = text
        }
    }

    /// Title.
    public var title: String
    /// What the bars measure, for example `energy per sample`.
    public var quantity: String
    /// Unit without prefix, for example `J`.
    public var unit: String
    /// Bars from top to bottom.
    public var bars: [Bar]
    /// Value of a full bar; nil for the largest.
    public var upperBound: Double?

    /// Describes a chart.
    ///
    /// - Parameters:
    ///   - title: Title.
    ///   - quantity: What the bars measure.
    ///   - unit: Unit without prefix.
    ///   - bars: Bars from top to bottom.
    ///   - upperBound: Value of a full bar; nil for the largest.
    public init(
        title: String,
        quantity: String,
        unit: String,
        bars: [Bar],
        upperBound: Double? = nil
    ) {
        self.title = title
        self.quantity = quantity
        self.unit = unit
        self.bars = bars
        self.upperBound = upperBound
    }

    /// The chart for a terminal.
    ///
    /// - Parameter width: Columns of the terminal.
    /// - Returns: Title and one line a bar, each with a line end.
    public func text(width: Int) -> String {
        let labelWidth = bars.reduce(0) { max($0, $1.label.count) }
        let valueTexts = bars.map(valueText)
        let valueWidth = valueTexts.reduce(0) { max($0, $1.count) }
        let barWidth = max(10, width - labelWidth - valueWidth - 3)
        var text = "\(title): \(quantity)\n"
        for (bar, valueText) in zip(bars, valueTexts) {
            let blocks = BlockBar.text((bar.value ?? 0) / full, width: barWidth)
            text += BlockBar.padded(bar.label, to: labelWidth) + " "
            text += blocks + (blocks.isEmpty ? "" : " ") + valueText + "\n"
        }
        return text
    }

    /// A gnuplot script that draws the chart.
    ///
    /// - Parameters:
    ///   - output: Path of the picture.
    ///   - format: Kind of picture.
    /// - Returns: The script, to be piped to `gnuplot`.
    public func gnuplotScript(output: String, format: FigureFormat = .svg) -> String {
        let labels = bars.map { Gnuplot.shortened($0.label) }
        let longestLabel = labels.reduce(0) { max($0, $1.count) }
        let ticks = labels.enumerated().map { "\(Gnuplot.quoted($1)) \($0)" }
            .joined(separator: ", ")
        let longestValue = bars.reduce(0) { max($0, Gnuplot.shortened(valueText($1)).count) }
        let (prefix, scale) = Self.axisScale(full, unit)
        var lines = Gnuplot.preamble(
            output: output,
            format: format,
            width: 760,
            height: 90 + 34 * max(1, bars.count)
        )
        lines += [
            "set title \(Gnuplot.quoted(title)) noenhanced font ',16'",
            "set lmargin \(longestLabel + 3)",
            "set rmargin \(longestValue + 2)",
            "set border 1",
            "set xlabel \(Gnuplot.quoted("\(quantity) (\(prefix))")) noenhanced",
            "set xrange [0:\(full * scale)]",
            "set yrange [\(bars.count):-1]",
            "set ytics scale 0 (\(ticks))",
            "$bars << END_OF_DATA",
        ]
        if bars.isEmpty { lines.append("0 0") }
        for (index, bar) in bars.enumerated() {
            lines.append("\(index) \(Gnuplot.number(bar.value.map { $0 * scale }))")
        }
        lines.append("END_OF_DATA")
        for (index, bar) in bars.enumerated() {
            let place = "at \((bar.value ?? 0) * scale),\(index) left offset 0.6,0 front noenhanced"
            lines.append("set label \(Gnuplot.quoted(Gnuplot.shortened(valueText(bar)))) " + place)
        }
        lines.append(
            "plot $bars using ($2/2):1:($2/2):(0.36) with boxxyerror linecolor rgb "
                + "'\(Gnuplot.blue)'"
        )
        return lines.joined(separator: "\n") + "\n"
    }

    private var full: Double {
        let largest = bars.reduce(0) { max($0, $1.value ?? 0) }
        let bound = upperBound ?? largest
        return bound > 0 && bound.isFinite ? bound : 1
    }

    private func valueText(_ bar: Bar) -> String {
        bar.text.isEmpty ? Quantity(bar.value, unit).description : bar.text
    }

    /// Unit with prefix in which an axis reads well, and what to multiply values by.
    private static func axisScale(_ full: Double, _ unit: String) -> (String, Double) {
        let steps: [(String, Double)] = [
            ("", 1), ("m", 1e3), ("µ", 1e6), ("n", 1e9), ("p", 1e12), ("f", 1e15),
        ]
        let step = steps.first { full * $0.1 >= 1 } ?? ("", 1)
        return (step.0 + unit, step.1)
    }
}
