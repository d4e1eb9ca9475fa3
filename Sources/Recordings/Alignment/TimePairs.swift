/// The times of channels that two recordings share.
struct TimePairs {
    /// Times of each shared channel: of the recording, and of the reference.
    let channels: [(recording: [Double], reference: [Double])]
    /// Seconds from the first spike of the recording to the last.
    let length: Double
    private let middle: Double

    init(_ recording: SpikeTimes, _ reference: SpikeTimes) {
        var channels: [(recording: [Double], reference: [Double])] = []
        var (first, last) = (Double.infinity, -Double.infinity)
        for (key, times) in recording.times.sorted(by: { $0.key < $1.key }) {
            guard let others = reference.times[key], let begin = times.first, let end = times.last
            else { continue }
            first = min(first, begin)
            last = max(last, end)
            channels.append((times, others))
        }
        self.channels = channels
        length = max(0, last - first)
        middle = channels.isEmpty ? 0 : (first + last) / 2
    }

    var isUseful: Bool { !channels.isEmpty }

    /// Times near the middle of the recording, of all channels.
    func recording(within reach: Double) -> [(channel: Int, time: Double)] {
        channels.indices.flatMap { channel in
            channels[channel].recording.filter { abs($0 - middle) <= reach }.map { (channel, $0) }
        }
    }

    /// Pairs of spikes of which the one is near where the other is expected; each in one pair at most.
    ///
    /// - Parameters:
    ///   - window: Largest difference from what is expected, in seconds.
    ///   - reach: Only spikes that near to the middle of the recording.
    ///   - expected: Where the reference should have a spike of the recording.
    /// - Returns: Times of the recording and differences.
    func matches(
        window: Double,
        within reach: Double = .infinity,
        _ expected: (Double) -> Double
    ) -> [LineFit.Match] {
        var matches: [LineFit.Match] = []
        for (times, others) in channels {
            var next = 0
            var taken = -1
            for time in times where abs(time - middle) <= reach {
                let place = expected(time)
                while next + 1 < others.count,
                    abs(others[next + 1] - place) < abs(others[next] - place)
                {
                    next += 1
                }
                if taken == next {
                    // Two spikes want one partner: there may be another, else the nearer one gets it.
                    if next + 1 < others.count, abs(others[next + 1] - place) <= window {
                        next += 1
                    } else {
                        let rest = abs(others[next] - place)
                        if let last = matches.last, rest <= window,
                            rest < abs(last.difference + last.time - expected(last.time))
                        {
                            matches[matches.count - 1] = LineFit.Match(
                                time: time,
                                difference: others[next] - time
                            )
                        }
                        continue
                    }
                }
                guard abs(others[next] - place) <= window else { continue }
                taken = next
                matches.append(LineFit.Match(time: time, difference: others[next] - time))
            }
        }
        return matches
    }

    /// How many spikes have partners, and how many of either side have none although both recordings run.
    ///
    /// As many pairs as there can be: in order of time, the earliest that are near enough.
    func counts(
        window: Double,
        _ expected: (Double) -> Double
    ) -> (matched: Int, recording: Int, reference: Int) {
        let firsts = channels.map { ($0.recording.first ?? 0, $0.reference.first ?? 0) }
        let lasts = channels.map { ($0.recording.last ?? 0, $0.reference.last ?? 0) }
        let begin = max(expected(firsts.map(\.0).min() ?? 0), firsts.map(\.1).min() ?? 0)
        let end = min(expected(lasts.map(\.0).max() ?? 0), lasts.map(\.1).max() ?? 0)
        let both = (begin - window)...max(begin - window, end + window)
        var counts = (matched: 0, recording: 0, reference: 0)
        for (times, others) in channels {
            let places = times.map(expected)
            var (one, other) = (0, 0)
            while one < places.count || other < others.count {
                let place = one < places.count ? places[one] : .infinity
                let there = other < others.count ? others[other] : .infinity
                if abs(place - there) <= window {
                    counts.matched += 1
                    one += 1
                    other += 1
                } else if place < there {
                    counts.recording += both.contains(place) ? 1 : 0
                    one += 1
                } else {
                    counts.reference += both.contains(there) ? 1 : 0
                    other += 1
                }
            }
        }
        return counts
    }
}
