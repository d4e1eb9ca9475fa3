import Yams

extension ChipSpec {
    /// The chip with one key changed, validated like any spec.
    ///
    /// - Parameters:
    ///   - key: Path of the key, for example `learning.tieRule`.
    ///   - value: Its value as YAML, for example `preFirst` or `[lif, li]`.
    ///   - place: Where the change is written, for messages.
    /// - Returns: The changed chip.
    /// - Throws: `ChipSpecError`.
    public func setting(_ key: String, to value: String, place: String) throws -> ChipSpec {
        let refusal = ChipSpecError.invalid(
            SpecPlace(path: place, line: 0),
            key: key,
            value: value,
            limit: "It must be the path of a key of a chip spec, and a value for it.",
            advice: "docs/CHIPS.md lists the keys."
        )
        let parser = try Parser(
            yaml: String(decoding: canonicalJSON(), as: UTF8.self),
            resolver: .basic,
            encoding: .utf8
        )
        guard let whole = try parser.singleRoot() else { throw refusal }
        let text = value.utf8.count <= 200 ? value : ""
        guard !text.contains("&"), !text.contains("*"),
            let node = try? Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        else { throw refusal }
        let parts = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 8, let changed = Self.set(parts[...], in: whole, to: node) else {
            throw refusal
        }
        let root = try SpecNode(changed, path: place)
        return try ChipSpec(reading: SpecSection(root, key: "", known: SpecKeys.chip))
    }

    private static func set(_ path: ArraySlice<String>, in node: Node, to value: Node) -> Node? {
        guard let part = path.first else { return value }
        guard var mapping = node.mapping else { return nil }
        let old = mapping[part] ?? .mapping(Node.Mapping([]))
        guard let new = set(path.dropFirst(), in: old, to: value) else { return nil }
        mapping[part] = new
        return .mapping(mapping)
    }
}
