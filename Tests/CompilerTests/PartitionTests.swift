import ChipImage
import ChipSpec
import Compiler
import Mapping
import NetworkIR
import TestSupport
import Testing

@Suite("Partition, place and route")
struct PartitionTests {
    private typealias Nets = TestNetworks

    @Test("fills a core to the last neuron before it opens the next", arguments: [256, 257])
    func fillsNeurons(count: Int) throws {
        let network = Nets.network(
            [Nets.input(1), Nets.lif("x", count)],
            [Nets.dense(0, 1, [Double](repeating: 1, count: count))]
        )
        let report = try Compiler.compile(network, for: try TestChips.pilot()).report
        #expect(report.cores.map(\.neurons.used) == (count == 256 ? [256] : [256, 1]))
        #expect(report.fullestCore.resource == .neurons)
        #expect(report.packets == report.cores.count)
    }

    @Test(
        "fills axons and synapse memory to the last one before it opens the next core",
        arguments: [CoreResource.axonsIn, .synapseBytes]
    )
    func fillsExactly(resource: CoreResource) throws {
        var chip = try TestChips.pilot()
        let network = Nets.network(
            [Nets.input(6), Nets.lif("x", 6)],
            [
                Projection(
                    source: 0,
                    target: 1,
                    delay: 0,
                    connectivity: .oneToOne([Double](repeating: 1, count: 6))
                )
            ]
        )
        // A neuron takes one axon, a synapse of 2 bytes and a row of 4.
        for (limit, cores) in [(6, [6]), (5, [5, 1])] {
            if resource == .axonsIn {
                chip.core.axonsIn = limit
            } else {
                chip.core.synapseMemoryInBytes = limit * 6
            }
            let report = try Compiler.compile(network, for: chip).report
            #expect(report.cores.map(\.neurons.used) == cores)
            #expect(report.fullestCore.fill.share == 1)
        }
    }

    @Test(
        "respects every limit of a core at once",
        arguments: [CoreResource.neurons, .axonsIn, .synapseBytes, .axonsOut]
    )
    func limits(resource: CoreResource) throws {
        var chip = try TestChips.pilot()
        chip.mesh.width = 8
        chip.mesh.height = 8
        switch resource {
        case .neurons: chip.core.neurons = 9
        case .axonsIn: chip.core.axonsIn = 100
        case .synapseBytes: chip.core.synapseMemoryInBytes = 1500
        case .axonsOut:
            chip.core.neurons = 20
            chip.core.axonsOut = 12
        case .rules: chip.learning?.maximumRules = 1
        }
        let network = TestNetworks.digits(seed: 9)
        let compiled = try Compiler.compile(network, for: chip)
        #expect(compiled.report.cores.count > 1)
        for core in compiled.report.cores {
            for fill in [core.neurons, core.axonsIn, core.synapseBytes, core.axonsOut] {
                #expect(fill.used <= fill.limit)
            }
        }
        // Split or not, it is the same network.
        let drive = randomDrive(for: network, steps: 32, silent: 0, rate: 0.15, seed: 9)
        let quantised = try Pipeline.quantised(network, for: chip)
        let onChip = imageRun(compiled.image, quantised.canonical, drive)
        #expect(onChip == integerRun(quantised, on: chip, drive))
        #expect(onChip.count(2) > 0)
    }

    @Test("puts fewer neurons on a core if asked to")
    func neuronsPerCore() throws {
        let network = TestNetworks.digits(seed: 9)
        let report = try Compiler.compile(
            network,
            for: try TestChips.pilot(),
            options: CompilerOptions(neuronsPerCore: 40)
        ).report
        #expect(report.cores.count == 3)
        #expect(report.cores.allSatisfy { $0.neurons.used <= 40 })
        #expect(report.cores.reduce(0) { $0 + $1.neurons.used } == 106)
    }

    @Test("never needs more cores than filling in order, where the chip has no more")
    func tightChips() throws {
        for seed in 1...6 as ClosedRange<UInt64> {
            var random = SplitMix64(seed: seed)
            var chip = try TestChips.pilot()
            chip.core.neurons = 5
            let network = RandomNetworks.network(&random, models: [.lif], reset: .toResetPotential)
            let quantised = try Pipeline.quantised(network, for: chip)
            let cores = try SequentialFilling(
                quantised,
                chip: chip,
                neuronLimit: 5,
                choice: CoreChoice(CompilerOptions(), quantised.canonical, chip: chip)
            ).run().cores.count
            chip.mesh.width = cores
            chip.mesh.height = 1
            let report = try Compiler.compile(network, for: chip).report
            #expect(report.cores.count <= cores)
            // A mapping of fewer packets is no good where it needs a core too many.
            let pass = Partition(chip: chip, options: CompilerOptions())
            let inOrder = try pass.run(quantised)
            var mapped = inOrder
            mapped.packets -= 1
            #expect(pass.isBetter(mapped, than: inOrder))
            mapped.cores += mapped.cores
            #expect(!pass.isBetter(mapped, than: inOrder))
        }
    }

    @Test(
        "takes no mapping that needs a core too many, where filling in order fills all to the last"
    )
    func coreTooMany() throws {
        // Two blocks of 32 neurons, every other neuron of one block: in order each core has both.
        let block = (0..<64).map { target in
            (0..<16).map { channel in channel / 8 == target % 2 ? 1.0 : 0 }
        }
        let network = Nets.network(
            [Nets.input(16), Nets.lif("x", 64)],
            [Nets.dense(0, 1, block.flatMap { $0 })]
        )
        var chip = try TestChips.pilot()
        chip.core.neurons = 16
        chip.mesh.width = 5
        chip.mesh.height = 1
        // `fast` grows cores that are not quite full: it needs five of 15 neurons.
        let options = CompilerOptions(effort: .fast)
        let roomy = try Compiler.compile(network, for: chip, options: options).report
        #expect(roomy.packetsInOrder == 64)
        #expect(roomy.packets < 64)
        #expect(roomy.cores.count == 5)
        chip.mesh.width = 4
        let tight = try Compiler.compile(network, for: chip, options: options).report
        #expect(tight.cores.count == 4)
        #expect(tight.packets == 64)
    }

    @Test("places cores by their distance from tile 0 and counts hops")
    func places() throws {
        var chip = try TestChips.pilot()
        chip.core.neurons = 1
        let network = Nets.network(
            [Nets.input(1), Nets.lif("x", 6)],
            [Nets.dense(0, 1, [Double](repeating: 1, count: 6))]
        )
        let report = try Compiler.compile(network, for: chip).report
        #expect(report.cores.map(\.core) == [0, 1, 2, 4, 5, 8])
        #expect(report.hops == 0 + 1 + 2 + 1 + 2 + 2)
        chip.mesh.coresPerTile = 4
        let tiled = try Compiler.compile(network, for: chip).report
        #expect(tiled.cores.map(\.core) == [0, 1, 2, 3, 4, 5])
        #expect(tiled.hops == 2)
    }

    @Test("shares the axon of a source, and its row where delay and exponent agree")
    func sharesAxons() throws {
        let network = Nets.network(
            [Nets.input(4), Nets.lif("x", 3), Nets.lif("y", 3)],
            [
                Nets.dense(0, 1, [Double](repeating: 0.7, count: 12)),
                Nets.dense(0, 1, [Double](repeating: 0.7, count: 12), delay: 3),
                Nets.dense(0, 2, [Double](repeating: 0.7, count: 12)),
            ]
        )
        let core = try Compiler.compile(network, for: try TestChips.pilot()).report.cores[0]
        #expect(core.axonsIn.used == 4)
        #expect(core.rows == 8)
        #expect(core.synapses == 36)
        #expect(core.synapseBytes.used == 36 * 2 + 8 * 4)
    }

    @Test("orders axons, rows, targets and routes as the image promises")
    func order() throws {
        var random = SplitMix64(seed: 5)
        var chip = try TestChips.pilot()
        chip.core.neurons = 6
        let network = RandomNetworks.network(&random, models: [.lif], reset: .toResetPotential)
        let image = try Compiler.compile(network, for: chip).image
        try image.verify()
        #expect(image.cores.count > 2)
        for core in image.cores {
            let tables = core.synapses
            for row in tables.rowDelay.indices {
                let range = Int(tables.rowSynapses[row])..<Int(tables.rowSynapses[row + 1])
                #expect(!range.isEmpty)
                #expect(Array(tables.targets[range]) == tables.targets[range].sorted())
            }
            for slot in 0..<core.neurons.count {
                #expect(Array(core.routes[slot]) == core.routes[slot].sorted())
            }
        }
    }

    @Test("gives the packets and cores of the mapping benchmark's dense network")
    func mappingBenchmark() throws {
        // Greedy in id order, limits of `mapping-bench`: the same rule at a fifth of the size in each
        // direction, counted by hand. 100 hidden neurons with 160 inputs fill cores of 1,311 synapses
        // in groups of 8; with 100 inputs in groups of 13.
        var chip = try TestChips.pilot()
        chip.mesh.width = 32
        chip.mesh.height = 16
        chip.core.synapseMemoryInBytes = 1311 * 4
        chip.synapse.bytesPerSynapse = 4
        chip.synapse.bytesPerRowHeader = 0
        let ones = { (count: Int) in [Double](repeating: 1, count: count) }
        let network = Nets.network(
            [Nets.input(160), Nets.integrateAndFire("x", 100), Nets.integrateAndFire("y", 100)],
            [Nets.dense(0, 1, ones(16_000)), Nets.dense(1, 2, ones(10_000))]
        )
        let report = try Compiler.compile(network, for: chip).report
        // x: 12 cores of 8, then 4 neurons (640 synapses) and 6 of y; the other 94 of y need 8 cores.
        #expect(report.cores.count == 12 + 1 + 8)
        // Inputs reach 13 cores; each x neuron 9 cores, its own among them for the last four.
        #expect(report.packetsInOrder == 160 * 13 + 100 * 9 - 4)
        // 13 and 8 cores are the least that hold x and y; apart, inputs and x reach no core more.
        #expect(report.packets == 160 * 13 + 100 * 8)
        #expect(report.localPackets == 0)
    }

    @Test("the verifier finds every kind of planted mistake")
    func verifierFindsMistakes() throws {
        var random = SplitMix64(seed: 6)
        let chip = try TestChips.pilot()
        let network = RandomNetworks.network(&random, models: [.lif], reset: .toResetPotential)
        let quantised = try Pipeline.quantised(network, for: chip)
        let partition = Partition(chip: chip, options: CompilerOptions())
        let route = RouteSpikes(chip: chip)
        let placement = Place(chip: chip).run(try partition.run(quantised))
        let routing = route.run(placement)
        let image = Emit(chip: chip).run(routing)
        let verify = Verify(chip: chip)
        _ = try verify.run((routing, image))
        let mistakes: [(inout ChipImage) -> Void] = [
            { $0.cores[0].synapses.weights[3] += 1 },
            { $0.cores[0].synapses.targets[3] ^= 1 },
            { $0.cores[0].synapses.rowDelay[1] += 1 },
            { $0.cores[0].synapses.rowExponent[1] += 1 },
            { $0.cores[0].synapses.rowCompartment[1] += 1 },
            { $0.inputs[0].routes.routes[0].axon += 1 },
            { $0.inputs[0].routes.routes[0].core += 1 },
            {
                $0.inputs[0].routes = RouteTable(
                    offsets: $0.inputs[0].routes.offsets.map { _ in 0 }
                )
            },
            { $0.cores[0].neurons.threshold[2] += 1 },
            { $0.cores[0].neurons.membraneBias[2] += 1 },
            { $0.cores[0].neurons.indexInPopulation[2] = 1 },
        ]
        for (index, plant) in mistakes.enumerated() {
            var wrong = image
            plant(&wrong)
            #expect(throws: CompilerError.self, "mistake \(index)") {
                try verify.run((routing, wrong))
            }
        }
    }
}
