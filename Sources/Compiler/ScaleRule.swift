/// Which weight of a projection reaches the rail of the weight format.
public enum ScaleRule: Sendable, Hashable, CustomStringConvertible {
    /// The largest: no weight is clipped.
    case max
    /// The weight at this percentile of magnitudes, above 0 and up to 100; larger ones are clipped.
    case percentile(Double)

    /// The percentile that is taken where none is given.
    public static let standardPercentile = 99.9

    /// Reads what `--scale` takes.
    ///
    /// - Parameter text: `max`, `percentile` or `percentile=P` with P above 0, up to 100.
    public init?(_ text: String) {
        let sides = text.split(separator: "=", omittingEmptySubsequences: false)
        switch (sides[0], sides.count) {
        case ("max", 1): self = .max
        case ("percentile", 1): self = .percentile(Self.standardPercentile)
        case ("percentile", 2):
            guard let percentile = Double(sides[1]), percentile > 0, percentile <= 100 else {
                return nil
            }
            self = .percentile(percentile)
        default: return nil
        }
    }

    /// As given to `--scale`.
    public var description: String {
        switch self {
        case .max: "max"
        case .percentile(let percentile): "percentile=\(percentile)"
        }
    }

    /// The percentile; 100 for the largest.
    var percentile: Double {
        switch self {
        case .max: 100
        case .percentile(let percentile): percentile
        }
    }
}
