import Events
import Foundation
import SpikeTrace
import Testing

@Suite("Reading parts of a spike trace")
struct SeekTests {
    private let sources = channels(cores: [1, 2, 9], neurons: 32, inputs: 8)

    @Test("gives the spikes of any steps and cores", arguments: [UInt64(0), 1, 40])
    func parts(stride: UInt64) throws {
        let all = randomSpikes(5000, channels: sources, stride: stride, seed: 21)
        try withTemporaryFile { path in
            try record(all, info(sources), to: path, piece: 250, flushEvery: 1)
            let reader = try SpikeTraceReader(path: path)
            #expect(reader.chunkCount == 20)
            var random = SplitMix(state: 4)
            let end = (all.last?.step ?? 0) + 2
            for _ in 0..<100 {
                let a = UInt64.random(in: 0...end, using: &random)
                let b = UInt64.random(in: a...end, using: &random)
                let cores: Set<UInt32>? =
                    Bool.random(using: &random)
                    ? nil : Set(sources.map(\.core).filter { _ in Bool.random(using: &random) })
                let expected = all.filter {
                    (a...b).contains($0.step) && cores?.contains($0.core) ?? true
                }
                #expect(try reader.allSpikes(steps: a...b, cores: cores) == expected)
            }
        }
    }

    @Test("does not touch chunks outside the wanted steps or cores")
    func touchesOnlyWhatIsNeeded() throws {
        // Core 1 spikes in the first 10 chunks, core 2 in the others.
        let all = (0..<20).flatMap { (chunk: Int) -> [Spike] in
            (0..<10).map { (index: Int) -> Spike in
                Spike(step: UInt64(10 * chunk + index), core: chunk < 10 ? 1 : 2, neuron: 3)
            }
        }
        try withTemporaryFile { path in
            try record(all, info(sources), to: path, piece: 10, flushEvery: 1)
            let ranges = try SpikeTraceReader(path: path).chunkRanges
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            for index in [3, 12] {
                try file.seek(toOffset: ranges[index].upperBound - 3)
                try file.write(contentsOf: [0xAA])
            }
            let reader = try SpikeTraceReader(path: path)
            #expect(try reader.allSpikes(steps: 131...199) == Array(all[131...]))
            #expect(try reader.allSpikes(steps: 41...119) == Array(all[41..<120]))
            #expect(reader.health.isIntact)
            #expect(try reader.allSpikes(cores: [1]) == Array(all[..<30] + all[40..<100]))
            #expect(reader.health.skipped.map(\.bytes) == [ranges[3]])
            #expect(try reader.allSpikes() == Array(all[..<30] + all[40..<120] + all[130...]))
            #expect(reader.health.skipped.map(\.bytes) == [ranges[3], ranges[12]])
        }
    }

    @Test("gives the spikes step by step, across chunks that end within a step")
    func stepByStep() throws {
        let all = randomSpikes(3000, channels: sources, stride: 1, seed: 8)
        try withTemporaryFile { path in
            try record(all, info(sources), to: path, piece: 77, flushEvery: 1)
            let reader = try SpikeTraceReader(path: path)
            var cursor = reader.spikes()
            let end = (all.last?.step ?? 0) + 3
            for step in stride(from: UInt64(0), through: end, by: 2) {
                #expect(Array(try cursor.spikes(ofStep: step)) == all.filter { $0.step == step })
            }
        }
    }

    @Test("merges many batches of a channel in one chunk")
    func manyBatches() throws {
        let big = [
            SpikeChannel(core: 0, neuronCount: 2, label: "a"),
            SpikeChannel(core: 1, neuronCount: 2, label: "b"),
        ]
        let all = (0..<700_000).map { (index: UInt32) -> Spike in
            Spike(step: UInt64(index / 4), core: index / 2 % 2, neuron: index % 2)
        }
        try withTemporaryFile { path in
            try record(all, info(big), to: path, piece: 700_000)
            #expect(try SpikeTraceReader(path: path).allSpikes() == all)
        }
    }
}
