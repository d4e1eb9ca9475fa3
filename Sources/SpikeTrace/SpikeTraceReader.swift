public import Events

/// Reads a spike trace chunk by chunk, in bounded memory.
///
/// A finished file is opened by its summary. Any other is scanned from the front: every chunk whose
/// checksum holds is kept, and `health` names the bytes passed over. Chunks damaged behind an intact
/// summary are passed over and named when they are read.
public final class SpikeTraceReader {
    /// The file.
    public let path: String
    /// Time base, run facts, and channels in order of their cores.
    public let info: SpikeTraceInfo
    /// Spikes of the whole file as its writer counted them; nil if the recording was cut off.
    public let spikeCount: UInt64?
    /// Totals that the writer added at the end, for example counts of actions; empty where it did not get that far.
    public let totals: [String: String]
    /// What is wrong with the file, as far as it has been read.
    public private(set) var health: SpikeTraceHealth

    /// Whether chunks are in order because this program wrote them.
    let isOwn: Bool
    /// Chunks that may hold spikes, and those that may hold rows of series.
    let chunks: [TraceContents.Chunk]
    let seriesChunks: [TraceContents.Chunk]
    private let channels: [UInt16: SpikeChannel]
    private let seriesIDs: [SeriesChannel: UInt16]
    /// Spikes read so far by the layout of their batches.
    public private(set) var spikesByLayout: [SpikeLayout: UInt64] = [:]
    /// Whether any batch read so far keeps the order of arrival.
    public private(set) var keepsArrivalOrder = false
    private let file: InputFile
    private let loader: ChunkLoader
    private let decoder = BatchDecoder()

    /// Number of chunks that hold spikes.
    public var chunkCount: Int { chunks.count }

    /// Where the chunks that hold spikes lie in the file.
    package var chunkRanges: [Range<UInt64>] { chunks.map { $0.offset..<$0.offset &+ $0.length } }

    /// Bytes of the file.
    public var byteCount: UInt64 { file.size }

    /// Opens a spike trace.
    ///
    /// - Parameter path: The file.
    /// - Throws: `SpikeTraceError` if it cannot be read, is no MCAP file, or holds no channel of
    ///   spikes. Damage is no error as long as a channel is left.
    public init(path: String) throws {
        let file = try InputFile(path: path)
        var contents: TraceContents
        if let summary = try TraceContents(summaryOf: file) {
            contents = summary
            if try file.bytes(at: 0, count: 8) != MCAP.magic {
                contents.health.skip(0..<8, "the magic bytes are damaged")
            }
        } else {
            guard try file.bytes(at: 0, count: 8) == MCAP.magic else {
                throw SpikeTraceError.notMCAP(path: path)
            }
            contents = try TraceContents(scanOf: file)
        }
        if let (offset, name) = contents.unsupported,
            contents.health.hasSummary || contents.chunks.isEmpty
        {
            throw SpikeTraceError.unsupportedCompression(path: path, offset: offset, name: name)
        }
        let ours = contents.channels.compactMapValues(\.channel)
        let series = Self.series(among: contents.channels)
        guard
            let timeBase = TimeBase(facts: contents.metadata)
                ?? contents.channels.values.compactMap(\.timeBase).first,
            !ours.isEmpty || !series.isEmpty
                || contents.channels.isEmpty && !contents.metadata.isEmpty
        else {
            throw SpikeTraceError.noSpikeChannels(
                path: path,
                encodings: Set(contents.channels.values.map(\.encoding)).sorted(),
                health: contents.health
            )
        }
        let sorted = ours.values.sorted { $0.core < $1.core }
        for (a, b) in zip(sorted, sorted.dropFirst()) where a.core == b.core {
            throw SpikeTraceError.malformed(
                path: path,
                offset: 0,
                problem: "core \(a.core) has two channels"
            )
        }
        var metadata = contents.metadata
        metadata["timeBaseNumerator"] = nil
        metadata["timeBaseDenominator"] = nil
        self.path = path
        self.file = file
        info = SpikeTraceInfo(
            timeBase: timeBase,
            metadata: metadata,
            channels: sorted,
            series: series.map(\.series)
        )
        spikeCount = contents.spikeCount
        totals = contents.totals.filter { $0.key != "spikes" }
        health = contents.health
        isOwn = contents.isOwn
        let seriesIDs = Set(series.map(\.id))
        chunks = contents.chunks.filter { $0.channels.contains { !seriesIDs.contains($0) } }
        seriesChunks = contents.chunks.filter { $0.channels.contains(where: seriesIDs.contains) }
        self.seriesIDs = Dictionary(series.map { ($0.series, $0.id) }) { first, _ in first }
        channels = ours
        loader = ChunkLoader(file: file)
    }

    /// Series of a file, by their ids, as far as they are few enough to be held.
    private static func series(
        among records: [UInt16: ChannelRecord]
    ) -> [(id: UInt16, series: SeriesChannel)] {
        var room = SpikeTraceFormat.mostAllColumns
        var taken: [(id: UInt16, series: SeriesChannel)] = []
        for (id, record) in records.sorted(by: { $0.key < $1.key }) {
            guard let series = record.series, series.indices.count <= room else { continue }
            room -= series.indices.count
            taken.append((id, series))
        }
        return taken
    }

    /// Starts reading spikes, a chunk at a time.
    ///
    /// Chunks that cannot hold what is asked for are neither read nor checked.
    ///
    /// - Parameters:
    ///   - steps: Time steps to read.
    ///   - cores: Cores to read, virtual ones of inputs among them; nil for all.
    ///   - order: Whether spikes of a step and core come in the order in which they arrived, where
    ///     the file has it.
    /// - Returns: A cursor before the first spike.
    public func spikes(
        steps: ClosedRange<UInt64> = 0...UInt64.max,
        cores: Set<UInt32>? = nil,
        order: SpikeOrder = .canonical
    ) -> SpikeCursor {
        SpikeCursor(reader: self, steps: steps, cores: cores, order: order)
    }

    /// Starts reading rows of a series, a batch at a time.
    ///
    /// - Parameters:
    ///   - series: One of `info.series`.
    ///   - steps: Time steps to read.
    /// - Returns: A cursor before the first row; it gives none for a series that is not there.
    public func rows(
        of series: SeriesChannel,
        steps: ClosedRange<UInt64> = 0...UInt64.max
    ) -> SeriesCursor {
        SeriesCursor(reader: self, series: series, id: seriesIDs[series], steps: steps)
    }

    /// Reads spikes into memory.
    ///
    /// - Parameters:
    ///   - steps: Time steps to read.
    ///   - cores: Cores to read; nil for all.
    /// - Returns: The spikes in canonical order.
    /// - Throws: `SpikeTraceError` if the file cannot be read or was written by a newer version.
    public func allSpikes(
        steps: ClosedRange<UInt64> = 0...UInt64.max,
        cores: Set<UInt32>? = nil
    ) throws -> [Spike] {
        var cursor = spikes(steps: steps, cores: cores)
        var all: [Spike] = []
        while let more = try cursor.next() { all += more }
        return all
    }
}

// MARK: - Reading chunks

extension SpikeTraceReader {
    /// Channels of the given cores.
    func channelIDs(of cores: Set<UInt32>?) -> Set<UInt16> {
        Set(channels.filter { cores?.contains($0.value.core) ?? true }.keys)
    }

    /// Loads the spikes of a chunk; none, and a note in `health`, if it is damaged.
    ///
    /// They are in canonical order, or by step with each core's in order of arrival.
    func load(
        _ spikes: inout ChunkSpikes,
        of chunk: TraceContents.Chunk,
        steps: ClosedRange<UInt64>,
        channels wanted: Set<UInt16>,
        order: SpikeOrder
    ) throws {
        try passingDamage(of: chunk) {
            let batches = try wantedBatches(chunk, steps: steps, channels: wanted)
            let problem = unsafe loader.bytes.withUnsafeBytes { bytes in
                unsafe spikes.load(batches.map(\.batch), steps: steps, order: order) {
                    unsafe decoder.decode(
                        $0.header,
                        columns: batches[$1].columns,
                        bytes: bytes,
                        output: $2
                    )
                }
            }
            if let problem { throw ChunkLoader.Failure.damaged(problem) }
            for (batch, _) in batches {
                guard let layout = SpikeLayout(rawValue: batch.header.layout) else { continue }
                spikesByLayout[layout, default: 0] += UInt64(batch.header.spikeCount)
                if batch.header.flags & BatchHeader.arrivalOrder != 0 { keepsArrivalOrder = true }
            }
        }
    }

    /// Loads a chunk and does something with it; nil, and a note in `health`, if it is damaged.
    @discardableResult
    func passingDamage<Result>(
        of chunk: TraceContents.Chunk,
        _ body: () throws -> Result
    ) throws -> Result? {
        do {
            if chunk.isBare {
                try loader.load(recordsAt: chunk.offset, length: chunk.length)
            } else {
                guard let record = try loader.head(at: chunk.offset), record.length == chunk.length
                else { throw ChunkLoader.Failure.damaged("a chunk is not where the index says") }
                try loader.load(record)
            }
            return try body()
        } catch ChunkLoader.Failure.damaged(let reason) {
            note(chunk, reason)
        } catch ChunkLoader.Failure.compression {
            // The summary says otherwise, so the name of the compression is damaged.
            note(chunk, "the name of a chunk's compression is damaged")
        }
        return nil
    }

    /// The messages of a channel in the loaded chunk, as ranges of `loadedBytes`.
    func messages(of id: UInt16) throws -> [Range<Int>] {
        try loader.records().compactMap {
            if case .message(id, let data) = $0 { data } else { nil }
        }
    }

    /// Bytes of the loaded chunk.
    var loadedBytes: [UInt8] { loader.bytes }

    private func note(_ chunk: TraceContents.Chunk, _ reason: String) {
        let end = chunk.offset.addingReportingOverflow(chunk.length)
        health.skip(chunk.offset..<(end.overflow ? .max : end.partialValue), reason)
    }

    /// Batches of the loaded chunk that are wanted, in order of their cores, and where their columns
    /// lie in it.
    private func wantedBatches(
        _ chunk: TraceContents.Chunk,
        steps: ClosedRange<UInt64>,
        channels wanted: Set<UInt16>
    ) throws -> [(batch: ChunkSpikes.Batch, columns: Range<Int>)] {
        var batches: [(batch: ChunkSpikes.Batch, columns: Range<Int>)] = []
        for content in try loader.records() {
            switch content {
            case .channel(let record):
                guard record.channel == nil || record.channel == channels[record.id] else {
                    throw ChunkLoader.Failure.damaged("a chunk describes a channel anew")
                }
            case .message(let id, let data):
                guard wanted.contains(id), let channel = channels[id] else { continue }
                var reader = ByteReader(loader.bytes, data)
                guard let header = BatchHeader(from: &reader) else {
                    throw ChunkLoader.Failure.damaged("a batch is shorter than its header")
                }
                guard header.isKnown else {
                    throw SpikeTraceError.unsupportedLayout(
                        path: path,
                        offset: chunk.offset,
                        layout: header.layout,
                        flags: header.flags
                    )
                }
                guard header.neuronCount == channel.neuronCount,
                    // Every layout has at least a byte a spike, but two planes of no width.
                    Int(header.spikeCount) <= max(reader.remaining, SpikeTraceFormat.batchSpikes)
                else {
                    throw ChunkLoader.Failure.damaged("a batch does not fit its channel")
                }
                let (last, overflow) = header.firstStep.addingReportingOverflow(
                    UInt64(max(header.stepCount, 1)) - 1
                )
                guard !overflow else {
                    throw ChunkLoader.Failure.damaged("a batch ends after the last time step")
                }
                guard header.firstStep <= steps.upperBound, last >= steps.lowerBound else {
                    continue
                }
                batches.append(
                    (
                        ChunkSpikes.Batch(core: channel.core, header: header, places: 0..<0),
                        reader.position..<reader.end
                    )
                )
            }
        }
        // Stable: batches of a channel keep their order.
        batches.sort { $0.batch.core < $1.batch.core }
        var total = 0
        for index in batches.indices {
            let end = total + Int(batches[index].batch.header.spikeCount)
            batches[index].batch.places = total..<end
            total = end
        }
        guard total <= SpikeTraceFormat.largestChunkSpikes else {
            throw ChunkLoader.Failure.damaged(
                "a chunk claims \(total) spikes, more than the "
                    + "\(SpikeTraceFormat.largestChunkSpikes) allowed"
            )
        }
        return batches
    }
}
