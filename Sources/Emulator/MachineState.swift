import ChipSpec
import Events
import Interconnect

/// What a machine has counted, one field an action that it counts itself.
///
/// Fields rather than `ActionCounts`: a step of a small network raises each of them in a nanosecond.
struct MachineTally {
    var axonIn: UInt64 = 0
    var synapticEvent: UInt64 = 0
    var somaAccess: UInt64 = 0
    var somaUpdateActive: UInt64 = 0
    var spike: UInt64 = 0
    var axonOut: UInt64 = 0
    var withinTile: UInt64 = 0
    var hopEastWest: UInt64 = 0
    var hopNorthSouth: UInt64 = 0
    var stateReset: UInt64 = 0
    var step: UInt64 = 0
    var weightUpdate: UInt64 = 0
    var traceUpdate: UInt64 = 0
    var biasUpdate: UInt64 = 0
    var hop: UInt64 = 0

    /// The same by action.
    var counts: ActionCounts {
        var counts = ActionCounts()
        for action in Action.allCases { counts[action] = count(of: action) }
        return counts
    }

    private func count(of action: Action) -> UInt64 {
        switch action {
        case .axonIn: axonIn
        case .synapticEvent: synapticEvent
        case .somaAccess: somaAccess
        case .somaUpdateActive: somaUpdateActive
        case .somaUpdateInactive: somaAccess &- somaUpdateActive
        case .spike: spike
        case .axonOut: axonOut
        case .withinTile: withinTile
        case .hopEastWest: hopEastWest
        case .hopNorthSouth: hopNorthSouth
        case .stateReset: stateReset
        case .step: step
        case .weightUpdate: weightUpdate
        case .traceUpdate: traceUpdate
        case .biasUpdate: biasUpdate
        case .hop: hop
        }
    }
}

/// What the packets of a step cause where they arrive, and on their way.
struct UnderWay {
    /// One for each spike and core.
    var copies: UInt64 = 0
    var synapticEvents: UInt64 = 0
    var eastWest: UInt64 = 0
    var northSouth: UInt64 = 0
    var plain: UInt64 = 0
    var withinTile: UInt64 = 0
}

/// What a step of a machine changes besides its partitions: clock, spikes and counts.
struct MachineState {
    var currentStep: UInt64 = 0
    var age: UInt64 = 0
    var ringSlot = 0
    var tally = MachineTally()
    var packets = PacketCounts()
    var coreCounts: [CoreStepCounts]
    var spikes: [Spike] = []
    /// Spikes that the next step delivers: neurons, then inputs; sender numbers, ascending.
    var pending: [UInt32] = []
    /// What they cause there.
    var underWay = UnderWay()
    /// Packets of these spikes that do not arrive, ascending.
    var lost: [LostPacket] = []

    init(coreCount: Int) {
        coreCounts = .init(repeating: CoreStepCounts(), count: coreCount)
    }

    /// Drops the spikes under way, and counts them.
    mutating func dropPending() {
        packets.dropped[DropCause.endOfSample.rawValue] &+= underWay.copies
        underWay = UnderWay()
        lost = []
        pending.removeAll(keepingCapacity: true)
    }

    /// Takes packets off those under way.
    mutating func lose(_ packets: [LostPacket], _ layout: HostLayout, topology: Topology) {
        lost = packets
        let isMulticast = layout.casting == .multicast
        for (index, packet) in packets.enumerated() {
            underWay.copies &-= 1
            self.packets.dropped[DropCause.fullQueue.rawValue] &+= 1
            for route in layout.packets.routes(of: Int(packet.sender)) where route.core == packet.core {
                underWay.synapticEvents &-= UInt64(route.synapses)
            }
            // A multicast packet is lost with all its copies.
            let isFirst = index == 0 || packets[index - 1].sender != packet.sender
            guard !isMulticast || isFirst else { continue }
            let core = layout.coreOfSender[Int(packet.sender)]
            let traffic =
                isMulticast
                ? layout.traffic[Int(packet.sender)]
                : topology.traffic(
                    from: core < 0 ? 0 : topology.tile(of: layout.cores[Int(core)]),
                    to: [topology.tile(of: layout.cores[Int(packet.core)])],
                    casting: .unicast
                )
            underWay.eastWest &-= UInt64(traffic.eastWest)
            underWay.northSouth &-= UInt64(traffic.northSouth)
            underWay.plain &-= UInt64(traffic.plain)
            underWay.withinTile &-= UInt64(traffic.withinTile)
        }
    }

    /// Begins the counts of a step.
    mutating func beginStep() {
        for index in coreCounts.indices { coreCounts[index] = CoreStepCounts() }
        tally.step &+= 1
    }

    /// Counts the packets under way as delivered; returns the synaptic events.
    mutating func countDelivered() -> Int {
        packets.delivered &+= underWay.copies
        tally.axonIn &+= underWay.copies
        tally.synapticEvent &+= underWay.synapticEvents
        tally.hopEastWest &+= underWay.eastWest
        tally.hopNorthSouth &+= underWay.northSouth
        tally.hop &+= underWay.plain
        tally.withinTile &+= underWay.withinTile
        return Int(underWay.synapticEvents)
    }

    /// Counts what the spikes under way will cause where they arrive.
    ///
    /// The receiving cores work on them in this step, whose end they wait for; the next one adds their
    /// charge.
    mutating func countSent(_ layout: HostLayout) {
        underWay = UnderWay()
        for sender in pending {
            let first = Int(layout.routeOffsets[Int(sender)])
            let end = Int(layout.routeOffsets[Int(sender) + 1])
            for index in first..<end {
                let route = layout.routes[index]
                coreCounts[Int(route.core)].axonIn &+= 1
                coreCounts[Int(route.core)].synapticEvents &+= route.synapses
                underWay.synapticEvents &+= UInt64(route.synapses)
            }
            underWay.copies &+= UInt64(end - first)
            let traffic = layout.traffic[Int(sender)]
            underWay.eastWest &+= UInt64(traffic.eastWest)
            underWay.northSouth &+= UInt64(traffic.northSouth)
            underWay.plain &+= UInt64(traffic.plain)
            underWay.withinTile &+= UInt64(traffic.withinTile)
        }
        packets.sent &+= underWay.copies
    }

    /// Forgets the spikes of the last step.
    mutating func beginSpikes() {
        if !lost.isEmpty { lost = [] }
        if !pending.isEmpty { pending.removeAll(keepingCapacity: true) }
        if !spikes.isEmpty { spikes.removeAll(keepingCapacity: true) }
    }

    /// Takes the spikes of a partition, and what its somas did.
    mutating func takeSpikes(of partition: HostPartition) {
        for index in 0..<partition.spikeCount { pending.append(partition.spikes[index]) }
        for index in 0..<partition.places.count {
            let place = unsafe partition.places.base[index]
            guard age >= UInt64(place.depth) else { continue }
            let active = unsafe partition.activeInSegment.base[index]
            coreCounts[place.core].somaAccesses &+= UInt32(place.count)
            coreCounts[place.core].activeSomata &+= active
        }
    }

    /// Counts what somas did.
    mutating func countSomata() {
        for index in coreCounts.indices {
            tally.somaAccess &+= UInt64(coreCounts[index].somaAccesses)
            tally.somaUpdateActive &+= UInt64(coreCounts[index].activeSomata)
        }
    }

    /// Lists and counts the spikes that partitions put out.
    mutating func countSpikes(_ layout: HostLayout) {
        for sender in pending {
            let address = layout.addresses[Int(sender)]
            spikes.append(Spike(step: currentStep, core: address.core, neuron: address.neuron))
            let core = Int(layout.coreOfSender[Int(sender)])
            let out = layout.traffic[Int(sender)].packets
            coreCounts[core].spikes &+= 1
            coreCounts[core].axonOut &+= out
            tally.axonOut &+= UInt64(out)
        }
        tally.spike &+= UInt64(pending.count)
    }

    /// Goes on to the next step.
    ///
    /// - Parameter longestDelay: Slots of the rings of accumulators.
    /// - Returns: Number of spikes of neurons.
    mutating func advance(longestDelay: Int) -> Int {
        currentStep &+= 1
        age &+= 1
        ringSlot += 1
        if ringSlot == longestDelay { ringSlot = 0 }
        return spikes.count
    }
}
