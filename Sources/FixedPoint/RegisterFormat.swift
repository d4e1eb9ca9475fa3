/// What a register does with a value outside its range.
public enum OverflowRule: String, Sendable, Codable, CaseIterable {
    /// The value stays at the rail.
    case saturate
    /// The value wraps as two's complement.
    case wrap
}

/// Width, sign, binary point and overflow rule of a hardware register.
///
/// Values are raw integers; `fractionBits` tells what a raw 1 is worth (2⁻ᶠ).
public struct RegisterFormat: Sendable, Hashable, Codable {
    /// Total width, sign bit included, 1...32.
    public let bits: Int
    /// Whether the register is two's complement.
    public let isSigned: Bool
    /// Binary places, 0...bits.
    public let fractionBits: Int
    /// What happens outside `minimum...maximum`.
    public let overflow: OverflowRule

    /// Describes a register.
    ///
    /// - Parameters:
    ///   - bits: Total width, 1...32 (checked by whoever reads a chip spec).
    ///   - isSigned: Whether it is two's complement.
    ///   - fractionBits: Binary places.
    ///   - overflow: Wrap or saturate.
    public init(
        bits: Int,
        isSigned: Bool = true,
        fractionBits: Int = 0,
        overflow: OverflowRule = .saturate
    ) {
        precondition((1...32).contains(bits), "a register has 1 to 32 bits")
        self.bits = bits
        self.isSigned = isSigned
        self.fractionBits = fractionBits
        self.overflow = overflow
    }

    /// Reads a register, refusing a width that no register has.
    ///
    /// - Parameter decoder: Where from.
    /// - Throws: `DecodingError` unless bits are 1...32 and fraction bits 0...bits.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        bits = try values.decode(Int.self, forKey: .bits)
        isSigned = try values.decode(Bool.self, forKey: .isSigned)
        fractionBits = try values.decode(Int.self, forKey: .fractionBits)
        overflow = try values.decode(OverflowRule.self, forKey: .overflow)
        guard (1...32).contains(bits), (0...bits).contains(fractionBits) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription:
                        "a register has 1 to 32 bits and at most as many fraction bits"
                )
            )
        }
    }

    /// Smallest raw value.
    @inlinable public var minimum: Int64 { isSigned ? -(Int64(1) << (bits - 1)) : 0 }

    /// Largest raw value.
    @inlinable public var maximum: Int64 {
        isSigned ? (Int64(1) << (bits - 1)) - 1 : (Int64(1) << bits) - 1
    }

    /// Brings a raw value into the register by its overflow rule.
    ///
    /// Never traps.
    ///
    /// - Parameter value: Any integer.
    /// - Returns: A value in `minimum...maximum`.
    @inlinable
    public func fitted(_ value: Int64) -> Int64 {
        switch overflow {
        case .saturate:
            return min(max(value, minimum), maximum)
        case .wrap:
            let unused = 64 - Int64(bits)
            let shifted = value << unused
            return isSigned
                ? shifted >> unused
                : Int64(truncatingIfNeeded: UInt64(bitPattern: shifted) >> UInt64(unused))
        }
    }
}

/// How a product or a converted number loses its low bits.
public enum RoundingMode: String, Sendable, Codable, CaseIterable {
    /// Towards minus infinity: an arithmetic shift.
    case floor
    /// Towards zero: the magnitude is shifted.
    case towardZero
    /// To the nearest value, ties away from zero.
    case nearest
    /// Up with the probability of the lost fraction; the draw is the caller's.
    case stochastic
}

extension RoundingMode {
    /// Shifts a value right and loses the low bits by this rule.
    ///
    /// Never traps.
    ///
    /// - Parameters:
    ///   - value: Any integer of magnitude below 2⁶².
    ///   - bits: How many bits to lose, 0...32.
    ///   - draw: Uniform random bits, read by `stochastic` alone: the low `bits` of it.
    /// - Returns: `value / 2^bits`, rounded.
    @inlinable
    public func shifted(_ value: Int64, rightBy bits: Int, draw: UInt64 = 0) -> Int64 {
        guard bits > 0 else { return value }
        switch self {
        case .floor:
            return value >> Int64(bits)
        case .towardZero:
            return value < 0 ? -((-value) >> Int64(bits)) : value >> Int64(bits)
        case .nearest:
            let half = Int64(1) << Int64(bits - 1)
            return value < 0 ? -((-value &+ half) >> Int64(bits)) : (value &+ half) >> Int64(bits)
        case .stochastic:
            let mask = (Int64(1) << Int64(bits)) - 1
            return (value &+ (Int64(truncatingIfNeeded: draw) & mask)) >> Int64(bits)
        }
    }
}
