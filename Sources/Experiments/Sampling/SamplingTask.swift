import Analysis
import FixedPoint

/// What a seed draws: the distribution to learn, where learning starts, and the windows' deviations.
public struct SamplingTask: Sendable, Equatable {
    /// Number of neurons.
    public let neuronCount: Int
    /// Weights of the target, U(−1, 1), symmetric, `[post][pre]`.
    public let targetWeights: [Double]
    /// Biases of the target, U(−1, 1).
    public let targetBiases: [Double]
    /// First weights, `[post][pre]`.
    public let firstWeights: [Double]
    /// First biases.
    public let firstBiases: [Double]
    /// p*(z), bit k is neuron k.
    public let probabilities: [Double]
    /// Relative deviations of the halves of the windows, `[half][post][pre]`.
    let deviations: [[Double]]

    /// Halves of windows, in the order of `deviations`.
    enum Half: Int, CaseIterable {
        case hebbAnticausal
        case hebbCausal
        case salAnticausal
        case salCausal
    }

    /// Draws a task.
    ///
    /// Draws are functions of the seed, the pair and what they are for; noise scales the same draws.
    ///
    /// - Parameters:
    ///   - plan: Number of neurons, deviations.
    ///   - seed: Of the draws.
    public init(_ plan: SamplingPlan, seed: UInt64) {
        let n = plan.neuronCount
        neuronCount = n
        let stream = RandomStream(seed: seed, purpose: .network)
        func id(_ name: String) -> UInt32 { RandomStream.id(of: "sampling/" + name) }
        /// The same number for (post, pre) and (pre, post).
        func pair(_ post: Int, _ pre: Int) -> UInt32 { UInt32(max(post, pre) * n + min(post, pre)) }
        func matrix(_ value: (_ post: Int, _ pre: Int) -> Double) -> [Double] {
            (0..<n * n).map { $0 / n == $0 % n ? 0 : value($0 / n, $0 % n) }
        }
        let weights = matrix { post, pre in
            2 * stream.uniform(pair(post, pre), id("target weights"), 0) - 1
        }
        let biases = (0..<n).map { 2 * stream.uniform(UInt32($0), id("target biases"), 0) - 1 }
        targetWeights = weights
        targetBiases = biases
        probabilities = SamplingChain.boltzmann(weights: weights, biases: biases)
        firstWeights = matrix { post, pre in
            plan.initialDeviation * stream.normal(pair(post, pre), id("first weights"), 0)
                + plan.initialNoise * stream.normal(UInt32(post * n + pre), id("first noise"), 0)
        }
        firstBiases = (0..<n).map {
            plan.initialBiasNoise * stream.normal(UInt32($0), id("first biases"), 0)
        }
        deviations = Half.allCases.map { half in
            matrix { post, pre in
                let draw = stream.normal(
                    UInt32(post * n + pre),
                    id("windows"),
                    UInt32(half.rawValue)
                )
                return plan.plasticityNoise * min(max(draw, -1.5), 1.5)
            }
        }
    }

    /// ⟨z_post z_pre⟩ of the target; ⟨z⟩ where both are the same.
    ///
    /// - Parameters:
    ///   - post: A neuron.
    ///   - pre: A neuron.
    /// - Returns: A probability.
    public func coactivation(_ post: Int, _ pre: Int) -> Double {
        let mask = 1 << post | 1 << pre
        return probabilities.indices.reduce(0) { $1 & mask == mask ? $0 + probabilities[$1] : $0 }
    }
}
