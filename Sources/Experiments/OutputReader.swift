/// Collects what an output population does during one sample, and reads the answer off it.
package struct OutputReader {
    /// Spikes of each output neuron.
    package private(set) var counts: [Int]
    private var firstSpike: [Int]
    private var highest: [Double]
    private var final: [Double]

    package init(neurons: Int) {
        counts = .init(repeating: 0, count: neurons)
        firstSpike = .init(repeating: .max, count: neurons)
        highest = .init(repeating: -.infinity, count: neurons)
        final = .init(repeating: -.infinity, count: neurons)
    }

    /// Notes the spikes of a step of the output's window.
    package mutating func note(spike neuron: Int, atStep step: Int) {
        counts[neuron] += 1
        firstSpike[neuron] = min(firstSpike[neuron], step)
    }

    /// Notes the membrane potentials of a step, in the author's units.
    package mutating func note(potentials: [Double]) {
        for (neuron, potential) in potentials.enumerated() {
            highest[neuron] = max(highest[neuron], potential)
        }
        final = potentials
    }

    /// The answer: index of a neuron, or nil if no neuron gave one.
    ///
    /// By `count`, a silent output answers 0, as argmax does.
    package func answer(_ readout: Readout) -> Int? {
        switch readout {
        case .count: indexOfMaximum(counts)
        case .first:
            firstSpike.allSatisfy { $0 == .max } ? nil : indexOfMaximum(firstSpike.map { -$0 })
        case .membrane: indexOfMaximum(highest)
        case .last: indexOfMaximum(final)
        }
    }

    private func indexOfMaximum<T: Comparable>(_ values: [T]) -> Int? {
        guard var best = values.indices.first else { return nil }
        for index in values.indices where values[index] > values[best] { best = index }
        return best
    }
}
