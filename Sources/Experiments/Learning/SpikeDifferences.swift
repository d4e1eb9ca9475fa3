/// Spike-time differences of the reciprocal pairs of a feedback projection, by the sign of the forward weight.
///
/// Δ = t_post − t_pre of the feedback synapse, each spike against the last one of the partner. A positive
/// forward weight shows as an excess at Δ < 0: its target, the presynaptic side of the feedback, spikes just
/// after the postsynaptic side did.
public struct SpikeDifferences: Sendable, Equatable {
    /// Largest difference that is counted, in steps.
    public static let range = 20

    /// Counts of Δ = −20...20 of pairs with a positive forward weight.
    public internal(set) var positive = [Int](repeating: 0, count: 2 * range + 1)
    /// Counts of pairs with a negative forward weight.
    public internal(set) var negative = [Int](repeating: 0, count: 2 * range + 1)
}

/// Counts spike-time differences while a run goes on.
struct SpikeDifferenceTally {
    private let prePopulation: Int
    private let postPopulation: Int
    private let preCount: Int
    /// Sign of the forward weight, `[post][pre]`.
    private var signs: [Int8]
    private var lastPre: [Int]
    private var lastPost: [Int]
    private(set) var differences = SpikeDifferences()

    init(pre: (population: Int, count: Int), post: (population: Int, count: Int)) {
        prePopulation = pre.population
        postPopulation = post.population
        preCount = pre.count
        signs = .init(repeating: 0, count: pre.count * post.count)
        lastPre = .init(repeating: -1_000_000, count: pre.count)
        lastPost = .init(repeating: -1_000_000, count: post.count)
    }

    mutating func setSign(pre: Int, post: Int, _ weight: Double) {
        signs[post * preCount + pre] = weight > 0 ? 1 : weight < 0 ? -1 : 0
    }

    mutating func add(_ spikes: [(population: Int, neuron: Int)], step: Int) {
        let range = SpikeDifferences.range
        for spike in spikes {
            if spike.population == prePopulation {
                for post in lastPost.indices where step - lastPost[post] <= range {
                    count(post * preCount + spike.neuron, lastPost[post] - step)
                }
                lastPre[spike.neuron] = step
            }
            if spike.population == postPopulation {
                for pre in lastPre.indices where step - lastPre[pre] <= range {
                    count(spike.neuron * preCount + pre, step - lastPre[pre])
                }
                lastPost[spike.neuron] = step
            }
        }
    }

    private mutating func count(_ pair: Int, _ difference: Int) {
        let bin = difference + SpikeDifferences.range
        if signs[pair] > 0 { differences.positive[bin] += 1 }
        if signs[pair] < 0 { differences.negative[bin] += 1 }
    }
}
