import ChipSpec
import Events

/// The packets of a step, in the order in which each source puts them out.
///
/// Sources are the used cores and, last, the outside, whose input spikes are there when the step begins.
struct StepPackets {
    /// First packet of each source; one more entry at the end.
    private(set) var firstOfSource: [Int] = []
    /// Time a source works on a packet after it has handed over the one before, in nanoseconds.
    private(set) var delay: [Double] = []
    /// First copy of each packet; one more entry at the end.
    private(set) var firstCopy: [Int] = []
    /// Receiving core of each copy, ascending within a packet.
    private(set) var core: [Int32] = []
    /// Time the receiving core works on the copy, in nanoseconds.
    private(set) var work: [Double] = []
    /// Time a source works after its last packet.
    private(set) var remainder: [Double] = []
    /// Whether a latency that nobody has published was needed.
    private(set) var isLowerBound = false

    /// Number of packets.
    var count: Int { delay.count }

    /// Lists the packets of a step.
    ///
    /// Each core walks its neurons in the order of their slots: the access, the update, the spike, a packet for
    /// each destination (one for all of them with multicast), as SANA-FE does.
    ///
    /// - Parameters:
    ///   - activity: The step, with visits.
    ///   - table: Where spikes go.
    ///   - latencies: Time of each action.
    ///   - casting: Whether a spike is one packet.
    mutating func list(
        _ activity: StepActivity,
        table: PacketTable,
        latencies: Latencies,
        casting: PacketCasting
    ) {
        removeAll()
        let neurons = table.firstSenderOfCore[table.cores.count]
        precondition(activity.visits.count == neurons, "a machine that records visits")
        let inactive = latencies[.somaAccess] + latencies[.somaUpdateInactive]
        let active = latencies[.somaAccess] + latencies[.somaUpdateActive]
        var next = 0
        for source in table.cores.indices {
            firstOfSource.append(count)
            var time = 0.0
            for neuron in table.firstSenderOfCore[source]..<table.firstSenderOfCore[source + 1] {
                switch activity.visits[neuron] {
                case .none: break
                case .inactive: time += inactive
                case .active: time += active
                }
                guard next < activity.senders.count, Int(activity.senders[next]) == neuron else {
                    continue
                }
                next += 1
                time += latencies[.spike]
                time = append(neuron, after: time, table, latencies, casting)
            }
            remainder.append(time)
        }
        firstOfSource.append(count)
        while next < activity.senders.count {
            appendInput(Int(activity.senders[next]), table, latencies, casting)
            next += 1
        }
        remainder.append(0)
        firstOfSource.append(count)
        firstCopy.append(core.count)
        isLowerBound = activity.cores.contains {
            latencies.sending($0).isLowerBound || latencies.receiving($0).isLowerBound
        }
    }

    private mutating func removeAll() {
        firstOfSource.removeAll(keepingCapacity: true)
        delay.removeAll(keepingCapacity: true)
        firstCopy.removeAll(keepingCapacity: true)
        core.removeAll(keepingCapacity: true)
        work.removeAll(keepingCapacity: true)
        remainder.removeAll(keepingCapacity: true)
    }

    /// Appends the packets of a neuron; returns the time that is left over for what comes after them.
    private mutating func append(
        _ neuron: Int,
        after time: Double,
        _ table: PacketTable,
        _ latencies: Latencies,
        _ casting: PacketCasting
    ) -> Double {
        var time = time
        for (index, route) in table.routes(of: neuron).enumerated() {
            if index == 0 || casting == .unicast {
                firstCopy.append(core.count)
                delay.append(time + latencies[.axonOut])
                time = 0
            }
            append(route, latencies)
        }
        return time
    }

    private mutating func appendInput(
        _ sender: Int,
        _ table: PacketTable,
        _ latencies: Latencies,
        _ casting: PacketCasting
    ) {
        for (index, route) in table.routes(of: sender).enumerated() {
            if index == 0 || casting == .unicast {
                firstCopy.append(core.count)
                delay.append(0)
            }
            append(route, latencies)
        }
    }

    private mutating func append(_ route: PacketTable.Route, _ latencies: Latencies) {
        core.append(Int32(route.core))
        work.append(latencies[.axonIn] + Double(route.synapses) * latencies[.synapticEvent])
    }
}
