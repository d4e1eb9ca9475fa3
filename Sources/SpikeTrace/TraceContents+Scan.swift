extension TraceContents {
    /// Finds everything in a file by reading it from the front, past any damage.
    ///
    /// Only what a checksum vouches for is believed: chunks, and run facts. Where a record cannot
    /// be one, the scan goes on at the next whole chunk and notes the bytes between.
    init(scanOf file: InputFile) throws {
        isOwn = try Self.isOwn(file)
        let loader = ChunkLoader(file: file)
        var search = ChunkSearch(file: file, loader: loader)
        var position = UInt64(MCAP.magic.count)
        while position < file.size {
            if file.size - position == 8,
                try file.bytes(at: position, count: 8) == MCAP.magic
            {
                break
            }
            let problem: String
            switch try take(recordAt: position, of: file, loader: loader) {
            case .taken(let end):
                position = end
                continue
            case .passed(let end, let reason):
                health.skip(position..<end, reason)
                position = end
                continue
            case .refused(let reason):
                problem = reason
            }
            let next = try search.next(after: position + 1) ?? file.size
            health.skip(position..<next, problem)
            position = next
        }
    }

    private enum Step {
        /// The record is believed; the scan goes on behind it.
        case taken(end: UInt64)
        /// The record has its full length but no content that can be used.
        case passed(end: UInt64, reason: String)
        /// This is no record, or its length cannot be believed.
        case refused(reason: String)
    }

    private mutating func take(
        recordAt position: UInt64,
        of file: InputFile,
        loader: ChunkLoader
    ) throws -> Step {
        if let chunk = try loader.head(at: position) {
            do {
                try loader.load(chunk)
                try take(chunk, loader: loader)
                return .taken(end: chunk.range.upperBound)
            } catch ChunkLoader.Failure.compression(let name) {
                if unsupported == nil { unsupported = (position, name) }
                return .refused(reason: "a chunk compressed by '\(name)'")
            } catch ChunkLoader.Failure.damaged(let reason) {
                return .refused(reason: reason)
            }
        }
        guard let record = try Record(of: file, at: position, end: file.size) else {
            return .refused(reason: "a record runs past the end of the file")
        }
        guard let opcode = Opcode(rawValue: record.opcode) else {
            return .refused(reason: "a record of unknown kind \(record.opcode)")
        }
        var reader = ByteReader(record.content)
        if opcode == .metadata {
            if take(metadata: reader) { return .taken(end: record.end) }
            return .refused(reason: "run facts are damaged")
        }
        // Our files have neither channels nor messages outside chunks: there, such a record is
        // damage.
        if !isOwn && (opcode == .message || opcode == .channel) {
            if take(bare: record, opcode, at: position) { return .taken(end: record.end) }
            return .refused(reason: "a record of kind \(opcode) cannot have this content")
        }
        guard reader.fits(opcode) else {
            return .refused(reason: "a record of kind \(opcode) cannot have this content")
        }
        return .taken(end: record.end)
    }

    /// Takes a channel, or adds a message to a run of messages outside chunks.
    private mutating func take(bare record: Record, _ opcode: Opcode, at position: UInt64) -> Bool {
        guard opcode == .message else {
            guard let channel = ChannelRecord(ByteReader(record.content)) else { return false }
            if channels[channel.id] == nil { channels[channel.id] = channel }
            return true
        }
        var reader = ByteReader(record.content)
        guard let id = reader.get(UInt16.self), reader.skip(20) != nil else { return false }
        guard let timeBase = channels[id]?.timeBase,
            let header = BatchHeader(from: &reader)
        else { return true }
        let time = timeBase.logTime(ofStep: header.firstStep)
        if let run = chunks.last, run.isBare, run.offset + run.length == position,
            record.end - run.offset <= UInt64(SpikeTraceFormat.chunkBytes)
        {
            chunks[chunks.count - 1].length = record.end - run.offset
            chunks[chunks.count - 1].startTime = min(run.startTime, time)
            if !run.channels.contains(id) { chunks[chunks.count - 1].channels.append(id) }
        } else {
            chunks.append(
                Chunk(
                    offset: position,
                    length: record.end - position,
                    startTime: time,
                    channels: [id],
                    isBare: true
                )
            )
        }
        return true
    }

    private mutating func take(_ chunk: ChunkRecord, loader: ChunkLoader) throws {
        let contents = try loader.records()
        var ids: Set<UInt16> = []
        var first: UInt64?
        for content in contents {
            switch content {
            case .channel(let channel):
                // The first definition stands; another one is noticed when the chunk is read.
                if channels[channel.id] == nil { channels[channel.id] = channel }
            case .message(let id, let data):
                ids.insert(id)
                guard let timeBase = channels[id]?.timeBase else { continue }
                var reader = ByteReader(loader.bytes, data)
                guard let header = BatchHeader(from: &reader) else { continue }
                let time = timeBase.logTime(ofStep: header.firstStep)
                first = min(first ?? time, time)
            }
        }
        guard !ids.isEmpty else { return }
        chunks.append(
            Chunk(
                offset: chunk.offset,
                length: chunk.length,
                startTime: first ?? 0,
                channels: ids.sorted()
            )
        )
    }
}

extension ByteReader {
    /// Whether the content of a record other than a chunk or metadata is exactly used up by its
    /// fields.
    ///
    /// A flipped length would swallow the records behind, so growth at the end, which MCAP allows,
    /// is not accepted where there is no checksum.
    fileprivate mutating func fits(_ opcode: Opcode) -> Bool {
        func fixed(_ count: UInt64) -> Bool { skip(count) != nil }
        func bytes() -> Bool { get(UInt32.self).map { skip(UInt64($0)) != nil } ?? false }
        func longBytes() -> Bool { get(UInt64.self).map { skip($0) != nil } ?? false }
        let isWhole =
            switch opcode {
            case .header: bytes() && bytes()
            case .footer: fixed(20)
            case .schema: fixed(2) && bytes() && bytes() && bytes()
            case .channel: fixed(4) && bytes() && bytes() && bytes()
            case .messageIndex: fixed(2) && bytes()
            case .chunkIndex: fixed(32) && bytes() && fixed(8) && bytes() && fixed(16)
            case .attachment: fixed(16) && bytes() && bytes() && longBytes() && fixed(4)
            case .attachmentIndex: fixed(40) && bytes() && bytes()
            case .statistics: fixed(42) && bytes()
            case .metadata: bytes() && bytes()
            case .metadataIndex: fixed(16) && bytes()
            case .summaryOffset: fixed(17)
            case .dataEnd: fixed(4)
            case .message, .chunk: false
            }
        return isWhole && isAtEnd
    }
}

/// Looks for the next whole chunk behind damaged bytes.
struct ChunkSearch {
    private let file: InputFile
    private let loader: ChunkLoader
    private var window: [UInt8] = []
    /// Work left for candidates that prove false: a hostile file can hold many.
    private var budget: UInt64

    init(file: InputFile, loader: ChunkLoader) {
        self.file = file
        self.loader = loader
        budget = 16 * UInt64(SpikeTraceFormat.largestChunk) + 16 * file.size
    }

    /// Offset of the next chunk whose checksum holds; nil if there is none.
    mutating func next(after start: UInt64) throws -> UInt64? {
        let overlap = ChunkRecord.headLimit
        var position = start
        while position < file.size {
            let got = try file.read(at: position, count: 1 << 16, into: &window)
            guard got > 0 else { return nil }
            let isLast = position + UInt64(got) >= file.size
            // Heads that begin in the last bytes of the window are looked at in the next one.
            let limit = isLast ? got : got - overlap
            for index in 0..<limit where window[index] == Opcode.chunk.rawValue {
                let offset = position + UInt64(index)
                let head = ByteReader(window, index..<min(got, index + overlap))
                guard let chunk = ChunkRecord(head, at: offset, fileSize: file.size),
                    ChunkRecord.readable.contains(chunk.compression)
                else { continue }
                let before = loader.work
                do {
                    try loader.load(chunk, needsChecksum: true)
                    _ = try loader.records()
                    return offset
                } catch is ChunkLoader.Failure {
                    let spent = loader.work - before + chunk.dataLength + 4096
                    guard spent < budget else { return nil }
                    budget -= spent
                }
            }
            position += UInt64(limit)
        }
        return nil
    }
}
