package import ChipSpec
import FixedPoint

/// Where a mismatched parameter sits: a slot, or a synapse, of a physical core.
struct DevicePlace {
    var core: UInt32
    var index: UInt32
}

/// The fixed pattern of a device: one factor a parameter and place (`docs/NUMERICS.md`, section 6).
struct DeviceFactors {
    private let stream: RandomStream
    private let device: Device
    private let distribution: MismatchDistribution
    private let varying: Set<MismatchParameter>

    init(device: Device, distribution: MismatchDistribution) {
        stream = RandomStream(seed: device.seed, purpose: .fixedPattern)
        self.device = device
        self.distribution = distribution
        varying = Set(MismatchParameter.allCases.filter(device.varies))
    }

    func varies(_ parameter: MismatchParameter) -> Bool { varying.contains(parameter) }

    /// Factor of a parameter at a place; 1 where it does not vary.
    func factor(_ parameter: MismatchParameter, at place: DevicePlace) -> Double {
        if let known = device.known[place.core]?.factor(parameter, at: place.index) { return known }
        guard let variation = device.variation[parameter] else { return 1 }
        let z = stream.normal(place.index, place.core, parameter.key)
        switch distribution {
        case .logNormal:
            let variance = PortableMath.log(1 + variation * variation)
            return PortableMath.exp(variance.squareRoot() * z - variance / 2)
        case .normal:
            return max(0, 1 + variation * z)
        }
    }

    /// A register value times its factor, rounded to nearest (ties away from zero) into a range.
    func scaled(
        _ value: Int64,
        _ parameter: MismatchParameter,
        at place: DevicePlace,
        within range: ClosedRange<Int64>
    ) -> Int64 {
        guard varies(parameter) else { return value }
        return FactorRule.scaled(value, by: factor(parameter, at: place), within: range)
    }

    /// A decay register whose time constant is multiplied by its factor.
    func decay(
        _ value: Int64,
        _ parameter: MismatchParameter,
        at place: DevicePlace,
        within range: ClosedRange<Int64>
    ) -> Int64 {
        // Without leak the time constant is infinite, and stays so whatever the factor.
        guard varies(parameter), value != 0 else { return value }
        return FactorRule.decay(value, by: factor(parameter, at: place), within: range)
    }

    /// A decay register of an exact decay e^(−h/τ) whose time constant is multiplied by its factor.
    ///
    /// The share kept in a step, 1 − d/2^n, becomes its 1/g-th power.
    func exactDecay(
        _ value: Int64,
        _ parameter: MismatchParameter,
        at place: DevicePlace,
        full: Int64
    ) -> Int64 {
        guard varies(parameter), value != 0 else { return value }
        let kept = Double(full - value) / Double(full)
        let power = PortableMath.exp(PortableMath.log(kept) / factor(parameter, at: place))
        return FactorRule.rounded(Double(full) * (1 - power), within: 0...(full - 1))
    }
}

/// What a factor makes of a register value (`docs/NUMERICS.md`, section 6).
package enum FactorRule {
    /// A value times a factor, rounded to nearest (ties away from zero) into a range.
    ///
    /// - Parameters:
    ///   - value: Register value.
    ///   - factor: 0 or more.
    ///   - range: Of the register.
    /// - Returns: The device's value.
    @inline(__always)
    package static func scaled(
        _ value: Int64,
        by factor: Double,
        within range: ClosedRange<Int64>
    ) -> Int64 {
        rounded(Double(value) * factor, within: range)
    }

    /// A decay whose time constant is multiplied by a factor.
    ///
    /// - Parameters:
    ///   - value: Decay, in units of which 2ⁿ is all.
    ///   - factor: Of the time constant.
    ///   - range: Of the decay.
    /// - Returns: The device's decay; without leak there is none on any device.
    @inline(__always)
    package static func decay(
        _ value: Int64,
        by factor: Double,
        within range: ClosedRange<Int64>
    ) -> Int64 {
        value == 0 ? 0 : rounded(Double(value) / factor, within: range)
    }

    fileprivate static func rounded(_ value: Double, within range: ClosedRange<Int64>) -> Int64 {
        let nearest = value.rounded(.toNearestOrAwayFromZero)
        // A decay divided by a factor of 0 is infinite: the register's end.
        guard nearest < Double(range.upperBound) else { return range.upperBound }
        guard nearest > Double(range.lowerBound) else { return range.lowerBound }
        return Int64(nearest)
    }
}

extension Device {
    /// Factor of a parameter at a place of a chip.
    ///
    /// - Parameters:
    ///   - parameter: Which one.
    ///   - core: Physical core.
    ///   - index: Slot, or synapse in image order.
    ///   - chip: Says how factors are distributed.
    /// - Returns: 1 where nothing varies.
    package func factor(
        _ parameter: MismatchParameter,
        core: UInt32,
        index: UInt32,
        of chip: ChipSpec
    ) -> Double {
        DeviceFactors(device: self, distribution: chip.mismatch.distribution)
            .factor(parameter, at: DevicePlace(core: core, index: index))
    }
}
