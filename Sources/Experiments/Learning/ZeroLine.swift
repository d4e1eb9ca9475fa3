/// Where two weights x and y do not drift: a straight line x − y = offset, fitted to measured drifts.
package struct ZeroLine: Sendable, Equatable {
    /// x − y on the line.
    package let offset: Double
    /// Half the width of the 95 % interval of the offset, from what the fit leaves.
    package let halfWidth: Double
    /// Drift for each unit of x − y beside the line.
    package let slope: Double

    /// Fits drift = slope · (x − y − offset); nil with fewer than four points, or if no slope shows.
    ///
    /// - Parameters:
    ///   - gaps: x − y of each point.
    ///   - drifts: Drift at each point.
    package init?(gaps: [Double], drifts: [Double]) {
        let count = Double(gaps.count)
        guard gaps.count >= 4, gaps.count == drifts.count else { return nil }
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
        let variance =
            left / (count - 2) / (slope * slope)
            * (1 / count + (offset - gap) * (offset - gap) / spread)
        self.offset = offset
        self.slope = slope
        halfWidth = TrainingReport.studentT(gaps.count - 2) * variance.squareRoot()
    }
}
