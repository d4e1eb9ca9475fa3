extension SpikeTrain {
    /// Victor–Purpura distance: the price of the cheapest edits that make one train of the other.
    ///
    /// Adding or deleting a spike costs 1, moving it by Δt costs q |Δt|. So q = 0 compares counts, and
    /// for large q every spike that does not coincide costs 1; two spikes belong together within 2/q
    /// (Victor and Purpura, J. Neurophysiology 76, 1996). Dynamic programming over prefixes, one row
    /// kept: n · m steps, memory of the shorter train.
    ///
    /// - Parameters:
    ///   - other: The other train.
    ///   - cost: q ≥ 0 a unit of time.
    /// - Returns: At least |n − m|, at most n + m.
    public func victorPurpuraDistance(to other: SpikeTrain, cost: Double) -> Double {
        let (long, short) = count >= other.count ? (times, other.times) : (other.times, times)
        var row = (0...short.count).map(Double.init)
        for (index, time) in long.enumerated() {
            var diagonal = row[0]
            row[0] = Double(index + 1)
            for column in 0..<short.count {
                let moved = diagonal + cost * abs(time - short[column])
                diagonal = row[column + 1]
                row[column + 1] = min(moved, min(diagonal, row[column]) + 1)
            }
        }
        return row[short.count]
    }
}
