/// A mistake in the arithmetic of the engine `loihi` that its plain reference makes on demand.
package enum LoihiPlantedError: String, CaseIterable, Sendable {
    /// The decay of traces is rounded down instead of at random.
    case decayFloors
    /// The decay of traces is rounded to nearest.
    case decayRoundsToNearest
    /// A spike bumps its trace before the decay of its step.
    case impulseBeforeDecay
    /// Every neuron rounds its decay by a draw of its own.
    case drawForEachNeuron
    /// Impulses are rounded by the draws of second spikes.
    case drawsOfSecondSpikes
    /// Traces are rounded by the draws of the epoch before.
    case drawsOfEpochBefore
    /// The decay of both sides is rounded by the draw of the presynaptic one.
    case sidesShareDraw
    /// Products are shifted left by the exponent before they are shifted right into the accumulator.
    case leftShiftFirst
    /// The exponent of a coefficient lacks its offset of 7.
    case exponentLacksOffset
    /// Mantissas count without their sign.
    case mantissaLosesSign
    /// The fraction of the accumulator is dropped.
    case fractionDropped
    /// The fraction of the accumulator always carries.
    case fractionAlwaysCarries
    /// Accumulators are divided towards zero instead of shifted.
    case accumulatorTruncates
    /// Factors are read before the impulse of the trigger's own step.
    case tracesReadWithoutImpulse
    /// Factors are read at the end of the epoch whatever the trigger.
    case tracesReadAtEndOfEpoch
    /// Synapses learn before the traces of the epoch are worked out.
    case tracesAreOfLastEpoch
    /// A weight is taken as if its sign mode were excitatory.
    case signClamps
    /// Learned weights lose their low bit as quantised ones do.
    case lowBitDropped
    /// Tags are changed in place of weights.
    case tagAsWeight
    /// A later product reads what an earlier target has written.
    case targetsReadNewValues
    /// Epochs end one step late.
    case epochEndsLate
    /// A second spike in an epoch leaves no impulse.
    case secondSpikeIgnored
    /// The second presynaptic spike rounds its impulse by the draw of the postsynaptic one.
    case secondPreSpikeIsRandom
    /// The first spike of an epoch is kept instead of the last.
    case firstSpikeIsKept
    /// Products wrap at 64 bits instead of 32.
    case productIsWide
    /// The mantissa multiplies the first factor before that is clamped.
    case mantissaBeforeClamp
    /// Factors are not clamped to their width.
    case factorIsWide
    /// The sum of products saturates at the end instead of after each.
    case sumSaturatesAtTheEnd
    /// The trigger counts among the widths.
    case triggerHasWidth
    /// Factors that count by their sign have the width 1.
    case signIsNarrow
    /// uk counts steps instead of epochs.
    case decimationCountsSteps
    /// The trace saturates at 255.
    case traceIsWide
}
