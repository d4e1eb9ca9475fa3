import ChipSpec
import Events
import Interconnect
import TestSupport

/// The worked example of SANA-FE 2.2.9 that was run on its program: six neurons on four cores.
///
/// Core 0 holds neurons 0, 1, 2, core 1 (same tile) neuron 3, core 4 (tile 1) neuron 4, core 124 (tile
/// 31) neuron 5. Neurons 0, 2 and 3 spike: 0 to cores 1, 4, 124; 2 to cores 4, 124; 3 to cores 0, 4, 124;
/// each packet reads one synapse.
enum WorkedExample {
    static let cores: [UInt32] = [0, 1, 4, 124]
    static let destinations: [[UInt32]] = [[1, 2, 3], [], [2, 3], [0, 2, 3], [], []]

    static var chip: ChipSpec {
        var chip = RandomChip.loihiLike(exponentShift: .perSum)
        chip.mesh = MeshSpec(width: 8, height: 4, coresPerTile: 4)
        chip.interconnect.tileOrder = .columns
        chip.interconnect.queueInPackets = 16
        chip.time = TimeSpec(mode: .barrier, step: TimeBase(numerator: 1, denominator: 1000))
        return chip
    }

    /// SANA-FE's `arch/loihi.yaml` with dense synapses.
    static let prices = EnergyTable(
        name: "sanafe",
        source: "SANA-FE arch/loihi.yaml",
        prices: [
            price(.axonIn, 0, 16), price(.synapticEvent, 35.5, 3.8), price(.somaAccess, 51.2, 6),
            price(.somaUpdateActive, 21.6, 3.7), price(.spike, 69.3, 30),
            price(.axonOut, 111, 5.1), price(.hopEastWest, 3, 4.1),
            price(.hopNorthSouth, 4.2, 6.5),
        ],
        barrier: [
            BarrierTime(tiles: 1, latencyInNanoseconds: 600),
            BarrierTime(tiles: 2, latencyInNanoseconds: 1000),
            BarrierTime(tiles: 4, latencyInNanoseconds: 1400),
            BarrierTime(tiles: 29, latencyInNanoseconds: 1800),
        ]
    )

    private static func price(_ action: Action, _ energy: Double, _ latency: Double) -> ActionPrice
    {
        ActionPrice(
            action: action,
            energyInPicojoules: energy,
            latencyInNanoseconds: latency,
            provenance: .fitted
        )
    }

    static var packets: PacketTable {
        var offsets: [UInt32] = [0]
        var routes: [PacketTable.Route] = []
        for cores in destinations {
            routes += cores.map { PacketTable.Route(core: $0, synapses: 1) }
            offsets.append(UInt32(routes.count))
        }
        return PacketTable(
            cores: cores,
            firstSenderOfCore: [0, 3, 4, 5, 6],
            routeOffsets: offsets,
            routes: routes
        )
    }

    static var activity: StepActivity {
        func counts(_ neurons: UInt32, active: UInt32, out: UInt32, in: UInt32) -> CoreStepCounts {
            var core = CoreStepCounts()
            core.somaAccesses = neurons
            core.activeSomata = active
            core.spikes = active
            core.axonOut = out
            core.axonIn = `in`
            core.synapticEvents = `in`
            return core
        }
        return StepActivity(
            cores: [
                counts(3, active: 2, out: 5, in: 1), counts(1, active: 1, out: 3, in: 1),
                counts(1, active: 0, out: 0, in: 3), counts(1, active: 0, out: 0, in: 3),
            ],
            senders: [0, 2, 3],
            visits: [.active, .inactive, .active, .active, .inactive, .inactive]
        )
    }
}
