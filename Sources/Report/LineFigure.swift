/// Curves over one axis, for example angle against chip time or against the length of a step.
public struct LineFigure: Sendable, Equatable {
    /// A point of a curve.
    public struct Point: Sendable, Equatable {
        /// Along the horizontal axis.
        public var x: Double
        /// Along the vertical axis; nil if it is missing, which leaves a gap in the curve.
        public var y: Double?
        /// Lower end of the spread; nil if there is none.
        public var low: Double?
        /// Upper end of the spread; nil if there is none.
        public var high: Double?

        /// Describes a point.
        ///
        /// - Parameters:
        ///   - x: Along the horizontal axis.
        ///   - y: Along the vertical axis; nil if it is missing.
        ///   - low: Lower end of the spread, for example the lowest of ten seeds.
        ///   - high: Upper end of the spread.
        public init(_ x: Double, _ y: Double?, low: Double? = nil, high: Double? = nil) {
            self.x = x
            self.y = y
            self.low = low
            self.high = high
        }
    }

    /// How the spread of a series is drawn.
    public enum Spread: Sendable {
        /// A bar at each point.
        case bars
        /// A light band behind the curve.
        case band
    }

    /// How points are drawn.
    public enum Look: Sendable {
        /// Joined and marked.
        case lineAndMarks
        /// Joined, for example a law.
        case line
        /// Marked, for example measurements beside a law.
        case marks
    }

    /// A curve with a name.
    public struct Series: Sendable, Equatable {
        /// Name in the key; may be empty.
        public var name: String
        /// Points in the order of the curve.
        public var points: [Point]
        /// How the spread is drawn.
        public var spread: Spread
        /// How points are drawn.
        public var look: Look

        /// Describes a curve.
        ///
        /// - Parameters:
        ///   - name: Name in the key; may be empty.
        ///   - points: Points in the order of the curve.
        ///   - spread: How the spread is drawn.
        ///   - look: How points are drawn.
        public init(
            _ name: String,
            _ points: [Point],
            spread: Spread = .bars,
            look: Look = .lineAndMarks
        ) {
            self.name = name
            self.points = points
            self.spread = spread
            self.look = look
        }
    }

    /// A horizontal line with a name, for example a bound.
    public struct Reference: Sendable, Equatable {
        /// Name, at the right of the line.
        public var label: String
        /// Height of the line.
        public var y: Double

        /// Describes a line.
        ///
        /// - Parameters:
        ///   - label: Name, at the right of the line.
        ///   - y: Height of the line.
        public init(_ label: String, _ y: Double) {
            self.label = label
            self.y = y
        }
    }

    /// Title.
    public var title: String
    /// Horizontal axis.
    public var x: FigureAxis
    /// Vertical axis.
    public var y: FigureAxis
    /// Curves from back to front.
    public var series: [Series]
    /// Horizontal lines with names.
    public var references: [Reference]
    /// A small line below; may be empty.
    public var caption: String

    /// Describes a figure.
    ///
    /// - Parameters:
    ///   - title: Title.
    ///   - x: Horizontal axis.
    ///   - y: Vertical axis.
    ///   - series: Curves from back to front.
    ///   - references: Horizontal lines with names.
    ///   - caption: A small line below; may be empty.
    public init(
        title: String,
        x: FigureAxis,
        y: FigureAxis,
        series: [Series],
        references: [Reference] = [],
        caption: String = ""
    ) {
        self.title = title
        self.x = x
        self.y = y
        self.series = series
        self.references = references
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

extension LineFigure {
    var panel: FigurePanel {
        var panel = FigurePanel(title: title, caption: caption, xLabel: x.label, yLabel: y.label)
        let points = series.flatMap(\.points)
        let yBounds = y.bounds(
            points.flatMap { [$0.y, $0.low, $0.high].compactMap(\.self) } + references.map(\.y)
        )
        panel.commands += x.commands("x", bounds: x.bounds(points.map(\.x)))
        panel.commands += y.commands("y", bounds: yBounds)
        addReferences(to: &panel, yBounds: yBounds)
        for (index, series) in series.enumerated() {
            add(series, SeriesStyle(index), name: "series\(index)", to: &panel, yBounds: yBounds)
        }
        return panel
    }

    /// Adds the lines, and their names in the right margin, where no curve can cover them.
    private func addReferences(to panel: inout FigurePanel, yBounds: ClosedRange<Double>) {
        let drawn = references.filter { y.canPlace($0.y) && yBounds.contains($0.y) }
            .sorted { $0.y < $1.y }
        let longest = drawn.reduce(0) { max($0, Gnuplot.shortened($1.label).count) }
        if longest > 0 { panel.right = 18 + FigurePanel.textWidth(longest) }
        var lowest = -Double.infinity
        for reference in drawn {
            panel.commands.append(
                "set arrow from graph 0, first \(reference.y) to graph 1, first \(reference.y) "
                    + "nohead back linecolor rgb '#777777' dashtype (6,4)"
            )
            // Names of lines that are close are moved apart, upwards.
            let place = max(y.fraction(reference.y, within: yBounds), lowest)
            lowest = place + 15 / Double(FigurePanel.boxHeight)
            guard !reference.label.isEmpty else { continue }
            panel.commands.append(
                "set label \(Gnuplot.quoted(Gnuplot.shortened(reference.label))) at graph 1.015, "
                    + "graph \(Format.fixed(place, decimals: 5)) left font ',12' "
                    + "textcolor rgb '\(Gnuplot.grey)'"
            )
        }
    }

    private func add(
        _ series: Series,
        _ style: SeriesStyle,
        name: String,
        to panel: inout FigurePanel,
        yBounds: ClosedRange<Double>
    ) {
        let curve = Curve(series.points, x, y, floor: yBounds.lowerBound)
        if series.spread == .band, !curve.bands.isEmpty {
            panel.addBlock("\(name)band", curve.bands)
            panel.layers.append(
                "$\(name)band with filledcurves closed linecolor rgb '\(style.color)' "
                    + "fillstyle transparent solid 0.2 noborder notitle"
            )
        }
        let bars = series.spread == .bars ? curve.bars : curve.loneBars
        if !bars.isEmpty {
            panel.addBlock("\(name)bars", bars)
            panel.layers.append(
                "$\(name)bars using 1:3:(0):($4-$3) with vectors heads size graph 0.007,90 "
                    + "linecolor rgb '\(style.color)' linewidth 1.2 notitle"
            )
        }
        let line = "\(style.line) linewidth 2"
        if series.look != .marks, !curve.line.isEmpty {
            panel.addBlock("\(name)line", curve.line)
            panel.layers.append("$\(name)line with lines \(line) notitle")
        }
        let marks = series.look == .marks ? curve.places : series.look == .line ? [] : curve.marks
        let mark = "\(style.point) pointsize 0.7"
        if !marks.isEmpty {
            panel.addBlock("\(name)marks", marks)
            panel.layers.append("$\(name)marks with points \(mark) notitle")
        }
        panel.addKey(
            series.name,
            line: series.look == .marks ? nil : line,
            mark: series.look == .line ? nil : mark
        )
    }
}

/// A series as rows of numbers for gnuplot.
private struct Curve {
    /// Curves of points, ended by nil at gaps.
    var line: [[Double]?] = []
    /// Closed outlines of bands, ended by nil at gaps.
    var bands: [[Double]?] = []
    /// All points.
    var places: [[Double]] = []
    /// Points to mark: all, or some of a long series, and those without neighbours.
    var marks: [[Double]] = []
    /// Point, lower and upper end.
    var bars: [[Double]] = []
    /// Likewise, of points without neighbours, where a band has no width.
    var loneBars: [[Double]] = []

    init(_ points: [LineFigure.Point], _ x: FigureAxis, _ y: FigureAxis, floor: Double) {
        var run: [LineFigure.Point] = []
        let step = points.count <= 40 ? 1 : (points.count + 11) / 12
        var index = 0
        func end(_ curve: inout Curve) {
            defer { run = [] }
            guard !run.isEmpty else { return }
            if !curve.line.isEmpty { curve.line.append(nil) }
            for point in run {
                let place = [point.x, point.y ?? 0]
                curve.line.append(place)
                curve.places.append(place)
                if index.isMultiple(of: step) || run.count == 1 { curve.marks.append(place) }
                index += 1
            }
            curve.addSpread(run, y, floor: floor)
        }
        for point in points {
            if let value = point.y, y.canPlace(value), x.canPlace(point.x) {
                run.append(point)
            } else {
                end(&self)
            }
        }
        end(&self)
    }

    private mutating func addSpread(_ run: [LineFigure.Point], _ y: FigureAxis, floor: Double) {
        var lower: [[Double]] = []
        var upper: [[Double]] = []
        for point in run {
            let value = point.y ?? 0
            // On a logarithmic axis a spread may reach zero: it is drawn to the edge.
            let low = point.low.map { y.canPlace($0) ? $0 : floor } ?? value
            let high = point.high.map { y.canPlace($0) ? $0 : value } ?? value
            lower.append([point.x, low])
            upper.append([point.x, high])
            if point.low != nil || point.high != nil { bars.append([point.x, value, low, high]) }
        }
        if run.count == 1 {
            loneBars += bars.suffix(1)
        } else if lower != upper {
            if !bands.isEmpty { bands.append(nil) }
            bands += lower + upper.reversed()
        }
    }
}
