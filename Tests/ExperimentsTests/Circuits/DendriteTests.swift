import ChipImage
import ChipSpec
import Compiler
import Description
import Emulator
import Events
import FixedPoint
import Foundation
import NetworkIR
import Testing

/// Dendrites of `docs/NUMERICS.md`, section 11, computed again in plain integers.
@Suite("Dendrites")
struct DendriteTests {
    /// One soma with dendrites, and what the section says of it.
    private struct Plain {
        var bias: Int64
        var coupling: Int64 = 0
        var nudging: Int64 = 0
        var target: Int64?
        var shift: Int64
        var table: [Int64]
        var tableShift: Int64
        var drive: Int64 = 0
        var basal: Int64 = 0
        var soma: Int64 = 0
        var error: Int64 = 0

        init(bias: Int64, shift: Int64, sampling: SamplingTable) {
            self.bias = bias
            self.shift = shift
            var g: Int64 = 0
            while g < 31, Double(Int64(1) << (g + 1)) * sampling.logOddsPerRaw <= 1.0 / 32 {
                g += 1
            }
            tableShift = g
            let unit = Double(Int64(1) << g) * sampling.logOddsPerRaw
            let offset = PortableMath.log(Double(sampling.refractorySteps))
            table = (-1024...1024).map { entry in
                let sigma = 1 / (1 + PortableMath.exp(-(Double(entry) * unit - offset)))
                return Int64(min(4_294_967_295, (sigma * 4_294_967_296).rounded()))
            }
        }

        func probability(_ v: Int64) -> Int64 {
            let i = v >> tableShift
            if i < -1024 { return table[0] }
            if i >= 1024 { return table[2048] }
            let (low, high) = (table[Int(i + 1024)], table[Int(i + 1025)])
            return low + ((high - low) * (v & ((1 << tableShift) - 1))) >> tableShift
        }

        mutating func step(v: Int64, apical: Int64) {
            let reach = v - bias - drive
            basal += ((reach << 12) - basal) >> shift
            soma += ((v << 12) - soma) >> shift
            let predicted = (basal >> 12) + bias
            let difference = probability(soma >> 12) - probability(predicted)
            error = (difference + 1 << 17) >> 18
            drive = (coupling * apical + 2048) >> 12
            if let target { drive += (nudging * (target - predicted) + 2048) >> 12 }
        }
    }

    private static let text = """
        circuit: small
        task: { yinYang: { training: 10, test: 1 } }
        network: { hidden: [5], bias: -0.5, initial: 2 }
        dendrites: { apical: 0.25, nudging: 0.5, averaging: 64 }
        schedule: { epochs: 1, patterns: 1, steps: 10 }
        learning: { rule: Examples/rules/dendritic-error.yaml, rates: [0.5, 0.25] }
        feedback: aligned
        alignment: { rule: Examples/rules/sal-nearest-10.yaml, eta: 0.05, steps: 10 }
        """

    private struct Small {
        var image: ChipImage
        var machine: Machine

        func population(_ path: String) -> Int {
            image.network.populations.firstIndex { $0.path == path } ?? -1
        }

        func projection(_ name: String) -> Int {
            image.network.projections.firstIndex { $0.name == name } ?? -1
        }

        /// Raw potentials of a population, by index.
        func potentials(_ path: String) -> [Int64] {
            let wanted = UInt32(population(path))
            var result: [Int: Int64] = [:]
            for core in image.cores {
                for segment in core.segments where UInt32(segment.population) == wanted {
                    for slot in Int(segment.firstSlot)..<Int(segment.firstSlot + segment.count) {
                        let address = NeuronAddress(core: core.core, neuron: UInt32(slot))
                        let index = Int(core.neurons.indexInPopulation[slot])
                        result[index] = machine.membranePotential(at: address).map { Int64($0) }
                    }
                }
            }
            return result.sorted { $0.key < $1.key }.map(\.value)
        }

        func setWeights(_ name: String, seed: UInt64) {
            let stream = RandomStream(seed: seed, purpose: .network)
            for synapse in machine.synapses(of: projection(name)) {
                let u = stream.uniform(UInt32(synapse.pre), UInt32(synapse.post), 0)
                machine.setWeightRegister(
                    projection: projection(name),
                    pre: synapse.pre,
                    post: synapse.post,
                    value: Int(30_000 * (2 * u - 1))
                )
            }
        }
    }

    private static func small(threads: Int = 1, partition: Int? = nil) throws -> Small {
        let path = LearningExamples.root.appending(path: "small.yaml").path
        let network = try CircuitFile(text: text, path: path).circuit().network
        let chip = try LearningExamples.catalogue.load("pilot")
        let rules = try network.rules.map { try RuleCompiler.program(for: $0, on: chip) }
        let image = try Compiler.compile(network, for: chip, rules: rules).image
        let options = MachineOptions(
            threads: threads,
            partitionSize: partition,
            smallestSplitWork: 0
        )
        return Small(image: image, machine: Machine(image: image, seed: 3, options: options))
    }

    /// Weights, inputs and dendrites; the same for every machine.
    private static func prepare(_ small: Small) {
        for (seed, name) in ["up1", "up2", "down1"].enumerated() {
            small.setWeights(name, seed: UInt64(seed))
        }
        let machine = small.machine
        machine.setDendrites(
            population: small.population("layer1"),
            DendriteSettings(
                apical: small.population("apical1"),
                coupling: 1024,
                nudging: 0,
                averagingShift: 6
            )
        )
        machine.setDendrites(
            population: small.population("layer2"),
            DendriteSettings(coupling: 0, nudging: 2048, averagingShift: 6)
        )
        for k in 0..<2 {
            machine.setTarget(
                population: small.population("layer2"),
                neuron: k,
                raw: 9000 * Int32(k)
            )
        }
    }

    @Test("drive, averages and error of every soma are those of section 11, to the bit")
    func plain() throws {
        let small = try Self.small()
        Self.prepare(small)
        let machine = small.machine
        var somas: [String: [Plain]] = [:]
        for path in ["layer1", "layer2"] {
            let population = small.population(path)
            let table = small.image.network.populations[population]
            let sampling = try #require(table.sampling)
            somas[path] = (0..<table.count).map { k in
                let bias = Int64(machine.bias(population: population, neuron: k))
                var soma = Plain(bias: bias, shift: 6, sampling: sampling)
                soma.coupling = path == "layer1" ? 1024 : 0
                soma.nudging = 2048
                soma.target = path == "layer2" && k < 2 ? 9000 * Int64(k) : nil
                return soma
            }
        }
        var errors: Set<Int64> = []
        for step in 0..<3000 {
            machine.step()
            let apical = small.potentials("apical1")
            for (path, plain) in somas {
                let population = small.population(path)
                let depth = small.image.network.populations[population].depth
                guard step >= depth else { continue }
                let potentials = small.potentials(path)
                var plain = plain
                for k in plain.indices {
                    plain[k].step(v: potentials[k], apical: path == "layer1" ? apical[k] : 0)
                    let error = machine.dendriticError(population: population, neuron: k)
                    #expect(Int64(error) == plain[k].error, "\(path) \(k), step \(step)")
                    errors.insert(plain[k].error)
                }
                somas[path] = plain
            }
        }
        #expect(errors.count > 100 && errors.contains { $0 < 0 })
        // Without a spike of a dendrite: only its soma's output leaves the chip.
        let apical = small.population("apical1")
        let silent = small.image.cores.flatMap { core in
            core.segments.filter { Int($0.population) == apical }.map { (core.core, $0) }
        }
        for _ in 0..<2000 {
            machine.step()
            for spike in machine.spikes {
                #expect(
                    !silent.contains {
                        $0.0 == spike.core
                            && ($0.1.firstSlot..<$0.1.firstSlot + $0.1.count)
                                .contains(type(of: $0.1.firstSlot).init(spike.neuron))
                    }
                )
            }
        }
    }

    @Test(
        "the rule moves a weight at each presynaptic spike by rate times the error, partitions or not"
    )
    func rule() throws {
        var ends: [[Int]] = []
        for (threads, partition) in [(1, nil), (1, 2), (2, 4)] as [(Int, Int?)] {
            let small = try Self.small(threads: threads, partition: partition)
            Self.prepare(small)
            let machine = small.machine
            let up = small.projection("up2")
            let output = small.population("layer2")
            let program = try #require(small.image.network.rules?.first)
            let rate = try #require(program.amplitudes.firstIndex(of: "rate"))
            machine.setAmplitude(projection: up, index: rate, value: 0.25)
            machine.setLearning(projection: up, isOn: true)
            let hidden = UInt32(small.population("layer1"))
            var moved = 0.0
            var expected = 0.0
            for _ in 0..<4000 {
                let before = machine.synapses(of: up).map(\.register)
                machine.step()
                let after = machine.synapses(of: up)
                var fired: Set<Int> = []
                for spike in machine.spikes {
                    let core = try #require(small.image.cores.first { $0.core == spike.core })
                    let slot = Int(spike.neuron)
                    let segment = core.segments.first {
                        (Int($0.firstSlot)..<Int($0.firstSlot + $0.count)).contains(slot)
                    }
                    guard segment.map({ UInt32($0.population) }) == hidden else { continue }
                    fired.insert(Int(core.neurons.indexInPopulation[slot]))
                }
                for (synapse, before) in zip(after, before) {
                    guard fired.contains(synapse.pre) else {
                        #expect(synapse.register == before)
                        continue
                    }
                    let error = machine.dendriticError(population: output, neuron: synapse.post)
                    // 0.25 lowest visible bits of 256 hidden ones, and 2^14 is an error of 1.
                    let change = 64 * Double(error) / 16384
                    #expect(abs(Double(synapse.register - before) - change) < 1)
                    moved += Double(synapse.register - before)
                    expected += change
                }
            }
            // Rounding is stochastic, with a deviation of at most 1/2 an update; six of its deviations.
            #expect(abs(moved - expected) < 6 * 0.5 * (6000.0).squareRoot())
            #expect(abs(expected) > 500)
            ends.append(machine.synapses(of: up).map(\.register))
        }
        #expect(ends[0] == ends[1] && ends[0] == ends[2])
    }

    @Test("shared registers: a reader has the visible weight of its owner, signed, at every step")
    func shared() throws {
        let small = try Self.small()
        Self.prepare(small)
        let machine = small.machine
        let (down, cancel) = (small.projection("down1"), small.projection("cancel1"))
        let up = small.projection("up2")
        machine.shareWeights(reader: cancel, owner: down, sign: -1)
        let program = try #require(small.image.network.rules?.last)
        let eta = try #require(program.amplitudes.firstIndex(of: "eta"))
        machine.setAmplitude(projection: down, index: eta, value: 8)
        machine.setLearning(projection: down, isOn: true)
        let first = machine.synapses(of: down).map(\.weight)
        for _ in 0..<500 {
            machine.step()
            let owners = machine.synapses(of: down).map(\.weight)
            let readers = machine.synapses(of: cancel).map(\.weight)
            #expect(readers == owners.map { min(-$0, 127) })
        }
        #expect(machine.synapses(of: down).map(\.weight) != first)
        machine.shareWeights(reader: cancel, owner: down, sign: 0)
        #expect(machine.synapses(of: cancel).allSatisfy { $0.weight == 0 })
        machine.setLearning(projection: down, isOn: false)
        // Transposed: from i to j what goes from j to i.
        machine.shareWeights(reader: down, owner: up, sign: 1, isTransposed: true)
        let owners = machine.synapses(of: up)
        for synapse in machine.synapses(of: down) {
            let owner = owners.first { $0.pre == synapse.post && $0.post == synapse.pre }
            #expect(owner?.weight == synapse.weight)
        }
    }

    @Test("taken away, dendrites leave biases and somas as they were")
    func takenAway() throws {
        let (a, b) = (try Self.small(), try Self.small())
        for small in [a, b] {
            for (seed, name) in ["up1", "up2", "down1"].enumerated() {
                small.setWeights(name, seed: UInt64(seed))
            }
        }
        Self.prepare(b)
        b.machine.setDendrites(population: b.population("layer1"), nil)
        b.machine.setDendrites(population: b.population("layer2"), nil)
        for _ in 0..<500 {
            a.machine.step()
            b.machine.step()
            #expect(a.machine.spikes == b.machine.spikes)
        }
    }
}
