import ChipImage
import ChipSpec
import Description
import Emulator

/// A projection that the monitor stopped.
public struct MonitorStop: Sendable, Equatable {
    /// Name of the projection.
    public var projection: String
    /// Network time in seconds since the phase began.
    public var seconds: Double
    /// What was seen.
    public var reason: String
}

/// The monitor while a phase runs.
///
/// It reads what a chip has: the weight registers of its own core, in sums over the projection, and
/// spike counters. A projection that goes wrong is switched off and gets back the registers it had when the
/// phase began.
struct Monitor {
    let plan: MonitorPlan
    private var watched: [Watched]
    private var lastCounts: [UInt64] = []
    private var lastSeconds = 0.0

    private struct Watched {
        var name: String
        var index: Int
        var snapshot: [SynapseState]
        var last: [Int]
        var isStopped = false
    }

    init(_ plan: MonitorPlan, machine: Machine, projections: [(name: String, index: Int)]) {
        self.plan = plan
        watched = projections.map { name, index in
            let synapses = machine.synapses(of: index)
            return Watched(
                name: name,
                index: index,
                snapshot: synapses,
                last: synapses.map(\.register)
            )
        }
    }

    /// Looks at all projections.
    ///
    /// - Parameters:
    ///   - machine: The chip; stopped projections are switched off and restored.
    ///   - seconds: Network time since the phase began.
    ///   - counts: Spikes of each neuron of each population since then.
    /// - Returns: Projections stopped now.
    mutating func look(
        _ machine: Machine,
        at seconds: Double,
        counts: [[UInt32]]
    ) -> [MonitorStop] {
        var stops: [MonitorStop] = []
        for index in watched.indices where !watched[index].isStopped {
            let now = machine.synapses(of: watched[index].index).map(\.register)
            let stray = strayRates(watched[index], machine, counts)
            guard let reason = fault(now, watched[index], machine) ?? stray else {
                watched[index].last = now
                continue
            }
            watched[index].isStopped = true
            machine.setLearning(projection: watched[index].index, isOn: false)
            machine.setGainServo(projection: watched[index].index, nil)
            for synapse in watched[index].snapshot {
                machine.setWeightRegister(
                    projection: watched[index].index,
                    pre: synapse.pre,
                    post: synapse.post,
                    value: synapse.register
                )
            }
            stops.append(
                MonitorStop(projection: watched[index].name, seconds: seconds, reason: reason)
            )
        }
        return stops
    }

    /// Silent and saturated neurons know nothing of their weights.
    private func strayRates(
        _ watched: Watched,
        _ machine: Machine,
        _ counts: [[UInt32]]
    ) -> String? {
        let network = machine.image.network
        let projection = network.projections[watched.index]
        for (index, population) in network.populations.enumerated()
        where population.path == projection.source || population.path == projection.target {
            let spikes = counts[index].map { Double($0) }
            let mean = spikes.reduce(0, +) / Double(max(1, spikes.count))
            // A neuron with a mean of 50 spikes strays by chance once in 10^9 looks.
            guard mean >= 50 else { continue }
            let stray = spikes.count { $0 < mean / 5 || $0 > 3 * mean }
            if Double(stray) > plan.strayShare * Double(spikes.count) {
                return
                    "\(stray) of \(spikes.count) neurons of \(population.path) are nearly silent or "
                    + "spike at more than three times the mean rate"
            }
        }
        return nil
    }

    private func fault(_ now: [Int], _ watched: Watched, _ machine: Machine) -> String? {
        let synapse = machine.image.chip.synapse
        let top = 1 << (synapse.weightBits + synapse.hiddenWeightBits - 1)
        let railed = now.count { $0 >= top - 1 || $0 <= -top }
        let share = Double(railed) / Double(max(1, now.count))
        if share > plan.saturatedShare {
            return "\(Int((share * 100).rounded())) % of its weights are at a rail"
        }
        let changes = zip(now, watched.last).map { Double($0 - $1) }
        let n = Double(max(1, changes.count))
        let mean = changes.reduce(0, +) / n
        let variance = changes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(1, n - 1)
        let error = (variance / n).squareRoot()
        if error > 0, mean.magnitude > plan.driftInStandardErrors * error {
            let ratio = (mean.magnitude / error * 10).rounded() / 10
            return "its weights drift together, by \(ratio) standard errors of their changes"
        }
        return nil
    }
}
