import Analysis
import Foundation
import Testing
import TestSupport

@Suite("Sampling chain")
struct SamplingChainTests {
    /// Two neurons, w = 2: the example whose divergences the facts give.
    private static let weights = [0.0, 2.0, 2.0, 0.0]
    private static let biases = [-1.0, -0.7]

    private static func three() throws -> SamplingChain {
        try SamplingChain(
            weights: [0, 1, -0.5, 1, 0, 0.7, -0.5, 0.7, 0],
            biases: [-0.4, 0.2, -0.8],
            refractorySteps: 6
        )
    }

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

    @Test(
        "diverges from Boltzmann by the known amounts",
        arguments: [(10, 3.85e-3, 0.005e-3), (25, 7.5e-4, 0.05e-4), (50, 2.0e-4, 0.05e-4)]
    )
    func divergence(refractorySteps: Int, expected: Double, halfDigit: Double) throws {
        let chain = try SamplingChain(
            weights: Self.weights,
            biases: Self.biases,
            refractorySteps: refractorySteps
        )
        let target = SamplingChain.boltzmann(weights: Self.weights, biases: Self.biases)
        let forth = SamplingChain.divergence(of: target, from: chain.jointProbabilities)
        let back = SamplingChain.divergence(of: chain.jointProbabilities, from: target)
        print(refractorySteps, forth, back)
        #expect((forth - expected).magnitude <= halfDigit)
    }
}
