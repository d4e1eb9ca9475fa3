/// The intervals around each instant of a spike train, with the edges of its window corrected.
///
/// What ISI- and SPIKE-distance look at. At the edges of the window a train lacks a spike; one is put
/// where the neighbouring interval would repeat itself, or on the edge if that is farther out or the
/// neighbouring interval does not exist. A train without spikes has one on each edge (the edge
/// correction of PySpike 0.9.0).
struct TrainProfile {
    /// Spikes without repetition, with those beyond or on the edges.
    let corners: [Double]
    /// Distance of each corner to the nearest of the other train's; that of a corner added at an edge
    /// is that of its neighbour.
    private(set) var gaps: [Double] = []
    private let hasFirst: Bool
    private let hasLast: Bool

    init(_ train: SpikeTrain) {
        let (start, end) = (train.window.lowerBound, train.window.upperBound)
        var times: [Double] = []
        for time in train.times where time != times.last { times.append(time) }
        guard let first = times.first, let last = times.last else {
            corners = [start, end]
            (hasFirst, hasLast) = (true, true)
            return
        }
        var corners = times
        hasFirst = first == start
        hasLast = last == end
        if !hasFirst {
            corners.insert(
                times.count > 1 ? min(start, first - (times[1] - first)) : start,
                at: 0
            )
        }
        if !hasLast {
            let before = times[max(0, times.count - 2)]
            corners.append(times.count > 1 ? max(end, last + (last - before)) : end)
        }
        self.corners = corners
    }

    /// Works out the distances to another train's corners.
    mutating func measure(against other: [Double]) {
        var index = 0
        gaps = corners.map { corner in
            while index + 1 < other.count,
                abs(other[index + 1] - corner) <= abs(other[index] - corner)
            {
                index += 1
            }
            return other.isEmpty ? 0 : abs(other[index] - corner)
        }
        if !hasFirst, gaps.count > 1 { gaps[0] = gaps[1] }
        if !hasLast, gaps.count > 1 { gaps[gaps.count - 1] = gaps[gaps.count - 2] }
    }

    /// Length of an interval.
    func interval(_ index: Int) -> Double { corners[index + 1] - corners[index] }

    /// S of an instant in an interval: the gaps of its corners, weighed by how near they are.
    func gap(at time: Double, in index: Int) -> Double {
        let (before, after) = (corners[index], corners[index + 1])
        return (gaps[index] * (after - time) + gaps[index + 1] * (time - before)) / (after - before)
    }

    /// Calls a body with every stretch of a window in which both trains stay within one interval.
    ///
    /// - Parameters:
    ///   - a: One train.
    ///   - b: The other.
    ///   - window: The window of both.
    ///   - body: Receives begin and end of the stretch, and the index of each train's interval.
    static func forEachStretch(
        _ a: TrainProfile,
        _ b: TrainProfile,
        in window: ClosedRange<Double>,
        _ body: (_ from: Double, _ to: Double, _ a: Int, _ b: Int) -> Void
    ) {
        var (i, j) = (0, 0)
        var time = window.lowerBound
        while time < window.upperBound {
            while i + 2 < a.corners.count, a.corners[i + 1] <= time { i += 1 }
            while j + 2 < b.corners.count, b.corners[j + 1] <= time { j += 1 }
            let next = min(a.corners[i + 1], b.corners[j + 1], window.upperBound)
            guard next > time else { return }
            body(time, next, i, j)
            time = next
        }
    }
}

extension SpikeTrain {
    /// ISI-distance: how different the intervals are that the trains are in, averaged over time.
    ///
    /// I(t) = |x₁ − x₂| / max(x₁, x₂), where xₙ(t) is the interval of train n around t. No parameter; it
    /// compares rates and is blind to phase (Kreuz et al., J. Neuroscience Methods 165, 2007).
    ///
    /// - Parameter other: A train of the same window.
    /// - Returns: 0 (equal intervals) to 1.
    public func isiDistance(to other: SpikeTrain) -> Double {
        guard duration > 0 else { return 0 }
        let (a, b) = (TrainProfile(self), TrainProfile(other))
        var sum = 0.0
        TrainProfile.forEachStretch(a, b, in: window) { from, to, i, j in
            let (x, y) = (a.interval(i), b.interval(j))
            sum += abs(x - y) / max(x, y) * (to - from)
        }
        return sum / duration
    }

    /// SPIKE-distance: how far the spikes around each instant are from the other train's, over time.
    ///
    /// S(t) = (S₁ x₂ + S₂ x₁) / (2 x̄²), where Sₙ is the distance of the two spikes around t to the
    /// nearest of the other train, weighed by how near they are, and x̄ the mean of the intervals x₁ and
    /// x₂. No parameter (Kreuz et al., J. Neurophysiology 109, 2013, eqs. 13–19). S is linear between
    /// spikes, so the average is exact.
    ///
    /// - Parameter other: A train of the same window.
    /// - Returns: 0 (equal trains) to 1.
    public func spikeDistance(to other: SpikeTrain) -> Double {
        guard duration > 0 else { return 0 }
        var (a, b) = (TrainProfile(self), TrainProfile(other))
        let corners = a.corners
        a.measure(against: b.corners)
        b.measure(against: corners)
        var sum = 0.0
        TrainProfile.forEachStretch(a, b, in: window) { from, to, i, j in
            let (x, y) = (a.interval(i), b.interval(j))
            func weighed(_ time: Double) -> Double {
                a.gap(at: time, in: i) * y + b.gap(at: time, in: j) * x
            }
            let mean = (x + y) / 2
            sum += (weighed(from) + weighed(to)) / 2 / (2 * mean * mean) * (to - from)
        }
        return sum / duration
    }
}
