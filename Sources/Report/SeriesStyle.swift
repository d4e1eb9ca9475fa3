/// How a series looks: colour, dashes and mark differ together, so that grey print tells them apart.
struct SeriesStyle {
    let color: String
    let dash: String
    let mark: Int

    /// The style of a series by its place; they repeat after eight.
    init(_ index: Int) { self = Self.all[index % Self.all.count] }

    private init(_ color: String, dash: String, mark: Int) {
        self.color = color
        self.dash = dash
        self.mark = mark
    }

    var line: String { "linecolor rgb '\(color)' dashtype \(dash)" }
    var point: String { "linecolor rgb '\(color)' pointtype \(mark)" }

    private static let all = [
        SeriesStyle(Gnuplot.blue, dash: "solid", mark: 7),
        SeriesStyle("#EE6677", dash: "(14,5)", mark: 5),
        SeriesStyle("#228833", dash: "(3,4)", mark: 9),
        SeriesStyle("#AA3377", dash: "(14,4,3,4)", mark: 13),
        SeriesStyle("#997700", dash: "(7,4)", mark: 4),
        SeriesStyle("#33AACC", dash: "(20,5)", mark: 6),
        SeriesStyle("#222222", dash: "(14,4,3,4,3,4)", mark: 8),
        SeriesStyle("#888888", dash: "solid", mark: 2),
    ]
}
