import ChipSpec
import Foundation
import Interconnect
import TestSupport
import Testing

@Suite("Timing model queued")
struct QueuedNetworkTests {
    private static func topology(
        _ kind: InterconnectTopology,
        _ width: Int,
        _ height: Int,
        branching: Int = 4
    ) -> Topology {
        var spec = InterconnectSpec.standard
        spec.topology = kind
        spec.branching = branching
        return Topology(MeshSpec(width: width, height: height, coresPerTile: 1), spec)
    }

    private static func run(
        _ schedule: PacketSchedule,
        on topology: Topology,
        _ settings: QueueSettings
    ) -> QueueResult {
        var network = QueuedNetwork(
            topology: topology,
            cores: (0..<UInt32(topology.tileCount)).map { $0 },
            settings: settings
        )
        var nobody: StepTimeline?
        return network.run(schedule, observer: &nobody)
    }

    private static func onePacket(from core: Int, to cores: [Int], work: Int = 0) -> PacketSchedule
    {
        var schedule = PacketSchedule()
        for source in 0...core {
            if source == core { schedule.append(to: cores, work: work) }
            schedule.endSource()
        }
        return schedule
    }

    @Test(
        "without traffic a packet takes hops · latency + one packet time, exactly",
        arguments: InterconnectTopology.allCases,
        [nil, 2] as [Int?]
    )
    func zeroLoad(kind: InterconnectTopology, slots: Int?) {
        let topology = Self.topology(kind, 5, 4)
        let settings = QueueSettings(packetTime: 900, latency: 4100, slots: slots)
        for start in 0..<20 {
            for tile in 0..<20 {
                let result = Self.run(
                    Self.onePacket(from: start, to: [tile], work: 77),
                    on: topology,
                    settings
                )
                let hops = topology.hops(fromTile: start, toTile: tile).total
                #expect(result.deliveredAt == [hops * 4100 + 900])
                #expect(result.end == hops * 4100 + 900 + 77)
                #expect(result.delivered == 1 && result.stuck == 0)
            }
        }
    }

    @Test("a packet that stays on its tile takes the tile's own latency")
    func withinTile() {
        let settings = QueueSettings(packetTime: 1000, latency: 4000, withinTile: 2100)
        let result = Self.run(
            Self.onePacket(from: 1, to: [1]),
            on: Self.topology(.mesh, 2, 1),
            settings
        )
        #expect(result.deliveredAt == [3100])
    }

    @Test("packets share a link one after the other, and a slow core holds up what is behind it")
    func serialisation() {
        var schedule = PacketSchedule()
        for _ in 0..<10 { schedule.append(to: [1], work: 5000) }
        schedule.endSource()
        let mesh = Self.topology(.mesh, 2, 1)
        let fast = Self.run(schedule, on: mesh, QueueSettings(packetTime: 1000, latency: 3000))
        #expect(fast.deliveredAt == (0..<10).map { 4000 + 1000 * $0 })
        #expect(fast.end == 4000 + 10 * 5000 && fast.stall == [0])
        let tight = Self.run(
            schedule,
            on: mesh,
            QueueSettings(packetTime: 1000, latency: 3000, slots: 2)
        )
        #expect(tight.end == fast.end)
        #expect(tight.stall[0] > 10_000)
        #expect(tight.delivered == 10)
    }

    @Test("full queues lose packets where that is the policy, and each is counted once")
    func drops() {
        var schedule = PacketSchedule()
        for _ in 0..<50 { schedule.append(to: [1], work: 5000) }
        schedule.endSource()
        let settings = QueueSettings(packetTime: 1000, latency: 0, slots: 4, whenFull: .drop)
        let result = Self.run(schedule, on: Self.topology(.mesh, 2, 1), settings)
        // Four slots of the link into the network are full at once.
        #expect(result.dropped == Array(4..<50))
        #expect(result.delivered == 4 && result.stuck == 0)
    }

    @Test("a multicast packet passes shared links once, and reaches every core")
    func multicast() {
        let mesh = Self.topology(.mesh, 4, 4)
        let tiles = [15, 3, 7, 0, 12]
        let result = Self.run(
            Self.onePacket(from: 0, to: tiles),
            on: mesh,
            QueueSettings(packetTime: 1000, latency: 2000, slots: 2)
        )
        #expect(
            result.deliveredAt
                == tiles.map { 1000 + 2000 * mesh.hops(fromTile: 0, toTile: $0).total }
        )
        let traffic = mesh.traffic(from: 0, to: tiles, casting: .multicast)
        #expect(result.linkPackets.reduce(0, +) == Int(traffic.eastWest + traffic.northSouth))
    }

    // MARK: Load

    @Test("the bound of uniform traffic on a mesh is that of its bisection, 4 / k for k × k tiles")
    func bisection() {
        for k in [4, 8] {
            let traffic = SyntheticTraffic(
                topology: Self.topology(.mesh, k, k),
                pattern: .uniform,
                seed: 1
            )
            #expect((traffic.boundOfLoad - min(1, 4 / Double(k))).magnitude < 1e-12)
        }
        let funnel = SyntheticTraffic(
            topology: Self.topology(.mesh, 4, 4),
            pattern: .funnel,
            seed: 1
        )
        #expect(funnel.boundOfLoad == 1 / 16.0)
    }

    @Test(
        "no link carries more than a packet a packet time, and a batch keeps the busiest link's bound"
    )
    func capacity() {
        for slots in [2, 16, nil] as [Int?] {
            let topology = Self.topology(.mesh, 8, 8)
            let traffic = SyntheticTraffic(topology: topology, pattern: .uniform, seed: 41)
            let batch = traffic.schedule(load: 2, slots: 200, packetTime: 1000)
            let result = Self.run(
                batch,
                on: topology,
                QueueSettings(packetTime: 1000, latency: 1000, slots: slots)
            )
            #expect(result.delivered == 200 * 64 && result.stuck == 0)
            #expect(result.linkPackets.allSatisfy { $0 * 1000 <= result.end })
        }
    }

    @Test("packets to one core come within 5 % of what its link can take", arguments: [2, 4, 16])
    func hotspot(slots: Int) {
        let topology = Self.topology(.mesh, 8, 8)
        let traffic = SyntheticTraffic(topology: topology, pattern: .funnel, seed: 42)
        let result = Self.run(
            traffic.schedule(load: 2, slots: 100, packetTime: 1000),
            on: topology,
            QueueSettings(packetTime: 1000, latency: 1000, slots: slots)
        )
        let bound = 6400 * 1000
        #expect(result.end >= bound && Double(result.end) <= 1.05 * Double(bound))
    }

    @Test(
        "queues without bound come within 5 % of the bound of uniform traffic, and never above it"
    )
    func uniformBound() {
        let topology = Self.topology(.mesh, 8, 8)
        let traffic = SyntheticTraffic(topology: topology, pattern: .uniform, seed: 43)
        let bound = traffic.boundOfLoad
        let settings = QueueSettings(packetTime: 1000, latency: 1000)
        let point = traffic.run(load: bound, slots: 4000, settings: settings)
        #expect(point.delivered >= 0.95 * bound)
        // What is offered varies: 3000 slots of 64 cores at 0.5 have a standard deviation of 0.0011.
        #expect(point.delivered <= bound + 5 * 0.0012)
        #expect(point.stuck == 0)
    }

    @Test(
        "past saturation the throughput stays: at twice the load at least 95 % of its peak",
        arguments: [
            (.mesh, 2), (.mesh, 4), (.mesh, 16), (.torus, 2), (.torus, 4), (.tree, 4),
            (.crossbar, 4),
        ] as [(InterconnectTopology, Int)]
    )
    func pastSaturation(kind: InterconnectTopology, slots: Int) {
        let topology = Self.topology(kind, 6, 6)
        let traffic = SyntheticTraffic(topology: topology, pattern: .uniform, seed: 44)
        let settings = QueueSettings(packetTime: 1000, latency: 1000, slots: slots)
        let shares = stride(from: 0.5, through: 1, by: 0.125).map { share in
            traffic.run(load: share * traffic.boundOfLoad, slots: 1500, settings: settings)
        }
        let peak = shares.map(\.delivered).max() ?? 0
        // The load at which no more comes through.
        let saturation = shares.first { $0.delivered >= 0.97 * peak }?.offered ?? 1
        let twice = traffic.run(
            load: min(1, 2 * saturation),
            slots: 1500,
            settings: settings
        )
        #expect(twice.delivered >= 0.95 * peak)
        #expect(twice.stuck == 0 && shares.allSatisfy { $0.stuck == 0 })
    }

    @Test(
        "packets are conserved, and nothing locks up, on every form under every pattern",
        arguments: InterconnectTopology.allCases,
        TrafficPattern.allCases
    )
    func conservation(kind: InterconnectTopology, pattern: TrafficPattern) {
        let topology = Self.topology(kind, 4, 4, branching: 2)
        for seed in 45..<48 {
            let traffic = SyntheticTraffic(topology: topology, pattern: pattern, seed: UInt64(seed))
            let schedule = traffic.schedule(load: 1, slots: 300, packetTime: 1000)
            for policy in FullQueuePolicy.allCases {
                let result = Self.run(
                    schedule,
                    on: topology,
                    QueueSettings(packetTime: 1000, latency: 700, slots: 2, whenFull: policy)
                )
                #expect(result.stuck == 0)
                #expect(result.delivered + result.dropped.count == schedule.count)
                #expect(policy == .drop || result.dropped.isEmpty)
            }
        }
    }

    @Test(
        "multicast packets reach all their cores and never lock up, on every form",
        arguments: InterconnectTopology.allCases
    )
    func multicastLoad(kind: InterconnectTopology) {
        let topology = Self.topology(kind, 4, 4, branching: 2)
        for seed in 50..<60 {
            var random = SplitMix64(seed: UInt64(seed))
            var schedule = PacketSchedule()
            for _ in 0..<16 {
                for _ in 0..<60 {
                    let cores = random.shuffled(Array(0..<16)).prefix(random.int(1...8))
                    schedule.append(to: cores, work: random.int(0...3000))
                }
                schedule.endSource()
            }
            let result = Self.run(
                schedule,
                on: topology,
                QueueSettings(packetTime: 1000, latency: 1500, slots: 2)
            )
            #expect(result.stuck == 0 && result.delivered == schedule.copyCount)
        }
    }

    @Test("a ring that packets may fill to the last slot locks up; ours leaves one free")
    func ring() {
        let topology = Self.topology(.torus, 8, 1)
        // All packets go three links the same way around.
        var schedule = PacketSchedule()
        for core in 0..<8 {
            for _ in 0..<200 { schedule.append(to: [(core + 3) % 8]) }
            schedule.endSource()
        }
        let result = Self.run(
            schedule,
            on: topology,
            QueueSettings(packetTime: 1000, latency: 1000, slots: 2)
        )
        #expect(result.stuck == 0 && result.delivered == 1600)
    }

    @Test(
        "nothing locks up in a million packet times on full rings",
        .enabled(if: ProcessInfo.processInfo.environment["SPIKELOOM_LONG"] != nil)
    )
    func millionPacketTimes() {
        let topology = Self.topology(.torus, 3, 3)
        let traffic = SyntheticTraffic(topology: topology, pattern: .hotspot, seed: 48)
        // A fifth above what the hotspot can take: all queues are full all the time.
        let schedule = traffic.schedule(
            load: 1.2 * traffic.boundOfLoad,
            slots: 1_000_000,
            packetTime: 1000
        )
        let result = Self.run(
            schedule,
            on: topology,
            QueueSettings(packetTime: 1000, latency: 1000, slots: 2)
        )
        #expect(result.stuck == 0 && result.delivered == schedule.count)
        #expect(result.end >= 1_000_000_000)
    }

    @Test("the same packets give the same result")
    func determinism() {
        let topology = Self.topology(.torus, 5, 5)
        let traffic = SyntheticTraffic(topology: topology, pattern: .hotspot, seed: 49)
        let schedule = traffic.schedule(load: 0.7, slots: 300, packetTime: 1000)
        let settings = QueueSettings(packetTime: 1000, latency: 1300, slots: 3)
        #expect(
            Self.run(schedule, on: topology, settings) == Self.run(schedule, on: topology, settings)
        )
    }
}
