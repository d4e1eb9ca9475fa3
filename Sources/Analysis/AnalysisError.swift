/// What an analysis cannot be asked.
public enum AnalysisError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A number is outside the range in which the analysis is exact.
    case outOfRange(name: String, value: Int, limit: ClosedRange<Int>, advice: String)
    /// A number is not finite, or not a probability.
    case invalidNumber(name: String, value: String, limit: String)
    /// Arrays that belong together differ in length.
    case lengthMismatch(name: String, count: Int, expected: Int)
    /// A chain has not come to rest.
    case noConvergence(steps: Int, change: Double)

    /// Where, what, the limit and what to do.
    public var description: String {
        switch self {
        case .outOfRange(let name, let value, let limit, let advice):
            """
            \(name) is \(value). It must lie in \(limit.lowerBound)...\(limit.upperBound).
            \(advice)
            """
        case .invalidNumber(let name, let value, let limit):
            """
            \(name) is \(value). It must be \(limit).
            Check the weights and biases, or the table, that it was made from.
            """
        case .lengthMismatch(let name, let count, let expected):
            """
            \(name) has \(count) values. It must have \(expected).
            Give a matrix row by row, and one bias a neuron.
            """
        case .noConvergence(let steps, let change):
            """
            The distribution over states still changed by \(change) in \(steps) steps of the chain.
            It must settle: lower the weights, or keep spike probabilities off 0 and 1.
            """
        }
    }
}
