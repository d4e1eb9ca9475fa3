import Foundation
import Yams

extension ChipSpec {
    /// Largest chip spec that is read, in bytes.
    public static let maximumFileSize = 1 << 20

    /// Reads a chip spec from a file.
    ///
    /// - Parameter path: Path of a YAML file of at most 1 MiB.
    /// - Throws: `ChipSpecError`.
    /// - Returns: A validated chip.
    public static func load(contentsOf path: String) throws -> ChipSpec {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw ChipSpecError.unreadable(
                path: path,
                reason: "The chip spec cannot be opened. It must be a readable file.",
                advice: "Check the path and its permissions."
            )
        }
        defer { try? file.close() }
        let data: Data
        do {
            data = try file.read(upToCount: maximumFileSize + 1) ?? Data()
        } catch {
            throw ChipSpecError.unreadable(
                path: path,
                reason: "The chip spec cannot be read. It must be a file, not a folder.",
                advice: "Check the path."
            )
        }
        return try load(yaml: Array(data), path: path)
    }

    /// Reads a chip spec from the bytes of a YAML document.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8, at most 1 MiB.
    ///   - path: Path the errors name.
    /// - Throws: `ChipSpecError`.
    /// - Returns: A validated chip.
    public static func load(yaml bytes: [UInt8], path: String) throws -> ChipSpec {
        guard bytes.count <= maximumFileSize else {
            throw ChipSpecError.unreadable(
                path: path,
                reason: "The chip spec has more than 1 MiB. It must have at most 1,048,576 bytes.",
                advice: "Check that this is a chip spec."
            )
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ChipSpecError.unreadable(
                path: path,
                reason: "The chip spec is not UTF-8 text. It must be a YAML file in UTF-8.",
                advice: "Check that this is a chip spec, and save it as UTF-8."
            )
        }
        return try load(yaml: text, path: path)
    }

    /// Reads a chip spec from a YAML document.
    ///
    /// - Parameters:
    ///   - yaml: The document, at most 1 MiB.
    ///   - path: Path the errors name.
    /// - Throws: `ChipSpecError`.
    /// - Returns: A validated chip.
    public static func load(yaml: String, path: String) throws -> ChipSpec {
        guard yaml.utf8.count <= maximumFileSize else {
            return try load(yaml: Array(yaml.utf8), path: path)
        }
        let root = try document(yaml, path: path)
        return try ChipSpec(
            reading: SpecSection(root, key: "", path: path, known: SpecKeys.chip)
        )
    }

    private static func document(_ yaml: String, path: String) throws -> Node {
        try refuseAliasBomb(yaml, path: path)
        let root: Node?
        do {
            root = try Parser(yaml: yaml, resolver: .basic, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw refusal(error, path: path)
        }
        guard let root else {
            throw ChipSpecError.syntax(
                SpecPlace(path: path, line: 0),
                problem: "The chip spec is empty. It must have the keys of docs/CHIPS.md.",
                advice: "Copy a file of chipspecs and change it."
            )
        }
        return root
    }

    /// Refuses texts in which aliases could multiply.
    ///
    /// The parser compares mapping keys, and a few lines of nested aliases make a key of 10⁹ nodes.
    /// With at most eight aliases a document grows at most twentyfold. Comments count as well,
    /// because telling them apart would take the parser.
    private static func refuseAliasBomb(_ yaml: String, path: String) throws {
        var line = 1
        var aliases = 0
        var previous = UInt8(ascii: "\n")
        for byte in yaml.utf8 {
            if previous == UInt8(ascii: "*") || previous == UInt8(ascii: "&"),
                byte > 32, byte != previous
            {
                aliases += 1
            }
            guard aliases <= 8 else {
                throw ChipSpecError.syntax(
                    SpecPlace(path: path, line: line),
                    problem: "There is a ninth '*x' or '&x', as YAML writes aliases. "
                        + "A chip spec may have eight.",
                    advice: "Write values out; in comments, put spaces around * and &."
                )
            }
            if byte == UInt8(ascii: "\n") { line += 1 }
            previous = byte
        }
    }

    private static func refusal(_ error: YamlError, path: String) -> ChipSpecError {
        func syntax(_ line: Int, _ problem: String) -> ChipSpecError {
            .syntax(
                SpecPlace(path: path, line: line),
                problem: "This is not YAML: \(problem). It must be a YAML document.",
                advice: "Check indentation, quotes and brackets near this line."
            )
        }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return syntax(mark.line, problem)
        case .duplicatedKeysInMapping(let keys, let context):
            return .duplicateKey(
                SpecPlace(path: path, line: context.mark.line),
                key: String((keys.first ?? "a key").prefix(60))
            )
        case .reader(let problem, let offset, _, let text):
            let line = offset.map { text.prefix($0).count { $0.isNewline } + 1 } ?? 0
            return syntax(line, problem)
        default:
            return syntax(0, "the parser refused it")
        }
    }
}
