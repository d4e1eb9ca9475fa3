/// Loads chunks into storage that is reused.
final class ChunkLoader {
    /// Why a chunk is not loaded.
    enum Failure: Error {
        /// The bytes are damaged, or break a limit; they can be passed over.
        case damaged(String)
        /// The chunk may be sound, but this version cannot read it.
        case compression(String)
    }

    private static let padding = unsafe SymbolDecoder.padding
    private let file: InputFile
    private let decompressor = ZstdDecompressor()
    private var data: [UInt8] = []
    /// The chunk's records, `count` bytes of them, and padding behind.
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0
    /// Bytes that decompression has put out so far, good or bad: the work done.
    private(set) var work: UInt64 = 0

    init(file: InputFile) { self.file = file }

    /// Reads the head of a chunk; nil if there is none.
    func head(at offset: UInt64) throws -> ChunkRecord? {
        let got = try file.read(at: offset, count: ChunkRecord.headLimit, into: &data)
        return ChunkRecord(ByteReader(data, 0..<got), at: offset, fileSize: file.size)
    }

    /// Loads a chunk and checks its checksum.
    ///
    /// - Parameters:
    ///   - chunk: Its head.
    ///   - needsChecksum: Whether a chunk without a checksum counts as damaged.
    /// - Throws: `Failure`, or `SpikeTraceError` if the file cannot be read.
    func load(_ chunk: ChunkRecord, needsChecksum: Bool = false) throws {
        let limit = UInt64(SpikeTraceFormat.largestChunk)
        guard ChunkRecord.readable.contains(chunk.compression) else {
            throw Failure.compression(chunk.compression)
        }
        guard chunk.uncompressedSize <= limit else {
            throw Failure.damaged(
                "a chunk claims \(chunk.uncompressedSize) bytes, more than the \(limit) allowed"
            )
        }
        // Compression never adds more than this.
        guard chunk.dataLength <= limit + (limit >> 8) + 64 else {
            throw Failure.damaged("a chunk has \(chunk.dataLength) compressed bytes")
        }
        guard chunk.crc != 0 || !needsChecksum else {
            throw Failure.damaged("a chunk without a checksum")
        }
        let size = Int(chunk.uncompressedSize)
        let length = Int(chunk.dataLength)
        let got = try file.read(at: chunk.offset + chunk.headLength, count: length, into: &data)
        guard got == length else { throw Failure.damaged("the file was cut while it was read") }
        let result = decompress(chunk.compression, length: length, size: size)
        work += UInt64(result.count)
        guard result.isWhole else {
            throw Failure.damaged("a chunk does not decompress to the size it claims")
        }
        count = size
        let sum = unsafe bytes.withUnsafeBytes {
            unsafe Checksum.of(UnsafeRawBufferPointer(rebasing: $0[..<size]))
        }
        guard chunk.crc == 0 || sum == chunk.crc else {
            throw Failure.damaged("the checksum of a chunk is wrong")
        }
    }

    private func decompress(
        _ compression: String,
        length: Int,
        size: Int
    ) -> (count: Int, isWhole: Bool) {
        let padding = Self.padding
        switch compression {
        case "zstd":
            return unsafe data.withUnsafeBytes { data in
                unsafe decompressor.decompress(
                    UnsafeRawBufferPointer(rebasing: data[..<length]),
                    size: size,
                    into: &bytes,
                    padding: padding
                )
            }
        case "lz4":
            return LZ4Frame.decompress(data[..<length], size: size, into: &bytes, padding: padding)
        default:
            store(length)
            return (length, length == size)
        }
    }

    /// Takes loaded bytes as they are.
    private func store(_ length: Int) {
        bytes.grow(to: length + Self.padding)
        bytes.replaceSubrange(..<length, with: data[..<length])
    }

    /// Loads records that lie in the file outside any chunk, without a checksum.
    ///
    /// - Parameters:
    ///   - offset: Where they begin.
    ///   - length: Bytes, all of them.
    /// - Throws: `Failure`, or `SpikeTraceError` if the file cannot be read.
    func load(recordsAt offset: UInt64, length: UInt64) throws {
        guard length <= UInt64(SpikeTraceFormat.largestChunk) else {
            throw Failure.damaged("messages outside chunks are too large")
        }
        let got = try file.read(at: offset, count: Int(length), into: &data)
        guard got == Int(length) else {
            throw Failure.damaged("the file was cut while it was read")
        }
        store(got)
        count = got
    }

    /// The records of the loaded chunk.
    func records() throws -> [ChunkContent] {
        var reader = ByteReader(bytes, 0..<count)
        var contents: [ChunkContent] = []
        while !reader.isAtEnd {
            guard let (opcode, range) = reader.record() else {
                throw Failure.damaged("a record of a chunk is longer than the chunk")
            }
            switch Opcode(rawValue: opcode) {
            case .channel:
                guard let channel = ChannelRecord(ByteReader(bytes, range)) else {
                    throw Failure.damaged("a channel of a chunk cannot be read")
                }
                contents.append(.channel(channel))
            case .message:
                var message = ByteReader(bytes, range)
                guard let channel = message.get(UInt16.self), message.skip(20) != nil else {
                    throw Failure.damaged("a message of a chunk is too short")
                }
                contents.append(.message(channel: channel, data: message.position..<message.end))
            default:
                break
            }
        }
        return contents
    }
}

/// A record of a chunk that matters to a reader.
enum ChunkContent {
    case channel(ChannelRecord)
    /// A message and where its data lies in the chunk.
    case message(channel: UInt16, data: Range<Int>)
}
