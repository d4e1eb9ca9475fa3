import ChipSpec
import Events
import HeapModule

/// Packets in order of their time, slowed by the traffic on their links: the `detailed` model of SANA-FE.
///
/// Source: SANA-FE 2.2 (Boyle et al., IEEE TCAD 44(8), 2025), `sim_schedule_messages`. It departs in
/// two places, which make it deterministic: a spike's packets go out by ascending core, and
/// packets of equal time go by the number of their core.
struct DetailedNetwork {
    private let topology: Topology
    private let tiles: [Int]
    private let latencies: Latencies
    /// Packets that a link holds before it slows down; nil without bound.
    private let bufferInPackets: Double?

    // State of a step, kept to spare allocations.
    private var density: [Double]
    private var coreFree: [Double]
    private var nextPacket: [Int] = []
    private var sources = Heap<Turn>()
    private var inFlight = Heap<Flight>()
    private var route: [Int] = []

    /// Whose turn it is: the source whose next packet is ready first.
    private struct Turn: Comparable {
        var time: Double
        var source: Int

        static func < (a: Self, b: Self) -> Bool { (a.time, a.source) < (b.time, b.source) }
    }

    /// A packet that has not been received yet.
    private struct Flight: Comparable {
        var received: Double
        var number: Int
        var work: Double
        var source: Int
        var core: Int

        static func < (a: Self, b: Self) -> Bool {
            (a.received, a.number) < (b.received, b.number)
        }

        static func == (a: Self, b: Self) -> Bool { a.number == b.number }
    }

    init(topology: Topology, tiles: [Int], latencies: Latencies, bufferInPackets: Int?) {
        self.topology = topology
        self.tiles = tiles
        self.latencies = latencies
        self.bufferInPackets = bufferInPackets.map(Double.init)
        // The last entries are the links from cores into the network; inputs have one more.
        density = .init(repeating: 0, count: topology.linkCount + tiles.count + 1)
        coreFree = .init(repeating: 0, count: tiles.count)
    }

    /// Runs the packets of a step.
    ///
    /// - Parameters:
    ///   - packets: The packets.
    ///   - observer: Receives what happens.
    /// - Returns: When all are processed and all sources are done, in nanoseconds.
    mutating func run(_ packets: StepPackets, _ observer: inout StepTimeline?) -> Double {
        for index in density.indices { density[index] = 0 }
        for index in coreFree.indices { coreFree[index] = 0 }
        nextPacket = packets.firstOfSource
        var last = 0.0
        var mean = 0.0
        var number = 0
        for source in packets.remainder.indices { schedule(source, after: 0, packets, &last) }
        while let turn = sources.popMin() {
            let packet = nextPacket[turn.source]
            nextPacket[turn.source] += 1
            var sent = turn.time
            while let flight = inFlight.min, flight.received <= sent {
                inFlight.removeMin()
                leave(flight, &mean)
            }
            for copy in packets.firstCopy[packet]..<packets.firstCopy[packet + 1] {
                let core = Int(packets.core[copy])
                let work = packets.work[copy]
                let shortest = lay(from: turn.source, to: core)
                var along = 0.0
                for link in route { along += density[link] }
                // The link into the network counts, so there is one more than hops.
                let length = Double(route.count)
                if let bufferInPackets, along > length * bufferInPackets {
                    sent += (along - length * bufferInPackets) * mean
                }
                let network = max(shortest, along * mean / length)
                let received = max(coreFree[core], sent + network)
                coreFree[core] = received + work
                observer?.notePacket(
                    from: turn.source < tiles.count ? turn.source : nil,
                    to: core,
                    sent: sent,
                    received: received,
                    processed: coreFree[core]
                )
                for link in route { density[link] += 1 / (length + 1) }
                mean += (work - mean) / Double(inFlight.count + 1)
                inFlight.insert(
                    Flight(
                        received: received,
                        number: number,
                        work: work,
                        source: turn.source,
                        core: core
                    )
                )
                number += 1
                last = max(last, coreFree[core])
            }
            last = max(last, sent)
            schedule(turn.source, after: sent, packets, &last)
        }
        inFlight = Heap()
        return last
    }

    /// When each core has processed its packets, by its index among the used ones.
    var processed: [Double] { coreFree }

    private mutating func schedule(
        _ source: Int,
        after sent: Double,
        _ packets: StepPackets,
        _ last: inout Double
    ) {
        let packet = nextPacket[source]
        guard packet < packets.firstOfSource[source + 1] else {
            last = max(last, sent + packets.remainder[source])
            return
        }
        sources.insert(Turn(time: sent + packets.delay[packet], source: source))
    }

    /// Takes a received packet off its links, and out of the mean of the receive times.
    private mutating func leave(_ flight: Flight, _ mean: inout Double) {
        _ = lay(from: flight.source, to: flight.core)
        let length = Double(route.count)
        for link in route { density[link] -= 1 / (length + 1) }
        // The heap has lost it already.
        mean = inFlight.isEmpty ? 0 : mean + (mean - flight.work) / Double(inFlight.count)
    }

    /// Lists the links of a packet; returns the time they take without traffic.
    private mutating func lay(from source: Int, to core: Int) -> Double {
        route.removeAll(keepingCapacity: true)
        route.append(topology.linkCount + source)
        var time = 0.0
        var router = source < tiles.count ? tiles[source] : 0
        while let link = topology.nextLink(at: router, toward: tiles[core]) {
            route.append(link)
            time += latencies.hop(topology.kind(of: link))
            router = topology.end(of: link)
        }
        return time
    }
}

extension Latencies {
    /// Latency of a link.
    func hop(_ kind: LinkKind) -> Double {
        switch kind {
        case .eastWest: self[.hopEastWest]
        case .northSouth: self[.hopNorthSouth]
        case .plain: self[.hop]
        }
    }
}
