import Events
import Foundation
import SpikeTrace
import Testing

@Suite("Spike trace writer")
struct SpikeTraceWriterTests {
    private let sources = channels(cores: [0, 4], neurons: 8)

    /// The error of a body.
    private func error(_ body: () throws -> Void) -> SpikeTraceError? {
        do {
            try body()
            return nil
        } catch {
            return error as? SpikeTraceError
        }
    }

    @Test("refuses spikes that do not belong into the trace, and goes on with those that do")
    func refusals() throws {
        try withTemporaryFile { path in
            let writer = try SpikeTraceWriter(path: path, info: info(sources))
            let first = Spike(step: 5, core: 4, neuron: 7)
            try writer.append([first])
            let none = Spike(step: 5, core: 5, neuron: 0)
            #expect(error { try writer.append([none]) } == .unknownCore(path: path, spike: none))
            let high = Spike(step: 5, core: 4, neuron: 8)
            #expect(
                error { try writer.append([high]) }
                    == .neuronOutOfRange(path: path, spike: high, neuronCount: 8)
            )
            for early in [
                Spike(step: 4, core: 4, neuron: 7), Spike(step: 5, core: 0, neuron: 7),
                Spike(step: 5, core: 4, neuron: 6),
            ] {
                #expect(
                    error { try writer.append([early]) }
                        == .outOfOrder(path: path, spike: early, previous: first)
                )
            }
            let tick = Spike(step: 6, tick: 1, core: 4, neuron: 0)
            #expect(
                error { try writer.append([tick]) } == .ticksNotSupported(path: path, spike: tick)
            )
            let next = Spike(step: 6, core: 0, neuron: 0)
            try writer.append([first, next])
            try writer.finish()
            #expect(error { try writer.append([next]) } == .closed(path: path))
            #expect(error { try writer.finish() } == .closed(path: path))
            #expect(try SpikeTraceReader(path: path).allSpikes() == [first, first, next])
        }
    }

    @Test("refuses a description that the format cannot hold")
    func descriptions() throws {
        try withTemporaryFile { path in
            func refused(_ info: SpikeTraceInfo) -> Bool {
                error { _ = try SpikeTraceWriter(path: path, info: info) } != nil
            }
            #expect(refused(info(channels(cores: [1, 1], neurons: 1))))
            #expect(refused(info(channels(cores: [1], neurons: 0))))
            #expect(refused(info([], ["crc32": "x"])))
            #expect(refused(info([], ["timeBaseNumerator": "x"])))
            #expect(refused(info([], ["x": String(repeating: "y", count: 1 << 17)])))
            #expect(
                refused(
                    info([
                        SpikeChannel(
                            core: 1,
                            neuronCount: 1,
                            label: String(repeating: "y", count: 1 << 17)
                        )
                    ])
                )
            )
            #expect(!FileManager.default.fileExists(atPath: path))
            #expect(
                refused(
                    SpikeTraceInfo(
                        timeBase: info([]).timeBase,
                        channels: channels(cores: Array(0...65_535), neurons: 1)
                    )
                )
            )
            #expect(error { _ = try SpikeTraceWriter(path: path + "/x", info: info([])) } != nil)
        }
    }

    @Test("records 65,535 channels and the last time step there is")
    func widest() throws {
        let many = channels(cores: Array(0..<65_535), neurons: .max)
        let spikes = [
            Spike(step: 0, core: 0, neuron: 0), Spike(step: 0, core: 65_534, neuron: .max - 1),
            Spike(step: 1 << 63, core: 0, neuron: .max - 1),
            Spike(step: 1 << 63, core: 7, neuron: 1),
            Spike(step: .max, core: 0, neuron: 0), Spike(step: .max, core: 0, neuron: .max - 1),
        ]
        try withTemporaryFile { path in
            try record(spikes, info(many), to: path)
            let reader = try SpikeTraceReader(path: path)
            #expect(reader.info.channels == many)
            #expect(try reader.allSpikes() == spikes)
            #expect(try reader.allSpikes(steps: (1 << 63)...(1 << 63)) == Array(spikes[2...3]))
        }
    }

    @Test(
        "splits a batch where the gap between steps no longer fits",
        arguments: [UInt64(UInt32.max) - 1, UInt64(UInt32.max), UInt64(UInt32.max) + 1]
    )
    func widestBatch(gap: UInt64) throws {
        let source = [SpikeChannel(core: 0, neuronCount: .max, label: "")]
        let spikes = [0, gap, 2 * gap].map { Spike(step: 3 + $0, core: 0, neuron: .max - 1) }
        try withTemporaryFile { path in
            try record(spikes, info(source), to: path)
            #expect(try SpikeTraceReader(path: path).allSpikes() == spikes)
        }
    }

    @Test("an empty trace without channels is a trace")
    func empty() throws {
        try withTemporaryFile { path in
            try record([], info([]), to: path)
            let reader = try SpikeTraceReader(path: path)
            #expect(reader.health.isIntact && reader.info == info([]))
            #expect(try reader.allSpikes().isEmpty)
        }
    }

    @Test("equal runs give equal bytes when the clock does not end chunks")
    func deterministic() throws {
        let spikes = randomSpikes(20_000, channels: sources, stride: 2, seed: 1)
        func bytes(piece: Int) throws -> Data {
            try withTemporaryFile { path in
                try record(spikes, info(sources, ["b": "2", "a": "1"]), to: path, piece: piece)
                return try Data(contentsOf: URL(fileURLWithPath: path))
            }
        }
        #expect(try bytes(piece: 100) == bytes(piece: 7919))
    }

    @Test("a chunk left open for the flush interval is written with the next append")
    func flushInterval() throws {
        try withTemporaryFile { path in
            let writer = try SpikeTraceWriter(path: path, info: info(sources), flushInterval: .zero)
            try writer.append([Spike(step: 1, core: 0, neuron: 1)])
            #expect(writer.flushedSpikeCount == 1)
            let lazy = try SpikeTraceWriter(path: path, info: info(sources), flushInterval: nil)
            try lazy.append([Spike(step: 1, core: 0, neuron: 1)])
            #expect(lazy.flushedSpikeCount == 0)
        }
    }

    @Test("a full device is an error at once")
    func fullDevice() {
        let error = error { _ = try SpikeTraceWriter(path: "/dev/full", info: info(sources)) }
        guard case .writeFailed(_, 0, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason == "No space left on device")
    }

    @Test(
        "Poisson spikes of 10,000 neurons at 5 Hz with 1 µs steps take at most 1.05 of the entropy"
    )
    func size() throws {
        let source = [SpikeChannel(core: 0, neuronCount: 10_000, label: "poisson")]
        let info = SpikeTraceInfo(
            timeBase: TimeBase(numerator: 1, denominator: 1_000_000),
            channels: source
        )
        var random = SplitMix(state: 2)
        var time = 0.0
        let spikes = (0..<400_000).map { _ in
            time -= 20 * log(Double.random(in: 0x1p-53..<1, using: &random))
            return Spike(
                step: UInt64(time),
                core: 0,
                neuron: UInt32.random(in: 0..<10_000, using: &random)
            )
        }.sorted()
        let bytes = try withTemporaryFile { path in
            try record(spikes, info, to: path).byteCount
        }
        let perSpike = Double(bytes) / Double(spikes.count)
        print("stream A: \(perSpike) bytes a spike, \(perSpike / 2.382) of the bound")
        #expect(perSpike <= 1.05 * 2.382)
    }
}
