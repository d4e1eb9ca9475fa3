import Diagnostics
import NetworkIR
import Yams

extension ExperimentReader {
    func pairs(_ entry: Entry?, _ ends: ProjectionEnds) throws
        -> ProjectionRecipe.Pairs
    {
        let (source, target) = (ends.source, ends.target)
        guard let entry else { return ends.mirrored ?? .all }
        if entry.node.mapping != nil {
            let parts = try entry.section(ExperimentKeys.connect)
            let name = try parts.one(of: ExperimentKeys.connect)
            let value = try parts.required(name, "")
            let own = ends.isRecurrent ? 1 : 0
            switch name {
            case "probability": return .probability(try value.number(0...1))
            case "inDegree": return .inDegree(try value.integer(0...max(0, source.count - own)))
            case "outDegree": return .outDegree(try value.integer(0...max(0, target.count - own)))
            case "kernel": return .kernel(try kernel(value, peak: 0...1))
            case "pairs": return .listed(try listed(value, ends))
            default: return .listed(try compressed(value, ends))
            }
        }
        enum Word: String, CaseIterable { case allToAll, oneToOne, mirrored }
        switch try entry.word(Word.self) {
        case .allToAll: return .all
        case .oneToOne:
            guard source.count == target.count else {
                throw entry.refusal(
                    .descriptionProjection,
                    "is oneToOne, from \(source.count) to \(target.count) neurons. The numbers must "
                        + "be equal.",
                    "Write allToAll, or change one of the counts."
                )
            }
            guard !ends.isRecurrent else {
                throw entry.refusal(
                    .descriptionProjection,
                    "is oneToOne from '\(source.path)' to itself: autapses, which are off.",
                    "Add autapses: yes."
                )
            }
            return .oneToOne
        case .mirrored:
            guard let mirrored = ends.mirrored else {
                throw entry.refusal(
                    .descriptionFeedback,
                    "is mirrored, but the projection names no feedbackOf.",
                    "Add feedbackOf, or write allToAll."
                )
            }
            return mirrored
        }
    }

    /// Pairs that stand in the file: `[source, target]` each.
    private func listed(_ entry: Entry, _ ends: ProjectionEnds) throws(DescriptionError)
        -> SparsePairs
    {
        var pairs: [(source: Int, target: Int)] = []
        for item in try entry.list(0...Distribution.mostItems) {
            let places = try item.list(2...2)
            pairs.append(
                (
                    try places[0].integer(0...ends.source.count - 1),
                    try places[1].integer(0...ends.target.count - 1)
                )
            )
        }
        // Compressed by source, with the place in the list beside each.
        let order = pairs.indices.sorted {
            (pairs[$0].source, pairs[$0].target, $0) < (pairs[$1].source, pairs[$1].target, $1)
        }
        for (one, next) in zip(order, order.dropFirst()) where pairs[one] == pairs[next] {
            throw entry.refusal(
                .descriptionTwice,
                "has [\(pairs[one].source), \(pairs[one].target)] twice. A pair is one synapse.",
                "Delete one of the two."
            )
        }
        var indptr = [Int](repeating: 0, count: ends.source.count + 1)
        for pair in pairs { indptr[pair.source + 1] += 1 }
        for source in 0..<ends.source.count { indptr[source + 1] += indptr[source] }
        var result = try compressed(
            indptr,
            order.map { Int32(pairs[$0].target) },
            ends,
            entry,
            entry
        )
        result.entries = result.entries.map { Int32(order[Int($0)]) }
        return result
    }

    /// Pairs of a file, compressed by source as `scipy.sparse.csr_array` holds them.
    private func compressed(_ entry: Entry, _ ends: ProjectionEnds) throws -> SparsePairs {
        let parts = try entry.section(ExperimentKeys.csr)
        let file = try parts.required("file", "It is an NPZ or HDF5 file.")
        let path = Entry.path(try file.text(), in: folder)
        func numbers(_ key: String) throws -> (name: String, place: Entry) {
            (try parts[key]?.text() ?? key, parts[key] ?? file)
        }
        let (indptrName, indptrPlace) = try numbers("indptr")
        let (indicesName, indicesPlace) = try numbers("indices")
        let indptr = try integers(path, indptrName, file, limit: ends.source.count + 1)
        let indices = try integers(path, indicesName, file, limit: Self.mostSynapses)
        guard let columns = [Int32](exactly: indices) else {
            throw indicesPlace.refusal(
                .descriptionConnections,
                "names a neuron beyond 32 bits in '\(indicesName)'."
            )
        }
        return try compressed(indptr, columns, ends, indptrPlace, indicesPlace)
    }

    private func compressed(
        _ indptr: [Int],
        _ indices: [Int32],
        _ ends: ProjectionEnds,
        _ indptrPlace: Entry,
        _ indicesPlace: Entry
    ) throws(DescriptionError) -> SparsePairs {
        guard indptr.count == ends.source.count + 1 else {
            throw indptrPlace.refusal(
                .descriptionConnections,
                "has \(indptr.count) row offsets. The \(ends.source.count) neurons of "
                    + "'\(ends.source.path)' need \(ends.source.count + 1).",
                "Write the arrays as scipy.sparse.csr_array holds them, one row a source."
            )
        }
        do {
            return try SparsePairs(indptr: indptr, indices: indices, targets: ends.target.count)
        } catch {
            throw indicesPlace.refusal(
                .descriptionConnections,
                "is wrong: it \(error).",
                "Write the arrays as scipy.sparse.csr_array holds them, one row a source."
            )
        }
    }

    private func integers(_ path: String, _ name: String, _ file: Entry, limit: Int)
        throws(DescriptionError) -> [Int]
    {
        try Distribution.integers(path, name, file, limit: limit)
    }
}

extension [Int32] {
    /// The same numbers in 32 bits; nil if one does not fit.
    fileprivate init?(exactly numbers: [Int]) {
        self = []
        reserveCapacity(numbers.count)
        for number in numbers {
            guard let narrow = Int32(exactly: number) else { return nil }
            append(narrow)
        }
    }
}
