/// Predicts the next inter-spike interval of a train from those before.
struct IntervalPredictor {
    /// Whether the prediction is a running mean; else it is the last interval.
    private let isMean: Bool
    /// The mean, in 1/256 steps.
    private var mean: Int64
    private var seen = 1
    /// What is predicted.
    private(set) var next: Int64

    /// Shares of the newest interval, in 1/256: a plain mean of up to eight, then an exponential one.
    private static let shares: InlineArray<9, Int64> = [256, 256, 128, 85, 64, 51, 43, 37, 32]

    /// Starts with the first interval of a train.
    @inline(__always)
    init(first: Int64, isMean: Bool) {
        self.isMean = isMean
        mean = first &<< 8
        next = first
    }

    /// Takes the interval that came.
    @inline(__always)
    mutating func take(_ interval: Int64) {
        guard isMean else {
            next = interval
            return
        }
        seen = min(seen &+ 1, 8)
        // Wrapping: only a damaged batch has intervals of more than 32 bits.
        mean &+= ((interval &<< 8 &- mean) &* Self.shares[seen]) &>> 8
        next = (mean &+ 128) &>> 8
    }
}
