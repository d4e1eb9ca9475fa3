import ChipSpec
import FixedPoint

/// Where the packets of a synthetic load go.
public enum TrafficPattern: String, Sendable, CaseIterable {
    /// Each packet to any core, its own included.
    case uniform
    /// Core at column x, row y to the core at column y, row x (square grids).
    case transpose
    /// Half of the packets to core 0, the others to any core.
    case hotspot
    /// All packets to core 0.
    case funnel
    /// Each core to the next one.
    case neighbour
}

/// Packets at random times, the classic way to load a network on a chip.
///
/// One core a tile; a core puts out a packet in a slot, the time that a packet keeps a link busy, with a
/// probability that is the load. Random numbers are keyed by seed, core and packet.
public struct SyntheticTraffic: Sendable {
    /// Routers and links.
    public let topology: Topology
    /// Where packets go.
    public let pattern: TrafficPattern
    /// Seed of times and destinations.
    public let seed: UInt64

    /// Describes a load.
    ///
    /// - Parameters:
    ///   - topology: Routers and links; its tiles have one core each.
    ///   - pattern: Where packets go; `transpose` needs a square grid.
    ///   - seed: Seed of times and destinations.
    public init(topology: Topology, pattern: TrafficPattern, seed: UInt64) {
        precondition(topology.grid.coresPerTile == 1, "one core a tile")
        precondition(
            pattern != .transpose || topology.grid.width == topology.grid.height,
            "a square grid"
        )
        self.topology = topology
        self.pattern = pattern
        self.seed = seed
    }

    /// Draws packets.
    ///
    /// - Parameters:
    ///   - load: Probability of a packet a core and slot; above 1 all packets are there at the start.
    ///   - slots: Slots in which packets are put out, or packets of each core where the load is above 1.
    ///   - packetTime: Length of a slot in picoseconds.
    /// - Returns: Packets of every core.
    public func schedule(load: Double, slots: Int, packetTime: Int) -> PacketSchedule {
        var schedule = PacketSchedule()
        let stream = RandomStream(seed: seed, purpose: .stimulus)
        for core in 0..<topology.tileCount {
            var slot = 0
            var number: UInt32 = 0
            while true {
                let time = stream.uniform(number, UInt32(core), 0)
                let place = stream.uniform(number, UInt32(core), 1)
                number += 1
                if load <= 1 {
                    // The number of idle slots before a packet is geometric.
                    let idle = PortableMath.log(time) / PortableMath.log(max(1 - load, 1e-300))
                    slot += load < 1 ? Int(min(idle, 1e9)) : 0
                    guard slot < slots else { break }
                } else if number > slots {
                    break
                }
                schedule.append(
                    to: CollectionOfOne(destination(of: core, place)),
                    notBefore: load <= 1 ? slot * packetTime : 0
                )
                slot += 1
            }
            schedule.endSource()
        }
        return schedule
    }

    private func destination(of core: Int, _ draw: Double) -> Int {
        let cores = topology.tileCount
        switch pattern {
        case .uniform: return min(Int(draw * Double(cores)), cores - 1)
        case .transpose:
            let place = topology.place(of: core)
            return (0..<cores).first { topology.place(of: $0) == (place.row, place.column) } ?? core
        case .hotspot:
            return draw < 0.5 ? 0 : min(Int((draw - 0.5) * 2 * Double(cores)), cores - 1)
        case .funnel: return 0
        case .neighbour: return (core + 1) % cores
        }
    }

    /// Largest load that the links can carry, if nothing ever waited: 1 over the load of the busiest link
    /// when every core puts out a packet a slot.
    ///
    /// For uniform traffic on a mesh that is the bisection bound, for a hotspot the link to its core.
    public var boundOfLoad: Double {
        let cores = topology.tileCount
        var links = [Double](repeating: 0, count: topology.linkCount)
        // Links into and out of the network: a core puts out at most a packet a slot.
        var exits = [Double](repeating: 0, count: cores)
        func add(_ share: Double, from core: Int, to destination: Int) {
            exits[destination] += share
            topology.forEachLink(from: core, to: destination) { links[$0] += share }
        }
        for core in 0..<cores {
            switch pattern {
            case .uniform:
                for other in 0..<cores { add(1 / Double(cores), from: core, to: other) }
            case .hotspot:
                add(0.5, from: core, to: 0)
                for other in 0..<cores { add(0.5 / Double(cores), from: core, to: other) }
            case .transpose, .funnel, .neighbour:
                add(1, from: core, to: destination(of: core, 0))
            }
        }
        return 1 / max(1, links.max() ?? 0, exits.max() ?? 0)
    }
}

/// What a network does under a synthetic load.
public struct TrafficPoint: Sendable, Equatable {
    /// Packets offered a core and slot.
    public var offered: Double
    /// Packets delivered a core and slot, in the last three quarters of the time in which packets are put out.
    public var delivered: Double
    /// Mean time of these packets from when they were ready to when they were at their core, in slots.
    public var meanLatency: Double
    /// 99th percentile of that time (nearest rank).
    public var latencyP99: Double
    /// Packets lost at full queues.
    public var dropped: Int
    /// Packets that block each other for ever; 0 unless something is wrong.
    public var stuck: Int
}

extension SyntheticTraffic {
    /// Runs a load.
    ///
    /// - Parameters:
    ///   - load: Packets a core and slot, 0...1.
    ///   - slots: Slots in which packets are put out, 4 or more.
    ///   - settings: Times and sizes of the network.
    /// - Returns: What came of it.
    public func run(load: Double, slots: Int, settings: QueueSettings) -> TrafficPoint {
        let cores = topology.tileCount
        let schedule = schedule(load: load, slots: slots, packetTime: settings.packetTime)
        var network = QueuedNetwork(
            topology: topology,
            cores: (0..<UInt32(cores)).map { $0 },
            settings: settings
        )
        var nobody: StepTimeline?
        let result = network.run(schedule, observer: &nobody)
        let window = (slots / 4 * settings.packetTime)..<(slots * settings.packetTime)
        var latencies: [Int] = []
        for packet in 0..<schedule.count where window.contains(result.deliveredAt[packet]) {
            latencies.append(result.deliveredAt[packet] - schedule.notBefore[packet])
        }
        latencies.sort()
        let total = latencies.reduce(0.0) { $0 + Double($1) }
        let slot = Double(settings.packetTime)
        let rank = (latencies.count * 99 + 99) / 100
        return TrafficPoint(
            offered: Double(schedule.count) / Double(slots * cores),
            delivered: Double(latencies.count) / (Double(window.count) / slot * Double(cores)),
            meanLatency: latencies.isEmpty ? 0 : total / Double(latencies.count) / slot,
            latencyP99: latencies.isEmpty
                ? 0 : Double(latencies[min(latencies.count, rank) - 1]) / slot,
            dropped: result.dropped.count,
            stuck: result.stuck
        )
    }
}
