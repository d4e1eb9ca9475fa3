package import ChipSpec
import FixedPoint

/// The factors by which the parameters of a device differ from nominal (`docs/NUMERICS.md`, 6).
package struct FixedPattern {
    private let device: Device
    private let distribution: MismatchDistribution
    private let ignoresCore: Bool
    private let stream: RandomStream

    /// Opens the fixed pattern of a device.
    ///
    /// - Parameters:
    ///   - device: Seed and coefficients of variation.
    ///   - distribution: Shape of the distribution.
    ///   - ignoresCore: Whether all cores get the pattern of core 0 (a planted error).
    package init(_ device: Device, _ distribution: MismatchDistribution, ignoresCore: Bool) {
        self.device = device
        self.distribution = distribution
        self.ignoresCore = ignoresCore
        stream = RandomStream(seed: device.seed, purpose: .fixedPattern)
    }

    /// Whether a parameter differs from nominal.
    ///
    /// - Parameter parameter: Which.
    /// - Returns: Whether its coefficient of variation is above 0.
    package func varies(_ parameter: MismatchParameter) -> Bool {
        (device.variation[parameter] ?? 0) > 0
    }

    /// The factor of one parameter of one neuron or synapse.
    ///
    /// - Parameters:
    ///   - parameter: Which.
    ///   - core: Physical core.
    ///   - k: Slot, or for weights the number of the synapse in image order.
    /// - Returns: The factor g; 1 without mismatch.
    package func factor(_ parameter: MismatchParameter, core: UInt32, _ k: Int) -> Double {
        guard let cv = device.variation[parameter], cv > 0 else { return 1 }
        let z = stream.normal(UInt32(k), ignoresCore ? 0 : core, parameter.key)
        switch distribution {
        case .logNormal:
            let variance = PortableMath.log(1 + cv * cv)
            return PortableMath.exp(variance.squareRoot() * z - variance / 2)
        case .normal:
            return max(0, 1 + cv * z)
        }
    }
}
