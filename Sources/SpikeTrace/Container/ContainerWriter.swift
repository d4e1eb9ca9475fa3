/// Writes an MCAP file: header, metadata, chunks with their indexes, and the summary.
final class ContainerWriter {
    private let file: OutputFile
    private let compressor: ZstdCompressor
    /// Writes all schemas, and all channels, for the summary.
    private let schemas: (count: Int, put: (inout ByteWriter) -> Void)
    private let channels: (count: Int, put: (inout ByteWriter) -> Void)
    private(set) var isOpen = true

    // Parts of the summary.
    private var metadataIndex = ByteWriter()
    private var metadataCount: UInt32 = 0
    private var chunkIndex = ByteWriter()
    private var chunkCount: UInt32 = 0
    private var messageCounts: [UInt64]
    private var timeRange: ClosedRange<UInt64>?

    var path: String { file.path }
    /// Bytes written so far.
    var offset: UInt64 { file.offset }

    /// Creates the file and writes its start.
    ///
    /// - Parameters:
    ///   - path: The file; an existing one is replaced.
    ///   - output: How it is written.
    ///   - compressor: For the chunks.
    ///   - facts: Run facts, sorted by name.
    ///   - schemas: Number of schemas, and how they are written.
    ///   - channels: Number of channels, which have the ids 1 …, and how they are written.
    /// - Throws: `SpikeTraceError` if the file cannot be created.
    init(
        path: String,
        output: OutputPolicy,
        compressor: ZstdCompressor,
        facts: [(String, String)],
        schemas: (count: Int, put: (inout ByteWriter) -> Void),
        channels: (count: Int, put: (inout ByteWriter) -> Void)
    ) throws {
        self.compressor = compressor
        self.schemas = schemas
        self.channels = channels
        messageCounts = [UInt64](repeating: 0, count: channels.count + 1)
        file = try OutputFile(path: path, policy: output)
        var start = ByteWriter()
        start.put(MCAP.magic)
        start.put(.header) {
            $0.put(SpikeTraceFormat.encoding)
            $0.put("spikeloom")
        }
        putMetadata(SpikeTraceFormat.runMetadata, facts, to: &start, at: 0)
        try write(start)
    }

    /// Writes a chunk and its message indexes, and empties the builder.
    func write(_ chunk: inout ChunkBuilder) throws {
        guard !chunk.isEmpty else { return }
        let messages = chunk.messages
        let startTime = messages.lazy.map(\.time).min() ?? 0
        let endTime = messages.lazy.map(\.time).max() ?? 0
        let crc = Checksum.of(chunk.body.bytes)
        let data = compressor.compressed(chunk.body.bytes, borders: chunk.borders)
        let start = file.offset
        var head = ByteWriter()
        head.put(.chunk, followedBy: data.count) {
            $0.put(startTime)
            $0.put(endTime)
            $0.put(UInt64(chunk.body.count))
            $0.put(crc)
            $0.put("zstd")
            $0.put(UInt64(data.count))
        }
        let chunkLength = head.count + data.count
        var indexes = ByteWriter()
        let byChannel = Dictionary(grouping: messages, by: \.channel).sorted { $0.key < $1.key }
        var indexOffsets = ByteWriter()
        for (channel, entries) in byChannel {
            indexOffsets.put(channel)
            indexOffsets.put(start + UInt64(chunkLength + indexes.count))
            indexes.put(.messageIndex) {
                $0.put(channel)
                $0.put(UInt32(16 * entries.count))
                for entry in entries {
                    $0.put(entry.time)
                    $0.put(entry.offset)
                }
            }
            messageCounts[Int(channel)] += UInt64(entries.count)
        }
        try write(head.bytes[...], data, indexes.bytes[...])
        chunkIndex.put(.chunkIndex) {
            $0.put(startTime)
            $0.put(endTime)
            $0.put(start)
            $0.put(UInt64(chunkLength))
            $0.put(UInt32(indexOffsets.count))
            $0.put(indexOffsets.bytes)
            $0.put(UInt64(indexes.count))
            $0.put("zstd")
            $0.put(UInt64(data.count))
            $0.put(UInt64(chunk.body.count))
        }
        chunkCount += 1
        if !messages.isEmpty {
            let old = timeRange ?? startTime...startTime
            timeRange = min(startTime, old.lowerBound)...max(endTime, old.upperBound)
        }
        chunk.removeAll()
    }

    /// Writes totals, index and summary, and closes the file.
    func finish(totals: [(String, String)]) throws {
        var end = ByteWriter()
        putMetadata(SpikeTraceFormat.endMetadata, totals, to: &end, at: file.offset)
        try write(end)
        end.removeAll()
        end.put(.dataEnd) { $0.put(file.checksum.value) }
        try write(end)
        try write(summary(at: file.offset))
        isOpen = false
    }

    /// Writes a piece of the file; after a failure nothing more is taken.
    private func write(_ piece: ByteWriter) throws { try write(piece.bytes[...], [], []) }

    /// Writes a piece of the file that is in parts.
    private func write(
        _ head: ArraySlice<UInt8>,
        _ data: ArraySlice<UInt8>,
        _ tail: ArraySlice<UInt8>
    ) throws {
        do {
            try file.write(head, data, tail)
        } catch {
            isOpen = false
            throw error
        }
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

    /// Everything from the end of the data section to the end of the file.
    private func summary(at start: UInt64) -> ByteWriter {
        var bytes = ByteWriter()
        var groups: [(opcode: Opcode, start: Int, end: Int)] = []
        func group(_ opcode: Opcode, _ records: (inout ByteWriter) -> Void) {
            let start = bytes.count
            records(&bytes)
            if bytes.count > start { groups.append((opcode, start, bytes.count)) }
        }
        group(.schema, schemas.put)
        group(.channel, channels.put)
        group(.statistics) {
            $0.put(.statistics) {
                $0.put(messageCounts.reduce(0, +))
                $0.put(UInt16(schemas.count))
                $0.put(UInt32(channels.count))
                $0.put(UInt32(0))
                $0.put(metadataCount)
                $0.put(chunkCount)
                $0.put(timeRange?.lowerBound ?? 0)
                $0.put(timeRange?.upperBound ?? 0)
                let counted = messageCounts.indices.filter { messageCounts[$0] > 0 }
                $0.put(UInt32(10 * counted.count))
                for channel in counted {
                    $0.put(UInt16(channel))
                    $0.put(messageCounts[channel])
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
