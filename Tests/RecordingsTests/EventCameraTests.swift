import CZstd
import Foundation
import Recordings
import Testing

@Suite("Recordings of event cameras")
struct EventCameraTests {
    /// A file of each format, with the same events.
    static func files(_ events: [Encoders.Event]) -> [(name: String, bytes: [UInt8])] {
        [
            ("two.raw", Encoders.evt2(events)), ("three.raw", Encoders.evt3(events)),
            ("camera.dat", Encoders.dat(events)), ("digit.bin", Encoders.nmnist(events)),
            ("davis.aedat", Encoders.aedat2(events)), ("dvs.aedat", Encoders.aedat3(events)),
            ("plain.aedat4", Encoders.aedat4(events, .none)),
            ("packed.aedat4", Encoders.aedat4(events, .lz4, compress: Encoders.lz4)),
            ("zstd.aedat4", Encoders.aedat4(events, .zstd, compress: zstd)),
        ]
    }

    static func zstd(_ bytes: [UInt8]) -> [UInt8] {
        var packed = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = unsafe packed.withUnsafeMutableBytes { to in
            unsafe bytes.withUnsafeBytes { from in
                unsafe ZSTD_compress(to.baseAddress, to.count, from.baseAddress, from.count, 3)
            }
        }
        return Array(packed[..<count])
    }

    @Test("every format gives back the events that were written, and counts them")
    func readsAll() throws {
        let scratch = try Scratch()
        let events = Encoders.events(200, span: 60_000)
        for (name, bytes) in Self.files(events) {
            let reader = try RecordingFormat.open(try scratch.write(bytes, name))
            #expect(try reader.all().map(Encoders.Event.init) == events, "\(name)")
            #expect(reader.tally.read == 200 && reader.tally.droppedCount == 0, "\(name)")
            #expect(reader.source.size != nil, "\(name)")
        }
    }

    @Test("EVT 3.0: TIME_LOW that goes back is no wrap; TIME_HIGH that goes back by half is one")
    func evt3Clock() throws {
        let words: [UInt64] = [
            0x8FFF, 0x6000 | 811, 0x0001, 0x2001, 0x6000 | 800, 0x2002, 0x8000, 0x6005, 0x2003,
            0x8FFF, 0x6007, 0x2004,
        ]
        let scratch = try Scratch()
        let path = try scratch.write(words.flatMap { Encoders.little($0, 2) }, "clock.evt3")
        let high: Int64 = 0xFFF << 12
        #expect(
            try RecordingFormat.open(path).all().map(\.time)
                == [high | 811, high | 800, 1 << 24 | 5, high | 7]
        )
    }

    @Test("what is no event, or no event of the sensor, is counted with its cause")
    func counts() throws {
        let scratch = try Scratch()
        // A single before any time, a trigger, a reserved word, an event outside 34 columns, half a word.
        let words: [UInt64] = [0x2001, 0xA001, 0xE000, 0x8001, 0x6001, 0x0001, 0x2000 | 40, 0x2005]
        let head = Array("% evt 3.0\n% geometry 34x34\n".utf8)
        let path = try scratch.write(
            head + words.flatMap { Encoders.little($0, 2) } + [1],
            "odd.raw"
        )
        let reader = try RecordingFormat.open(path)
        #expect(try reader.all().count == 1)
        #expect(reader.tally.read == 3)
        #expect(reader.tally.dropped == [.beforeFirstTime: 1, .outsideSensor: 1])
        #expect(
            reader.tally.passedOver == [.triggers: 1, .unknownWords: 1, .cutBytes: 1]
        )
        // N-MNIST: row 240 is a wrap of 2¹³ µs.
        let wrapped = try RecordingFormat.open(
            try scratch.write([1, 2, 0x80, 0, 9, 0, 240, 0, 0, 0, 1, 2, 0, 0, 9], "wrap.bin")
        )
        #expect(try wrapped.all().map(\.time) == [9, 8201])
        #expect(wrapped.tally.passedOver == [.clockWraps: 1])
    }

    @Test("files that are cut anywhere give what is whole, or a clean error")
    func cut() throws {
        let scratch = try Scratch()
        let events = Encoders.events(40)
        for (name, bytes) in Self.files(events) {
            var most = 0
            for count in 0..<bytes.count {
                let path = try scratch.write(Array(bytes[..<count]), name)
                do {
                    let found = try RecordingFormat.open(path).all().map(Encoders.Event.init)
                    #expect(found == Array(events.prefix(found.count)), "\(name), \(count) bytes")
                    most = max(most, found.count)
                } catch let error as RecordingError {
                    #expect(!"\(error)".isEmpty)
                }
            }
            #expect(most >= 15, "\(name)")
        }
    }

    @Test("files with a flipped bit are read on, or refused with the place")
    func flipped() throws {
        let scratch = try Scratch()
        let long = ProcessInfo.processInfo.environment["SPIKELOOM_LONG"] == "1"
        for (name, bytes) in Self.files(Encoders.events(40)) {
            for position in stride(from: 0, to: 8 * bytes.count, by: long ? 1 : 29) {
                var changed = bytes
                changed[position / 8] ^= 1 << (position % 8)
                let path = try scratch.write(changed, name)
                do {
                    let reader = try RecordingFormat.open(path)
                    let count = try reader.all().count
                    #expect(
                        reader.tally.read == UInt64(count) + reader.tally.droppedCount,
                        "\(name), bit \(position)"
                    )
                } catch let error as RecordingError {
                    #expect(!"\(error)".isEmpty)
                }
            }
        }
    }

    @Test("a packet that claims or unpacks to more than the limit is passed over")
    func bombs() throws {
        let scratch = try Scratch()
        let zeros = Self.zstd([UInt8](repeating: 0, count: 1 << 27))
        let whole = Encoders.aedat4(Encoders.events(25), .zstd, compress: Self.zstd)
        let bomb = Encoders.little(0, 4) + Encoders.little(UInt64(zeros.count), 4) + zeros
        let claim = Encoders.little(0, 4) + Encoders.little(0x7FFF_FFFF, 4)
        let reader = try RecordingFormat.open(
            try scratch.write(whole + bomb + claim, "bomb.aedat4")
        )
        #expect(try reader.all().count == 25)
        #expect(reader.tally.passedOver[.damagedPackets] == 2)
    }
}
