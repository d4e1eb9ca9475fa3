/// Holds the rate of a population by moving biases: `docs/NUMERICS.md`, section 9.
public struct RateControl: Sendable, Equatable {
    /// Fraction bits of `gain`.
    public static let fractionBits = 12

    /// Spikes a neuron should have in a period.
    public var target: Int
    /// What a missing spike adds to the bias: raw units of v, 12 fraction bits.
    public var gain: Int32
    /// Steps of a period, 1 or more.
    public var periodInSteps: Int

    /// Describes the control.
    ///
    /// - Parameters:
    ///   - target: Spikes a neuron should have in a period.
    ///   - gain: What a missing spike adds to the bias, 12 fraction bits.
    ///   - periodInSteps: Steps of a period.
    public init(target: Int, gain: Int32, periodInSteps: Int) {
        self.target = target
        self.gain = gain
        self.periodInSteps = max(1, periodInSteps)
    }
}

/// Rate control while it runs.
struct RunningRateControl {
    static let fractionBits = Int64(RateControl.fractionBits)

    /// How; nil while it is switched off.
    var control: RateControl?
    /// Steps since the last period.
    var elapsed = 0
    /// Spikes of each neuron of the population in the period.
    var counts: [Int32]
    /// Bias of each neuron with 12 fraction bits.
    var biases: [Int64]
}
