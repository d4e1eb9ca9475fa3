/// A spike as batches hold it: 8 bytes, in the order of (step, neuron).
package struct BatchSpike: Equatable {
    /// Steps since the first one of the batch in the upper half, the neuron in the lower one.
    private(set) var bits: UInt64

    /// Puts a spike together.
    ///
    /// - Parameters:
    ///   - step: Steps since the first one of the batch; below 2³².
    ///   - neuron: The neuron; below 2³².
    @inline(__always)
    package init(step: UInt64, neuron: UInt64) { bits = step &<< 32 | neuron }

    /// Steps since the first one of the batch.
    package var step: UInt64 {
        @inline(__always) get { bits &>> 32 }
    }

    /// The neuron.
    package var neuron: UInt32 {
        @inline(__always) get { UInt32(truncatingIfNeeded: bits) }
    }
}
