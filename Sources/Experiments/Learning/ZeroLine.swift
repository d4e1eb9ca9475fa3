/// Where two weights x and y do not drift: a straight line x − y = offset, fitted to measured drifts.
package struct ZeroLine: Sendable, Equatable {
    /// x − y on the line.
    package let offset: Double
    /// Half the width of the 95 % interval of the offset.
    ///
    /// The larger of two: what the fit leaves, and what the changes between looks say of the drift of all
    /// points together. Runs of one seed share the chip's random numbers, and with them an error that no
    /// fit sees.
    package let halfWidth: Double
    /// Drift for each unit of x − y beside the line.
    package let slope: Double

    /// Fits drift = slope · (x − y − offset); nil with fewer than four points, or if no slope shows.
    ///
    /// - Parameters:
    ///   - gaps: x − y of each point.
    ///   - changes: Drift between looks, `[point][interval]`; the drift of a point is their sum.
    package init?(gaps: [Double], changes: [[Double]]) {
        let count = Double(gaps.count)
        guard gaps.count >= 4, gaps.count == changes.count else { return nil }
        let drifts = changes.map { $0.reduce(0, +) }
        let (gap, drift) = (gaps.reduce(0, +) / count, drifts.reduce(0, +) / count)
        let spread = gaps.reduce(0) { $0 + ($1 - gap) * ($1 - gap) }
        let product = zip(gaps, drifts).reduce(0) { $0 + ($1.0 - gap) * ($1.1 - drift) }
        guard spread > 0, product != 0 else { return nil }
        let slope = product / spread
        let offset = gap - drift / slope
        let left = zip(gaps, drifts).reduce(0) { sum, point in
            let rest = point.1 - slope * (point.0 - offset)
            return sum + rest * rest
        }
        let ofFit =
            left / (count - 2) / (slope * slope)
            * (1 / count + (offset - gap) * (offset - gap) / spread)
        let intervals = changes.map(\.count).min() ?? 0
        let inCommon = (0..<intervals).reduce(0) { sum, interval in
            let mean = changes.reduce(0) { $0 + $1[interval] } / count
            let rest = mean - drift / Double(intervals)
            return sum + rest * rest
        }
        let ofLooks =
            intervals > 1 ? inCommon * Double(intervals) / Double(intervals - 1) : 0
        self.offset = offset
        self.slope = slope
        halfWidth = max(
            TrainingReport.studentT(gaps.count - 2) * ofFit.squareRoot(),
            TrainingReport.studentT(intervals - 1) * ofLooks.squareRoot() / slope.magnitude
        )
    }
}
