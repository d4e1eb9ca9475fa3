import ChipSpec
import HeapModule

/// Packets through a queue before every link, event by event.
///
/// A packet passes servers: the link from its core into the network, links between routers, the link to the
/// receiving core, and that core's work. Each has a queue, first come, first served. A packet begins with
/// a link when the link is free and the queue behind it has room, which it takes at once (a credit). Its head
/// comes to the next queue after the latency of the link; the link is free again, and the slot that the packet
/// had in the link's queue, after the time of a packet (virtual cut-through). So without
/// traffic a packet takes hops · latency + one packet time.
///
/// A multicast packet is copied where ways part, and waits until all queues there have room. Ways along
/// rows, then columns, and up and down a tree, depend on each other in no circle, so nothing locks up. On rings
/// a packet that enters one leaves a slot free (bubble flow control; Puente et al., ICPP 1999).
///
/// Times are whole picoseconds, and events of equal time go in the order in which they were made: the same
/// packets always give the same result.
public struct QueuedNetwork: Sendable {
    private let topology: Topology
    private let settings: QueueSettings
    /// Tile of each core.
    private let tiles: [Int]
    /// Tile of each source: the cores, and the outside at tile 0.
    private let sourceTiles: [Int]

    // Numbers of the servers: sources, links between routers, links to cores, cores.
    private let firstLink: Int
    private let firstExit: Int
    private let firstCore: Int

    private var servers: [Server]
    private var packets: [Packet] = []
    /// Copies in the order of their packets; a packet owns a range of them.
    private var destinations: [Int32] = []
    private var coreOfCopy: [Int32] = []
    private var workOfCopy: [Int] = []
    private var events = Heap<Event>()
    private var eventCount = 0
    private var sources: [Source] = []
    private var result = QueueResult()

    private struct Server {
        /// Slots in use: by packets in the queue, under way to it, or leaving it.
        var used = 0
        var isBusy = false
        /// Whether it waits for room in another queue.
        var waits = false
        var queue = List()
        /// Servers that wait for room in this queue.
        var waiting = List()
        var nextWaiting: Int32 = -1
        /// Packets served.
        var served = 0
    }

    /// A list, linked through its members.
    private struct List {
        var first: Int32 = -1
        var last: Int32 = -1
        var isEmpty: Bool { first < 0 }
    }

    private struct Packet {
        var first: Int
        var end: Int
        var source: Int
        /// When its source handed it over.
        var sent: Int
        var next: Int32 = -1
    }

    private struct Source {
        var next: Int
        /// When the next packet was ready.
        var ready = 0
        var isBlocked = false
    }

    private enum EventKind {
        case ready(source: Int)
        case arrival(packet: Int, server: Int)
        case release(server: Int)
        case done(packet: Int)
    }

    private struct Event: Comparable {
        var time: Int
        var number: Int
        var kind: EventKind

        static func < (a: Self, b: Self) -> Bool { (a.time, a.number) < (b.time, b.number) }
        static func == (a: Self, b: Self) -> Bool { a.number == b.number }
    }

    /// Describes a network.
    ///
    /// - Parameters:
    ///   - topology: Routers and links.
    ///   - cores: Physical cores in use: sources and receivers are numbered as in this list.
    ///   - settings: Times and sizes.
    public init(topology: Topology, cores: [UInt32], settings: QueueSettings) {
        self.topology = topology
        self.settings = settings
        tiles = cores.map { topology.tile(of: $0) }
        sourceTiles = tiles + [0]
        firstLink = sourceTiles.count
        firstExit = firstLink + topology.linkCount
        firstCore = firstExit + tiles.count
        servers = .init(repeating: Server(), count: firstCore + tiles.count)
    }

    /// Runs packets from their sources to their cores.
    ///
    /// - Parameters:
    ///   - schedule: Packets of at most one source a core, and of the outside after them.
    ///   - observer: Receives what happens.
    /// - Returns: Times and counts.
    public mutating func run(
        _ schedule: PacketSchedule,
        observer: inout StepTimeline?
    ) -> QueueResult {
        precondition(schedule.remainder.count <= sourceTiles.count, "a source a core, and one more")
        begin(schedule)
        while let event = events.popMin() {
            switch event.kind {
            case .ready(let source): inject(source, at: event.time, schedule, &observer)
            case .arrival(let packet, let server): arrive(packet, server, at: event.time)
            case .release(let server): release(server, at: event.time, schedule, &observer)
            case .done(let packet): finish(packet, at: event.time, &observer)
            }
        }
        result.stuck = schedule.copyCount - result.delivered - result.dropped.count
        for server in firstLink..<firstExit {
            result.linkPackets[server - firstLink] = servers[server].served
        }
        return result
    }

    private mutating func begin(_ schedule: PacketSchedule) {
        for index in servers.indices { servers[index] = Server() }
        packets.removeAll(keepingCapacity: true)
        eventCount = 0
        destinations = schedule.core.indices.map { Int32($0) }
        coreOfCopy = schedule.core
        workOfCopy = schedule.work
        result = QueueResult()
        result.linkPackets = .init(repeating: 0, count: topology.linkCount)
        result.coreEnd = .init(repeating: 0, count: tiles.count)
        result.stall = .init(repeating: 0, count: schedule.remainder.count)
        result.deliveredAt = .init(repeating: -1, count: schedule.copyCount)
        sources = schedule.remainder.indices.map { Source(next: schedule.firstOfSource[$0]) }
        for source in sources.indices { schedulePacket(of: source, at: 0, schedule) }
    }

    private mutating func post(_ time: Int, _ kind: EventKind) {
        events.insert(Event(time: time, number: eventCount, kind: kind))
        eventCount += 1
    }

    // MARK: Sources

    /// Asks when the next packet of a source is ready, after it has handed one over or as it begins.
    private mutating func schedulePacket(
        of source: Int,
        at time: Int,
        _ schedule: PacketSchedule
    ) {
        let packet = sources[source].next
        guard packet < schedule.firstOfSource[source + 1] else {
            result.end = max(result.end, time + schedule.remainder[source])
            return
        }
        let ready = max(time, schedule.notBefore[packet]) + schedule.delay[packet]
        sources[source].ready = ready
        post(ready, .ready(source: source))
    }

    private mutating func inject(
        _ source: Int,
        at time: Int,
        _ schedule: PacketSchedule,
        _ observer: inout StepTimeline?
    ) {
        let number = sources[source].next
        let copies = schedule.firstCopy[number]..<schedule.firstCopy[number + 1]
        guard hasRoom(source, 1) else {
            if settings.whenFull == .drop {
                result.dropped += copies
                sources[source].next += 1
                schedulePacket(of: source, at: time, schedule)
            } else {
                sources[source].isBlocked = true
            }
            return
        }
        let stall = time - sources[source].ready
        if stall > 0 {
            result.stall[source] += stall
            if source < tiles.count {
                observer?.note(
                    .stall,
                    core: source,
                    start: Double(sources[source].ready) / 1000,
                    duration: Double(stall) / 1000
                )
            }
        }
        sources[source].isBlocked = false
        sources[source].next += 1
        servers[source].used += 1
        packets.append(
            Packet(first: copies.lowerBound, end: copies.upperBound, source: source, sent: time)
        )
        arrive(packets.count - 1, source, at: time)
        result.end = max(result.end, time)
        schedulePacket(of: source, at: time, schedule)
    }

    // MARK: Servers

    /// Whether a queue has room for a packet, and `slots` in all.
    private func hasRoom(_ server: Int, _ slots: Int) -> Bool {
        settings.slots.map { servers[server].used + slots <= $0 } ?? true
    }

    /// Takes a slot of a queue, or makes a server wait for one.
    ///
    /// - Parameters:
    ///   - target: Whose queue.
    ///   - server: Whose packet.
    ///   - slots: Slots that must be free.
    /// - Returns: Whether there was room.
    private mutating func reserve(_ target: Int, for server: Int, slots: Int) -> Bool {
        if hasRoom(target, slots) {
            servers[target].used += 1
            return true
        }
        servers[server].waits = true
        servers[server].nextWaiting = -1
        if servers[target].waiting.isEmpty {
            servers[target].waiting.first = Int32(server)
        } else {
            servers[Int(servers[target].waiting.last)].nextWaiting = Int32(server)
        }
        servers[target].waiting.last = Int32(server)
        return false
    }

    /// The first packet of a queue goes.
    private mutating func take(_ packet: Int, from server: Int) {
        servers[server].queue.first = packets[packet].next
        servers[server].isBusy = true
        servers[server].served += 1
    }

    private mutating func release(
        _ server: Int,
        at time: Int,
        _ schedule: PacketSchedule,
        _ observer: inout StepTimeline?
    ) {
        servers[server].isBusy = false
        servers[server].used -= 1
        start(server, at: time)
        if server < firstLink, sources.count > server, sources[server].isBlocked {
            inject(server, at: time, schedule, &observer)
        }
        // Each server that waits now is asked once; one that needs two slots may wait again.
        let last = servers[server].waiting.last
        while !servers[server].waiting.isEmpty, hasRoom(server, 1) {
            let waiting = Int(servers[server].waiting.first)
            servers[server].waiting.first = servers[waiting].nextWaiting
            servers[waiting].waits = false
            start(waiting, at: time)
            if waiting == last { break }
        }
    }

    private mutating func finish(_ packet: Int, at time: Int, _ observer: inout StepTimeline?) {
        let copy = Int(destinations[packets[packet].first])
        let core = Int(coreOfCopy[copy])
        result.delivered += 1
        result.coreEnd[core] = time
        result.end = max(result.end, time)
        let source = packets[packet].source
        observer?.notePacket(
            from: source < tiles.count ? source : nil,
            to: core,
            sent: Double(packets[packet].sent) / 1000,
            received: Double(time - workOfCopy[copy]) / 1000,
            processed: Double(time) / 1000
        )
    }

    private mutating func arrive(_ packet: Int, _ server: Int, at time: Int) {
        if server >= firstCore {
            result.deliveredAt[Int(destinations[packets[packet].first])] = time
        }
        packets[packet].next = -1
        if servers[server].queue.isEmpty {
            servers[server].queue.first = Int32(packet)
        } else {
            packets[Int(servers[server].queue.last)].next = Int32(packet)
        }
        servers[server].queue.last = Int32(packet)
        start(server, at: time)
    }

    /// Begins with the first packet of a queue if the server is free and there is room behind it.
    private mutating func start(_ server: Int, at time: Int) {
        guard !servers[server].isBusy, !servers[server].waits, !servers[server].queue.isEmpty else {
            return
        }
        let packet = Int(servers[server].queue.first)
        if server >= firstCore {
            take(packet, from: server)
            let work = workOfCopy[Int(destinations[packets[packet].first])]
            post(time + work, .done(packet: packet))
            post(time + work, .release(server: server))
            return
        }
        if server >= firstExit {
            let core = firstCore + server - firstExit
            guard reserve(core, for: server, slots: 1) else { return }
            take(packet, from: server)
            // The core begins when all of the packet is there.
            post(time + settings.packetTime, .arrival(packet: packet, server: core))
        } else {
            guard forward(packet, from: server, at: time) else { return }
        }
        post(time + settings.packetTime, .release(server: server))
    }

    /// Sends a packet on from a router, in several copies where ways part.
    ///
    /// - Returns: Whether there was room for all of them.
    private mutating func forward(_ packet: Int, from server: Int, at time: Int) -> Bool {
        let link = server < firstLink ? nil : server - firstLink
        let router = link.map { topology.end(of: $0) } ?? sourceTiles[server]
        let range = packets[packet].first..<packets[packet].end
        if range.count > 1 {
            // A copy: the closure must not look at what is being sorted.
            let order = destinations[range].sorted { a, b in
                (next(of: a, at: router), a) < (next(of: b, at: router), b)
            }
            destinations.replaceSubrange(range, with: order)
        }
        var first = range.lowerBound
        while first < range.upperBound {
            let target = next(of: destinations[first], at: router)
            let enters =
                target < firstExit && topology.entersRing(from: link, to: target - firstLink)
            guard reserve(target, for: server, slots: enters ? 2 : 1) else {
                // Gives back what it has taken for the other ways.
                var other = range.lowerBound
                while other < first {
                    let taken = next(of: destinations[other], at: router)
                    servers[taken].used -= 1
                    other = endOfGroup(other, range.upperBound, at: router)
                }
                return false
            }
            first = endOfGroup(first, range.upperBound, at: router)
        }
        take(packet, from: server)
        let latency = link.map { settings.latency(topology.kind(of: $0)) } ?? 0
        first = range.lowerBound
        while first < range.upperBound {
            let end = endOfGroup(first, range.upperBound, at: router)
            let target = next(of: destinations[first], at: router)
            let isLocal = link == nil && target >= firstExit
            let child: Int
            if end == range.upperBound {
                child = packet
                packets[packet].first = first
            } else {
                packets.append(
                    Packet(
                        first: first,
                        end: end,
                        source: packets[packet].source,
                        sent: packets[packet].sent
                    )
                )
                child = packets.count - 1
            }
            post(
                time + latency + (isLocal ? settings.withinTile : 0),
                .arrival(packet: child, server: target)
            )
            first = end
        }
        return true
    }

    /// The server after a router on the way of a copy.
    private func next(of copy: Int32, at router: Int) -> Int {
        let core = Int(coreOfCopy[Int(copy)])
        return topology.nextLink(at: router, toward: tiles[core]).map { firstLink + $0 }
            ?? firstExit + core
    }

    private func endOfGroup(_ first: Int, _ end: Int, at router: Int) -> Int {
        let target = next(of: destinations[first], at: router)
        var index = first + 1
        while index < end, next(of: destinations[index], at: router) == target { index += 1 }
        return index
    }
}
