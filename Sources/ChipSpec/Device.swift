/// One manufactured copy of a chip: a seed, and how widely each parameter varies.
///
/// `docs/NUMERICS.md`, section 6, says how the fixed pattern follows from it.
public struct Device: Sendable, Equatable {
    /// Seed of the fixed pattern.
    public var seed: UInt64
    /// Coefficient of variation of each mismatched parameter, 0 or more; absent means 0.
    public var variation: [MismatchParameter: Double]

    /// Describes a device.
    ///
    /// - Parameters:
    ///   - seed: Seed of the fixed pattern.
    ///   - variation: Coefficient of variation of each parameter that varies.
    public init(seed: UInt64, variation: [MismatchParameter: Double]) {
        self.seed = seed
        self.variation = variation.filter { $0.value > 0 }
    }

    /// A device without mismatch.
    public static let ideal = Device(seed: 0, variation: [:])

    /// A device whose chip-typical parameters all vary by one coefficient.
    ///
    /// - Parameters:
    ///   - chip: Names the parameters (`mismatch.parameters`).
    ///   - coefficient: Coefficient of variation, 0 or more.
    ///   - seed: Seed of the fixed pattern.
    /// - Returns: The device.
    public static func drawn(from chip: ChipSpec, coefficient: Double, seed: UInt64) -> Device {
        let pairs = chip.mismatch.parameters.map { ($0, coefficient) }
        return Device(seed: seed, variation: Dictionary(pairs, uniquingKeysWith: { a, _ in a }))
    }

    /// Whether nothing varies.
    public var isIdeal: Bool { variation.isEmpty }
}
