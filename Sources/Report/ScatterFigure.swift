/// Pairs of values with the line on which both are equal, for example weights and feedback weights.
public struct ScatterFigure: Sendable, Equatable {
    /// A cloud of points with a name.
    public struct Series: Sendable, Equatable {
        /// Name in the key, for example `before`; may be empty.
        public var name: String
        /// Points in any order.
        public var points: [FigurePoint]

        /// Describes a cloud.
        ///
        /// - Parameters:
        ///   - name: Name in the key; may be empty.
        ///   - points: Points in any order.
        public init(_ name: String, _ points: [FigurePoint]) {
            self.name = name
            self.points = points
        }
    }

    /// Most points drawn of a series: more only make the file large.
    static let mostPoints = 5000

    /// Title, for example `87.3° → 9.8°`.
    public var title: String
    /// Horizontal axis.
    public var x: FigureAxis
    /// Vertical axis; both axes have the same range.
    public var y: FigureAxis
    /// Clouds from back to front.
    public var series: [Series]
    /// A small line below; may be empty.
    public var caption: String

    /// Describes a figure.
    ///
    /// - Parameters:
    ///   - title: Title.
    ///   - x: Horizontal axis.
    ///   - y: Vertical axis; both axes have the same range.
    ///   - series: Clouds from back to front.
    ///   - caption: A small line below; may be empty.
    public init(
        title: String,
        x: FigureAxis,
        y: FigureAxis,
        series: [Series],
        caption: String = ""
    ) {
        self.title = title
        self.x = x
        self.y = y
        self.series = series
        self.caption = caption
    }

    /// A gnuplot script that draws the figure, of large clouds a part that is the same each time.
    ///
    /// - Parameters:
    ///   - output: Path of the picture.
    ///   - format: Kind of picture.
    /// - Returns: The script, to be piped to `gnuplot`.
    public func gnuplotScript(output: String, format: FigureFormat = .svg) -> String {
        FigurePanel.script([panel], columns: 1, output: output, format: format)
    }
}

extension ScatterFigure {
    var panel: FigurePanel {
        var panel = FigurePanel(title: title, caption: caption, xLabel: x.label, yLabel: y.label)
        panel.boxWidth = FigurePanel.boxHeight
        let clouds = series.map { series in
            series.points.filter { x.canPlace($0.x) && y.canPlace($0.y) }
        }
        let drawn = clouds.map(Self.thinned)
        let most = clouds.max { $0.count < $1.count } ?? []
        if most.count > Self.mostPoints {
            let thinning =
                "\(Format.count(Self.mostPoints)) of \(Format.count(most.count)) points drawn"
            panel.caption += (caption.isEmpty ? "" : "; ") + thinning
        }
        // Bounds are of all points: what is left out must not change the axes.
        let bounds = x.bounds([clouds.joined().map(\.x), clouds.joined().map(\.y)].joined())
        panel.commands += x.commands("x", bounds: bounds) + y.commands("y", bounds: bounds)
        let (low, high) = (bounds.lowerBound, bounds.upperBound)
        panel.commands.append(
            "set arrow from first \(low), first \(low) to first \(high), first \(high) nohead back "
                + "linecolor rgb '#777777' dashtype (6,4)"
        )
        for (index, cloud) in drawn.enumerated() {
            let style = Self.style(index, of: series.count)
            let size = cloud.count <= 400 ? 0.6 : cloud.count <= 2000 ? 0.4 : 0.25
            if !cloud.isEmpty {
                panel.addBlock("cloud\(index)", cloud.map { [$0.x, $0.y] })
                panel.layers.append(
                    "$cloud\(index) with points \(style) pointsize \(size) notitle"
                )
            }
            panel.addKey(series[index].name, mark: "\(style) pointsize 0.7")
        }
        return panel
    }

    /// The last cloud is the result, in dots of full colour; those before are lighter crosses.
    private static func style(_ index: Int, of count: Int) -> String {
        switch count - 1 - index {
        case 0: SeriesStyle(0).point
        case 1: "linecolor rgb '#E9A3AC' pointtype 2"
        default: SeriesStyle(count - 1 - index).point
        }
    }

    /// At most `mostPoints`, one drawn from each of as many equal stretches.
    ///
    /// Every n-th point would show one column of a weight matrix whose width n divides.
    static func thinned(_ points: [FigurePoint]) -> [FigurePoint] {
        guard points.count > mostPoints else { return points }
        return (0..<mostPoints).map { index in
            let first = index * points.count / mostPoints
            let next = (index + 1) * points.count / mostPoints
            // SplitMix64 of the index: Steele, Lea and Flood, OOPSLA 2014.
            var draw = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
            draw = (draw ^ (draw >> 30)) &* 0xBF58_476D_1CE4_E5B9
            draw = (draw ^ (draw >> 27)) &* 0x94D0_49BB_1331_11EB
            draw ^= draw >> 31
            return points[first + Int(draw % UInt64(next - first))]
        }
    }
}
