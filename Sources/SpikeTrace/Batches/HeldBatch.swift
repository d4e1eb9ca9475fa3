import Events

/// Spikes of an open batch, for layouts that need all of them at once.
struct HeldBatch {
    /// Step of the first spike.
    private(set) var firstStep: UInt64 = 0
    /// Steps after the first one, in the order of the spikes.
    private(set) var steps: [UInt32] = []
    /// Neurons, in the order of the spikes.
    private(set) var neurons: [UInt32] = []

    var count: Int { steps.count }

    /// Adds spikes of one core whose steps never decrease and are within 2³² − 1 of the first.
    mutating func append(_ spikes: Span<Spike>) {
        guard !spikes.isEmpty else { return }
        if steps.isEmpty { firstStep = spikes[0].step }
        let first = firstStep
        steps.reserveForAppending(spikes.count)
        neurons.reserveForAppending(spikes.count)
        for index in spikes.indices {
            let spike = unsafe spikes[unchecked: index]
            steps.append(UInt32(truncatingIfNeeded: spike.step &- first))
            neurons.append(spike.neuron)
        }
    }

    /// Some of the spikes, for a trial.
    func part(_ range: Range<Int>) -> HeldBatch {
        var part = HeldBatch()
        guard let base = steps[range].first else { return part }
        part.steps = steps[range].map { $0 - base }
        part.neurons = Array(neurons[range])
        return part
    }

    /// The spikes of about every eighth neuron, for a trial.
    func eighth() -> HeldBatch {
        var part = HeldBatch()
        for index in steps.indices
        // Multiplied, so that neighbours and multiples of a power of two are mixed.
        where (neurons[index] &* 0x9E37_79B1) >> 29 == 0 {
            part.steps.append(steps[index])
            part.neurons.append(neurons[index])
        }
        return part
    }

    mutating func removeAll(keeping kept: Int) {
        steps.removeAll(keepingCapacity: 4 * steps.capacity <= kept)
        neurons.removeAll(keepingCapacity: 4 * neurons.capacity <= kept)
    }
}

extension [UInt32] {
    fileprivate mutating func reserveForAppending(_ more: Int) {
        if capacity < count + more { reserveCapacity(Swift.max(count + more, 2 * capacity)) }
    }
}
