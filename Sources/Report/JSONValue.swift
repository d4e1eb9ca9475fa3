/// A JSON document as a value: objects keep the order in which they were written.
///
/// The same value always gives the same bytes.
public enum JSONValue: Sendable, Equatable {
    /// Nothing, or not known.
    case null
    /// True or false.
    case boolean(Bool)
    /// A whole number; digits are never lost.
    case integer(Int)
    /// A whole number that an Int may not hold; digits are never lost.
    case unsigned(UInt64)
    /// A number, written with as many digits as it takes to read the same one back.
    ///
    /// Infinities and not-a-number, which JSON does not have, become null.
    case number(Double)
    /// A text.
    case string(String)
    /// Values in order.
    case array([JSONValue])
    /// Named values in order; the caller names nothing twice.
    case object([Member])

    /// A named value of an object.
    public struct Member: Sendable, Equatable {
        /// Name.
        public var name: String
        /// Value.
        public var value: JSONValue

        /// Names a value.
        ///
        /// - Parameters:
        ///   - name: Name, once in an object.
        ///   - value: Value.
        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// A number, or null for a nil.
    ///
    /// - Parameter value: Nil if it is not known.
    /// - Returns: `number` or `null`.
    public static func optional(_ value: Double?) -> JSONValue { value.map(number) ?? .null }

    /// A text, or null for a nil.
    ///
    /// - Parameter value: Nil if it is not known.
    /// - Returns: `string` or `null`.
    public static func optional(_ value: String?) -> JSONValue { value.map(string) ?? .null }

    /// A whole number, or null for a nil.
    ///
    /// - Parameter value: Nil if it is not known.
    /// - Returns: `integer` or `null`.
    public static func optional(_ value: Int?) -> JSONValue { value.map(integer) ?? .null }

    /// The value of a member of an object.
    ///
    /// - Parameter name: Name of the member.
    /// - Returns: Nil if this is no object or has no such member.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Null.
    ///
    /// - Parameter nilLiteral: Nothing.
    public init(nilLiteral: ()) { self = .null }

    /// A Boolean.
    ///
    /// - Parameter value: True or false.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }

    /// A whole number.
    ///
    /// - Parameter value: The number.
    public init(integerLiteral value: Int) { self = .integer(value) }

    /// A number.
    ///
    /// - Parameter value: The number.
    public init(floatLiteral value: Double) { self = .number(value) }

    /// A text.
    ///
    /// - Parameter value: The text.
    public init(stringLiteral value: String) { self = .string(value) }

    /// An array.
    ///
    /// - Parameter elements: Values in order.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// An object.
    ///
    /// - Parameter elements: Named values in order.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
