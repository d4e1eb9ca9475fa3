import Analysis
import ChipImage
import ChipSpec
import Description
import Emulator
import Events
import Experiments
import Foundation
import Testing

@Suite("Sampling neuron")
struct SamplingNeuronTests {
    /// Runs coupled sampling neurons on `pilot`, and counts their joint states z.
    private func counts(
        weights: [[Double]],
        biases: [Double],
        steps: Int,
        seed: UInt64
    ) throws -> [Int] {
        let n = biases.count
        var text = "experiment: chain\nnetwork:\n  populations:\n"
        for k in 0..<n {
            text +=
                "    n\(k): { count: 1, neuron: sampling, refractory: 10, bias: \(biases[k]) }\n"
        }
        text += "  projections:\n"
        for post in 0..<n {
            for pre in 0..<n where pre != post {
                text += "    p\(pre)\(post): { from: n\(pre), to: n\(post), weights: "
                text += "\(weights[post][pre]), fullScale: 4 }\n"
            }
        }
        text += "phases:\n  - run: { seconds: 1 }\n"
        let study = try LearningStudy(
            ExperimentFile(text: text, path: "chain.yaml"),
            catalogue: LearningExamples.catalogue
        )
        let machine = try LearningStudy.run(of: study.arms[0], seed: seed).machine
        var zeta = [Int](repeating: 0, count: n)
        var counts = [Int](repeating: 0, count: 1 << n)
        var indexOfCore: [UInt32: Int] = [:]
        for (index, core) in machine.image.cores.enumerated() { indexOfCore[core.core] = index }
        for step in 0..<steps {
            machine.step()
            for k in 0..<n { zeta[k] = max(0, zeta[k] - 1) }
            for spike in machine.spikes {
                let core = machine.image.cores[indexOfCore[spike.core] ?? 0]
                let segment = core.segments.first {
                    $0.firstSlot <= spike.neuron && spike.neuron < $0.firstSlot + $0.count
                }
                let population = Int(segment?.population ?? 0)
                let path = machine.image.network.populations[population].path
                zeta[Int(path.dropFirst()) ?? 0] = 10
            }
            guard step >= 1000 else { continue }
            counts[(0..<n).reduce(0) { $0 | (zeta[$1] > 0 ? 1 << $1 : 0) }] += 1
        }
        return counts
    }

    @Test("agrees with the exact stationary distribution of the discrete chain")
    func agrees() throws {
        // Weights and biases are multiples of the register's step 4/128, so nothing is rounded.
        let two = try counts(
            weights: [[0, 2], [2, 0]],
            biases: [-1, -0.75],
            steps: 300_000,
            seed: 7
        )
        let chain = try SamplingChain(
            weights: [0, 2, 2, 0],
            biases: [-1, -0.75],
            refractorySteps: 10
        )
        // One false alarm in ten thousand seeds.
        #expect(try chain.agreement(withCounts: two).tail > 1e-4)
        let wrong = try SamplingChain(
            weights: [0, 2, 2, 0],
            biases: [-0.9, -0.75],
            refractorySteps: 10
        )
        #expect(try wrong.agreement(withCounts: two).tail < 1e-4)

        let w = [[0, 1, -0.5], [1, 0, 0.5], [-0.5, 0.5, 0]]
        let three = try counts(weights: w, biases: [-0.5, 0, 0.25], steps: 300_000, seed: 8)
        let large = try SamplingChain(
            weights: w.flatMap { $0 },
            biases: [-0.5, 0, 0.25],
            refractorySteps: 10
        )
        #expect(try large.agreement(withCounts: three).tail > 1e-4)
    }

    @Test("comes nearer to Boltzmann's distribution with the square of its refractory time")
    func divergence() throws {
        let weights: [Double] = [0, 2, 2, 0]
        let biases = [-1.0, -0.7]
        let boltzmann = SamplingChain.boltzmann(weights: weights, biases: biases)
        let divergences = try [10, 25, 50].map { steps in
            let chain = try SamplingChain(weights: weights, biases: biases, refractorySteps: steps)
            return SamplingChain.divergence(of: boltzmann, from: chain.jointProbabilities)
        }
        for (found, known) in zip(divergences, [3.85e-3, 7.5e-4, 2.0e-4]) {
            #expect((found / known - 1).magnitude < 0.03)
        }
    }
}
