/// Spikes of an open batch, for layouts that need all of them at once.
@safe
struct HeldBatch {
    private(set) var count = 0
    /// Steps after the first one, in the order of the spikes; the first `count` are in use.
    private(set) var steps: [UInt32] = []
    /// Neurons, in the order of the spikes; the first `count` are in use.
    private(set) var neurons: [UInt32] = []

    /// Adds spikes of one core whose steps never decrease and are within 2³² − 1 of the first.
    ///
    /// - Parameters:
    ///   - spikes: The spikes.
    ///   - offset: What to add to their steps, wrapping, to have steps after the first of the batch.
    mutating func append(_ spikes: Span<BatchSpike>, from offset: UInt64) {
        let (base, end) = (count, count + spikes.count)
        if steps.count < end {
            let more = max(end, 2 * steps.count) - steps.count
            steps.append(contentsOf: repeatElement(0, count: more))
            neurons.append(contentsOf: repeatElement(0, count: more))
        }
        let low = UInt32(truncatingIfNeeded: offset)
        unsafe steps.withUnsafeMutableBufferPointer { steps in
            unsafe neurons.withUnsafeMutableBufferPointer { neurons in
                for index in spikes.indices {
                    let spike = unsafe spikes[unchecked: index]
                    // Both have `end` places.
                    unsafe steps[base &+ index] = UInt32(truncatingIfNeeded: spike.step) &+ low
                    unsafe neurons[base &+ index] = spike.neuron
                }
            }
        }
        count = end
    }

    /// The first spikes, for a trial.
    func first(_ wanted: Int) -> HeldBatch {
        var part = HeldBatch()
        part.count = min(wanted, count)
        part.steps = Array(steps[..<part.count])
        part.neurons = Array(neurons[..<part.count])
        return part
    }

    /// The spikes of about every eighth neuron, for a trial.
    func eighth() -> HeldBatch {
        var part = HeldBatch()
        for index in 0..<count
        // Multiplied, so that neighbours and multiples of a power of two are mixed.
        where (neurons[index] &* 0x9E37_79B1) >> 29 == 0 {
            part.steps.append(steps[index])
            part.neurons.append(neurons[index])
        }
        part.count = part.steps.count
        return part
    }

    /// Forgets the spikes, and gives back storage of more than some bytes.
    mutating func removeAll(keeping kept: Int) {
        count = 0
        if 8 * steps.count > kept {
            steps = []
            neurons = []
        }
    }
}
