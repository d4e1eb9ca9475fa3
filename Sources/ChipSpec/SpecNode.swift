import Yams

/// A value of a chip spec as it was written: what it is, and the file and line where it stands.
///
/// Values of several files come together where one spec extends another.
struct SpecNode {
    /// What stands there.
    enum Content {
        /// A word or number; plain if it is not quoted.
        case scalar(String, isPlain: Bool)
        /// Items in their order.
        case list([SpecNode])
        /// Keys and values in their order.
        case section([(key: SpecNode, value: SpecNode)])
    }

    /// What stands there.
    let content: Content
    /// Where.
    let place: SpecPlace

    /// Lists and sections within each other, at most.
    static let deepest = 16

    /// The text of a scalar; nil for anything else.
    var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    /// The text of a scalar without quotes; nil for anything else.
    var plainText: String? {
        if case .scalar(let text, isPlain: true) = content { text } else { nil }
    }

    /// The items of a list; nil for anything else.
    var items: [SpecNode]? {
        if case .list(let items) = content { items } else { nil }
    }

    /// The entries of a section; nil for anything else.
    var entries: [(key: SpecNode, value: SpecNode)]? {
        if case .section(let entries) = content { entries } else { nil }
    }

    /// The value of a key of a section.
    func value(_ name: String) -> SpecNode? {
        entries?.first { $0.key.text == name }?.value
    }

    /// The section without some of its keys.
    func without(_ names: Set<String>) -> SpecNode {
        guard let entries else { return self }
        let kept = entries.filter { entry in entry.key.text.map { !names.contains($0) } ?? true }
        return SpecNode(content: .section(kept), place: place)
    }
}

extension SpecNode {
    /// Takes over what the YAML parser read.
    ///
    /// - Parameters:
    ///   - node: Root of a document.
    ///   - path: Path of the file.
    /// - Throws: `ChipSpecError.syntax` for what is nested deeper than `deepest`.
    init(_ node: Node, path: String) throws(ChipSpecError) {
        self = try Self.taken(node, path: path, line: 0, depth: 0)
    }

    private static func taken(_ node: Node, path: String, line: Int, depth: Int)
        throws(ChipSpecError) -> SpecNode
    {
        let place = SpecPlace(path: path, line: node.mark?.line ?? line)
        guard depth <= deepest else {
            throw .syntax(
                place,
                problem: "Lists and sections are nested \(depth) deep. "
                    + "They may be nested \(deepest) deep.",
                advice: "Check brackets and indentation near this line."
            )
        }
        func inner(_ node: Node) throws(ChipSpecError) -> SpecNode {
            try taken(node, path: path, line: place.line, depth: depth + 1)
        }
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            return SpecNode(content: .scalar(scalar.string, isPlain: isPlain), place: place)
        case .sequence(let sequence):
            var items: [SpecNode] = []
            for item in sequence { items.append(try inner(item)) }
            return SpecNode(content: .list(items), place: place)
        case .mapping(let mapping):
            var entries: [(key: SpecNode, value: SpecNode)] = []
            for (key, value) in mapping {
                entries.append((key: try inner(key), value: try inner(value)))
            }
            return SpecNode(content: .section(entries), place: place)
        case .alias:
            // The parser puts what an alias stands for in its place.
            throw .syntax(
                place,
                problem: "An alias stands for nothing. It must stand for an anchor above it.",
                advice: "Write the value out."
            )
        }
    }
}
