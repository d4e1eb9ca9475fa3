import ChipSpec
import Events
import Interconnect
import Testing

@Suite("Timing model detailed")
struct DetailedNetworkTests {
    private static func clock(
        _ model: TimingModel,
        _ chip: ChipSpec = WorkedExample.chip
    ) throws -> StepClock {
        try StepClock(
            chip: chip,
            prices: WorkedExample.prices,
            packets: WorkedExample.packets,
            model: model
        )
    }

    @Test("repeats SANA-FE's worked example to the digit: 1110.9 ns simple, 1178.9 ns detailed")
    func workedExample() throws {
        var simple = try Self.clock(.simple)
        let sums = simple.duration(of: WorkedExample.activity)
        #expect((sums.nanoseconds - 1110.9).magnitude < 1e-9)
        var detailed = try Self.clock(.detailed)
        detailed.recordsTimeline = true
        let time = detailed.duration(of: WorkedExample.activity)
        #expect((time.nanoseconds - 1178.9).magnitude < 1e-9)
        #expect(time.bottleneck == .network)
        let packets = try #require(detailed.timeline).packets
        #expect(packets.count == 8)
        // Generation 44.8 ns, next axons 5.1 ns, neuron 1 idle and neuron 2: 50.8 ns.
        let sent = packets.filter { $0.source == 0 }.map(\.sent)
        for (value, expected) in zip(sent, [44.8, 49.9, 55.0, 105.8, 110.9]) {
            #expect((value - expected).magnitude < 1e-9)
        }
        // Core 4: the second packet waits for the core, which works 19.8 ns on each.
        let received = packets.filter { $0.core == 2 }.map(\.received)
        for (value, expected) in zip(received, [56.4, 76.2, 112.3]) {
            #expect((value - expected).magnitude < 1e-9)
        }
        let work = packets.map { $0.processed - $0.received }
        #expect(work.allSatisfy { ($0 - 19.8).magnitude < 1e-9 })
        // 7 links to the east and 3 to the south: 48.2 ns.
        let last = try #require(packets.last { $0.core == 3 })
        #expect((last.received - last.sent - 48.2).magnitude < 1e-9)
    }

    @Test("the hops of the worked example: eight packets, 113.4 pJ of links, 1865.3 pJ in all")
    func hops() {
        let topology = Topology(WorkedExample.chip)
        var energy = 8 * 35.5 + 6 * 51.2 + 3 * 21.6 + 3 * 69.3
        var links = 0.0
        for (neuron, destinations) in WorkedExample.destinations.enumerated() {
            let traffic = topology.traffic(
                from: neuron < 4 ? 0 : neuron == 4 ? 1 : 31,
                to: destinations.map {
                    topology.tile(of: WorkedExample.cores[Int($0)])
                },
                casting: .unicast
            )
            energy += Double(traffic.packets) * 111
            links += Double(traffic.eastWest) * 3 + Double(traffic.northSouth) * 4.2
        }
        #expect((links - 113.4).magnitude < 1e-9)
        #expect((energy + links - 1865.3).magnitude < 1e-9)
    }

    @Test("without traffic a packet takes its hops, and no more")
    func noTraffic() throws {
        var clock = try Self.clock(.detailed)
        clock.recordsTimeline = true
        let alone = StepActivity(
            cores: .init(repeating: CoreStepCounts(), count: 4),
            senders: [2],
            visits: [.none, .none, .active, .none, .none, .none]
        )
        _ = clock.duration(of: alone)
        let packets = try #require(clock.timeline).packets
        #expect((packets[0].received - packets[0].sent - 6.5).magnitude < 1e-9)
        #expect((packets[1].received - packets[1].sent - 48.2).magnitude < 1e-9)
    }

    @Test("full links hold up their sender: a smaller buffer never makes a step shorter")
    func blocking() throws {
        // One core sends 64 packets to one core of the next tile: the receiver is the bottleneck.
        let chip = WorkedExample.chip
        let table = PacketTable(
            cores: [0, 4],
            firstSenderOfCore: [0, 64, 65],
            routeOffsets: (0...64).map { UInt32($0) } + [64],
            routes: .init(repeating: PacketTable.Route(core: 1, synapses: 20), count: 64)
        )
        let activity = StepActivity(
            cores: .init(repeating: CoreStepCounts(), count: 2),
            senders: (0..<64).map { UInt32($0) },
            visits: .init(repeating: .active, count: 65)
        )
        var times: [Double] = []
        for buffer in [nil, 16, 4, 2] as [Int?] {
            var small = chip
            small.interconnect.queueInPackets = buffer
            var clock = try StepClock(
                chip: small,
                prices: WorkedExample.prices,
                packets: table,
                model: .detailed
            )
            times.append(clock.duration(of: activity).nanoseconds)
        }
        // The receiver works 92 ns on each packet, whatever the links do.
        #expect(times[0] >= 64 * 92 + 1000)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test(
        "the longest latencies that a spec may have end in a time, not in a trap",
        arguments: TimingModel.allCases
    )
    func hostileLatencies(model: TimingModel) throws {
        var prices = WorkedExample.prices
        for index in prices.prices.indices { prices.prices[index].latencyInNanoseconds = 1e12 }
        var chip = WorkedExample.chip
        chip.interconnect.packetInNanoseconds = 1e9
        let table = PacketTable(
            cores: [0, 124],
            firstSenderOfCore: [0, 1000, 1001],
            routeOffsets: (0...1000).map { UInt32($0) } + [1000],
            routes: .init(repeating: PacketTable.Route(core: 1, synapses: .max), count: 1000)
        )
        var clock = try StepClock(chip: chip, prices: prices, packets: table, model: model)
        let time = clock.duration(
            of: StepActivity(
                cores: .init(repeating: CoreStepCounts(), count: 2),
                senders: (0..<1000).map { UInt32($0) },
                visits: .init(repeating: .active, count: 1001)
            )
        )
        #expect(time.nanoseconds.isFinite && time.nanoseconds >= 0)
    }

    @Test("learning follows the last packet of its core")
    func learning() throws {
        var prices = WorkedExample.prices
        prices.prices.append(
            ActionPrice(
                action: .weightUpdate,
                energyInPicojoules: 0,
                latencyInNanoseconds: 10,
                provenance: .assumed
            )
        )
        var activity = WorkedExample.activity
        activity.cores[3].weightUpdates = 7
        var clock = try StepClock(
            chip: WorkedExample.chip,
            prices: prices,
            packets: WorkedExample.packets,
            model: .detailed
        )
        #expect((clock.duration(of: activity).nanoseconds - 1248.9).magnitude < 1e-9)
    }
}
