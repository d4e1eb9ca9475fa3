import ChipSpec
import Events

/// Latencies of a table, and what the cores' counts come to.
struct Latencies: Sendable {
    /// By action: nil where the table has no entry, an inner nil where nobody says.
    private let latency: [Double??]
    /// Time of the barrier; nil where nobody says.
    let barrier: Double?

    init(_ table: EnergyTable, mappedTiles: Int) {
        latency = Action.allCases.map { action in
            table.prices.first { $0.action == action }.map(\.latencyInNanoseconds)
        }
        // The entry of the largest number of tiles that is reached.
        let reached = table.barrier.filter { $0.tiles <= mappedTiles }
        barrier = (reached.last ?? table.barrier.first)?.latencyInNanoseconds
    }

    /// Latency of an action, 0 where it has none or nobody says.
    subscript(action: Action) -> Double { (latency[action.rawValue] ?? 0) ?? 0 }

    /// Whether an action takes a time that nobody says.
    func isUnknown(_ action: Action) -> Bool {
        guard let entry = latency[action.rawValue] else { return false }
        return entry == nil
    }

    /// Time of a core as a sender: its somas, one after the other, and what they put out.
    func sending(_ core: CoreStepCounts) -> Sum {
        var sum = Sum()
        sum.add(core.somaAccesses, latency[Action.somaAccess.rawValue])
        sum.add(core.activeSomata, latency[Action.somaUpdateActive.rawValue])
        sum.add(
            core.somaAccesses - core.activeSomata,
            latency[Action.somaUpdateInactive.rawValue]
        )
        sum.add(core.spikes, latency[Action.spike.rawValue])
        sum.add(core.axonOut, latency[Action.axonOut.rawValue])
        return sum
    }

    /// Time of a core as a receiver: packets in, synapses read, and learning.
    func receiving(_ core: CoreStepCounts) -> Sum {
        var sum = Sum()
        sum.add(core.axonIn, latency[Action.axonIn.rawValue])
        sum.add(core.synapticEvents, latency[Action.synapticEvent.rawValue])
        sum += learning(core)
        return sum
    }

    /// Time of a core's learning engine, which shares the synapse memory with delivery.
    func learning(_ core: CoreStepCounts) -> Sum {
        var sum = Sum()
        sum.add(core.weightUpdates, latency[Action.weightUpdate.rawValue])
        sum.add(core.traceUpdates, latency[Action.traceUpdate.rawValue])
        return sum
    }

    /// Time of a state reset of some neurons, one after the other.
    func reset(neurons: Int) -> Sum {
        var sum = Sum()
        sum.add(UInt32(neurons), latency[Action.stateReset.rawValue])
        return sum
    }

    /// A sum of latencies, some of which may be unknown.
    struct Sum {
        var nanoseconds = 0.0
        var isLowerBound = false

        mutating func add(_ count: UInt32, _ latency: Double??) {
            // No entry: the table counts this action elsewhere. An entry of nil: unknown.
            guard count > 0, let entry = latency else { return }
            guard let each = entry else {
                isLowerBound = true
                return
            }
            nanoseconds += Double(count) * each
        }

        static func += (a: inout Sum, b: Sum) {
            a.nanoseconds += b.nanoseconds
            a.isLowerBound = a.isLowerBound || b.isLowerBound
        }
    }
}
