import Foundation

/// Reads a chip spec with all that it extends.
struct SpecFiles {
    /// Where the names of chips are looked up.
    let catalogue: ChipCatalogue

    /// Specs that extend one another, at most, without the last.
    static let longestChain = 8

    /// Reads, merges and validates.
    ///
    /// - Parameter path: Path of the spec.
    /// - Throws: `ChipSpecError`, with the file and line where the value at fault stands.
    /// - Returns: A validated chip.
    func chip(at path: String) throws -> ChipSpec {
        let (root, extends) = try document(at: path, after: [])
        do throws(ChipSpecError) {
            return try ChipSpec(reading: SpecSection(root, key: "", known: SpecKeys.chip))
        } catch {
            throw extends.map { error.inherited(by: $0) } ?? error
        }
    }

    /// A spec on the way, and the file it really is.
    private struct Link {
        let path: String
        let file: String

        init(_ path: String) {
            self.path = path
            file = URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
        }
    }

    /// The document over those that it extends, and where it says so.
    private func document(at path: String, after chain: [Link]) throws -> (SpecNode, SpecPlace?) {
        let own = try ChipSpec.document(contentsOf: path)
        let section = try SpecSection(own, key: "", known: SpecKeys.file)
        guard section.has("extends") else {
            guard !section.has("unset") else {
                throw section.refusal(
                    "unset",
                    "It must be absent in a spec that extends no other.",
                    "Delete it, or write what the spec extends: 'extends: NAME'."
                )
            }
            return (own, nil)
        }
        let place = section.place(of: "extends")
        let links = chain + [Link(path)]
        let parentPath = try self.parentPath(section, of: path)
        try refuseUnlessNew(parentPath, section, links)
        do {
            var (parent, _) = try document(at: parentPath, after: links)
            for (index, path) in try section.list("unset").enumerated() {
                guard let name = path.text, let rest = parent.removing(name) else {
                    throw section.refusal(
                        "unset",
                        item: index,
                        path,
                        "It must be the path of a key that \(parentPath) has.",
                        "Write it with dots, as in soma.current or energyTables.NAME."
                    )
                }
                parent = rest
            }
            let merged = own.without(["extends", "unset"]).over(parent)
            return (merged, place)
        } catch let error as ChipSpecError {
            throw error.inherited(by: place)
        }
    }

    /// Where the extended spec is.
    private func parentPath(_ section: SpecSection, of path: String) throws -> String {
        let written = try section.text("extends", atMost: 1000)
        guard written.contains("/") || written.hasSuffix(".yaml") else {
            do { return try catalogue.path(of: written) } catch {
                throw section.refusal(
                    "extends",
                    "It must be a file such as ./base.yaml, or one of: "
                        + "\(catalogue.names.joined(separator: ", ")).",
                    NearestName.of(written, among: catalogue.names).map { "Did you mean \($0)?" }
                        ?? "'spikeloom chips' lists the names."
                )
            }
        }
        if written.hasPrefix("/") { return written }
        var relative = Substring(written)
        while relative.hasPrefix("./") { relative = relative.dropFirst(2) }
        guard let slash = path.lastIndex(of: "/") else { return String(relative) }
        return String(path[...slash] + relative)
    }

    /// Refuses circles, long chains, and what is no file.
    private func refuseUnlessNew(_ parent: String, _ section: SpecSection, _ links: [Link]) throws {
        let link = Link(parent)
        if let first = links.firstIndex(where: { $0.file == link.file }) {
            let circle = (links[first...].map(\.path) + [parent]).joined(separator: " extends ")
            throw section.refusal(
                "extends",
                "It must not lead back to where it began: \(circle).",
                "Let one of them extend something else."
            )
        }
        guard links.count <= Self.longestChain else {
            throw section.refusal(
                "extends",
                "At most \(Self.longestChain) specs may extend one another in a row; this one, "
                    + "begun by \(links[0].path), is the ninth.",
                "Write the keys of some of them into one file."
            )
        }
        // A device or a pipe would be waited for.
        let type = try? FileManager.default.attributesOfItem(atPath: link.file)[.type]
        guard type as? FileAttributeType == .typeRegular else {
            throw section.refusal(
                "extends",
                "It must be a file that can be read; \(parent) is none.",
                "A relative path starts at the folder of this file."
            )
        }
    }
}
