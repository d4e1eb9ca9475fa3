import FixedPoint

/// A learning window as a chip has it, for the two halves of spike-based alignment learning.
///
/// Δ is the number of steps between two spikes. A pair 'pre, then post' (causal) lowers the weight by
/// causalGain · amplitudes[Δ − 1], a pair 'post, then pre' (anticausal) raises it by
/// anticausalGain · amplitudes[Δ − 1]. `docs/NUMERICS.md`, section 8, has the same window in registers.
public struct PlasticityWindow: Sendable, Equatable {
    /// Which earlier spikes of the partner a spike meets.
    public enum Pairing: String, Sendable, CaseIterable {
        /// All of them: learning traces that add up.
        case all
        /// The last one: last-spike timestamps, or learning traces that are set rather than raised.
        case last
        /// The last one, if it is newer than my own previous spike.
        case nearest
    }

    /// What the spikes of one step see of each other.
    public enum Ties: String, Sendable, CaseIterable {
        /// Nothing: both sides are read before either is noted.
        case exclude
        /// Each other: both sides are noted before either is read.
        case include
        /// The presynaptic side is noted before it is read, the postsynaptic one after.
        case preFirst
        /// The postsynaptic side is noted before it is read, the presynaptic one after.
        case postFirst
    }

    /// Amplitude at Δ = 1, 2, ...; 0 beyond the end.
    public var amplitudes: [Double]
    /// Amplitude at Δ = 0, which only a side that is noted early has.
    public var amplitudeAtZero: Double
    /// Which earlier spikes count.
    public var pairing: Pairing
    /// What spikes of one step see of each other.
    public var ties: Ties = .exclude
    /// Whether a pair that spikes together gets no update in that step, not even for earlier spikes.
    public var isUntied = false
    /// Factor of the half that lowers the weight; 1 without gain error.
    public var causalGain = 1.0
    /// Factor of the half that raises the weight; 1 without gain error.
    public var anticausalGain = 1.0

    /// Makes a window of any shape.
    ///
    /// - Parameters:
    ///   - amplitudes: At Δ = 1, 2, ...
    ///   - amplitudeAtZero: At Δ = 0.
    ///   - pairing: Which earlier spikes count.
    public init(amplitudes: [Double], amplitudeAtZero: Double = 0, pairing: Pairing) {
        self.amplitudes = amplitudes
        self.amplitudeAtZero = amplitudeAtZero
        self.pairing = pairing
    }

    /// Learning traces that decay exponentially and add up.
    ///
    /// Cut where e^(−Δ/τ) falls below 2⁻⁵³.
    ///
    /// - Parameters:
    ///   - amplitude: At Δ = 0.
    ///   - timeConstant: τ in steps, positive, at most 10 000.
    /// - Returns: The window, same-step pairs excluded.
    public static func exponential(amplitude: Double = 1, timeConstant: Double) -> Self {
        let tau = min(max(timeConstant, 1e-3), 10_000)
        let length = Int((37 * tau).rounded(.up))
        return Self(
            amplitudes: (1...length).map { amplitude * PortableMath.exp(-Double($0) / tau) },
            amplitudeAtZero: amplitude,
            pairing: .all
        )
    }

    /// Learning traces that are set by a spike and fall linearly.
    ///
    /// - Parameters:
    ///   - amplitude: At Δ = 0.
    ///   - steps: Steps until the trace is 0, 2 or more.
    /// - Returns: The window, amplitude (1 − Δ/steps).
    public static func triangular(amplitude: Double = 1, steps: Int) -> Self {
        let length = min(max(steps, 2), 1 << 20)
        return Self(
            amplitudes: (1..<length).map { amplitude * (1 - Double($0) / Double(length)) },
            amplitudeAtZero: amplitude,
            pairing: .last
        )
    }

    /// ±amplitude for nearest neighbours, with the tie rule.
    ///
    /// - Parameters:
    ///   - amplitude: Of every pair.
    ///   - steps: Largest Δ that counts.
    /// - Returns: The window; a pair that spikes together gets no update.
    public static func nearestNeighbour(amplitude: Double = 1, steps: Int) -> Self {
        var window = Self(
            amplitudes: Array(repeating: amplitude, count: min(max(steps, 1), 1 << 20)),
            pairing: .nearest
        )
        window.isUntied = true
        return window
    }
}
