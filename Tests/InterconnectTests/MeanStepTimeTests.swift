import ChipSpec
import Events
import Interconnect
import TestSupport
import Testing

@Suite("Mean step times")
struct MeanStepTimeTests {
    private static let table = EnergyTable(
        name: "test",
        source: "this test",
        prices: [
            price(.axonIn, 10), price(.synapticEvent, 2), price(.somaAccess, 1),
            price(.somaUpdateActive, 4), price(.somaUpdateInactive, 3), price(.spike, 20),
            price(.axonOut, 5),
        ],
        staticPowerInMilliwatts: nil,
        staticPowerProvenance: .unknown,
        barrier: [BarrierTime(tiles: 1, latencyInNanoseconds: 100)]
    )

    private static func price(_ action: Action, _ latency: Double?) -> ActionPrice {
        ActionPrice(
            action: action,
            energyInPicojoules: 0,
            latencyInNanoseconds: latency,
            provenance: .fitted
        )
    }

    private func clock(_ mode: StepMode, _ table: EnergyTable = table) -> StepClock {
        var chip = RandomChip.loihiLike(exponentShift: .perSum)
        chip.time = TimeSpec(mode: mode, step: TimeBase(numerator: 1, denominator: 1000))
        chip.mesh = MeshSpec(width: 1, height: 1, coresPerTile: 2)
        let packets = PacketTable(
            cores: [0, 1],
            firstSenderOfCore: [0, 0, 0],
            routeOffsets: [0],
            routes: []
        )
        return StepClock(chip: chip, prices: table, packets: packets)
    }

    private func core(
        in axonIn: Double,
        synapses: Double,
        somas: Double,
        spikes: Double
    ) -> MeanCoreCounts {
        var core = MeanCoreCounts()
        core.axonIn = axonIn
        core.synapticEvents = synapses
        core.somaAccesses = somas
        core.spikes = spikes
        core.axonOut = spikes
        return core
    }

    @Test("lie between the slowest mean and the sum, or the busiest step where that is less")
    func bounds() {
        let one = core(in: 2, synapses: 10, somas: 10, spikes: 1)
        let other = core(in: 0, synapses: 0, somas: 4, spikes: 0.5)
        // Receiving 40 and 0; sending 40…50 + 25 and 16…20 + 12.5: the most is 75 + 32.5 + 40.
        let busy = core(in: 100, synapses: 100, somas: 10, spikes: 10)
        let time = clock(.barrier).meanDuration(of: [one, other], most: [busy, other])
        #expect(time.nanoseconds == 165...247.5)
        #expect(!time.isLowerBound)
        // No step can be busier than 80 ns.
        let limit = core(in: 2, synapses: 10, somas: 11, spikes: 1)
        let tight = clock(.barrier).meanDuration(of: [one, other], most: [limit, other])
        #expect(tight.nanoseconds == 165...180)
    }

    @Test("are the chip's own step in real time")
    func realTime() {
        let busy = core(in: 1e9, synapses: 0, somas: 0, spikes: 0)
        let time = clock(.realTime).meanDuration(of: [busy], most: [busy])
        #expect(time.nanoseconds == 1e6...1e6)
    }

    @Test("are lower bounds where a latency is needed that nobody says")
    func unknown() {
        var table = Self.table
        table.prices[1] = Self.price(.synapticEvent, nil)
        let silent = core(in: 0, synapses: 0, somas: 1, spikes: 0)
        let reads = core(in: 0, synapses: 1, somas: 1, spikes: 0)
        #expect(!clock(.barrier, table).meanDuration(of: [silent], most: [silent]).isLowerBound)
        #expect(clock(.barrier, table).meanDuration(of: [reads], most: [reads]).isLowerBound)
    }
}
