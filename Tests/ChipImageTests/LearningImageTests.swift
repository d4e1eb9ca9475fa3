import ChipImage
import ChipSpec
import FixedPoint
import TestSupport
import Testing

@Suite("Chip images that learn")
struct LearningImageTests {
    /// One change of a valid image, and what the error must say.
    private struct Fault {
        var says: String
        var apply: (inout ChipImage) -> Void

        init(_ says: String, _ apply: @escaping (inout ChipImage) -> Void) {
            self.says = says
            self.apply = apply
        }
    }

    private func message(of image: ChipImage) -> String? {
        do throws(ChipImageError) {
            try image.verify()
            return nil
        } catch {
            return error.description
        }
    }

    private func expect(_ faults: [Fault]) throws {
        let image = try TinyImage.learning()
        for fault in faults {
            var broken = image
            fault.apply(&broken)
            let message = message(of: broken)
            #expect(message?.contains(fault.says) ?? false, "\(fault.says): \(message ?? "valid")")
        }
    }

    @Test(
        "a valid image passes, is written and read, with the two new sections",
        arguments: [false, true]
    )
    func valid(compressing: Bool) throws {
        var image = try TinyImage.learning()
        #expect(message(of: image) == nil)
        let bytes = try image.encoded(compressing: compressing)
        #expect(try ChipImage(decoding: bytes) == image)
        #expect(sections(of: bytes).filter { [39, 40].contains($0.type) }.count == 2)
        #expect(sections(of: bytes).allSatisfy { $0.flags & 1 == 1 })
        image.cores[0].synapses.hiddenWeights = []
        #expect(message(of: image) == nil)
        #expect(try !sections(of: image.encoded()).contains { $0.type == 40 })
        #expect(
            try !sections(of: TinyImage.plain().encoded()).contains { [39, 40].contains($0.type) }
        )
    }

    @Test("faults of rules are found")
    func rules() throws {
        func rule(_ says: String, _ change: @escaping (inout RuleProgram) -> Void) -> Fault {
            Fault(says) { image in
                guard var rule = image.network.rules?[0] else { return }
                change(&rule)
                image.network.rules = [rule]
            }
        }
        func window(_ first: Int, _ last: Int, _ trigger: RuleTrigger = .x0) -> RuleWindow {
            RuleWindow(
                trigger: trigger,
                mantissa: 1,
                exponent: 0,
                firstStep: first,
                lastStep: last,
                requiresNewerPartner: true,
                skipsTies: true
            )
        }
        try expect([
            Fault("has no learning engine") { $0.chip.learning = nil },
            Fault("it reads w") { $0.chip.learning?.registers = [.x0, .x1, .y0] },
            rule("0 products and 0 windows") { $0.products = [] },
            rule("2 products and 1 windows") { $0.windows = [window(1, 6)] },
            rule("it has 3 products") { $0.products.append($0.products[0]) },
            rule("its epoch is 0") { $0.epoch = 0 },
            rule("its epoch is 5") { $0.epoch = 5 },
            rule("an amplitude is there twice") { $0.amplitudes = ["eta", "eta"] },
            rule("amplitude 1") { $0.products[0].amplitude = 1 },
            rule("amplitude -1") { $0.products[0].amplitude = -1 },
            rule("2^65") { $0.products[0].exponent = 65 },
            rule("its coefficient is \(Int.min)") { $0.products[0].mantissa = .min },
            rule("it changes t") { $0.products[0].target = .t },
            rule("every 0 epochs") { $0.products[0].trigger = .every(epochs: 0) },
            rule("it reads y1 and keeps no such trace") {
                $0.products[0].factors = [RuleFactor(.y1)]
            },
            rule("it reads calcium") { $0.products[0].factors = [RuleFactor(.calcium)] },
            rule("the factor lastPre + 0") { $0.products[0].factors = [RuleFactor(.lastPre)] },
            rule("x1 + \(Int.max)") {
                $0.products[0].factors = [RuleFactor(.x1, constant: .max)]
            },
            rule("it has 17 factors") {
                $0.products[0].factors = [RuleFactor](repeating: RuleFactor(.w), count: 17)
            },
            rule("trace x1: it is no register of the engine, or there twice") {
                $0.traces.append($0.traces[0])
            },
            rule("trace x2: it is no register") { $0.traces[0].register = .x2 },
            rule("trace w: it is no register") { $0.traces[0].register = .w },
            rule("its impulse is 128.0") { $0.traces[0].impulse = 128 },
            rule("its impulse is nan") { $0.traces[0].impulse = .nan },
            rule("its time constant is -1.0") { $0.traces[0].tau = -1 },
            rule("its time constant is inf") { $0.traces[0].tau = .infinity },
            rule("its time constant is missing") {
                $0.traces[0].tau = nil
                $0.traces[0].shape = .triangular
            },
            rule("its time constant is 0.0") {
                $0.traces[0].tau = 0
                $0.traces[0].shape = .triangular
            },
            rule("open for 1 to 16 steps") {
                ($0.products, $0.windows) = ([], [window(1, 16)])
            },
            rule("open for -1 to 6 steps") {
                ($0.products, $0.windows) = ([], [window(-1, 6)])
            },
            rule("open for 7 to 6 steps") {
                ($0.products, $0.windows) = ([], [window(7, 6)])
            },
            rule("no spike closes it") {
                ($0.products, $0.windows) = ([], [window(1, 6, .every(epochs: 1))])
            },
        ])
        // What lies just inside passes.
        var image = try TinyImage.learning()
        image.network.rules?[0].products = []
        image.network.rules?[0].windows = [window(0, 15), window(15, 15, .y0)]
        image.network.rules?[0].epoch = 4
        image.network.rules?[0].traces[0].impulse = 127
        image.network.rules?[0].traces[0].tau = nil
        #expect(message(of: image) == nil)
    }

    @Test("faults of plastic rows and of what they belong to are found")
    func plasticRows() throws {
        try expect([
            Fault("rowProjection has 5 entries") {
                $0.cores[0].synapses.rowProjection.removeLast()
            },
            Fault("hiddenWeights has 1 entries") { $0.cores[0].synapses.hiddenWeights = [0] },
            Fault("rowProjection[5]: it is 2") { $0.cores[0].synapses.rowProjection[5] = 2 },
            Fault("rowProjection[5]: it is 5") { $0.cores[0].synapses.rowProjection[5] = 5 },
            Fault("rowProjection[4]: it is 0 and follows 1") {
                $0.cores[0].synapses.rowProjection[3] = 1
                $0.cores[0].synapses.rowProjection[4] = 0
            },
            Fault("rowProjection[4]: it is 1 and follows 1") {
                $0.cores[0].synapses.rowProjection[3] = 1
            },
            Fault("targets[8]: it is 0") { $0.cores[0].synapses.targets[8] = 0 },
            Fault("by projection 0. That projection does not") {
                $0.cores[0].synapses.rowDelay[4] = 2
            },
            Fault("hiddenWeights[0]: it is 1") { $0.cores[0].synapses.hiddenWeights[0] = 1 },
            Fault("hiddenWeights[8]: it is 255") { $0.chip.synapse.hiddenWeightBits = 7 },
            Fault("weights[7]: it is -129") { $0.cores[0].synapses.weights[7] = -129 },
            Fault("it runs rule 1") { $0.network.projections[0].rule = 1 },
            Fault("it runs rule -1") { $0.network.projections[0].rule = -1 },
            Fault("it runs rule 0. The network has 0 rules") { $0.network.rules = nil },
            Fault("its name 'w' is there twice") { $0.network.projections[0].name = "w" },
            Fault("feedback of projection 4") { $0.network.projections[0].feedbackOf = 4 },
            Fault("a route of 'pre' leads to it") { $0.cores[0].routes.routes[0].axon = 4 },
            Fault("a route of 'in' leads to it") { $0.inputs[0].routes.routes[0].axon = 3 },
            Fault("and no route leads to it") { $0.cores[0].routes.routes[3].axon = 0 },
            Fault("a route of 'post' leads to it") { $0.cores[0].routes.routes[3].axon = 3 },
            Fault("it has 90 bytes of synapse memory") {
                // Six headers of 4, seven static synapses of 4 and four plastic ones of 6 bytes, more.
                $0.chip.core.synapseMemoryInBytes = 89
                $0.chip.synapse.bytesPerRowHeader = 6
                $0.chip.synapse.bytesPerSynapse = 6
                $0.chip.synapse.bytesPerPlasticSynapse = 3
            },
        ])
        var image = try TinyImage.learning()
        image.chip.core.synapseMemoryInBytes = 6 * 4 + 7 * 4 + 4 * 6
        #expect(message(of: image) == nil)
    }

    @Test("faults of noisy and sampling populations are found")
    func randomSomas() throws {
        try expect([
            Fault("its refractory period is 16") { $0.network.populations[0].refractorySteps = 16 },
            Fault("its refractory period is -1") { $0.network.populations[0].refractorySteps = -1 },
            Fault("its refractory period is 1 ") { $0.network.populations[1].refractorySteps = 1 },
            Fault("it has 0 noise sources") { $0.network.populations[0].noise = [] },
            Fault("it has 17 noise sources") {
                $0.network.populations[0].noise = [NoiseTable](
                    repeating: NoiseTable(amplitude: 1),
                    count: 17
                )
            },
            Fault("it has 1 noise sources") {
                $0.network.populations[1].noise = [NoiseTable(amplitude: 1)]
            },
            Fault("noise of amplitude 1024") {
                $0.network.populations[0].noise?[0].amplitude = 1024
            },
            Fault("noise of amplitude -1") { $0.network.populations[0].noise?[0].amplitude = -1 },
            Fault("it is sampling without a table") { $0.network.populations[1].sampling = nil },
            Fault("and without a current") { $0.network.populations[1].hasCurrent = false },
            Fault("it is noisyLIF with a table") {
                $0.network.populations[0].sampling = $0.network.populations[1].sampling
            },
            Fault("it has 0.0 log-odds") {
                $0.network.populations[1].sampling?.logOddsPerRaw = 0
            },
            Fault("it has nan log-odds") {
                $0.network.populations[1].sampling?.logOddsPerRaw = .nan
            },
            Fault("it has 1e-11 log-odds") {
                $0.network.populations[1].sampling?.logOddsPerRaw = 1e-11
            },
            Fault("a refractory time of 0") {
                $0.network.populations[1].sampling?.refractorySteps = 0
            },
            Fault("a refractory time of 16") {
                $0.network.populations[1].sampling?.refractorySteps = 16
            },
            Fault("potentials of 0 steps") { $0.network.populations[1].sampling?.pspSteps = 0 },
            Fault("potentials of 256 steps") {
                $0.network.populations[1].sampling?.pspSteps = 256
            },
            Fault("compartmentExponents[0]: it is -9") {
                $0.network.populations[1].compartmentExponents = [-9]
            },
        ])
        var image = try TinyImage.learning()
        image.network.populations[0].refractorySteps = 15
        image.network.populations[0].noise?[0].amplitude = 1023
        image.network.populations[1].sampling?.refractorySteps = 15
        image.network.populations[1].sampling?.pspSteps = 255
        image.network.populations[1].compartmentExponents = [-8]
        #expect(message(of: image) == nil)
    }

    @Test("the synapses of each projection are found, and their registers")
    func synapses() throws {
        let image = try TinyImage.learning()
        func list(_ index: Int) -> [[Int]] {
            image.synapses(ofProjection: index).map { [$0.pre, $0.post, $0.core, $0.synapse] }
        }
        #expect(list(0) == [[0, 0, 0, 7], [0, 1, 0, 8], [1, 0, 0, 9], [1, 1, 0, 10]])
        #expect(list(1) == [[0, 0, 0, 0], [0, 1, 0, 1]])
        #expect(list(2) == [[0, 0, 0, 6]])
        #expect(list(3) == [[0, 0, 0, 2], [0, 1, 0, 3], [1, 0, 0, 4], [1, 1, 0, 5]])
        #expect(image.registers(ofProjection: 0) == [-32_768, 32_767, 128, -255])
        #expect(image.registers(ofProjection: 3) == [1, -2, 3, -4])
        let changed = try image.settingWeights([0, 256, -256, 512], ofProjection: 0)
        #expect(changed.cores[0].synapses.hiddenWeights.isEmpty)
        #expect(changed.cores[0].synapses.weights.suffix(4) == [0, 1, -1, 2])
        let restored = try changed.settingWeights(
            image.registers(ofProjection: 0),
            ofProjection: 0
        )
        #expect(restored == image)
    }

    @Test("a rule is printed with its text, its traces, what it reads and who runs it")
    func disassembly() throws {
        let image = try TinyImage.learning()
        let text = image.disassembly()
        #expect(text.contains("4 synapses learn\n"))
        #expect(
            text.contains(
                """

                population  refractory  noise amplitude      log-odds a raw unit  potential
                pre         3           200, 30 of 'common'  -                    -
                post        10          -                    0.001                exponential

                """
            )
        )
        #expect(
            text.contains(
                """

                rule sal, epoch 1, run by b: post -> pre
                  x1: impulse 32, tau 10
                  dw: eta*x1*y0 - 2^-4*x0*w
                  reads x0 x1 y0 w
                  trace x1: impulse 32.0, tau 10.0, exponential
                  amplitudes eta

                """
            )
        )
        let core = try #require(image.disassembly(core: 3))
        #expect(
            core.contains(
                "row 4: delay 1, exponent 1, compartment 0, learns as b: post -> pre: 0*-128+0/256 1*127+255/256"
            )
        )
        #expect(core.contains("row 3: delay 2, exponent 0, compartment 0: 0*10\n"))
    }
}

@Suite("Rules of the engine loihi")
struct LoihiRuleTests {
    private func engine() -> LearningSpec {
        LearningSpec(
            engine: .loihi,
            registers: RuleVariable.allCases,
            traceBits: 7,
            traceRounding: .stochastic,
            traceDecayBits: 16,
            weightRounding: .stochastic,
            tieRule: .include,
            timestamp: .soma,
            longestWindowInSteps: 63,
            longestEpochInSteps: 63,
            maximumProducts: 16,
            maximumRules: 4,
            hasHomeostasis: false,
            hasGainServo: false,
            longestAttenuation: 0
        )
    }

    private func program(mantissa: Int, exponent: Int, factor: RuleVariable = .y1) -> RuleProgram {
        RuleProgram(
            name: "r",
            source: [],
            traces: [TraceProgram(register: .y1, impulse: 16, tau: 10)],
            products: [
                RuleProduct(
                    trigger: .x0,
                    mantissa: mantissa,
                    exponent: exponent,
                    factors: [RuleFactor(.y1), RuleFactor(factor)]
                )
            ],
            windows: [],
            amplitudes: []
        )
    }

    @Test("a coefficient at the edge is accepted, one beyond it and foreign registers are not")
    func edges() throws {
        for (mantissa, exponent) in [(7, 8), (-8, -7)] {
            try program(mantissa: mantissa, exponent: exponent)
                .verify(engine: engine(), chip: "l")
        }
        for bad in [
            program(mantissa: 8, exponent: 0), program(mantissa: -9, exponent: 0),
            program(mantissa: 1, exponent: 9), program(mantissa: 1, exponent: -8),
            program(mantissa: 1, exponent: 0, factor: .v),
        ] {
            #expect(throws: ChipImageError.self) { try bad.verify(engine: engine(), chip: "l") }
        }
    }
}
