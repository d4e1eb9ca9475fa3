package import NetworkIR

/// How the weights of a projection lie in an array: each target has one run of them, from
/// neighbouring sources.
package enum WeightLayout: Sendable, Equatable {
    /// `[target][source]`, row-major, with this many sources.
    case dense(sources: Int)
    /// Neuron k to neuron k.
    case oneToOne

    /// The synapses of one target.
    ///
    /// - Parameter target: Index within the target population.
    /// - Returns: Source of the first weight, and the weights' indices, one for each next source.
    package func run(of target: Int) -> (firstSource: Int, indices: Range<Int>) {
        switch self {
        case .dense(let sources): (0, target * sources..<(target + 1) * sources)
        case .oneToOne: (target, target..<target + 1)
        }
    }
}

extension Connectivity {
    /// All weights, in the order of the layout.
    package var weights: [Double] {
        switch self {
        case .dense(let weights), .oneToOne(let weights): weights
        }
    }

    /// How they lie.
    ///
    /// - Parameter sources: Number of neurons of the source population.
    /// - Returns: The layout.
    package func layout(sources: Int) -> WeightLayout {
        switch self {
        case .dense: .dense(sources: sources)
        case .oneToOne: .oneToOne
        }
    }

    /// The same synapses with other weights.
    ///
    /// - Parameter weights: As many as before, in the same order.
    /// - Returns: The connectivity.
    package func replacing(_ weights: [Double]) -> Connectivity {
        switch self {
        case .dense: .dense(weights)
        case .oneToOne: .oneToOne(weights)
        }
    }
}
