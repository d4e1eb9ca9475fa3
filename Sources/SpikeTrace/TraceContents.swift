import Events

/// What opening a file finds out about it.
struct TraceContents {
    /// A chunk that holds spikes.
    struct Chunk {
        var offset: UInt64
        var length: UInt64
        /// Log time of its first batch.
        var startTime: UInt64
        /// Channels with messages in it, ascending.
        var channels: [UInt16]
        /// Messages outside any chunk, as other writers leave them: records without a checksum.
        var isBare = false
    }

    /// Whether the file says that it was written by this writer, whose chunks are in order.
    var isOwn = false

    var health = SpikeTraceHealth()
    var channels: [UInt16: ChannelRecord] = [:]
    var metadata: [String: String] = [:]
    /// Totals of a finished recording, the number of spikes among them.
    var totals: [String: String] = [:]
    /// Spikes of a finished recording.
    var spikeCount: UInt64? { totals["spikes"].flatMap { UInt64($0) } }
    /// Messages of the whole file, if the summary says.
    var messageCount: UInt64?
    /// In the order of the file.
    var chunks: [Chunk] = []
    /// First compression that cannot be read.
    var unsupported: (offset: UInt64, name: String)?

    /// Whether the header of a file names this writer.
    static func isOwn(_ file: InputFile) throws -> Bool {
        guard let header = try Record(of: file, at: UInt64(MCAP.magic.count), end: file.size),
            header.opcode == Opcode.header.rawValue
        else { return false }
        var reader = ByteReader(header.content)
        return reader.text() == SpikeTraceFormat.encoding && reader.text() == "spikeloom"
    }

    /// Takes a metadata record; false if it is damaged or not the one the index names.
    mutating func take(metadata bytes: ByteReader, named expected: String? = nil) -> Bool {
        var reader = bytes
        guard let name = reader.text(), name == expected ?? name, let map = reader.map(),
            reader.isAtEnd
        else { return false }
        let isRun = name == SpikeTraceFormat.runMetadata
        guard isRun || name == SpikeTraceFormat.endMetadata else { return true }
        let facts = map.dropLast().map { ($0.key, $0.value) }
        guard let last = map.last, last.key == MetadataChecksum.key,
            last.value == MetadataChecksum.of(facts)
        else { return false }
        let named = Dictionary(facts) { first, _ in first }
        if isRun { metadata = named } else { totals = named }
        return true
    }
}
