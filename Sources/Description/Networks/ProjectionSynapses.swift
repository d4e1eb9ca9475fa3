import FixedPoint
import NetworkIR

/// The synapses of a projection: their weights and delays, one after the other.
struct ProjectionSynapses {
    private let recipe: ProjectionRecipe
    private let pattern: PairPattern
    private let draws: ProjectionDraws
    private let sources: Int
    private let positions: (source: Positions, target: Positions)?

    init(
        _ recipe: ProjectionRecipe,
        _ pattern: PairPattern,
        _ draws: ProjectionDraws,
        sources: Int,
        positions: (source: Positions, target: Positions)?
    ) {
        self.recipe = recipe
        self.pattern = pattern
        self.draws = draws
        self.sources = sources
        self.positions = positions
    }

    /// A synapse: its pair, its place in the pattern, and its place in the list that it comes from.
    private struct Synapse {
        var source: Int
        var target: Int
        var place: Int
        var entry: Int
    }

    private func forEach(_ body: (Synapse) -> Void) {
        switch pattern {
        case .dense(let present):
            for target in 0..<(sources == 0 ? 0 : present.count / sources) {
                for source in 0..<sources {
                    let place = target * sources + source
                    guard present[place] else { continue }
                    body(Synapse(source: source, target: target, place: place, entry: place))
                }
            }
        case .oneToOne(let count):
            for neuron in 0..<count {
                body(Synapse(source: neuron, target: neuron, place: neuron, entry: neuron))
            }
        case .sparse(let pairs):
            for target in 0..<max(0, pairs.offsets.count - 1) {
                for place in pairs.offsets[target]..<pairs.offsets[target + 1] {
                    let source = Int(pairs.sources[place])
                    let entry =
                        pairs.entries.isEmpty
                        ? target * sources + source : Int(pairs.entries[place])
                    body(Synapse(source: source, target: target, place: place, entry: entry))
                }
            }
        }
    }

    private func separation(_ synapse: Synapse) -> Separation {
        positions?.target.separation(
            synapse.target,
            synapse.source,
            of: positions?.source ?? Positions(axes: 0, coordinates: []),
            wrap: recipe.wrap
        ) ?? Separation(distance: 0, widest: 0)
    }

    /// One weight a place of the pattern, 0 where there is no synapse.
    func weights() -> [Double] {
        var weights = [Double](repeating: 0, count: pattern.count)
        forEach { synapse in
            if let kernel = recipe.weightKernel {
                weights[synapse.place] = kernel.value(at: separation(synapse))
                return
            }
            // A pair is numbered by its place in the whole matrix, however it is stored; values of an array by
            // their place there.
            let pair = synapse.target * sources + synapse.source
            weights[synapse.place] = recipe.weights.value(
                draws,
                recipe.weights.isArray ? synapse.entry : pair,
                Parameter.weight
            )
        }
        return weights
    }

    /// The synapses by delay, those of weight 0 left out.
    func split(_ weights: [Double]) -> [(delay: Int, SparseWeights)] {
        let targets =
            switch pattern {
            case .dense(let present): sources == 0 ? 0 : present.count / sources
            case .oneToOne(let count): count
            case .sparse(let pairs): max(0, pairs.offsets.count - 1)
            }
        let longest = DelayRecipe.steps.upperBound
        var delays = [UInt8](repeating: 0, count: weights.count)
        var offsets = [[Int]](repeating: [], count: longest + 1)
        // Counted first, so that each part is filled in place.
        forEach { synapse in
            guard weights[synapse.place] != 0 else { return }
            let delay = recipe.delays.value(
                draws,
                pair: synapse.target * sources + synapse.source,
                entry: synapse.entry,
                distance: recipe.delays.needsDistance ? separation(synapse).distance : 0
            )
            delays[synapse.place] = UInt8(delay)
            if offsets[delay].isEmpty {
                offsets[delay] = [Int](repeating: 0, count: targets + 1)
            }
            offsets[delay][synapse.target + 1] += 1
        }
        var parts: [(sources: [Int32], weights: [Double])] = offsets.map { _ in ([], []) }
        for delay in parts.indices {
            let count = offsets[delay].reduce(0, +)
            parts[delay].sources.reserveCapacity(count)
            parts[delay].weights.reserveCapacity(count)
        }
        forEach { synapse in
            let delay = Int(delays[synapse.place])
            guard delay > 0 else { return }
            parts[delay].sources.append(Int32(synapse.source))
            parts[delay].weights.append(weights[synapse.place])
        }
        return (1...longest).compactMap { delay in
            guard !offsets[delay].isEmpty else { return nil }
            var running = offsets[delay]
            for target in 0..<targets { running[target + 1] += running[target] }
            return (
                delay,
                SparseWeights(
                    offsets: running,
                    sources: parts[delay].sources,
                    weights: parts[delay].weights
                )
            )
        }
    }
}
