import ChipSpec
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

    init(device: Device, distribution: MismatchDistribution) {
        stream = RandomStream(seed: device.seed, purpose: .fixedPattern)
        self.device = device
        self.distribution = distribution
    }

    func varies(_ parameter: MismatchParameter) -> Bool { device.variation[parameter] != nil }

    /// Factor of a parameter at a place; 1 where it does not vary.
    func factor(_ parameter: MismatchParameter, at place: DevicePlace) -> Double {
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
        let product = Double(value) * factor(parameter, at: place)
        return rounded(product, within: range)
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
        return rounded(
            Double(value) / factor(parameter, at: place),
            within: range
        )
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
        return rounded(Double(full) * (1 - power), within: 0...(full - 1))
    }

    private func rounded(_ value: Double, within range: ClosedRange<Int64>) -> Int64 {
        let nearest = value.rounded(.toNearestOrAwayFromZero)
        // A decay divided by a factor of 0 is infinite: the register's end.
        guard nearest < Double(range.upperBound) else { return range.upperBound }
        guard nearest > Double(range.lowerBound) else { return range.lowerBound }
        return Int64(nearest)
    }
}
