/// Predicts the next inter-spike interval of a train from those before.
package struct IntervalPredictor {
    /// Whether the prediction is a running mean; else it is the last interval.
    private let isMean: Bool
    /// The mean, in 1/256 steps.
    package private(set) var mean: Int64
    private var seen = 1
    /// What is predicted.
    package private(set) var next: Int64

    /// Shares of the newest interval, in 1/256: a plain mean of up to eight, then an exponential one.
    private static let shares: InlineArray<9, Int64> = [256, 256, 128, 85, 64, 51, 43, 37, 32]

    /// Starts with the first interval of a train.
    ///
    /// - Parameters:
    ///   - first: The interval.
    ///   - isMean: Whether the prediction is a running mean.
    @inline(__always)
    package init(first: Int64, isMean: Bool) {
        self.isMean = isMean
        mean = first &<< 8
        next = first
    }

    /// Takes the interval that came.
    ///
    /// - Parameter interval: The interval.
    @inline(__always)
    package mutating func take(_ interval: Int64) {
        guard isMean else {
            next = interval
            return
        }
        seen = min(seen &+ 1, 8)
        // Wrapping: only a damaged batch has intervals of more than 32 bits.
        mean &+= ((interval &<< 8 &- mean) &* Self.shares[seen]) &>> 8
        next = (mean &+ 128) &>> 8
    }

    /// Intervals after the first one from which on the share stays as it is.
    package static let settled = 6

    /// Takes an interval when the share is settled, in few dependent operations.
    ///
    /// - Parameters:
    ///   - mean: The mean.
    ///   - difference: By how much the interval differs from the one predicted.
    /// - Returns: The interval, and the mean afterwards: as `take` has it wherever the interval fits
    ///   32 bits.
    @inline(__always)
    package static func settledStep(_ mean: Int64, difference: Int64) -> (
        interval: Int64, mean: Int64
    ) {
        // 256 times the prediction.
        let next = (mean &+ 128) & ~255
        let interval = next &>> 8 &+ difference
        return (interval, mean &+ (next &+ (difference &<< 8 &- mean)) &>> 3)
    }
}
