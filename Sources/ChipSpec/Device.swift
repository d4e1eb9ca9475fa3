/// One manufactured copy of a chip: a seed, how widely each parameter varies, and what is known better.
///
/// `docs/NUMERICS.md`, section 6, says how the fixed pattern follows from it.
public struct Device: Sendable, Equatable {
    /// Seed of the fixed pattern.
    public var seed: UInt64
    /// Coefficient of variation of each mismatched parameter, 0 or more; absent means 0.
    public var variation: [MismatchParameter: Double]
    /// Factors that are known, by physical core: they stand in place of drawn ones.
    public var known: [UInt32: KnownFactors] = [:]
    /// Physical cores that do not work, ascending.
    public var deadCores: [UInt32] = []

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
    public var isIdeal: Bool { variation.isEmpty && known.isEmpty }

    /// Whether a seed and coefficients do not say all about it.
    public var isDescribed: Bool { !known.isEmpty || !deadCores.isEmpty }

    /// Whether a parameter differs from its nominal value anywhere.
    ///
    /// - Parameter parameter: Which one.
    /// - Returns: Whether it is drawn, or known at a place.
    public func varies(_ parameter: MismatchParameter) -> Bool {
        variation[parameter] != nil || known.values.contains { $0.factors[parameter] != nil }
    }
}

/// Factors of a core that are known: measured, or fitted to recordings.
public struct KnownFactors: Sendable, Equatable {
    /// Largest factor that is believed.
    public static let largest = 1000.0

    /// Factor of each slot by parameter, `[slot]`; of each synapse, in image order, for `weight`.
    ///
    /// 0 and what lies past the end is not known: it is as drawn, or nominal.
    public var factors: [MismatchParameter: [Double]]

    /// Lists what is known.
    ///
    /// - Parameter factors: Factors by parameter, each 0 or in 0.001...1000.
    public init(factors: [MismatchParameter: [Double]] = [:]) {
        self.factors = factors.filter { $0.value.contains { $0 > 0 } }
    }

    /// Factor of a parameter at a slot or synapse; nil where it is not known.
    ///
    /// - Parameters:
    ///   - parameter: Which one.
    ///   - index: Slot or synapse.
    /// - Returns: A factor above 0, or nil.
    public func factor(_ parameter: MismatchParameter, at index: UInt32) -> Double? {
        guard let list = factors[parameter], Int(index) < list.count, list[Int(index)] > 0 else {
            return nil
        }
        return list[Int(index)]
    }
}
