import Events

/// AEDAT 3.1: packets of events of one kind, little-endian, behind heads of 28 bytes.
///
/// Source: iniVation, "AEDAT 3.1". Read are polarity events (kind 1) and, from neuron chips, spike events
/// (kind 12), whose populations are the cores of the chips; the other kinds are passed over.
final class AEDAT3Reader: PixelRecording {
    private let file: ByteSource
    var source: RecordingSource
    private(set) var tally = EventTally()
    private var populations: [UInt32: UInt16] = [:]
    /// Events left in the packet, of a kind that is read.
    private var left: UInt64 = 0
    private var head = Head()

    var progress: (done: UInt64, total: UInt64) { (file.offset, file.size) }

    private struct Head {
        var kind: UInt32 = 0
        var eventSize = 0
        var timeOffset = 0
        var overflow: UInt32 = 0
    }

    private static let headSize = 28

    /// Reads on behind the header.
    init(file: ByteSource, header: AEDATHeader) {
        self.file = file
        source = RecordingSource(
            timeBase: .microsecond,
            hasPixels: true,
            size: header.size
        )
    }

    func next(into events: inout [RecordedEvent]) throws -> Bool {
        events.removeAll(keepingCapacity: true)
        while events.isEmpty {
            if left == 0 {
                guard try nextPacket() else { return false }
                continue
            }
            let here = try file.fill(head.eventSize) / head.eventSize
            guard here > 0 else {
                tally.pass(.cutBytes, UInt64(file.count))
                file.advance(file.count)
                left = 0
                return false
            }
            let count = min(here, BatchSize.events, Int(clamping: left))
            decode(count, into: &events)
            file.advance(count * head.eventSize)
            left -= UInt64(count)
        }
        return true
    }

    private func nextPacket() throws -> Bool {
        let here = try file.fill(Self.headSize)
        guard here >= Self.headSize else {
            tally.pass(.cutBytes, UInt64(here))
            file.advance(here)
            return false
        }
        let start = file.start
        head.kind = file.buffer.half(at: start)
        let eventSize = file.buffer.word(at: start + 4)
        let timeOffset = file.buffer.word(at: start + 8)
        head.overflow = file.buffer.word(at: start + 12)
        let count = file.buffer.word(at: start + 20)
        guard eventSize <= 1 << 30, count <= 1 << 30 else {
            throw RecordingError.malformed(
                path: file.path,
                offset: file.offset,
                problem: "a packet of \(count) events of \(eventSize) bytes",
                advice: "The file is damaged here; cut it before this byte to read what precedes."
            )
        }
        let isRead = (head.kind == 1 || head.kind == 12) && eventSize == 8 && timeOffset == 4
        file.advance(Self.headSize)
        guard isRead else {
            tally.pass(.otherData)
            let length = UInt64(eventSize) * UInt64(count)
            let got = try file.skip(length)
            if got < length { tally.pass(.cutBytes, got) }
            return got == length
        }
        head.eventSize = Int(eventSize)
        left = UInt64(count)
        if head.kind == 12, source.hasPixels, tally.read == 0 {
            source.hasPixels = false
            source.size = nil
        }
        return true
    }

    private func decode(_ count: Int, into events: inout [RecordedEvent]) {
        for number in 0..<count {
            let index = file.start + 8 * number
            let data = file.buffer.word(at: index)
            let time =
                Int64(head.overflow & 0x7FFF_FFFF) << 31
                | Int64(file.buffer.word(at: index + 4) & 0x7FFF_FFFF)
            tally.read += 1
            guard data & 1 == 1 else {
                tally.drop(.markedInvalid)
                continue
            }
            guard (head.kind == 1) == source.hasPixels else {
                tally.drop(.outsideFormat)
                continue
            }
            if head.kind == 12 {
                guard let population = population(core: data >> 1 & 0x1F, chip: data >> 6 & 0x3F)
                else {
                    tally.drop(.badUnit)
                    continue
                }
                events.append(
                    RecordedEvent(time: time, unit: data >> 12, population: population)
                )
                continue
            }
            let event = RecordedEvent(
                time: time,
                x: UInt16(data >> 17 & 0x7FFF),
                y: UInt16(data >> 2 & 0x7FFF),
                isOn: data >> 1 & 1 == 1
            )
            if let size = source.size,
                Int(event.x) >= size.width || Int(event.y) >= size.height
            {
                tally.drop(.outsideSensor)
            } else {
                events.append(event)
            }
        }
    }

    private func population(core: UInt32, chip: UInt32) -> UInt16? {
        if let known = populations[chip << 8 | core] { return known }
        guard let index = UInt16(exactly: source.populations.count) else { return nil }
        source.populations.append("chip\(chip)/core\(core)")
        populations[chip << 8 | core] = index
        return index
    }
}
