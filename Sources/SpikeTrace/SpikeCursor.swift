public import Events

/// Reads the spikes of a trace in canonical order, holding one chunk of them at a time.
public struct SpikeCursor {
    private let reader: SpikeTraceReader
    private let steps: ClosedRange<UInt64>
    private let channels: Set<UInt16>
    private let readsAll: Bool
    private var nextChunk = 0
    private var last: Spike?
    /// Spikes that `spikes(ofStep:)` has read ahead.
    private var ahead: ArraySlice<Spike> = []

    init(reader: SpikeTraceReader, steps: ClosedRange<UInt64>, cores: Set<UInt32>?) {
        self.reader = reader
        self.steps = steps
        channels = reader.channelIDs(of: cores)
        readsAll = cores == nil
    }

    /// Reads the next chunk that holds any of the spikes asked for.
    ///
    /// - Returns: Its spikes in canonical order, at least one; nil after the last.
    /// - Throws: `SpikeTraceError` if the file cannot be read, was written by a newer version, or
    ///   is not in canonical order.
    public mutating func next() throws -> [Spike]? {
        if !ahead.isEmpty {
            defer { ahead = [] }
            return Array(ahead)
        }
        while nextChunk < reader.chunks.count {
            let index = nextChunk
            nextChunk += 1
            guard mayHoldSpikes(index) else { continue }
            let chunk = reader.chunks[index]
            let spikes = try reader.spikes(of: chunk, steps: steps, channels: channels)
            guard let first = spikes.first else { continue }
            if let last, first < last {
                throw SpikeTraceError.malformed(
                    path: reader.path,
                    offset: chunk.offset,
                    problem: "a chunk begins at step \(first.step), after a chunk that ends at "
                        + "step \(last.step): chunks must be in canonical order"
                )
            }
            last = spikes.last
            return spikes
        }
        return nil
    }

    /// Reads the spikes of one step, for callers that go through time step by step.
    ///
    /// Spikes of earlier steps that were not asked for are passed over.
    ///
    /// - Parameter step: A step later than that of the call before.
    /// - Returns: Its spikes in canonical order.
    /// - Throws: As `next()`.
    public mutating func spikes(ofStep step: UInt64) throws -> ArraySlice<Spike> {
        var found: ArraySlice<Spike> = []
        while true {
            if ahead.isEmpty {
                guard let more = try next() else { return found }
                ahead = more[...]
            }
            ahead = ahead.drop { $0.step < step }
            guard let first = ahead.first else { continue }
            guard first.step == step else { return found }
            let end = ahead.firstIndex { $0.step > step } ?? ahead.endIndex
            let piece = ahead[..<end]
            ahead = ahead[end...]
            if found.isEmpty { found = piece } else { found += piece }
            // The rest of the step may be in the next chunk.
            if !ahead.isEmpty { return found }
        }
    }

    /// Whether the index leaves room for wanted spikes in a chunk.
    private func mayHoldSpikes(_ index: Int) -> Bool {
        let chunk = reader.chunks[index]
        if !readsAll, !chunk.channels.contains(where: channels.contains) { return false }
        let timeBase = reader.info.timeBase
        guard chunk.startTime <= timeBase.logTime(ofStep: steps.upperBound) else { return false }
        // A chunk holds nothing later than the begin of the next one.
        guard index + 1 < reader.chunks.count else { return true }
        return reader.chunks[index + 1].startTime >= timeBase.logTime(ofStep: steps.lowerBound)
    }
}
