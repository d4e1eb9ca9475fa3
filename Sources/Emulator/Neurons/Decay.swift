import FixedPoint

/// A rounding rule that a kernel is specialised for.
protocol DecayRounding {
    /// The same rule by name.
    static var mode: RoundingMode { get }

    /// `x · factor / 2^bits`, rounded.
    ///
    /// x is split at `bits`, so the products stay as narrow as x: (h·2^n + l)·f / 2^n = h·f + l·f/2^n
    /// exactly, with h·f below |x| and l·f below 2^(2n).
    static func decayed<T: Lanes>(_ x: T, factor: T, _ scale: DecayScale<T>) -> T
}

/// The constants of a decay by `factor / 2^bits`.
struct DecayScale<T: Lanes> {
    let bits: T
    let lowMask: T
    let half: T
    let signBit: T

    init(bits: Int) {
        self.bits = T(every: Int64(bits))
        lowMask = T(every: (1 << Int64(bits)) - 1)
        half = T(every: (1 << Int64(bits)) >> 1)
        // The sign in every bit: registers have 32 bits, and 64-bit lanes extend it.
        signBit = T(every: 31)
    }
}

enum RoundingDown: DecayRounding {
    static var mode: RoundingMode { .floor }

    @inline(__always)
    static func decayed<T: Lanes>(_ x: T, factor: T, _ scale: DecayScale<T>) -> T {
        (x &>> scale.bits) &* factor &+ (((x & scale.lowMask) &* factor) &>> scale.bits)
    }
}

enum RoundingTowardZero: DecayRounding {
    static var mode: RoundingMode { .towardZero }

    @inline(__always)
    static func decayed<T: Lanes>(_ x: T, factor: T, _ scale: DecayScale<T>) -> T {
        let sign = x &>> scale.signBit
        let magnitude = (x ^ sign) &- sign
        return (RoundingDown.decayed(magnitude, factor: factor, scale) ^ sign) &- sign
    }
}

enum RoundingToNearest: DecayRounding {
    static var mode: RoundingMode { .nearest }

    @inline(__always)
    static func decayed<T: Lanes>(_ x: T, factor: T, _ scale: DecayScale<T>) -> T {
        let sign = x &>> scale.signBit
        let magnitude = (x ^ sign) &- sign
        let low = ((magnitude & scale.lowMask) &* factor &+ scale.half) &>> scale.bits
        return ((magnitude &>> scale.bits) &* factor &+ low ^ sign) &- sign
    }
}
