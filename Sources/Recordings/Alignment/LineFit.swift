import Glibc

/// A line through differences of two clocks: difference = offset + slope · time.
struct LineFit {
    var offset: Double
    var slope: Double
    var offsetError = 0.0
    var slopeError = 0.0
    /// Root mean square of the differences that count.
    var residual = 0.0

    /// Time on one clock, and what the other shows more.
    struct Match {
        var time: Double
        var difference: Double
    }

    /// The other clock's time.
    func expected(_ time: Double) -> Double { offset + slope * time + time }

    init(offset: Double, slope: Double) {
        self.offset = offset
        self.slope = slope
    }

    /// Fits matches by least squares, outliers down-weighted.
    ///
    /// - Parameters:
    ///   - matches: At least two.
    ///   - line: Where to start.
    ///   - fitsSlope: Whether the slope is fitted, or kept.
    ///   - scale: Length of a time step, below which differences mean nothing.
    init(_ matches: [Match], around line: LineFit, fitsSlope: Bool, scale: Double) {
        self = line
        for _ in 0..<6 {
            var deviations = matches.map { abs($0.difference - offset - slope * $0.time) }
            deviations.sort()
            // The median of |x| of a normal distribution is 0.6745 standard deviations.
            let spread = max(deviations[deviations.count / 2] / 0.6745, 0.3 * scale)
            let limit = 4.685 * spread
            var (weight, meanTime, meanDifference) = (0.0, 0.0, 0.0)
            var weights: [Double] = []
            weights.reserveCapacity(matches.count)
            for match in matches {
                let ratio = (match.difference - offset - slope * match.time) / limit
                let kept = abs(ratio) < 1 ? (1 - ratio * ratio) * (1 - ratio * ratio) : 0
                weights.append(kept)
                weight += kept
                meanTime += kept * match.time
                meanDifference += kept * match.difference
            }
            guard weight > 0 else { return }
            meanTime /= weight
            meanDifference /= weight
            var (variance, covariance) = (0.0, 0.0)
            for (match, kept) in zip(matches, weights) {
                let time = match.time - meanTime
                variance += kept * time * time
                covariance += kept * time * (match.difference - meanDifference)
            }
            let newSlope = fitsSlope && variance > 0 ? covariance / variance : slope
            let newOffset = meanDifference - newSlope * meanTime
            let change = abs(newOffset - offset) + abs(newSlope - slope) * abs(meanTime)
            (offset, slope) = (newOffset, newSlope)
            var squares = 0.0
            for (match, kept) in zip(matches, weights) {
                let rest = match.difference - offset - slope * match.time
                squares += kept * rest * rest
            }
            let degrees = max(1, weight - (fitsSlope ? 2 : 1))
            // A difference is never known better than a step, even if all of them agree.
            let noise = max(squares / degrees, scale * scale / 12)
            residual = (squares / weight).squareRoot()
            slopeError = fitsSlope && variance > 0 ? (noise / variance).squareRoot() : 0
            offsetError =
                (noise / weight + slopeError * slopeError * meanTime * meanTime).squareRoot()
            if change < 1e-6 * scale { return }
        }
    }
}
