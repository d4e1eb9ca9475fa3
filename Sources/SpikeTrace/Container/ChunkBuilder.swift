/// The records of a chunk that is being filled.
struct ChunkBuilder {
    /// A message of the chunk.
    struct Message {
        var channel: UInt16
        var time: UInt64
        /// Of the record, in the chunk.
        var offset: UInt64
    }

    /// Uncompressed records.
    private(set) var body = ByteWriter()
    /// Offsets in `body` at which its statistics change.
    private(set) var borders: [Int] = []
    private(set) var messages: [Message] = []
    private var described: Set<UInt16> = []

    /// Bytes below which columns share a block of zstd with their neighbours.
    private static let smallestBlock = 1 << 14

    var isEmpty: Bool { body.count == 0 }

    /// Adds records that are no messages.
    mutating func put(_ records: (inout ByteWriter) -> Void) { records(&body) }

    /// Adds a message, and before it the description of its channel if the chunk has none yet.
    ///
    /// - Parameters:
    ///   - channel: Id of the channel.
    ///   - sequence: Number of the message in its channel.
    ///   - time: Log time.
    ///   - description: Writes schema and channel.
    ///   - content: Writes the data and returns offsets in the chunk at which statistics change.
    mutating func put(
        message channel: UInt16,
        sequence: UInt32,
        time: UInt64,
        description: (inout ByteWriter) -> Void,
        content: (inout ByteWriter) -> [Int]
    ) {
        // Each chunk names its channels, so that it can be read when all else is lost.
        if described.insert(channel).inserted { description(&body) }
        messages.append(Message(channel: channel, time: time, offset: UInt64(body.count)))
        var start = body.count
        var ends: [Int] = []
        body.put(.message) {
            $0.put(channel)
            $0.put(sequence)
            $0.put(time)
            $0.put(time)
            ends = content(&$0)
        }
        // Symbols compress, raw bits do not: large columns get blocks of their own.
        for end in [start] + ends + [body.count]
        where end - (borders.last ?? 0) >= Self.smallestBlock || end - start >= Self.smallestBlock {
            if end > borders.last ?? 0 { borders.append(end) }
            start = end
        }
    }

    mutating func removeAll() {
        body.removeAll()
        borders.removeAll(keepingCapacity: true)
        messages.removeAll(keepingCapacity: true)
        described.removeAll(keepingCapacity: true)
    }
}
