import ChipImage
import ChipSpec
import Emulator
import Events
import TestSupport
import Testing

/// A core of ODIN with excitatory and inhibitory inputs that learn and recurrent synapses that do not.
private struct ODINCore {
    static let neurons = 24
    static let excitatory = 30
    static let inhibitory = 10
    static let axons = neurons + excitatory + inhibitory
    static let period = 7

    let weights: [[Int?]]
    let isInhibitory: [Bool]
    let threshold: [Int]
    let leak: [Int]
    let registers: [ODINRegisters]
    let initial: [Int]
    /// Input channels of each port, `[step][port]`.
    let inputs: [[[UInt32]]]
    /// Whether the rule is on, `[step]`.
    let isOn: [Bool]

    /// A core at random; axons 0..<24 are the neurons', then those of the inputs.
    init(_ number: Int, steps: Int) {
        var random = SplitMix64(seed: UInt64(400 + number))
        let isNeuronInhibitory = (0..<Self.neurons).map { _ in random.chance(0.3) }
        isInhibitory =
            isNeuronInhibitory + (0..<Self.excitatory).map { _ in false }
            + (0..<Self.inhibitory).map { _ in true }
        let density = random.pick([0.2, 0.6, 1])
        weights = (0..<Self.axons).map { axon in
            (0..<Self.neurons).map { _ in
                guard random.chance(density) else { return nil }
                // A weight of 0 is a synapse only where it can learn.
                return random.int(axon < Self.neurons ? 1...7 : 0...7)
            }
        }
        threshold = (0..<Self.neurons).map { _ in
            random.chance(0.05) ? 0 : random.chance(0.1) ? 255 : random.int(1...40)
        }
        leak = (0..<Self.neurons).map { _ in
            random.chance(0.3) ? 0 : random.chance(0.1) ? 127 : random.int(1...6)
        }
        registers = threshold.map { threshold in
            let low = random.int(0...3)
            return ODINRegisters(
                hasCalcium: random.chance(0.9),
                membraneThreshold: Int32(random.int(0...threshold)),
                lowestCalcium: Int32(low),
                fallingLimit: Int32(random.int(low...7)),
                risingLimit: Int32(random.int(low...7)),
                calciumLeak: random.chance(0.1) ? 0 : Int32(random.int(1...6))
            )
        }
        initial = threshold.map { random.chance(0.3) ? random.int(0...$0) : 0 }
        let rate = random.pick([0.05, 0.2, 0.6])
        inputs = (0..<steps).map { _ in
            [Self.excitatory, Self.inhibitory].map { count in
                (0..<UInt32(count)).filter { _ in random.chance(rate) }
            }
        }
        // Off in every third core, on in every other, else now and then.
        isOn = (0..<steps).map { number % 3 == 1 || number % 3 == 2 && $0 / 40 % 2 == 0 }
    }

    func image() throws -> ChipImage {
        let count = Self.neurons
        var neurons = NeuronTables()
        neurons.indexInPopulation = (0..<UInt32(count)).map { $0 }
        neurons.threshold = threshold.map { Int32($0) }
        neurons.membraneBias = leak.map { -Int32($0) }
        neurons.initialPotential = initial.map { Int32($0) }
        neurons.membraneDecay = leak.map { _ in 0 }
        neurons.currentDecay = leak.map { _ in 0 }
        neurons.currentBias = leak.map { _ in 0 }
        neurons.resetPotential = leak.map { _ in 0 }
        neurons.modelRegisters = registers.flatMap(\.words)
        var synapses = SynapseTables()
        var totals = [0, 0, 0]
        for axon in 0..<Self.axons {
            let targets = (0..<count).filter { weights[axon][$0] != nil }
            let projection = axon < count ? 0 : axon < count + Self.excitatory ? 1 : 2
            synapses.rowDelay.append(1)
            synapses.rowExponent.append(0)
            synapses.rowCompartment.append(0)
            synapses.rowProjection.append(projection == 0 ? 0 : UInt16(projection + 1))
            synapses.targets += targets.map(UInt16.init)
            synapses.weights += targets.map {
                Int16((weights[axon][$0] ?? 0) * (isInhibitory[axon] ? -1 : 1))
            }
            synapses.rowSynapses.append(UInt32(synapses.targets.count))
            synapses.axonRows.append(UInt32(axon + 1))
            totals[projection] += targets.count
        }
        func projection(
            _ source: String,
            _ mode: SignMode,
            _ synapses: Int,
            rule: Int?
        ) -> ProjectionTable {
            ProjectionTable(
                source: source,
                target: "core",
                delay: 1,
                compartment: 0,
                signMode: mode,
                weightScale: 1,
                synapses: synapses,
                largestError: 0,
                rootMeanSquareError: 0,
                rule: rule
            )
        }
        func port(_ name: String, _ first: Int, _ count: Int) -> InputPort {
            InputPort(
                name: name,
                shape: [count],
                routes: RouteTable(
                    offsets: (0...UInt32(count)).map { $0 },
                    routes: (0..<count).map { Route(core: 0, axon: UInt32(first + $0)) }
                )
            )
        }
        let image = ChipImage(
            chip: try TinyChip.odin(),
            network: NetworkTable(
                name: "core",
                timeStep: 1,
                populations: [
                    PopulationTable(
                        path: "core",
                        shape: [count],
                        model: .odinLIF,
                        reset: .zero,
                        hasCurrent: false,
                        compartmentExponents: [0],
                        membraneScale: [1],
                        depth: 0
                    )
                ],
                projections: [
                    projection("core", .mixed, totals[0], rule: nil),
                    projection("e", .excitatory, totals[1], rule: 0),
                    projection("i", .inhibitory, totals[2], rule: 0),
                ],
                outputs: [],
                drainSteps: 0,
                rules: [
                    RuleProgram(
                        name: "sdsp",
                        source: ["dw = sdsp"],
                        traces: [],
                        products: [],
                        windows: [],
                        amplitudes: [],
                        epoch: Self.period,
                        thirdFactor: nil
                    )
                ]
            ),
            inputs: [
                port("e", count, Self.excitatory),
                port("i", count + Self.excitatory, Self.inhibitory),
            ],
            cores: [
                CoreTables(
                    core: 0,
                    segments: [Segment(population: 0, firstSlot: 0, count: UInt32(count))],
                    neurons: neurons,
                    synapses: synapses,
                    routes: RouteTable(
                        offsets: (0...UInt32(count)).map { $0 },
                        routes: (0..<UInt32(count)).map { Route(core: 0, axon: $0) }
                    )
                )
            ]
        )
        try image.verify()
        return image
    }

    /// First step in which the plain core and the machine differ, and the weights that changed.
    func firstDifference(
        _ mistake: PlainODIN.Mistake?,
        host: MachineOptions = .init()
    ) throws -> String? {
        let machine = Machine(image: try image(), options: host)
        var plain = PlainODIN(
            v: initial,
            weights: weights,
            isInhibitory: isInhibitory,
            threshold: threshold,
            leak: leak,
            registers: registers,
            mistake: mistake
        )
        var arriving: [Int] = []
        for (step, channels) in inputs.enumerated() {
            for projection in [1, 2] {
                machine.setLearning(projection: projection, isOn: isOn[step])
            }
            for axon in Self.neurons..<Self.axons { plain.learns[axon] = isOn[step] }
            machine.step(inputs: channels)
            let expected = plain.step(arriving, drifts: (step + 1) % Self.period == 0)
            for neuron in 0..<Self.neurons {
                let address = NeuronAddress(core: 0, neuron: UInt32(neuron))
                let found = machine.membranePotential(at: address).map(Int.init)
                if found != plain.v[neuron] {
                    return "step \(step), neuron \(neuron): v \(found ?? -1), expected "
                        + "\(plain.v[neuron])"
                }
                if machine.calcium(at: address).map(Int.init) != plain.calcium[neuron] {
                    return "step \(step), neuron \(neuron): calcium"
                }
            }
            if machine.spikes.map({ Int($0.neuron) }) != expected { return "step \(step): spikes" }
            arriving =
                expected + channels[0].map { Self.neurons + Int($0) }
                + channels[1].map { Self.neurons + Self.excitatory + Int($0) }
        }
        for projection in [1, 2] {
            let first = Self.neurons + (projection == 1 ? 0 : Self.excitatory)
            for synapse in machine.synapses(of: projection) {
                let expected = plain.weights[first + synapse.pre][synapse.post]
                if abs(synapse.weight) != expected { return "a weight of projection \(projection)" }
            }
        }
        let learned = plain.weights != weights
        if learned != isOn.contains(true) { return "weights change if and only if they may" }
        return nil
    }
}

@Suite("ODIN neuron and SDSP")
struct ODINTests {
    /// 18 cores of 24 neurons for 300 steps: 129,600 neuron steps, a third without learning.
    private static let cores = 18
    private static let steps = 300

    @Test("equals a plain core event by event, on every host", arguments: 0..<cores)
    func equalsPlainCore(_ number: Int) throws {
        let hosts = [
            MachineOptions(), MachineOptions(threads: 1, partitionSize: 1),
            MachineOptions(threads: 2, partitionSize: 7, smallestSplitWork: 0),
        ]
        let core = ODINCore(number, steps: Self.steps)
        for host in hosts {
            let difference = try core.firstDifference(nil, host: host)
            #expect(difference == nil, "core \(number): \(difference ?? "")")
        }
    }

    @Test("differs from a core with a mistake", arguments: PlainODIN.Mistake.allCases)
    func noticesMistakes(_ mistake: PlainODIN.Mistake) throws {
        let noticed = try (0..<Self.cores).first { number in
            try ODINCore(number, steps: Self.steps).firstDifference(mistake) != nil
        }
        #expect(noticed != nil, "\(mistake.sentence)")
    }

    @Test("refuses registers beyond their range, a bias above 0 and an axon of both signs")
    func refusals() throws {
        let good = try ODINCore(0, steps: 1).image()
        func refused(_ change: (inout ChipImage) -> Void) -> Bool {
            var image = good
            change(&image)
            return (try? image.verify()) == nil
        }
        #expect(refused { $0.cores[0].neurons.modelRegisters[0] = 2 })
        #expect(refused { $0.cores[0].neurons.modelRegisters[1] = 256 })
        #expect(refused { $0.cores[0].neurons.modelRegisters[5] = 32 })
        #expect(refused { $0.cores[0].neurons.membraneBias[0] = 1 })
        #expect(refused { $0.cores[0].neurons.initialPotential[0] = -1 })
        #expect(refused { $0.cores[0].neurons.threshold[0] = 256 })
        #expect(refused { $0.network.rules?[0].epoch = 0 })
        #expect(refused { $0.network.projections[1].signMode = .mixed })
        #expect(
            refused {
                let row = $0.cores[0].synapses.rowSynapses.indices.first { row in
                    good.cores[0].synapses.rowSynapses[row] + 1
                        < good.cores[0].synapses.rowSynapses[row + 1]
                }
                let first = Int(good.cores[0].synapses.rowSynapses[row ?? 0])
                $0.cores[0].synapses.weights[first] *= -1
            }
        )
        #expect(try ChipImage(decoding: good.encoded()) == good)
    }
}
