import FixedPoint
import Foundation
import Testing

@Suite("Register formats")
struct RegisterFormatTests {
    static let formats = (1...7).flatMap { bits in
        [true, false].flatMap { isSigned in
            OverflowRule.allCases.map {
                RegisterFormat(bits: bits, isSigned: isSigned, overflow: $0)
            }
        }
    }

    @Test("every value of every small format is fitted by its rule", arguments: formats)
    func smallFormats(_ format: RegisterFormat) {
        let span = Int64(1) << Int64(format.bits)
        #expect(format.maximum - format.minimum + 1 == span)
        #expect(format.minimum == (format.isSigned ? -span / 2 : 0))
        for value in -4 * span...4 * span {
            let fitted = format.fitted(value)
            #expect((format.minimum...format.maximum).contains(fitted))
            switch format.overflow {
            case .saturate:
                if value < format.minimum {
                    #expect(fitted == format.minimum)
                } else if value > format.maximum {
                    #expect(fitted == format.maximum)
                } else {
                    #expect(fitted == value)
                }
            case .wrap:
                #expect((fitted - value) % span == 0)
            }
        }
    }

    @Test(
        "the widest values neither trap nor leave the format",
        arguments: [1, 31, 32],
        OverflowRule.allCases
    )
    func extremes(_ bits: Int, _ rule: OverflowRule) {
        for isSigned in [true, false] {
            let format = RegisterFormat(bits: bits, isSigned: isSigned, overflow: rule)
            for value in [Int64.min, .min + 1, .max - 1, .max, format.minimum, format.maximum] {
                #expect((format.minimum...format.maximum).contains(format.fitted(value)))
            }
            #expect(format.fitted(format.minimum) == format.minimum)
            #expect(format.fitted(format.maximum) == format.maximum)
        }
    }

    @Test("a register that is read from a file has a width, or is refused")
    func decoding() throws {
        func decode(_ bits: String, _ fractionBits: String) throws -> RegisterFormat {
            let json = """
                {"bits": \(bits), "isSigned": true, "fractionBits": \(fractionBits),
                 "overflow": "wrap"}
                """
            return try JSONDecoder().decode(RegisterFormat.self, from: Data(json.utf8))
        }
        #expect(try decode("1", "0").bits == 1)
        #expect(
            try decode("32", "32") == RegisterFormat(bits: 32, fractionBits: 32, overflow: .wrap)
        )
        for (bits, fractionBits) in [("0", "0"), ("33", "0"), ("-1", "0"), ("8", "9"), ("8", "-1")]
        {
            #expect(throws: DecodingError.self) { try decode(bits, fractionBits) }
        }
        let format = RegisterFormat(bits: 12, isSigned: false, fractionBits: 3)
        let copy = try JSONDecoder().decode(
            RegisterFormat.self,
            from: JSONEncoder().encode(format)
        )
        #expect(copy == format)
    }
}

@Suite("Rounding modes")
struct RoundingModeTests {
    /// Exact quotient and remainder with 0 ≤ remainder < divisor.
    static func floored(_ a: Int64, _ b: Int64) -> (quotient: Int64, remainder: Int64) {
        let remainder = (a % b + b) % b
        return ((a - remainder) / b, remainder)
    }

    @Test("every small value is rounded as the exact fraction", arguments: 0...6)
    func smallValues(_ bits: Int) {
        let divisor = Int64(1) << Int64(bits)
        for value in Int64(-300)...300 {
            let (below, rest) = Self.floored(value, divisor)
            #expect(RoundingMode.floor.shifted(value, rightBy: bits) == below)
            let towardZero = rest > 0 && value < 0 ? below + 1 : below
            #expect(RoundingMode.towardZero.shifted(value, rightBy: bits) == towardZero)
            let isUp = 2 * rest > divisor || (2 * rest == divisor && value > 0)
            #expect(
                RoundingMode.nearest.shifted(value, rightBy: bits) == (isUp ? below + 1 : below)
            )
        }
    }

    @Test("stochastic rounding goes up for as many draws as the lost fraction has units")
    func stochastic() {
        for bits in 0...5 {
            let divisor = Int64(1) << Int64(bits)
            for value in Int64(-70)...70 {
                let (below, rest) = Self.floored(value, divisor)
                var ups: Int64 = 0
                for draw in 0..<UInt64(divisor) {
                    // Bits of the draw above the lost ones do not count.
                    let dirty = draw | 0xABCD_0000_0000_0000 | 1 << UInt64(bits)
                    let rounded =
                        RoundingMode.stochastic.shifted(value, rightBy: bits, draw: dirty)
                    #expect(rounded == below || rounded == below + 1)
                    ups += rounded - below
                }
                #expect(ups == rest)
            }
        }
    }

    @Test("large values are rounded too", arguments: RoundingMode.allCases)
    func largeValues(_ mode: RoundingMode) {
        let large = (Int64(1) << 62) - 1
        let quotient = large >> 32
        for (value, exact) in [(large, quotient), (-large, -quotient)] {
            #expect((mode.shifted(value, rightBy: 32) - exact).magnitude <= 1)
            #expect(mode.shifted(value, rightBy: 0) == value)
        }
    }
}
