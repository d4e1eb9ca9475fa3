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
    /// A multicast packet is counted again on links that several copies share.
    case copiesPassLinksAgain
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
    /// All neurons of a population get the noise of its first neuron.
    case noiseIsShared
    /// Noise is rounded down instead of to nearest.
    case noiseRoundsDown
    /// A refractory period is one step too short.
    case refractoryIsOneShort
    /// Attenuation shifts every charge instead of the sum.
    case attenuationShiftsEachCharge
    /// A rectangular potential lasts one step too long.
    case potentialIsOneStepLong
    /// The second filter of an alpha potential reads the old value of the first.
    case alphaUsesOldFilter
    /// A sampling neuron may spike only when its counter is 0, not when it is 1.
    case samplerWaitsForZero
    /// The spike probability leaves out the refractory time.
    case probabilityLacksRefractory
    /// Learning traces are read after the bumps that the tie rule makes late.
    case tracesReadAfterBump
    /// Learning traces are read before the bumps that the tie rule makes early.
    case tracesReadBeforeBump
    /// The decay of learning traces is rounded down instead of at random.
    case tracesDecayByFloor
    /// Learning traces stand still while the rule is switched off.
    case tracesStandStillWhenOff
    /// Bumps of a triangular learning trace add up.
    case triangularBumpsAdd
    /// A window counts pairs that spike together although it leaves ties out.
    case tiesCount
    /// A window ends one step early.
    case windowEndsEarly
    /// A window takes partners that are older than the own last spike.
    case newerPartnerIgnored
    /// Last spike times are set before the updates.
    case lastSpikeSetEarly
    /// Weight updates are rounded down instead of by the chip's rule.
    case updatesRoundDown
    /// An update drops the hidden bits of the weight register.
    case hiddenBitsDropped
    /// A weight that keeps its sign passes 0.
    case signForgotten
    /// The visible weight is rounded down instead of to nearest.
    case visibleWeightFloors
    /// Updates of postsynaptic spikes come before those of presynaptic ones.
    case postBeforePre
    /// All synapses of a spike round by the same draw.
    case weightDrawsAreShared
    /// A charge is formed from the weight before the updates of the spike's step.
    case chargeUsesOldWeight
    /// Presynaptic spikes act in the step of their soma although the chip says arrival.
    case arrivalIgnored
    /// A factor that counts by its sign counts by its value.
    case signIgnored
    /// Rate control moves biases before the somas of the step.
    case rateControlBeforeSoma
    /// A bias loses its fraction when rate control moves it.
    case biasFractionDropped
    /// A state reset leaves learning traces and last spike times.
    case resetKeepsTraces
    /// All learning traces of a place have one mismatch.
    case traceMismatchIsShared
    /// Windows ignore which side the tie rule makes early.
    case windowsIgnoreTieRule
    /// Mismatch of the membrane's time constant leaves the amplitude of noise as it is.
    case noiseIgnoresMismatch
    /// The gain servo counts the change before it saturates.
    case servoTakesIntendedChange
    /// The gain servo multiplies a change by the weight after it.
    case servoReadsWeightAfter
    /// One gain servo serves all cores of a projection.
    case servoSumsOverCores
    /// The gain servo goes on with the sum of the last period.
    case servoKeepsItsSum
    /// Scaled weights are rounded down instead of by the chip's rule.
    case servoRoundsDown

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
        case .copiesPassLinksAgain:
            "Copies of a multicast packet are counted again on shared links."
        case .inputsBeforeNeurons: "Input spikes are delivered before the spikes of neurons."
        case .sleeperIsAwake: "A population does not sleep after a state reset."
        case .resetKeepsDelayedCharge: "A state reset leaves delayed charge in the accumulators."
        case .mismatchedChargeLacksFraction: "Mismatched charge is rounded to whole units."
        case .patternIgnoresCore: "The fixed pattern of a device is the same on every core."
        case .noiseIsShared: "All neurons of a population get the noise of its first neuron."
        case .noiseRoundsDown: "Noise is rounded down instead of to nearest."
        case .refractoryIsOneShort: "A refractory period is one step too short."
        case .attenuationShiftsEachCharge: "Attenuation shifts every charge instead of the sum."
        case .potentialIsOneStepLong: "A rectangular potential lasts one step too long."
        case .alphaUsesOldFilter:
            "The second filter of an alpha potential reads the old value of the first."
        case .samplerWaitsForZero:
            "A sampling neuron may spike only when its counter is 0, not when it is 1."
        case .probabilityLacksRefractory: "The spike probability leaves out the refractory time."
        case .tracesReadAfterBump:
            "Learning traces are read after the bumps that the tie rule makes late."
        case .tracesReadBeforeBump:
            "Learning traces are read before the bumps that the tie rule makes early."
        case .tracesDecayByFloor:
            "The decay of learning traces is rounded down instead of at random."
        case .tracesStandStillWhenOff: "Learning traces stand still while the rule is switched off."
        case .triangularBumpsAdd: "Bumps of a triangular learning trace add up."
        case .tiesCount: "A window counts pairs that spike together although it leaves ties out."
        case .windowEndsEarly: "A window ends one step early."
        case .newerPartnerIgnored: "A window takes partners that are older than the own last spike."
        case .lastSpikeSetEarly: "Last spike times are set before the updates."
        case .updatesRoundDown: "Weight updates are rounded down instead of by the chip's rule."
        case .signForgotten: "A weight that keeps its sign passes 0."
        case .hiddenBitsDropped: "An update drops the hidden bits of the weight register."
        case .visibleWeightFloors: "The visible weight is rounded down instead of to nearest."
        case .postBeforePre: "Updates of postsynaptic spikes come before those of presynaptic ones."
        case .weightDrawsAreShared: "All synapses of a spike round by the same draw."
        case .chargeUsesOldWeight:
            "A charge is formed from the weight before the updates of the spike's step."
        case .arrivalIgnored:
            "Presynaptic spikes act in the step of their soma although the chip says arrival."
        case .signIgnored: "A factor that counts by its sign counts by its value."
        case .rateControlBeforeSoma: "Rate control moves biases before the somas of the step."
        case .biasFractionDropped: "A bias loses its fraction when rate control moves it."
        case .resetKeepsTraces: "A state reset leaves learning traces and last spike times."
        case .traceMismatchIsShared: "All learning traces of a place have one mismatch."
        case .windowsIgnoreTieRule: "Windows ignore which side the tie rule makes early."
        case .noiseIgnoresMismatch:
            "Mismatch of the membrane's time constant leaves the amplitude of noise as it is."
        case .servoTakesIntendedChange: "The gain servo counts the change before it saturates."
        case .servoReadsWeightAfter:
            "The gain servo multiplies a change by the weight after it."
        case .servoSumsOverCores: "One gain servo serves all cores of a projection."
        case .servoKeepsItsSum: "The gain servo goes on with the sum of the last period."
        case .servoRoundsDown: "Scaled weights are rounded down instead of by the chip's rule."
        }
    }
}
