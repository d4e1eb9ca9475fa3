/// The distance of Victor and Purpura between spike trains in steps, in windows.
///
/// The least cost of making one train of the other: 1 for a spike that goes or comes, `costPerStep` for each
/// step that one is moved. Source: Victor and Purpura, J. Neurophysiol. 76, 1996.
package enum SpikeDistance {
    /// Cost of moving a spike by a step: spikes 8 steps apart are two spikes.
    package static let costPerStep = 0.25

    /// The distance of two trains, window by window.
    ///
    /// - Parameters:
    ///   - a: Steps of the spikes of one, ascending.
    ///   - b: Steps of the other.
    ///   - window: Steps of a window; spikes do not move between windows.
    /// - Returns: Sum over windows.
    package static func between(_ a: [Int], _ b: [Int], window: Int) -> Double {
        var sum = 0.0
        var (i, j) = (0, 0)
        while i < a.count || j < b.count {
            let first = min(i < a.count ? a[i] : .max, j < b.count ? b[j] : .max)
            let end = (first / window + 1) * window
            let (startOfA, startOfB) = (i, j)
            while i < a.count, a[i] < end { i += 1 }
            while j < b.count, b[j] < end { j += 1 }
            sum += distance(a[startOfA..<i], b[startOfB..<j])
        }
        return sum
    }

    private static func distance(_ a: ArraySlice<Int>, _ b: ArraySlice<Int>) -> Double {
        if a.elementsEqual(b) { return 0 }
        var row = (0...b.count).map(Double.init)
        for (index, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = Double(index + 1)
            for (column, y) in b.enumerated() {
                let moved = diagonal + costPerStep * Double(x > y ? x - y : y - x)
                diagonal = row[column + 1]
                row[column + 1] = min(moved, min(row[column], row[column + 1]) + 1)
            }
        }
        return row[b.count]
    }
}
