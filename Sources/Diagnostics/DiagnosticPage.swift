/// What `spikeloom explain` says of a code.
public struct DiagnosticPage: Sendable, Equatable {
    /// The code.
    public let code: DiagnosticCode
    /// One line, without a full stop.
    public let title: String
    /// What it means.
    public let meaning: String
    /// Why chips, files or this program have this limit.
    public let why: String
    /// A small input that triggers it: text of a file, or a sentence about a network.
    public let example: String
    /// The message that the input gets.
    public let message: String
    /// What to do.
    public let remedy: String

    init(
        _ code: DiagnosticCode,
        _ title: String,
        meaning: String,
        why: String,
        example: String,
        message: String,
        remedy: String
    ) {
        self.code = code
        self.title = title
        self.meaning = meaning
        self.why = why
        self.example = example
        self.message = message
        self.remedy = remedy
    }

    /// The example with what the program says of it.
    private func worked(_ width: Int) -> String {
        let input = example.split(separator: "\n", omittingEmptySubsequences: false)
            .flatMap { $0.count > width ? wrapped(String($0), width) : [String($0)] }
        let answer = wrapped("error[\(code.rawValue)]: \(message)", width)
        return (input + [""] + answer).map { $0.isEmpty ? "" : "    \($0)" }
            .joined(separator: "\n")
    }

    /// The page for a terminal.
    ///
    /// - Parameter width: Columns; 100 at the most are used.
    /// - Returns: Lines without a break at the end.
    public func text(width: Int) -> String {
        let width = max(40, min(100, width))
        let head = "\(code.rawValue): \(title)"
        let blocks = [
            ([head] + wrapped(meaning, width)).joined(separator: "\n"),
            (["Why"] + wrapped(why, width)).joined(separator: "\n"),
            "Example\n" + worked(width - 4),
            (["What to do"] + wrapped(remedy, width)).joined(separator: "\n"),
        ]
        return blocks.joined(separator: "\n\n")
    }

    /// The page as a section of `docs/DIAGNOSTICS.md`.
    var markdown: String {
        """
        ### \(code.rawValue): \(title)

        \(wrapped(meaning, 100).joined(separator: "\n"))

        **Why.** \(wrapped(why, 100).joined(separator: "\n"))

        ```
        \(worked(96).split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : String($0) }
            .joined(separator: "\n"))
        ```

        **What to do.** \(wrapped(remedy, 100).joined(separator: "\n"))
        """
    }
}

/// A text in lines of at most so many characters, broken at spaces; longer words stay whole.
private func wrapped(_ text: String, _ width: Int) -> [String] {
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
        var line = ""
        for word in paragraph.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        lines.append(line)
    }
    return lines
}
