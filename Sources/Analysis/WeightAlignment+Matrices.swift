extension WeightAlignment {
    /// Compares the matrices of two layers.
    ///
    /// Nil if the sizes do not fit, there are no pairs, or one side is all 0.
    ///
    /// - Parameters:
    ///   - forward: W, `[post][pre]`: upper neurons × lower neurons, row-major.
    ///   - feedback: B, `[post][pre]`: lower neurons × upper neurons, row-major; B[i][j] is the partner
    ///     of W[j][i].
    ///   - lowerCount: Number of lower neurons.
    ///   - upperCount: Number of upper neurons.
    public init?(forward: [Double], feedback: [Double], lowerCount: Int, upperCount: Int) {
        guard
            let transposed = Self.transposed(forward, rows: upperCount, columns: lowerCount)
        else { return nil }
        self.init(forward: transposed, feedback: feedback)
    }

    /// Compares paired weights as the neurons feel them: times the gains of the device.
    ///
    /// - Parameters:
    ///   - forward: Forward weight of each pair.
    ///   - feedback: Feedback weight of each pair.
    ///   - forwardGains: Gain of each forward weight; empty: all 1.
    ///   - feedbackGains: Gain of each feedback weight; empty: all 1.
    /// - Returns: Nil if the lengths differ, there are no pairs, or one side is all 0.
    public static func effective(
        forward: [Double],
        feedback: [Double],
        forwardGains: [Double] = [],
        feedbackGains: [Double] = []
    ) -> WeightAlignment? {
        guard
            let forward = scaled(forward, by: forwardGains),
            let feedback = scaled(feedback, by: feedbackGains)
        else { return nil }
        return WeightAlignment(forward: forward, feedback: feedback)
    }

    /// Compares the matrices of two layers as the neurons feel them: times the gains of the device.
    ///
    /// - Parameters:
    ///   - forward: W, `[post][pre]`, row-major.
    ///   - feedback: B, `[post][pre]`, row-major.
    ///   - forwardGains: In the layout of W; empty: all 1.
    ///   - feedbackGains: In the layout of B; empty: all 1.
    ///   - lowerCount: Number of lower neurons.
    ///   - upperCount: Number of upper neurons.
    /// - Returns: Nil if the sizes do not fit, there are no pairs, or one side is all 0.
    public static func effective(
        forward: [Double],
        feedback: [Double],
        forwardGains: [Double] = [],
        feedbackGains: [Double] = [],
        lowerCount: Int,
        upperCount: Int
    ) -> WeightAlignment? {
        guard
            let forward = scaled(forward, by: forwardGains),
            let feedback = scaled(feedback, by: feedbackGains)
        else { return nil }
        return WeightAlignment(
            forward: forward,
            feedback: feedback,
            lowerCount: lowerCount,
            upperCount: upperCount
        )
    }

    private static func transposed(_ matrix: [Double], rows: Int, columns: Int) -> [Double]? {
        guard rows > 0, columns > 0, rows <= matrix.count, columns == matrix.count / rows,
            rows * columns == matrix.count
        else { return nil }
        return (0..<columns).flatMap { i in (0..<rows).map { matrix[$0 * columns + i] } }
    }

    private static func scaled(_ weights: [Double], by gains: [Double]) -> [Double]? {
        if gains.isEmpty { return weights }
        guard gains.count == weights.count else { return nil }
        return zip(weights, gains).map { $0 * $1 }
    }
}
