/// A pair of axes in a picture: what to draw, and the room that its texts need.
///
/// All places are worked out here in pixels: gnuplot would clip long titles and let keys cover axes.
struct FigurePanel {
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
    /// Names in the key, in the order of the layers that have them.
    var keys: [String] = []
    /// Commands: ranges, labels, data blocks.
    var commands: [String] = []
    /// What `plot` draws, from back to front.
    var layers: [String] = []

    static let boxHeight = 340
    private static let left = 76
    private static let keyLine = 20
    private static let captionLine = 16
    private static let titleLine = 22

    private var width: Int { Self.left + boxWidth + right }
    private var titleLines: [String] { Gnuplot.wrapped(title, width: (width - 16) / 8) }
    private var captionLines: [String] { Gnuplot.wrapped(caption, width: (width - 16) * 2 / 13) }
    private var top: Int { 16 + Self.titleLine * titleLines.count }

    private var keyColumns: Int {
        let longest = keys.reduce(0) { max($0, Gnuplot.shortened($1).count) }
        return max(1, min(keys.count, (width - 16) / (58 + 7 * longest)))
    }
    private var keyHeight: Int {
        keys.isEmpty ? 0 : Self.keyLine * ((keys.count + keyColumns - 1) / keyColumns) + 6
    }
    private var bottom: Int {
        52 + keyHeight + Self.captionLine * captionLines.count + (caption.isEmpty ? 0 : 10)
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
            "set xlabel \(Gnuplot.quoted(Gnuplot.shortened(xLabel, to: boxWidth / 8)))",
            "set ylabel \(Gnuplot.quoted(Gnuplot.shortened(yLabel, to: Self.boxHeight / 8)))",
        ]
        for (index, line) in titleLines.enumerated() {
            let above = y - 18 - Self.titleLine * (titleLines.count - 1 - index)
            let place = Self.screen(boxLeft + boxWidth / 2, above, canvas)
            lines.append("set label \(Gnuplot.quoted(line)) at \(place) center font ',16'")
        }
        for (index, line) in captionLines.enumerated() {
            let below = boxBottom + 56 + keyHeight + Self.captionLine * index
            let place = Self.screen(x + 16, below, canvas)
            lines.append(
                "set label \(Gnuplot.quoted(line)) at \(place) left font ',12' "
                    + "textcolor rgb '\(Gnuplot.grey)'"
            )
        }
        if !keys.isEmpty {
            let place = Self.screen(boxLeft + boxWidth / 2, boxBottom + 48, canvas)
            lines.append(
                "set key at \(place) center top horizontal maxcols \(keyColumns) Left reverse "
                    + "samplen 3 spacing 1.25 font ',12'"
            )
        }
        lines += commands
        let layers = layers.isEmpty ? ["NaN notitle"] : layers
        return lines + ["plot " + layers.joined(separator: ", \\\n     ")]
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

    /// Adds a layer that draws nothing but its line in the key.
    mutating func addKey(_ name: String, _ style: String) {
        guard !name.isEmpty else { return }
        keys.append(name)
        layers.append("keyentry \(style) title \(Gnuplot.quoted(Gnuplot.shortened(name)))")
    }
}
