import ChipImage
import ChipSpec
import FixedPoint

/// Workload B: 10,000 neurons, 1000 random targets each, driven by Poisson input.
///
/// Neurons are Loihi's (`u = u(1 − 742/4096) + in; v = v(1 − 200/4096) + u`). 4 of 5 neurons excite
/// with weight 1, the others inhibit with weight −4, so that the recurrent input is balanced and the
/// Poisson drive sets the rate. Ten cores of 1000 neurons: larger than any real core, because the
/// workload measures the host, not the chip.
enum WorkloadB {
    static let neurons = 10_000
    static let fanOut = 1000
    static let neuronsPerCore = 1000
    /// Chance of a drive spike of a neuron in a step.
    static let driveProbability = 0.02

    static func image(chip: ChipSpec) -> ChipImage {
        let cores = neurons / neuronsPerCore
        let random = RandomStream(seed: 2026, purpose: .stimulus)
        var axons = [[(sender: Int, targets: [UInt16])]](repeating: [], count: cores)
        for neuron in 0..<neurons {
            var byCore = [[UInt16]](repeating: [], count: cores)
            for synapse in stride(from: 0, to: fanOut, by: 4) {
                let words = random.words(UInt32(synapse), UInt32(neuron), 1)
                for word in [words.0, words.1, words.2, words.3] {
                    let target = Int((UInt64(word) * UInt64(neurons)) >> 32)
                    byCore[target / neuronsPerCore].append(UInt16(target % neuronsPerCore))
                }
            }
            for core in 0..<cores { axons[core].append((neuron, byCore[core].sorted())) }
        }
        let tables = (0..<cores).map { core in
            table(core: core, axons: axons[core])
        }
        return ChipImage(
            chip: chip,
            network: network,
            inputs: [drive],
            cores: tables
        )
    }

    private static func table(
        core: Int,
        axons: [(sender: Int, targets: [UInt16])]
    ) -> CoreTables {
        var synapses = SynapseTables()
        func addRow(_ targets: [UInt16], weight: Int16) {
            synapses.targets += targets
            synapses.weights += [Int16](repeating: weight, count: targets.count)
            synapses.rowSynapses.append(UInt32(synapses.targets.count))
            synapses.rowDelay.append(1)
            synapses.rowExponent.append(0)
            synapses.rowCompartment.append(0)
            synapses.axonRows.append(UInt32(synapses.rowDelay.count))
        }
        // Axon a is neuron a; axon 10,000 + k is the drive of slot k.
        for axon in axons { addRow(axon.targets, weight: axon.sender % 5 == 0 ? -4 : 1) }
        for slot in 0..<neuronsPerCore { addRow([UInt16(slot)], weight: 60) }
        var registers = NeuronTables()
        for slot in 0..<neuronsPerCore {
            registers.indexInPopulation.append(UInt32(core * neuronsPerCore + slot))
            registers.threshold.append(260 << 6)
            registers.membraneDecay.append(200)
            registers.currentDecay.append(741)
            registers.membraneBias.append(0)
            registers.currentBias.append(0)
            registers.resetPotential.append(0)
            registers.initialPotential.append(0)
        }
        let routes = (0..<neuronsPerCore).flatMap { slot in
            (0..<(neurons / neuronsPerCore)).map {
                Route(core: UInt32($0), axon: UInt32(core * neuronsPerCore + slot))
            }
        }
        let offsets = (0...neuronsPerCore).map { UInt32($0 * (neurons / neuronsPerCore)) }
        return CoreTables(
            core: UInt32(core),
            segments: [Segment(population: 0, firstSlot: 0, count: UInt32(neuronsPerCore))],
            neurons: registers,
            synapses: synapses,
            routes: RouteTable(offsets: offsets, routes: routes)
        )
    }

    private static var drive: InputPort {
        let routes = (0..<neurons).map {
            Route(
                core: UInt32($0 / neuronsPerCore),
                axon: UInt32(neurons + $0 % neuronsPerCore)
            )
        }
        return InputPort(
            name: "drive",
            shape: [neurons],
            routes: RouteTable(offsets: (0...neurons).map(UInt32.init), routes: routes)
        )
    }

    private static var network: NetworkTable {
        NetworkTable(
            name: "workload B",
            timeStep: 1e-3,
            populations: [
                PopulationTable(
                    path: "neurons",
                    shape: [neurons],
                    model: .cubaLIF,
                    reset: .zero,
                    hasCurrent: true,
                    compartmentExponents: [0],
                    membraneScale: [1],
                    depth: 0
                )
            ],
            projections: [],
            outputs: [],
            drainSteps: 0
        )
    }

    /// Drive spikes of each step, drawn once so that drawing is not measured.
    static func inputs(steps: Int) -> [[UInt32]] {
        let random = RandomStream(seed: 7, purpose: .stimulus)
        return (0..<steps).map { step in
            (0..<UInt32(neurons)).filter {
                random.uniform($0, UInt32(step), 2) < driveProbability
            }
        }
    }
}
