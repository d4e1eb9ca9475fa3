package import Events

/// A machine with a learning engine, as tests drive it: the reference machine or the fast one.
///
/// Populations, projections, neurons and synapses are named by their indices in the network; pre
/// and post are indices in the populations (or input) at the ends of the projection.
package protocol LearningMachine {
    /// Does one time step.
    ///
    /// - Parameter inputs: Input spikes of this step, sorted.
    /// - Returns: Spikes of neurons in this step, in canonical order.
    mutating func advance(_ inputs: [NeuronAddress]) -> [Spike]

    /// Does a state reset.
    mutating func resetState()

    /// Switches the rule of a projection on or off.
    ///
    /// - Parameters:
    ///   - projection: Which.
    ///   - isOn: Whether its synapses learn from the next step on.
    mutating func setLearning(projection: Int, isOn: Bool)

    /// Sets a named amplitude of the rule of a projection.
    ///
    /// - Parameters:
    ///   - projection: Which.
    ///   - index: Index in the amplitudes of the rule.
    ///   - value: In visible lowest bits of the weight.
    mutating func setAmplitude(projection: Int, index: Int, value: Double)

    /// Writes the reward register of a projection.
    ///
    /// - Parameters:
    ///   - projection: Which.
    ///   - value: Any.
    mutating func setReward(projection: Int, value: Int32)

    /// Sets the attenuation of a population.
    ///
    /// - Parameters:
    ///   - population: Of model `noisyLIF` or `sampling`.
    ///   - shift: Right shift of the dendritic sum.
    mutating func setAttenuation(population: Int, shift: Int)

    /// Switches the rate control of a population on.
    ///
    /// - Parameters:
    ///   - population: Which.
    ///   - target: Spikes in a period.
    ///   - gain: Raw units of v for each missing spike, 12 fraction bits.
    ///   - periodInSteps: Period, 1 or more.
    mutating func setRateControl(population: Int, target: Int, gain: Int32, periodInSteps: Int)

    /// Switches the rate control of a population off.
    ///
    /// - Parameter population: Which.
    mutating func stopRateControl(population: Int)

    /// Switches the gain servo of a projection on, or off.
    ///
    /// - Parameters:
    ///   - projection: A plastic one.
    ///   - servo: How; nil switches it off.
    mutating func setGainServo(projection: Int, _ servo: ServoSetting?)

    /// Writes the bias of a neuron.
    ///
    /// - Parameters:
    ///   - population: Which.
    ///   - neuron: Index in the population.
    ///   - raw: Raw units of v.
    mutating func setBias(population: Int, neuron: Int, raw: Int32)

    /// The bias of a neuron.
    ///
    /// - Parameters:
    ///   - population: Which.
    ///   - neuron: Index in the population.
    /// - Returns: Raw units of v.
    func bias(population: Int, neuron: Int) -> Int32

    /// Writes the register of a plastic synapse.
    ///
    /// - Parameters:
    ///   - projection: A plastic one.
    ///   - pre: Presynaptic neuron or channel.
    ///   - post: Postsynaptic neuron.
    ///   - value: All bits, hidden ones included.
    mutating func setWeightRegister(projection: Int, pre: Int, post: Int, value: Int)

    /// The register of a plastic synapse.
    ///
    /// - Parameters:
    ///   - projection: A plastic one.
    ///   - pre: Presynaptic neuron or channel.
    ///   - post: Postsynaptic neuron.
    /// - Returns: All bits, hidden ones included.
    func weightRegister(projection: Int, pre: Int, post: Int) -> Int

    /// v of a neuron.
    ///
    /// - Parameters:
    ///   - population: Which.
    ///   - neuron: Index in the population.
    /// - Returns: Raw.
    func membranePotential(population: Int, neuron: Int) -> Int64

    /// u of a neuron.
    ///
    /// - Parameters:
    ///   - population: Which.
    ///   - neuron: Index in the population.
    /// - Returns: Raw; 0 where the population has no current.
    func synapticCurrent(population: Int, neuron: Int) -> Int64

    /// Actions since the start of the run.
    var actionsDone: ActionCounts { get }

    /// Actions of each core in the last step, in the order of the image's cores.
    var lastCoreCounts: [CoreStepCounts] { get }
}

/// A gain servo: K (12 fraction bits) of the exact law, or the exponent m of the law of shifts.
package struct ServoSetting: Equatable, Sendable {
    package var isExact: Bool
    package var gain: Int
    package var periodInSteps: Int

    package init(isExact: Bool, gain: Int, periodInSteps: Int) {
        self.isExact = isExact
        self.gain = gain
        self.periodInSteps = periodInSteps
    }
}

/// Something the host does between two steps.
package enum HostAction: Equatable, Sendable {
    case setLearning(projection: Int, isOn: Bool)
    case setAmplitude(projection: Int, index: Int, value: Double)
    case setReward(projection: Int, value: Int32)
    case setAttenuation(population: Int, shift: Int)
    case setRateControl(population: Int, target: Int, gain: Int32, periodInSteps: Int)
    case stopRateControl(population: Int)
    case setGainServo(projection: Int, ServoSetting?)
    case setBias(population: Int, neuron: Int, raw: Int32)
    case setWeightRegister(projection: Int, pre: Int, post: Int, value: Int)
}

extension LearningMachine {
    /// Does what the host does between two steps.
    ///
    /// - Parameter action: What.
    package mutating func apply(_ action: HostAction) {
        switch action {
        case .setLearning(let projection, let isOn):
            setLearning(projection: projection, isOn: isOn)
        case .setAmplitude(let projection, let index, let value):
            setAmplitude(projection: projection, index: index, value: value)
        case .setReward(let projection, let value):
            setReward(projection: projection, value: value)
        case .setAttenuation(let population, let shift):
            setAttenuation(population: population, shift: shift)
        case .setRateControl(let population, let target, let gain, let periodInSteps):
            setRateControl(
                population: population,
                target: target,
                gain: gain,
                periodInSteps: periodInSteps
            )
        case .stopRateControl(let population): stopRateControl(population: population)
        case .setGainServo(let projection, let servo):
            setGainServo(projection: projection, servo)
        case .setBias(let population, let neuron, let raw):
            setBias(population: population, neuron: neuron, raw: raw)
        case .setWeightRegister(let projection, let pre, let post, let value):
            setWeightRegister(projection: projection, pre: pre, post: post, value: value)
        }
    }
}
