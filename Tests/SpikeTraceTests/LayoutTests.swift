import Events
import Foundation
import SpikeTrace
import Testing

/// Bytes that 64-bit words of step and neuron take with zstd, level 3.
private func plainSize(_ spikes: [Spike], neuronBits: UInt64 = 20) -> Int {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * spikes.count)
    for spike in spikes {
        let word = spike.step << neuronBits | UInt64(spike.neuron)
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: word >> shift))
        }
    }
    return ZstdCompressor(level: 3).compressed(bytes, borders: []).count
}

@Suite("Layouts of batches")
struct LayoutTests {
    /// Writes spikes in one layout, or by trial, and reads them back.
    private func roundTrip(
        _ spikes: [Spike],
        _ info: SpikeTraceInfo,
        layout: SpikeLayout?,
        piece: Int = 5000
    ) throws -> (spikes: [Spike], byteCount: UInt64, layouts: Set<SpikeLayout>) {
        try withTemporaryFile { path in
            let writer = try SpikeTraceWriter(
                path: path,
                info: info,
                flushInterval: nil,
                output: OutputPolicy(),
                layout: layout
            )
            for start in stride(from: 0, to: spikes.count, by: piece) {
                try writer.append(Array(spikes[start..<min(start + piece, spikes.count)]))
            }
            try writer.finish()
            let reader = try SpikeTraceReader(path: path)
            let read = try reader.allSpikes()
            #expect(reader.health.isIntact)
            return (read, writer.byteCount, Set(reader.spikesByLayout.keys))
        }
    }

    @Test(
        "every layout gives back exactly what was recorded",
        arguments: SpikeLayout.allCases,
        [UInt64(0), 1, 200, 1 << 20, 1 << 44]
    )
    func exact(layout: SpikeLayout, stride: UInt64) throws {
        for (cores, neurons, count) in [
            ([UInt32(0), 3], UInt32(64), 20_000), ([9], 1, 3000), ([5], 20_000, 40_000),
        ] {
            let sources = channels(cores: cores, neurons: neurons)
            let spikes = randomSpikes(count, channels: sources, stride: stride, seed: 5)
            let read = try roundTrip(spikes, info(sources), layout: layout)
            #expect(read.spikes == spikes)
            #expect(
                read.layouts == [layout] || stride > 1 << 30,
                "\(layout) of \(neurons) neurons: \(read.layouts)"
            )
        }
    }

    @Test("gaps around every power of two are kept, alone and among small ones")
    func gaps() throws {
        let source = channels(cores: [0], neurons: 1 << 31)
        for others in [0, 3, 300] {
            var spikes: [Spike] = []
            var step: UInt64 = 0
            for exponent in UInt64(0)..<62 {
                for gap in [1 << exponent - 1, 1 << exponent, 1 << exponent + 1] as [UInt64] {
                    // The key is 2^31 steps plus the neuron, and the batch spans less than 2^32 steps.
                    spikes.append(
                        Spike(step: step, core: 0, neuron: 0)
                    )
                    spikes.append(
                        Spike(
                            step: step + gap >> 31,
                            core: 0,
                            neuron: UInt32(truncatingIfNeeded: gap & (1 << 31 - 1))
                        )
                    )
                    step += gap >> 31 + 1
                    for _ in 0..<others {
                        spikes.append(Spike(step: step, core: 0, neuron: 0))
                        step += 1
                    }
                }
            }
            for piece in [spikes.count, 7] {
                let read = try roundTrip(spikes, info(source), layout: .gap, piece: piece)
                #expect(read.spikes == spikes)
            }
        }
    }

    @Test("the widest differences of intervals are kept")
    func widestIntervals() throws {
        let source = channels(cores: [0], neurons: 3)
        let steps: [UInt64] = [0, 0, 1, 1 << 32 - 3, 1 << 32 - 2]
        let spikes = steps.flatMap { step in
            (0..<UInt32(3)).map { Spike(step: 7 + step, core: 0, neuron: $0) }
        }.sorted()
        for layout in SpikeLayout.allCases {
            #expect(try roundTrip(spikes, info(source), layout: layout).spikes == spikes)
        }
    }

    @Test("spikes of a step keep the order in which they arrived, if that is asked for")
    func arrivalOrder() throws {
        let sources = channels(cores: [1, 4], neurons: 500)
        var random = SplitMix(state: 6)
        var step: UInt64 = 3
        let arrived = (0..<30_000).map { _ in
            step += UInt64.random(in: 0...4, using: &random) / 4
            return Spike(
                step: step,
                core: Bool.random(using: &random) ? 1 : 4,
                neuron: UInt32.random(in: 0..<500, using: &random)
            )
        }
        try withTemporaryFile { path in
            let writer = try SpikeTraceWriter(
                path: path,
                info: info(sources),
                order: .arrival,
                flushInterval: nil
            )
            for start in stride(from: 0, to: arrived.count, by: 777) {
                try writer.append(Array(arrived[start..<min(start + 777, arrived.count)]))
                // Chunks end within a step.
                if start % 5 == 0 { try writer.flush() }
            }
            let early = Spike(step: 2, core: 1, neuron: 0)
            #expect(throws: SpikeTraceError.self) { try writer.append([early]) }
            try writer.finish()
            let reader = try SpikeTraceReader(path: path)
            var cursor = reader.spikes(order: .arrival)
            var read: [Spike] = []
            while let more = try cursor.next() { read += more }
            #expect(reader.keepsArrivalOrder)
            for core in [UInt32(1), 4] {
                #expect(read.filter { $0.core == core } == arrived.filter { $0.core == core })
            }
            #expect(zip(read, read.dropFirst()).allSatisfy { $0.step <= $1.step })
            #expect(try reader.allSpikes() == arrived.sorted())
            #expect(
                try reader.allSpikes(steps: 500...700, cores: [4])
                    == arrived.filter { (500...700).contains($0.step) && $0.core == 4 }.sorted()
            )
        }
    }

    @Test("trials choose the layout by the data, and equal spikes give equal bytes")
    func trials() throws {
        let streams = SyntheticStream.all(spikes: 300_000)
        for (stream, expected) in zip(
            streams,
            [SpikeLayout.gap, .gap, .gap, .intervals, .means]
        ) {
            let first = try roundTrip(stream.spikes, stream.info, layout: nil)
            #expect(first.layouts == [expected], "\(stream.name)")
            let second = try roundTrip(stream.spikes, stream.info, layout: nil, piece: 16_384)
            #expect(first.byteCount == second.byteCount, "\(stream.name)")
        }
    }

    @Test(
        "synthetic streams stay near their entropy, and well below plain words with zstd",
        arguments: zip(["A", "A2", "B", "C", "D"], [1.02, 1.02, 1.2, 1.4, 1.5])
    )
    func sizes(name: String, limit: Double) throws {
        let isLong = ProcessInfo.processInfo.environment["SPIKELOOM_LONG"] != nil
        let stream = try #require(SyntheticStream(name, spikes: isLong ? 3_000_000 : 540_000))
        let read = try roundTrip(stream.spikes, stream.info, layout: nil, piece: 1 << 16)
        let size = Double(read.byteCount) / Double(stream.spikes.count)
        let plain = Double(plainSize(stream.spikes)) / Double(stream.spikes.count)
        print(
            "stream \(name): \(size) bytes a spike, \(size / stream.bound) of the bound "
                + "\(stream.bound); words with zstd 3: \(plain)"
        )
        #expect(read.spikes == stream.spikes)
        #expect(size <= limit * stream.bound)
        #expect(size <= 0.75 * plain)
    }
}

@Suite("Sizes of real recordings")
struct RealSizeTests {
    /// A minimal decoder of EVT 3.0: words of 16 bits behind lines that begin with '%'.
    private func events(_ url: URL) throws -> [Spike] {
        var bytes = Array(try Data(contentsOf: url))[...]
        while bytes.first == UInt8(ascii: "%"), let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
            bytes = bytes[(end + 1)...]
        }
        var spikes: [Spike] = []
        var (low, high, y, base, polarity) = (UInt64(0), UInt64(0), UInt32(0), UInt32(0), UInt32(0))
        func put(_ x: UInt32, _ polarity: UInt32) {
            spikes.append(
                Spike(step: high << 12 | low, core: 0, neuron: (y * 1280 + x) * 2 + polarity)
            )
        }
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            let word = UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8
            index += 2
            switch word >> 12 {
            case 0x0: y = word & 0x7FF
            case 0x2: put(word & 0x7FF, word >> 11 & 1)
            case 0x3: (base, polarity) = (word & 0x7FF, word >> 11 & 1)
            case 0x4, 0x5:
                let count: UInt32 = word >> 12 == 4 ? 12 : 8
                for bit in 0..<count where word >> bit & 1 == 1 { put(base + bit, polarity) }
                base += count
            case 0x6: low = UInt64(word & 0xFFF)
            case 0x8: high = UInt64(word & 0xFFF)
            default: break
            }
        }
        return spikes
    }

    @Test("the EVT3 sample takes at most 1.5 bytes an event, and 3/4 of plain words with zstd")
    func eventCamera() throws {
        let roots = (ProcessInfo.processInfo.environment["SPIKELOOM_FIXTURES"] ?? "")
            .split(separator: ":")
        let files = roots.map { URL(fileURLWithPath: "\($0)/traces/evt3_sample.raw") }
            .filter { FileManager.default.fileExists(atPath: $0.path) }
        for file in files {
            let spikes = try events(file).sorted()
            let neurons = (spikes.map(\.neuron).max() ?? 0) + 1
            try withTemporaryFile { path in
                let info = SpikeTraceInfo(
                    timeBase: TimeBase(numerator: 1, denominator: 1_000_000),
                    channels: [SpikeChannel(core: 0, neuronCount: neurons, label: "camera")]
                )
                let writer = try record(spikes, info, to: path)
                let reader = try SpikeTraceReader(path: path)
                #expect(try reader.allSpikes() == spikes)
                let size = Double(writer.byteCount) / Double(spikes.count)
                let plain = Double(plainSize(spikes, neuronBits: 21)) / Double(spikes.count)
                print(
                    "\(file.lastPathComponent): \(spikes.count) events, \(size) bytes an event; "
                        + "words with zstd 3: \(plain)"
                )
                #expect(size <= 1.5)
                #expect(size <= 0.75 * plain)
            }
        }
    }
}
