extension TraceContents {
    /// Reads the summary of a finished file; nil if there is none or it is damaged.
    ///
    /// The checksum of the summary is checked before anything in it is believed.
    init?(summaryOf file: InputFile) throws {
        guard file.size >= MCAP.tail + UInt64(MCAP.magic.count) else { return nil }
        let footerStart = file.size - MCAP.tail
        guard let tail = try file.bytes(at: footerStart, count: Int(MCAP.tail)),
            Array(tail.suffix(8)) == MCAP.magic
        else { return nil }
        var reader = ByteReader(tail, 0..<29)
        guard let (opcode, content) = reader.record(), opcode == Opcode.footer.rawValue,
            content.count == 20
        else { return nil }
        var footer = ByteReader(tail, content)
        guard let start = footer.get(UInt64.self), let offsetStart = footer.get(UInt64.self),
            let crc = footer.get(UInt32.self), start >= 8, start <= footerStart
        else { return nil }
        isOwn = try Self.isOwn(file)
        // Other writers may leave the checksum out.
        guard crc == 0 ? !isOwn : try Self.checksum(of: file, from: start) == crc else {
            return nil
        }
        let end = offsetStart == 0 ? footerStart : offsetStart
        guard start <= end, end <= footerStart else { return nil }
        health.hasSummary = true
        guard try readSummary(of: file, start..<end) else { return nil }
        let known = channels
        let namesAll = chunks.allSatisfy { $0.channels.allSatisfy { known[$0] != nil } }
        guard chunks.isEmpty && messageCount != 0 || !isOwn && !namesAll else { return }
        // Messages that no index names, or channels that the summary leaves out: other writers may
        // do without either.
        var scanned = try TraceContents(scanOf: file)
        scanned.health.hasSummary = true
        scanned.channels.merge(channels) { first, _ in first }
        self = scanned
    }

    private static func checksum(of file: InputFile, from start: UInt64) throws -> UInt32 {
        var (position, checksum) = (start, Checksum())
        var piece: [UInt8] = []
        let end = file.size - 12
        while position < end {
            let wanted = Int(min(UInt64(1 << 16), end - position))
            let got = try file.read(at: position, count: wanted, into: &piece)
            guard got > 0 else { break }
            unsafe piece.withUnsafeBytes {
                unsafe checksum.append(UnsafeRawBufferPointer(rebasing: $0[..<got]))
            }
            position += UInt64(got)
        }
        return checksum.value
    }

    private mutating func readSummary(of file: InputFile, _ range: Range<UInt64>) throws -> Bool {
        var position = range.lowerBound
        while position < range.upperBound {
            guard let record = try Record(of: file, at: position, end: range.upperBound) else {
                return false
            }
            let reader = ByteReader(record.content)
            switch Opcode(rawValue: record.opcode) {
            case .channel:
                guard let channel = ChannelRecord(reader) else { return false }
                channels[channel.id] = channel
            case .statistics:
                var statistics = reader
                messageCount = statistics.get(UInt64.self)
            case .chunkIndex:
                guard take(chunkIndex: reader) else { return false }
            case .metadataIndex:
                guard try take(metadataIndex: reader, of: file) else { return false }
            default:
                break
            }
            position = record.end
        }
        return true
    }

    private mutating func take(chunkIndex bytes: ByteReader) -> Bool {
        var reader = bytes
        guard let startTime = reader.get(UInt64.self), reader.get(UInt64.self) != nil,
            let offset = reader.get(UInt64.self), let length = reader.get(UInt64.self),
            let mapLength = reader.get(UInt32.self), mapLength % 10 == 0,
            Int(mapLength) <= reader.remaining
        else { return false }
        var ids: [UInt16] = []
        for _ in 0..<mapLength / 10 {
            guard let id = reader.get(UInt16.self), reader.skip(8) != nil else { return false }
            ids.append(id)
        }
        guard reader.skip(8) != nil, let compression = reader.text() else { return false }
        if !ChunkRecord.readable.contains(compression) && unsupported == nil {
            unsupported = (offset, compression)
        }
        guard !ids.isEmpty else { return true }
        chunks.append(
            Chunk(offset: offset, length: length, startTime: startTime, channels: ids.sorted())
        )
        return true
    }

    private mutating func take(metadataIndex bytes: ByteReader, of file: InputFile) throws -> Bool {
        var reader = bytes
        guard let offset = reader.get(UInt64.self), let length = reader.get(UInt64.self),
            let name = reader.text()
        else { return false }
        let record = try Record(of: file, at: offset, end: file.size)
        guard let record, record.opcode == Opcode.metadata.rawValue,
            record.end - offset == length,
            take(metadata: ByteReader(record.content), named: name)
        else {
            let end = offset.addingReportingOverflow(length)
            health.skip(
                offset..<(end.overflow ? .max : max(offset, end.partialValue)),
                "run facts are damaged"
            )
            return true
        }
        return true
    }
}

/// A record loaded from a file.
struct Record {
    var opcode: UInt8
    var content: [UInt8]
    /// Offset behind the record.
    var end: UInt64

    /// Loads a record; nil if it does not end by `end` or is larger than any we write.
    init?(of file: InputFile, at offset: UInt64, end limit: UInt64) throws {
        guard offset <= limit, limit - offset >= MCAP.recordHead,
            let head = try file.bytes(at: offset, count: Int(MCAP.recordHead))
        else { return nil }
        var reader = ByteReader(head)
        guard let opcode = reader.get(UInt8.self), let length = reader.get(UInt64.self),
            length <= limit - offset - MCAP.recordHead,
            length <= UInt64(SpikeTraceFormat.largestRecord),
            let content = try file.bytes(at: offset + MCAP.recordHead, count: Int(length))
        else { return nil }
        self.opcode = opcode
        self.content = content
        end = offset + MCAP.recordHead + length
    }
}
