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
    private let layout: Layout
    /// `[source][target]` if dense, `[neuron]` if one to one, else by source and ascending target.
    private let weights: [Double]

    private enum Layout {
        case dense
        case oneToOne
        /// Row of source s: `offsets[s]..<offsets[s + 1]`, each weight with its target.
        case sparse(offsets: [Int], targets: [Int32])
    }

    init(_ projection: Projection, sourceCount: Int, targetCount: Int) {
        source = projection.source
        delay = projection.delay
        switch projection.connectivity {
        case .oneToOne(let weights):
            layout = .oneToOne
            self.weights = weights
        case .dense(let weights):
            layout = .dense
            var transposed: [Double] = []
            transposed.reserveCapacity(weights.count)
            for source in 0..<sourceCount {
                for target in 0..<targetCount {
                    transposed.append(weights[target * sourceCount + source])
                }
            }
            self.weights = transposed
        case .sparse(let sparse):
            var offsets = [Int](repeating: 0, count: sourceCount + 1)
            for source in sparse.sources { offsets[Int(source) + 1] += 1 }
            for source in 0..<sourceCount { offsets[source + 1] += offsets[source] }
            var next = offsets
            var targets = [Int32](repeating: 0, count: sparse.count)
            var transposed = [Double](repeating: 0, count: sparse.count)
            for target in 0..<targetCount {
                for k in sparse.indices(of: target) {
                    let source = Int(sparse.sources[k])
                    targets[next[source]] = Int32(target)
                    transposed[next[source]] = sparse.weights[k]
                    next[source] += 1
                }
            }
            layout = .sparse(offsets: offsets, targets: targets)
            weights = transposed
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
        switch layout {
        case .oneToOne: sum[source] += weights[source] * value
        case .dense:
            let row = source * sum.count
            for target in sum.indices { sum[target] += weights[row + target] * value }
        case .sparse(let offsets, let targets):
            for k in offsets[source]..<offsets[source + 1] {
                sum[Int(targets[k])] += weights[k] * value
            }
        }
    }
}
