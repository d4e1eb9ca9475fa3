/// A grid of tiles with links between neighbours, coloured by how busy they are.
public struct MapFigure: Sendable, Equatable {
    /// A tile.
    public struct Cell: Sendable, Equatable {
        /// Column from the west.
        public var column: Int
        /// Row from the north.
        public var row: Int
        /// How busy it is.
        public var value: Double

        /// Describes a tile.
        ///
        /// - Parameters:
        ///   - column: Column from the west.
        ///   - row: Row from the north.
        ///   - value: How busy it is, 0 or more.
        public init(column: Int, row: Int, value: Double) {
            self.column = column
            self.row = row
            self.value = value
        }
    }

    /// A link from a tile to a neighbour.
    public struct Link: Sendable, Equatable {
        /// Column of the tile.
        public var column: Int
        /// Row of the tile.
        public var row: Int
        /// −1, 0 or 1: the neighbour's column is as many to the east.
        public var towardColumn: Int
        /// −1, 0 or 1: the neighbour's row is as many to the south.
        public var towardRow: Int
        /// How busy it is.
        public var value: Double

        /// Describes a link.
        ///
        /// - Parameters:
        ///   - column: Column of the tile.
        ///   - row: Row of the tile.
        ///   - towardColumn: −1, 0 or 1.
        ///   - towardRow: −1, 0 or 1.
        ///   - value: How busy it is, 0 or more.
        public init(column: Int, row: Int, towardColumn: Int, towardRow: Int, value: Double) {
            self.column = column
            self.row = row
            self.towardColumn = towardColumn
            self.towardRow = towardRow
            self.value = value
        }
    }

    /// Title.
    public var title: String
    /// Columns of the grid.
    public var columns: Int
    /// Rows of the grid.
    public var rows: Int
    /// Tiles; those that are missing are left blank.
    public var cells: [Cell]
    /// Links; an arrow each.
    public var links: [Link]
    /// What the colour of a tile means.
    public var cellLabel: String
    /// What the colour of a link means.
    public var linkLabel: String
    /// A small line below; may be empty.
    public var caption: String

    /// Describes a map.
    ///
    /// - Parameters:
    ///   - title: Title.
    ///   - columns: Columns of the grid.
    ///   - rows: Rows of the grid.
    ///   - cells: Tiles.
    ///   - links: Links.
    ///   - cellLabel: What the colour of a tile means.
    ///   - linkLabel: What the colour of a link means.
    ///   - caption: A small line below; may be empty.
    public init(
        title: String,
        columns: Int,
        rows: Int,
        cells: [Cell],
        links: [Link],
        cellLabel: String,
        linkLabel: String,
        caption: String = ""
    ) {
        self.title = title
        self.columns = columns
        self.rows = rows
        self.cells = cells
        self.links = links
        self.cellLabel = cellLabel
        self.linkLabel = linkLabel
        self.caption = caption
    }

    /// A gnuplot script that draws the map.
    ///
    /// - Parameters:
    ///   - output: Path of the picture.
    ///   - format: Kind of picture.
    /// - Returns: The script, to be piped to `gnuplot`.
    public func gnuplotScript(output: String, format: FigureFormat = .svg) -> String {
        FigurePanel.script([panel], columns: 1, output: output, format: format)
    }
}

extension MapFigure {
    var panel: FigurePanel {
        var panel = FigurePanel(title: title, caption: caption, xLabel: "column", yLabel: "row")
        let scale = Double(FigurePanel.boxHeight) / Double(max(rows, 1))
        panel.boxWidth = min(900, max(240, Int(scale * Double(max(columns, 1)))))
        panel.commands += [
            "set xrange [-0.5:\(Double(columns) - 0.5)]",
            // The north is up.
            "set yrange [\(Double(rows) - 0.5):-0.5]",
            "unset grid", "set xtics \(Self.stride(columns)) scale 0",
            "set ytics \(Self.stride(rows)) scale 0",
        ]
        let busiestCell = cells.map(\.value).max() ?? 0
        let busiestLink = links.map(\.value).max() ?? 0
        for cell in cells {
            let colour = Self.shade(cell.value, of: busiestCell, Self.cellColours)
            panel.commands.append(
                "set object rectangle center first \(cell.column), first \(cell.row) size first 0.62, "
                    + "first 0.62 fillcolor rgb '\(colour)' fillstyle solid border "
                    + "linecolor rgb '#BBBBBB'"
            )
        }
        for link in links {
            let colour = Self.shade(link.value, of: busiestLink, Self.linkColours)
            // Side by side with the link back: each keeps to its right.
            let aside = 0.12
            let x = Double(link.column) - Double(link.towardRow) * aside
            let y = Double(link.row) + Double(link.towardColumn) * aside
            let dx = Double(link.towardColumn)
            let dy = Double(link.towardRow)
            panel.commands.append(
                "set arrow from first \(Format.fixed(x + 0.31 * dx, decimals: 3)), "
                    + "first \(Format.fixed(y + 0.31 * dy, decimals: 3)) to "
                    + "first \(Format.fixed(x + 0.69 * dx, decimals: 3)), "
                    + "first \(Format.fixed(y + 0.69 * dy, decimals: 3)) front filled "
                    + "linecolor rgb '\(colour)' linewidth 2.5"
            )
        }
        for part in [0.0, 0.5, 1] {
            panel.addKey(
                "\(Self.number(busiestCell * part)) \(cellLabel)",
                fill: Self.shade(part, of: 1, Self.cellColours)
            )
        }
        if !links.isEmpty {
            for part in [0.0, 0.5, 1] {
                panel.addKey(
                    "\(Self.number(busiestLink * part)) \(linkLabel)",
                    line: "linewidth 3 linecolor rgb '\(Self.shade(part, of: 1, Self.linkColours))'"
                )
            }
        }
        return panel
    }

    private static func stride(_ count: Int) -> Int { max(1, (count + 15) / 16) }

    private static func number(_ value: Double) -> String {
        Format.fixed(value, decimals: value >= 100 ? 0 : value >= 1 ? 1 : 3)
    }

    private static let cellColours = [(247, 251, 255), (107, 174, 214), (8, 48, 107)]
    private static let linkColours = [(254, 224, 144), (244, 109, 67), (128, 0, 38)]

    /// A colour between the first and the last, by value.
    private static func shade(
        _ value: Double,
        of largest: Double,
        _ colours: [(Int, Int, Int)]
    ) -> String {
        let share = largest > 0 ? min(max(value / largest, 0), 1) : 0
        let place = share * Double(colours.count - 1)
        let index = min(Int(place), colours.count - 2)
        let part = place - Double(index)
        func mixed(_ a: Int, _ b: Int) -> String {
            let level = Int((Double(a) * (1 - part) + Double(b) * part).rounded())
            let text = String(level, radix: 16, uppercase: true)
            return level < 16 ? "0" + text : text
        }
        let (a, b) = (colours[index], colours[index + 1])
        return "#" + mixed(a.0, b.0) + mixed(a.1, b.1) + mixed(a.2, b.2)
    }
}
