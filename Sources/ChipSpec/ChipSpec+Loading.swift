import Foundation
import Yams

extension ChipSpec {
    /// Largest chip spec that is read, in bytes.
    public static let maximumFileSize = 1 << 20

    /// Reads a chip spec from a file, and those it extends.
    ///
    /// - Parameters:
    ///   - path: Path of a YAML file of at most 1 MiB.
    ///   - catalogue: Where names after `extends` are looked up; by default in the folder of the file.
    /// - Throws: `ChipSpecError`.
    /// - Returns: A validated chip.
    public static func load(contentsOf path: String, catalogue: ChipCatalogue? = nil) throws
        -> ChipSpec
    {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        return try SpecFiles(catalogue: catalogue ?? ChipCatalogue(folders: [folder]))
            .chip(at: path)
    }

    /// The values of one file, without those of the files it extends.
    static func document(contentsOf path: String) throws -> SpecNode {
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
        return try document(Array(data), path: path)
    }

    /// Reads a chip spec from the bytes of a YAML document.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8, at most 1 MiB.
    ///   - path: Path the errors name.
    /// - Throws: `ChipSpecError`.
    /// - Returns: A validated chip.
    public static func load(yaml bytes: [UInt8], path: String) throws -> ChipSpec {
        try ChipSpec(
            reading: SpecSection(document(bytes, path: path), key: "", known: SpecKeys.chip)
        )
    }

    /// Reads a chip spec from a YAML document.
    ///
    /// - Parameters:
    ///   - yaml: The document, at most 1 MiB, complete: it extends no other.
    ///   - path: Path the errors name.
    /// - Throws: `ChipSpecError`.
    /// - Returns: A validated chip.
    public static func load(yaml: String, path: String) throws -> ChipSpec {
        try load(yaml: Array(yaml.utf8), path: path)
    }

    private static func document(_ bytes: [UInt8], path: String) throws -> SpecNode {
        guard bytes.count <= maximumFileSize else {
            throw ChipSpecError.unreadable(
                path: path,
                reason: "The chip spec has more than 1 MiB. It must have at most 1,048,576 bytes.",
                advice: "Check that this is a chip spec."
            )
        }
        // Some editors mark UTF-8 with three bytes in front.
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        guard let text = String(validating: content, as: UTF8.self) else {
            throw ChipSpecError.unreadable(
                path: path,
                reason: "The chip spec is not UTF-8 text. It must be a YAML file in UTF-8.",
                advice: "Check that this is a chip spec, and save it as UTF-8."
            )
        }
        try refuseBomb(content, path: path)
        let root: Node?
        do {
            root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
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
        return try SpecNode(root, path: path)
    }

    /// Refuses texts that would cost the parser much time or memory.
    ///
    /// The parser compares mapping keys, and a few lines of nested aliases make a key of 10⁹ nodes: with
    /// at most eight aliases a document grows at most twentyfold. Keys written with `?` may be long, and
    /// each is hashed once for every key that it is a part of. Comments count as well, because telling
    /// them apart would take the parser. It stops at a depth of 1000 by itself.
    private static func refuseBomb(_ bytes: [UInt8], path: String) throws {
        var line = 1
        var (aliases, questions, marks) = (0, 0, 0)
        var previous = UInt8(ascii: "\n")
        func refuse(_ problem: String, _ advice: String) throws {
            throw ChipSpecError.syntax(
                SpecPlace(path: path, line: line),
                problem: problem,
                advice: advice
            )
        }
        for byte in bytes {
            if previous == UInt8(ascii: "*") || previous == UInt8(ascii: "&"),
                byte > 32, byte != previous
            {
                aliases += 1
                if aliases > 8 {
                    try refuse(
                        "There is a ninth '*x' or '&x', as YAML writes aliases. "
                            + "A chip spec may have eight.",
                        "Write values out; in comments, put spaces around * and &."
                    )
                }
            }
            switch byte {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: "?"):
                questions += 1
                if questions > 64 {
                    try refuse(
                        "There is a 65th '?', as YAML marks long keys. A chip spec may have 64.",
                        "Write 'key: value'; in comments, make statements of questions."
                    )
                }
            case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "["),
                UInt8(ascii: "{"):
                marks += 1
                if marks > 16_384 {
                    try refuse(
                        "There are more than 16,384 of the characters , : - [ and {. "
                            + "A chip spec may have as many, comments included.",
                        "Check that this is a chip spec."
                    )
                }
            default: break
            }
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
