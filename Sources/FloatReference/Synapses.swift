import NetworkIR

/// What a population put out in a step.
enum Output: Sendable {
    /// Ascending indices; each is worth 1.
    case spikes([Int])
    /// One value a neuron.
    case values([Double])
}

/// The weights of a projection, laid out by source so that a spike reads one contiguous row.
struct Synapses: Sendable {
    let source: Int
    let delay: Int
    private let isDense: Bool
    /// `[source][target]` if dense, else `[neuron]`.
    private let weights: [Double]

    init(_ projection: Projection, sourceCount: Int, targetCount: Int) {
        source = projection.source
        delay = projection.delay
        switch projection.connectivity {
        case .oneToOne(let weights):
            isDense = false
            self.weights = weights
        case .dense(let weights):
            isDense = true
            var transposed: [Double] = []
            transposed.reserveCapacity(weights.count)
            for source in 0..<sourceCount {
                for target in 0..<targetCount {
                    transposed.append(weights[target * sourceCount + source])
                }
            }
            self.weights = transposed
        }
    }

    /// Adds what a source puts out, weighted, to the sums of the targets.
    func add(_ output: Output, to sum: inout [Double]) {
        switch output {
        case .spikes(let spikes):
            for spike in spikes { add(1, from: spike, to: &sum) }
        case .values(let values):
            for (index, value) in values.enumerated() where value != 0 {
                add(value, from: index, to: &sum)
            }
        }
    }

    private func add(_ value: Double, from source: Int, to sum: inout [Double]) {
        guard isDense else {
            sum[source] += weights[source] * value
            return
        }
        let row = source * sum.count
        for target in sum.indices { sum[target] += weights[row + target] * value }
    }
}
