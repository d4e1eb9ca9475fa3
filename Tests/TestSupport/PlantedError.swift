/// A mistake in the arithmetic that the reference machine makes on demand.
///
/// A test that compares two machines must notice each of them: that is how the tests are tested.
package enum PlantedError: String, CaseIterable, Sendable {
    /// Decay products are rounded down where the contract rounds another way.
    case decayFloors
    /// A neuron spikes at the threshold instead of above it.
    case thresholdIsInclusive
    /// The current of `cubaLIF` decays by du instead of du + 1.
    case currentDecayLacksOffset
    /// The membrane adds the current of the step before.
    case membraneUsesOldCurrent
    /// A membrane that saturates wraps instead.
    case membraneWraps
    /// The current of `cubaLIF` saturates instead of wrapping.
    case currentSaturates
    /// Every delay is one step too long.
    case delayIsOneLate
    /// An accumulator is not emptied when the soma has read it.
    case accumulatorIsKept
    /// Compartment exponents shift every charge instead of the sum.
    case exponentShiftsEachSynapse
    /// An accumulator saturates when it is read instead of at every addition.
    case accumulatorSaturatesAtTheEnd
    /// A spike leaves the membrane potential as it is.
    case spikeKeepsPotential
    /// A spike clears the current.
    case spikeClearsCurrent
    /// The subtract reset sets the reset potential instead.
    case subtractResetsToPotential
    /// The bias is added before the membrane decays.
    case biasBeforeDecay
    /// Right shifts of weights and sums round towards zero instead of down.
    case rightShiftTowardsZero
    /// Input spikes are delivered before the spikes of neurons.
    case inputsBeforeNeurons
    /// A population does not sleep after a state reset.
    case sleeperIsAwake
    /// A state reset leaves charge that is still under way in the accumulators.
    case resetKeepsDelayedCharge
    /// The charge of a mismatched synapse is rounded to whole units.
    case mismatchedChargeLacksFraction
    /// The fixed pattern of a device is the same on every core.
    case patternIgnoresCore

    /// What the machine does wrong, in a sentence.
    package var sentence: String {
        switch self {
        case .decayFloors: "Decay products are rounded down."
        case .thresholdIsInclusive: "A neuron spikes at the threshold instead of above it."
        case .currentDecayLacksOffset: "The current of cubaLIF decays by du instead of du + 1."
        case .membraneUsesOldCurrent: "The membrane adds the current of the step before."
        case .membraneWraps: "A membrane that saturates wraps instead."
        case .currentSaturates: "The current of cubaLIF saturates instead of wrapping."
        case .delayIsOneLate: "Every delay is one step too long."
        case .accumulatorIsKept: "An accumulator is not emptied when the soma has read it."
        case .exponentShiftsEachSynapse: "Compartment exponents shift every charge, not the sum."
        case .accumulatorSaturatesAtTheEnd: "An accumulator saturates only when it is read."
        case .spikeKeepsPotential: "A spike leaves the membrane potential as it is."
        case .spikeClearsCurrent: "A spike clears the current."
        case .subtractResetsToPotential: "The subtract reset sets the reset potential instead."
        case .biasBeforeDecay: "The bias is added before the membrane decays."
        case .rightShiftTowardsZero: "Right shifts of weights and sums round towards zero."
        case .inputsBeforeNeurons: "Input spikes are delivered before the spikes of neurons."
        case .sleeperIsAwake: "A population does not sleep after a state reset."
        case .resetKeepsDelayedCharge: "A state reset leaves delayed charge in the accumulators."
        case .mismatchedChargeLacksFraction: "Mismatched charge is rounded to whole units."
        case .patternIgnoresCore: "The fixed pattern of a device is the same on every core."
        }
    }
}
