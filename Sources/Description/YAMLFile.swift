import Diagnostics
import Foundation
import Yams

/// Text files in YAML, read with a limit on everything.
enum YAMLFile {
    /// Largest file in bytes.
    static let limit = 1 << 20

    /// Reads a file as text.
    static func text(of path: String, _ what: String, atMost limit: Int = limit) throws -> String {
        func refusal(_ problem: String) -> DescriptionError {
            DescriptionError(
                code: .descriptionUnreadable,
                file: path,
                line: 0,
                column: 0,
                key: "",
                what: "The \(what) \(problem)",
                advice: "Check the path."
            )
        }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw refusal("cannot be opened. It must be a readable file.")
        }
        defer { try? file.close() }
        guard let data = try? file.read(upToCount: limit + 1) else {
            throw refusal("cannot be read. It must be a file, not a folder.")
        }
        guard data.count <= limit else {
            throw refusal(
                "has more than \(limit >> 20) MiB. It must have at most \(Self.grouped(limit)) bytes."
            )
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw refusal("is not UTF-8 text. It must be a YAML file in UTF-8.")
        }
        return text
    }

    /// The folder that names of other files are relative to; empty for the working folder.
    static func folder(of path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
    }

    /// Parses a document.
    ///
    /// Anchors are refused, and with them aliases: a few lines of nested ones make a document of 10⁹
    /// values, which the parser would compare when it meets them as keys.
    static func root(
        _ text: String,
        file: String,
        _ what: String,
        atMost limit: Int = limit
    ) throws(DescriptionError) -> Entry {
        func refusal(
            _ code: DiagnosticCode,
            _ line: Int,
            _ column: Int,
            _ problem: String,
            _ advice: String
        ) -> DescriptionError {
            DescriptionError(
                code: code,
                file: file,
                line: line,
                column: column,
                key: "",
                what: problem,
                advice: advice
            )
        }
        guard text.utf8.count <= limit else {
            throw refusal(
                .descriptionUnreadable,
                0,
                0,
                "The \(what) has more than \(limit >> 20) MiB.",
                "Check that it is one."
            )
        }
        try refuseAnchors(text, refusal)
        do {
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            guard let node = try parser.singleRoot() else {
                throw refusal(
                    .descriptionSyntax,
                    0,
                    0,
                    "The \(what) is empty.",
                    "Copy one of Examples and change it."
                )
            }
            return Entry(file: file, key: "", node: node)
        } catch let error as DescriptionError {
            throw error
        } catch let error as YamlError {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                throw refusal(
                    .descriptionSyntax,
                    mark.line,
                    mark.column,
                    "This is not YAML: \(problem).",
                    "Check indentation, quotes and brackets near this line."
                )
            case .duplicatedKeysInMapping(let keys, let context):
                throw refusal(
                    .descriptionTwice,
                    context.mark.line,
                    context.mark.column,
                    "\(String((keys.first ?? "A key").prefix(60))) stands twice in its section.",
                    "Delete one of the two."
                )
            default: throw refusal(.descriptionSyntax, 0, 0, "This is not YAML.", "Check the file.")
            }
        } catch {
            throw refusal(.descriptionSyntax, 0, 0, "This is not YAML.", "Check the file.")
        }
    }

    /// A whole number with commas.
    private static func grouped(_ value: Int) -> String {
        let digits = Array(String(value))
        let groups = digits.enumerated().map { index, digit in
            let rest = digits.count - index
            return index > 0 && rest % 3 == 0 ? ",\(digit)" : "\(digit)"
        }
        return groups.joined()
    }

    /// Refuses a text with so many signs of structure that the parser would make too much of it.
    ///
    /// - Parameters:
    ///   - text: The document.
    ///   - limit: Most of the characters `, : - [ { ?` together.
    ///   - file: What messages name.
    ///   - what: What it should be.
    /// - Throws: `DescriptionError` with the code `descriptionTooLarge`.
    static func refuseMarks(
        _ text: String,
        atMost limit: Int,
        file: String,
        _ what: String
    ) throws(DescriptionError) {
        var marks = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "["),
                UInt8(ascii: "{"), UInt8(ascii: "?"):
                marks += 1
            default: break
            }
        }
        guard marks <= limit else {
            throw DescriptionError(
                code: .descriptionTooLarge,
                file: file,
                line: 0,
                column: 0,
                key: "",
                what:
                    "The \(what) has more than \(grouped(limit)) of the characters , : - [ { and ?.",
                advice: "Write long lists as numbers with spaces between."
            )
        }
    }

    /// Refuses `&x` wherever it stands: telling text and comments apart would take the parser.
    private static func refuseAnchors(
        _ text: String,
        _ refusal: (DiagnosticCode, Int, Int, String, String) -> DescriptionError
    ) throws(DescriptionError) {
        var line = 1
        var column = 0
        var previous: Unicode.Scalar = "\n"
        for scalar in text.unicodeScalars {
            if previous == "&", scalar.value > 32, scalar != "&" {
                throw refusal(
                    .descriptionAnchor,
                    line,
                    column,
                    "There is a '&x', as YAML writes anchors. A file may have none.",
                    "Write the value out; in text and comments, put a space after the '&'."
                )
            }
            column += 1
            if scalar == "\n" {
                line += 1
                column = 0
            }
            previous = scalar
        }
    }
}
