import Events
import Foundation
import SpikeTrace
import Testing

/// Bytes of a file made by hand.
private struct Bytes {
    var bytes: [UInt8] = []

    mutating func put<Value: FixedWidthInteger>(_ value: Value) {
        for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
        }
    }

    mutating func put(_ text: String) {
        put(UInt32(text.utf8.count))
        bytes += Array(text.utf8)
    }

    mutating func record(_ opcode: UInt8, _ content: [UInt8]) {
        put(opcode)
        put(UInt64(content.count))
        bytes += content
    }

    mutating func magic() { bytes += [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A] }

    /// A chunk whose head claims what it likes.
    mutating func chunk(
        _ data: [UInt8],
        claiming size: UInt64,
        crc: UInt32 = 0,
        _ name: String = "zstd"
    ) {
        var content = Bytes()
        content.put(UInt64(0))
        content.put(UInt64(0))
        content.put(size)
        content.put(crc)
        content.put(name)
        content.put(UInt64(data.count))
        record(0x06, content.bytes + data)
    }

    /// A channel of ours.
    mutating func channel(id: UInt16, core: String, neurons: String, timeBase: String = "1") {
        var map = Bytes()
        for (key, value) in [
            ("core", core), ("neuronCount", neurons), ("timeBaseNumerator", timeBase),
            ("timeBaseDenominator", "1000"),
        ] {
            map.put(key)
            map.put(value)
        }
        var content = Bytes()
        content.put(id)
        content.put(UInt16(1))
        content.put("/spikes/core/x")
        content.put("spikeloom.spikes.v1")
        content.put(UInt32(map.bytes.count))
        record(0x04, content.bytes + map.bytes)
    }

    /// An entry of the summary for a chunk with messages of channel 1.
    mutating func chunkIndex(offset: UInt64, length: UInt64) {
        var content = Bytes()
        for value in [0, 0, offset, length] { content.put(value) }
        content.put(UInt32(10))
        content.put(UInt16(1))
        content.put(UInt64(0))
        content.put(UInt64(0))
        content.put("zstd")
        content.put(UInt64(0))
        content.put(UInt64(0))
        record(0x08, content.bytes)
    }

    /// An entry of the summary for run facts.
    mutating func metadataIndex(offset: UInt64, length: UInt64) {
        var content = Bytes()
        content.put(offset)
        content.put(length)
        content.put("spikeloom.run")
        record(0x0D, content.bytes)
    }

    /// Ends the file with a summary whose checksum holds.
    mutating func end(summary: (inout Bytes) -> Void) {
        record(0x0F, [0, 0, 0, 0])
        let start = bytes.count
        summary(&self)
        bytes.append(0x02)
        put(UInt64(20))
        put(UInt64(start))
        put(UInt64(0))
        put(crc32(bytes[start...]))
        magic()
    }

    /// A message with a batch whose header claims what it likes.
    mutating func batch(
        id: UInt16,
        layout: UInt8 = 0,
        neurons: UInt32,
        firstStep: UInt64,
        steps: UInt32,
        spikes: UInt32,
        columns: [UInt8]
    ) {
        var content = Bytes()
        content.put(id)
        content.put(UInt32(0))
        content.put(UInt64(0))
        content.put(UInt64(0))
        content.put(layout)
        content.put(UInt8(0))
        content.put(UInt16(0))
        content.put(neurons)
        content.put(firstStep)
        content.put(steps)
        content.put(spikes)
        record(0x05, content.bytes + columns)
    }
}

/// CRC-32 of zlib, bit by bit.
private func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(UInt32.max) { crc, byte in
        (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1) * 0xEDB8_8320 }
    }
}

/// A zstd frame of zeros, by blocks of one repeated byte: 4 bytes give 128 KiB.
private func bomb(blocks: Int, claiming size: UInt64? = nil) -> [UInt8] {
    var frame = Bytes()
    frame.put(UInt32(0xFD2F_B528))
    if let size {
        frame.put(UInt8(0xE0))
        frame.put(size)
    } else {
        frame.put(UInt8(0x00))
        frame.put(UInt8(0x38))
    }
    for block in 0..<blocks {
        let header = UInt32(131_072) << 3 | 1 << 1 | (block == blocks - 1 ? 1 : 0)
        frame.bytes += [UInt8(header & 255), UInt8(header >> 8 & 255), UInt8(header >> 16), 0]
    }
    return frame.bytes
}

@Suite("Hostile spike traces", .timeLimit(.minutes(2)))
struct HostileTests {
    /// Opens a file of the given bytes and reads all of it.
    private func read(_ bytes: [UInt8]) throws -> (spikes: [Spike], health: SpikeTraceHealth) {
        try withTemporaryFile { path in
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let reader = try SpikeTraceReader(path: path)
            return (try reader.allSpikes(), reader.health)
        }
    }

    /// A file with a chunk that names core 0 with 16 neurons, and then what is given.
    private func file(_ rest: (inout Bytes) -> Void) -> [UInt8] {
        var start = Bytes()
        start.magic()
        var directory = Bytes()
        directory.channel(id: 1, core: "0", neurons: "16")
        start.chunk(directory.bytes, claiming: UInt64(directory.bytes.count), "")
        rest(&start)
        return start.bytes
    }

    /// A file with one stored chunk of the given records, behind the channel.
    private func chunk(_ records: (inout Bytes) -> Void) -> [UInt8] {
        file {
            var body = Bytes()
            records(&body)
            $0.chunk(body.bytes, claiming: UInt64(body.bytes.count), "")
        }
    }

    @Test("a good batch made by hand is read")
    func control() throws {
        // Gaps 3, 16 + 5, 0: keys 3, 24, 24.
        let (spikes, health) = try read(
            chunk {
                $0.batch(
                    id: 1,
                    neurons: 16,
                    firstStep: 7,
                    steps: 2,
                    spikes: 3,
                    columns: [3, 17, 0, 0b01]
                )
            }
        )
        #expect(
            spikes == [
                Spike(step: 7, core: 0, neuron: 3), Spike(step: 8, core: 0, neuron: 8),
                Spike(step: 8, core: 0, neuron: 8),
            ]
        )
        #expect(health.skipped.isEmpty)
    }

    @Test("batches of one core that overlap in time come in canonical order")
    func overlappingBatches() throws {
        let (spikes, _) = try read(
            chunk {
                for neuron: UInt8 in [5, 2] {
                    $0.batch(
                        id: 1,
                        neurons: 16,
                        firstStep: 7,
                        steps: 2,
                        spikes: 2,
                        // The neuron in both steps: its number, then a gap of 16.
                        columns: [neuron, 16, 0]
                    )
                }
            }
        )
        #expect(spikes.map(\.step) == [7, 7, 8, 8])
        #expect(spikes.map(\.neuron) == [2, 5, 2, 5])
    }

    @Test(
        "a zstd bomb is stopped at the size its chunk may have",
        arguments: [UInt64(1) << 24, (1 << 24) + 1, 1 << 40, UInt64(1) << 63, .max, 0]
    )
    func bombs(claim: UInt64) throws {
        for frame in [
            bomb(blocks: 8192), bomb(blocks: 8192, claiming: 1 << 30),
            bomb(blocks: 1, claiming: 1 << 40), bomb(blocks: 1, claiming: .max),
        ] {
            let (spikes, health) = try read(file { $0.chunk(frame, claiming: claim) })
            #expect(spikes.isEmpty)
            #expect(health.skipped.count == 1)
        }
    }

    @Test(
        "an index that claims any place in the file is believed in nothing, and counted without end",
        arguments: [0, 8, 1 << 63, UInt64.max - 1, .max],
        [0, 1, 1 << 63, UInt64.max - 8, .max]
    )
    func hostileIndex(offset: UInt64, length: UInt64) throws {
        let bytes = file {
            $0.end { summary in
                summary.channel(id: 1, core: "0", neurons: "16")
                for place in [offset, offset ^ 1, offset ^ 2] {
                    summary.chunkIndex(offset: place, length: length)
                    summary.metadataIndex(offset: place, length: length)
                }
            }
        }
        let (spikes, health) = try read(bytes)
        #expect(spikes.isEmpty && health.hasSummary)
        #expect(health.description.contains("bytes skipped") == !health.skipped.isEmpty)
        #expect(health.skipped.isEmpty == (health.skippedBytes == 0))
    }

    @Test("a search among many false chunks ends")
    func manyCandidates() throws {
        let bytes = file { file in
            file.bytes.append(0xFF)
            // Heads whose data all end at the end of the file: each covers those behind it, in a
            // frame that zstd skips, before it comes to the same bomb.
            let frame = bomb(blocks: 128)
            var tail = frame
            for _ in 0..<2000 {
                var skippable = Bytes()
                skippable.put(UInt32(0x184D_2A50))
                skippable.put(UInt32(tail.count - frame.count))
                var head = Bytes()
                head.chunk(skippable.bytes + tail, claiming: 1 << 24, crc: 1)
                tail = head.bytes
            }
            for _ in 0..<2000 { file.chunk(bomb(blocks: 128), claiming: 1 << 24, crc: 1) }
            file.bytes += tail
        }
        let (spikes, health) = try read(bytes)
        #expect(spikes.isEmpty)
        #expect(!health.skipped.isEmpty)
    }

    @Test("a chunk that breaks the format behind a good checksum is passed over or refused")
    func badBatches() throws {
        let good: [UInt8] = [3, 17, 0, 0b01]
        let cases: [(String, (inout Bytes) -> Void)] = [
            (
                "more spikes than bytes",
                {
                    $0.batch(
                        id: 1,
                        neurons: 16,
                        firstStep: 0,
                        steps: 9,
                        spikes: .max,
                        columns: good
                    )
                }
            ),
            (
                "no steps",
                {
                    $0.batch(id: 1, neurons: 16, firstStep: 0, steps: 0, spikes: 3, columns: good)
                }
            ),
            (
                "steps after the last",
                {
                    $0.batch(
                        id: 1,
                        neurons: 16,
                        firstStep: .max,
                        steps: 2,
                        spikes: 3,
                        columns: good
                    )
                }
            ),
            (
                "a spike after the last step",
                {
                    $0.batch(id: 1, neurons: 16, firstStep: 7, steps: 1, spikes: 3, columns: good)
                }
            ),
            (
                "other neurons than the channel",
                {
                    $0.batch(id: 1, neurons: 15, firstStep: 7, steps: 2, spikes: 3, columns: good)
                }
            ),
            (
                "no neurons",
                {
                    $0.batch(id: 1, neurons: 0, firstStep: 7, steps: 2, spikes: 3, columns: good)
                }
            ),
            (
                "raw bits missing",
                {
                    $0.batch(
                        id: 1,
                        neurons: 16,
                        firstStep: 7,
                        steps: 2,
                        spikes: 3,
                        columns: [3, 17, 0]
                    )
                }
            ),
            (
                "raw bits left over",
                {
                    $0.batch(
                        id: 1,
                        neurons: 16,
                        firstStep: 7,
                        steps: 2,
                        spikes: 3,
                        columns: good + [0]
                    )
                }
            ),
            (
                "a gap that overflows",
                {
                    $0.batch(
                        id: 1,
                        neurons: 16,
                        firstStep: 7,
                        steps: .max,
                        spikes: 2,
                        columns: [255, 255] + [UInt8](repeating: 255, count: 16)
                    )
                }
            ),
            ("a message without a header", { $0.record(0x05, [1, 0, 0, 0, 0, 0]) }),
            (
                "a batch without a header",
                { $0.record(0x05, [1, 0] + [UInt8](repeating: 0, count: 30)) }
            ),
            (
                "a record longer than the chunk",
                {
                    $0.put(UInt8(0x05))
                    $0.put(UInt64(1) << 63)
                }
            ),
            ("a channel that is cut", { $0.record(0x04, [1, 0]) }),
            ("a channel without neurons", { $0.channel(id: 2, core: "1", neurons: "0") }),
            ("a time base of 0", { $0.channel(id: 2, core: "1", neurons: "1", timeBase: "0") }),
            (
                "a channel defined anew",
                {
                    $0.channel(id: 1, core: "9", neurons: "16")
                    $0.batch(id: 1, neurons: 16, firstStep: 7, steps: 2, spikes: 3, columns: good)
                }
            ),
        ]
        for (name, records) in cases {
            let (spikes, health) = try read(chunk(records))
            #expect(spikes.isEmpty, "\(name)")
            #expect(health.skipped.count == 1, "\(name)")
        }
        do {
            _ = try read(
                chunk {
                    $0.batch(
                        id: 1,
                        layout: 4,
                        neurons: 16,
                        firstStep: 7,
                        steps: 2,
                        spikes: 3,
                        columns: good
                    )
                }
            )
            Issue.record("an unknown layout was read")
        } catch SpikeTraceError.unsupportedLayout(_, _, let layout, _) {
            #expect(layout == 4)
        }
        #expect(throws: SpikeTraceError.self) {
            try read(chunk { $0.channel(id: 2, core: "0", neurons: "16") })
        }
    }

    @Test("random bytes behind the magic are refused, whatever they are")
    func randomBytes() throws {
        var random = SplitMix(state: 99)
        for _ in 0..<300 {
            var bytes = Bytes()
            bytes.magic()
            for _ in 0..<Int.random(in: 0..<400, using: &random) {
                // Small numbers make plausible opcodes and lengths.
                bytes.put(
                    UInt8.random(in: 0...(Bool.random(using: &random) ? 15 : 255), using: &random)
                )
            }
            if Bool.random(using: &random) { bytes.magic() }
            #expect(throws: SpikeTraceError.self) { try read(bytes.bytes) }
        }
    }
}
