/// A decimal number without rounding: significand · 2^twos · 5^fives.
struct ExactNumber: Equatable {
    var significand: Int
    var twos = 0
    var fives = 0

    /// Reads digits, a point, and a power of ten, for example `0.25` or `1e-3`.
    ///
    /// Fails if the text is no such number, or one of more than 18 digits.
    ///
    /// - Parameter text: Without a sign.
    init?(_ text: String) {
        let parts = text.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        let power = parts.count == 2 ? Int(parts[1]) : 0
        guard text.utf8.count <= 64, let mantissa = parts.first, let power,
            (-99...99).contains(power)
        else { return nil }
        var significand = 0
        var digits = 0
        var places: Int?
        for byte in mantissa.utf8 {
            if byte == UInt8(ascii: "."), places == nil {
                places = 0
                continue
            }
            guard (48...57).contains(byte) else { return nil }
            let (tens, tensOverflow) = significand.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = tens.addingReportingOverflow(Int(byte) - 48)
            guard !tensOverflow, !sumOverflow else { return nil }
            significand = sum
            digits += 1
            places = places.map { $0 + 1 }
        }
        guard digits > 0 else { return nil }
        let tens = power - (places ?? 0)
        self.init(significand, twos: tens, fives: tens)
    }

    /// Makes a number; whole ones get no power where they fit.
    init(_ significand: Int, twos: Int = 0, fives: Int = 0) {
        self.significand = significand
        self.twos = significand == 0 ? 0 : twos
        self.fives = significand == 0 ? 0 : fives
        cancelFives()
        while self.twos < 0, self.significand.isMultiple(of: 2) { divide(by: 2, \.twos) }
        while self.twos > 0, multiply(by: 2, \.twos) {}
    }

    /// Takes every power of five into the significand that it can take.
    private mutating func cancelFives() {
        while fives < 0, significand.isMultiple(of: 5), significand != 0 { divide(by: 5, \.fives) }
        while fives > 0, multiply(by: 5, \.fives) {}
    }

    private mutating func divide(by prime: Int, _ power: WritableKeyPath<Self, Int>) {
        significand /= prime
        self[keyPath: power] += 1
    }

    /// Takes a prime into the significand, if it fits.
    private mutating func multiply(by prime: Int, _ power: WritableKeyPath<Self, Int>) -> Bool {
        let (product, overflow) = significand.multipliedReportingOverflow(by: prime)
        guard !overflow else { return false }
        significand = product
        self[keyPath: power] -= 1
        return true
    }

    /// The number as an integer, if it is one.
    var integer: Int? { twos == 0 && fives == 0 ? significand : nil }

    /// A decimal number as such a text writes it, rounded.
    ///
    /// - Parameter text: Without a sign.
    /// - Returns: Nil if it is no such number.
    static func decimal(_ text: String) -> Double? { Self(text).flatMap { _ in Double(text) } }

    /// The number, within a few units of the last place.
    var value: Double {
        var value = Double(significand)
        for _ in 0..<fives.magnitude { if fives > 0 { value *= 5 } else { value /= 5 } }
        return value * Double(sign: .plus, exponent: twos, significand: 1)
    }

    /// The product with another number; powers of two stay where their author put them.
    ///
    /// - Parameter other: The other number.
    /// - Returns: Nil if it has too many digits.
    func times(_ other: Self) -> Self? {
        let (product, overflow) = significand.multipliedReportingOverflow(by: other.significand)
        guard !overflow else { return nil }
        var result = self
        result.significand = product
        result.twos += other.twos
        result.fives += other.fives
        result.cancelFives()
        return result.fives > 0 ? nil : result
    }
}
