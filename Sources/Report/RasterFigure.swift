/// Spikes of neurons on two sides, one row a neuron: recorded above emulated.
public struct RasterFigure: Sendable, Equatable {
    /// One neuron.
    public struct Row: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Spike times of the first side, drawn in the upper half of the row.
        public var recorded: [Double]
        /// Spike times of the second side, in the lower half.
        public var emulated: [Double]
        /// Whether the row stands out.
        public var isMarked: Bool

        /// Describes a row.
        ///
        /// - Parameters:
        ///   - name: Its name.
        ///   - recorded: Spike times of the upper half.
        ///   - emulated: Spike times of the lower half.
        ///   - isMarked: Whether the row stands out.
        public init(_ name: String, recorded: [Double], emulated: [Double], isMarked: Bool) {
            self.name = name
            self.recorded = recorded
            self.emulated = emulated
            self.isMarked = isMarked
        }
    }

    /// Title.
    public var title: String
    /// Label of the axis of time, with its unit.
    public var timeLabel: String
    /// First and last time shown.
    public var times: ClosedRange<Double>
    /// Rows from top to bottom.
    public var rows: [Row]
    /// A time that is marked by a line; nil for none.
    public var mark: Double?
    /// A small line below; may be empty.
    public var caption: String

    /// Describes a figure.
    ///
    /// - Parameters:
    ///   - title: Title.
    ///   - timeLabel: Label of the axis of time, with its unit.
    ///   - times: First and last time shown.
    ///   - rows: Rows from top to bottom.
    ///   - mark: A time that is marked by a line; nil for none.
    ///   - caption: A small line below; may be empty.
    public init(
        title: String,
        timeLabel: String,
        times: ClosedRange<Double>,
        rows: [Row],
        mark: Double? = nil,
        caption: String = ""
    ) {
        self.title = title
        self.timeLabel = timeLabel
        self.times = times
        self.rows = rows
        self.mark = mark
        self.caption = caption
    }

    /// A gnuplot script that draws the figure.
    ///
    /// - Parameters:
    ///   - output: Path of the picture.
    ///   - format: Kind of picture.
    /// - Returns: The script, to be piped to `gnuplot`.
    public func gnuplotScript(output: String, format: FigureFormat = .svg) -> String {
        FigurePanel.script([panel], columns: 1, output: output, format: format)
    }
}

extension RasterFigure {
    /// Names longer than this are cut: they stand left of the axes.
    private static let longestName = 18

    var panel: FigurePanel {
        var panel = FigurePanel(title: title, caption: caption, xLabel: timeLabel, yLabel: "")
        panel.boxWidth = 860
        let (low, high) = (Gnuplot.number(times.lowerBound), Gnuplot.number(times.upperBound))
        let count = max(1, rows.count)
        panel.commands += [
            "set xrange [\(low):\(high)]", "set yrange [0:\(count)]", "unset ytics", "unset grid",
        ]
        var upper: [[Double]?] = []
        var lower: [[Double]?] = []
        for (index, row) in rows.enumerated() {
            let bottom = Double(count - 1 - index)
            let name = Gnuplot.quoted(Gnuplot.shortened(row.name, to: Self.longestName))
            let color = row.isMarked ? "#BB2233" : "#222222"
            panel.commands.append(
                "set label \(name) at graph -0.006, first \(bottom + 0.5) right font ',10' "
                    + "textcolor rgb '\(color)'"
            )
            if row.isMarked {
                panel.commands.append(
                    "set object rectangle from \(low), \(bottom) to \(high), \(bottom + 1) behind "
                        + "fillcolor rgb '#FBE3E6' fillstyle solid noborder"
                )
            }
            upper += row.recorded.map { [$0, bottom + 0.52, 0, 0.4] }
            lower += row.emulated.map { [$0, bottom + 0.08, 0, 0.4] }
        }
        for line in 1..<count + 1 where line < count {
            panel.commands.append(
                "set arrow from \(low), \(line) to \(high), \(line) nohead back "
                    + "linecolor rgb '#DDDDDD' linewidth 0.5"
            )
        }
        if let mark, times.contains(mark) {
            let place = Gnuplot.number(mark)
            panel.commands.append(
                "set arrow from \(place), 0 to \(place), \(count) nohead back "
                    + "linecolor rgb '#777777' dashtype (6,4)"
            )
            panel.addKey("first difference", line: "linecolor rgb '#777777' dashtype (6,4)")
        }
        for (name, block, rows, color) in [
            ("recorded (upper half)", "recorded", upper, Gnuplot.blue),
            ("emulated (lower half)", "emulated", lower, "#CC7722"),
        ] {
            let style = "linecolor rgb '\(color)' linewidth 1.5"
            panel.addKey(name, line: style)
            guard !rows.isEmpty else { continue }
            panel.addBlock(block, rows)
            panel.layers.append("$\(block) using 1:2:3:4 with vectors nohead \(style) notitle")
        }
        if rows.contains(where: \.isMarked) { panel.addKey("deviates", fill: "#FBE3E6") }
        return panel
    }
}
