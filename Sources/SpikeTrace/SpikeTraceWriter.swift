public import Events

/// Records spikes into a spike trace, chunk by chunk, in bounded memory.
///
/// The file grows at its final name (an existing one is replaced), so what a killed recorder has
/// flushed stays readable: `SpikeTraceReader` recovers every flushed chunk. Every error surfaces in
/// `append`, `flush` or `finish`; after one the file ends with the last whole chunk.
public final class SpikeTraceWriter {
    /// A source and its open batch.
    private struct Source {
        let id: UInt16
        let channel: SpikeChannel
        var batch = GapEncoder()
        /// Batches finished so far in the file.
        var batches: UInt32 = 0
        /// The messages of this source in the open chunk: log time and offset.
        var index: [(time: UInt64, offset: UInt64)] = []
    }

    private let file: OutputFile
    private let info: SpikeTraceInfo
    private let flushInterval: Duration?
    private let compressor = ZstdCompressor(level: 1)

    // Sources in order of their cores.
    private var sources: [Source]
    private var current = 0
    private var isOpen = true
    private var last: Spike?
    private var lastFlush = ContinuousClock.now

    // The open chunk: records of finished batches, and bytes of the open batches.
    private var body = ByteWriter()
    /// Offsets in `body` at which its statistics change.
    private var borders: [Int] = []
    private var openBytes = 0
    /// Sources with spikes in the open chunk, in order of their first batch.
    private var used: [Int] = []

    // Totals and the parts of the summary.
    private var metadataIndex = ByteWriter()
    private var metadataCount: UInt32 = 0
    private var chunkIndex = ByteWriter()
    private var chunkCount: UInt32 = 0
    private var messageCount: UInt64 = 0
    private var timeRange: ClosedRange<UInt64>?

    /// Spikes appended so far.
    public private(set) var spikeCount: UInt64 = 0

    /// Spikes that are in the file for good: all up to this many survive the end of the process.
    public private(set) var flushedSpikeCount: UInt64 = 0

    /// Bytes written to the file so far.
    public var byteCount: UInt64 { file.offset }

    /// Creates a spike trace and writes what it says about itself.
    ///
    /// - Parameters:
    ///   - path: The file; an existing one is replaced.
    ///   - info: Time base, run facts and sources of spikes.
    ///   - flushInterval: Longest wall time a chunk stays open, checked at every append; nil for no
    ///     limit. It decides only where chunks end, but that makes the bytes of two equal runs
    ///     differ, never their spikes.
    /// - Throws: `SpikeTraceError` if the file cannot be created or a source cannot be described.
    public init(
        path: String,
        info: SpikeTraceInfo,
        flushInterval: Duration? = .seconds(1)
    ) throws {
        try Self.check(info, path: path)
        let channels = info.channels.sorted { $0.core < $1.core }
        self.info = info
        self.flushInterval = flushInterval
        sources = channels.enumerated().map { Source(id: UInt16($0 + 1), channel: $1) }
        file = try OutputFile(path: path)

        var start = ByteWriter()
        start.put(MCAP.magic)
        start.put(.header) {
            $0.put(SpikeTraceFormat.encoding)
            $0.put("spikeloom")
        }
        putMetadata(SpikeTraceFormat.runMetadata, runFacts(), to: &start, at: 0)
        try file.write(start.bytes)
        // The channels in chunks of their own: under a checksum, and there from the start.
        for index in sources.indices {
            if body.count == 0 { putSchema(to: &body) }
            putChannel(sources[index], to: &body)
            if body.count >= SpikeTraceFormat.chunkBytes { try writeChunk() }
        }
        if body.count > 0 { try writeChunk() }
    }

    /// Records spikes.
    ///
    /// On an error the spikes before the offending one are recorded, and further ones are refused
    /// only if the file itself failed.
    ///
    /// - Parameter spikes: In canonical order (step, core, neuron), none before the last one
    ///   recorded; equal ones are kept.
    /// - Throws: `SpikeTraceError` for a spike that does not belong here, or if the file cannot be
    ///   written.
    public func append(_ spikes: [Spike]) throws {
        guard isOpen else { throw SpikeTraceError.closed(path: file.path) }
        var start = 0
        while start < spikes.count {
            try selectSource(of: spikes[start])
            let end = try runEnd(in: spikes, from: start)
            let before = sources[current].batch.byteCount
            sources[current].batch.append(
                spikes.span.extracting(start..<end),
                neuronCount: sources[current].channel.neuronCount
            )
            openBytes += sources[current].batch.byteCount - before
            last = spikes[end - 1]
            spikeCount += UInt64(end - start)
            start = end
            if sources[current].batch.count == SpikeTraceFormat.batchSpikes {
                finishBatch(current)
            }
            if body.count + openBytes >= SpikeTraceFormat.chunkBytes { try flush() }
        }
        if let flushInterval, ContinuousClock.now - lastFlush >= flushInterval { try flush() }
    }

    /// Writes the open chunk to the file.
    ///
    /// - Throws: `SpikeTraceError` if the file cannot be written.
    public func flush() throws {
        guard isOpen else { throw SpikeTraceError.closed(path: file.path) }
        for index in used { finishBatch(index) }
        if body.count > 0 { try writeChunk() }
        flushedSpikeCount = spikeCount
        lastFlush = .now
    }

    /// Writes the open chunk, the index and the summary, and ends the recording.
    ///
    /// - Parameter totals: What the run came to, by name: for example counts of actions.
    /// - Throws: `SpikeTraceError` if the file cannot be written, or a total cannot be stored.
    public func finish(totals: [String: String] = [:]) throws {
        try Self.check(totals, reserved: ["spikes", MetadataChecksum.key], path: file.path)
        try flush()
        var end = ByteWriter()
        putMetadata(
            SpikeTraceFormat.endMetadata,
            [("spikes", String(spikeCount))]
                + totals.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            to: &end,
            at: file.offset
        )
        try write(end)
        end.removeAll()
        end.put(.dataEnd) { $0.put(file.checksum.value) }
        try write(end)
        try write(summary(at: file.offset))
        isOpen = false
    }
}

// MARK: - Choosing the source of a spike

extension SpikeTraceWriter {
    /// Makes the source of a spike the current one.
    private func selectSource(of spike: Spike) throws {
        // Spikes of a step come in order of their cores: mostly this source or the next ones.
        for index in current..<min(current + 3, sources.count)
        where sources[index].channel.core == spike.core {
            current = index
            return
        }
        var (low, high) = (0, sources.count)
        while low < high {
            let middle = (low + high) / 2
            if sources[middle].channel.core < spike.core { low = middle + 1 } else { high = middle }
        }
        guard low < sources.count, sources[low].channel.core == spike.core else {
            throw SpikeTraceError.unknownCore(path: file.path, spike: spike)
        }
        current = low
    }

    /// End of the spikes that can go into the batch of the current source in one piece.
    private func runEnd(in spikes: [Spike], from start: Int) throws -> Int {
        // Field by field: a copy of the source would hold its storage.
        let core = sources[current].channel.core
        let neuronCount = sources[current].channel.neuronCount
        let batchCount = sources[current].batch.count
        let first = spikes[start]
        if let last, first < last {
            throw SpikeTraceError.outOfOrder(path: file.path, spike: first, previous: last)
        }
        // A batch spans at most 2^32 - 1 steps; pieces keep the size of a chunk in bounds.
        let firstStep = batchCount > 0 ? sources[current].batch.firstStep : first.step
        if first.step - firstStep >= UInt64(UInt32.max) {
            finishBatch(current)
            return try runEnd(in: spikes, from: start)
        }
        let room = min(SpikeTraceFormat.batchSpikes - batchCount, 1 << 14)
        let limit = min(spikes.count, start + room)
        var previous = first
        var end = start
        while end < limit {
            let spike = spikes[end]
            guard spike.core == core, spike.tick == 0, spike.neuron < neuronCount,
                (spike.step, spike.neuron) >= (previous.step, previous.neuron),
                spike.step - firstStep < UInt64(UInt32.max)
            else { break }
            previous = spike
            end += 1
        }
        if end == start {
            if first.tick != 0 {
                throw SpikeTraceError.ticksNotSupported(path: file.path, spike: first)
            }
            throw SpikeTraceError.neuronOutOfRange(
                path: file.path,
                spike: first,
                neuronCount: neuronCount
            )
        }
        if batchCount == 0 { used.append(current) }
        return end
    }
}

// MARK: - Chunks

extension SpikeTraceWriter {
    /// Moves the open batch of a source into the open chunk.
    private func finishBatch(_ index: Int) {
        guard sources[index].batch.count > 0 else { return }
        openBytes -= sources[index].batch.byteCount
        if body.count == 0 { putSchema(to: &body) }
        // Each chunk names its channels, so that it can be read when all else is lost.
        if sources[index].index.isEmpty { putChannel(sources[index], to: &body) }
        let time = info.timeBase.logTime(ofStep: sources[index].batch.firstStep)
        sources[index].index.append((time, UInt64(body.count)))
        let sequence = sources[index].batches
        sources[index].batches &+= 1
        var (start, border) = (body.count, 0)
        body.put(.message) {
            $0.put(sources[index].id)
            $0.put(sequence)
            $0.put(time)
            $0.put(time)
            border = sources[index].batch.finish(
                to: &$0,
                neuronCount: sources[index].channel.neuronCount,
                keeping: max(1 << 12, (1 << 22) / sources.count)
            )
        }
        // Symbols compress, raw bits do not: large columns get blocks of their own.
        for end in [start, border, body.count] where end - start >= Self.smallestBlock {
            borders.append(end)
            start = end
        }
    }

    /// Bytes below which columns share a block of zstd with their neighbours.
    private static let smallestBlock = 1 << 14

    /// Writes the finished batches as one chunk with its message indexes.
    private func writeChunk() throws {
        let touched = Set(used).sorted()
        let times = touched.flatMap { sources[$0].index.map(\.time) }
        let (startTime, endTime) = (times.min() ?? 0, times.max() ?? 0)
        let crc = Checksum.of(body.bytes)
        let data = compressor.compressed(body.bytes, borders: borders)

        let start = file.offset
        var record = ByteWriter()
        record.put(.chunk) {
            $0.put(startTime)
            $0.put(endTime)
            $0.put(UInt64(body.count))
            $0.put(crc)
            $0.put("zstd")
            $0.put(UInt64(data.count))
            $0.put(data)
        }
        let chunkLength = record.count
        var indexOffsets = ByteWriter()
        for index in touched {
            indexOffsets.put(sources[index].id)
            indexOffsets.put(start + UInt64(record.count))
            record.put(.messageIndex) {
                $0.put(sources[index].id)
                $0.put(UInt32(16 * sources[index].index.count))
                for entry in sources[index].index {
                    $0.put(entry.time)
                    $0.put(entry.offset)
                }
            }
        }
        try write(record)

        chunkIndex.put(.chunkIndex) {
            $0.put(startTime)
            $0.put(endTime)
            $0.put(start)
            $0.put(UInt64(chunkLength))
            $0.put(UInt32(indexOffsets.count))
            $0.put(indexOffsets.bytes)
            $0.put(UInt64(record.count - chunkLength))
            $0.put("zstd")
            $0.put(UInt64(data.count))
            $0.put(UInt64(body.count))
        }
        chunkCount += 1
        messageCount += UInt64(times.count)
        if !times.isEmpty {
            timeRange =
                min(
                    startTime,
                    timeRange?.lowerBound ?? startTime
                )...max(
                    endTime,
                    timeRange?.upperBound ?? endTime
                )
        }
        for index in touched { sources[index].index.removeAll(keepingCapacity: true) }
        used.removeAll(keepingCapacity: true)
        body.removeAll()
        borders.removeAll(keepingCapacity: true)
    }

    /// Writes a piece of the file; after a failure nothing more is taken.
    private func write(_ piece: ByteWriter) throws {
        do {
            try file.write(piece.bytes)
        } catch {
            isOpen = false
            throw error
        }
    }
}

// MARK: - Records

extension SpikeTraceWriter {
    private func runFacts() -> [(String, String)] {
        var facts = info.metadata
        facts["timeBaseNumerator"] = String(info.timeBase.numerator)
        facts["timeBaseDenominator"] = String(info.timeBase.denominator)
        return facts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func putMetadata(
        _ name: String,
        _ facts: [(String, String)],
        to bytes: inout ByteWriter,
        at offset: UInt64
    ) {
        let start = bytes.count
        bytes.put(.metadata) {
            $0.put(name)
            $0.put(facts + [(MetadataChecksum.key, MetadataChecksum.of(facts))])
        }
        let length = bytes.count - start
        metadataCount += 1
        metadataIndex.put(.metadataIndex) {
            $0.put(offset + UInt64(start))
            $0.put(UInt64(length))
            $0.put(name)
        }
    }

    private func putSchema(to bytes: inout ByteWriter) {
        bytes.put(.schema) {
            $0.put(UInt16(1))
            $0.put(SpikeTraceFormat.encoding)
            $0.put("")
            $0.put(UInt32(0))
        }
    }

    private func putChannel(_ source: Source, to bytes: inout ByteWriter) {
        bytes.put(.channel) {
            $0.put(source.id)
            $0.put(UInt16(1))
            $0.put(source.channel.topic)
            $0.put(SpikeTraceFormat.encoding)
            $0.put([
                ("core", String(source.channel.core)),
                ("label", source.channel.label),
                ("neuronCount", String(source.channel.neuronCount)),
                ("timeBaseDenominator", String(info.timeBase.denominator)),
                ("timeBaseNumerator", String(info.timeBase.numerator)),
            ])
        }
    }

    /// Everything from the end of the data section to the end of the file.
    private func summary(at start: UInt64) -> ByteWriter {
        var bytes = ByteWriter()
        var groups: [(opcode: Opcode, start: Int, end: Int)] = []
        func group(_ opcode: Opcode, _ records: (inout ByteWriter) -> Void) {
            let start = bytes.count
            records(&bytes)
            if bytes.count > start { groups.append((opcode, start, bytes.count)) }
        }
        group(.schema) { if !sources.isEmpty { putSchema(to: &$0) } }
        group(.channel) { for source in sources { putChannel(source, to: &$0) } }
        group(.statistics) {
            $0.put(.statistics) {
                $0.put(messageCount)
                $0.put(UInt16(sources.isEmpty ? 0 : 1))
                $0.put(UInt32(sources.count))
                $0.put(UInt32(0))
                $0.put(metadataCount)
                $0.put(chunkCount)
                $0.put(timeRange?.lowerBound ?? 0)
                $0.put(timeRange?.upperBound ?? 0)
                let counted = sources.filter { $0.batches > 0 }
                $0.put(UInt32(10 * counted.count))
                for source in counted {
                    $0.put(source.id)
                    $0.put(UInt64(source.batches))
                }
            }
        }
        group(.chunkIndex) { $0.put(chunkIndex.bytes) }
        group(.metadataIndex) { $0.put(metadataIndex.bytes) }
        let offsetStart = start + UInt64(bytes.count)
        for group in groups {
            bytes.put(.summaryOffset) {
                $0.put(group.opcode.rawValue)
                $0.put(start + UInt64(group.start))
                $0.put(UInt64(group.end - group.start))
            }
        }
        bytes.put(Opcode.footer.rawValue)
        bytes.put(UInt64(20))
        bytes.put(start)
        bytes.put(offsetStart)
        bytes.put(Checksum.of(bytes.bytes))
        bytes.put(MCAP.magic)
        return bytes
    }
}

// MARK: - Checks

extension SpikeTraceWriter {
    private static func check(_ info: SpikeTraceInfo, path: String) throws {
        guard info.channels.count <= SpikeTraceFormat.mostChannels else {
            throw SpikeTraceError.tooManyChannels(path: path, count: info.channels.count)
        }
        var cores: Set<UInt32> = []
        for channel in info.channels {
            let problem: String? =
                if !cores.insert(channel.core).inserted {
                    "it is named twice. Give each core one channel"
                } else if channel.neuronCount == 0 {
                    "it has 0 neurons. Leave it out"
                } else if channel.label.utf8.count > SpikeTraceFormat.longestText - 64 {
                    "its label has \(channel.label.utf8.count) bytes. At most "
                        + "\(SpikeTraceFormat.longestText - 64) fit. Shorten it"
                } else {
                    nil
                }
            if let problem {
                throw SpikeTraceError.badChannel(path: path, core: channel.core, problem: problem)
            }
        }
        try check(
            info.metadata,
            reserved: ["timeBaseNumerator", "timeBaseDenominator", MetadataChecksum.key],
            path: path
        )
    }

    /// Refuses facts that the format cannot store.
    private static func check(
        _ facts: [String: String],
        reserved: Set<String>,
        path: String
    ) throws {
        for (key, value) in facts.sorted(by: { $0.key < $1.key }) {
            if reserved.contains(key) {
                throw SpikeTraceError.badMetadata(
                    path: path,
                    key: key,
                    problem: "the name is taken by the format. Choose another"
                )
            }
            if max(key.utf8.count, value.utf8.count) > SpikeTraceFormat.longestText {
                throw SpikeTraceError.badMetadata(
                    path: path,
                    key: key,
                    problem: "name or value is longer than \(SpikeTraceFormat.longestText) bytes. "
                        + "Shorten it"
                )
            }
        }
    }
}
