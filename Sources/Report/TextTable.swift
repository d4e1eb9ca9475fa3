/// A table for a terminal: aligned columns under a header and a rule.
public struct TextTable: Sendable, Equatable {
    /// A column.
    public struct Column: Sendable, Equatable {
        /// Title.
        public var title: String
        /// Unit of all its numbers, shown behind the title; empty for none.
        public var unit: String
        /// Where the cells stand.
        public var alignment: Alignment

        /// Describes a column.
        ///
        /// - Parameters:
        ///   - title: Title.
        ///   - unit: Unit of all its numbers, or empty.
        ///   - alignment: Numbers to the right, words to the left.
        public init(_ title: String, unit: String = "", alignment: Alignment = .left) {
            self.title = title
            self.unit = unit
            self.alignment = alignment
        }
    }

    /// Where the cells of a column stand.
    public enum Alignment: Sendable {
        /// Words.
        case left
        /// Numbers.
        case right
    }

    /// Columns from left to right.
    public var columns: [Column]
    /// Cells, row by row.
    public private(set) var rows: [[String]] = []
    private var rules: Set<Int> = []

    /// Starts a table.
    ///
    /// - Parameter columns: From left to right.
    public init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row.
    ///
    /// - Parameter cells: One a column; missing ones are empty.
    public mutating func append(_ cells: [String]) {
        precondition(cells.count <= columns.count, "a row has no more cells than the table columns")
        rows.append(cells + Array(repeating: "", count: columns.count - cells.count))
    }

    /// Draws a rule between the rows added so far and those that follow, for example above a total.
    public mutating func appendRule() { rules.insert(rows.count) }

    /// The table, with a line end after each row and no space at the end of a line.
    public var text: String {
        let titles = columns.map { $0.unit.isEmpty ? $0.title : "\($0.title) (\($0.unit))" }
        let widths = columns.indices.map { column in
            rows.reduce(titles[column].count) { max($0, $1[column].count) }
        }
        func line(_ cells: [String]) -> String {
            var line = ""
            for (column, cell) in cells.enumerated() {
                if column > 0 { line += "  " }
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                line += columns[column].alignment == .left ? cell + padding : padding + cell
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }
        let rule = line(widths.map { String(repeating: "─", count: $0) })
        var text = line(titles) + rule
        for (index, row) in rows.enumerated() {
            if index > 0 && rules.contains(index) { text += rule }
            text += line(row)
        }
        return text
    }
}
