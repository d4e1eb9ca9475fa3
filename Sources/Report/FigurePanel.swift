/// A pair of axes in a picture: what to draw, and the room that its texts need.
///
/// All places are worked out here in pixels: gnuplot would clip long titles and let keys cover axes.
struct FigurePanel {
    /// A line of the key: a name with samples of line, mark and filling.
    struct Key {
        var name: String
        /// Colour, dashes and width; nil for no line.
        var line: String?
        /// Colour, kind and size of a mark; nil for none.
        var mark: String?
        /// Colour of a filled area; nil for none.
        var fill: String?
    }

    /// A line above the axes; long ones are broken.
    var title: String
    /// Small lines below all else.
    var caption: String
    var xLabel: String
    var yLabel: String
    /// Width of the space between the axes; the height is the same for all.
    var boxWidth = 460
    /// Room to the right of the axes.
    var right = 24
    /// What the key explains.
    var keys: [Key] = []
    /// Commands: ranges, labels, data blocks.
    var commands: [String] = []
    /// What `plot` draws, from back to front.
    var layers: [String] = []

    static let boxHeight = 340

    /// About the width of a small text, in pixels.
    static func textWidth(_ characters: Int) -> Int { characters * 13 / 2 }

    private static let left = 80
    private static let keyLine = 20
    private static let captionLine = 16
    private static let titleLine = 22

    private var width: Int { Self.left + boxWidth + right }
    private var titleLines: [String] { Gnuplot.wrapped(title, width: (width - 16) / 8) }
    private var captionLines: [String] { Gnuplot.wrapped(caption, width: (width - 16) * 2 / 13) }
    private var top: Int { 16 + Self.titleLine * titleLines.count }

    /// Width of the samples in the key.
    private var sampleWidth: Int {
        keys.contains { $0.line != nil || $0.fill != nil } ? 40 : 16
    }
    /// Distance of the columns of the key.
    private var keyColumn: Int {
        let longest = keys.reduce(0) { max($0, Gnuplot.shortened($1.name).count) }
        return sampleWidth + 28 + Self.textWidth(longest)
    }
    private var keyColumns: Int {
        let columns = max(1, min(keys.count, (width - 16) / keyColumn))
        // As few columns as give the same number of rows: four names stand in two rows of two.
        let rows = (keys.count + columns - 1) / columns
        return rows == 0 ? 1 : (keys.count + rows - 1) / rows
    }
    private var keyHeight: Int {
        keys.isEmpty ? 0 : Self.keyLine * ((keys.count + keyColumns - 1) / keyColumns) + 6
    }
    private var bottom: Int {
        60 + keyHeight + Self.captionLine * captionLines.count + (caption.isEmpty ? 0 : 10)
    }

    /// A script that draws panels in rows, their axes level with each other.
    ///
    /// - Parameters:
    ///   - panels: From left to right, then down.
    ///   - columns: Panels in a row.
    ///   - title: A line above all; may be empty.
    ///   - output: Path of the picture.
    ///   - format: Kind of picture.
    /// - Returns: The script, to be piped to `gnuplot`.
    static func script(
        _ panels: [FigurePanel],
        columns: Int,
        title: String = "",
        output: String,
        format: FigureFormat
    ) -> String {
        let rows = stride(from: 0, to: panels.count, by: max(1, columns)).map {
            panels[$0..<min(panels.count, $0 + max(1, columns))]
        }
        let width = rows.map { $0.reduce(0) { $0 + $1.width } }.max() ?? 320
        let titles = Gnuplot.wrapped(title, width: max(16, (width - 32) / 9))
        var row = titles.isEmpty ? 0 : 16 + 24 * titles.count
        var places: [(panel: FigurePanel, x: Int, y: Int)] = []
        for panels in rows {
            let top = panels.reduce(0) { max($0, $1.top) }
            var x = 0
            for panel in panels {
                places.append((panel, x, row + top))
                x += panel.width
            }
            row += top + boxHeight + panels.reduce(0) { max($0, $1.bottom) }
        }
        let canvas = (width: width, height: max(120, row))
        var lines = Gnuplot.terminal(
            output: output,
            format: format,
            width: canvas.width,
            height: canvas.height
        )
        if places.count != 1 || !titles.isEmpty { lines.append("set multiplot") }
        for (index, line) in titles.enumerated() {
            let place = screen(width / 2, 24 + 24 * index, canvas)
            lines.append("set label \(Gnuplot.quoted(line)) at \(place) center font ',18'")
        }
        for (index, place) in places.enumerated() {
            if index > 0 { lines.append("reset") }
            lines += place.panel.script(x: place.x, y: place.y, canvas: canvas)
        }
        if places.isEmpty {
            lines += ["unset tics", "unset border", "unset key", "plot [0:1] [0:1] NaN notitle"]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The lines for this panel, whose axes start at `x + left` and whose box has its top at `y`.
    private func script(x: Int, y: Int, canvas: (width: Int, height: Int)) -> [String] {
        let boxBottom = y + Self.boxHeight
        let boxLeft = x + Self.left
        func across(_ pixels: Int) -> String { Self.part(pixels, of: canvas.width) }
        func up(_ pixels: Int) -> String {
            Self.part(canvas.height - pixels, of: canvas.height)
        }
        var lines = Gnuplot.style
        lines += [
            "set lmargin at screen \(across(boxLeft))",
            "set rmargin at screen \(across(boxLeft + boxWidth))",
            "set tmargin at screen \(up(y))",
            "set bmargin at screen \(up(boxBottom))",
            "set grid linecolor rgb '#E4E4E4' linetype 1 linewidth 0.5",
        ]
        let middle = boxLeft + boxWidth / 2
        let xText = Gnuplot.quoted(Gnuplot.shortened(xLabel, to: boxWidth / 8))
        let yText = Gnuplot.quoted(Gnuplot.shortened(yLabel, to: Self.boxHeight / 8))
        lines += [
            "set label \(xText) at \(Self.screen(middle, boxBottom + 45, canvas)) center",
            "set label \(yText) at \(Self.screen(x + 16, y + Self.boxHeight / 2, canvas)) center "
                + "rotate by 90",
        ]
        for (index, line) in titleLines.enumerated() {
            let above = y - 18 - Self.titleLine * (titleLines.count - 1 - index)
            let place = Self.screen(middle, above, canvas)
            lines.append("set label \(Gnuplot.quoted(line)) at \(place) center font ',16'")
        }
        for (index, line) in captionLines.enumerated() {
            let below = boxBottom + 64 + keyHeight + Self.captionLine * index
            let place = Self.screen(x + 16, below, canvas)
            lines.append(
                "set label \(Gnuplot.quoted(line)) at \(place) left font ',12' "
                    + "textcolor rgb '\(Gnuplot.grey)'"
            )
        }
        lines += keyLines(middle: x + width / 2, top: boxBottom + 70, canvas: canvas)
        lines += commands
        let layers = layers.isEmpty ? ["NaN notitle"] : layers
        return lines + ["plot " + layers.joined(separator: ", \\\n     ")]
    }

    /// The key, line by line in columns about the middle.
    ///
    /// The keys of gnuplot choose their columns by themselves and lose what does not fit.
    private func keyLines(middle: Int, top: Int, canvas: (width: Int, height: Int)) -> [String] {
        let left = middle - (keyColumns * keyColumn - 20) / 2
        var lines: [String] = []
        for (index, key) in keys.enumerated() {
            let x = left + index % keyColumns * keyColumn
            let y = top + index / keyColumns * Self.keyLine
            let start = Self.screen(x, y, canvas)
            let end = Self.screen(x + sampleWidth, y, canvas)
            if let fill = key.fill {
                lines.append(
                    "set object rectangle from \(Self.screen(x, y + 6, canvas)) to "
                        + "\(Self.screen(x + sampleWidth, y - 6, canvas)) front "
                        + "fillcolor rgb '\(fill)' fillstyle solid noborder"
                )
            }
            if let line = key.line {
                lines.append("set arrow from \(start) to \(end) nohead front \(line)")
            }
            if let mark = key.mark {
                let place = Self.screen(x + sampleWidth / 2, y, canvas)
                lines.append("set label '' at \(place) front point \(mark)")
            }
            lines.append(
                "set label \(Gnuplot.quoted(Gnuplot.shortened(key.name))) at "
                    + "\(Self.screen(x + sampleWidth + 8, y, canvas)) left front font ',12'"
            )
        }
        return lines
    }

    private static func screen(_ x: Int, _ y: Int, _ canvas: (width: Int, height: Int)) -> String {
        "screen \(part(x, of: canvas.width)), screen "
            + part(canvas.height - y, of: canvas.height)
    }

    private static func part(_ pixels: Int, of whole: Int) -> String {
        Format.fixed(Double(pixels) / Double(whole), decimals: 5)
    }
}

extension FigurePanel {
    /// Adds a data block of rows of numbers; nil is a blank line, which ends a curve.
    mutating func addBlock(_ name: String, _ rows: [[Double]?]) {
        commands.append("$\(name) << END_OF_DATA")
        for row in rows {
            commands.append(row?.map { Gnuplot.number($0) }.joined(separator: " ") ?? "")
        }
        commands.append("END_OF_DATA")
    }

    /// Adds a line to the key, unless it has no name.
    mutating func addKey(
        _ name: String,
        line: String? = nil,
        mark: String? = nil,
        fill: String? = nil
    ) {
        guard !name.isEmpty else { return }
        keys.append(Key(name: name, line: line, mark: mark, fill: fill))
    }
}
