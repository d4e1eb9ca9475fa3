/// Brings entries that come source by source into order by target.
///
/// They come twice: to be counted, then to be placed. So nothing is held but the result, 8 or 12 bytes an
/// entry, and one number a target.
public struct SparseWeightsBuilder<Weight: WeightPrecision> {
    @usableFromInline let sourceCount: Int
    @usableFromInline let targetCount: Int
    /// Entries of target t at t + 1; once there is room, where the next entry of t goes, at t.
    @usableFromInline var offsets: [Int]
    @usableFromInline var sources: [Int32] = []
    @usableFromInline var weights: [Weight] = []
    @usableFromInline var counted = 0
    @usableFromInline var placed = 0

    /// Begins to count.
    ///
    /// - Parameters:
    ///   - sources: Number of source neurons.
    ///   - targets: Number of target neurons.
    /// - Throws: `SparseWeightsFault` if there are more sources than can be told apart.
    @inlinable
    public init(sources: Int, targets: Int) throws(SparseWeightsFault) {
        guard sources <= Int(Int32.max) else { throw .tooManySources(count: sources) }
        sourceCount = sources
        targetCount = targets
        offsets = [Int](repeating: 0, count: targets + 1)
    }

    /// Number of entries that were counted.
    @inlinable public var count: Int { counted }

    /// Counts an entry.
    ///
    /// - Parameter target: Index of the target neuron.
    /// - Throws: `SparseWeightsFault` if there is no such neuron.
    @inlinable
    public mutating func count(target: Int) throws(SparseWeightsFault) {
        guard target >= 0, target < targetCount else {
            throw .outOfRange(entry: counted, neuron: target, count: targetCount)
        }
        offsets[target + 1] += 1
        counted += 1
    }

    /// Makes room for the entries that were counted.
    @inlinable
    public mutating func allocate() {
        for target in 0..<targetCount { offsets[target + 1] += offsets[target] }
        sources = [Int32](repeating: 0, count: counted)
        weights = [Weight](repeating: 0, count: counted)
    }

    /// Places an entry.
    ///
    /// - Parameters:
    ///   - source: Index of the source neuron, not below that of the entry before.
    ///   - target: Index of the target neuron.
    ///   - weight: Weight.
    /// - Throws: `SparseWeightsFault` if there is no such neuron, or no room since the entry was not counted.
    @inlinable
    public mutating func place(
        source: Int,
        target: Int,
        weight: Weight
    ) throws(SparseWeightsFault) {
        guard target >= 0, target < targetCount, offsets[target] < counted else {
            throw .outOfRange(entry: placed, neuron: target, count: targetCount)
        }
        let place = offsets[target]
        sources[place] = Int32(truncatingIfNeeded: source)
        weights[place] = weight
        offsets[target] = place + 1
        placed += 1
    }

    /// The weights, when all entries are in their places.
    ///
    /// - Returns: The weights.
    /// - Throws: `SparseWeightsFault`, also where a source has two entries for one target.
    @inlinable
    public consuming func finished() throws(SparseWeightsFault) -> SparseWeights {
        guard placed == counted else { throw .counts(sources: counted, weights: placed) }
        // offsets[t] is where t + 1 began.
        for target in (0..<targetCount).reversed() { offsets[target + 1] = offsets[target] }
        offsets[0] = 0
        let result = SparseWeights(
            offsets: offsets,
            sources: sources,
            values: Weight.values(weights)
        )
        if let fault = result.fault(sources: sourceCount, targets: targetCount) { throw fault }
        return result
    }
}
