import ChipSpec
import Events
import Interconnect
import TestSupport
import Testing

@Suite("Step clock")
struct StepClockTests {
    /// SANA-FE's Loihi with dense synapses, as in its worked example.
    private static let table = EnergyTable(
        name: "sanafe",
        source: "SANA-FE arch/loihi.yaml",
        prices: [
            price(.axonIn, 16), price(.synapticEvent, 3.8), price(.somaAccess, 6),
            price(.somaUpdateActive, 3.7), price(.spike, 30), price(.axonOut, 5.1),
        ],
        staticPowerInMilliwatts: nil,
        staticPowerProvenance: .unknown,
        barrier: [
            BarrierTime(tiles: 1, latencyInNanoseconds: 600),
            BarrierTime(tiles: 2, latencyInNanoseconds: 1000),
            BarrierTime(tiles: 4, latencyInNanoseconds: 1400),
        ]
    )

    private static func price(_ action: Action, _ latency: Double?) -> ActionPrice {
        ActionPrice(
            action: action,
            energyInPicojoules: 0,
            latencyInNanoseconds: latency,
            provenance: .fitted
        )
    }

    private static let barrier = TimeSpec(
        mode: .barrier,
        step: TimeBase(numerator: 1, denominator: 1000)
    )

    /// A clock of a chip whose first tiles have a core in use, and tile 0 another one.
    private static func clock(
        time: TimeSpec = barrier,
        table: EnergyTable = table,
        mappedTiles: Int
    ) -> StepClock {
        var chip = RandomChip.loihiLike(exponentShift: .perSum)
        chip.time = time
        chip.mesh = MeshSpec(width: 8, height: 4, coresPerTile: 4)
        return StepClock(
            chip: chip,
            prices: table,
            packets: PacketTable(
                cores: [0, 1] + (1..<max(1, UInt32(mappedTiles))).map { 4 * $0 },
                firstSenderOfCore: .init(repeating: 0, count: mappedTiles + 2),
                routeOffsets: [0],
                routes: []
            )
        )
    }

    private static func duration(_ clock: StepClock, _ cores: [CoreStepCounts]) -> StepTime {
        var clock = clock
        return clock.duration(of: StepActivity(cores: cores))
    }

    /// Core 0 of the worked example: three neurons, two of which spike.
    ///
    /// Neuron 0 goes to three cores and neuron 2 to one, so the sender takes 44.8 + 2 · 5.1 + 50.8 +
    /// 5.1 = 110.9 ns.
    private static var sender: CoreStepCounts {
        var core = CoreStepCounts()
        core.somaAccesses = 3
        core.activeSomata = 2
        core.spikes = 2
        core.axonOut = 5
        return core
    }

    @Test("repeats the worked example of SANA-FE's simple model: 1110.9 ns on three tiles")
    func workedExample() {
        let clock = Self.clock(table: Self.table, mappedTiles: 3)
        var receiver = CoreStepCounts()
        receiver.axonIn = 3
        receiver.synapticEvents = 3
        let time = Self.duration(clock, [Self.sender, receiver])
        #expect((time.nanoseconds - 1110.9).magnitude < 1e-9)
        #expect(!time.isLowerBound && !time.isOverrun)
        #expect(time.bottleneck == .somas(core: 0))
    }

    @Test("the model ideal leaves out the barrier")
    func ideal() throws {
        var chip = RandomChip.loihiLike(exponentShift: .perSum)
        chip.time = Self.barrier
        var clock = try StepClock(
            chip: chip,
            prices: Self.table,
            packets: PacketTable(
                cores: [0],
                firstSenderOfCore: [0, 0],
                routeOffsets: [0],
                routes: []
            ),
            model: .ideal
        )
        let time = clock.duration(of: StepActivity(cores: [Self.sender]))
        #expect((time.nanoseconds - 110.9).magnitude < 1e-9)
        #expect(StepClock.standardModel(of: chip) == .simple)
        chip.time.mode = .realTime
        #expect(StepClock.standardModel(of: chip) == .ideal)
    }

    @Test("adds up what cores worked, and which of them steps waited for")
    func usage() {
        var clock = Self.clock(mappedTiles: 2)
        var receiver = CoreStepCounts()
        receiver.axonIn = 10
        for cores in [[Self.sender], [Self.sender], [Self.sender, receiver], []] {
            _ = clock.duration(of: StepActivity(cores: cores))
        }
        #expect(clock.usage.steps == 4)
        #expect((clock.usage.sending[0] - 3 * 110.9).magnitude < 1e-9)
        #expect(clock.usage.receiving[1] == 160)
        #expect(clock.usage.bottleneck == .somas(core: 0))
        #expect(clock.usage.steps(boundBy: .somas(core: 0)) == 2)
        #expect(clock.usage.steps(boundBy: .synapses(core: 1)) == 1)
        #expect(clock.usage.steps(boundBy: .nothing) == 1)
    }

    @Test("takes the receiver's side where that is slower")
    func receiverBinds() {
        let clock = Self.clock(table: Self.table, mappedTiles: 1)
        var receiver = CoreStepCounts()
        receiver.axonIn = 10
        receiver.synapticEvents = 10
        let time = Self.duration(clock, [Self.sender, receiver])
        #expect((time.nanoseconds - (198 + 600)).magnitude < 1e-9)
    }

    @Test("is a lower bound only if an unknown latency was needed")
    func unknownLatency() {
        var table = Self.table
        table.prices[4] = Self.price(.spike, nil)
        let clock = Self.clock(table: table, mappedTiles: 1)
        #expect(Self.duration(clock, [Self.sender]).isLowerBound)
        var silent = Self.sender
        silent.spikes = 0
        #expect(!Self.duration(clock, [silent]).isLowerBound)
        let reset = clock.resetDuration(neurons: 3)
        #expect(reset.nanoseconds == 0 && !reset.isLowerBound)
    }

    @Test("keeps a real-time step, and tells when the work does not fit into it")
    func realTime() {
        let step = TimeBase(numerator: 110, denominator: 1_000_000_000)
        let clock = Self.clock(time: TimeSpec(mode: .realTime, step: step), mappedTiles: 2)
        let busy = Self.duration(clock, [Self.sender])
        #expect((busy.nanoseconds - 110).magnitude < 1e-9 && busy.isOverrun)
        var shorter = Self.sender
        shorter.axonOut -= 1
        #expect(!Self.duration(clock, [shorter]).isOverrun)
    }

    @Test(
        "takes the barrier of the largest number of tiles that is reached",
        arguments: [
            (1, 600), (2, 1000), (3, 1000), (4, 1400), (32, 1400),
        ] as [(Int, Double)]
    )
    func barriers(tiles: Int, nanoseconds: Double) {
        let clock = Self.clock(table: Self.table, mappedTiles: tiles)
        #expect(Self.duration(clock, []).nanoseconds == nanoseconds)
    }

    @Test("without a barrier in the table a step of a barrier chip is a lower bound")
    func unknownBarrier() {
        var table = Self.table
        table.barrier = []
        let clock = Self.clock(table: table, mappedTiles: 2)
        let time = Self.duration(clock, [Self.sender])
        #expect(time.isLowerBound && (time.nanoseconds - 110.9).magnitude < 1e-9)
    }

    @Test("resets neurons one after the other, and says so when nobody knows how long that takes")
    func reset() {
        var table = Self.table
        table.prices.append(Self.price(.stateReset, 5))
        let clock = Self.clock(table: table, mappedTiles: 1)
        #expect(clock.resetDuration(neurons: 256).nanoseconds == 1280)
        table.prices[table.prices.count - 1] = Self.price(.stateReset, nil)
        let unknown = Self.clock(table: table, mappedTiles: 1)
        #expect(unknown.resetDuration(neurons: 1).isLowerBound)
        #expect(!unknown.resetDuration(neurons: 0).isLowerBound)
    }

    @Test("charges inactive neurons where a table has a price for them, active ones not twice")
    func inactiveNeurons() {
        var table = Self.table
        table.prices = [Self.price(.somaUpdateActive, 8.4), Self.price(.somaUpdateInactive, 5.3)]
        let clock = Self.clock(table: table, mappedTiles: 1)
        var core = CoreStepCounts()
        core.somaAccesses = 10
        core.activeSomata = 4
        let time = Self.duration(clock, [core])
        #expect((time.nanoseconds - (4 * 8.4 + 6 * 5.3 + 600)).magnitude < 1e-9)
        #expect(!time.isLowerBound)
    }
}
