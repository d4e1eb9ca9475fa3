public import Events

/// A machine that follows a recording.
extension Machine {
    /// Runs one time step in which recorded spikes take the place of the machine's own.
    ///
    /// Somas compute as ever, and `spikes` lists what they would have put out; but synapses, learning and
    /// rate control get the recorded spikes of this step, and somas reset as recorded: one that missed a
    /// recorded spike is reset all the same, and one that spiked without a recorded spike keeps its
    /// membrane potential. So a neuron is judged by its recorded inputs and its own recorded past, and one
    /// wrong spike does not make the next one wrong. Neurons of `odinLIF` reset within the step, event by
    /// event: they keep their own resets.
    ///
    /// Counts of packets and synaptic events are those of the recorded spikes, of somas and spikes those
    /// computed.
    ///
    /// - Parameters:
    ///   - inputs: As for `step(inputs:)`.
    ///   - recorded: Spikes of neurons in this step, in any order; those of places that hold no neuron of
    ///     the image are ignored, repeated ones count once.
    /// - Returns: Number of spikes computed; `spikes` lists them.
    @discardableResult
    public func step(inputs: [[UInt32]] = [], following recorded: some Sequence<Spike>) -> Int {
        for partition in partitions { partition.setFollowing(true) }
        var senders: Set<UInt32> = []
        for spike in recorded {
            guard let place = locate(spike.address) else { continue }
            place.partition.follow(column: place.index)
            senders.insert(place.neuron)
        }
        let sorted = senders.sorted()
        followedSenders = sorted
        defer {
            followedSenders = nil
            for partition in partitions { partition.setFollowing(false) }
        }
        return step(inputs: inputs)
    }

    /// Hands the recorded spikes to whoever reads those of the partitions: rate control.
    func replaceSpikesByFollowed() {
        guard let followedSenders else { return }
        var rest = followedSenders[...]
        // Partitions are contiguous ranges of neurons in order.
        for (index, partition) in partitions.enumerated() {
            let end = rest.firstIndex { layout.partitionOfNeuron[Int($0)] != Int32(index) }
            partition.replaceSpikes(by: rest[..<(end ?? rest.endIndex)])
            rest = rest[(end ?? rest.endIndex)...]
        }
    }
}
