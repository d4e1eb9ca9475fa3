/// Weights of the pairs that are connected, compressed by target.
///
/// The entries of target t are `offsets[t]..<offsets[t + 1]`; their sources ascend. An entry is a
/// synapse as a pair of a dense matrix is: one of weight 0 is allowed and becomes no synapse on a chip
/// unless it learns. 12 bytes an entry, 8 where weights have single precision.
public struct SparseWeights: Sendable, Equatable {
    /// Where the entries of each target begin, and at last how many there are: targets + 1, ascending
    /// from 0.
    public let offsets: [Int]
    /// Source of each entry, ascending and distinct within a target.
    public let sources: [Int32]
    /// Weight of each entry.
    public let weights: WeightValues

    /// Makes weights from their arrays, which may be wrong: `fault` tells.
    ///
    /// - Parameters:
    ///   - offsets: Where the entries of each target begin, and how many there are.
    ///   - sources: Source of each entry.
    ///   - weights: Weight of each entry.
    public init(offsets: [Int], sources: [Int32], weights: [Double]) {
        self.init(offsets: offsets, sources: sources, values: .double(weights))
    }

    /// Makes weights from their arrays, which may be wrong: `fault` tells.
    ///
    /// - Parameters:
    ///   - offsets: Where the entries of each target begin, and how many there are.
    ///   - sources: Source of each entry.
    ///   - values: Weight of each entry.
    public init(offsets: [Int], sources: [Int32], values: WeightValues) {
        self.offsets = offsets
        self.sources = sources
        weights = values
    }

    /// Makes weights from a matrix that is compressed by source.
    ///
    /// - Parameters:
    ///   - indptr: Where the entries of each source begin, and at last how many there are: sources + 1.
    ///   - indices: Target of each entry; ascending or not, distinct within a source.
    ///   - targets: Number of target neurons.
    ///   - weight: Weight of the entry at an index of `indices`.
    /// - Throws: `SparseWeightsFault`, with `indptr` as offsets and `indices` as neurons.
    @inlinable
    public init<Offset: BinaryInteger, Index: BinaryInteger>(
        indptr: [Offset],
        indices: [Index],
        targets: Int,
        weight: (Int) -> Double
    ) throws(SparseWeightsFault) {
        let sourceCount = max(indptr.count - 1, 0)
        try SparseWeightsFault.check(offsets: indptr, entries: indices.count, rows: sourceCount)
        var builder = try SparseWeightsBuilder<Double>(sources: sourceCount, targets: targets)
        for index in indices { try builder.count(target: Int(clamping: index)) }
        builder.allocate()
        for source in 0..<sourceCount {
            for k in Int(indptr[source])..<Int(indptr[source + 1]) {
                try builder.place(source: source, target: Int(indices[k]), weight: weight(k))
            }
        }
        self = try builder.finished()
    }

    /// Makes weights from a matrix that is compressed by source.
    ///
    /// - Parameters:
    ///   - indptr: Where the entries of each source begin, and at last how many there are: sources + 1.
    ///   - indices: Target of each entry; ascending or not, distinct within a source.
    ///   - targets: Number of target neurons.
    ///   - weights: Weight of each entry.
    /// - Throws: `SparseWeightsFault`, with `indptr` as offsets and `indices` as neurons.
    @inlinable
    public init<Offset: BinaryInteger, Index: BinaryInteger, Number: BinaryFloatingPoint>(
        indptr: [Offset],
        indices: [Index],
        targets: Int,
        weights: [Number]
    ) throws(SparseWeightsFault) {
        guard weights.count == indices.count else {
            throw .counts(sources: indices.count, weights: weights.count)
        }
        try self.init(indptr: indptr, indices: indices, targets: targets) { Double(weights[$0]) }
    }

    /// Number of entries.
    public var count: Int { weights.count }

    /// Number of targets.
    public var targetCount: Int { max(offsets.count - 1, 0) }

    /// The entries of a target, without a check.
    ///
    /// - Parameter target: Index of the neuron.
    /// - Returns: Indices into `sources` and `weights`.
    @inline(__always)
    public func indices(of target: Int) -> Range<Int> { offsets[target]..<offsets[target + 1] }

    /// The entry of a pair, by bisection.
    ///
    /// - Parameters:
    ///   - source: Index of the source neuron.
    ///   - target: Index of the target neuron.
    /// - Returns: Index into `weights`; nil if the pair is not connected.
    public func index(ofSource source: Int, target: Int) -> Int? {
        sources.index(ofSource: source, in: indices(of: target))
    }

    /// The same entries with other weights.
    ///
    /// - Parameter weights: As many as before, in the same order.
    /// - Returns: The weights.
    public func replacing(_ weights: [Double]) -> SparseWeights {
        SparseWeights(offsets: offsets, sources: sources, weights: weights)
    }

    /// The whole matrix, 0 where there is no entry.
    ///
    /// - Parameter sourceCount: Number of source neurons.
    /// - Returns: `[target][source]`, row-major.
    public func dense(sources sourceCount: Int) -> [Double] {
        var matrix = [Double](repeating: 0, count: targetCount * sourceCount)
        for target in 0..<targetCount {
            for k in indices(of: target) {
                matrix[target * sourceCount + Int(sources[k])] = weights[k]
            }
        }
        return matrix
    }

    /// What is wrong with the arrays: everything else about them may be relied on afterwards.
    ///
    /// - Parameters:
    ///   - sourceCount: Number of source neurons.
    ///   - targetCount: Number of target neurons.
    /// - Returns: The first fault, or nil.
    public func fault(sources sourceCount: Int, targets targetCount: Int) -> SparseWeightsFault? {
        do throws(SparseWeightsFault) {
            guard sources.count == weights.count else {
                throw .counts(sources: sources.count, weights: weights.count)
            }
            try SparseWeightsFault.check(
                offsets: offsets,
                entries: sources.count,
                rows: targetCount
            )
            for target in 0..<targetCount {
                var previous = -1
                for k in indices(of: target) {
                    let source = Int(sources[k])
                    guard source >= 0, source < sourceCount else {
                        throw .outOfRange(entry: k, neuron: source, count: sourceCount)
                    }
                    guard source > previous else {
                        throw .notAscending(entry: k, target: target, source: source)
                    }
                    previous = source
                }
            }
            return nil
        } catch {
            return error
        }
    }
}

/// What is wrong with a sparse matrix.
public enum SparseWeightsFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is not one weight an entry.
    case counts(sources: Int, weights: Int)
    /// There are not as many offsets as rows, and one more.
    case offsetCount(count: Int, expected: Int)
    /// An offset is below the one before it, or the first is not 0.
    case offset(index: Int, value: Int)
    /// The last offset is not the number of entries.
    case lastOffset(value: Int, entries: Int)
    /// An entry names a neuron that does not exist.
    case outOfRange(entry: Int, neuron: Int, count: Int)
    /// An entry names a source that is not above that of the entry before it.
    case notAscending(entry: Int, target: Int, source: Int)
    /// There are more source neurons than 32 bits can tell apart.
    case tooManySources(count: Int)

    /// What and where, as the predicate of a sentence about the projection.
    public var description: String {
        switch self {
        case .counts(let sources, let weights): "has \(weights) weights for \(sources) entries"
        case .offsetCount(let count, let expected):
            "has \(count) offsets, which must be \(expected): one a neuron, and the end"
        case .offset(let index, let value):
            index == 0
                ? "has \(value) as its first offset, which must be 0"
                : "has the offset \(value) at \(index), which is below the one before it"
        case .lastOffset(let value, let entries):
            "has \(value) as its last offset, and \(entries) entries"
        case .outOfRange(let entry, let neuron, let count):
            "names neuron \(neuron) of \(count) at entry \(entry)"
        case .notAscending(let entry, let target, let source):
            "names source \(source) of target \(target) at entry \(entry), where it must be above the "
                + "source before it"
        case .tooManySources(let count): "has \(count) sources, more than 2,147,483,647"
        }
    }

    /// Checks that offsets ascend from 0 to the number of entries.
    @inlinable
    static func check<Offset: BinaryInteger>(
        offsets: [Offset],
        entries: Int,
        rows: Int
    ) throws(SparseWeightsFault) {
        guard offsets.count == rows + 1, let last = offsets.last else {
            throw .offsetCount(count: offsets.count, expected: rows + 1)
        }
        var previous: Offset = 0
        for (index, offset) in offsets.enumerated() {
            guard offset >= previous, index > 0 || offset == 0 else {
                throw .offset(index: index, value: Int(clamping: offset))
            }
            previous = offset
        }
        guard last == entries else {
            throw .lastOffset(value: Int(clamping: last), entries: entries)
        }
    }
}

extension [Int32] {
    /// Where a source stands among ascending ones, by bisection.
    ///
    /// - Parameters:
    ///   - source: Index of the source neuron.
    ///   - range: Where to look.
    /// - Returns: Its place; nil if it is not there.
    package func index(ofSource source: Int, in range: Range<Int>) -> Int? {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if Int(self[middle]) < source { low = middle + 1 } else { high = middle }
        }
        return low < range.upperBound && Int(self[low]) == source ? low : nil
    }
}
