/// The pages on all codes.
public enum DiagnosticCatalogue {
    /// One page a code, in the order of the codes.
    public static let pages: [DiagnosticPage] = chapters.flatMap(\.pages)

    /// The page on a code.
    ///
    /// - Parameter code: The code, for example `E0302`, in letters of either case.
    /// - Returns: Nil if there is no such code.
    public static func page(on code: String) -> DiagnosticPage? {
        pages.first { $0.code.rawValue == code.uppercased() }
    }

    /// A chapter: codes that begin alike.
    private struct Chapter {
        /// The first letters of its codes.
        let prefix: String
        let title: String
        let pages: [DiagnosticPage]
    }

    private static let chapters = [
        Chapter(prefix: "E01", title: "NIR files and graphs", pages: nirPages),
        Chapter(
            prefix: "E02",
            title: "Descriptions: experiments, networks, studies",
            pages: descriptionPages
        ),
        Chapter(prefix: "E03", title: "Networks against chips", pages: compilerPages),
        Chapter(prefix: "E04", title: "Chip specs", pages: specPages),
        Chapter(prefix: "E05", title: "Chip images", pages: imagePages),
        Chapter(prefix: "E06", title: "Learning rules against engines", pages: rulePages),
        Chapter(prefix: "E07", title: "Samples", pages: samplePages),
    ]

    /// A line for each code, by chapter.
    public static var list: String {
        chapters.map { chapter in
            ([chapter.title] + chapter.pages.map { "  \($0.code.rawValue)  \($0.title)" })
                .joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    /// `docs/DIAGNOSTICS.md`, which is made from the pages.
    public static var markdown: String {
        let sections = chapters.flatMap { chapter in
            ["## \(chapter.prefix)xx: \(chapter.title)"] + chapter.pages.map(\.markdown)
        }
        return ([introduction] + sections).joined(separator: "\n\n") + "\n"
    }

    private static let introduction = """
        # Diagnostics

        This page is made by `spikeloom explain --markdown`; a test compares the two.

        What the program refuses has a code. A code stands for one cause, is never given to another, and
        stays when the wording of its message changes. Two are wider than that, because their causes are
        many and have one remedy: E0301 (a network that contradicts itself; the message says where) and
        E0508 (tables of an image). So are E0207, E0406 and E0608, values out of their ranges, which differ
        by key.
        Errors of other parts (recordings, studies, the command line) have no codes.

            error[E0302]: Network 'relay' has inputs only. A chip needs at least one population of neurons. …

        `spikeloom explain E0302` prints the section of a code, `spikeloom explain` lists all. With
        `--diagnostics json`, a command writes each diagnostic to the standard error as one JSON object a
        line, by [spikeloom.diagnostic/1](schemas/diagnostic.schema.json): `code` (null where there is none),
        `severity` (`error` or `warning`), `message`, and `file`, `line`, `column`, `path` (in the network,
        the file or the document), `resource`, `needed` and `limit`, null where they do not apply. What the
        command line itself gets wrong is told in words, because it is not read yet.

        Messages below name files as the examples do; the tests give each example to the program's readers
        and compare.
        """
}
