import FixedPoint

/// A rounding rule that a kernel is specialised for.
protocol DecayRounding {
    /// `x · factor / 2^bits`, rounded.
    ///
    /// x is split at `bits`, so the products stay as narrow as x: (h·2^n + l)·f / 2^n = h·f + l·f/2^n
    /// exactly, with h·f below |x| and l·f below 2^(2n).
    static func decayed<T: FixedWidthInteger & SignedInteger>(_ x: T, factor: T, bits: T) -> T
}

enum RoundingDown: DecayRounding {
    @inline(__always)
    static func decayed<T: FixedWidthInteger & SignedInteger>(_ x: T, factor: T, bits: T) -> T {
        let low = x & ((1 &<< bits) &- 1)
        return (x &>> bits) &* factor &+ ((low &* factor) &>> bits)
    }
}

enum RoundingTowardZero: DecayRounding {
    @inline(__always)
    static func decayed<T: FixedWidthInteger & SignedInteger>(_ x: T, factor: T, bits: T) -> T {
        let sign = x &>> T(T.bitWidth - 1)
        let magnitude = (x ^ sign) &- sign
        return (RoundingDown.decayed(magnitude, factor: factor, bits: bits) ^ sign) &- sign
    }
}

enum RoundingToNearest: DecayRounding {
    @inline(__always)
    static func decayed<T: FixedWidthInteger & SignedInteger>(_ x: T, factor: T, bits: T) -> T {
        let sign = x &>> T(T.bitWidth - 1)
        let magnitude = (x ^ sign) &- sign
        let low = magnitude & ((1 &<< bits) &- 1)
        let half: T = (1 &<< bits) &>> 1
        let quotient = (magnitude &>> bits) &* factor &+ ((low &* factor &+ half) &>> bits)
        return (quotient ^ sign) &- sign
    }
}

/// What a soma kernel reads and writes: columns of one segment, `[neuron]`.
///
/// The pointers point at the segment's first neuron and are valid while the partition lives.
@safe
struct SomaColumns<Input> {
    let count: Int
    let input: UnsafePointer<Input>
    let v: UnsafeMutablePointer<Int32>
    let u: UnsafeMutablePointer<Int32>
    let threshold: UnsafePointer<Int32>
    let membraneFactor: UnsafePointer<Int32>
    let currentFactor: UnsafePointer<Int32>
    let membraneBias: UnsafePointer<Int32>
    let currentBias: UnsafePointer<Int32>
    let resetPotential: UnsafePointer<Int32>
    let spiked: UnsafeMutablePointer<UInt8>
}
