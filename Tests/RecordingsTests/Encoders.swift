import Foundation
import Recordings

/// Files of event cameras as the tests write them, independent of the readers.
enum Encoders {
    /// An event of a pixel.
    struct Event: Equatable {
        var time: Int64
        var x: Int
        var y: Int
        var isOn: Bool

        init(_ time: Int64, _ x: Int, _ y: Int, _ isOn: Bool) {
            (self.time, self.x, self.y, self.isOn) = (time, x, y, isOn)
        }

        init(_ event: RecordedEvent) {
            self.init(event.time, Int(event.x), Int(event.y), event.isOn)
        }
    }

    /// Some events of a sensor of 34 by 34 pixels, the same for a seed.
    static func events(_ count: Int = 60, seed: UInt64 = 1, span: Int64 = 40_000) -> [Event] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func draw(_ limit: UInt64) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % limit)
        }
        var time: Int64 = 100
        return (0..<count).map { _ in
            time += Int64(draw(UInt64(2 * span) / UInt64(count)))
            return Event(time, draw(34), draw(34), draw(2) == 1)
        }
    }

    static func little(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }

    static func big(_ value: UInt64, _ count: Int) -> [UInt8] { little(value, count).reversed() }

    static func evt2(_ events: [Event]) -> [UInt8] {
        var bytes = Array("% evt 2.0\n% geometry 34x34\n% end\n".utf8)
        var high: Int64 = -1
        for event in events {
            if event.time >> 6 != high {
                high = event.time >> 6
                bytes += little(UInt64(0x8000_0000 | high & 0xFFF_FFFF), 4)
            }
            let word =
                (event.isOn ? 1 << 28 : 0) | Int(event.time & 63) << 22 | event.x << 11 | event.y
            bytes += little(UInt64(word), 4)
        }
        return bytes
    }

    /// Vectors for the first event of a row, single events for the others.
    static func evt3(_ events: [Event]) -> [UInt8] {
        var bytes = Array("% evt 3.0\n% format EVT3;height=34;width=34\n% end\n".utf8)
        var (high, low): (Int64, Int64) = (-1, -1)
        for (index, event) in events.enumerated() {
            if event.time >> 12 != high {
                high = event.time >> 12
                bytes += little(UInt64(0x8000 | high & 0xFFF), 2)
            }
            if event.time & 0xFFF != low {
                low = event.time & 0xFFF
                bytes += little(UInt64(0x6000 | low), 2)
            }
            bytes += little(UInt64(event.y), 2)
            switch index % 3 {
            case 0:
                bytes += little(UInt64(0x2000 | (event.isOn ? 0x800 : 0) | event.x), 2)
            case 1:
                // The second pixel of a vector of 12.
                let base = max(0, event.x - 1)
                bytes += little(UInt64(0x3000 | (event.isOn ? 0x800 : 0) | base), 2)
                bytes += little(UInt64(0x4000 | 1 << (event.x - base)), 2)
            default:
                // A vector of 8 behind an empty one of 12.
                let base = max(0, event.x - 12)
                bytes += little(UInt64(0x3000 | (event.isOn ? 0x800 : 0) | base), 2)
                if event.x >= 12 { bytes += little(0x4000, 2) }
                let bit = event.x >= 12 ? event.x - base - 12 : event.x - base
                if bit < 8 {
                    bytes += little(UInt64(0x5000 | 1 << bit), 2)
                } else {
                    bytes += little(UInt64(0x4000 | 1 << bit), 2)
                }
            }
        }
        return bytes
    }

    static func dat(_ events: [Event]) -> [UInt8] {
        var bytes = Array("% Width 34\n% Height 34\n% Version 2\n".utf8) + [12, 8]
        for event in events {
            bytes += little(UInt64(event.time), 4)
            bytes += little(UInt64(event.x | event.y << 14 | (event.isOn ? 1 << 28 : 0)), 4)
        }
        return bytes
    }

    static func nmnist(_ events: [Event]) -> [UInt8] {
        events.flatMap { event in
            [UInt8(event.x), UInt8(event.y)]
                + big(UInt64((event.isOn ? 1 << 23 : 0) | event.time), 3)
        }
    }

    /// A DAVIS240: columns are turned round, so that jAER's are those of the events.
    static func aedat2(_ events: [Event]) -> [UInt8] {
        var bytes = Array("#!AER-DAT2.0\r\n# AEChip: DAVIS240C\r\n".utf8)
        for event in events {
            let address = (239 - event.x) << 12 | event.y << 22 | (event.isOn ? 1 << 11 : 0)
            bytes += big(UInt64(address), 4) + big(UInt64(event.time), 4)
        }
        return bytes
    }

    static func aedat3(_ events: [Event]) -> [UInt8] {
        var bytes = Array("#!AER-DAT3.1\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n".utf8)
        func packet(_ kind: UInt64, _ size: UInt64, _ bodies: [[UInt8]]) {
            let count = UInt64(bodies.count)
            bytes += little(kind, 2) + little(1, 2) + little(size, 4) + little(4, 4)
            bytes += little(0, 4) + little(count, 4) + little(count, 4) + little(count, 4)
            bytes += bodies.joined()
        }
        // Inertial samples between the events.
        packet(3, 36, [[UInt8](repeating: 7, count: 36)])
        for start in stride(from: 0, to: events.count, by: 25) {
            packet(
                1,
                8,
                events[start..<min(start + 25, events.count)].map { event in
                    little(
                        UInt64(1 | (event.isOn ? 2 : 0) | event.y << 2 | event.x << 17),
                        4
                    ) + little(UInt64(event.time), 4)
                }
            )
        }
        return bytes
    }

    /// FlatBuffers by hand: a root table with the given fields, its contents behind.
    private static func table(
        _ identifier: String,
        vector: [UInt8],
        count: Int
    ) -> [UInt8] {
        // Size, root, identifier, list of fields (6 bytes and 2 of padding), table, vector.
        var body = little(20, 4) + Array(identifier.utf8)
        body += little(6, 2) + little(8, 2) + little(4, 2) + little(0, 2) + little(0, 4)
        body += little(12, 4)  // Table at 20: back to the fields at 8.
        body += little(8, 4)  // Place of the vector, from 24: at 32.
        body += little(0, 4)
        body += little(UInt64(count), 4) + vector
        return little(UInt64(body.count), 4) + body
    }

    /// How packets of AEDAT 4 are compressed.
    enum Compression: Int, CaseIterable {
        case none = 0
        case lz4 = 1
        case zstd = 3
    }

    static func aedat4(
        _ events: [Event],
        _ compression: Compression,
        compress: ([UInt8]) -> [UInt8] = { $0 }
    ) -> [UInt8] {
        var bytes = Array("#!AER-DAT4.0\r\n".utf8)
        func node(_ name: String, _ inside: String) -> String {
            #"<node name="\#(name)" path="/">\#(inside)</node>"#
        }
        func attribute(_ key: String, _ type: String, _ value: String) -> String {
            #"<attr key="\#(key)" type="\#(type)">\#(value)</attr>"#
        }
        let size = attribute("sizeX", "int", "34") + attribute("sizeY", "int", "34")
        let streams =
            node("0", attribute("typeIdentifier", "string", "EVTS") + node("info", size))
            + node("1", attribute("typeIdentifier", "string", "IMUS"))
        let text = Array((#"<dv version="2.0">"# + node("outInfo", streams) + "</dv>").utf8)
        // Root at 24: compression at +4, place of the index at +8, text at +16.
        var header = little(24, 4) + Array("IOHE".utf8)
        header += little(10, 2) + little(20, 2) + little(4, 2) + little(8, 2) + little(16, 2)
        header += [UInt8](repeating: 0, count: 6)
        header += little(16, 4) + little(UInt64(compression.rawValue), 4)
        header += little(UInt64(bitPattern: -1), 8) + little(4, 4)
        header += little(UInt64(text.count), 4) + text
        bytes += little(UInt64(header.count), 4) + header
        func packet(_ stream: UInt64, _ body: [UInt8]) {
            let packed = compress(body)
            bytes += little(stream, 4) + little(UInt64(packed.count), 4) + packed
        }
        packet(1, table("IMUS", vector: [], count: 0))
        for start in stride(from: 0, to: events.count, by: 25) {
            let part = events[start..<min(start + 25, events.count)]
            var vector: [UInt8] = []
            for event in part {
                vector += little(UInt64(bitPattern: event.time), 8) + little(UInt64(event.x), 2)
                vector += little(UInt64(event.y), 2)
                vector += [event.isOn ? 1 : 0, 0, 0, 0]
            }
            packet(0, table("EVTS", vector: vector, count: part.count))
        }
        return bytes
    }

    /// An LZ4 frame with one block: literals, and a copy for each run of equal bytes.
    static func lz4(_ bytes: [UInt8]) -> [UInt8] {
        var block: [UInt8] = []
        func length(_ count: Int) -> [UInt8] {
            guard count >= 15 else { return [] }
            return [UInt8](repeating: 255, count: (count - 15) / 255)
                + [UInt8((count - 15) % 255)]
        }
        var literals: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let run = bytes[index...].prefix { $0 == bytes[index] }.count
            // The last five bytes of a block are literals.
            let copied = min(run - 1, bytes.count - 12 - index - 1)
            guard copied >= 4 else {
                literals.append(bytes[index])
                index += 1
                continue
            }
            literals.append(bytes[index])
            block.append(UInt8(min(15, literals.count) << 4 | min(15, copied - 4)))
            block += length(literals.count) + literals + [1, 0] + length(copied - 4)
            literals = []
            index += 1 + copied
        }
        block.append(UInt8(min(15, literals.count) << 4))
        block += length(literals.count) + literals
        return little(0x184D_2204, 4) + [0x60, 0x40, 0x82] + little(UInt64(block.count), 4) + block
            + little(0, 4)
    }
}

/// A folder of a test that goes away with it.
final class Scratch {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("recordings-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    func write(_ text: String, _ name: String) throws -> String {
        try write(Array(text.utf8), name)
    }
}

extension RecordingReader {
    /// All events that are left.
    func all() throws -> [RecordedEvent] {
        var (all, events): ([RecordedEvent], [RecordedEvent]) = ([], [])
        while try next(into: &events) { all += events }
        return all
    }
}
