import ChipSpec
import Events
import Interconnect
import Testing

@Suite("Mesh topology")
struct MeshTopologyTests {
    @Test("routes along the row, then along the column; inputs enter at tile 0")
    func countsHops() {
        let mesh = MeshTopology(MeshSpec(width: 8, height: 4, coresPerTile: 4))
        #expect(mesh.tile(of: 3) == 0 && mesh.tile(of: 4) == 1)
        #expect(mesh.hops(from: 0, to: 3) == (0, 0))
        #expect(mesh.hops(from: 0, to: 127) == (7, 3))
        #expect(mesh.hops(from: 127, to: 0) == (7, 3))
        #expect(mesh.hopsFromInput(to: 36) == (1, 1))
    }

    @Test("counts as many links back as there, and as far as the tiles are apart")
    func symmetry() {
        let spec = MeshSpec(width: 5, height: 3, coresPerTile: 2)
        let mesh = MeshTopology(spec)
        for a in 0..<UInt32(spec.coreCount) {
            #expect(mesh.hops(from: 0, to: a) == mesh.hopsFromInput(to: a))
            for b in 0..<UInt32(spec.coreCount) {
                let hops = mesh.hops(from: a, to: b)
                #expect(hops == mesh.hops(from: b, to: a))
                #expect((hops == (0, 0)) == (mesh.tile(of: a) == mesh.tile(of: b)))
                #expect((0..<5).contains(hops.eastWest) && (0..<3).contains(hops.northSouth))
            }
        }
    }
}

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
        let clock = StepClock(time: Self.barrier, table: Self.table, mappedTiles: 3)
        var receiver = CoreStepCounts()
        receiver.axonIn = 3
        receiver.synapticEvents = 3
        let time = clock.duration(of: [Self.sender, receiver])
        #expect((time.nanoseconds - 1110.9).magnitude < 1e-9)
        #expect(!time.isLowerBound && !time.isOverrun)
    }

    @Test("takes the receiver's side where that is slower")
    func receiverBinds() {
        let clock = StepClock(time: Self.barrier, table: Self.table, mappedTiles: 1)
        var receiver = CoreStepCounts()
        receiver.axonIn = 10
        receiver.synapticEvents = 10
        let time = clock.duration(of: [Self.sender, receiver])
        #expect((time.nanoseconds - (198 + 600)).magnitude < 1e-9)
    }

    @Test("is a lower bound only if an unknown latency was needed")
    func unknownLatency() {
        var table = Self.table
        table.prices[4] = Self.price(.spike, nil)
        let clock = StepClock(time: Self.barrier, table: table, mappedTiles: 1)
        #expect(clock.duration(of: [Self.sender]).isLowerBound)
        var silent = Self.sender
        silent.spikes = 0
        #expect(!clock.duration(of: [silent]).isLowerBound)
        let reset = clock.resetDuration(neurons: 3)
        #expect(reset.nanoseconds == 0 && !reset.isLowerBound)
    }

    @Test("keeps a real-time step, and tells when the work does not fit into it")
    func realTime() {
        let step = TimeBase(numerator: 110, denominator: 1_000_000_000)
        let clock = StepClock(
            time: TimeSpec(mode: .realTime, step: step),
            table: Self.table,
            mappedTiles: 1
        )
        let busy = clock.duration(of: [Self.sender])
        #expect((busy.nanoseconds - 110).magnitude < 1e-9 && busy.isOverrun)
        var shorter = Self.sender
        shorter.axonOut -= 1
        #expect(!clock.duration(of: [shorter]).isOverrun)
    }

    @Test(
        "takes the barrier of the largest number of tiles that is reached",
        arguments: [
            (1, 600), (2, 1000), (3, 1000), (4, 1400), (32, 1400),
        ] as [(Int, Double)]
    )
    func barriers(tiles: Int, nanoseconds: Double) {
        let clock = StepClock(time: Self.barrier, table: Self.table, mappedTiles: tiles)
        #expect(clock.duration(of: []).nanoseconds == nanoseconds)
    }

    @Test("without a barrier in the table a step of a barrier chip is a lower bound")
    func unknownBarrier() {
        var table = Self.table
        table.barrier = []
        let time = StepClock(time: Self.barrier, table: table, mappedTiles: 2)
            .duration(of: [Self.sender])
        #expect(time.isLowerBound && (time.nanoseconds - 110.9).magnitude < 1e-9)
    }

    @Test("resets neurons one after the other, and says so when nobody knows how long that takes")
    func reset() {
        var table = Self.table
        table.prices.append(Self.price(.stateReset, 5))
        let clock = StepClock(time: Self.barrier, table: table, mappedTiles: 1)
        #expect(clock.resetDuration(neurons: 256).nanoseconds == 1280)
        table.prices[table.prices.count - 1] = Self.price(.stateReset, nil)
        let unknown = StepClock(time: Self.barrier, table: table, mappedTiles: 1)
        #expect(unknown.resetDuration(neurons: 1).isLowerBound)
        #expect(!unknown.resetDuration(neurons: 0).isLowerBound)
    }

    @Test("charges inactive neurons where a table has a price for them, active ones not twice")
    func inactiveNeurons() {
        var table = Self.table
        table.prices = [Self.price(.somaUpdateActive, 8.4), Self.price(.somaUpdateInactive, 5.3)]
        let clock = StepClock(time: Self.barrier, table: table, mappedTiles: 1)
        var core = CoreStepCounts()
        core.somaAccesses = 10
        core.activeSomata = 4
        let time = clock.duration(of: [core])
        #expect((time.nanoseconds - (4 * 8.4 + 6 * 5.3 + 600)).magnitude < 1e-9)
        #expect(!time.isLowerBound)
    }
}
