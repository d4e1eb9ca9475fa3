import FixedPoint

/// How much wider than the posterior an interval must be, since the model is not quite right.
///
/// What a fit does not know, such as charge of lost spikes, stays in a membrane for many steps, while the
/// likelihood counts steps as independent given the past. The variance of an estimate is then
/// V = Σ (J + P) Σ (the sandwich of Huber, Proc. 5th Berkeley Symp. 1, 1967, and White, Econometrica 50, 1982):
/// Σ the covariance of the posterior, P the precision of the prior, and J the covariance of the scores, summed over
/// blocks of steps that are longer than the membrane remembers. In a model that is right J + P is Σ⁻¹, and V is Σ.
package struct Sandwich: Sendable {
    /// Factors on standard deviations, at least 1, by parameter.
    package let widths: [Double]

    /// Compares block scores with a posterior.
    ///
    /// - Parameters:
    ///   - points: Draws from the posterior, `[draw][parameter]`.
    ///   - precisions: Of the prior, `[parameter]`.
    ///   - blocks: Log-likelihoods of the blocks at a point.
    package init(_ points: [[Double]], precisions: [Double], blocks: ([Double]) -> [Double]) {
        let mean = DeviceFit.mean(points)
        let count = mean.count
        var covariance = [[Double]](repeating: .init(repeating: 0, count: count), count: count)
        for row in 0..<count {
            for column in 0..<count {
                covariance[row][column] =
                    points.reduce(0) { $0 + ($1[row] - mean[row]) * ($1[column] - mean[column]) }
                    / Double(points.count)
            }
        }
        // Scores by differences over a standard deviation on either side: decays have steps.
        let scores = (0..<count).map { index -> [Double] in
            let shift = max(covariance[index][index].squareRoot(), 1e-4)
            var (below, above) = (mean, mean)
            below[index] -= shift
            above[index] += shift
            return zip(blocks(above), blocks(below)).map { ($0 - $1) / (2 * shift) }
        }
        let number = Double(scores.first?.count ?? 0)
        guard number >= 10 else {
            widths = .init(repeating: 1, count: count)
            return
        }
        let means = scores.map { $0.reduce(0, +) / number }
        var middle = covariance
        for row in 0..<count {
            for column in 0..<count {
                var sum = 0.0
                for (a, b) in zip(scores[row], scores[column]) {
                    sum += (a - means[row]) * (b - means[column])
                }
                middle[row][column] = sum * number / (number - 1)
            }
            middle[row][row] += precisions[row]
        }
        widths = (0..<count).map { index in
            var variance = 0.0
            for row in 0..<count {
                for column in 0..<count {
                    variance +=
                        covariance[index][row] * middle[row][column] * covariance[column][index]
                }
            }
            let ratio = variance / max(covariance[index][index], 1e-12)
            return max(1, ratio).squareRoot()
                * Self.walkWidth(points.map { $0[index] - mean[index] })
        }
    }

    /// Factor on the standard deviation of draws that hang together.
    ///
    /// With the autocorrelations ρ they are worth n / (1 + 2 Σ ρ) independent ones: their mean is off by so much,
    /// and their variance is too small by so much.
    private static func walkWidth(_ differences: [Double]) -> Double {
        let square = differences.reduce(0) { $0 + $1 * $1 }
        guard square > 0 else { return 1 }
        var time = 1.0
        for lag in 1..<max(2, differences.count / 4) {
            let product = zip(differences, differences.dropFirst(lag)).reduce(0) {
                $0 + $1.0 * $1.1
            }
            guard product > 0.05 * square else { break }
            time += 2 * product / square
        }
        let share = min(0.25, time / Double(differences.count))
        return ((1 + share) / (1 - share)).squareRoot()
    }
}
