/// Spike times of one neuron within a window of observation.
///
/// Times have any unit, steps or milliseconds: distances with a time constant or a cost take it in
/// the same unit. `docs/METRICS.md` gives each formula with its source.
public struct SpikeTrain: Sendable, Hashable {
    /// Times, ascending.
    public let times: [Double]
    /// First and last instant of the observation.
    public let window: ClosedRange<Double>

    /// Collects the spikes of a neuron.
    ///
    /// - Parameters:
    ///   - times: In any order; those outside the window, and those that are not finite, are left out.
    ///   - window: First and last instant of the observation, finite.
    public init(_ times: some Sequence<Double>, in window: ClosedRange<Double>) {
        self.times = times.filter(window.contains).sorted()
        self.window = window
    }

    /// Length of the observation.
    public var duration: Double { window.upperBound - window.lowerBound }

    /// Number of spikes.
    public var count: Int { times.count }

    /// Spikes a unit of time; 0 for a window without length.
    public var rate: Double { duration > 0 ? Double(count) / duration : 0 }

    /// Intervals between spikes, in order; one fewer than spikes.
    public var intervals: [Double] { zip(times.dropFirst(), times).map { $0 - $1 } }

    /// Coefficient of variation of the intervals between spikes.
    ///
    /// Standard deviation over mean, the deviation with the number of intervals as divisor: 0 for a
    /// clock, about 1 for a Poisson process. Nil below two intervals, or where all are 0.
    public var variation: Double? {
        let intervals = intervals
        guard intervals.count >= 2 else { return nil }
        let mean = intervals.reduce(0, +) / Double(intervals.count)
        guard mean > 0 else { return nil }
        let squares = intervals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(intervals.count)).squareRoot() / mean
    }

    /// Local variation of the intervals between spikes.
    ///
    /// LV = 3 ⟨((I₂ − I₁) / (I₂ + I₁))²⟩ over neighbouring intervals: 0 for a clock, 1 on average for a
    /// Poisson process, and unlike `variation` blind to slow changes of the rate (Shinomoto et al.,
    /// Neural Computation 15, 2003). Nil below two intervals; a pair of intervals of length 0 counts 0.
    public var localVariation: Double? {
        let intervals = intervals
        guard intervals.count >= 2 else { return nil }
        var sum = 0.0
        for (first, second) in zip(intervals, intervals.dropFirst()) where first + second > 0 {
            let contrast = (second - first) / (second + first)
            sum += contrast * contrast
        }
        return 3 * sum / Double(intervals.count - 1)
    }

    /// How far the rate of another train is from this one's, as a share of this one's.
    ///
    /// - Parameter other: The train that is judged, over its own window.
    /// - Returns: (r₂ − r₁) / r₁; 0 if both are silent, +∞ if only this one is.
    public func relativeRateError(of other: SpikeTrain) -> Double {
        if rate == other.rate { return 0 }
        return rate > 0 ? (other.rate - rate) / rate : .infinity
    }
}
