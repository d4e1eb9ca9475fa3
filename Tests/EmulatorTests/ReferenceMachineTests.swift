import ChipImage
import ChipSpec
import Events
import FixedPoint
import Foundation
import TestSupport
import Testing

/// The reference machine against recorded vectors, and the random images against their purpose.
@Suite("Reference machine")
struct ReferenceMachineTests {
    static func vectors(_ prefix: String) -> [URL] {
        Fixtures.files("lava \(prefix)", of: "Emulator", in: "lava") {
            $0.hasPrefix(prefix) && $0.hasSuffix(".json")
        }
    }

    /// Steps of a `lif_*` vector that differ in any register or spike.
    static func differences(_ vector: LavaNeuronVector, planted: PlantedError?) -> Int {
        var machine = ReferenceMachine(image: vector.image, device: .ideal, planted: planted)
        var differences = 0
        for (step, inputs) in vector.inputSpikes.enumerated() {
            let spikes = Set(machine.step(inputs: inputs).map { Int($0.neuron) })
            guard step > 0 else { continue }
            let k = step - 1
            let expected = Set((0..<vector.neurons).filter { vector.spikes[k][$0] == 1 })
            if machine.u[0] != vector.u[k] || machine.v[0] != vector.v[k] || spikes != expected {
                differences += 1
            }
        }
        return differences
    }

    /// Steps of a `dense_*` vector in which any sum differs.
    static func differences(_ vector: LavaDenseVector, planted: PlantedError?) -> Int {
        var machine = ReferenceMachine(image: vector.image, device: .ideal, planted: planted)
        return zip(vector.inputSpikes, vector.u).count { inputs, expected in
            _ = machine.step(inputs: inputs)
            return machine.u[0] != expected
        }
    }

    @Test("repeats every register and spike of the recorded LIF vectors")
    func neuronVectors() throws {
        let files = Self.vectors("lif_")
        #expect(!files.isEmpty)
        for file in files {
            let vector = try LavaNeuronVector(file: file)
            #expect(vector.u.count == vector.steps && vector.steps > 0)
            try vector.image.verify()
            #expect(Self.differences(vector, planted: nil) == 0, "\(file.lastPathComponent)")
        }
    }

    @Test("repeats every sum of the recorded Dense vectors, with weights of our quantiser")
    func denseVectors() throws {
        let files = Self.vectors("dense_")
        #expect(!files.isEmpty)
        for file in files {
            let vector = try LavaDenseVector(file: file)
            guard vector.isBinary else {
                print("skipped (graded input): \(file.lastPathComponent)")
                continue
            }
            #expect(vector.u.count == vector.steps && vector.steps > 0)
            #expect(vector.quantisedWeights == vector.effectiveWeights)
            try vector.image.verify()
            #expect(Self.differences(vector, planted: nil) == 0, "\(file.lastPathComponent)")
        }
    }

    @Test(
        "the LIF vectors notice a planted error of the neuron",
        arguments: [
            PlantedError.decayFloors, .currentDecayLacksOffset, .membraneUsesOldCurrent,
            .delayIsOneLate, .accumulatorIsKept, .spikeKeepsPotential, .spikeClearsCurrent,
            .biasBeforeDecay, .sleeperIsAwake,
        ]
    )
    func neuronVectorsNotice(_ planted: PlantedError) throws {
        let found = try Self.vectors("lif_").reduce(0) {
            $0 + Self.differences(try LavaNeuronVector(file: $1), planted: planted)
        }
        #expect(found > 0, "\(planted.sentence)")
    }

    @Test(
        "the Dense vectors notice a planted error of the accumulator",
        arguments: [PlantedError.delayIsOneLate, .accumulatorIsKept]
    )
    func denseVectorsNotice(_ planted: PlantedError) throws {
        let found = try Self.vectors("dense_").reduce(0) {
            $0 + Self.differences(try LavaDenseVector(file: $1), planted: planted)
        }
        #expect(found > 0, "\(planted.sentence)")
    }
}

/// Cases small enough to work out by hand.
@Suite("Reference machine by hand")
struct ReferenceMachineByHandTests {
    /// A one-neuron LIF vector with these inputs.
    static func vector(
        du: Int,
        dv: Int,
        threshold: Int,
        _ inputs: [Int]
    ) throws -> LavaNeuronVector {
        let json = """
            {"neurons": 1, "steps": \(inputs.count), "u": [], "v": [], "s_out": [],
             "params": {"du": \(du), "dv": \(dv), "bias_mant": 0, "bias_exp": 0,
                        "vth": \(threshold)},
             "a_in": \(inputs.map { [$0] })}
            """
        return try JSONDecoder().decode(LavaNeuronVector.self, from: Data(json.utf8))
    }

    @Test(
        "a current of 2^23 stays, one of −2^23 becomes 2^23, and the membrane stops at its rail",
        arguments: [1, -1]
    )
    func currentAtTheRail(_ sign: Int) throws {
        // u is ±128, then falls by 1 a step to ±65: the state of two measured rows of lava-nc.
        let inputs = [2 * sign] + [Int](repeating: 0, count: 63) + [131_071 * sign]
        let vector = try Self.vector(du: 0, dv: 4095, threshold: 131_071, inputs)
        var machine = ReferenceMachine(image: vector.image, device: .ideal)
        var spikes: [Spike] = []
        for (step, inputs) in vector.inputSpikes.enumerated() {
            if step == 65 { #expect(machine.u[0] == [Int64(65 * sign)]) }
            spikes += machine.step(inputs: inputs)
        }
        #expect(machine.u[0] == [1 << 23])
        #expect(machine.v[0] == [0])
        #expect(spikes.map(\.step) == [65])
    }

    @Test("a neuron at its threshold is silent, one above it spikes")
    func threshold() throws {
        // du = dv = 4095: v = S << 6 and nothing of the past, threshold 20 << 6.
        let vector = try Self.vector(du: 4095, dv: 4095, threshold: 20, [20, 21, 0])
        var machine = ReferenceMachine(image: vector.image, device: .ideal)
        let spikes = vector.inputSpikes.flatMap { machine.step(inputs: $0) }
        #expect(spikes == [Spike(step: 2, core: 0, neuron: 0)])
    }

    @Test("saturation happens at every addition, in the order of packets")
    func saturationOrder() throws {
        var image = try Self.vector(du: 4095, dv: 4095, threshold: 131_071, [131]).image
        image.chip.dendrite.accumulator = RegisterFormat(bits: 8)
        // Channels: +1, +2, +4 … +128, −1 … −128. Sent are +128, +2 and −1.
        let inputs = [1, 7, 8].map {
            NeuronAddress(core: NeuronAddress.firstInputCore, neuron: UInt32($0))
        }
        var machine = ReferenceMachine(image: image, device: .ideal)
        _ = machine.step(inputs: inputs)
        _ = machine.step()
        // 2, then 130 at the rail 127, then 126: the sum alone would give 127.
        #expect(machine.u[0] == [126 << 6])
        #expect(machine.report.accumulatorOverflows == 1)
    }

    @Test("a packet counts as sent, then as delivered, and as dropped at a reset")
    func conservation() throws {
        let vector = try Self.vector(du: 0, dv: 0, threshold: 131_071, [3])
        var machine = ReferenceMachine(image: vector.image, device: .ideal)
        _ = machine.step(inputs: vector.inputSpikes[0])
        #expect(machine.packets.sent == 2)
        #expect(machine.packetsUnderWay == 2)
        _ = machine.step(inputs: vector.inputSpikes[0])
        #expect(machine.packets.delivered == 2)
        #expect(machine.report.actions[.axonIn] == 2)
        #expect(machine.report.actions[.synapticEvent] == 2)
        machine.reset()
        #expect(machine.packets.sent == 4)
        #expect(machine.packets.droppedInTotal == 2)
        #expect(machine.actions[.axonOut] == 0)
        #expect(machine.age == 0)
        #expect(machine.nextStep == 2)
    }
}

/// Whether random images reach every corner, and whether they notice every planted error.
@Suite("Random images")
struct RandomImageTests {
    static let seeds: Range<UInt64> = 0..<200

    static func machine(_ random: RandomImage, planted: PlantedError? = nil) -> ReferenceMachine {
        ReferenceMachine(
            image: random.image,
            device: random.device,
            seed: random.runSeed,
            planted: planted
        )
    }

    /// Runs an image for 60 steps with a reset on the way.
    static func run(
        _ random: RandomImage,
        planted: PlantedError? = nil,
        _ look: (inout ReferenceMachine, [Spike]) -> Bool
    ) {
        var machine = machine(random, planted: planted)
        let actions = random.actions(steps: 60)
        for (step, inputs) in random.inputs(steps: 60).enumerated() {
            if step == 35 { machine.reset() }
            for action in actions[step] { machine.apply(action) }
            let spikes = machine.step(inputs: inputs)
            if !look(&machine, spikes) { return }
        }
    }

    @Test("200 images reach every model, mode and rule, and rails in over 1 % of steps")
    func coverage() {
        var reached: Set<String> = []
        var steps = 0
        var accumulator = 0
        var membrane = 0
        var overflowing = 0
        var spikes = 0
        for seed in Self.seeds {
            let random = RandomImage.make(seed: seed)
            reached.formUnion(Self.features(random))
            reached.formUnion(RandomLearning.features(random))
            Self.run(random) { machine, newSpikes in
                steps += 1
                accumulator += machine.report.accumulatorOverflows > 0 ? 1 : 0
                membrane += machine.report.membraneOverflows > 0 ? 1 : 0
                overflowing += machine.report.hasOverflow ? 1 : 0
                spikes += newSpikes.count
                let packets = machine.packets
                #expect(
                    packets.sent
                        == packets.delivered + packets.droppedInTotal + machine.packetsUnderWay
                )
                #expect(newSpikes == newSpikes.sorted())
                return true
            }
        }
        print(
            "random images: \(steps) steps, \(spikes) spikes; accumulators at a rail in "
                + "\(accumulator), membranes in \(membrane), either in \(overflowing)"
        )
        #expect(accumulator * 100 >= steps)
        #expect(membrane * 100 >= steps)
        #expect(spikes > steps)
        let expected = Set(
            // Models of one chip alone have images of their own.
            NeuronModel.allCases.filter { $0.modelRegisterCount == 0 }.map(\.rawValue)
                + SignMode.allCases.map { "row \($0)" }
                + ExponentShift.allCases.map(\.rawValue)
                + OverflowRule.allCases.flatMap {
                    ["accumulator \($0)", "membrane \($0)", "current \($0)"]
                }
                + ["floor", "towardZero", "nearest"].map { "decay \($0)" }
                + MismatchDistribution.allCases.map(\.rawValue) + ["ideal"]
                + (1...4).map { "compartments \($0)" } + (1...6).map { "cores \($0)" }
                + [
                    "two's complement", "sign modes", "no current", "delay 1", "delay 62",
                    "negative row exponent", "positive row exponent", "negative sum exponent",
                    "positive sum exponent", "self-loop", "several rows", "shared axon",
                    "repeated target", "bias", "current bias", "initial potential",
                    "reset potential", "zero", "subtract", "depth 0", "depth 5", "split population",
                    "two inputs",
                ]
        )
        .union(RandomLearning.expected)
        #expect(expected.subtracting(reached).sorted() == [])
    }

    /// Names of what an image contains.
    static func features(_ random: RandomImage) -> Set<String> {
        let chip = random.image.chip
        let populations = random.image.network.populations
        var found: Set<String> = [
            chip.synapse.exponentShift.rawValue, "decay \(chip.soma.decayRounding)",
            "accumulator \(chip.dendrite.accumulator.overflow)",
            "membrane \(chip.soma.membrane.overflow)",
            chip.synapse.hasSignModes ? "sign modes" : "two's complement",
            random.device.isIdeal ? "ideal" : chip.mismatch.distribution.rawValue,
            "cores \(random.image.cores.count)",
            random.image.inputs.count == 2 ? "two inputs" : "one input",
        ]
        found.insert(chip.soma.current.map { "current \($0.overflow)" } ?? "no current")
        for (index, population) in populations.enumerated() {
            found.formUnion([
                population.model.rawValue, population.reset.rawValue,
                "compartments \(population.compartmentExponents.count)",
                "depth \(population.depth)",
            ])
            if population.compartmentExponents.contains(where: { $0 < 0 }) {
                found.insert("negative sum exponent")
            }
            if population.compartmentExponents.contains(where: { $0 > 0 }) {
                found.insert("positive sum exponent")
            }
            let homes = random.image.cores.count {
                $0.segments.contains { $0.population == UInt32(index) }
            }
            if homes > 1 { found.insert("split population") }
        }
        for core in random.image.cores { found.formUnion(features(core)) }
        return found
    }

    static func features(_ core: CoreTables) -> Set<String> {
        var found: Set<String> = []
        let tables = core.synapses
        for delay in tables.rowDelay { found.insert("delay \(delay)") }
        if tables.rowExponent.contains(where: { $0 < 0 }) { found.insert("negative row exponent") }
        if tables.rowExponent.contains(where: { $0 > 0 }) { found.insert("positive row exponent") }
        let neurons = core.neurons
        if neurons.membraneBias.contains(where: { $0 != 0 }) { found.insert("bias") }
        if neurons.currentBias.contains(where: { $0 != 0 }) { found.insert("current bias") }
        if neurons.initialPotential.contains(where: { $0 != 0 }) {
            found.insert("initial potential")
        }
        if neurons.resetPotential.contains(where: { $0 != 0 }) { found.insert("reset potential") }
        for row in tables.rowDelay.indices {
            let synapses = Int(tables.rowSynapses[row])..<Int(tables.rowSynapses[row + 1])
            let weights = tables.weights[synapses].map { Int($0) }
            found.insert("row \(PlainArithmetic.signMode(of: weights))")
            if Set(tables.targets[synapses]).count < synapses.count {
                found.insert("repeated target")
            }
        }
        var senders: [UInt32: Int] = [:]
        for slot in 0..<neurons.count {
            for route in core.routes[slot] where route.core == core.core {
                senders[route.axon, default: 0] += 1
                let rows = tables.axonRows[Int(route.axon)]..<tables.axonRows[Int(route.axon) + 1]
                if rows.count > 1 { found.insert("several rows") }
                for row in rows {
                    let synapses =
                        Int(tables.rowSynapses[Int(row)])..<Int(tables.rowSynapses[Int(row) + 1])
                    if tables.targets[synapses].contains(UInt16(slot)) { found.insert("self-loop") }
                }
            }
        }
        if senders.values.contains(where: { $0 > 1 }) { found.insert("shared axon") }
        return found
    }

    @Test("images keep the invariants of their types and the limits of their chip")
    func invariants() {
        for seed in Self.seeds {
            let image = RandomImage.make(seed: seed).image
            #expect(throws: Never.self, "seed \(seed)") { try image.verify() }
            let ids = image.cores.map(\.core)
            #expect(Set(ids).count == ids.count && ids == ids.sorted())
            #expect(ids.allSatisfy { Int($0) < image.chip.mesh.coreCount })
            var members = image.network.populations.map { _ in [UInt32]() }
            for core in image.cores {
                Self.check(core, image)
                for segment in core.segments {
                    let slots =
                        Int(segment.firstSlot)..<Int(segment.firstSlot + segment.count)
                    members[Int(segment.population)] += core.neurons.indexInPopulation[slots]
                }
            }
            for (population, indices) in zip(image.network.populations, members) {
                #expect(indices.sorted() == (0..<UInt32(population.count)).map { $0 })
                #expect(image.chip.soma.models.contains(population.model))
                #expect(!population.hasCurrent || image.chip.soma.current != nil)
            }
            for input in image.inputs {
                Self.check(input.routes, senders: input.channelCount, image)
            }
        }
    }

    static func check(_ routes: RouteTable, senders: Int, _ image: ChipImage) {
        #expect(routes.offsets.count == senders + 1 && routes.offsets.first == 0)
        #expect(routes.offsets == routes.offsets.sorted())
        for sender in 0..<senders {
            let cores = routes[sender].map(\.core)
            #expect(cores == Set(cores).sorted())
            for route in routes[sender] {
                let target = image.cores.first { $0.core == route.core }
                #expect(Int(route.axon) < target?.synapses.axonCount ?? 0)
            }
        }
    }

    static func check(_ core: CoreTables, _ image: ChipImage) {
        let chip = image.chip
        let tables = core.synapses
        check(core.routes, senders: core.neurons.count, image)
        var slot: UInt32 = 0
        for segment in core.segments {
            #expect(segment.firstSlot == slot && segment.count > 0)
            slot += segment.count
        }
        #expect(Int(slot) == core.neurons.count && core.neurons.count <= chip.core.neurons)
        #expect(tables.axonCount <= chip.core.axonsIn)
        #expect(core.routes.routes.count <= chip.core.axonsOut)
        #expect(Int(tables.axonRows.last ?? 0) == tables.rowDelay.count)
        #expect(Int(tables.rowSynapses.last ?? 0) == tables.targets.count)
        #expect(tables.weights.count == tables.targets.count)
        #expect(
            tables.rowDelay.allSatisfy { (1...chip.synapse.maximumDelayInSteps).contains(Int($0)) }
        )
        for row in tables.rowDelay.indices {
            let synapses = Int(tables.rowSynapses[row])..<Int(tables.rowSynapses[row + 1])
            let targets = Array(tables.targets[synapses])
            #expect(targets == targets.sorted())
            let isPlastic = tables.projection(ofRow: row) != nil
            let weights = tables.weights[synapses].map { Int($0) }
            // The image does not say which sign mode a row has: the widest range, the finest step.
            let lowest = chip.synapse.weightRange(.mixed).range.lowerBound
            let (range, step) = chip.synapse.weightRange(.excitatory)
            #expect(
                weights.allSatisfy {
                    (lowest...range.upperBound).contains($0) && ($0 != 0 || isPlastic)
                }
            )
            #expect(weights.allSatisfy { $0 % step == 0 })
            for target in targets {
                let segment = core.segments.first { $0.firstSlot + $0.count > UInt32(target) }
                let population = image.network.populations[Int(segment?.population ?? 0)]
                #expect(
                    Int(tables.rowCompartment[row]) < population.compartmentExponents.count
                )
            }
        }
        for slot in 0..<core.neurons.count {
            let threshold = Int64(core.neurons.threshold[slot])
            #expect((0...chip.soma.membrane.maximum).contains(threshold))
            #expect(threshold % PlainArithmetic.power(chip.soma.thresholdShift) == 0)
            let initial = Int64(core.neurons.initialPotential[slot])
            #expect((chip.soma.membrane.minimum...chip.soma.membrane.maximum).contains(initial))
        }
    }

    @Test("the same seed gives the same image, device and inputs")
    func determinism() {
        for seed in UInt64(0)..<5 {
            let a = RandomImage.make(seed: seed)
            let b = RandomImage.make(seed: seed)
            #expect(a.image == b.image && a.device == b.device)
            #expect(a.runSeed == b.runSeed && a.actions(steps: 20) == b.actions(steps: 20))
            #expect(a.inputs(steps: 20) == RandomImage.inputs(seed: seed, steps: 20))
        }
        #expect(RandomImage.make(seed: 0).image != RandomImage.make(seed: 1).image)
    }

    @Test("some image notices each planted error", arguments: PlantedError.allCases)
    func planted(_ planted: PlantedError) {
        let noticing = Self.seeds.first { seed in
            let random = RandomImage.make(seed: seed)
            let inputs = random.inputs(steps: 60)
            let actions = random.actions(steps: 60)
            var correct = Self.machine(random)
            var step = 0
            var differs = false
            Self.run(random, planted: planted) { wrong, spikes in
                if step == 35 { correct.reset() }
                for action in actions[step] { correct.apply(action) }
                let expected = correct.step(inputs: inputs[step])
                step += 1
                differs =
                    spikes != expected || wrong.u != correct.u || wrong.v != correct.v
                    || wrong.weightRegisters != correct.weightRegisters
                    || wrong.biasRegisters != correct.biasRegisters
                    || wrong.actions != correct.actions
                return !differs
            }
            return differs
        }
        #expect(noticing != nil, "\(planted.sentence)")
    }
}

/// The generic neuron, compartments, delays, sleep and mismatch, worked out by hand.
@Suite("Reference machine, generic neurons")
struct ReferenceMachineGenericTests {
    /// One neuron on core 0, one input channel that leads to the rows of its axon.
    struct Cell {
        var model = NeuronModel.integrateAndFire
        var reset = SomaReset.zero
        var hasCurrent = false
        var exponents = [0]
        var depth = 0
        var threshold: Int32 = 1_000_000
        var membraneDecay: UInt16 = 0
        var currentDecay: UInt16 = 0
        var membraneBias: Int32 = 0
        var currentBias: Int32 = 0
        var resetPotential: Int32 = 0
        var initialPotential: Int32 = 0
        var rows: [(weight: Int16, exponent: Int8, delay: UInt8, compartment: UInt8)] = []
        var decayRounding = RoundingMode.floor

        var image: ChipImage {
            var chip = RandomChip.loihiLike(exponentShift: .perSynapse)
            chip.dendrite.maximumCompartments = 2
            chip.soma.accumulatorShift = 1
            chip.soma.decayBits = 4
            chip.soma.decayRounding = decayRounding
            var neurons = NeuronTables()
            neurons.indexInPopulation = [0]
            neurons.threshold = [threshold]
            neurons.membraneDecay = [membraneDecay]
            neurons.currentDecay = [currentDecay]
            neurons.membraneBias = [membraneBias]
            neurons.currentBias = [currentBias]
            neurons.resetPotential = [resetPotential]
            neurons.initialPotential = [initialPotential]
            var synapses = SynapseTables()
            synapses.rowDelay = rows.map(\.delay)
            synapses.rowExponent = rows.map(\.exponent)
            synapses.rowCompartment = rows.map(\.compartment)
            synapses.weights = rows.map(\.weight)
            synapses.targets = rows.map { _ in 0 }
            synapses.rowSynapses = Array(0...UInt32(rows.count))
            synapses.axonRows = [0, UInt32(rows.count)]
            let population = PopulationTable(
                path: "cell",
                shape: [1],
                model: model,
                reset: reset,
                hasCurrent: hasCurrent,
                compartmentExponents: exponents,
                membraneScale: [1],
                depth: depth
            )
            return ChipImage(
                chip: chip,
                network: NetworkTable(
                    name: "cell",
                    timeStep: 1,
                    populations: [population],
                    projections: [],
                    outputs: [],
                    drainSteps: 0
                ),
                inputs: [
                    InputPort(
                        name: "in",
                        shape: [1],
                        routes: RouteTable(offsets: [0, 1], routes: [Route(core: 0, axon: 0)])
                    )
                ],
                cores: [
                    CoreTables(
                        core: 0,
                        segments: [Segment(population: 0, firstSlot: 0, count: 1)],
                        neurons: neurons,
                        synapses: synapses,
                        routes: RouteTable(offsets: [0, 0])
                    )
                ]
            )
        }
    }

    static let channel = NeuronAddress(core: NeuronAddress.firstInputCore, neuron: 0)

    /// v after each step; the channel spikes in the given steps.
    static func potentials(_ cell: Cell, inputs: Set<Int> = [], steps: Int) -> [Int64] {
        var machine = ReferenceMachine(image: cell.image, device: .ideal)
        return (0..<steps).map { step in
            _ = machine.step(inputs: inputs.contains(step) ? [channel] : [])
            return machine.v[0][0]
        }
    }

    @Test(
        "a decay of 3/16 is rounded by the chip's rule, ties away from zero",
        arguments: [
            (RoundingMode.floor, [-18, 17, -7, 6]), (.towardZero, [-17, 17, -6, 6]),
            (.nearest, [-18, 18, -7, 7]),
        ]
    )
    func decay(_ mode: RoundingMode, _ expected: [Int64]) {
        // Exactly: −17.875, 17.875, −6.5, 6.5.
        for (start, result) in zip([-22, 22, -8, 8] as [Int32], expected) {
            let cell = Cell(
                model: .lif,
                membraneDecay: 3,
                initialPotential: start,
                decayRounding: mode
            )
            #expect(Self.potentials(cell, steps: 1) == [result])
        }
    }

    @Test("a subtract reset keeps what is above the threshold")
    func subtract() {
        let cell = Cell(reset: .subtract, threshold: 7, membraneBias: 5)
        // 5; 10 − 7; 8 − 7; 6; 11 − 7.
        #expect(Self.potentials(cell, steps: 5) == [5, 3, 1, 6, 4])
    }

    @Test("a zero reset goes to the reset potential, and a leaky integrator has none")
    func zero() {
        var cell = Cell(threshold: 7, membraneBias: 5, resetPotential: -2)
        #expect(Self.potentials(cell, steps: 4) == [5, -2, 3, -2])
        cell.model = .li
        #expect(Self.potentials(cell, steps: 4) == [5, 10, 15, 20])
    }

    @Test("the membrane adds the new current, which has a decay and a bias of its own")
    func current() {
        let cell = Cell(
            hasCurrent: true,
            currentDecay: 8,
            currentBias: 1,
            rows: [(weight: 5, exponent: 0, delay: 1, compartment: 0)]
        )
        // u: 1; 0 + 10 + 1 = 11; 5 + 1 = 6; 3 + 1 = 4. v is the running sum.
        #expect(Self.potentials(cell, inputs: [0], steps: 4) == [1, 12, 18, 22])
    }

    @Test("weights and sums shift down to the right, each compartment by its own exponent")
    func shifts() {
        let cell = Cell(
            exponents: [-1, 2],
            rows: [
                (weight: -3, exponent: 0, delay: 1, compartment: 0),
                (weight: 5, exponent: 0, delay: 1, compartment: 1),
                (weight: -3, exponent: -1, delay: 1, compartment: 1),
            ]
        )
        // S = (−3 >> 1) + (5 − 2) << 2 = −2 + 12, and v = S << 1.
        #expect(Self.potentials(cell, inputs: [0], steps: 2) == [0, 20])
    }

    @Test("an input of step 0 arrives in step 0 + delay, once")
    func delays() {
        let cell = Cell(rows: [
            (weight: 1, exponent: 0, delay: 1, compartment: 0),
            (weight: 8, exponent: 0, delay: 4, compartment: 0),
        ])
        #expect(Self.potentials(cell, inputs: [0], steps: 6) == [0, 2, 2, 2, 18, 18])
    }

    @Test("a population of depth 2 sleeps for two steps after each reset and loses early charge")
    func sleep() {
        let cell = Cell(
            depth: 2,
            membraneBias: 3,
            initialPotential: 4,
            rows: [(weight: 50, exponent: 0, delay: 1, compartment: 0)]
        )
        #expect(Self.potentials(cell, inputs: [0], steps: 4) == [4, 4, 7, 10])
        var machine = ReferenceMachine(image: cell.image, device: .ideal)
        for _ in 0..<3 { _ = machine.step() }
        #expect(machine.actions[.somaAccess] == 1)
        machine.reset()
        #expect(machine.v[0] == [4])
        #expect(machine.actions[.stateReset] == 1)
        _ = machine.step()
        #expect(machine.v[0] == [4])
        #expect(machine.nextStep == 4)
        #expect(machine.age == 1)
    }

    @Test("charge that waits in an accumulator is seen there and is gone after a reset")
    func waitingCharge() {
        let cell = Cell(rows: [(weight: 9, exponent: 0, delay: 3, compartment: 0)])
        var machine = ReferenceMachine(image: cell.image, device: .ideal)
        _ = machine.step(inputs: [Self.channel])
        _ = machine.step()
        #expect(
            (0..<3).map { machine.accumulators(stepsAhead: $0) } == [[[[0]]], [[[9]]], [[[0]]]]
        )
        machine.reset()
        for _ in 0..<5 { _ = machine.step() }
        #expect(machine.v[0] == [0])
    }

    @Test("a soma is active if it has a potential, a bias or a sum of input other than 0")
    func activity() {
        let cell = Cell(
            exponents: [0, 0],
            rows: [
                (weight: 5, exponent: 0, delay: 1, compartment: 0),
                (weight: -5, exponent: 0, delay: 1, compartment: 1),
                (weight: 4, exponent: 0, delay: 2, compartment: 1),
            ]
        )
        var machine = ReferenceMachine(image: cell.image, device: .ideal)
        var active: [UInt64] = []
        for step in 0..<4 {
            _ = machine.step(inputs: step == 0 ? [Self.channel] : [])
            active.append(machine.report.actions[.somaUpdateActive])
            #expect(machine.report.actions[.somaAccess] == 1)
        }
        // Nothing yet; input that cancels; input; a potential.
        #expect(active == [0, 0, 1, 1])
        var biased = Cell(membraneBias: 1).image
        biased.cores[0].core = 11
        var other = ReferenceMachine(image: biased, device: .ideal)
        _ = other.step()
        #expect(other.report.actions[.somaUpdateActive] == 1)
    }

    @Test("a packet takes the columns and rows between two tiles")
    func hops() {
        var image = Cell(rows: [(weight: 1, exponent: 0, delay: 1, compartment: 0)]).image
        image.chip.mesh.width = 3
        image.chip.mesh.height = 3
        image.chip.mesh.coresPerTile = 2
        // Core 11 is on tile 5: column 2, row 1. Inputs enter at tile 0.
        image.cores[0].core = 11
        image.inputs[0].routes.routes[0].core = 11
        var machine = ReferenceMachine(image: image, device: .ideal)
        _ = machine.step(inputs: [Self.channel])
        #expect(machine.report.actions[.hopEastWest] == 0)
        _ = machine.step()
        #expect(machine.report.actions[.hopEastWest] == 2)
        #expect(machine.report.actions[.hopNorthSouth] == 1)
        #expect(machine.report.actions[.withinTile] == 0)
        #expect(machine.report.actions[.axonIn] == 1)
    }

    @Test("a mismatched synapse has six more fraction bits, and its sum is rounded to nearest")
    func mismatchedWeight() {
        let cell = Cell(
            rows: (0..<3).map { _ in
                (weight: 7, exponent: 0, delay: 1, compartment: 0)
            }
        )
        let device = Device(seed: 77, variation: [.weight: 0.5])
        var machine = ReferenceMachine(image: cell.image, device: device)
        _ = machine.step(inputs: [Self.channel])
        _ = machine.step()
        let sigma = PortableMath.log(1.25).squareRoot()
        let stream = RandomStream(seed: 77, purpose: .fixedPattern)
        let charges = (0..<UInt32(3)).map { k in
            let z = stream.normal(k, 0, 5)
            return (448 * PortableMath.exp(sigma * z - sigma * sigma / 2))
                .rounded(.toNearestOrAwayFromZero)
        }
        #expect(Set(charges).count == 3)
        let sum = ((charges[0] + charges[1] + charges[2]) / 64 + 0.5).rounded(.down)
        #expect(machine.v[0] == [2 * Int64(sum)])
        #expect(machine.accumulatorFractionBits == 6)
    }

    @Test("each parameter of a neuron gets its own factor, both biases the same one")
    func mismatchedNeuron() {
        let cell = Cell(
            model: .lif,
            hasCurrent: true,
            threshold: 1000,
            membraneDecay: 8,
            currentDecay: 6,
            membraneBias: 400,
            currentBias: -400
        )
        let cvs = MismatchParameter.allCases.map { ($0, 0.3) }
        let device = Device(seed: 5, variation: Dictionary(uniqueKeysWithValues: cvs))
        var image = cell.image
        image.chip.mismatch.distribution = .normal
        let neuron = ReferenceMachine(image: image, device: device).neurons[0][0]
        let stream = RandomStream(seed: 5, purpose: .fixedPattern)
        func g(_ key: UInt32) -> Double { max(0, 1 + 0.3 * stream.normal(0, 0, key)) }
        func nearest(_ x: Double) -> Int64 { Int64(x.rounded(.toNearestOrAwayFromZero)) }
        #expect(neuron.threshold == nearest(1000 * g(1)))
        #expect(neuron.membraneDecay == min(nearest(8 / g(2)), 15))
        #expect(neuron.currentDecay == min(nearest(6 / g(3)), 15))
        #expect(neuron.membraneBias == nearest(400 * g(4)))
        #expect(neuron.currentBias == -neuron.membraneBias)
        #expect(neuron.threshold != 1000)
    }
}

/// The plain operations against those of `FixedPoint`.
@Suite("Plain arithmetic")
struct PlainArithmeticTests {
    @Test("agrees with the registers and roundings of FixedPoint")
    func agrees() {
        for value in Int64(-600)...600 {
            for rule in OverflowRule.allCases {
                for bits in 1...8 {
                    let format = RegisterFormat(bits: bits, overflow: rule)
                    let plain = PlainArithmetic.fit(value, format.minimum, format.maximum, rule)
                    #expect(plain == format.fitted(value))
                }
            }
            for bits in 0...6 {
                for mode in [RoundingMode.floor, .towardZero, .nearest] {
                    let plain = PlainArithmetic.divide(
                        value,
                        by: PlainArithmetic.power(bits),
                        rounding: mode
                    )
                    #expect(plain == mode.shifted(value, rightBy: bits))
                }
            }
        }
    }

    @Test("rounds numbers to the nearest integer, ties away from zero, within bounds")
    func nearest() {
        let cases: [(Double, Int64)] = [
            (0.5, 1), (-0.5, -1), (0.49999999999999994, 0), (-0.49999999999999994, 0), (1.5, 2),
            (2.5, 3), (-2.5, -3), (4_503_599_627_370_495.5, 4_503_599_627_370_496), (.nan, 0),
        ]
        for (x, expected) in cases { #expect(PlainArithmetic.nearest(x) == expected) }
        #expect(PlainArithmetic.nearest(.infinity, 0, 4095) == 4095)
        #expect(PlainArithmetic.nearest(-3, 0, 4095) == 0)
    }

    @Test(
        "quantises Loihi's weights by sign mode",
        arguments: [
            (-7, 8, SignMode.mixed, WeightTruncation.floor, -8),
            (-7, 8, .mixed, .towardZero, -6), (255, 8, .mixed, .floor, 254),
            (300, 8, .excitatory, .floor, 255), (-1, 8, .excitatory, .floor, 0),
            (-300, 8, .inhibitory, .floor, -255), (-7, 6, .inhibitory, .floor, -4),
            (7, 6, .excitatory, .floor, 4), (-256, 8, .mixed, .floor, -256),
            (-25, 6, .mixed, .floor, -32), (1, 8, .inhibitory, .floor, 0),
        ]
    )
    func weights(
        _ weight: Int,
        _ bits: Int,
        _ mode: SignMode,
        _ truncation: WeightTruncation,
        _ expected: Int
    ) {
        let effective = PlainArithmetic.loihiWeight(
            weight,
            bits: bits,
            mode: mode,
            truncation: truncation
        )
        #expect(effective == expected)
    }
}
