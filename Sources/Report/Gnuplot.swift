/// A picture file that gnuplot writes.
public enum FigureFormat: String, Sendable, CaseIterable {
    /// Scalable, for web pages and papers.
    case svg
    /// For papers.
    case pdf
    /// Pixels.
    case png
}

/// The parts that all gnuplot scripts share.
///
/// Texts come from users and network files: they go through `quoted`, which leaves nothing that
/// gnuplot would run or read as a mark-up.
enum Gnuplot {
    /// Colours that print well and that colour-blind readers tell apart (P.
    ///
    /// Tol, "bright").
    static let blue = "#4477AA"
    static let lightRed = "#F7B8C0"
    static let yellow = "#CCBB44"
    static let grey = "#555555"

    /// The first lines of a script: terminal, output and a plain style.
    static func preamble(
        output: String,
        format: FigureFormat,
        width: Int,
        height: Int
    ) -> [String] {
        terminal(output: output, format: format, width: width, height: height) + style
    }

    /// Terminal and output; a picture is `width` by `height` in pixels of a screen.
    static func terminal(
        output: String,
        format: FigureFormat,
        width: Int,
        height: Int
    ) -> [String] {
        // Scaled so that letters take the same part of a picture as in svg, where 14 is in pixels.
        let terminal =
            switch format {
            case .svg:
                "svg size \(width),\(height) font 'Helvetica,14' background '#FFFFFF' noenhanced"
            case .pdf:
                "pdfcairo size \(inches(width))in,\(inches(height))in font 'Helvetica,14' "
                    + "fontscale 0.6 noenhanced"
            case .png:
                "pngcairo size \(2 * width),\(2 * height) font 'Helvetica,14' fontscale 1.5 "
                    + "linewidth 2 pointscale 2 noenhanced"
            }
        return [
            "set encoding utf8",
            "set terminal " + terminal,
            "set output " + quoted(output),
        ]
    }

    /// A plain style, which `reset` undoes.
    static let style = [
        "set border 3 linecolor rgb '\(grey)'",
        "set tics nomirror out scale 0.5 textcolor rgb '#222222'",
        "set style fill solid 1.0 noborder",
        "unset key",
    ]

    /// A text as a gnuplot string that means exactly these characters.
    ///
    /// Within single quotes gnuplot expands nothing. A quote itself is joined on in double quotes:
    /// doubled, as the manual has it, gnuplot 5.4 takes it for the end of the text. Control characters
    /// go.
    static func quoted(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where scalar.properties.generalCategory != .control {
            scalars.append(scalar)
        }
        return String(scalars).split(separator: "'", omittingEmptySubsequences: false)
            .map { "'\($0)'" }
            .joined(separator: ".\"'\".")
    }

    /// A label of at most so many characters, so that it leaves room for the plot.
    ///
    /// A backslash becomes its look-alike U+2216: gnuplot 5.4 warns of it even without mark-up.
    static func shortened(_ text: String, to length: Int = 30) -> String {
        let text = String(text.map { $0 == "\\" ? "\u{2216}" : $0 })
        return text.count <= length ? text : text.prefix(max(0, length - 1)) + "…"
    }

    /// A text broken at spaces into lines; a longer word stays whole.
    ///
    /// A text with mark-up characters stays whole too: gnuplot 5.4 reads them as such, `noenhanced` or
    /// not, once a label has several lines.
    static func lines(_ text: String, width: Int) -> [String] {
        guard !text.contains(where: { "\\{}^_@&~".contains($0) }) else { return [shortened(text)] }
        return broken(text, width: width)
    }

    /// A text broken at spaces into lines that are each a label of their own; no word is longer.
    static func wrapped(_ text: String, width: Int) -> [String] {
        broken(text, width: width).map { shortened($0, to: width) }
    }

    private static func broken(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    /// Lines of text as one gnuplot string.
    static func joined(_ lines: [String]) -> String {
        lines.isEmpty ? "''" : lines.map(quoted).joined(separator: ".\"\\n\".")
    }

    /// A number in a data block; missing if it is not known.
    static func number(_ value: Double?) -> String {
        value.flatMap { $0.isFinite ? $0.description : nil } ?? "NaN"
    }

    private static func inches(_ pixels: Int) -> String {
        Format.fixed(Double(pixels) / 96, decimals: 2)
    }
}
