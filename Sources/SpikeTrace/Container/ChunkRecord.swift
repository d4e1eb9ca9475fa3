/// Where a chunk lies in the file and what its head claims.
struct ChunkRecord: Equatable {
    /// Offset of the opcode.
    var offset: UInt64
    /// Opcode, length and content.
    var length: UInt64
    var startTime: UInt64
    var endTime: UInt64
    var uncompressedSize: UInt64
    var crc: UInt32
    var compression: String
    /// Bytes before the compressed data, from the opcode.
    var headLength: UInt64

    /// Compressed bytes.
    var dataLength: UInt64 { length - headLength }
    /// All bytes of the record.
    var range: Range<UInt64> { offset..<offset + length }

    /// Compressions that can be read.
    static let readable: Set<String> = ["zstd", "lz4", ""]

    /// Bytes to read for the head: longer names of a compression are not ours.
    static let headLimit = 9 + 40 + 40

    /// Reads the head of a chunk; nil if the bytes cannot be one.
    ///
    /// - Parameters:
    ///   - bytes: From the opcode on.
    ///   - offset: Where in the file that is.
    ///   - fileSize: Bytes of the file: the record must end within it.
    init?(_ bytes: ByteReader, at offset: UInt64, fileSize: UInt64) {
        var reader = bytes
        let start = reader.position
        guard reader.get(UInt8.self) == Opcode.chunk.rawValue,
            let contentLength = reader.get(UInt64.self),
            contentLength <= fileSize, offset + MCAP.recordHead <= fileSize - contentLength,
            let startTime = reader.get(UInt64.self), let endTime = reader.get(UInt64.self),
            let uncompressedSize = reader.get(UInt64.self), let crc = reader.get(UInt32.self),
            let compression = reader.text(limit: 40), let dataLength = reader.get(UInt64.self)
        else { return nil }
        let headLength = UInt64(reader.position - start)
        guard dataLength <= contentLength,
            contentLength + MCAP.recordHead == headLength + dataLength
        else { return nil }
        self.offset = offset
        length = contentLength + MCAP.recordHead
        self.startTime = startTime
        self.endTime = endTime
        self.uncompressedSize = uncompressedSize
        self.crc = crc
        self.compression = compression
        self.headLength = headLength
    }
}
