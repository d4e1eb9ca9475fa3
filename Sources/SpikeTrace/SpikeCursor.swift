public import Events

/// Reads the spikes of a trace in order, some thousands at a time, holding a chunk of them.
///
/// Chunks of other writers may overlap in time: then it holds what overlaps.
public struct SpikeCursor {
    private let reader: SpikeTraceReader
    private let steps: ClosedRange<UInt64>
    private let channels: Set<UInt16>
    private let readsAll: Bool
    private let order: SpikeOrder
    /// Earliest log time of each chunk and all behind it.
    private let earliest: [UInt64]
    private var nextChunk = 0
    private var last: Spike?
    /// Of the chunk that is being read.
    private var pieces = ChunkSpikes()
    /// Handed on by `pieces`, but not given out: what comes next may belong before its end.
    private var held: [Spike] = []
    /// Spikes that `spikes(ofStep:)` has read ahead.
    private var ahead: ArraySlice<Spike> = []

    /// Spikes of chunks that overlap, at most.
    private static let mostHeld = 1 << 23

    init(
        reader: SpikeTraceReader,
        steps: ClosedRange<UInt64>,
        cores: Set<UInt32>?,
        order: SpikeOrder
    ) {
        self.reader = reader
        self.steps = steps
        self.order = order
        channels = reader.channelIDs(of: cores)
        readsAll = cores == nil
        var earliest = reader.chunks.map(\.startTime)
        for index in earliest.indices.dropLast().reversed() {
            earliest[index] = min(earliest[index], earliest[index + 1])
        }
        self.earliest = earliest
    }

    /// Reads the next piece of the spikes asked for.
    ///
    /// - Returns: Spikes in the order asked for, at least one; nil after the last.
    /// - Throws: `SpikeTraceError` if the file cannot be read, was written by a newer version, or
    ///   is not in order.
    public mutating func next() throws -> [Spike]? {
        if !ahead.isEmpty {
            defer { ahead = [] }
            return Array(ahead)
        }
        while let (spikes, isNewChunk) = try nextPiece() {
            guard let first = spikes.first, let end = held.last else {
                held = spikes
                continue
            }
            // What no later chunk can come before.
            let limit = nextChunk < earliest.count ? earliest[nextChunk] : .max
            let timeBase = reader.info.timeBase
            if !comes(first, before: end) {
                guard isNewChunk || timeBase.logTime(ofStep: end.step) < limit else {
                    held += spikes
                    continue
                }
                defer { held = spikes }
                return try checked(held)
            }
            held = merged(held, spikes + pieces.rest())
            let count = held.firstIndex { timeBase.logTime(ofStep: $0.step) >= limit } ?? held.count
            guard count > 0 else {
                guard held.count <= Self.mostHeld else {
                    throw SpikeTraceError.malformed(
                        path: reader.path,
                        offset: reader.chunks[nextChunk - 1].offset,
                        problem: "more than \(Self.mostHeld) spikes lie in chunks that overlap in "
                            + "time"
                    )
                }
                continue
            }
            defer { held.removeFirst(count) }
            return try checked(Array(held[..<count]))
        }
        guard !held.isEmpty else { return nil }
        defer { held = [] }
        return try checked(held)
    }

    /// Spikes of the chunk that is being read, or the first ones of the next that has any of those
    /// asked for.
    private mutating func nextPiece() throws -> (spikes: [Spike], isNewChunk: Bool)? {
        if let spikes = pieces.piece() { return (spikes, false) }
        while nextChunk < reader.chunks.count {
            let index = nextChunk
            nextChunk += 1
            guard mayHoldSpikes(index) else { continue }
            try reader.load(
                &pieces,
                of: reader.chunks[index],
                steps: steps,
                channels: channels,
                order: order
            )
            if let spikes = pieces.piece() { return (spikes, true) }
        }
        return nil
    }

    private func comes(_ a: Spike, before b: Spike) -> Bool {
        order == .canonical ? a < b : a.step < b.step
    }

    /// Both in order; where equal, those of `a` first.
    private func merged(_ a: [Spike], _ b: [Spike]) -> [Spike] {
        var result: [Spike] = []
        result.reserveCapacity(a.count + b.count)
        var next = 0
        for spike in a {
            while next < b.count, comes(b[next], before: spike) {
                result.append(b[next])
                next += 1
            }
            result.append(spike)
        }
        return result + b[next...]
    }

    private mutating func checked(_ spikes: [Spike]) throws -> [Spike] {
        if let last, let first = spikes.first, comes(first, before: last) {
            throw SpikeTraceError.malformed(
                path: reader.path,
                offset: reader.chunks[nextChunk - 1].offset,
                problem: "spikes of step \(first.step) come after spikes of step \(last.step), and "
                    + "the index does not say so"
            )
        }
        last = spikes.last
        return spikes
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
        // A chunk of ours holds nothing later than the begin of the next one.
        guard reader.isOwn, index + 1 < reader.chunks.count else { return true }
        return reader.chunks[index + 1].startTime >= timeBase.logTime(ofStep: steps.lowerBound)
    }
}
