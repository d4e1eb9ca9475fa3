import FloatReference
import Foundation
import HDF5
import NIRImport
import NetworkIR
import Testing

@Suite("The digits network in floating point")
struct DigitsTests {
    struct Expected: Decodable {
        var steps: Int
        var labels: [Int]
        var output_counts: [[Int]]
    }

    /// 450 rows of 64 letters: a pixel of p (0 … 16) is the letter p after "a".
    static func pixels() throws -> [[Int]] {
        let file = FixtureFiles.own.appending(path: "digits_pixels.txt")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { row in
            row.utf8.map { Int($0) - 97 }
        }
    }

    /// A pixel of p spikes p times in 32 steps: at t if floor((t+1)p/32) > floor(tp/32).
    static func spikes(_ pixels: [Int], at step: Int) -> [Int] {
        pixels.indices.filter { (step + 1) * pixels[$0] / 32 > step * pixels[$0] / 32 }
    }

    @Test("gives snnTorch's output counts on all 450 samples, 438 of them right")
    func outputCounts() throws {
        let read = try FixtureFiles.imported(
            FixtureFiles.examples.appending(path: "digits_fc.nir"),
            ImportSettings(exporter: .snntorch)
        )
        #expect(read.warnings.isEmpty)
        #expect(
            read.summary
                == "dt 0.0001 (snntorch), reset to v_reset, spike at v > v_threshold. A model "
                + "trained with snnTorch's default reset needs --reset subtract."
        )
        let data = FixtureFiles.examples.appending(path: "digits_fc_test.json")
        let expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: data))
        let samples = try Self.pixels()
        try #require(samples.count == 450)

        var machine = try FloatMachine(read.network)
        let output = read.network.outputs[0].population
        var correct = 0
        var hiddenSpikes = 0
        var differing = 0
        let start = ContinuousClock.now
        for (sample, pixels) in samples.enumerated() {
            machine.reset()
            var counts = [Int](repeating: 0, count: 10)
            for step in 0..<expected.steps {
                try machine.step(inputSpikes: [Self.spikes(pixels, at: step)])
                for neuron in machine.spikes(of: output) { counts[neuron] += 1 }
                hiddenSpikes += machine.spikes(of: 1).count
            }
            if counts != expected.output_counts[sample] { differing += 1 }
            let best = counts.indices.max { (counts[$0], -$0) < (counts[$1], -$1) }
            if best == expected.labels[sample] { correct += 1 }
        }
        print("digits: \(correct) of 450, \(ContinuousClock.now - start)")
        #expect(differing == 0)
        #expect(correct == 438)
        #expect(hiddenSpikes == 124_335)
    }
}
