import Analysis
import Foundation
import TestSupport
import Testing

@Suite("Sampling chain")
struct SamplingChainTests {
    @Test(
        "gives one neuron its sigmoid exactly, whatever the refractory time",
        arguments: [1, 2, 10, 37]
    )
    func oneNeuron(refractorySteps: Int) throws {
        for bias in [-3.0, -0.5, 0, 1.7] {
            let chain = try SamplingChain(
                weights: [0],
                biases: [bias],
                refractorySteps: refractorySteps
            )
            #expect((chain.jointProbabilities[1] - 1 / (1 + exp(-bias))).magnitude < 1e-12)
        }
    }

    @Test("gives uncoupled neurons the product of their sigmoids")
    func uncoupled() throws {
        let biases = [-0.3, 0.9, -1.4]
        let zeros = Array(repeating: 0.0, count: 9)
        let chain = try SamplingChain(weights: zeros, biases: biases, refractorySteps: 5)
        let target = SamplingChain.boltzmann(weights: zeros, biases: biases)
        for (p, q) in zip(chain.jointProbabilities, target) { #expect((p - q).magnitude < 1e-12) }
    }

    @Test(
        "diverges from Boltzmann by known amounts that fall about as the square of the refractory time",
        arguments: [(10, 3.85e-3, 0.005e-3), (25, 7.5e-4, 0.05e-4), (50, 2.0e-4, 0.05e-4)]
    )
    func divergence(refractorySteps: Int, expected: Double, halfDigit: Double) throws {
        let weights = [0.0, 2, 2, 0]
        let biases = [-1.0, -0.7]
        let chain = try SamplingChain(
            weights: weights,
            biases: biases,
            refractorySteps: refractorySteps
        )
        let divergence = SamplingChain.divergence(
            of: SamplingChain.boltzmann(weights: weights, biases: biases),
            from: chain.jointProbabilities
        )
        #expect((divergence - expected).magnitude <= halfDigit, "\(divergence)")
    }

    @Test("gives Boltzmann its closed form, and the divergence of distributions its own")
    func closedForms() {
        let p = SamplingChain.boltzmann(weights: [0, 2, 2, 0], biases: [-1, -0.5])
        let factors = [0, -1, -0.5, 0.5].map { (x: Double) -> Double in exp(x) }
        let sum = factors.reduce(0, +)
        for (p, factor) in zip(p, factors) {
            #expect((p - factor / sum).magnitude < 1e-15)
        }
        #expect(SamplingChain.divergence(of: p, from: p) == 0)
        let known = SamplingChain.divergence(of: [0.5, 0.5], from: [0.25, 0.75])
        #expect((known - 0.5 * log(4.0 / 3)).magnitude < 1e-15)
        #expect(SamplingChain.divergence(of: [0.5, 0.5], from: [0, 1]) == .infinity)
        #expect(SamplingChain.divergence(of: [0, 1], from: [0.5, 0.5]) == log(2.0))
    }

    @Test("agrees with a plain simulation, and sees planted errors", arguments: [2, 3])
    func simulation(neurons: Int) throws {
        let plain = PlainSampler(neurons: neurons, refractorySteps: 10)
        let chain = try plain.chain()
        let good = try chain.agreement(withCounts: plain.counts(steps: 150_000, seed: 1))
        #expect(good.tail > 1e-3, "\(good)")
        #expect(good.degreesOfFreedom == 1 << neurons - 1)

        var wrong = plain
        wrong.spikesAtOnce = true
        var caught = try chain.agreement(withCounts: wrong.counts(steps: 150_000, seed: 1))
        #expect(caught.tail < 1e-6, "z of this step, not of the one before: \(caught)")
        wrong = plain
        wrong.longest = 1
        caught = try chain.agreement(withCounts: wrong.counts(steps: 150_000, seed: 1))
        #expect(caught.tail < 1e-6, "may not spike at ζ = 1: \(caught)")
        wrong = plain
        wrong.biasError = 0.1
        caught = try chain.agreement(withCounts: wrong.counts(steps: 150_000, seed: 1))
        #expect(caught.tail < 1e-6, "a bias is 0.1 too high: \(caught)")
    }

    @Test("raises false alarms as often as it says")
    func falseAlarms() throws {
        let plain = PlainSampler(neurons: 2, refractorySteps: 4)
        let chain = try plain.chain()
        var alarms = 0
        for seed in 0..<200 {
            let counts = plain.counts(steps: 4000, seed: 1000 + UInt64(seed))
            if try chain.agreement(withCounts: counts).tail < 0.1 { alarms += 1 }
        }
        // Binomial, 200 × 0.1 = 20 ± 4.2: three standard deviations.
        #expect(8...33 ~= alarms, "\(alarms)")
    }

    @Test("knows the covariance of frequencies: rows sum to 0, and batch means estimate the same")
    func covariance() throws {
        let plain = PlainSampler(neurons: 2, refractorySteps: 10)
        let chain = try plain.chain()
        let covariance = chain.frequencyCovariance()
        for a in 0..<4 {
            #expect(covariance[4 * a..<4 * a + 4].reduce(0, +).magnitude < 1e-11)
            for b in 0..<4 {
                #expect((covariance[4 * a + b] - covariance[4 * b + a]).magnitude < 1e-12)
            }
        }
        var means = (0..<4).map { _ in BatchMeans(batchLength: 1000) }
        plain.run(steps: 400_000, seed: 5) { z in
            for a in 0..<4 { means[a].append(z == a ? 1 : 0) }
        }
        for (a, p) in chain.jointProbabilities.enumerated() {
            let exact = covariance[5 * a] / (p * (1 - p))
            let estimate = try #require(means[a].correlationTime)
            // 400 batches: relative standard error √(2/399) = 7 %; three of them.
            #expect((estimate / exact - 1).magnitude < 0.21, "\(estimate) \(exact)")
            #expect(exact > 3)
        }
        let agreement = try chain.agreement(withCounts: [1000, 1000, 1000, 1000])
        for a in 0..<4 {
            let p = chain.jointProbabilities[a]
            let size = 4000 * p * (1 - p) / covariance[5 * a]
            #expect((agreement.effectiveSampleSizes[a] / size - 1).magnitude < 1e-12)
        }
    }

    @Test("takes a chip's own table of spike probabilities")
    func table() throws {
        let even = try SamplingChain(neuronCount: 2, refractorySteps: 1) { _, _ in 0.5 }
        #expect(even.jointProbabilities.allSatisfy { ($0 - 0.25).magnitude < 1e-13 })
        let silent = try SamplingChain(neuronCount: 2, refractorySteps: 3) { k, _ in k == 0 ? 0 : 1
        }
        for (p, q) in zip(silent.jointProbabilities, [0.0, 0, 1, 0]) {
            #expect((p - q).magnitude < 1e-12)
        }
        // Nearly periodic: a neuron that pauses once in 10 000 steps.
        let busy = try SamplingChain(neuronCount: 1, refractorySteps: 20) { _, _ in 0.998 }
        #expect((busy.jointProbabilities[1] - 20 * 0.998 / (20 * 0.998 + 0.002)).magnitude < 1e-11)
    }

    @Test("refuses what it cannot solve, with a reason")
    func refusals() {
        #expect(throws: AnalysisError.self) {
            try SamplingChain(neuronCount: 4, refractorySteps: 2) { _, _ in 0.5 }
        }
        #expect(throws: AnalysisError.self) {
            try SamplingChain(neuronCount: 0, refractorySteps: 2) { _, _ in 0.5 }
        }
        for steps in [0, -1, 5000, .max] {
            #expect(throws: AnalysisError.self) {
                try SamplingChain(weights: [0], biases: [0], refractorySteps: steps)
            }
        }
        #expect(throws: AnalysisError.self) {
            try SamplingChain(neuronCount: 3, refractorySteps: 200) { _, _ in 0.5 }
        }
        for p in [-0.1, 1.1, .nan] {
            #expect(throws: AnalysisError.self) {
                try SamplingChain(neuronCount: 1, refractorySteps: 2) { _, _ in p }
            }
        }
        #expect(throws: AnalysisError.self) {
            try SamplingChain(weights: [.nan], biases: [0], refractorySteps: 2)
        }
        #expect(throws: AnalysisError.self) {
            try SamplingChain(weights: [0], biases: [.infinity], refractorySteps: 2)
        }
        let error = #expect(throws: AnalysisError.self) {
            try SamplingChain(weights: [0, 1], biases: [0, 0], refractorySteps: 2)
        }
        #expect(error?.description.contains("must have 4") == true)
        #expect(throws: AnalysisError.self) {
            try PlainSampler(neurons: 2, refractorySteps: 2).chain().agreement(withCounts: [1, 2])
        }
    }

    @Test(
        "knows the tail of χ²",
        arguments: [
            (3.841_458_8, 1, 0.05), (13.815_510_6, 2, 0.001), (7.814_727_9, 3, 0.05),
            (9.487_729_0, 4, 0.05), (11.070_497_7, 5, 0.05), (24.321_886_3, 7, 0.001),
        ]
    )
    func tail(x: Double, degrees: Int, expected: Double) {
        #expect((chiSquaredTail(x, degreesOfFreedom: degrees) / expected - 1).magnitude < 1e-6)
        #expect(chiSquaredTail(0, degreesOfFreedom: degrees) == 1)
    }
}

/// Sampling neurons written down step by step, with errors to plant.
private struct PlainSampler {
    var neurons: Int
    var refractorySteps: Int
    var weights: [Double]
    var biases: [Double]
    /// Planted: later neurons see spikes of earlier ones in the same step.
    var spikesAtOnce = false
    /// Planted: a spike lasts for so many steps more.
    var longest = 0
    /// Planted: added to the bias of neuron 0.
    var biasError = 0.0

    init(neurons: Int, refractorySteps: Int) {
        self.neurons = neurons
        self.refractorySteps = refractorySteps
        weights = neurons == 2 ? [0, 2, 2, 0] : [0, 1, -0.5, 1, 0, 0.7, -0.5, 0.7, 0]
        biases = neurons == 2 ? [-1, -0.7] : [-0.4, 0.2, -0.8]
    }

    func chain() throws -> SamplingChain {
        try SamplingChain(weights: weights, biases: biases, refractorySteps: refractorySteps)
    }

    func run(steps: Int, seed: UInt64, _ look: (Int) -> Void) {
        var random = SplitMix64(seed: seed)
        var counters = Array(repeating: 0, count: neurons)
        var z = 0
        // [neuron][z]
        let table = (0..<neurons).map { k in
            (0..<1 << neurons).map { z in
                var u = biases[k] + (k == 0 ? biasError : 0) - log(Double(refractorySteps))
                for j in 0..<neurons where z >> j & 1 == 1 { u += weights[k * neurons + j] }
                return 1 / (1 + exp(-u))
            }
        }
        for step in 0..<steps + 200 {
            var seen = z
            for k in 0..<neurons {
                if counters[k] <= 1 - longest, random.chance(table[k][seen]) {
                    counters[k] = refractorySteps
                } else if counters[k] > 0 {
                    counters[k] -= 1
                }
                z = z & ~(1 << k) | (counters[k] > 0 ? 1 << k : 0)
                if spikesAtOnce { seen = z }
            }
            if step >= 200 { look(z) }
        }
    }

    func counts(steps: Int, seed: UInt64) -> [Int] {
        var counts = Array(repeating: 0, count: 1 << neurons)
        run(steps: steps, seed: seed) { counts[$0] += 1 }
        return counts
    }
}
