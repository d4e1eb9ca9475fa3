import Events
public import SpikeTrace

extension Conversion {
    /// Writes a spike trace on the clock of another.
    ///
    /// - Parameters:
    ///   - trace: The spike trace.
    ///   - alignment: How its clock goes against that of the reference.
    ///   - reference: The other spike trace, whose time steps are used.
    ///   - path: File beside which large recordings are sorted.
    ///   - sink: Where the spikes go.
    ///   - progress: Told how many spikes are done.
    /// - Returns: Spikes read, written, dropped.
    /// - Throws: `SpikeTraceError`, `RecordingError`.
    public static func align(
        _ trace: SpikeTraceReader,
        by alignment: ClockAlignment,
        to reference: SpikeTraceReader,
        beside path: String,
        into sink: any SpikeSink,
        progress: (_ done: UInt64) -> Void = { _ in }
    ) throws -> EventTally {
        var tally = EventTally()
        let sorter = SpikeSorter(beside: path)
        let step = trace.info.timeBase.seconds
        let target = reference.info.timeBase.seconds
        var cursor = trace.spikes()
        while let spikes = try cursor.next() {
            for spike in spikes {
                tally.read += 1
                let place = (alignment.aligned(Double(spike.step) * step) / target).rounded()
                guard abs(place) < 0x1p61 else {
                    tally.drop(.badTime)
                    continue
                }
                guard place >= 0 else {
                    tally.drop(.beforeZero)
                    continue
                }
                try sorter.append(step: Int64(place), core: spike.core, neuron: spike.neuron)
            }
            progress(tally.read)
        }
        var info = trace.info
        info.timeBase = reference.info.timeBase
        info.metadata["alignedOffset"] = "\(alignment.offset) s"
        info.metadata["alignedSkew"] = "\(alignment.skew)"
        try sink.begin(info)
        var spikes: [Spike] = []
        try sorter.drain { step, core, neuron in
            spikes.append(Spike(step: UInt64(step), core: core, neuron: neuron))
            if spikes.count == BatchSize.events {
                try sink.write(spikes)
                spikes.removeAll(keepingCapacity: true)
            }
        }
        if !spikes.isEmpty { try sink.write(spikes) }
        try sink.finish()
        tally.add(sink.tally)
        tally.written = sink.tally.written
        return tally
    }
}
