import Diagnostics
import Yams

/// A change to a document before it is read: part of an arm.
struct Override {
    /// Where the path stands: what messages about it name.
    var place: Entry
    /// Keys with dots between them; in a list `[2]` is the third item, a name the phase of that name.
    var path: String
    var value: Entry

    /// Sets a value in a document.
    ///
    /// Keys that the document lacks are added; what the last key holds is replaced.
    func applied(to root: Entry) throws(DescriptionError) -> Entry {
        let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 32, parts.allSatisfy({ !$0.isEmpty }) else {
            throw place.refusal(
                .descriptionPath,
                "has the path \(place.shown). It must be keys with single dots between them, at most "
                    + "32 of them.",
                "Write for example phases.align.seconds: 100."
            )
        }
        return Entry(
            file: root.file,
            key: root.key,
            node: try set(parts[...], after: [], in: root.node)
        )
    }

    private func set(_ rest: ArraySlice<String>, after path: [String], in node: Node)
        throws(DescriptionError) -> Node
    {
        guard let part = rest.first else { return value.node }
        if node.sequence != nil {
            return try set(rest.dropFirst(), inItem: part, after: path, of: node)
        }
        guard var mapping = node.mapping else {
            throw refusal("goes through \(Self.shown(path)), which is no section.")
        }
        // Chip settings have dots in their keys.
        let isSetting = path == ["chipSettings"]
        let key = isSetting ? rest.joined(separator: ".") : part
        let next = isSetting ? [] : rest.dropFirst()
        if let old = mapping[key] {
            mapping[key] = try set(next, after: path + [key], in: old)
            return .mapping(mapping)
        }
        if !next.isEmpty, ["network.populations", "network.projections"].contains(Self.shown(path))
        {
            let names = mapping.compactMap { $0.key.scalar?.string }
            throw refusal(
                "names '\(key)'. \(Self.shown(path)) has: "
                    + "\(names.prefix(20).joined(separator: ", ")).",
                Entry.suggestion(key, among: names)
            )
        }
        let mark = place.node.mark
        let empty = Node.mapping(Node.Mapping([], .implicit, .any, mark))
        mapping[.scalar(Node.Scalar(key, .implicit, .any, mark))] = try set(
            next,
            after: path + [key],
            in: empty
        )
        return .mapping(mapping)
    }

    /// Sets a value in an item of a list: `[n]`, or the phase of a name or kind.
    private func set(
        _ rest: ArraySlice<String>,
        inItem part: String,
        after path: [String],
        of node: Node
    ) throws(DescriptionError) -> Node {
        guard var list = node.sequence else { return node }
        if part.first == "[", part.last == "]" {
            guard let index = Int(part.dropFirst().dropLast()), list.indices.contains(index) else {
                throw refusal(
                    "names item \(part) of \(Self.shown(path)), which has \(list.count).",
                    "The first one is [0]."
                )
            }
            list[index] = try set(rest, after: path + [part], in: list[index])
            return .sequence(list)
        }
        // A phase is a section of one key: its kind, which holds its name.
        let named = list.indices.filter { list[$0].mapping?.first?.value["name"]?.string == part }
        let ofKind = list.indices.filter { list[$0].mapping?.first?.key.string == part }
        let found = named.isEmpty ? ofKind : named
        guard let index = found.first, found.count == 1, var item = list[index].mapping,
            let (kind, inner) = item.first
        else {
            let names = list.compactMap { node -> String? in
                guard let (kind, inner) = node.mapping?.first else { return nil }
                return inner["name"]?.string ?? kind.string
            }
            throw refusal(
                "names '\(part)', of which \(Self.shown(path)) has \(found.count). It must name one "
                    + "of: \(names.prefix(20).joined(separator: ", ")).",
                "An item can also be named by its number, as in \(Self.shown(path)).[0]."
            )
        }
        item[kind] = try set(rest, after: path + [part], in: inner)
        list[index] = .mapping(item)
        return .sequence(list)
    }

    private func refusal(_ what: String, _ advice: String = "") -> DescriptionError {
        place.refusal(.descriptionPath, "has the path \(place.shown), which \(what)", advice)
    }

    private static func shown(_ path: [String]) -> String {
        path.isEmpty ? "the document" : path.joined(separator: ".")
    }
}
