import ChipImage
import ChipSpec
import Compiler
import FixedPoint
import NetworkIR
import TestSupport
import Testing

@Suite("Networks that learn")
struct LearningTests {
    private typealias Nets = LearningNetworks

    private func compile(
        _ network: Network,
        for chip: ChipSpec? = nil,
        neuronsPerCore: Int? = nil
    ) throws -> Compilation {
        let compiled = try Compiler.compile(
            network,
            for: try chip ?? TestChips.pilot(),
            options: CompilerOptions(neuronsPerCore: neuronsPerCore),
            rules: network.rules.map { _ in Nets.program }
        )
        try compiled.image.verify()
        #expect(try ChipImage(decoding: compiled.image.encoded()) == compiled.image)
        return compiled
    }

    @Test("compiles 40 + 40 noisy neurons to registers worked out by hand")
    func reciprocal() throws {
        let image = try compile(Nets.reciprocal(40)).image
        let table = image.network
        #expect(table.rules == [Nets.program])
        #expect(table.populations.map(\.depth) == [0, 0])
        #expect(table.projections.map(\.delay) == [1, 1])
        // Sorted by target: b feeds population 0.
        #expect(table.projections.map(\.name) == ["b", "w"])
        #expect(table.projections.map(\.rule) == [0, nil])
        #expect(table.projections.map(\.feedbackOf) == [1, nil])
        #expect(table.projections.map(\.synapses) == [1600, 1600])
        // 0.6 over 128 a raw weight; v has 6 bits more.
        let scale = 0.6 / 128
        #expect(table.projections.allSatisfy { ($0.weightScale / scale - 1).magnitude < 1e-12 })
        let unit = scale / 64
        #expect((table.populations[0].membraneScale[0] / unit - 1).magnitude < 1e-12)
        #expect(table.populations[0].refractorySteps == 3)
        // 1 / unit = 13653.33; 0.5 / unit = 6826.67; 4096(1 − e^−0.1) = 389.79, 4096(1 − e^−0.2) =
        // 742.48; a = 3706/4096, √(1 − a²) = 0.42582, 0.2 / unit · 0.42582 · 256 / 147.80 = 2014.0.
        let neurons = image.cores[0].neurons
        #expect(Set(neurons.threshold) == [13_653])
        #expect(Set(neurons.membraneBias) == [6_827])
        #expect(Set(neurons.membraneDecay) == [390])
        #expect(Set(neurons.currentDecay) == [742])
        #expect(table.populations[1].noise == [NoiseTable(amplitude: 2_014)])
    }

    @Test("puts raw weights on the fixed scale, at the rails beyond it, and keeps weights of 0")
    func weights() throws {
        var network = Nets.reciprocal(2)
        // ±0.6 is ±128 raw; half a raw weight is 0.00234375.
        let weights = [0.6, -0.6, 0.59, 0]
        network.projections[1].connectivity = .dense(weights)
        let compiled = try compile(network)
        #expect(compiled.image.registers(ofProjection: 0) == [32_512, 32_256, -32_768, 0])
        #expect(compiled.image.network.projections[0].synapses == 4)
        #expect(
            compiled.report.notes.contains {
                $0.contains("1 of 3 weights lie beyond its full scale")
            }
        )
        network.projections[1].plasticity?.isPresent = [true, false, false, true]
        let sparse = try compile(network).image
        #expect(
            sparse.synapses(ofProjection: 0).map { [$0.pre, $0.post] } == [[0, 0], [1, 1]]
        )
        #expect(sparse.registers(ofProjection: 0) == [32_512, 0])
    }

    @Test(
        "weights that keep a sign: their range in the image, the rails of a sum, and what is refused"
    )
    func signs() throws {
        var network = Nets.reciprocal(2)
        network.projections[1].connectivity = .dense([0.6, 0.3, 0.1, 0])
        network.projections[1].plasticity?.sign = .excitatory
        let image = try compile(network).image
        #expect(image.network.projections[0].signMode == .excitatory)
        #expect(image.registers(ofProjection: 0) == [32_512, 5_376, 16_384, 0])
        var quantised = try Pipeline.quantised(network, for: try TestChips.pilot())
        let reach = quantised.populations[0].largestInput
        network.projections[1].plasticity?.sign = nil
        quantised = try Pipeline.quantised(network, for: try TestChips.pilot())
        #expect(reach < quantised.populations[0].largestInput)

        network.projections[1].connectivity = .dense([-0.6, -0.3, -0.1, 0])
        network.projections[1].plasticity?.sign = .inhibitory
        let inhibitory = try compile(network).image
        #expect(inhibitory.network.projections[0].signMode == .inhibitory)
        // 0 is the highest register of the one and the lowest of the other.
        for (image, good, bad) in [(image, 0, -1), (inhibitory, 0, 1)]
            as [(ChipImage, Int32, Int32)]
        {
            let changed = try image.settingWeights([good, good, good, good], ofProjection: 0)
            try changed.verify()
            #expect(throws: ChipImageError.self) {
                _ = try image.settingWeights([good, bad, good, good], ofProjection: 0)
            }
        }
        // Hidden bits alone can give a weight of 0 the wrong sign.
        var wrong = inhibitory
        let place = wrong.synapses(ofProjection: 0)[3]
        wrong.cores[place.core].synapses.hiddenWeights = .init(
            repeating: 0,
            count: wrong.cores[place.core].synapses.weights.count
        )
        try wrong.verify()
        wrong.cores[place.core].synapses.hiddenWeights[place.synapse] = 1
        #expect {
            try wrong.verify()
        } throws: { error in
            "\(error)".contains("hiddenWeights[\(place.synapse)]: it is 1 below a weight of 0")
        }
        wrong.cores[place.core].synapses.hiddenWeights[place.synapse] = 0
        wrong.cores[place.core].synapses.weights[place.synapse] = 1
        #expect(throws: ChipImageError.self) { try wrong.verify() }
    }

    @Test("takes weights to the image and back, whatever the cut over cores", arguments: [40, 7])
    func weightsComeBack(neuronsPerCore: Int) throws {
        let network = Nets.reciprocal(16)
        let image = try compile(network, neuronsPerCore: neuronsPerCore).image
        #expect(image.cores.count == (32 + neuronsPerCore - 1) / neuronsPerCore)
        for (index, projection) in image.network.projections.enumerated() {
            let author = try #require(network.projections.first { $0.name == projection.name })
            let places = image.synapses(ofProjection: index)
            #expect(places.map { $0.pre * 16 + $0.post } == Array(0..<256))
            let registers = image.registers(ofProjection: index)
            let hidden = image.hiddenBits(ofProjection: index)
            #expect(hidden == (projection.name == "b" ? 8 : 0))
            for (place, register) in zip(places, registers) {
                let wanted = author.connectivity.weights[place.post * 16 + place.pre] * 128 / 0.6
                let raw = min(max(wanted.rounded(), -128), 127)
                #expect(register == Int32(raw) << Int32(hidden))
            }
        }
        var random = SplitMix64(seed: 4)
        let learnt = (0..<256).map { _ in Int32(random.int(-32_768...32_767)) }
        let changed = try image.settingWeights(learnt, ofProjection: 0)
        try changed.verify()
        #expect(changed.registers(ofProjection: 0) == learnt)
        #expect(changed.registers(ofProjection: 1) == image.registers(ofProjection: 1))
        #expect(try ChipImage(decoding: changed.encoded(compressing: true)) == changed)
        let first = image.registers(ofProjection: 0)
        #expect(try changed.settingWeights(first, ofProjection: 0) == image)
        for (count, value) in [(255, 0), (256, 32_768), (256, -32_769)] as [(Int, Int32)] {
            #expect(throws: ChipImageError.self) {
                _ = try image.settingWeights(
                    [Int32](repeating: value, count: count),
                    ofProjection: 0
                )
            }
        }
    }

    @Test("puts plastic rows after static ones, and counts their bytes")
    func rows() throws {
        var network = Nets.reciprocal(3)
        // A static projection beside the plastic one, with a longer delay.
        var beside = TestNetworks.dense(1, 0, [Double](repeating: 0.1, count: 9), delay: 3)
        beside.name = "beside"
        network.projections.append(beside)
        let compiled = try compile(network)
        let synapses = compiled.image.cores[0].synapses
        for axon in 0..<synapses.axonCount {
            let rows = Int(synapses.axonRows[axon])..<Int(synapses.axonRows[axon + 1])
            #expect(rows.map { synapses.rowProjection[$0] } == (axon < 3 ? [0] : [0, 1]))
        }
        #expect(synapses.hiddenWeights.isEmpty)
        let bytes = compiled.report.cores[0].synapseBytes.used
        #expect(bytes == 9 * 4 + 18 * 2 + 9 * 3)
        #expect(compiled.image.summary.bytes == bytes)
        #expect(compiled.image.summary.plasticSynapses == 9)
    }

    @Test("meets a fixed scale exactly beside static weights that are finer or coarser")
    func scalesInto() throws {
        for (largest, exponents) in [(0.05, [3, 0]), (0.6, [0, 1]), (2.0, [0, 2])] {
            var network = Nets.reciprocal(2)
            var beside = TestNetworks.dense(1, 0, [largest, 0.01, -0.01, 0.02], delay: 3)
            beside.name = "beside"
            network.projections.append(beside)
            let quantised = try Pipeline.quantised(network, for: try TestChips.pilot())
            let scale = 0.6 / 128
            #expect(quantised.projections[0].scale == scale, "\(largest)")
            // Less than one bit is lost, and nothing is clipped.
            let free = quantised.projections[1]
            #expect(free.scale >= largest / 127 * (1 - 1e-12) && free.scale < largest / 127 * 2)
            #expect([quantised.projections[0].exponent, free.exponent] == exponents, "\(largest)")
            #expect(quantised.notes.allSatisfy { !$0.contains("in place of") })
        }
    }

    @Test("rounds a second fixed scale up to the next power of two and says so")
    func twoFixedScales() throws {
        var network = Nets.reciprocal(2)
        var second = network.projections[1]
        second.name = "second"
        second.plasticity = Plasticity(rule: nil, fullScale: 1.7)
        network.projections.append(second)
        let compiled = try compile(network)
        let scales = compiled.image.network.projections.filter { $0.target == "pre" }
        #expect(scales.map { $0.weightScale * 128 } == [0.6, 2.4])
        #expect(compiled.report.notes.contains { $0.contains("full scale is 2.4 in place of 1.7") })
    }

    @Test("leaves a register the room it needs: a large threshold makes the fixed scale coarser")
    func registerFloor() throws {
        var chip = try TestChips.pilot()
        chip.soma.thresholdBits = 12
        let compiled = try compile(Nets.reciprocal(2), for: chip)
        // 13653 must fit in 12 bits: two bits less.
        #expect(compiled.image.cores[0].neurons.threshold[0] == 3413)
        #expect(compiled.report.notes.contains { $0.contains("full scale is 2.4 in place of 0.6") })
    }

    @Test(
        "keeps a noisy neuron's bias and noise in the unit of v, whatever its decay",
        arguments: 0..<20
    )
    func unitOfNoise(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let tau = random.double(0.3...80)
        let deviation = random.double(0.01...1)
        let reset = random.double(-1...0.5)
        let bias = random.double(-2...2)
        var chip = try TestChips.pilot()
        chip.soma.hasResetPotential = random.chance(0.5)
        let population = Nets.noisy(
            "x",
            3,
            tau: tau,
            tauSyn: random.chance(0.5) ? random.double(0.2...20) : nil,
            reset: reset,
            noise: [
                NoiseSource(stationaryDeviation: deviation),
                NoiseSource(stationaryDeviation: deviation / 3, shared: "all"),
            ],
            bias: bias
        )
        let compiled = try compile(Nets.reciprocal(population, Nets.noisy("y", 4)), for: chip)
        let table = compiled.image.network.populations[0]
        let unit = table.membraneScale[0]
        let neurons = compiled.image.cores[0].neurons
        let origin = Double(neurons.initialPotential[0])
        func expect(_ raw: Int32, is wanted: Double, within units: Double) {
            let value = (Double(raw) - origin) * unit
            #expect((value - wanted).magnitude <= units * unit)
        }
        expect(neurons.membraneBias[0], is: bias, within: 1)
        expect(neurons.threshold[0], is: 1, within: 2)
        expect(neurons.resetPotential[0], is: reset, within: 1)
        let a = 1 - Double(neurons.membraneDecay[0]) / 4096
        let exact = PortableMath.exp(-1 / tau)
        // The register leaves 1/4096 at least.
        #expect((a - max(exact, 1.0 / 4096)).magnitude <= 0.5001 / 4096)
        let sources = try #require(table.noise)
        #expect(sources.map(\.sharedSource) == [nil, "all"])
        for (source, wanted) in zip(sources, [deviation, deviation / 3]) {
            let step = Double(source.amplitude) * 147.8005 / 256
            let settled = step / (1 - a * a).squareRoot() * unit
            // Half a register, seen at the membrane.
            let half = 0.5 * 147.8005 / 256 / (1 - a * a).squareRoot() * unit
            #expect((settled - wanted).magnitude <= half * 1.001)
        }
        // The author's network with the chip's numbers compiles to the same registers.
        var again = try compiled.quantisedNetwork()
        again.rules = [Nets.rule]
        let second = try compile(again, for: chip).image
        #expect(second.cores.map(\.neurons) == compiled.image.cores.map(\.neurons))
        #expect(second.network.populations == compiled.image.network.populations)
        #expect(second.registers(ofProjection: 0) == compiled.image.registers(ofProjection: 0))
    }

    @Test("scales sampling neurons in log-odds: a spike's potential is its weight at the peak")
    func sampling() throws {
        func image(_ psp: PostsynapticPotential) throws -> ChipImage {
            try compile(
                Nets.reciprocal(
                    Nets.sampling("x", 2, psp: psp, bias: -1),
                    Nets.sampling("y", 2, psp: psp, bias: 0.7),
                    fullScale: 3
                )
            ).image
        }
        let unit = 3.0 / 128 / 64
        let flat = try image(.rectangular(steps: 255))
        let table = try #require(flat.network.populations[0].sampling)
        #expect(
            table
                == SamplingTable(
                    logOddsPerRaw: unit,
                    refractorySteps: 10,
                    psp: .rectangular,
                    pspSteps: 255
                )
        )
        #expect(flat.network.populations[0].refractorySteps == nil)
        // −1 / unit = −2730.67, 0.7 / unit = 1911.47.
        #expect(flat.cores[0].neurons.membraneBias == [-2731, -2731, 1911, 1911])
        #expect(flat.cores[0].neurons.currentDecay == [0, 0, 0, 0])
        let falling = try image(.exponential(tau: 10))
        #expect(falling.network.populations[0].sampling?.psp == .exponential)
        #expect(falling.cores[0].neurons.currentDecay == [390, 390, 390, 390])
        // d = 390/4096: the peak of d·n·(1 − d)^(n − 1) is 0.3866 at n = 10 … 11.
        let rising = try image(.alpha(tau: 10))
        let logOdds = try #require(rising.network.populations[0].sampling?.logOddsPerRaw)
        let d = 390.0 / 4096
        var (h, u, peak) = (1.0, 0.0, 0.0)
        for _ in 0..<100 {
            u = u * (1 - d) + h * d
            h *= 1 - d
            peak = max(peak, u)
        }
        #expect((logOdds * peak / unit - 1).magnitude < 1e-12)
        #expect(rising.network.projections[0].weightScale == 3.0 / 128)
    }

    @Test("gives compartments an accumulator each and gains as shifts")
    func compartments() throws {
        var network = Nets.reciprocal(4)
        network.populations[0].compartments = [
            Compartment(name: "basal", gain: 1), Compartment(name: "apical", gain: 0.3),
        ]
        network.projections[1].compartment = 1
        var basal = network.projections[1]
        basal.name = "basal"
        basal.compartment = 0
        network.projections.append(basal)
        let image = try compile(network).image
        #expect(image.network.populations[0].compartmentExponents == [0, -2])
        #expect(image.network.projections.map(\.compartment) == [0, 1, 0])
        // Weights are the author's, before the gain.
        #expect(image.network.projections.allSatisfy { $0.weightScale == 0.6 / 128 })

        network.populations[0].compartments[1].gain = 1.0 / 400
        #expect(throws: CompilerError.self) { try compile(network) }
        network.populations[0].compartments = (0..<5).map {
            Compartment(name: "c\($0)", gain: 1)
        }
        #expect(throws: CompilerError.self) { try compile(network) }
    }

    @Test("gives compartments the exponent of their projections on a chip that shifts sums")
    func compartmentsOfSums() throws {
        var neuron = TestNetworks.integrateAndFire("x", 2)
        neuron.compartments = [
            Compartment(name: "basal", gain: 2), Compartment(name: "apical", gain: 1),
        ]
        var apical = TestNetworks.dense(0, 1, [9, -3, 2, 1])
        apical.compartment = 1
        let network = TestNetworks.network(
            [TestNetworks.input(2), neuron],
            [TestNetworks.dense(0, 1, [1, -0.7, 0.1, 0.3]), apical]
        )
        let quantised = try Pipeline.quantised(network, for: try TestChips.loihi())
        #expect(quantised.projections.map(\.compartment) == [0, 1])
        #expect(quantised.projections.map(\.exponent) == [0, 3])
        #expect(quantised.populations[0].compartmentExponents == [1, 3])
        _ = try Compiler.compile(network, for: try TestChips.loihi())
    }

    @Test("splits populations where rules or bytes do not fit a core")
    func limits() throws {
        var chip = try TestChips.pilot()
        chip.learning?.maximumRules = 1
        var network = Nets.reciprocal(4)
        network.rules = [Nets.rule, Nets.rule]
        network.projections[0].plasticity?.rule = 1
        let split = try compile(network, for: chip)
        #expect(split.image.cores.count == 2)
        // Both rules into one population cannot be split.
        var second = network.projections[1]
        second.name = "second"
        second.plasticity?.rule = 1
        network.projections.append(second)
        #expect {
            try compile(network, for: chip)
        } throws: {
            "\($0)".contains("alone needs 2 learning rules, 1 more than the 1 of a core")
        }
        chip.learning?.maximumRules = 2
        #expect(try compile(network, for: chip).image.cores.count == 1)
        // 8 plastic synapses of 3 bytes and two headers a neuron.
        chip.core.synapseMemoryInBytes = 100
        #expect(try compile(network, for: chip).image.cores.count > 1)
    }

    @Test("keeps delays of a loop as they are, and one depth for all in it")
    func delays() throws {
        var network = Nets.reciprocal(4)
        network.populations.insert(TestNetworks.input(4), at: 0)
        for index in network.projections.indices {
            network.projections[index].source += 1
            network.projections[index].target += 1
            network.projections[index].delay = 2 + index
        }
        network.outputs = []
        network.projections.append(
            TestNetworks.dense(0, 1, [Double](repeating: 0.2, count: 16))
        )
        let table = try compile(network).image.network
        #expect(table.populations.map(\.depth) == [1, 1])
        #expect(table.projections.map(\.delay) == [1, 3, 2])
        #expect(table.projections.map(\.feedbackOf) == [nil, 2, nil])
    }

    @Test("refuses what the chip cannot hold, with the limit and advice")
    func refusals() throws {
        func refused(
            _ says: String,
            _ change: (inout Network, inout ChipSpec) -> Void,
            _ comment: Comment? = nil
        ) throws {
            var network = Nets.reciprocal(2)
            var chip = try TestChips.pilot()
            change(&network, &chip)
            #expect(comment) {
                try compile(network, for: chip)
            } throws: { error in
                error is CompilerError && "\(error)".contains(says)
            }
        }
        func noisy(_ network: inout Network, _ population: Population) {
            network.populations[0] = population
        }
        try refused("has no learning engine. Leave out") { $1.learning = nil }
        try refused("can do lif, if, li, sampling") {
            $1.soma.models.removeAll { $0 == .noisyLIF }
        }
        try refused("needs a synaptic current") { $1.soma.current = nil }
        try refused("counts to 1. Shorten") { $1.soma.refractoryBits = 1 }
        try refused("counts to 255") { network, _ in
            noisy(&network, Nets.noisy("x", 2, refractory: 255.5))
        }
        try refused("has no such noise source") { $1.soma.noiseBits = 0 }
        try refused("asks for reset 'subtract'") { network, _ in network.reset = .subtractThreshold
        }
        try refused("at most 255. Shorten") { network, _ in
            noisy(&network, Nets.sampling("x", 2, psp: .rectangular(steps: 256)))
        }
        try refused("holds at most 8,192") { network, _ in
            noisy(&network, Nets.sampling("x", 2, psp: .alpha(tau: 1e5)))
        }
        try refused("refractory time of 0 steps") { network, _ in
            noisy(&network, Nets.sampling("x", 2, refractory: 0))
        }
        try refused("potential of 0.0 steps") { network, _ in
            noisy(&network, Nets.sampling("x", 2, psp: .rectangular(steps: 0)))
        }
        try refused("noise of deviation -0.1") { network, _ in
            noisy(&network, Nets.noisy("x", 2, noise: [NoiseSource(stationaryDeviation: -0.1)]))
        }
        try refused("more than the 16") { network, _ in
            let source = NoiseSource(stationaryDeviation: 0.1)
            noisy(&network, Nets.noisy("x", 2, noise: [NoiseSource](repeating: source, count: 17)))
        }
        try refused("full scale of 0.0") { network, _ in
            network.projections[0].plasticity?.fullScale = 0
        }
        try refused("full scale of nan") { network, _ in
            network.projections[0].plasticity?.fullScale = .nan
        }
        try refused("3 of 4 pairs") { network, _ in
            network.projections[0].plasticity?.isPresent = [true, true, true]
        }
        try refused("names rule 1, which is not there") { network, _ in
            network.projections[0].plasticity?.rule = 1
        }
        try refused("is the feedback of projection 2") { network, _ in
            network.projections[0].feedbackOf = 2
        }
        try refused("two projections are called 'w'") { network, _ in
            network.projections[1].name = "w"
        }
        try refused("is there twice") { network, _ in
            network.projections[1].name = nil
            network.projections.append(network.projections[1])
        }
        try refused("feeds compartment 1 of 1") { network, _ in
            network.projections[0].compartment = 1
        }
        try refused("of gain -1.0") { network, _ in
            network.populations[0].compartments = [Compartment(name: "a", gain: -1)]
        }
        try refused("delays add up to fewer") { network, _ in network.projections[0].delay = 0 }
    }

    @Test("reckons with both rails of a weight that learns")
    func reach() throws {
        var network = Nets.reciprocal(2)
        for index in network.projections.indices {
            network.projections[index].connectivity = .dense([0, 0, 0, 0])
        }
        let reports = try compile(network).report.populations
        #expect(reports.map(\.accumulatorReach) == [[-256, 254], [0, 0]])
    }

    @Test("asks for the program of every rule")
    func programs() throws {
        let chip = try TestChips.pilot()
        #expect(
            throws: CompilerError.rulesNotCompiled(network: "test", rules: 1, programs: 0)
        ) { try Compiler.compile(Nets.reciprocal(2), for: chip) }
        #expect(throws: CompilerError.rulesNotCompiled(network: "test", rules: 1, programs: 2)) {
            try Compiler.compile(
                Nets.reciprocal(2),
                for: chip,
                rules: [Nets.program, Nets.program]
            )
        }
        var fixed = Nets.reciprocal(2)
        fixed.projections[1].plasticity?.rule = nil
        let image = try Compiler.compile(fixed, for: chip).image
        #expect(image.network.rules == nil)
        #expect(image.cores[0].synapses.rowProjection.isEmpty)
        var still = chip
        still.learning = nil
        _ = try Compiler.compile(fixed, for: still)
    }
}
