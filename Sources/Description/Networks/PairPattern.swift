import NetworkIR

/// Which pairs of a projection are synapses.
enum PairPattern: Sendable, Equatable {
    /// `[target][source]`.
    case dense([Bool])
    /// Neuron k to neuron k.
    case oneToOne(Int)
    case sparse(SparsePairs)

    /// Number of synapses, or of pairs where they are told apart by flags.
    var count: Int {
        switch self {
        case .dense(let present): present.count
        case .oneToOne(let count): count
        case .sparse(let pairs): pairs.sources.count
        }
    }

    /// The same pairs the other way round.
    ///
    /// - Parameters:
    ///   - sources: Neurons of this pattern's source.
    ///   - targets: Neurons of its target.
    /// - Returns: The pairs of a feedback.
    func transposed(sources: Int, targets: Int) -> PairPattern {
        switch self {
        case .oneToOne: return self
        case .dense(let present):
            var result = [Bool](repeating: false, count: present.count)
            for target in 0..<targets {
                for source in 0..<sources {
                    result[source * targets + target] = present[target * sources + source]
                }
            }
            return .dense(result)
        case .sparse(let pairs):
            var back = pairs.transposed(sources: sources)
            back.entries = []
            return .sparse(back)
        }
    }
}

/// Pairs compressed by target, as `SparseWeights` has them, without weights.
struct SparsePairs: Sendable, Equatable {
    var offsets: [Int]
    var sources: [Int32]
    /// For each, its place in the list it was given in; empty where there is no list.
    var entries: [Int32] = []

    /// No pairs yet.
    init(targets: Int) {
        offsets = [0]
        offsets.reserveCapacity(targets + 1)
        sources = []
    }

    /// Pairs that are listed as a matrix compressed by source.
    init(indptr: [Int], indices: [Int32], targets: Int) throws(SparseWeightsFault) {
        let matrix = try SparseWeights(indptr: indptr, indices: indices, targets: targets) {
            Double($0)
        }
        offsets = matrix.offsets
        sources = matrix.sources
        entries = matrix.weights.map { Int32($0) }
    }

    /// Ends the row of a target.
    mutating func endRow() { offsets.append(sources.count) }

    /// The same pairs the other way round, with the places they had.
    func transposed(sources count: Int) -> SparsePairs {
        var result = SparsePairs(targets: 0)
        var starts = [Int](repeating: 0, count: count + 1)
        for source in sources { starts[Int(source) + 1] += 1 }
        for source in 0..<count { starts[source + 1] += starts[source] }
        var next = starts
        var targets = [Int32](repeating: 0, count: sources.count)
        var places = [Int32](repeating: 0, count: entries.count)
        for target in 0..<max(0, offsets.count - 1) {
            for k in offsets[target]..<offsets[target + 1] {
                let source = Int(sources[k])
                targets[next[source]] = Int32(target)
                if !entries.isEmpty { places[next[source]] = entries[k] }
                next[source] += 1
            }
        }
        result.offsets = starts
        result.sources = targets
        result.entries = places
        return result
    }
}
