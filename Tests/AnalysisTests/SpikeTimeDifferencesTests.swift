import Analysis
import TestSupport
import Testing

@Suite("Spike-time differences")
struct SpikeTimeDifferencesTests {
    private typealias Train = [(step: UInt64, neuron: Int)]

    private static func train(neurons: Int, steps: Int, rate: Double, seed: UInt64) -> Train {
        var random = SplitMix64(seed: seed)
        var train: Train = []
        for step in 0..<steps {
            for neuron in 0..<neurons where random.chance(rate) {
                train.append((UInt64(step), neuron))
            }
        }
        return train
    }

    @Test("count every pair of spikes within range once", arguments: [0, 1, 7])
    func allPairs(range: Int) throws {
        let pre = Self.train(neurons: 5, steps: 3000, rate: 0.02, seed: 1)
        let post = Self.train(neurons: 3, steps: 3000, rate: 0.05, seed: 2)
        var expected = Array(repeating: UInt64(0), count: 2 * range + 1)
        for a in pre {
            for b in post {
                let difference = Int(b.step) - Int(a.step)
                if difference.magnitude <= range { expected[difference + range] += 1 }
            }
        }
        var differences = try SpikeTimeDifferences(range: range)
        differences.append(pre: pre, post: post)
        #expect(differences.counts == expected)
        #expect(differences.preSpikes == UInt64(pre.count))
        #expect(differences.postSpikes == UInt64(post.count))
        #expect(differences.causal == expected[(range + 1)...].reduce(0, +))
        #expect(differences.anticausal == expected[..<range].reduce(0, +))
    }

    @Test("count chosen pairs only")
    func chosenPairs() throws {
        let pre = Self.train(neurons: 70, steps: 400, rate: 0.02, seed: 3)
        let post = Self.train(neurons: 130, steps: 400, rate: 0.02, seed: 4)
        var random = SplitMix64(seed: 5)
        var chosen: [(pre: Int, post: Int)] = []
        var isChosen: Set<Int> = []
        for i in 0..<70 {
            for j in 0..<130 where random.chance(0.2) {
                chosen.append((i, j))
                isChosen.insert(i * 130 + j)
            }
        }
        var expected = Array(repeating: UInt64(0), count: 11)
        for a in pre {
            for b in post where isChosen.contains(a.neuron * 130 + b.neuron) {
                let difference = Int(b.step) - Int(a.step)
                if difference.magnitude <= 5 { expected[difference + 5] += 1 }
            }
        }
        var differences = try SpikeTimeDifferences(
            range: 5,
            pairs: chosen + chosen,
            preCount: 70,
            postCount: 130
        )
        differences.append(pre: pre, post: post)
        #expect(differences.counts == expected)
    }

    @Test("put the sign where it belongs, at the edge of the range and one step before it")
    func signs() throws {
        var differences = try SpikeTimeDifferences(range: 4)
        differences.append(pre: [(10, 0)], post: [(6, 0), (10, 0), (13, 0), (14, 0), (15, 0)])
        #expect(differences.count(at: -4) == 1 && differences.count(at: 0) == 1)
        #expect(differences.count(at: 3) == 1 && differences.count(at: 4) == 1)
        #expect(differences.count(at: 5) == 0 && differences.count(at: .min) == 0)
        #expect(differences.causal == 2 && differences.anticausal == 1)
    }

    @Test("forget old spikes without losing recent ones, and span any gap")
    func longRuns() throws {
        var differences = try SpikeTimeDifferences(range: 2)
        for step in 0..<10_000 { differences.append(step: UInt64(step), pre: [0], post: [0]) }
        #expect(differences.counts == [9998, 9999, 10_000, 9999, 9998])
        differences.append(step: .max - 1, pre: [0], post: [])
        differences.append(step: .max, pre: [], post: [0])
        #expect(differences.counts == [9998, 9999, 10_000, 10_000, 9998])
    }

    @Test("refuse ranges and neurons out of bounds")
    func refusals() throws {
        for range in [-1, SpikeTimeDifferences.rangeLimit + 1, .max] {
            #expect(throws: AnalysisError.self) { try SpikeTimeDifferences(range: range) }
        }
        _ = try SpikeTimeDifferences(range: 1, pairs: [(1, 2)], preCount: 2, postCount: 3)
        for pair in [(2, 0), (0, 3), (-1, 0), (0, -1)] {
            #expect(throws: AnalysisError.self) {
                try SpikeTimeDifferences(range: 1, pairs: [pair], preCount: 2, postCount: 3)
            }
        }
        #expect(throws: AnalysisError.self) {
            try SpikeTimeDifferences(range: 1, pairs: [], preCount: .max, postCount: 3)
        }
        #expect(throws: AnalysisError.self) {
            try SpikeTimeDifferences(range: 1, pairs: [], preCount: 1 << 20, postCount: 1 << 20)
        }
    }
}
