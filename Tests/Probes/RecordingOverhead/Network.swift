import ChipImage
import ChipSpec
import FixedPoint

/// Neurons that spike every 8 to 16 steps by their bias, each in its own rhythm, and excite or
/// inhibit a few neurons of one other core.
///
/// Work a spike is small, so that spikes are many: what recording costs is seen best.
struct DrivenNetwork {
    let cores = 20
    let neuronsPerCore = 1024
    /// Targets of each neuron.
    let fanOut: Int

    private static let threshold: Int32 = 1 << 16

    /// The image on a chip with Loihi's neuron.
    func image(chip: ChipSpec) -> ChipImage {
        ChipImage(
            chip: chip,
            network: network,
            inputs: [],
            cores: (0..<cores).map(table)
        )
    }

    /// The core that hears all neurons of another.
    private func target(of core: Int) -> Int { (7 * core + 3) % cores }

    private func table(_ core: Int) -> CoreTables {
        let random = RandomStream(seed: 2027, purpose: .network)
        var synapses = SynapseTables()
        // Axon a is neuron a of the core that is heard.
        for axon in 0..<neuronsPerCore {
            var targets = Set<UInt16>()
            var draw: UInt32 = 0
            while targets.count < fanOut {
                let word = random.words(draw, UInt32(core * neuronsPerCore + axon), 1).0
                targets.insert(UInt16((UInt64(word) * UInt64(neuronsPerCore)) >> 32))
                draw += 1
            }
            synapses.targets += targets.sorted()
            synapses.weights += [Int16](repeating: axon % 2 == 0 ? 8 : -8, count: fanOut)
            synapses.rowSynapses.append(UInt32(synapses.targets.count))
            synapses.rowDelay.append(1)
            synapses.rowExponent.append(0)
            synapses.rowCompartment.append(0)
            synapses.axonRows.append(UInt32(synapses.rowDelay.count))
        }
        var registers = NeuronTables()
        for slot in 0..<neuronsPerCore {
            let number = core * neuronsPerCore + slot
            let words = random.words(0, UInt32(number), 2)
            let period = 8 + Int32(words.0 >> 29)
            registers.indexInPopulation.append(UInt32(number))
            registers.threshold.append(Self.threshold)
            registers.membraneDecay.append(0)
            registers.currentDecay.append(741)
            registers.membraneBias.append(Self.threshold / period)
            registers.currentBias.append(0)
            registers.resetPotential.append(0)
            registers.initialPotential.append(Int32(words.1 >> 16))
        }
        let routes = (0..<neuronsPerCore).map {
            Route(core: UInt32(target(of: core)), axon: UInt32($0))
        }
        return CoreTables(
            core: UInt32(core),
            segments: [Segment(population: 0, firstSlot: 0, count: UInt32(neuronsPerCore))],
            neurons: registers,
            synapses: synapses,
            routes: RouteTable(offsets: (0...neuronsPerCore).map(UInt32.init), routes: routes)
        )
    }

    private var network: NetworkTable {
        NetworkTable(
            name: "driven",
            timeStep: 1e-3,
            populations: [
                PopulationTable(
                    path: "neurons",
                    shape: [cores * neuronsPerCore],
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
}
