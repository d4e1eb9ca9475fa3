/// What a rate network cannot be asked.
public enum RateNetworkError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A number of the plan or of a data set is outside its range.
    case outOfRange(name: String, value: String, limit: String)
    /// Arrays that belong together differ in length.
    case lengthMismatch(name: String, count: Int, expected: Int)
    /// A label is no class; the first such sample and the number of them.
    case badLabel(sample: Int, value: Int, classCount: Int, offenders: Int)
    /// An input is not finite; the first such sample.
    case notFinite(sample: Int)
    /// Data sets that belong together have different shapes.
    case unequalShapes(first: String, second: String)

    /// Where, what, the limit and what to do.
    public var description: String {
        switch self {
        case .outOfRange(let name, let value, let limit):
            """
            \(name) is \(value). It must be \(limit).
            Change the plan of the run.
            """
        case .lengthMismatch(let name, let count, let expected):
            """
            \(name) has \(count) values. It must have \(expected).
            Give matrices row by row, and one label a sample.
            """
        case .badLabel(let sample, let value, let classCount, let offenders):
            """
            Sample \(sample) has label \(value). It must lie in 0..<\(classCount) (\(offenders) in all do not).
            Check the labels, or raise the number of classes.
            """
        case .notFinite(let sample):
            """
            Sample \(sample) has an input that is not finite. Inputs must be numbers.
            Check the data.
            """
        case .unequalShapes(let first, let second):
            """
            One data set has \(first), another \(second). All parts of a split must have one shape.
            Make the parts from one data set.
            """
        }
    }
}
