import ChipImage
import ChipSpec
import Events
import FixedPoint
import TestSupport
import Testing

/// Steps in which two neurons spike, and what that changes in the synapse from a to b.
struct Pairing: Sendable {
    var a: Set<Int>
    var b: Set<Int>
    var change: Int
    var firstStep: Int
    var isNewer: Bool
    var isUntied: Bool

    init(
        _ a: Set<Int>,
        _ b: Set<Int>,
        _ change: Int,
        firstStep: Int = 1,
        isNewer: Bool = true,
        isUntied: Bool = true
    ) {
        self.a = a
        self.b = b
        self.change = change
        self.firstStep = firstStep
        self.isNewer = isNewer
        self.isUntied = isUntied
    }
}

/// Sections 8 and 9 of `docs/NUMERICS.md`, worked out by hand, on every kind of machine.
@Suite("Plasticity by hand")
struct PlasticityTests {
    @Test("the images of these tests are valid")
    func valid() throws {
        try PairImage(PairImage.exponential()).image.verify()
        try PairImage(PairImage.nearestNeighbour()).image.verify()
    }

    @Test(
        "a learning trace falls from step to step, and both synapses of a pair move against each other",
        arguments: MachineUnderTest.all
    )
    func exponential(_ kind: MachineUnderTest) {
        var pair = PairRun(PairImage(PairImage.exponential()), kind)
        pair.learn()
        pair.run(to: 20, a: [10], b: [12])
        // 32 after step 10, read as 8 in step 12.
        #expect(pair.forward == 8)
        #expect(pair.backward == -8)
    }

    @Test(
        "a synapse that keeps its sign stops at 0, also when the host writes it",
        arguments: MachineUnderTest.all,
        [(SignMode.mixed, 3, -3), (.excitatory, 3, 0), (.inhibitory, 0, -3)]
    )
    func signs(_ kind: MachineUnderTest, _ expected: (SignMode, Int, Int)) throws {
        var image = PairImage(PairImage.exponential())
        image.signMode = expected.0
        try image.image.verify()
        var pair = PairRun(image, kind)
        for weight in [3, -3] {
            pair.setForward(weight)
            #expect(pair.forward == (weight > 0 ? expected.1 : expected.2))
        }
        pair.setForward(0)
        pair.learn()
        // 8 up for the one synapse, 8 down for the other; then the other way round, and 4 more.
        pair.run(to: 20, a: [10], b: [12])
        #expect(pair.forward == (expected.0 == .inhibitory ? 0 : 8))
        #expect(pair.backward == (expected.0 == .excitatory ? 0 : -8))
        pair.run(to: 60, a: [41], b: [40])
        #expect(pair.forward == (expected.0 == .excitatory ? 0 : expected.0 == .mixed ? -8 : -16))
        #expect(pair.backward == (expected.0 == .inhibitory ? 0 : expected.0 == .mixed ? 8 : 16))
    }

    @Test(
        "without the rule switched on, weights stay, but learning traces are kept",
        arguments: MachineUnderTest.all
    )
    func switchedOff(_ kind: MachineUnderTest) {
        var pair = PairRun(PairImage(PairImage.exponential()), kind)
        pair.run(to: 11, a: [5, 10], b: [7])
        #expect(pair.forward == 0 && pair.backward == 0)
        pair.machine.setLearning(projection: PairImage.forward, isOn: true)
        // x1 is 1 + 32 after step 10 and 8 in step 12.
        pair.run(to: 20, b: [12])
        #expect(pair.forward == 8 && pair.backward == 0)
        pair.machine.setLearning(projection: PairImage.forward, isOn: false)
        pair.run(to: 32, a: [31])
        pair.machine.setLearning(projection: PairImage.forward, isOn: true)
        pair.run(to: 40, b: [33])
        #expect(pair.forward == 16 && pair.backward == 0)
    }

    @Test(
        "spikes of one step see each other as the tie rule says",
        arguments: MachineUnderTest.all,
        [(TieRule.exclude, 8), (.include, 20), (.preFirst, 40), (.postFirst, -12)]
    )
    func ties(_ kind: MachineUnderTest, _ expected: (TieRule, Int)) {
        var image = PairImage(PairImage.exponential(xImpulse: 32, yImpulse: 20))
        image.chip.learning?.tieRule = expected.0
        var pair = PairRun(image, kind)
        pair.learn()
        // x1 is 32 after step 18 and 8 in step 20, where both spike: 8 or 40 less 0 or 20.
        pair.run(to: 22, a: [18, 20], b: [20])
        #expect(pair.forward == expected.1)
    }

    @Test(
        "a presynaptic spike acts with its soma or on arrival, as the chip says",
        arguments: MachineUnderTest.all,
        [(PlasticityTimestamp.soma, 8), (.arrival, -16)]
    )
    func timestamps(_ kind: MachineUnderTest, _ expected: (PlasticityTimestamp, Int)) {
        var image = PairImage(PairImage.exponential())
        image.forwardDelay = 3
        image.chip.learning?.timestamp = expected.0
        var pair = PairRun(image, kind)
        pair.learn()
        // On arrival, in step 13, the postsynaptic spike of step 12 came first.
        pair.run(to: 20, a: [10], b: [12])
        #expect(pair.forward == expected.1)
    }

    @Test(
        "a state reset forgets spikes that have not arrived, and keeps weights",
        arguments: MachineUnderTest.all
    )
    func reset(_ kind: MachineUnderTest) {
        var image = PairImage(PairImage.exponential())
        image.forwardDelay = 3
        image.chip.learning?.timestamp = .arrival
        var pair = PairRun(image, kind)
        pair.learn()
        pair.setForward(1000)
        pair.run(to: 12, a: [10], b: [12])
        pair.machine.resetState()
        pair.run(to: 20, b: [13])
        #expect(pair.forward == 1000)
        pair.run(to: 40, a: [30], b: [34])
        #expect(pair.forward == 1016)
        // A trace that is there, and one that is forgotten.
        pair.run(to: 54, a: [50])
        pair.machine.resetState()
        pair.run(to: 60, b: [55])
        #expect(pair.forward == 1016)
    }

    @Test(
        "a triangular trace falls by a constant, and a spike sets it back",
        arguments: MachineUnderTest.all,
        [
            Pairing([10, 11], [13], 6), Pairing([10], [13], 3), Pairing([10], [14], 0),
            Pairing([10], [11], 9),
        ]
    )
    func triangular(_ kind: MachineUnderTest, _ expected: Pairing) {
        var rule = PairImage.exponential()
        rule.traces = [.x1, .y1].map {
            TraceProgram(register: $0, impulse: 12, tau: 4, shape: .triangular)
        }
        var pair = PairRun(PairImage(rule), kind)
        pair.learn()
        pair.run(to: 20, a: expected.a, b: expected.b)
        #expect(pair.forward == expected.change)
    }

    @Test(
        "a trace without tau stays and saturates, one of tau 0 lives within its step",
        arguments: MachineUnderTest.all
    )
    func extremes(_ kind: MachineUnderTest) {
        var rule = PairImage.exponential()
        rule.traces[0].tau = nil
        rule.products = [rule.products[0]]
        var pair = PairRun(PairImage(rule), kind)
        pair.learn()
        pair.run(to: 100, a: [10, 20, 30], b: [99])
        #expect(pair.forward == 96)
        pair.run(to: 200, a: [110, 120], b: [199])
        #expect(pair.forward == 96 + 127)

        rule.traces[0].tau = 0
        var image = PairImage(rule)
        image.chip.learning?.tieRule = .preFirst
        var other = PairRun(image, kind)
        other.learn()
        other.run(to: 30, a: [10, 20], b: [11, 20])
        #expect(other.forward == 32)
    }

    @Test(
        "the nearest-neighbour rule pairs each spike with the newer partner within its window",
        arguments: MachineUnderTest.all,
        [
            // At the edge of the window and one behind it.
            Pairing([10], [16], 1), Pairing([10], [17], 0), Pairing([16], [10], -1),
            Pairing([17], [10], 0),
            // The second spike of b finds no partner newer than the first.
            Pairing([10], [12, 14], 1),
            // A tie gets nothing, and sets both last spikes.
            Pairing([10, 14], [14], 0), Pairing([10, 14], [14, 15], 0),
            Pairing([10, 14, 18], [14, 15], -1),
            // Each takes its turn.
            Pairing([10, 14], [12, 16], 1),
        ]
    )
    func nearestNeighbour(_ kind: MachineUnderTest, _ expected: Pairing) {
        var pair = PairRun(PairImage(PairImage.nearestNeighbour()), kind)
        pair.learn()
        for projection in [PairImage.forward, PairImage.backward] {
            pair.machine.setAmplitude(projection: projection, index: 0, value: 0.5)
        }
        pair.run(to: 30, a: expected.a, b: expected.b)
        #expect(pair.forward == 128 * expected.change)
        #expect(pair.backward == -128 * expected.change)
    }

    @Test(
        "windows without their conditions count older partners and ties",
        arguments: MachineUnderTest.all,
        [
            // Both spikes of b count the one of a.
            Pairing([10], [12, 14], 2, firstStep: 1, isNewer: false, isUntied: true),
            // In step 14, b counts the spike of a in step 10, and a none.
            Pairing([10, 14], [14], 1, firstStep: 1, isNewer: true, isUntied: false),
            // In step 14 the two count each other, and look no further back.
            Pairing([10, 14], [14], 0, firstStep: 0, isNewer: true, isUntied: false),
            // Ties left out are left out, even in a window from 0.
            Pairing([10, 14], [14], 0, firstStep: 0, isNewer: true, isUntied: true),
        ]
    )
    func windows(_ kind: MachineUnderTest, _ expected: Pairing) {
        let rule = PairImage.nearestNeighbour(
            firstStep: expected.firstStep,
            isNewer: expected.isNewer,
            isUntied: expected.isUntied
        )
        var pair = PairRun(PairImage(rule), kind)
        pair.learn()
        pair.machine.setAmplitude(projection: PairImage.forward, index: 0, value: 1)
        pair.run(to: 30, a: expected.a, b: expected.b)
        #expect(pair.forward == 256 * expected.change)
    }

    @Test(
        "a partner of the early side that spikes in the same step hides its spikes before",
        arguments: MachineUnderTest.all,
        [(TieRule.exclude, 1), (.include, 0), (.preFirst, 0), (.postFirst, 1)]
    )
    func earlySides(_ kind: MachineUnderTest, _ expected: (TieRule, Int)) {
        var image = PairImage(PairImage.nearestNeighbour(isUntied: false))
        image.chip.learning?.tieRule = expected.0
        var pair = PairRun(image, kind)
        pair.learn()
        pair.machine.setAmplitude(projection: PairImage.forward, index: 0, value: 1)
        // In step 14, b looks for a spike of a: that of step 10, or that of step 14 itself.
        pair.run(to: 30, a: [10, 14], b: [14])
        #expect(pair.forward == 256 * expected.1)
    }

    @Test("amplitudes are 0 until the host sets them", arguments: MachineUnderTest.all)
    func amplitudes(_ kind: MachineUnderTest) {
        var pair = PairRun(PairImage(PairImage.nearestNeighbour()), kind)
        pair.learn()
        pair.run(to: 20, a: [10], b: [12])
        #expect(pair.forward == 0 && pair.machine.actionsDone[.weightUpdate] == 0)
        pair.machine.setAmplitude(projection: PairImage.forward, index: 0, value: 0.013)
        pair.run(to: 40, a: [30], b: [32])
        // nearest(0.013 · 2^20) / 2^12 = 3.328.
        #expect(pair.forward == 3 && pair.machine.actionsDone[.weightUpdate] == 1)
    }

    @Test(
        "the sum of two reciprocal weights is constant to the last bit where updates round to nearest",
        arguments: MachineUnderTest.all,
        [true, false]
    )
    func constantSum(_ kind: MachineUnderTest, _ hasTraces: Bool) {
        var rule = hasTraces ? PairImage.exponential() : PairImage.nearestNeighbour()
        rule.amplitudes = ["eta"]
        for index in rule.products.indices { rule.products[index].amplitude = 0 }
        for index in rule.traces.indices { rule.traces[index].tau = 7 }
        var random = SplitMix64(seed: 11)
        let a = Set((1...3000).filter { _ in random.chance(0.15) })
        let b = Set((1...3000).filter { _ in random.chance(0.15) })
        var pair = PairRun(PairImage(rule), kind)
        pair.learn()
        for projection in [PairImage.forward, PairImage.backward] {
            pair.machine.setAmplitude(projection: projection, index: 0, value: 0.613)
        }
        pair.setForward(2500)
        var registers: Set<Int> = []
        for end in stride(from: 50, through: 3000, by: 50) {
            pair.run(to: end, a: a, b: b)
            registers.insert(pair.forward)
            #expect(pair.forward + pair.backward == 2500)
        }
        #expect(registers.count > 5)
    }

    @Test("a register stops at its rails", arguments: MachineUnderTest.all)
    func rails(_ kind: MachineUnderTest) {
        var pair = PairRun(PairImage(PairImage.constant(.x0, exponent: 0)), kind)
        pair.learn()
        pair.setForward(32_767 - 300)
        pair.run(to: 20, a: [10])
        #expect(pair.forward == 32_767 - 44)
        pair.run(to: 40, a: [30])
        #expect(pair.forward == 32_767)
        pair.setForward(-40_000)
        #expect(pair.forward == -32_768)
    }

    @Test(
        "every(n) acts in the last step of every n-th epoch, counted from the start of the machine",
        arguments: MachineUnderTest.all
    )
    func every(_ kind: MachineUnderTest) {
        let rule = PairImage.constant(.every(epochs: 2), exponent: -8, epoch: 3)
        var pair = PairRun(PairImage(rule), kind)
        pair.learn()
        pair.run(to: 5)
        #expect(pair.forward == 0)
        pair.run(to: 6)
        #expect(pair.forward == 1)
        pair.machine.resetState()
        pair.run(to: 11)
        #expect(pair.forward == 1)
        pair.run(to: 12)
        #expect(pair.forward == 2 && pair.backward == 2)
    }

    @Test(
        "an update rounds by the draw of its pair, step and trigger",
        arguments: MachineUnderTest.all
    )
    func draws(_ kind: MachineUnderTest) {
        // 2^-12 of a visible bit is a sixteenth of the register's lowest.
        var sums: [Int] = []
        for trigger in [RuleTrigger.x0, .y0, .every(epochs: 1)] {
            var rule = PairImage.constant(trigger, exponent: -9)
            rule.products[0].mantissa = -1
            var image = PairImage(rule)
            image.chip.learning?.weightRounding = .stochastic
            var pair = PairRun(image, kind, seed: 0xDEAD_BEEF_0000_0007)
            pair.learn()
            let spikes = Set((1...40).filter { $0 % 2 == 0 })
            pair.run(to: 41, a: spikes, b: spikes)
            var id: UInt32 = 2_166_136_261
            for byte in "a>b".utf8 { id = (id ^ UInt32(byte)) &* 16_777_619 }
            let key: (UInt32, UInt32) = (7 ^ id, 0xDEAD_BEEF)
            var expected = 0
            for t in UInt32(0)..<41 {
                let first: UInt32
                switch trigger {
                case .x0: first = 0
                case .y0: first = 1 << 31
                case .every: first = 1 << 30
                }
                if case .every = trigger {} else if t % 2 == 1 || t == 0 { continue }
                let word = Philox4x32.block(counter: (first, 0, t, 4), key: key).0
                expected += (-2048 + Int(word & 0xFFF)) >> 12
            }
            #expect(pair.forward == expected)
            sums.append(expected)
        }
        #expect(Set(sums).count > 1 && sums.allSatisfy { $0 < 0 })
    }

    @Test(
        "factors are clamped, added to constants, and may count by their sign",
        arguments: MachineUnderTest.all
    )
    func factors(_ kind: MachineUnderTest) {
        func change(_ exponent: Int, _ factors: [RuleFactor], reward: Int32 = 0) -> Int {
            var rule = PairImage.exponential()
            rule.products = [
                RuleProduct(trigger: .y0, mantissa: 1, exponent: exponent, factors: factors)
            ]
            var pair = PairRun(PairImage(rule), kind)
            pair.learn()
            pair.setForward(-700)
            pair.machine.setReward(projection: PairImage.forward, value: reward)
            pair.run(to: 20, a: [10], b: [12])
            return pair.forward + 700
        }
        // x1 is 8, the visible weight −3.
        #expect(change(-8, [RuleFactor(.x1, constant: -3)]) == 5)
        #expect(change(-8, [RuleFactor(.x1, constant: -3), RuleFactor(.w)]) == -15)
        #expect(change(-8, [RuleFactor(.w, constant: 1, isSign: true)]) == -1)
        #expect(change(-8, [RuleFactor(.w, constant: 3, isSign: true)]) == 0)
        #expect(change(-8, [RuleFactor(.x0, constant: 1), RuleFactor(.y0, constant: 1)]) == 2)
        #expect(change(-8, [RuleFactor(.r)], reward: -9) == -9)
    }

    @Test(
        "presynaptic spikes of a step change weights before postsynaptic ones",
        arguments: MachineUnderTest.all
    )
    func order(_ kind: MachineUnderTest) {
        var rule = PairImage.constant(.x0, exponent: 0)
        rule.products.append(
            RuleProduct(trigger: .y0, mantissa: 1, exponent: -8, factors: [RuleFactor(.w)])
        )
        var pair = PairRun(PairImage(rule), kind)
        pair.learn()
        pair.run(to: 20, a: [10], b: [10])
        // One visible bit, which the second product then reads as 1.
        #expect(pair.forward == 257)
    }

    @Test(
        "a learning trace decays by the draw of its neuron, register and step",
        arguments: MachineUnderTest.all
    )
    func traceDraws(_ kind: MachineUnderTest) {
        var image = PairImage(PairImage.exponential(xImpulse: 101, yImpulse: 90))
        image.chip.learning?.traceRounding = .stochastic
        var values: [Int] = []
        for delay in 0...1 {
            image.forwardDelay = delay + 1
            image.chip.learning?.timestamp = delay == 0 ? .soma : .arrival
            var pair = PairRun(image, kind, seed: 3)
            pair.learn()
            pair.run(to: 30, a: [10], b: [14])
            let offset = delay == 0 ? 0 : 2
            func fallen(
                _ z: Int64,
                _ steps: ClosedRange<UInt32>,
                _ block: UInt32,
                _ name: UInt8
            ) -> Int {
                let id = (2_166_136_261 ^ UInt32(name)) &* 16_777_619
                let end = steps.reduce(z) { z, t in
                    let word = Philox4x32.block(counter: (block, id, t, 5), key: (3, 0)).0
                    return (z * 32_768 + Int64(word & 0xFFFF)) >> 16
                }
                return Int(end)
            }
            let start = UInt32(11 + offset)
            let x1 = fallen(101, start...14, UInt32(offset) << 23, 0x61)
            #expect(pair.forward == x1)
            values += [x1, 101 >> (4 - offset)]
            // b's spike reaches a by the delay of 1, at which y1 of a has fallen for longer.
            let y1 = fallen(90, 11...(14 + UInt32(delay)), 2 << 20, 0x61)
            #expect(pair.backward == -y1)
        }
        // Not what floor gives.
        #expect(values[0] != values[1] || values[2] != values[3])
    }

    @Test(
        "the time constants of a device's learning traces differ, each side for itself",
        arguments: MachineUnderTest.all
    )
    func traceMismatch(_ kind: MachineUnderTest) {
        let rule = PairImage.exponential(xImpulse: 120, yImpulse: 120)
        let device = Device(seed: 8, variation: [.traceTau: 0.3])
        var pair = PairRun(PairImage(rule), kind, device: device)
        pair.learn()
        pair.run(to: 20, a: [10], b: [11])
        let stream = RandomStream(seed: 8, purpose: .fixedPattern)
        func fallen(_ k: UInt32, _ core: UInt32) -> Int {
            let sigma = PortableMath.log(1 + 0.3 * 0.3).squareRoot()
            let g = PortableMath.exp(sigma * stream.normal(k, core, 7) - sigma * sigma / 2)
            let factor = PortableMath.exp(-1 / (PairImage.halving * g))
            return (120 * Int((65536 * factor).rounded())) >> 16
        }
        // x1 of axon 1 on the core of b; y1 of a, which is register 2, on its own.
        #expect(pair.forward == fallen(1, 5) && pair.backward == -fallen(2 << 20, 0))
        #expect(Set([pair.forward, -pair.backward, 60]).count == 3)
    }

    @Test("the product of factors stops at 2^31", arguments: MachineUnderTest.all)
    func clamp(_ kind: MachineUnderTest) {
        var rule = PairImage.exponential()
        func product(_ mantissa: Int, _ exponent: Int, _ factors: [RuleFactor]) -> RuleProduct {
            RuleProduct(trigger: .y0, mantissa: mantissa, exponent: exponent, factors: factors)
        }
        // min(8 · 2^30, 2^31) − 2 · 2^30 + 8 · 2^12, x1 being 8.
        rule.products = [
            product(1, -20, [RuleFactor(.x1), RuleFactor(.r)]),
            product(-1, -20, [RuleFactor(.y0, constant: 1), RuleFactor(.r)]),
            product(1, -8, [RuleFactor(.x1)]),
        ]
        var pair = PairRun(PairImage(rule), kind)
        pair.learn()
        pair.machine.setReward(projection: PairImage.forward, value: 1 << 30)
        pair.run(to: 20, a: [10], b: [12])
        #expect(pair.forward == 8)
    }

    @Test(
        "updates and learning traces are counted where they happen",
        arguments: MachineUnderTest.all
    )
    func counts(_ kind: MachineUnderTest) {
        var pair = PairRun(PairImage(PairImage.exponential()), kind)
        pair.learn()
        pair.run(to: 11, a: [10])
        // x1 of a's axon on the core of b, y1 of a on its own.
        #expect(pair.machine.lastCoreCounts.map(\.traceUpdates) == [1, 1])
        pair.run(to: 60)
        // Bumped in step 10, then 32, 16, 8, 4, 2, 1.
        #expect(pair.machine.actionsDone[.traceUpdate] == 14)
        #expect(pair.machine.actionsDone[.weightUpdate] == 0)
        pair.run(to: 73, a: [70], b: [72])
        #expect(pair.machine.lastCoreCounts.map(\.weightUpdates) == [1, 1])
        #expect(pair.machine.actionsDone[.weightUpdate] == 2)
    }
}

/// What a plastic synapse does to its target.
@Suite("Plastic synapses by hand")
struct PlasticSynapseTests {
    /// v of b one step after a spike of a in step 10.
    static func potential(
        _ kind: MachineUnderTest,
        register: Int,
        device: Device = .ideal,
        _ change: (inout PairRun) -> Void = { _ in }
    ) -> Int64 {
        let rule = PairImage.constant(.x0, exponent: 0)
        var pair = PairRun(PairImage(rule), kind, device: device)
        pair.setForward(register)
        change(&pair)
        pair.run(to: 12, a: [10])
        return pair.machine.membranePotential(population: 1, neuron: 0)
    }

    @Test(
        "the visible weight is its register rounded to nearest, ties up, within its bits",
        arguments: MachineUnderTest.all,
        [
            (127, 0), (128, 1), (-128, 0), (-129, -1), (32_639, 127), (32_640, 127),
            (32_767, 127), (-32_768, -128),
        ]
    )
    func visible(_ kind: MachineUnderTest, _ expected: (register: Int, weight: Int64)) {
        #expect(Self.potential(kind, register: expected.register) == 64 * expected.weight)
    }

    @Test(
        "a charge is formed from the weight after the updates of the spike's step",
        arguments: MachineUnderTest.all
    )
    func delivery(_ kind: MachineUnderTest) {
        let v = Self.potential(kind, register: 5 * 256) { $0.learn() }
        #expect(v == 64 * 6)
    }

    @Test(
        "a mismatched synapse multiplies its weight by 16 fraction bits of gain",
        arguments: MachineUnderTest.all
    )
    func mismatch(_ kind: MachineUnderTest) {
        let device = Device(seed: 3, variation: [.weight: 0.3])
        let v = Self.potential(kind, register: 101 * 256, device: device)
        let stream = RandomStream(seed: 3, purpose: .fixedPattern)
        // Synapse 1 of core 5.
        let z = stream.normal(1, 5, 5)
        let sigma = PortableMath.log(1 + 0.3 * 0.3).squareRoot()
        let g = PortableMath.exp(sigma * z - sigma * sigma / 2)
        let gain = Int64((g * 65536).rounded())
        let charge = (101 * gain * 64 + (1 << 15)) >> 16
        #expect(v == 64 * ((charge + 32) >> 6))
        #expect(v != 64 * 101)
    }
}
