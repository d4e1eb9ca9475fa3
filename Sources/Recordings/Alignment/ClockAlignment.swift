import Glibc

/// How the clock of a recording goes against that of another: reference = offset + (1 + skew) · time.
///
/// The offset comes from the peak of the cross-correlation of binned spikes, channel by channel, refined on
/// ever finer bins; then spikes are matched around the middle of the recording, a line is fitted by least
/// squares with outliers down-weighted (Tukey's biweight, Huber and Ronchetti 2009, ch. 7), and matching and
/// fitting go on over longer parts with narrower windows until both stand still. Spikes that find no partner, although the
/// other recording runs at that time, are losses of the other side.
public struct ClockAlignment: Sendable, Hashable {
    /// Seconds to add at time 0.
    public var offset = 0.0
    /// Standard error of the offset, in seconds.
    public var offsetError = 0.0
    /// Relative difference of the rates of the clocks.
    public var skew = 0.0
    /// Standard error of the skew.
    public var skewError = 0.0
    /// Spikes that found a partner.
    public var matched = 0
    /// Spikes of the recording that the reference lacks, while it runs.
    public var unmatched = 0
    /// Spikes of the reference that the recording lacks, while it runs.
    public var missing = 0
    /// Root mean square of the matched differences after alignment, in seconds.
    public var residual = 0.0

    /// Corrections of stretches, in order of time; none unless the model is `events`.
    public var corrections: [Correction] = []

    /// What the clocks differ by in a stretch of the recording beside offset and skew.
    public struct Correction: Sendable, Hashable {
        /// Middle of the stretch, in seconds of the recording's clock.
        public var time: Double
        /// Seconds to add.
        public var rest: Double
    }

    /// What is estimated.
    public enum Model: String, Sendable, CaseIterable {
        /// An offset; both clocks go at one rate.
        case offset
        /// An offset and a difference of rates.
        case skew
        /// A correction for each stretch of the recording, between matched spikes.
        case events
    }

    /// Share of the reference's spikes that the recording lost, and its standard error.
    public var loss: (share: Double, error: Double) { Self.share(missing, of: matched + missing) }

    /// Share of the recording's spikes that the reference lost, and its standard error.
    public var excess: (share: Double, error: Double) {
        Self.share(unmatched, of: matched + unmatched)
    }

    private static func share(_ count: Int, of all: Int) -> (share: Double, error: Double) {
        guard all > 0 else { return (0, 0) }
        let share = Double(count) / Double(all)
        return (share, (share * (1 - share) / Double(all)).squareRoot())
    }

    /// The time of the reference's clock.
    ///
    /// - Parameter time: Seconds of the recording's clock.
    /// - Returns: Seconds of the reference's clock.
    public func aligned(_ time: Double) -> Double {
        offset + skew * time + time + correction(time)
    }

    /// What is added to a time beside offset and skew: linear between the middles of stretches.
    private func correction(_ time: Double) -> Double {
        guard let first = corrections.first, let last = corrections.last else { return 0 }
        if time <= first.time { return first.rest }
        if time >= last.time { return last.rest }
        var (low, high) = (0, corrections.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if corrections[middle].time <= time { low = middle } else { high = middle }
        }
        let (a, b) = (corrections[low], corrections[high])
        guard b.time > a.time else { return a.rest }
        return a.rest + (b.rest - a.rest) * (time - a.time) / (b.time - a.time)
    }

    /// Fewest matched spikes that an answer stands on.
    package static let fewestMatches = 10

    /// Aligns a recording with a reference.
    ///
    /// - Parameters:
    ///   - recording: Spikes on the clock to correct.
    ///   - reference: The same spikes on the clock that counts.
    ///   - model: What is estimated; `events` starts as `skew`.
    ///   - largestOffset: Largest offset that is looked for, in seconds.
    /// - Throws: `RecordingError.cannotAlign`.
    public init(
        _ recording: SpikeTimes,
        to reference: SpikeTimes,
        model: Model,
        largestOffset: Double = 60
    ) throws {
        let pairs = TimePairs(recording, reference)
        guard pairs.isUseful else {
            throw RecordingError.cannotAlign(
                problem: "they share no channel with spikes",
                advice:
                    "Give recordings of the same neurons, under the same core and neuron numbers."
            )
        }
        let step = max(recording.step, reference.step)
        let search = try OffsetSearch(pairs, step: step, largest: largestOffset)
        let fitsSkew = model != .offset
        var (line, window) = Self.grow(search, pairs, step: step, fitsSkew: fitsSkew)
        for _ in 0..<20 {
            let matches = pairs.matches(window: window, line.expected)
            guard matches.count >= Self.fewestMatches else { break }
            let next = LineFit(matches, around: line, fitsSlope: fitsSkew, scale: step)
            let change =
                abs(next.offset - line.offset) + abs(next.slope - line.slope) * pairs.length
            line = next
            window = max(1.5 * step, min(window, 4 * next.residual + step))
            if change < 1e-4 * step { break }
        }
        if model == .events {
            let start = LineFit(offset: search.offset, slope: 0)
            let track = ClockTrack(pairs, from: start, window: 8 * step)
            if track.points.count >= 2 {
                line = LineFit(track.points, around: line, fitsSlope: true, scale: step)
                corrections = track.points.map {
                    Correction(
                        time: $0.time,
                        rest: $0.difference - line.offset - line.slope * $0.time
                    )
                }
                window = 2 * step
            }
        }
        (offset, skew) = (line.offset, line.slope)
        let matches = pairs.matches(window: window, aligned)
        guard matches.count >= Self.fewestMatches else {
            throw RecordingError.cannotAlign(
                problem: "only \(matches.count) spikes match at the best offset, "
                    + "\(line.offset) s",
                advice: "Are they recordings of the same spikes? The largest offset looked for is "
                    + "\(largestOffset) s."
            )
        }
        let fit = LineFit(matches, around: line, fitsSlope: fitsSkew, scale: step)
        if model != .events { (offset, skew) = (fit.offset, fit.slope) }
        (offsetError, skewError) = (fit.offsetError, fit.slopeError)
        (matched, unmatched, missing) = pairs.counts(window: window, aligned)
        let squares = matches.reduce(0.0) { sum, match in
            let rest = match.time + match.difference - aligned(match.time)
            return sum + rest * rest
        }
        residual = (squares / Double(matches.count)).squareRoot()
    }

    /// Fits on a growing part of the recording around its middle, so that skew never outruns the window.
    ///
    /// - Returns: The line, and the window that its uncertainty asks for.
    private static func grow(
        _ search: OffsetSearch,
        _ pairs: TimePairs,
        step: Double,
        fitsSkew: Bool
    ) -> (LineFit, window: Double) {
        var line = LineFit(offset: search.offset, slope: 0)
        var reach = search.reach
        var window = max(4 * step, largestSkew * reach)
        while true {
            for _ in 0..<4 {
                let matches = pairs.matches(window: window, within: reach, line.expected)
                guard matches.count >= fewestMatches else { break }
                line = LineFit(matches, around: line, fitsSlope: fitsSkew, scale: step)
                window = max(1.5 * step, min(window, 4 * line.residual + step))
            }
            if reach >= pairs.length { return (line, window) }
            reach *= 2
            window += 4 * line.slopeError * reach
        }
    }

    /// Difference of rates that the first window has room for.
    private static let largestSkew = 1e-3
}
