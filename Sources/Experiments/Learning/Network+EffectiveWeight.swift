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
        let rate = logistic(populations[source].bias.first ?? 0)
        return sumOverPaths(from: source, to: target) { weight, bias in
            logistic(weight * rate + bias) / rate
        }
    }

    /// What a spike changes in a path between two sampling neurons through one neuron more, added up over all
    /// such neurons, as a weight of a direct synapse.
    ///
    /// Σ_k W_kt (σ(W_sk + b_k) − σ(b_k)): how much more likely the neuron between is on while the source is
    /// on, if it settles at once. `pathWeight` counts its mean activity for each spike of the source instead,
    /// of which a part is there without the source.
    ///
    /// - Parameters:
    ///   - source: Index of a population of one sampling neuron.
    ///   - target: Likewise.
    /// - Returns: The sum in log-odds; 0 without such a path.
    package func pathResponse(from source: Int, to target: Int) -> Double {
        sumOverPaths(from: source, to: target) { weight, bias in
            logistic(weight + bias) - logistic(bias)
        }
    }

    /// Σ_k W_kt · activity(W_sk, b_k).
    private func sumOverPaths(
        from source: Int,
        to target: Int,
        activity: (_ weight: Double, _ bias: Double) -> Double
    ) -> Double {
        func weights(_ from: Int, _ to: Int) -> [Double]? {
            let found = projections.filter { $0.source == from && $0.target == to }
            guard let first = found.first else { return nil }
            let sources = populations[from].count
            return found.dropFirst().reduce(first.weights(sources: sources)) {
                zip($0, $1.weights(sources: sources)).map(+)
            }
        }
        var sum = 0.0
        for (index, middle) in populations.enumerated() where index != source && index != target {
            guard case .sampling = middle.dynamics, let to = weights(source, index),
                let from = weights(index, target)
            else { continue }
            for neuron in middle.bias.indices where neuron < min(to.count, from.count) {
                sum += from[neuron] * activity(to[neuron], middle.bias[neuron])
            }
        }
        return sum
    }
}

private func logistic(_ u: Double) -> Double { 1 / (1 + PortableMath.exp(-u)) }

extension Projection {
    /// `[target][source]`, or one weight a neuron.
    fileprivate func weights(sources: Int) -> [Double] {
        switch connectivity {
        case .dense(let weights), .oneToOne(let weights): weights
        case .sparse(let sparse): sparse.dense(sources: sources)
        }
    }
}
