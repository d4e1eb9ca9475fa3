import FixedPoint
package import NetworkIR

extension Network {
    /// What a path between two sampling neurons carries through one neuron more, added up over all such
    /// neurons, as a weight of a direct synapse.
    ///
    /// Σ_k W_kt σ(W_sk r + b_k) / r with r = σ(b_s): Gierlich et al., arXiv 2503.02642, on excitatory neurons
    /// that inhibit each other through an inhibitory one.
    ///
    /// - Parameters:
    ///   - source: Index of a population of one sampling neuron.
    ///   - target: Likewise.
    /// - Returns: The sum in log-odds; 0 without such a path.
    package func pathWeight(from source: Int, to target: Int) -> Double {
        func logistic(_ u: Double) -> Double { 1 / (1 + PortableMath.exp(-u)) }
        func weights(_ from: Int, _ to: Int) -> [Double]? {
            let found = projections.filter { $0.source == from && $0.target == to }
            guard let first = found.first else { return nil }
            let sources = populations[from].count
            return found.dropFirst().reduce(first.weights(sources: sources)) {
                zip($0, $1.weights(sources: sources)).map(+)
            }
        }
        let rate = logistic(populations[source].bias.first ?? 0)
        var sum = 0.0
        for (index, middle) in populations.enumerated() where index != source && index != target {
            guard case .sampling = middle.dynamics, let to = weights(source, index),
                let from = weights(index, target)
            else { continue }
            for neuron in middle.bias.indices where neuron < min(to.count, from.count) {
                sum += from[neuron] * logistic(to[neuron] * rate + middle.bias[neuron]) / rate
            }
        }
        return sum
    }
}

extension Projection {
    /// `[target][source]`, or one weight a neuron.
    fileprivate func weights(sources: Int) -> [Double] {
        switch connectivity {
        case .dense(let weights), .oneToOne(let weights): weights
        case .sparse(let sparse): sparse.dense(sources: sources)
        }
    }
}
