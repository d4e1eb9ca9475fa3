/// Numbers as readers of reports want them: no locale, the same text everywhere.
public enum Format {
    /// A number with a fixed count of decimals.
    ///
    /// - Parameters:
    ///   - value: Any number.
    ///   - decimals: 0...15.
    /// - Returns: For example `97.33`; rounded to nearest, ties to even; never `-0.00`.
    public static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return value.description }
        let decimals = max(0, min(15, decimals))
        let scale = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
        let scaled = (value.magnitude * scale).rounded(.toNearestOrEven)
        // Beyond 2⁵³ a Double has no decimals left to show.
        guard let raw = UInt64(exactly: scaled), scaled < 0x1p53 else { return value.description }
        let digits = String(raw)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let sign = value < 0 && raw > 0 ? "-" : ""
        guard decimals > 0 else { return sign + padded }
        return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }

    /// A fraction as a percentage.
    ///
    /// - Parameters:
    ///   - fraction: 1 is 100 %.
    ///   - decimals: Decimals of the percentage.
    /// - Returns: For example `97.33 %`.
    public static func percent(_ fraction: Double, decimals: Int = 2) -> String {
        fixed(fraction * 100, decimals: decimals) + " %"
    }

    /// A mean and its standard deviation as percentages.
    ///
    /// - Parameters:
    ///   - mean: 1 is 100 %.
    ///   - deviation: Standard deviation, likewise.
    ///   - decimals: Decimals of both.
    /// - Returns: For example `95.13 ± 1.20 %`.
    public static func percent(_ mean: Double, plusMinus deviation: Double, decimals: Int = 2)
        -> String
    {
        fixed(mean * 100, decimals: decimals) + " ± " + percent(deviation, decimals: decimals)
    }

    /// A count with commas between thousands.
    ///
    /// - Parameter value: Any whole number.
    /// - Returns: For example `1,312`.
    public static func count(_ value: some BinaryInteger) -> String {
        let digits = Array(String(value.magnitude))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// A number with three significant digits and an SI prefix.
    ///
    /// - Parameters:
    ///   - value: In the unit without prefix.
    ///   - unit: For example `J`; may be empty.
    /// - Returns: For example `1.23 µJ`; `0 J` for zero.
    public static func si(_ value: Double, _ unit: String) -> String {
        guard value.isFinite, value != 0 else {
            return join(value == 0 ? "0" : value.description, unit)
        }
        var mantissa = value.magnitude
        var index = 0
        while mantissa >= 1000 && index < 10 {
            mantissa /= 1000
            index += 1
        }
        while mantissa < 1 && index > -10 {
            mantissa *= 1000
            index -= 1
        }
        // Rounding may carry: 999.6 becomes 1.00 k.
        if mantissa >= 999.5 && index < 10 {
            mantissa /= 1000
            index += 1
        }
        let decimals = mantissa < 9.995 ? 2 : mantissa < 99.95 ? 1 : 0
        let text = (value < 0 ? "-" : "") + fixed(mantissa, decimals: decimals)
        return join(text, prefixes[index + 10] + unit)
    }

    /// A span of time as people say it.
    ///
    /// - Parameter seconds: Not negative.
    /// - Returns: For example `3.2 s`, `1 min 05 s`, `2 h 07 min`.
    public static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e15 else { return "?" }
        if seconds < 9.95 { return fixed(seconds, decimals: 1) + " s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        func two(_ value: Int) -> String { (value < 10 ? "0" : "") + String(value) }
        if whole < 3600 { return "\(whole / 60) min \(two(whole % 60)) s" }
        let minutes = Int((seconds / 60).rounded())
        return "\(minutes / 60) h \(two(minutes % 60)) min"
    }

    private static let prefixes = [
        "q", "r", "y", "z", "a", "f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z",
        "Y", "R", "Q",
    ]

    private static func join(_ number: String, _ unit: String) -> String {
        unit.isEmpty ? number : number + " " + unit
    }
}
