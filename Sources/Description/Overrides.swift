import Yams

/// Changes to a document before it is read: an arm of an experiment.
enum Overrides {
    /// Sets values by key path.
    ///
    /// A path names keys with dots between them; `[2]` is the third item of a list. Keys that the
    /// document lacks are added; what the last key holds is replaced.
    static func applied(_ changes: [(path: String, value: Entry)], to root: Entry)
        throws(DescriptionError) -> Entry
    {
        var node = root.node
        for change in changes {
            let parts = change.path.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count <= 32, parts.allSatisfy({ !$0.isEmpty }) else {
                throw change.value.refusal(
                    "is no key path. Write keys with single dots between them."
                )
            }
            node = try set(parts.map(String.init)[...], in: node, to: change.value)
        }
        return Entry(file: root.file, key: root.key, node: node)
    }

    private static func set(_ path: ArraySlice<String>, in node: Node, to value: Entry)
        throws(DescriptionError) -> Node
    {
        guard let part = path.first else { return value.node }
        let rest = path.dropFirst()
        if part.first == "[", part.last == "]" {
            guard let index = Int(part.dropFirst().dropLast()), var list = node.sequence,
                list.indices.contains(index)
            else { throw value.refusal("names item \(part), which the list does not have.") }
            list[index] = try set(rest, in: list[index], to: value)
            return .sequence(list)
        }
        // chip settings have dots in their keys.
        if part == "chipSettings", !rest.isEmpty {
            var mapping = node.mapping ?? Node.Mapping([])
            var settings = mapping["chipSettings"]?.mapping ?? Node.Mapping([])
            settings[Node(rest.joined(separator: "."))] = value.node
            mapping["chipSettings"] = .mapping(settings)
            return .mapping(mapping)
        }
        guard var mapping = node.mapping else {
            throw value.refusal("goes through '\(part)', but what holds it is no section.")
        }
        if let old = mapping[part] {
            mapping[part] = try set(rest, in: old, to: value)
        } else {
            mapping[Node(part)] = try set(rest, in: .mapping(Node.Mapping([])), to: value)
        }
        return .mapping(mapping)
    }
}
