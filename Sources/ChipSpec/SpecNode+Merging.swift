/// One spec over another: `docs/CHIPS.md`, "Extending a chip", has the rules.
extension SpecNode {
    /// This spec over the one it extends.
    ///
    /// What says of a number where it is from does not outlive the number: a table with a changed price
    /// needs its `source` again, a price with another energy its `provenance`.
    ///
    /// - Parameter parent: The extended spec; both are whole documents.
    /// - Returns: The parent with the keys of this spec in place of its own.
    func over(_ parent: SpecNode) -> SpecNode {
        merged(over: parent.without(["name", "summary"]), at: [])
    }

    private func merged(over parent: SpecNode, at path: [String]) -> SpecNode {
        switch (content, parent.content, path) {
        case (.section(let own), .section, _):
            let inherited = parent.without(staleKeys(at: path))
            // Hostile files have thousands of keys and tables: none is searched for one by one.
            let old = Dictionary(
                (inherited.entries ?? []).compactMap { key, value in key.text.map { ($0, value) } },
                uniquingKeysWith: { first, _ in first }
            )
            let kept = inherited.without(Set(own.compactMap { $0.key.text })).entries ?? []
            let changed = own.map { key, value in
                guard let name = key.text, let old = old[name] else {
                    return (key: key, value: value)
                }
                return (key: key, value: value.merged(over: old, at: path + [name]))
            }
            return SpecNode(content: .section(kept + changed), place: place)
        case (.list(let own), .list(let tables), ["energyTables"]):
            var result = tables
            var places = Dictionary(
                tables.enumerated().compactMap { index, table in
                    table.value("name")?.text.map { ($0, index) }
                },
                uniquingKeysWith: { first, _ in first }
            )
            for table in own {
                // A name that stands twice in this spec is left for the reader to refuse.
                let name = table.value("name")?.text
                if let index = name.flatMap({ places.removeValue(forKey: $0) }) {
                    result[index] = table.merged(over: tables[index], at: path + ["*"])
                } else {
                    result.append(table)
                }
            }
            return SpecNode(content: .list(result), place: place)
        case (.list(let own), .list(let gaps), ["knownGaps"]):
            return SpecNode(content: .list(gaps + own), place: place)
        default: return self
        }
    }

    /// Keys of the extended spec that do not hold any more beside those of this one.
    private func staleKeys(at path: [String]) -> Set<String> {
        guard path.first == "energyTables" else { return [] }
        switch path.count {
        case 2:
            return value("staticPowerInMilliwatts") == nil
                ? ["source"] : ["source", "staticPowerProvenance"]
        case 4 where path[2] == "prices":
            return value("energyInPicojoules") == nil ? [] : ["provenance"]
        default: return []
        }
    }

    /// The spec without the value at a path of keys; nil if there is none.
    ///
    /// A table of prices goes by its name, as in `energyTables.davies2018.barrier`.
    func removing(_ path: String) -> SpecNode? {
        if let items {
            var best: (index: Int, length: Int)?
            for (index, item) in items.enumerated() {
                guard let name = item.value("name")?.text, !name.isEmpty,
                    path == name || path.hasPrefix(name + "."), name.count > best?.length ?? 0
                else { continue }
                best = (index, name.count)
            }
            guard let best else { return nil }
            var rest = items
            if path.count == best.length {
                rest.remove(at: best.index)
            } else {
                let inner = String(path.dropFirst(best.length + 1))
                guard let changed = items[best.index].removing(inner) else { return nil }
                rest[best.index] = changed
            }
            return SpecNode(content: .list(rest), place: place)
        }
        guard let entries else { return nil }
        let name = String(path.prefix { $0 != "." })
        guard let index = entries.firstIndex(where: { $0.key.text == name }) else { return nil }
        var rest = entries
        if path.count == name.count {
            rest.remove(at: index)
        } else {
            let inner = String(path.dropFirst(name.count + 1))
            guard let changed = entries[index].value.removing(inner) else { return nil }
            rest[index].value = changed
        }
        return SpecNode(content: .section(rest), place: place)
    }
}
