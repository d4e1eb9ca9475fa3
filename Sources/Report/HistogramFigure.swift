/// How often each whole number came, for example differences of spike times in time steps.
public struct HistogramFigure: Sendable, Equatable {
    /// What the height of a bar is.
    public enum Height: Sendable {
        /// How often the number came.
        case counts
        /// In which fraction of all cases it came: series of different size compare.
        case density
    }

    /// Counts with a name.
    public struct Series: Sendable, Equatable {
        /// Name in the key, for example `before`; may be empty.
        public var name: String
        /// The number that the first count is of.
        public var first: Int
        /// Counts of this number and those that follow.
        public var counts: [Int]

        /// Describes counts.
        ///
        /// - Parameters:
        ///   - name: Name in the key; may be empty.
        ///   - first: The number that the first count is of.
        ///   - counts: Counts of this number and those that follow.
        public init(_ name: String, first: Int, counts: [Int]) {
            self.name = name
            self.first = first
            self.counts = counts
        }
    }

    /// Title.
    public var title: String
    /// What the numbers are, for example `t_post − t_pre`.
    public var quantity: String
    /// Unit, for example `steps`; may be empty.
    public var unit: String
    /// What the height of a bar is.
    public var height: Height
    /// The first as bars, others as outlines above them.
    public var series: [Series]
    /// A small line below; may be empty.
    public var caption: String

    /// Describes a figure.
    ///
    /// - Parameters:
    ///   - title: Title.
    ///   - quantity: What the numbers are.
    ///   - unit: Unit; may be empty.
    ///   - height: What the height of a bar is.
    ///   - series: The first as bars, others as outlines above them.
    ///   - caption: A small line below; may be empty.
    public init(
        title: String,
        quantity: String,
        unit: String = "",
        height: Height = .counts,
        series: [Series],
        caption: String = ""
    ) {
        self.title = title
        self.quantity = quantity
        self.unit = unit
        self.height = height
        self.series = series
        self.caption = caption
    }

    /// A gnuplot script that draws the figure, with a line at zero.
    ///
    /// - Parameters:
    ///   - output: Path of the picture.
    ///   - format: Kind of picture.
    /// - Returns: The script, to be piped to `gnuplot`.
    public func gnuplotScript(output: String, format: FigureFormat = .svg) -> String {
        FigurePanel.script([panel], columns: 1, output: output, format: format)
    }
}

extension HistogramFigure {
    var panel: FigurePanel {
        let heights = series.map(heights)
        let highest = heights.joined().max() ?? 0
        let counted = series.filter { !$0.counts.isEmpty }
        let first = counted.map { Double($0.first) }.min() ?? -1
        let last = counted.map { Double($0.first) + Double($0.counts.count - 1) }.max() ?? 1
        let x = FigureAxis(quantity, unit: unit, range: (first - 0.7)...(last + 0.7))
        let y = FigureAxis(
            height == .counts ? "count" : "fraction",
            range: 0...(highest > 0 ? 1.08 * highest : 1)
        )
        var panel = FigurePanel(title: title, caption: caption, xLabel: x.label, yLabel: y.label)
        panel.commands += x.commands("x", bounds: x.bounds([]))
        panel.commands += y.commands("y", bounds: y.bounds([]))
        if first < 0 && last > 0 {
            panel.commands.append(
                "set arrow from first 0, graph 0 to first 0, graph 1 nohead front "
                    + "linecolor rgb '#777777' dashtype (6,4)"
            )
        }
        for (index, heights) in heights.enumerated() {
            let isOutline = index > 0
            let line = "\(SeriesStyle(index).line) linewidth 2"
            let fill = series.count == 1 ? Gnuplot.blue : "#9DB9D3"
            if !heights.isEmpty {
                let start = Double(series[index].first)
                panel.addBlock("bars\(index)", Self.rows(heights, start, isOutline: isOutline))
                panel.commands.append("set boxwidth \(heights.count > 100 ? 1 : 0.86) absolute")
                let style = isOutline ? "lines \(line)" : "boxes linecolor rgb '\(fill)'"
                panel.layers.append("$bars\(index) with \(style) notitle")
            }
            panel.addKey(
                series[index].name,
                line: isOutline ? line : nil,
                fill: isOutline ? nil : fill
            )
        }
        return panel
    }

    private func heights(_ series: Series) -> [Double] {
        let heights = series.counts.map { Double(max(0, $0)) }
        let all = height == .counts ? 1 : heights.reduce(0, +)
        return all > 0 ? heights.map { $0 / all } : heights
    }

    /// Middle and height of each bar, or the corners of their outline.
    private static func rows(_ heights: [Double], _ start: Double, isOutline: Bool) -> [[Double]] {
        guard isOutline else {
            return heights.enumerated().map { [start + Double($0), $1] }
        }
        var corners = [[start - 0.5, 0]]
        for (index, height) in heights.enumerated() {
            let left = start + Double(index) - 0.5
            corners += [[left, height], [left + 1, height]]
        }
        return corners + [[start + Double(heights.count) - 0.5, 0]]
    }
}
