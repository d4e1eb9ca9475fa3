/// Where a pair of values drifts: arrows on a plane, and the lines on which one does not move.
public struct FieldFigure: Sendable, Equatable {
    /// The drift at a place.
    public struct Arrow: Sendable, Equatable {
        /// Where.
        public var place: FigurePoint
        /// Its components along both axes; only ratios to other arrows matter.
        public var drift: FigurePoint

        /// Describes a drift.
        ///
        /// - Parameters:
        ///   - place: Where.
        ///   - drift: Its components along both axes.
        public init(_ place: FigurePoint, drift: FigurePoint) {
            self.place = place
            self.drift = drift
        }
    }

    /// A line with a name, for example where the drift is zero.
    public struct Line: Sendable, Equatable {
        /// Name in the key; may be empty.
        public var name: String
        /// Points in the order of the line; one that is not a number makes a gap.
        public var points: [FigurePoint]

        /// Describes a line.
        ///
        /// - Parameters:
        ///   - name: Name in the key; may be empty.
        ///   - points: Points in the order of the line; one that is not a number makes a gap.
        public init(_ name: String, _ points: [FigurePoint]) {
            self.name = name
            self.points = points
        }
    }

    /// Title.
    public var title: String
    /// Horizontal axis.
    public var x: FigureAxis
    /// Vertical axis; both axes have the same range.
    public var y: FigureAxis
    /// Drift, best on a regular grid.
    public var arrows: [Arrow]
    /// Lines from back to front.
    public var lines: [Line]
    /// A small line below; may be empty.
    public var caption: String

    /// Describes a figure.
    ///
    /// - Parameters:
    ///   - title: Title.
    ///   - x: Horizontal axis.
    ///   - y: Vertical axis; both axes have the same range.
    ///   - arrows: Drift, best on a regular grid.
    ///   - lines: Lines from back to front.
    ///   - caption: A small line below; may be empty.
    public init(
        title: String,
        x: FigureAxis,
        y: FigureAxis,
        arrows: [Arrow],
        lines: [Line] = [],
        caption: String = ""
    ) {
        self.title = title
        self.x = x
        self.y = y
        self.arrows = arrows
        self.lines = lines
        self.caption = caption
    }

    /// A gnuplot script that draws the figure, with the diagonal on which both values are equal.
    ///
    /// An arrow starts where its drift is. Its length goes with the square root of the drift, so
    /// that a weak drift still has a direction; a drift of zero is a dot.
    ///
    /// - Parameters:
    ///   - output: Path of the picture.
    ///   - format: Kind of picture.
    /// - Returns: The script, to be piped to `gnuplot`.
    public func gnuplotScript(output: String, format: FigureFormat = .svg) -> String {
        FigurePanel.script([panel], columns: 1, output: output, format: format)
    }
}

extension FieldFigure {
    var panel: FigurePanel {
        var panel = FigurePanel(title: title, caption: caption, xLabel: x.label, yLabel: y.label)
        panel.boxWidth = FigurePanel.boxHeight
        let drawn = arrows.filter {
            x.canPlace($0.place.x) && y.canPlace($0.place.y)
                && x.canPlace($0.drift.x) && y.canPlace($0.drift.y)
        }
        let places = drawn.map(\.place) + lines.flatMap(\.points)
        let bounds = x.bounds([places.map(\.x), places.map(\.y)].joined())
        panel.commands += x.commands("x", bounds: bounds) + y.commands("y", bounds: bounds)
        panel.commands += ["unset grid", "set clip two"]
        let (low, high) = (bounds.lowerBound, bounds.upperBound)
        panel.commands.append(
            "set arrow from first \(low), first \(low) to first \(high), first \(high) nohead back "
                + "linecolor rgb '#AAAAAA' linewidth 1.5"
        )
        addArrows(drawn, to: &panel)
        for (index, line) in lines.enumerated() {
            let style = SeriesStyle(index)
            var rows: [[Double]?] = []
            for point in line.points {
                if x.canPlace(point.x) && y.canPlace(point.y) {
                    rows.append([point.x, point.y])
                } else if case .some(.some) = rows.last {
                    rows.append(nil)
                }
            }
            let look = "\(style.line) linewidth 3"
            if !rows.isEmpty {
                panel.addBlock("line\(index)", rows)
                panel.layers.append("$line\(index) with lines \(look) notitle")
            }
            panel.addKey(line.name, line: look)
        }
        panel.addKey("diagonal", line: "linecolor rgb '#AAAAAA' linewidth 1.5")
        return panel
    }

    private func addArrows(_ arrows: [Arrow], to panel: inout FigurePanel) {
        let strongest = arrows.reduce(0) { max($0, Self.strength($1)) }
        let spacing = Self.spacing(arrows.map(\.place))
        let still = arrows.filter { Self.strength($0) <= 1e-6 * strongest || strongest == 0 }
        let moving = arrows.filter { Self.strength($0) > 1e-6 * strongest && strongest > 0 }
        if !moving.isEmpty {
            let rows = moving.map { arrow in
                let strength = Self.strength(arrow)
                let length = 0.9 * spacing * (strength / strongest).squareRoot()
                return [
                    arrow.place.x, arrow.place.y, length * arrow.drift.x / strength,
                    length * arrow.drift.y / strength,
                ]
            }
            panel.addBlock("arrows", rows)
            panel.layers.append(
                "$arrows with vectors head filled size graph 0.018,22 linecolor rgb '#777777' "
                    + "linewidth 1.1 notitle"
            )
        }
        if !still.isEmpty {
            panel.addBlock("still", still.map { [$0.place.x, $0.place.y] })
            panel.layers.append(
                "$still with points linecolor rgb '#777777' pointtype 7 pointsize 0.25 notitle"
            )
        }
    }

    private static func strength(_ arrow: Arrow) -> Double {
        (arrow.drift.x * arrow.drift.x + arrow.drift.y * arrow.drift.y).squareRoot()
    }

    /// The distance of neighbours if the places were a square grid.
    private static func spacing(_ places: [FigurePoint]) -> Double {
        guard let left = places.map(\.x).min(), let right = places.map(\.x).max(),
            let lower = places.map(\.y).min(), let upper = places.map(\.y).max()
        else { return 1 }
        let steps = max(1, Double(places.count).squareRoot() - 1)
        let side = max(right - left, upper - lower)
        return side > 0 ? side / steps : 1
    }
}
