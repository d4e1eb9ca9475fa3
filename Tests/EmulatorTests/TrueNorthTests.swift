import ChipImage
import ChipSpec
import Emulator
import Events
import FixedPoint
import TestSupport
import Testing

/// A core of TrueNorth neurons behind 256 axons, one for each input channel.
private struct TrueNorthCore {
    /// Combinations of stochastic synapses, leak and threshold, leak reversal and resets.
    static let modes = 16 * 2 * 2 * 2 * 6
    static let neurons = 24
    static let axons = 256

    let types: [Int]
    let isConnected: [[Bool]]
    let registers: [TrueNorthRegisters]
    let alpha: [Int32]
    let lambda: [Int32]
    let reset: [Int32]
    let initial: [Int32]
    let inputs: [[UInt32]]

    /// Neurons of the modes from `neurons * number` on, everything else at random.
    init(_ number: Int, steps: Int) {
        var random = SplitMix64(seed: UInt64(9000 + number))
        types = (0..<Self.axons).map { _ in random.int(0...3) }
        isConnected = (0..<Self.neurons).map { _ in
            let density = random.pick([0.02, 0.2, 0.6])
            return (0..<Self.axons).map { _ in random.chance(density) }
        }
        var registers: [TrueNorthRegisters] = []
        var (alpha, lambda, reset, initial): ([Int32], [Int32], [Int32], [Int32]) = ([], [], [], [])
        for neuron in 0..<Self.neurons {
            var mode = (number * Self.neurons + neuron) % Self.modes
            func take(_ count: Int) -> Int {
                defer { mode /= count }
                return mode % count
            }
            let gamma = take(3)
            let saturates = take(2) == 1
            let bits = take(16)
            // A small neuron lives around its thresholds, a large one at the ends of its range.
            let isLarge = random.chance(0.2)
            let reach = isLarge ? 255 : random.pick([1, 4, 40])
            let negative = isLarge ? random.int(0...(1 << 18) - 1) : random.int(0...3 * reach)
            registers.append(
                TrueNorthRegisters(
                    weights: (0..<4).map { _ in
                        random.chance(0.1) ? 0 : Int32(random.int(-reach - 1...reach))
                    },
                    hasStochasticSynapses: (0..<4).map { bits >> $0 & 1 == 1 },
                    hasStochasticLeak: take(2) == 1,
                    hasLeakReversal: take(2) == 1,
                    resetMode: gamma,
                    saturatesBelow: saturates,
                    thresholdMask: take(2) == 0
                        ? 0 : isLarge ? 0x3FFFF : random.pick([1, 2, 5, 7, 0x28]),
                    negativeThreshold: Int32(negative)
                )
            )
            alpha.append(Int32(isLarge ? random.int(0...(1 << 18) - 1) : random.int(0...4 * reach)))
            lambda.append(random.chance(0.2) ? 0 : Int32(random.int(-reach...reach)))
            let power = Int32(1) << Int32(isLarge ? random.int(0...18) : random.int(0...4))
            reset.append(random.chance(0.5) ? power - 1 : 1 - power)
            initial.append(isLarge ? random.pick([-393_300, 393_100, 0]) : 0)
        }
        (self.registers, self.alpha, self.lambda, self.reset, self.initial) =
            (registers, alpha, lambda, reset, initial)
        let rate = random.pick([0.01, 0.1, 0.5, 1])
        inputs = (0..<steps).map { _ in
            (0..<UInt32(Self.axons)).filter { _ in random.chance(rate) }
        }
    }

    func image() throws -> ChipImage {
        let chip = try TinyChip.trueNorth()
        var neurons = NeuronTables()
        neurons.indexInPopulation = (0..<UInt32(Self.neurons)).map { $0 }
        neurons.threshold = alpha
        neurons.membraneBias = lambda
        neurons.resetPotential = reset
        neurons.initialPotential = initial
        neurons.membraneDecay = alpha.map { _ in 0 }
        neurons.currentDecay = alpha.map { _ in 0 }
        neurons.currentBias = alpha.map { _ in 0 }
        neurons.modelRegisters = registers.flatMap(\.words)
        var synapses = SynapseTables()
        for axon in 0..<Self.axons {
            let targets = (0..<Self.neurons).filter { isConnected[$0][axon] }
            synapses.rowDelay.append(1)
            synapses.rowExponent.append(0)
            synapses.rowCompartment.append(UInt8(types[axon]))
            synapses.targets += targets.map(UInt16.init)
            synapses.weights += targets.map { _ in 1 }
            synapses.rowSynapses.append(UInt32(synapses.targets.count))
            synapses.axonRows.append(UInt32(axon + 1))
        }
        let image = ChipImage(
            chip: chip,
            network: NetworkTable(
                name: "core",
                timeStep: 1,
                populations: [
                    PopulationTable(
                        path: "core",
                        shape: [Self.neurons],
                        model: .trueNorth,
                        reset: .zero,
                        hasCurrent: false,
                        compartmentExponents: [0, 0, 0, 0],
                        membraneScale: [1],
                        depth: 0
                    )
                ],
                projections: [],
                outputs: [],
                drainSteps: 0
            ),
            inputs: [
                InputPort(
                    name: "in",
                    shape: [Self.axons],
                    routes: RouteTable(
                        offsets: (0...UInt32(Self.axons)).map { $0 },
                        routes: (0..<UInt32(Self.axons)).map { Route(core: 1, axon: $0) }
                    )
                )
            ],
            cores: [
                CoreTables(
                    core: 1,
                    segments: [
                        Segment(population: 0, firstSlot: 0, count: UInt32(Self.neurons))
                    ],
                    neurons: neurons,
                    synapses: synapses,
                    routes: RouteTable(
                        offsets: [UInt32](repeating: 0, count: Self.neurons + 1),
                        routes: []
                    )
                )
            ]
        )
        try image.verify()
        return image
    }

    /// First step in which a plain neuron and the machine's differ.
    func firstDifference(_ mistake: PlainTrueNorth.Mistake?) throws -> String? {
        let seed: UInt64 = 0x9_0000_0001
        let machine = Machine(image: try image(), seed: seed)
        var plain = (0..<Self.neurons).map { neuron in
            PlainTrueNorth(
                v: Int64(initial[neuron]),
                registers: registers[neuron],
                alpha: Int64(alpha[neuron]),
                lambda: Int64(lambda[neuron]),
                reset: Int64(reset[neuron]),
                mistake: mistake
            )
        }
        let id = RandomStream.id(of: "core")
        var arriving: [UInt32] = []
        for (step, active) in inputs.enumerated() {
            machine.step(inputs: [active])
            var expected: [UInt32] = []
            for neuron in 0..<Self.neurons {
                let draws = PlainTrueNorth.Draws(
                    seed: seed,
                    neuron: UInt32(neuron),
                    population: id,
                    step: UInt32(step)
                )
                let met = arriving.filter { isConnected[neuron][Int($0)] }.map { types[Int($0)] }
                if plain[neuron].tick(met, draws) { expected.append(UInt32(neuron)) }
                let address = NeuronAddress(core: 1, neuron: UInt32(neuron))
                let v = machine.membranePotential(at: address).map(Int64.init)
                if v != plain[neuron].v {
                    return "step \(step), neuron \(neuron): \(v ?? -1), expected \(plain[neuron].v)"
                }
            }
            if machine.spikes.map(\.neuron) != expected { return "step \(step): spikes" }
            arriving = active
        }
        return nil
    }
}

@Suite("TrueNorth neuron")
struct TrueNorthTests {
    /// 32 cores of 24 neurons: each of the 768 modes once, 107,520 neuron steps in all.
    private static let cores = TrueNorthCore.modes / TrueNorthCore.neurons
    private static let steps = 140

    @Test("equals a plain neuron in every mode", arguments: 0..<cores)
    func equalsPlainNeuron(_ number: Int) throws {
        let difference = try TrueNorthCore(number, steps: Self.steps).firstDifference(nil)
        #expect(difference == nil, "core \(number): \(difference ?? "")")
    }

    @Test("differs from a neuron with a mistake", arguments: PlainTrueNorth.Mistake.allCases)
    func noticesMistakes(_ mistake: PlainTrueNorth.Mistake) throws {
        let noticed = try (0..<Self.cores).first { number in
            try TrueNorthCore(number, steps: Self.steps).firstDifference(mistake) != nil
        }
        #expect(noticed != nil, "\(mistake.sentence)")
    }

    @Test("a neuron at its threshold spikes, one below it is silent; 256 axons count 256 times")
    func edges() throws {
        var core = try TrueNorthCore(0, steps: 1).image()
        let count = TrueNorthCore.neurons
        core.cores[0].neurons.modelRegisters = (0..<count).flatMap { _ in
            TrueNorthRegisters(weights: [1, 1, 1, 1], resetMode: 2).words
        }
        core.cores[0].neurons.membraneBias = .init(repeating: 0, count: count)
        core.cores[0].neurons.initialPotential = .init(repeating: 0, count: count)
        core.cores[0].neurons.threshold = (0..<count).map { $0 == 0 ? 256 : 257 }
        for axon in 0..<256 {
            core.cores[0].synapses.rowSynapses[axon + 1] = UInt32((axon + 1) * count)
        }
        core.cores[0].synapses.targets = (0..<256).flatMap { _ in (0..<UInt16(count)).map { $0 } }
        core.cores[0].synapses.weights = .init(repeating: 1, count: 256 * count)
        try core.verify()
        let machine = Machine(image: core)
        machine.step(inputs: [(0..<256).map { $0 }])
        machine.step()
        #expect(machine.spikes == [Spike(step: 1, core: 1, neuron: 0)])
        #expect(machine.membranePotential(at: NeuronAddress(core: 1, neuron: 5)) == 256)
    }

    @Test(
        "refuses registers beyond their range, a second row of an axon, a second synapse of a pair"
    )
    func refusals() throws {
        let good = try TrueNorthCore(0, steps: 1).image()
        func refused(_ change: (inout ChipImage) -> Void) -> Bool {
            var image = good
            change(&image)
            return (try? image.verify()) == nil
        }
        #expect(refused { $0.cores[0].neurons.modelRegisters[0] = 256 })
        #expect(refused { $0.cores[0].neurons.modelRegisters[4] = 3 << 7 })
        #expect(refused { $0.cores[0].neurons.modelRegisters[6] = 1 << 18 })
        #expect(refused { $0.cores[0].neurons.modelRegisters.removeLast() })
        #expect(refused { $0.cores[0].neurons.resetPotential[0] = 2 })
        #expect(refused { $0.cores[0].neurons.threshold[0] = -1 })
        #expect(refused { $0.cores[0].synapses.weights[0] = 0 })
        #expect(refused { $0.cores[0].synapses.axonRows[1] = 2 })
        #expect(refused { $0.cores[0].synapses.targets[1] = $0.cores[0].synapses.targets[0] })
        #expect(refused { $0.network.populations[0].compartmentExponents = [0, 0, 0] })
        #expect(try ChipImage(decoding: good.encoded()) == good)
    }
}
