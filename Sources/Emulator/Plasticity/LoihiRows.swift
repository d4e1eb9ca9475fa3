/// Plastic synapses of a projection as the engine `loihi` walks them: rows that lie side by side.
///
/// Row r belongs to a presynaptic line and owns the synapses `rowStart[r]..<rowStart[r + 1]`; a line may
/// have several rows.
package struct LoihiRows {
    /// Line of each row.
    package var rowLine: [UInt32]
    /// First synapse of each row, and the number of synapses.
    package var rowStart: [UInt32]
    /// Postsynaptic neuron of each synapse.
    package var targets: [UInt32]
    /// Weight of each synapse, −256...255.
    package var weights: [Int32]
    /// Core of each line: where its updates are counted.
    package var lineCore: [UInt32]
    /// Core of each postsynaptic neuron.
    package var neuronCore: [UInt32]

    /// Collects rows.
    ///
    /// - Parameters:
    ///   - rowLine: Line of each row.
    ///   - rowStart: First synapse of each row, and the number of synapses.
    ///   - targets: Postsynaptic neuron of each synapse.
    ///   - weights: Weight of each synapse.
    ///   - lineCore: Core of each line.
    ///   - neuronCore: Core of each postsynaptic neuron.
    package init(
        rowLine: [UInt32],
        rowStart: [UInt32],
        targets: [UInt32],
        weights: [Int32],
        lineCore: [UInt32],
        neuronCore: [UInt32]
    ) {
        self.rowLine = rowLine
        self.rowStart = rowStart
        self.targets = targets
        self.weights = weights
        self.lineCore = lineCore
        self.neuronCore = neuronCore
    }

    var coreCount: Int { Int((lineCore + neuronCore).max() ?? 0) + 1 }

    func verify() {
        precondition(rowStart.count == rowLine.count + 1, "every row has an end")
        precondition(rowStart.first == 0 && rowStart.last.map(Int.init) == targets.count)
        precondition(zip(rowStart, rowStart.dropFirst()).allSatisfy(<=), "rows do not overlap")
        precondition(targets.count == weights.count, "every synapse has a weight")
        precondition(targets.allSatisfy { $0 < neuronCore.count }, "every target is known")
        precondition(rowLine.allSatisfy { $0 < lineCore.count }, "every line is known")
    }
}
