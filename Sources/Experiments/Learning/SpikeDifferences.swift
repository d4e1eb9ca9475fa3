import Analysis

/// Spike-time differences of the reciprocal pairs of a feedback projection, by the sign of the forward weight.
///
/// Δ = t_post − t_pre of the feedback synapse. A positive forward weight shows as an excess at Δ < 0: its
/// target, the presynaptic side of the feedback, spikes just after the postsynaptic side did.
public struct SpikeDifferences: Sendable, Equatable {
    /// Largest difference that is counted, in steps.
    public static let range = 20

    /// Counts of Δ = −20...20 of pairs with a positive forward weight.
    public var positive: [Int]
    /// Counts of pairs with a negative forward weight.
    public var negative: [Int]
}

/// Counts spike-time differences while a run goes on.
struct SpikeDifferenceTally {
    private let prePopulation: Int
    private let postPopulation: Int
    private var positive: SpikeTimeDifferences
    private var negative: SpikeTimeDifferences

    /// Prepares the counts.
    ///
    /// - Parameters:
    ///   - pre: Presynaptic population of the feedback, and its size.
    ///   - post: Postsynaptic population, and its size.
    ///   - weights: Forward weight of each pair.
    /// - Throws: `AnalysisError` if a pair is not of the populations.
    init(
        pre: (population: Int, count: Int),
        post: (population: Int, count: Int),
        weights: [(pre: Int, post: Int, weight: Int)]
    ) throws {
        prePopulation = pre.population
        postPopulation = post.population
        func differences(_ belongs: (Int) -> Bool) throws -> SpikeTimeDifferences {
            try SpikeTimeDifferences(
                range: SpikeDifferences.range,
                pairs: weights.filter { belongs($0.weight) }.map { ($0.pre, $0.post) },
                preCount: pre.count,
                postCount: post.count
            )
        }
        positive = try differences { $0 > 0 }
        negative = try differences { $0 < 0 }
    }

    mutating func add(_ spikes: [(population: Int, neuron: Int)], step: UInt64) {
        let pre = spikes.filter { $0.population == prePopulation }.map(\.neuron)
        let post = spikes.filter { $0.population == postPopulation }.map(\.neuron)
        positive.append(step: step, pre: pre, post: post)
        negative.append(step: step, pre: pre, post: post)
    }

    var differences: SpikeDifferences {
        SpikeDifferences(
            positive: positive.counts.map { Int(clamping: $0) },
            negative: negative.counts.map { Int(clamping: $0) }
        )
    }
}
