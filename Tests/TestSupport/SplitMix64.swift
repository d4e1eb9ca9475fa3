/// A small generator for the choices of random tests: same seed, same choices, on every machine.
///
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
package struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    /// Starts the sequence of a seed.
    ///
    /// - Parameter seed: Any number.
    package init(seed: UInt64) { state = seed }

    /// The next 64 uniform bits.
    ///
    /// - Returns: Uniform bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    // Own conversions: those of the standard library may change between its versions.

    /// A number of a range.
    ///
    /// - Parameter range: Not empty.
    /// - Returns: Uniform to within 2⁻³² for the short ranges of tests.
    package mutating func int(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() >> 32) % (range.upperBound - range.lowerBound + 1)
    }

    /// A number of a range.
    ///
    /// - Parameter range: Any.
    /// - Returns: Uniform.
    package mutating func double(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * Double(next() >> 11) * 0x1p-53
    }

    /// A decision.
    ///
    /// - Parameter probability: Of true.
    /// - Returns: The decision.
    package mutating func chance(_ probability: Double) -> Bool { double(0...1) < probability }

    /// One of several values.
    ///
    /// - Parameter values: At least one.
    /// - Returns: One of them.
    package mutating func pick<T>(_ values: [T]) -> T { values[int(0...values.count - 1)] }

    /// Values in another order.
    ///
    /// - Parameter values: Any.
    /// - Returns: A permutation.
    package mutating func shuffled<T>(_ values: [T]) -> [T] {
        var result = values
        for last in result.indices.dropFirst().reversed() { result.swapAt(int(0...last), last) }
        return result
    }
}
