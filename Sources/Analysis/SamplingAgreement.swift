import Foundation

/// Whether sampled frequencies of states agree with known probabilities, within sampling error.
///
/// For a long run of N steps the vector of frequencies is normal around p with covariance Γ/N
/// (central limit theorem for Markov chains; Γ see `SamplingChain.frequencyCovariance`). Γ has rank
/// d = 2ⁿ − 1, for frequencies sum to 1; without the last state it is regular, and
/// X² = N (p̂ − p)ᵀ Γ⁻¹ (p̂ − p) is χ² with d degrees of freedom. For independent samples it is Pearson's X².
/// Γ is that of the exact chain, not estimated from the sample: the false-alarm rate of
/// "reject if tail < α" is α up to the normal approximation (N over 1000 correlation times is ample).
public struct SamplingAgreement: Sendable, Equatable {
    /// X².
    public let statistic: Double
    /// Degrees of freedom: states less 1.
    public let degreesOfFreedom: Int
    /// Probability that a sample of the exact chain deviates at least as much.
    public let tail: Double
    /// Independent samples the run is worth, for each state.
    public let effectiveSampleSizes: [Double]
    /// Deviation of each frequency in its standard errors.
    public let deviations: [Double]

    /// Compares counts with probabilities.
    ///
    /// - Parameters:
    ///   - counts: Number of steps in each state.
    ///   - p: Probability of each state, all above 0.
    ///   - covariance: Γ, row-major.
    /// - Throws: `AnalysisError` if the lengths do not fit, there are no steps, or Γ is singular.
    public init(counts: [Int], probabilities p: [Double], covariance: [Double]) throws {
        let n = p.count
        guard counts.count == n else {
            throw AnalysisError.lengthMismatch(
                name: "The list of counts",
                count: counts.count,
                expected: n
            )
        }
        guard covariance.count == n * n else {
            throw AnalysisError.lengthMismatch(
                name: "The covariance matrix",
                count: covariance.count,
                expected: n * n
            )
        }
        let steps = counts.reduce(0.0) { $0 + Double($1) }
        guard steps > 0, steps.isFinite else {
            throw AnalysisError.invalidNumber(
                name: "The number of sampled steps",
                value: "\(steps)",
                limit: "positive"
            )
        }
        let difference = zip(counts, p).map { Double($0) / steps - $1 }
        let d = n - 1
        var rows = (0..<d).map { a in (0..<d).map { covariance[a * n + $0] } }
        var solution = Array(difference.prefix(d))
        guard solveSymmetric(&rows, &solution) else {
            throw AnalysisError.invalidNumber(
                name: "The covariance of the frequencies",
                value: "singular",
                limit: "positive definite without its last state"
            )
        }
        statistic = steps * zip(solution, difference).reduce(0) { $0 + $1.0 * $1.1 }
        degreesOfFreedom = d
        tail = chiSquaredTail(statistic, degreesOfFreedom: d)
        effectiveSampleSizes = (0..<n).map { steps * p[$0] * (1 - p[$0]) / covariance[$0 * n + $0] }
        deviations = (0..<n).map { difference[$0] / (covariance[$0 * n + $0] / steps).squareRoot() }
    }
}

/// Solves A x = b for a symmetric positive definite A by elimination (no pivoting needed).
private func solveSymmetric(_ a: inout [[Double]], _ b: inout [Double]) -> Bool {
    let n = b.count
    for k in 0..<n {
        guard a[k][k] > 1e-300 else { return false }
        for i in k + 1..<max(n, k + 1) {
            let factor = a[i][k] / a[k][k]
            for j in k..<n { a[i][j] -= factor * a[k][j] }
            b[i] -= factor * b[k]
        }
    }
    for k in (0..<n).reversed() {
        for j in k + 1..<max(n, k + 1) { b[k] -= a[k][j] * b[j] }
        b[k] /= a[k][k]
    }
    return true
}

/// Probability that a χ² variable exceeds a value.
///
/// Abramowitz and Stegun, 26.4.4 (odd) and 26.4.5 (even degrees of freedom): finite sums.
///
/// - Parameters:
///   - x: The value.
///   - degrees: 1 or more.
/// - Returns: 1 for x ≤ 0.
package func chiSquaredTail(_ x: Double, degreesOfFreedom degrees: Int) -> Double {
    guard x > 0 else { return 1 }
    var (term, sum) = degrees % 2 == 0 ? (1.0, 1.0) : (0.0, 0.0)
    var k = degrees % 2 == 0 ? 2.0 : 1.0
    if degrees % 2 == 1, degrees > 1 {
        term = (2 * x / Double.pi).squareRoot()
        sum = term
        k = 3
    }
    while k < Double(degrees) {
        term *= x / k
        sum += term
        k += 2
    }
    let density = exp(-x / 2) * sum
    return min(1, degrees % 2 == 0 ? density : erfc((x / 2).squareRoot()) + density)
}
