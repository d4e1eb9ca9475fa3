import ChipImage
import ChipSpec
import Emulator
import Events
import Foundation
import Interconnect
import TestSupport
import Testing

/// Number of random images: more in the longer tier (`make check`).
private let imageCount =
    ProcessInfo.processInfo.environment["SPIKELOOM_LONG"] == nil ? 200 : 2000

@Suite("Machine")
struct MachineTests {
    /// How the host may be used; results must not depend on it.
    private static let hosts: [MachineOptions] = [
        MachineOptions(threads: 1),
        MachineOptions(threads: 1, partitionSize: 1),
        MachineOptions(threads: 1, partitionSize: 64),
        MachineOptions(threads: 2, partitionSize: 7, smallestSplitWork: 0),
    ]

    @Test(
        "equals the reference machine, spike for spike and register for register",
        arguments: Array(stride(from: 0, to: imageCount, by: 25))
    )
    func equalsReference(firstSeed: Int) {
        for seed in firstSeed..<(firstSeed + 25) {
            let random = RandomImage.make(seed: UInt64(seed))
            let difference = firstDifference(random, host: Self.hosts[seed % Self.hosts.count])
            #expect(difference == nil, "seed \(seed): \(difference ?? "")")
        }
    }

    /// Runs both machines side by side, with a state reset after two thirds of the steps.
    private func firstDifference(
        _ random: RandomImage,
        host: MachineOptions,
        planted: PlantedError? = nil
    ) -> String? {
        let steps = 60
        let machine = Machine(
            image: random.image,
            device: random.device,
            seed: 77,
            options: host
        )
        var reference = ReferenceMachine(
            image: random.image,
            device: random.device,
            seed: 77,
            planted: planted
        )
        let actions = random.actions(steps: steps)
        for (step, inputs) in random.inputs(steps: steps).enumerated() {
            if step == 40 {
                machine.reset()
                reference.reset()
            }
            for action in actions[step] {
                machine.apply(action)
                reference.apply(action)
            }
            let expected = reference.step(inputs: inputs)
            machine.step(inputs: byPort(inputs, ports: random.image.inputs.count))
            if machine.spikes != expected { return "step \(step): spikes differ" }
            if let difference = registerDifference(machine, reference) {
                return "step \(step): \(difference)"
            }
            if machine.coreCounts != reference.report.cores {
                return "step \(step): core counts \(machine.coreCounts) \(reference.report.cores)"
            }
            if let difference = learningDifference(machine, reference) {
                return "step \(step): \(difference)"
            }
        }
        if machine.counts != reference.actions { return "counts of all steps" }
        machine.finish()
        let packets = machine.packets
        guard packets.sent == packets.delivered + packets.droppedInTotal else {
            return "packets sent are not delivered + dropped"
        }
        return packets.delivered == reference.packets.delivered ? nil : "packets delivered"
    }

    private func registerDifference(_ machine: Machine, _ reference: ReferenceMachine) -> String? {
        for (dense, core) in reference.image.cores.enumerated() {
            for slot in 0..<core.neurons.count {
                let address = NeuronAddress(core: core.core, neuron: UInt32(slot))
                let v = machine.membranePotential(at: address).map(Int64.init)
                let u = machine.synapticCurrent(at: address).map(Int64.init)
                if v != reference.v[dense][slot] || u != reference.u[dense][slot] {
                    return "core \(core.core) slot \(slot): v \(v ?? -1) u \(u ?? -1), expected "
                        + "\(reference.v[dense][slot]) \(reference.u[dense][slot])"
                }
            }
        }
        return nil
    }

    private func learningDifference(_ machine: Machine, _ reference: ReferenceMachine) -> String? {
        for (projection, pre, post) in reference.plasticSynapses {
            let fast = machine.weightRegister(projection: projection, pre: pre, post: post)
            let plain: Int = reference.weightRegister(projection: projection, pre: pre, post: post)
            if fast != plain {
                return "projection \(projection), \(pre) to \(post): register \(fast ?? -1), "
                    + "expected \(plain)"
            }
        }
        for (index, population) in machine.image.network.populations.enumerated() {
            for neuron in 0..<population.count {
                let fast = machine.bias(population: index, neuron: neuron)
                let plain = reference.bias(population: index, neuron: neuron)
                if fast != plain {
                    return "population \(index), neuron \(neuron): bias \(fast), expected \(plain)"
                }
            }
        }
        return nil
    }

    @Test("equals the reference machine on a chip of TrueNorth neurons")
    func equalsReferenceOfTrueNorth() throws {
        var spikes: UInt64 = 0
        for seed in 0..<80 {
            let random = try RandomImage.makeTrueNorth(seed: UInt64(seed))
            try random.image.verify()
            for host in Self.hosts {
                let difference = firstDifference(random, host: host)
                #expect(difference == nil, "seed \(seed): \(difference ?? "")")
            }
            let machine = Machine(image: random.image)
            for inputs in random.inputs(steps: 20) {
                machine.step(inputs: byPort(inputs, ports: random.image.inputs.count))
            }
            spikes += machine.counts[.spike]
        }
        #expect(spikes > 1000)
    }

    @Test("equals the reference machine with weights of 10 to 16 bits, mismatched or not")
    func equalsReferenceOfWideWeights() throws {
        var widest: Int16 = 0
        for seed in 0..<80 {
            let random = RandomImage.makeWide(seed: UInt64(seed))
            try random.image.verify()
            let difference = firstDifference(random, host: Self.hosts[seed % Self.hosts.count])
            #expect(difference == nil, "seed \(seed): \(difference ?? "")")
            widest = max(
                widest,
                random.image.cores.compactMap { $0.synapses.weights.max() }.max() ?? 0
            )
        }
        #expect(widest > 1 << 14)
    }

    @Test("does not deliver the packets that a full queue has lost, and all others")
    func losesPackets() {
        var losses: UInt64 = 0
        for seed in 6000..<6080 {
            let random = RandomImage.make(seed: UInt64(seed))
            for host in Self.hosts {
                let machine = Machine(image: random.image, device: random.device, options: host)
                var reference = ReferenceMachine(image: random.image, device: random.device)
                var dice = SplitMix64(seed: UInt64(seed))
                for (step, inputs) in random.inputs(steps: 50).enumerated() {
                    if step == 30 {
                        machine.reset()
                        reference.reset()
                    }
                    let spikes = reference.step(inputs: inputs)
                    machine.step(inputs: byPort(inputs, ports: random.image.inputs.count))
                    let lost = Self.draw(spikes.map(\.address) + inputs, reference, &dice)
                    machine.lose(lost.map { Self.packet($0, machine) })
                    reference.lose(lost)
                    let difference = registerDifference(machine, reference)
                    #expect(
                        machine.spikes == spikes && difference == nil,
                        "seed \(seed), step \(step): \(difference ?? "")"
                    )
                }
                machine.finish()
                #expect(machine.counts == reference.actions, "seed \(seed)")
                let packets = machine.packets
                #expect(packets.sent == packets.delivered + packets.droppedInTotal)
                #expect(packets.delivered == reference.packets.delivered)
                losses += packets.dropped[DropCause.fullQueue.rawValue]
            }
        }
        #expect(losses > 1000)
    }

    /// Some of the packets under way; of a multicast packet all or none.
    private static func draw(
        _ senders: [NeuronAddress],
        _ reference: ReferenceMachine,
        _ dice: inout SplitMix64
    ) -> Set<NeuronRoute> {
        var lost: Set<NeuronRoute> = []
        let isMulticast = reference.image.chip.interconnect.casting == .multicast
        for sender in senders {
            let losesAll = dice.chance(0.2)
            for route in reference.routes(of: sender)
            where isMulticast ? losesAll : dice.chance(0.2) {
                lost.insert(NeuronRoute(sender: sender, core: route.core))
            }
        }
        return lost
    }

    /// A packet by the numbers of a machine.
    private static func packet(_ route: NeuronRoute, _ machine: Machine) -> LostPacket {
        let table = machine.packetTable
        let sender: Int
        if route.sender.isInput {
            let port = Int(route.sender.core - NeuronAddress.firstInputCore)
            let before = machine.image.inputs[..<port].reduce(0) { $0 + $1.channelCount }
            sender = table.firstSenderOfCore[table.cores.count] + before + Int(route.sender.neuron)
        } else {
            let core = table.cores.firstIndex(of: route.sender.core) ?? 0
            sender = table.firstSenderOfCore[core] + Int(route.sender.neuron)
        }
        return LostPacket(
            sender: UInt32(sender),
            core: UInt32(table.cores.firstIndex(of: route.core) ?? 0)
        )
    }

    @Test("gives one digest at 1 and 2 threads and for partitions of 1, 64 and all neurons")
    func digestIsIndependentOfHost() {
        for seed in 5000..<5020 {
            let random = RandomImage.make(seed: UInt64(seed))
            let digests = Self.hosts.map { digest(random, host: $0) }
            #expect(Set(digests).count == 1, "seed \(seed)")
        }
    }

    private func digest(_ random: RandomImage, host: MachineOptions) -> Digest {
        let machine = Machine(image: random.image, device: random.device, options: host)
        var builder = SpikeDigestBuilder()
        for inputs in random.inputs(steps: 80) {
            machine.step(inputs: byPort(inputs, ports: random.image.inputs.count))
            builder.append(machine.spikes)
        }
        return builder.finish()
    }

    @Test("without input or bias does nothing but visit its neurons")
    func idleStepsCostOnlyVisits() {
        var image = RandomImage.make(seed: 2).image
        for core in image.cores.indices {
            let zeros = [Int32](repeating: 0, count: image.cores[core].neurons.count)
            image.cores[core].neurons.membraneBias = zeros
            image.cores[core].neurons.currentBias = zeros
            image.cores[core].neurons.initialPotential = zeros
            image.cores[core].neurons.threshold = zeros.map { _ in 1 << 10 }
        }
        let machine = Machine(image: image)
        for _ in 0..<10 { machine.step() }
        let done = Action.allCases.filter { machine.counts[$0] > 0 }
        #expect(done == [.somaAccess, .somaUpdateInactive, .step])
    }
}

// Recorded vectors and planted errors.
extension MachineTests {
    @Test("repeats every register and spike of the recorded LIF vectors")
    func neuronVectors() throws {
        for file in ReferenceMachineTests.vectors("stdp_") {
            print("skipped (no learning engine yet): \(file.lastPathComponent)")
        }
        let files = ReferenceMachineTests.vectors("lif_")
        #expect(!files.isEmpty)
        for file in files {
            let vector = try LavaNeuronVector(file: file)
            let machine = Machine(image: vector.image)
            for (step, inputs) in vector.inputSpikes.enumerated() {
                machine.step(inputs: byPort(inputs, ports: vector.image.inputs.count))
                // Inputs of step t arrive in step t + 1: row k of the vector is step k + 1.
                guard step > 0 else { continue }
                let expected = (0..<vector.neurons).filter { vector.spikes[step - 1][$0] == 1 }
                #expect(machine.spikes.map { Int($0.neuron) } == expected)
                for neuron in 0..<vector.neurons {
                    let address = NeuronAddress(core: 0, neuron: UInt32(neuron))
                    let u = machine.synapticCurrent(at: address).map(Int64.init)
                    let v = machine.membranePotential(at: address).map(Int64.init)
                    #expect(u == vector.u[step - 1][neuron] && v == vector.v[step - 1][neuron])
                }
            }
        }
    }

    @Test("repeats every sum of the recorded Dense vectors")
    func denseVectors() throws {
        let files = ReferenceMachineTests.vectors("dense_")
        #expect(!files.isEmpty)
        for vector in try files.map(LavaDenseVector.init(file:)) where vector.isBinary {
            let machine = Machine(image: vector.image)
            for (inputs, expected) in zip(vector.inputSpikes, vector.u) {
                machine.step(inputs: byPort(inputs, ports: vector.image.inputs.count))
                let sums = expected.indices.map { neuron in
                    machine.synapticCurrent(at: NeuronAddress(core: 0, neuron: UInt32(neuron)))
                }
                #expect(sums.map { $0.map(Int64.init) } == expected.map(Optional.init))
            }
        }
    }

    @Test("differs from a reference machine that makes a mistake", arguments: PlantedError.allCases)
    func noticesPlantedErrors(_ planted: PlantedError) {
        let noticed = (0..<200).first { seed in
            let random = RandomImage.make(seed: UInt64(seed))
            return firstDifference(random, host: MachineOptions(), planted: planted) != nil
        }
        #expect(noticed != nil, "\(planted.sentence)")
    }
}

/// Sorted input addresses as channels by port.
func byPort(_ inputs: [NeuronAddress], ports: Int) -> [[UInt32]] {
    var channels = [[UInt32]](repeating: [], count: ports)
    for input in inputs {
        channels[Int(input.core - NeuronAddress.firstInputCore)].append(input.neuron)
    }
    return channels
}
