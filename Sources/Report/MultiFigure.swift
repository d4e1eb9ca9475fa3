/// Figures side by side in one picture.
public struct MultiFigure: Sendable, Equatable {
    /// One of the figures.
    public enum Part: Sendable, Equatable {
        /// Curves over one axis.
        case lines(LineFigure)
        /// Pairs of values.
        case scatter(ScatterFigure)
        /// Counts of whole numbers.
        case histogram(HistogramFigure)
        /// A drift on a plane.
        case field(FieldFigure)

        var panel: FigurePanel {
            switch self {
            case .lines(let figure): figure.panel
            case .scatter(let figure): figure.panel
            case .histogram(let figure): figure.panel
            case .field(let figure): figure.panel
            }
        }
    }

    /// A line above all figures; may be empty.
    public var title: String
    /// Figures from left to right, then down.
    public var parts: [Part]
    /// Figures in a row.
    public var columns: Int

    /// Describes a picture.
    ///
    /// - Parameters:
    ///   - title: A line above all figures; may be empty.
    ///   - parts: Figures from left to right, then down.
    ///   - columns: Figures in a row.
    public init(title: String = "", parts: [Part], columns: Int = 3) {
        self.title = title
        self.parts = parts
        self.columns = columns
    }

    /// A gnuplot script that draws the picture; axes in a row are level with each other.
    ///
    /// - Parameters:
    ///   - output: Path of the picture.
    ///   - format: Kind of picture.
    /// - Returns: The script, to be piped to `gnuplot`.
    public func gnuplotScript(output: String, format: FigureFormat = .svg) -> String {
        FigurePanel.script(
            parts.map(\.panel),
            columns: columns,
            title: title,
            output: output,
            format: format
        )
    }
}
