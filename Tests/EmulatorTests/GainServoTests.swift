import ChipImage
import ChipSpec
import Emulator
import Events
import FixedPoint
import TestSupport
import Testing

/// A servo, two updates of +64 from a register on, and the register at the end of the period.
struct ServoCase: Sendable {
    var start: Int
    var isExact: Bool
    var gain: Int
    var end: Int
    /// Whether the weight is rewritten.
    var isScaled: Bool

    init(_ start: Int, exact gain: Int, _ end: Int, isScaled: Bool = true) {
        (self.start, isExact, self.gain, self.end) = (start, true, gain, end)
        self.isScaled = isScaled
    }

    init(_ start: Int, shifts gain: Int, _ end: Int) {
        (self.start, isExact, self.gain, self.end) = (start, false, gain, end)
        isScaled = true
    }
}

/// The gain servo of `docs/NUMERICS.md`, section 9.
@Suite("Gain servo")
struct GainServoTests {
    @Test(
        "scales a weight by what its updates said, to the bit, once a period",
        arguments: MachineUnderTest.all,
        [
            // S = 64 · 2560 + 64 · 2624, Q = 2688²: φ = 3009.
            ServoCase(2560, exact: 1 << 12, 2811),
            ServoCase(-2560, exact: 1 << 12, -2299),
            // Never by more than a fifth.
            ServoCase(2560, exact: 30 << 12, 3226),
            ServoCase(-2560, exact: 30 << 12, -1946),
            ServoCase(2560, exact: 0, 2688, isScaled: false),
            // The largest gain there is.
            ServoCase(2560, exact: 1 << 24, 3226),
            // At the rail updates are as large as they come out, and the factor stops there too.
            ServoCase(30_000, exact: 30 << 12, 32_767),
            ServoCase(32_740, exact: 30 << 12, 32_767),
            // A weight of 0 says nothing: S = −64 · 64 + 64 · 0; nor can it be scaled.
            ServoCase(-64, exact: 1 << 12, 51),
            ServoCase(-128, exact: 1 << 12, 0, isScaled: false),
            // S = 2 · 64 of 8 digits, Q = 2688 of 12.
            ServoCase(2560, shifts: 0, 2856),
            ServoCase(-2560, shifts: 0, -2280),
            // Never by more than an eighth.
            ServoCase(2560, shifts: 2, 3024),
            ServoCase(2560, shifts: 5, 3024),
        ]
    )
    func byHand(_ kind: MachineUnderTest, _ expected: ServoCase) {
        var pair = PairRun(PairImage(PairImage.constant(.x0, exponent: -2)), kind)
        pair.machine.setLearning(projection: PairImage.forward, isOn: true)
        pair.setForward(expected.start)
        let servo = ServoSetting(
            isExact: expected.isExact,
            gain: expected.gain,
            periodInSteps: 20
        )
        pair.machine.setGainServo(projection: PairImage.forward, servo)
        pair.run(to: 19, a: [10, 12])
        #expect(pair.forward == min(expected.start + 128, 32_767))
        pair.run(to: 20)
        #expect(pair.forward == expected.end)
        #expect(pair.machine.lastCoreCounts.map(\.weightUpdates) == [0, expected.isScaled ? 1 : 0])
        #expect(pair.machine.actionsDone[.weightUpdate] == (expected.isScaled ? 3 : 2))
        // The next period knows nothing of this one.
        pair.run(to: 80)
        #expect(pair.forward == expected.end)
    }

    @Test(
        "begins anew when it is switched on, stops when it is switched off",
        arguments: MachineUnderTest.all
    )
    func switches(_ kind: MachineUnderTest) {
        let servo = ServoSetting(isExact: true, gain: 30 << 12, periodInSteps: 20)
        var pair = PairRun(PairImage(PairImage.constant(.x0, exponent: -2)), kind)
        pair.machine.setLearning(projection: PairImage.forward, isOn: true)
        pair.setForward(2560)
        pair.machine.setGainServo(projection: PairImage.forward, servo)
        pair.run(to: 15, a: [10])
        pair.machine.setGainServo(projection: PairImage.forward, servo)
        pair.run(to: 60)
        #expect(pair.forward == 2624)
        pair.run(to: 70, a: [65])
        pair.machine.setGainServo(projection: PairImage.forward, nil)
        pair.run(to: 120)
        #expect(pair.forward == 2688)
        // A state reset leaves it running, as it leaves rate control.
        pair.machine.setGainServo(projection: PairImage.forward, servo)
        pair.run(to: 130, a: [125])
        pair.machine.resetState()
        pair.run(to: 140)
        #expect(pair.forward == 3302)
    }

    @Test("rounds by the draw of its pair and step", arguments: MachineUnderTest.all)
    func draws(_ kind: MachineUnderTest) {
        var image = PairImage(PairImage.constant(.x0, exponent: -2))
        image.chip.learning?.weightRounding = .stochastic
        let seeds = (0..<UInt32(8)).map { UInt64($0) << 40 | 5 }
        var rests: Set<Int> = []
        for seed in seeds {
            var pair = PairRun(image, kind, seed: seed)
            pair.machine.setLearning(projection: PairImage.forward, isOn: true)
            pair.setForward(2560)
            pair.machine.setGainServo(
                projection: PairImage.forward,
                ServoSetting(isExact: true, gain: 1 << 12, periodInSteps: 20)
            )
            pair.run(to: 20, a: [10, 12])
            var id: UInt32 = 2_166_136_261
            for byte in "a>b".utf8 { id = (id ^ UInt32(byte)) &* 16_777_619 }
            let key = (UInt32(truncatingIfNeeded: seed) ^ id, UInt32(seed >> 32))
            let word = Philox4x32.block(counter: (3 << 30, 0, 19, 4), key: key).0
            let expected = 2688 + (2688 * 3009 + Int(word & 0xFFFF)) >> 16
            #expect(pair.forward == expected)
            rests.insert(expected)
        }
        #expect(rests.count == 2)
    }

    @Test("keeps a sum at its rail, and finds the change of a factor from any sums")
    func rails() {
        let top = GainServo.largestSum
        #expect(top == 140_737_488_355_327)
        let exact = GainServo(law: .exact(gain: 1 << 24), periodInSteps: 3)
        var running = RunningGainServo(exact, cores: [1])
        running.pending[1] = top - 1
        let first = running.endStep()
        #expect(!first)
        #expect(running.sums[1] == top - 1)
        running.pending[1] = top
        let second = running.endStep()
        #expect(!second)
        #expect(running.sums[1] == top)
        running.pending[1] = .min / 2
        let third = running.endStep()
        #expect(third)
        #expect(running.sums[1] == -top && running.pending[1] == 0)

        #expect(exact.change(sum: top, size: 1) == 13_107)
        #expect(exact.change(sum: -top, size: 1) == -13_107)
        // 16 · 2^24 / (2^47 − 1), once and some times.
        #expect(exact.change(sum: 1, size: top) == 0)
        #expect(exact.change(sum: (1 << 19) - 1, size: top) == 0)
        #expect(exact.change(sum: 1 << 19, size: top) == 1)
        #expect(exact.change(sum: 0, size: top) == 0 && exact.change(sum: 5, size: 0) == 0)
        let unit = GainServo(law: .exact(gain: 1 << 12), periodInSteps: 1)
        #expect(unit.change(sum: -1, size: 5) == -13_107)
        #expect(unit.change(sum: -1, size: 6) == -10_922)

        let shifts = GainServo(law: .shifts(exponent: 0), periodInSteps: 1)
        #expect(shifts.change(sum: 7, size: 63) == 8192)
        #expect(shifts.change(sum: 7, size: 64) == 4096)
        #expect(shifts.change(sum: 1, size: 1 << 16) == 1)
        #expect(shifts.change(sum: -1, size: 1 << 17) == 0)
        let steep = GainServo(law: .shifts(exponent: 12), periodInSteps: 1)
        #expect(steep.change(sum: -top, size: 1) == -8192)
        #expect(steep.change(sum: 1, size: top) == 0)
    }

    /// Weights that are drawn to r: dw = 2^-8 · (r − w) in each step.
    private static func drawn(_ kind: MachineUnderTest, from share: Double) -> PairRun {
        var rule = PairImage.constant(.every(epochs: 1), exponent: -8)
        rule.products[0].factors = [RuleFactor(.r)]
        rule.products.append(
            RuleProduct(
                trigger: .every(epochs: 1),
                mantissa: -1,
                exponent: -8,
                factors: [RuleFactor(.w)]
            )
        )
        var pair = PairRun(PairImage(rule), kind)
        pair.learn()
        pair.machine.setReward(projection: PairImage.forward, value: 100)
        pair.machine.setReward(projection: PairImage.backward, value: -80)
        pair.setForward(Int(25_600 * share))
        pair.machine.setWeightRegister(
            projection: PairImage.backward,
            pre: 0,
            post: 0,
            value: Int(-20_480 * share)
        )
        return pair
    }

    @Test(
        "brings weights that are s times their target to it as its law says",
        arguments: MachineUnderTest.all,
        [0.75, 0.9, 1.2]
    )
    func closedForm(_ kind: MachineUnderTest, _ share: Double) {
        let (rate, period, kappa) = (1.0 / 256, 3, 30)
        var alone = Self.drawn(kind, from: share)
        var pair = Self.drawn(kind, from: share)
        for projection in [PairImage.forward, PairImage.backward] {
            pair.machine.setGainServo(
                projection: projection,
                ServoSetting(isExact: true, gain: kappa << 12, periodInSteps: period)
            )
        }
        var (slope, slow) = (share, share)
        for n in 1...12 {
            for _ in 0..<period {
                slow += rate * (1 - slow)
            }
            // g = ⟨ΔB, B⟩ / ⟨B, B⟩, B = sW.
            var sum = 0.0
            for _ in 0..<period {
                sum += rate * (1 - slope) * slope
                slope += rate * (1 - slope)
            }
            slope *= 1 + min(0.2, max(-0.2, Double(kappa) * sum / (slope * slope)))
            alone.run(to: n * period)
            pair.run(to: n * period)
            for (machine, expected) in [(pair, slope), (alone, slow)] {
                #expect((Double(machine.forward) / 25_600 - expected).magnitude < 0.01)
                #expect((Double(machine.backward) / -20_480 - expected).magnitude < 0.01)
            }
        }
        #expect((slope - 1).magnitude < 0.005)
        #expect((slow - 1).magnitude > 0.8 * (share - 1).magnitude)
    }

    @Test(
        "comes to the same scale with shifts alone",
        arguments: MachineUnderTest.all,
        [0.75, 1.2]
    )
    func shifts(_ kind: MachineUnderTest, _ share: Double) {
        var pair = Self.drawn(kind, from: share)
        for projection in [PairImage.forward, PairImage.backward] {
            pair.machine.setGainServo(
                projection: projection,
                ServoSetting(isExact: false, gain: 5, periodInSteps: 3)
            )
        }
        pair.run(to: 60)
        #expect((Double(pair.forward) / 25_600 - 1).magnitude < 0.01)
        #expect((Double(pair.backward) / -20_480 - 1).magnitude < 0.01)
    }

    /// Registers of all plastic synapses, and all counts, after some steps.
    private func outcome(
        _ random: RandomImage,
        image: ChipImage? = nil,
        host: MachineOptions = .init(),
        _ change: (HostAction) -> HostAction? = { $0 }
    ) -> ([Int], ActionCounts) {
        let machine = Machine(
            image: image ?? random.image,
            device: random.device,
            seed: 9,
            options: host
        )
        let actions = random.actions(steps: 60)
        for (step, inputs) in random.inputs(steps: 60).enumerated() {
            for action in actions[step].compactMap(change) { machine.apply(action) }
            var channels = random.image.inputs.map { _ in [UInt32]() }
            for input in inputs {
                channels[Int(input.core - NeuronAddress.firstInputCore)].append(input.neuron)
            }
            machine.step(inputs: channels)
        }
        let registers = random.image.network.projections.indices.flatMap { projection in
            machine.synapses(of: projection).map(\.register)
        }
        return (registers, machine.counts)
    }

    @Test("gives the same weights at any number of threads and for any partition of the host")
    func host() {
        let hosts = [
            MachineOptions(threads: 1, partitionSize: 1),
            MachineOptions(threads: 1, partitionSize: 3),
            MachineOptions(threads: 2, partitionSize: 7, smallestSplitWork: 0),
        ]
        for seed in 7000..<7040 {
            let random = RandomImage.make(seed: UInt64(seed))
            let plain = outcome(random)
            for host in hosts {
                let other = outcome(random, host: host)
                #expect(other.0 == plain.0 && other.1 == plain.1, "seed \(seed)")
            }
        }
    }

    @Test("changes nothing where it is off, where its gain is 0 and where the chip has none")
    func off() {
        func isServo(_ action: HostAction) -> Bool {
            if case .setGainServo = action { true } else { false }
        }
        var differing = 0
        for seed in 7100..<7140 {
            let random = RandomImage.make(seed: UInt64(seed))
            let with = outcome(random)
            let without = outcome(random) { isServo($0) ? nil : $0 }
            let zero = outcome(random) { action in
                guard case .setGainServo(let projection, var servo?) = action else { return action }
                servo.isExact = true
                servo.gain = 0
                return .setGainServo(projection: projection, servo)
            }
            #expect(zero.0 == without.0 && zero.1 == without.1, "seed \(seed)")
            differing += with.0 == without.0 ? 0 : 1
            var image = random.image
            image.chip.learning?.hasGainServo = false
            let none = outcome(random, image: image)
            #expect(none.0 == without.0 && none.1 == without.1, "seed \(seed)")
        }
        // So that the comparisons say something.
        #expect(differing > 5)
    }
}
