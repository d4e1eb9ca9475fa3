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

    /// Runs an image for 60 steps with a reset on the way.
    static func run(
        _ random: RandomImage,
        planted: PlantedError? = nil,
        _ look: (inout ReferenceMachine, [Spike]) -> Bool
    ) {
        var machine = ReferenceMachine(image: random.image, device: random.device, planted: planted)
        for (step, inputs) in random.inputs(steps: 60).enumerated() {
            if step == 35 { machine.reset() }
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
            NeuronModel.allCases.map(\.rawValue) + SignMode.allCases.map { "row \($0)" }
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
            let weights = tables.weights[synapses].map { Int($0) }
            // The image does not say which sign mode a row has: the widest range, the finest step.
            let lowest = chip.synapse.weightRange(.mixed).range.lowerBound
            let (range, step) = chip.synapse.weightRange(.excitatory)
            #expect(weights.allSatisfy { (lowest...range.upperBound).contains($0) && $0 != 0 })
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
            #expect(a.inputs(steps: 20) == RandomImage.inputs(seed: seed, steps: 20))
        }
        #expect(RandomImage.make(seed: 0).image != RandomImage.make(seed: 1).image)
    }

    @Test("some image notices each planted error", arguments: PlantedError.allCases)
    func planted(_ planted: PlantedError) {
        let noticing = Self.seeds.first { seed in
            let random = RandomImage.make(seed: seed)
            let inputs = random.inputs(steps: 60)
            var correct = ReferenceMachine(image: random.image, device: random.device)
            var step = 0
            var differs = false
            Self.run(random, planted: planted) { wrong, spikes in
                if step == 35 { correct.reset() }
                let expected = correct.step(inputs: inputs[step])
                step += 1
                differs = spikes != expected || wrong.u != correct.u || wrong.v != correct.v
                return !differs
            }
            return differs
        }
        #expect(noticing != nil, "\(planted.sentence)")
    }
}
