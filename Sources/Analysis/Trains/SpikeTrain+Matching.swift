extension SpikeTrain {
    /// Spikes of two trains that have no partner in the other.
    public struct Unmatched: Sendable, Hashable {
        /// Those of the first train.
        public var missing: [Double] = []
        /// Those of the second.
        public var extra: [Double] = []

        /// The first of all; nil if every spike has a partner.
        public var first: Double? { [missing.first, extra.first].compactMap(\.self).min() }
    }

    /// Pairs spikes in the order of time, each with one of the other train at most.
    ///
    /// - Parameters:
    ///   - model: The train that is judged.
    ///   - tolerance: Longest distance of a pair.
    /// - Returns: What is left over.
    public func unmatched(with model: SpikeTrain, tolerance: Double) -> Unmatched {
        var result = Unmatched()
        var (i, j) = (0, 0)
        while i < count || j < model.count {
            let left = i < count ? times[i] : .infinity
            let right = j < model.count ? model.times[j] : .infinity
            if abs(left - right) <= tolerance {
                i += 1
                j += 1
            } else if left < right {
                result.missing.append(left)
                i += 1
            } else {
                result.extra.append(right)
                j += 1
            }
        }
        return result
    }
}
