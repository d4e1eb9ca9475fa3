public import NetworkIR

/// A sampling study: networks of sampling neurons that learn a Boltzmann distribution by wake and sleep, at several
/// noises (`docs/SAMPLING.md`).
public struct Sampling: Sendable {
    /// Name.
    public var name: String
    /// One sentence.
    public var summary: String
    /// Name or path of the chip.
    public var chip: String
    /// Changes to the chip's spec, by key.
    public var chipSettings: [ChipSetting]
    /// The rule of the sleep phase.
    public var rule: LearningRule
    /// Seeds of task and chip; one run each.
    public var seeds: [UInt64]
    /// Neurons, fully connected.
    public var neuronCount: Int
    /// Wake and sleep phases.
    public var iterations: Int
    /// Length of a sleep phase in refractory times.
    public var phaseInRefractoryTimes: Int
    /// Learning rate of weights and biases.
    public var learningRate: Double
    /// Learning rate of SAL; 0 leaves it out.
    public var alignmentRate: Double
    /// Standard deviation of the symmetric part of the first weights, log-odds.
    public var initialDeviation: Double
    /// Levels of the noise of each first weight, log-odds.
    public var initialNoises: [Double]
    /// Standard deviation of the first biases, log-odds.
    public var initialBiasNoise: Double
    /// Levels of the relative deviation of the rule's windows.
    public var plasticityNoises: [Double]
    /// Steps of the run that measures the distribution.
    public var finalSteps: Int
    /// Iterations between two looks at the asymmetry.
    public var lookEvery: Int
    /// Name of the arm that was read; nil for the document as it stands.
    public var arm: String?

    /// Whether another arm runs on the same chip with the same rule, seeds and noises.
    ///
    /// - Parameter other: Another arm of the file.
    /// - Returns: Whether a study can hold both.
    public func isComparable(with other: Sampling) -> Bool {
        chip == other.chip && rule == other.rule && seeds == other.seeds
            && chipSettings.map(\.key) == other.chipSettings.map(\.key)
            && chipSettings.map(\.value) == other.chipSettings.map(\.value)
            && initialNoises == other.initialNoises && plasticityNoises == other.plasticityNoises
    }
}
