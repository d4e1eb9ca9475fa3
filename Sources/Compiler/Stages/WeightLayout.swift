package import NetworkIR

/// How the weights of a projection lie in an array: those of each target are neighbours, and their
/// sources ascend.
package enum WeightLayout: Sendable, Equatable {
    /// `[target][source]`, row-major, with this many sources.
    case dense(sources: Int)
    /// Neuron k to neuron k.
    case oneToOne
    /// Target t has the weights `offsets[t]..<offsets[t + 1]`, weight k the source `sources[k]`.
    case sparse(offsets: [Int], sources: [Int32])

    /// The weights of one target.
    ///
    /// - Parameter target: Index within the target population.
    /// - Returns: Indices of the weights.
    @inline(__always)
    package func indices(of target: Int) -> Range<Int> {
        switch self {
        case .dense(let sources): target * sources..<(target + 1) * sources
        case .oneToOne: target..<target + 1
        case .sparse(let offsets, _): offsets[target]..<offsets[target + 1]
        }
    }

    /// The source of a weight.
    ///
    /// - Parameters:
    ///   - k: Index of the weight.
    ///   - target: The target it belongs to.
    /// - Returns: Index within the source population.
    @inline(__always)
    package func source(of k: Int, target: Int) -> Int {
        switch self {
        case .dense(let sources): k - target * sources
        case .oneToOne: target
        case .sparse(_, let sources): Int(sources[k])
        }
    }

    /// The weight of a pair.
    ///
    /// - Parameters:
    ///   - source: Index within the source population.
    ///   - target: Index within the target population.
    /// - Returns: Index of the weight; nil if the layout has none for the pair.
    package func index(ofSource source: Int, target: Int) -> Int? {
        switch self {
        case .dense(let sources):
            return (0..<sources).contains(source) ? target * sources + source : nil
        case .oneToOne: return source == target ? target : nil
        case .sparse(_, let sources):
            return sources.index(ofSource: source, in: indices(of: target))
        }
    }
}

extension Connectivity {
    /// How they lie.
    ///
    /// - Parameter sources: Number of neurons of the source population.
    /// - Returns: The layout.
    package func layout(sources: Int) -> WeightLayout {
        switch self {
        case .dense: .dense(sources: sources)
        case .oneToOne: .oneToOne
        case .sparse(let sparse): .sparse(offsets: sparse.offsets, sources: sparse.sources)
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
        case .sparse(let sparse): .sparse(sparse.replacing(weights))
        }
    }
}
