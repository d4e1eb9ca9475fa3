/// Follows a clock that wanders: stretch by stretch from the middle of a recording outwards.
///
/// A stretch is some number of spikes after each other, of all channels. Its correction is the median of the
/// differences that match where the stretch before it leads to expect them.
struct ClockTrack {
    /// Middles of the stretches and what the reference shows more there, in order of time.
    private(set) var points: [LineFit.Match] = []

    private static let stretch = 64
    private static let fewest = 8

    /// Follows the clock.
    ///
    /// - Parameters:
    ///   - pairs: The recordings.
    ///   - start: What holds in the middle.
    ///   - window: Largest step from one stretch to the next, in seconds.
    init(_ pairs: TimePairs, from start: LineFit, window: Double) {
        let spikes = pairs.recording(within: .infinity).sorted { $0.time < $1.time }
        let stretches = stride(from: 0, to: spikes.count, by: Self.stretch).map {
            spikes[$0..<min($0 + Self.stretch, spikes.count)]
        }
        let middle = stretches.count / 2
        var before: [LineFit.Match] = []
        follow(stretches[..<middle].reversed(), pairs, start, window, &before)
        follow(stretches[middle...], pairs, start, window, &points)
        points = before.reversed() + points
    }

    private func follow(
        _ stretches: some Sequence<ArraySlice<(channel: Int, time: Double)>>,
        _ pairs: TimePairs,
        _ start: LineFit,
        _ window: Double,
        _ points: inout [LineFit.Match]
    ) {
        for stretch in stretches {
            let difference = points.last?.difference
            var found: [Double] = []
            var sum = 0.0
            for (channel, time) in stretch {
                let place = difference.map { time + $0 } ?? start.expected(time)
                let others = pairs.channels[channel].reference
                var (low, high) = (0, others.count)
                while low < high {
                    let middle = (low + high) / 2
                    if others[middle] < place { low = middle + 1 } else { high = middle }
                }
                let candidates = [low - 1, low].filter(others.indices.contains)
                let nearest = candidates.min { abs(others[$0] - place) < abs(others[$1] - place) }
                guard let nearest, abs(others[nearest] - place) <= window else { continue }
                found.append(others[nearest] - time)
                sum += time
            }
            guard found.count >= Self.fewest else { continue }
            found.sort()
            points.append(
                LineFit.Match(
                    time: sum / Double(found.count),
                    difference: found[found.count / 2]
                )
            )
        }
    }
}
