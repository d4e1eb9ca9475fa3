import Events
import SpikeTrace

/// AEDAT 4: FlatBuffers in packets, each compressed by itself.
///
/// Source: iniVation, "AEDAT 4". Behind the first line lies a header (compression, place of the index, a
/// description of the streams in XML), then packets of stream number, size and contents. Packets of events
/// carry the letters EVTS; frames, inertial samples and triggers are passed over. The index is not needed.
final class AEDAT4Reader: PixelRecording {
    private let file: ByteSource
    private let compression: Int32
    private let dataEnd: UInt64
    private let zstd = ZstdFrames()
    var source: RecordingSource
    private(set) var tally = EventTally()
    private var packet: [UInt8] = []
    private var elements: (start: Int, count: Int) = (0, 0)

    var progress: (done: UInt64, total: UInt64) { (file.offset, file.size) }

    private static let largestHeader = 1 << 24
    /// Packets of events are some hundred kilobytes; frames some megabytes.
    private static let largestPacket = 1 << 26
    private static let eventSize = 16

    /// Reads on behind the first line.
    init(file: ByteSource) throws {
        self.file = file
        let start = file.offset
        func damaged(_ problem: String) -> RecordingError {
            .malformed(
                path: file.path,
                offset: start,
                problem: problem,
                advice: "The file is damaged or cut short: copy it again."
            )
        }
        guard try file.fill(4) >= 4 else { throw damaged("the file ends before its header") }
        let size = Int(file.buffer.word(at: file.start))
        file.advance(4)
        guard size <= Self.largestHeader else {
            throw damaged("a header of \(size) bytes; the limit is \(Self.largestHeader)")
        }
        let header = try file.take(size)
        guard header.count == size, let table = FlatTable(rootOf: header) else {
            throw damaged("the header does not unpack")
        }
        compression = table.int32(0) ?? 0
        let end = table.int64(1) ?? -1
        dataEnd = end > 0 ? UInt64(end) : .max
        guard (0...4).contains(compression) else {
            throw damaged("compression \(compression); known are 0...4")
        }
        source = RecordingSource(
            timeBase: .microsecond,
            hasPixels: true,
            size: Self.size(in: table.text(2) ?? "")
        )
    }

    /// Columns and rows of the first stream that has any.
    private static func size(in description: String) -> PixelSize? {
        func number(_ key: String) -> String? {
            guard let place = description.firstRange(of: "key=\"\(key)\"") else { return nil }
            return description[place.upperBound...].split(
                separator: ">",
                maxSplits: 1
            ).dropFirst().first.map { String($0.prefix { $0.isNumber }) }
        }
        guard let width = number("sizeX"), let height = number("sizeY") else { return nil }
        return PixelSize("\(width)x\(height)")
    }

    func next(into events: inout [RecordedEvent]) throws -> Bool {
        events.removeAll(keepingCapacity: true)
        while events.isEmpty {
            if elements.count == 0 {
                guard try nextPacket() else { return false }
                continue
            }
            let count = min(elements.count, BatchSize.events)
            decode(count, into: &events)
            elements.start += count * Self.eventSize
            elements.count -= count
        }
        return true
    }

    private func nextPacket() throws -> Bool {
        guard file.offset < dataEnd else { return false }
        let here = try file.fill(8)
        guard here >= 8 else {
            tally.pass(.cutBytes, UInt64(here))
            file.advance(here)
            return false
        }
        let size = Int32(bitPattern: file.buffer.word(at: file.start + 4))
        guard size >= 0 else {
            throw RecordingError.malformed(
                path: file.path,
                offset: file.offset + 4,
                problem: "a packet of \(size) bytes",
                advice: "The file is damaged here; cut it before this packet to read what precedes."
            )
        }
        file.advance(8)
        guard Int(size) <= Self.largestPacket else {
            tally.pass(.damagedPackets)
            tally.pass(.damagedBytes, try file.skip(UInt64(size)))
            return true
        }
        let body = try file.take(Int(size))
        guard body.count == Int(size) else {
            tally.pass(.cutBytes, UInt64(body.count + 8))
            return false
        }
        if !unpack(body) {
            tally.pass(.damagedPackets)
            tally.pass(.damagedBytes, UInt64(body.count))
        }
        return true
    }

    private func unpack(_ body: [UInt8]) -> Bool {
        switch compression {
        case 0: packet = body
        case 1, 2:
            guard LZ4Frame.decompress(body, limit: Self.largestPacket, into: &packet) else {
                return false
            }
        default:
            guard zstd.decompress(body, limit: Self.largestPacket, into: &packet) else {
                return false
            }
        }
        // Size, place of the root table, four letters of the kind.
        guard packet.count >= 12 else { return false }
        guard packet[8..<12].elementsEqual("EVTS".utf8) else {
            tally.pass(.otherData)
            return packet[8..<12].allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        }
        guard let table = FlatTable(rootOf: packet, at: 4) else { return false }
        guard let vector = table.vector(0, elementSize: Self.eventSize) else { return false }
        elements = vector
        return true
    }

    private func decode(_ count: Int, into events: inout [RecordedEvent]) {
        for number in 0..<count {
            let index = elements.start + Self.eventSize * number
            tally.read += 1
            let event = RecordedEvent(
                time: Int64(bitPattern: packet.long(at: index)),
                x: UInt16(packet.half(at: index + 8)),
                y: UInt16(packet.half(at: index + 10)),
                isOn: packet[index + 12] != 0
            )
            if let size = source.size, Int(event.x) >= size.width || Int(event.y) >= size.height {
                tally.drop(.outsideSensor)
            } else {
                events.append(event)
            }
        }
    }
}
