/// The lines of a text file, read in pieces; a line longer than 4 KiB is an error, so memory is bounded.
struct TextLines {
    let file: ByteSource
    /// Number of the line last read, from 1.
    private(set) var number = 0

    static let longest = 1 << 12

    init(path: String) throws { file = try ByteSource(path: path, capacity: 1 << 16) }

    /// The next line without its end; nil after the last.
    mutating func next() throws -> [UInt8]? {
        guard try file.fill(1) > 0 else { return nil }
        number += 1
        if let (line, length) = try file.peekLine(limit: Self.longest) {
            let text = Array(line)
            file.advance(length)
            return text
        }
        let here = try file.fill(Self.longest)
        guard here < Self.longest else {
            throw problem(
                "the line has more than \(Self.longest) bytes",
                "Is this a text file? Say the format with --from."
            )
        }
        // The last line has no end.
        let text = Array(file.buffer[file.start..<file.start + here])
        file.advance(here)
        return text
    }

    func problem(_ problem: String, _ advice: String) -> RecordingError {
        .text(path: file.path, line: number, problem: problem, advice: advice)
    }
}

/// Numbers in text, parsed without a detour over String where they are whole.
enum TextNumber {
    /// A decimal number in units of 10⁻ⁿ, exactly.
    struct Decimal {
        /// The number without its point.
        var digits: Int64
        /// Digits behind the point.
        var scale: Int
    }

    /// Reads a decimal number such as `-12.345` exactly; nil for exponents and anything else.
    static func decimal(_ text: some Collection<UInt8>) -> Decimal? {
        var rest = text[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        var digits: Int64 = 0
        var scale = 0
        var hasPoint = false
        var hasDigit = false
        for byte in rest {
            if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            hasDigit = true
            let (product, high) = digits.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !high, !carry else { return nil }
            digits = sum
            if hasPoint { scale += 1 }
        }
        return hasDigit ? Decimal(digits: isNegative ? -digits : digits, scale: scale) : nil
    }

    /// Reads a whole number from 0 on; nil for anything else.
    static func whole(_ text: some Collection<UInt8>) -> UInt64? {
        guard let number = decimal(text), number.digits >= 0 else { return nil }
        var digits = number.digits
        // 3.0 is whole.
        for _ in 0..<number.scale {
            guard digits % 10 == 0 else { return nil }
            digits /= 10
        }
        return UInt64(digits)
    }

    /// A time in ticks of 10⁻ⁿ units, rounded to the nearest where it has more digits; nil if it is no
    /// finite number or does not fit.
    static func ticks(_ text: some Collection<UInt8>, digits: Int) -> Int64? {
        if let number = decimal(text) {
            var value = number.digits
            if number.scale <= digits {
                for _ in number.scale..<digits {
                    let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                    guard !overflow else { return nil }
                    value = product
                }
                return value
            }
            guard number.scale - digits <= 18 else { return nil }
            let divisor = (0..<number.scale - digits).reduce(Int64(1)) { power, _ in power * 10 }
            let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
            return quotient + (2 * rest.magnitude >= divisor.magnitude ? value.signum() : 0)
        }
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else {
            return nil
        }
        return TimeScale.ticks(value, perUnit: (0..<digits).reduce(1) { power, _ in power * 10 })
    }
}
