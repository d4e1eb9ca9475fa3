import ChipImage
import ChipSpec
import Compiler
import NetworkIR
import TestSupport
import Testing

@Suite("Weights spread over axons")
struct WeightPlanesTests {
    private typealias Nets = TestNetworks

    /// 64-32-10 IF neurons.
    private static func small(seed: UInt64, hidden: Int = 32) -> Network {
        var random = SplitMix64(seed: seed)
        return Nets.network(
            [
                Nets.input(64), Nets.integrateAndFire("hidden", hidden),
                Nets.integrateAndFire("out", 10, threshold: 2),
            ],
            [
                Nets.dense(0, 1, Nets.randomWeights(64 * hidden, -0.35...0.5, &random)),
                Nets.dense(1, 2, Nets.randomWeights(hidden * 10, -0.35...0.4, &random)),
            ]
        )
    }

    @Test("64 senders of 4-bit weights take the 256 axons of a core")
    func fillsCore() throws {
        let compiled = try Compiler.compile(Self.small(seed: 1), for: TinyChip.trueNorth())
        #expect(compiled.image.cores.first?.synapses.axonCount == 256)
        #expect(
            compiled.image.cores.last.map { (100...128).contains($0.synapses.axonCount) } == true
        )
        #expect(compiled.image.cores.map(\.neurons.count) == [32, 10])
        try compiled.image.verify()
        for core in compiled.image.cores {
            #expect(core.synapses.weights.allSatisfy { $0 == 1 })
            #expect(zip(core.synapses.axonRows, core.synapses.axonRows.dropFirst()).allSatisfy(<))
        }
    }

    @Test("a sender takes axons only for the bits that its weights have")
    func leavesOutEmptyBits() throws {
        let network = Nets.network(
            [Nets.input(3), Nets.integrateAndFire("x", 2)],
            // Rows of the targets: the unit is 1, as 7 is the largest weight.
            [Nets.dense(0, 1, [7, 4, -8, 2, 4, -8])]
        )
        let image = try Compiler.compile(network, for: TinyChip.trueNorth()).image
        // 7 and 2 take bits 0, 1, 2; 4 takes bit 2; -8 takes bit 3.
        #expect(image.inputs[0].routes.offsets == [0, 3, 4, 5])
        #expect(image.cores[0].synapses.rowCompartment == [0, 1, 2, 2, 3])
        #expect(image.network.projections[0].synapses == 4 + 2 + 2)
        #expect(
            image.cores[0].neurons.trueNorthRegisters(ofSlot: 1).weights == [32, 64, 128, -256]
        )
    }

    @Test(
        "images run as the quantised network does, register for register",
        arguments: 0..<16
    )
    func imageIsNetwork(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(100 + seed))
        var chip = try TinyChip.trueNorth()
        if seed % 2 == 1 { chip.core.neurons = random.int(9...12) }
        let network = RandomNetworks.network(
            &random,
            models: [.integrateAndFire],
            reset: seed % 4 < 2 ? .subtractThreshold : .toResetPotential
        )
        chip.mesh.width = 16
        let drive = randomDrive(for: network, steps: 60, silent: 10, rate: 0.2, seed: 7)
        let quantised = try Pipeline.quantised(network, for: chip)
        let compiled = try Compiler.compile(network, for: chip)
        try compiled.image.verify()
        let plain = integerRun(quantised, on: chip, drive)
        let onChip = imageRun(compiled.image, quantised.canonical, drive)
        #expect(plain.spikes == onChip.spikes)
        #expect(plain.v == onChip.v)
        #expect((1..<network.populations.count).contains { plain.count($0) > 0 })
        // Weights of 4 bits, each neuron's largest at the rail or all of them exact.
        let float = floatRun(try compiled.quantisedNetwork(), drive)
        let spikes = (0..<network.populations.count).map { (float.count($0), onChip.count($0)) }
        for (one, other) in spikes { #expect(abs(one - other) <= 2 + other / 20, "\(spikes)") }
    }

    @Test("an input takes an axon for each sign, a neuron has one")
    func signs() throws {
        let chip = try TinyChip.odin()
        var network = Nets.network(
            [
                Nets.input(2), Nets.integrateAndFire("x", 2, threshold: 20, bias: [-2, 0]),
                Nets.integrateAndFire("y", 1),
            ],
            [Nets.dense(0, 1, [7, 3, -7, 1]), Nets.dense(1, 2, [-5, 2])],
            threshold: .greaterOrEqual
        )
        let image = try Compiler.compile(network, for: chip).image
        try image.verify()
        #expect(image.inputs[0].routes.offsets == [0, 2, 3])
        #expect(image.cores[0].synapses.axonCount == 5)
        // Rows of input 0 (above 0, below 0), of input 1, of x 0 and of x 1.
        #expect(image.cores[0].synapses.weights == [7, -7, 3, 1, -5, 2])
        #expect(image.cores[0].neurons.threshold.prefix(2) == [20, 20])
        #expect(image.cores[0].neurons.membraneBias.prefix(2) == [-2, 0])
        #expect(image.cores[0].neurons.odinRegisters(ofSlot: 0) == ODINRegisters())

        func refusal() throws -> String? {
            do {
                _ = try Compiler.compile(network, for: chip)
                return nil
            } catch let error as CompilerError {
                return error.description
            }
        }
        network.populations[1].bias = [0, 1]
        #expect(try refusal()?.contains("neuron 1 has a bias above 0 (1 such neurons)") == true)
        network.populations[1].bias = []
        network.populations[2] = Nets.integrateAndFire("y", 2)
        network.projections[1] = Nets.dense(1, 2, [-5, 2, 5, 2])
        network.outputs[0].shape = [2]
        #expect(
            try refusal()
                == "Population 'x': weights of both signs leave neuron 0 (1 such neurons). On chip "
                + "'tiny-odin' all synapses of an axon have one sign. Train with one sign a sender "
                + "(Dale's law), or put neurons of one sign each in between."
        )
    }

    @Test("a projection that learns by SDSP keeps its full scale and the sign of its weights of 0")
    func learning() throws {
        let chip = try TinyChip.odin()
        let entries = [
            LearningRuleEntry(key: "dw", text: "sdsp", line: 1, column: 1),
            LearningRuleEntry(key: "epoch", text: "20", line: 2, column: 1),
        ]
        var rule = LearningRule(name: "sdsp", file: "sdsp.yaml", entries: entries)
        let program = try RuleCompiler.program(for: rule, on: chip)
        #expect(program.epoch == 20 && program.products.isEmpty)
        rule.entries[0].text = "x0*y1"
        #expect(throws: RuleError.self) { try RuleCompiler.program(for: rule, on: chip) }
        rule.entries[0].text = "sdsp"
        #expect(throws: RuleError.self) {
            try RuleCompiler.program(for: rule, on: TestChips.pilot())
        }

        var network = Nets.network(
            [
                Nets.input(3, "e"), Nets.input(1, "i"),
                Nets.integrateAndFire("x", 2, threshold: 3),
            ],
            [Nets.dense(0, 2, [0, 0.5, 1, 0.25, 0, 1]), Nets.dense(1, 2, [-0.5, 0])]
        )
        network.rules = [rule]
        for index in 0..<2 {
            network.projections[index].plasticity = Plasticity(rule: 0, fullScale: 1)
        }
        let compiled = try Compiler.compile(network, for: chip, rules: [program])
        try compiled.image.verify()
        #expect(compiled.image.network.projections.map(\.signMode) == [.excitatory, .inhibitory])
        #expect(compiled.image.cores[0].synapses.axonCount == 4)
        // A full scale of 1 is a raw weight of 7.
        #expect(compiled.image.cores[0].synapses.weights == [0, 2, 4, 0, 7, 7, -4, 0])
        #expect(compiled.image.cores[0].neurons.odinRegisters(ofSlot: 1).hasCalcium)
        network.projections[0].connectivity = .dense([0, 0.5, -1, 0.25, 0, 1])
        #expect(throws: CompilerError.self) {
            try Compiler.compile(network, for: chip, rules: [program])
        }
    }

    @Test("a network by hand runs exactly, thresholds included")
    func exact() throws {
        let network = Nets.network(
            [Nets.input(2), Nets.integrateAndFire("x", 2, threshold: 1)],
            [Nets.dense(0, 1, [0.5, 0.25, -0.75, 1])],
            threshold: .greaterOrEqual
        )
        let compiled = try Compiler.compile(network, for: TinyChip.trueNorth())
        #expect(try compiled.quantisedNetwork().projections == network.projections)
        // A raw weight of 1 is 0.25, and 32 raw units of v.
        #expect(compiled.image.cores[0].neurons.threshold == [128, 128])
    }

    @Test("refuses LIF, parallel projections and a neuron with too many axons, and says what to do")
    func refusals() throws {
        let chip = try TinyChip.trueNorth()
        func refusal(_ network: Network) throws -> String? {
            do {
                _ = try Compiler.compile(network, for: chip)
                return nil
            } catch let error as CompilerError {
                return error.description
            }
        }
        let leaky = Nets.network([Nets.input(1), Nets.lif("x", 1)], [Nets.dense(0, 1, [1])])
        #expect(
            try refusal(leaky)
                == "Population 'x' is LIF, whose leak is a share of its potential. Neurons of chip "
                + "'tiny-truenorth' leak by a constant a step. Train with IF neurons (a negative bias "
                + "is a constant leak), or choose a chip with LIF (spikeloom chips)."
        )
        var twice = Nets.network(
            [Nets.input(1), Nets.integrateAndFire("x", 1)],
            [Nets.dense(0, 1, [1]), Nets.dense(0, 1, [0.5])]
        )
        twice.projections[0].name = "a"
        twice.projections[1].name = "b"
        #expect(try refusal(twice)?.contains("one synapse a pair") == true)
        var random = SplitMix64(seed: 5)
        let wide = Nets.network(
            [Nets.input(128), Nets.integrateAndFire("x", 1)],
            [Nets.dense(0, 1, Nets.randomWeights(128, -1...1, &random))]
        )
        #expect(try refusal(wide) == nil)
        let wider = Nets.network(
            [Nets.input(400), Nets.integrateAndFire("x", 1)],
            [Nets.dense(0, 1, [Double](repeating: -1, count: 399) + [0.3])]
        )
        #expect(
            try refusal(wider)?.contains("alone needs 400 axons in, 144 more than the 256") == true
        )
    }
}
