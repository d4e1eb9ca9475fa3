public import Events

/// How a table of events is to be read.
public struct TableOptions: Sendable, Hashable {
    /// Names of the columns: of the time, the unit, and others.
    public var columns: [Role: String] = [:]
    /// Length of the unit of time; nil for the format's own.
    public var timeUnit: TimeBase?
    /// A table that maps labels of units to numbers.
    public var unitMap: String?
    /// Trial whose rows are read; nil for all.
    public var trial: String?

    /// What a column holds.
    public enum Role: String, Sendable, CaseIterable {
        /// Time of the event.
        case time
        /// Unit, a whole number, or a label with a map.
        case unit
        /// Name of the population.
        case population
        /// Column of a pixel.
        case x
        /// Row of a pixel.
        case y
        /// Polarity of a change.
        case polarity
        /// Trial that the event belongs to.
        case trial
    }

    /// Makes options that say nothing.
    public init() {}

    /// Reads `time=ts,unit=label`.
    ///
    /// - Parameter text: Pairs of a role and the name of its column, separated by commas.
    /// - Returns: The names of the columns.
    /// - Throws: `RecordingError.option`.
    public static func columns(_ text: String) throws -> [Role: String] {
        var columns: [Role: String] = [:]
        for part in text.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, let role = Role(rawValue: String(pair[0])),
                columns.updateValue(String(pair[1]), forKey: role) == nil
            else {
                throw RecordingError.option(
                    name: "--columns",
                    value: text,
                    problem: "'\(part)' is not ROLE=COLUMN, or its role came before",
                    advice: "Roles are "
                        + Role.allCases.map(\.rawValue).joined(separator: ", ")
                        + ": for example time=ts,unit=label."
                )
            }
        }
        return columns
    }

    /// Reads a unit of time: `s`, `ms`, `us`, `ns`, or a multiple of one such as `100us`.
    ///
    /// - Parameters:
    ///   - text: The unit.
    ///   - name: Option that it belongs to.
    /// - Returns: Its length.
    /// - Throws: `RecordingError.option`.
    public static func time(_ text: String, of name: String) throws -> TimeBase {
        let units: [(name: String, perSecond: UInt64)] = [
            ("ms", 1000), ("us", 1_000_000), ("µs", 1_000_000), ("ns", 1_000_000_000), ("s", 1),
        ]
        for unit in units where text.hasSuffix(unit.name) {
            let number = text.dropLast(unit.name.count)
            if number.isEmpty { return TimeBase(numerator: 1, denominator: unit.perSecond) }
            let parts = number.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count <= 2, let whole = UInt64(parts[0]), whole < 1 << 32 else { break }
            guard parts.count == 2 else {
                guard whole > 0 else { break }
                return TimeBase(numerator: whole, denominator: unit.perSecond)
            }
            guard (1...6).contains(parts[1].count), let fraction = UInt64(parts[1]) else { break }
            let scale = parts[1].reduce(UInt64(1)) { scale, _ in scale * 10 }
            guard whole * scale + fraction > 0 else { break }
            return TimeBase(
                numerator: whole * scale + fraction,
                denominator: unit.perSecond * scale
            )
        }
        throw RecordingError.option(
            name: name,
            value: text,
            problem: "this is no length of time",
            advice: "Give s, ms, us or ns, or a number of them: 1ms, 0.5ms, 100us."
        )
    }
}
