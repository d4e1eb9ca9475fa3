/// A measured or computed quantity that may be unknown in part or as a whole.
public struct Quantity: Sendable, Equatable, CustomStringConvertible {
    /// In the unit without prefix; nil if nothing is known.
    public var value: Double?
    /// For example `J` or `s`.
    public var unit: String
    /// Whether an unknown part is missing from the value.
    public var isLowerBound: Bool

    /// States a quantity.
    ///
    /// - Parameters:
    ///   - value: In the unit without prefix; nil if nothing is known.
    ///   - unit: For example `J` or `s`.
    ///   - isLowerBound: Whether an unknown part is missing from the value.
    public init(_ value: Double?, _ unit: String, isLowerBound: Bool = false) {
        self.value = value
        self.unit = unit
        self.isLowerBound = isLowerBound
    }

    /// Three significant digits with an SI prefix, for example `1.23 µJ`, `≥ 1.23 µJ`, `unknown`.
    public var description: String {
        guard let value else { return "unknown" }
        return (isLowerBound ? "≥ " : "") + Format.si(value, unit)
    }
}
