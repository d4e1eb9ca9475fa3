/// How a spiking sampling network learns a Boltzmann distribution.
///
/// After Gierlich et al., arXiv 2503.02642, figures 4 and 5. The sleep phase is a rule of the chip (`Examples/rules/wake-sleep.yaml`): coactivations unlearn, and SAL
/// aligns. The wake phase is exact: after each sleep phase the host adds what the target's coactivations
/// ask for to the weight registers, and sets the biases by the chip's spike counters.
public struct SamplingPlan: Sendable, Equatable {
    /// Neurons, fully connected, from 2 to 10.
    public var neuronCount = 7
    /// τ_ref, and length of the rectangular potential: the rule's windows are as long.
    public let refractorySteps = 50
    /// Length of a sleep phase in τ_ref.
    public var phaseInRefractoryTimes = 1000
    /// Wake and sleep phases.
    public var iterations = 1500
    /// Learning rate of weights and biases, for each phase.
    public var learningRate = 0.02
    /// Learning rate of SAL, for each phase; 0 leaves it out.
    public var alignmentRate = 0.02
    /// Standard deviation of the symmetric part of the first weights, log-odds.
    public var initialDeviation = 0.2
    /// Standard deviation of what each first weight has besides, log-odds.
    public var initialNoise = 0.0
    /// Standard deviation of the first biases, log-odds.
    public var initialBiasNoise = 0.0
    /// Relative deviation of each half of each synapse's windows, cut at 1.5 times itself.
    ///
    /// Drawn once a synapse: the halves of Hebb's window and of SAL's have one each.
    public var plasticityNoise = 0.0
    /// Steps of the run that measures the distribution after learning.
    public var finalSteps = 20_000_000
    /// Iterations between two looks at the asymmetry.
    public var lookEvery = 50

    /// The reduced experiment of figure 4.
    ///
    /// 1500 iterations at a rate of 0.02.
    public init() {}

    /// Steps of a sleep phase.
    public var phaseInSteps: Int { phaseInRefractoryTimes * refractorySteps }
}
