import ChipImage
import ChipSpec
import Events
import FixedPoint
import TestSupport
import Testing

/// Section 8 of `docs/NUMERICS.md`, worked out by hand, on every kind of machine.
@Suite("Random somas by hand")
struct RandomSomataTests {
    @Test("the images of these tests are valid")
    func valid() throws {
        var solo = SoloImage(.noisyLIF, count: 3)
        solo.population.noise = [NoiseTable(amplitude: 7)]
        solo.rows = [(weight: 5, delay: 2)]
        try solo.image.verify()
        for psp in PSPShape.allCases { try SoloImage.sampling(psp).image.verify() }
    }

    @Test(
        "noisyLIF leaks towards bias and input, spikes, and is held at its reset potential",
        arguments: MachineUnderTest.all
    )
    func leak(_ kind: MachineUnderTest) {
        var solo = SoloImage(.noisyLIF)
        solo.membraneDecay = 8
        solo.bias = 101
        solo.threshold = 75
        solo.resetPotential = -10
        solo.population.refractorySteps = 2
        let run = solo.run(kind, steps: 8)
        // ⌊101/2⌋, 50 + ⌊51/2⌋ at the threshold, 75 + 13 above it; reset and two steps of rest.
        #expect(run.v == [50, 75, -10, -10, -10, 45, 73, -10])
        #expect(run.spikes == [2, 7])

        solo.bias = 0
        solo.rows = [(weight: -3, delay: 1)]
        let driven = solo.run(kind, inputs: [0, 1], steps: 4)
        // S << 1 = −6: half of it; −3 + ⌊−3/2⌋; −5 + ⌊5/2⌋.
        #expect(driven.v == [0, -3, -5, -3])
    }

    @Test("attenuation shifts the sum down to the right", arguments: MachineUnderTest.all)
    func attenuation(_ kind: MachineUnderTest) {
        var solo = SoloImage(.noisyLIF)
        solo.membraneDecay = 8
        solo.rows = [(weight: -3, delay: 1), (weight: -2, delay: 1)]
        let run = solo.run(kind, inputs: [0], steps: 2) {
            $0.setAttenuation(population: 0, shift: 1)
        }
        // (−5 >> 1) << 1 = −6, and half of it.
        #expect(run.v == [0, -3])
    }

    @Test(
        "noise is four bytes of a draw less 510, times the amplitude",
        arguments: MachineUnderTest.all
    )
    func noise(_ kind: MachineUnderTest) {
        var solo = SoloImage(.noisyLIF, count: 7)
        solo.population.noise = [
            NoiseTable(amplitude: 300), NoiseTable(amplitude: 77, sharedSource: "common"),
            NoiseTable(amplitude: 41),
        ]
        var machine = kind.make(solo.image, .ideal, 0x1_0000_0002)
        var v = [Int64](repeating: 0, count: 7)
        for t in UInt32(0)..<20 {
            _ = machine.advance([])
            for k in UInt32(0)..<7 {
                let words = [
                    word(k % 4, k / 4, "solo", t), word(0, 0xFFFF_FFFF, "common", t),
                    word(k % 4, k / 4 + 2 << 24, "solo", t),
                ]
                for (word, amplitude) in zip(words, [300, 77, 41] as [Int64]) {
                    let s = (0..<4).reduce(Int64(-510)) { $0 + Int64(word >> (8 * $1) & 255) }
                    v[Int(k)] += (s * amplitude + 128) >> 8
                }
                #expect(machine.membranePotential(population: 0, neuron: Int(k)) == v[Int(k)])
            }
        }
        #expect(Set(v).count == 7)
    }

    @Test(
        "a mismatched leak keeps the standard deviation of the free membrane",
        arguments: MachineUnderTest.all
    )
    func mismatchedNoise(_ kind: MachineUnderTest) {
        var solo = SoloImage(.noisyLIF)
        solo.membraneDecay = 4
        solo.population.noise = [NoiseTable(amplitude: 10_000)]
        let device = Device(seed: 6, variation: [.membraneTau: 0.6])
        let v = solo.run(kind, steps: 1, device: device, seed: 0x1_0000_0002).v
        let stream = RandomStream(seed: 6, purpose: .fixedPattern)
        let sigma = PortableMath.log(1 + 0.6 * 0.6).squareRoot()
        let g = PortableMath.exp(sigma * stream.normal(0, 2, 2) - sigma * sigma / 2)
        // (12/16)^(1/g), and the decay rounded to sixteenths.
        let kept = 16 - (16 * (1 - PortableMath.exp(PortableMath.log(0.75) / g))).rounded()
        let amplitude = (10_000 * ((256 - kept * kept) / (256 - 144)).squareRoot()).rounded()
        let draw = word(0, 0, "solo", 0)
        let s = (0..<4).reduce(Int64(-510)) { $0 + Int64(draw >> (8 * $1) & 255) }
        #expect(v == [(s * Int64(amplitude) + 128) >> 8] && amplitude != 10_000)
    }

    /// A word of the run seed 0x1_0000_0002 for noise.
    private func word(_ lane: UInt32, _ block: UInt32, _ name: String, _ t: UInt32) -> UInt32 {
        var id: UInt32 = 2_166_136_261
        for byte in name.utf8 { id = (id ^ UInt32(byte)) &* 16_777_619 }
        let words = Philox4x32.block(counter: (block, id, t, 2), key: (2, 1))
        return [words.0, words.1, words.2, words.3][Int(lane)]
    }

    @Test(
        "a rectangular potential lasts its steps and leaves nothing, mismatched or not",
        arguments: MachineUnderTest.all
    )
    func rectangular(_ kind: MachineUnderTest) {
        var solo = SoloImage.sampling(.rectangular, pspSteps: 3)
        solo.bias = -2000
        solo.rows = [(weight: 10, delay: 1), (weight: -3, delay: 2)]
        let run = solo.run(kind, inputs: [1, 3], steps: 9)
        let u: [Int64] = [0, 0, 10, 7, 17, 4, 7, -3, 0]
        #expect(run.v == u.map { 2 * $0 - 2000 })
        let shifted = solo.run(kind, inputs: [1, 3], steps: 9) {
            $0.setAttenuation(population: 0, shift: 2)
        }
        #expect(shifted.v == u.map { 2 * ($0 >> 2) - 2000 })
        let device = Device(seed: 4, variation: [.weight: 0.4])
        let inputs = Set((0..<200).filter { $0 % 7 < 3 })
        let mismatched = solo.run(kind, inputs: inputs, steps: 210, device: device)
        #expect(mismatched.v.last == -2000 && Set(mismatched.v).count > 3)
    }

    @Test(
        "exponential and alpha potentials are one and two filters",
        arguments: MachineUnderTest.all
    )
    func filters(_ kind: MachineUnderTest) {
        var solo = SoloImage.sampling(.exponential)
        solo.currentDecay = 8
        solo.rows = [(weight: 10, delay: 1)]
        #expect(solo.run(kind, inputs: [0], steps: 6).v == [0, 20, 10, 5, 2, 1])
        solo.population.sampling?.psp = .alpha
        // h: 20, 10, 5, 2, 1; u: 10, 5 + 5, 5 + 2, 3 + 1, 2 + 0.
        #expect(solo.run(kind, inputs: [0], steps: 6).v == [0, 10, 10, 7, 4, 2])
    }

    @Test(
        "a sampling neuron spikes at the earliest τ_ref steps after its last spike",
        arguments: MachineUnderTest.all
    )
    func refractory(_ kind: MachineUnderTest) {
        var solo = SoloImage.sampling(.rectangular, refractorySteps: 5)
        solo.bias = 400
        let spikes = solo.run(kind, steps: 2000, seed: 9).spikes
        let intervals = zip(spikes.dropFirst(), spikes).map(-)
        #expect(intervals.min() == 5 && intervals.contains(6))
        solo.bias = 100_000
        #expect(solo.run(kind, steps: 20).spikes == [0, 5, 10, 15])
        solo.bias = -100_000
        #expect(solo.run(kind, steps: 2000).spikes == [])
    }

    @Test(
        "a sampling neuron has spiked within the last τ_ref steps with probability σ(v)",
        arguments: MachineUnderTest.all,
        [-150, 0, 70, 220]
    )
    func probability(_ kind: MachineUnderTest, _ bias: Int32) {
        let (count, steps, refractory) = (64, 1500, 4)
        var solo = SoloImage.sampling(.exponential, count: count, refractorySteps: refractory)
        solo.bias = bias
        var machine = kind.make(solo.image, .ideal, 5)
        var last = [Int](repeating: -100, count: count)
        var active = 0
        for step in 0..<steps {
            for spike in machine.advance([]) { last[Int(spike.neuron)] = step }
            guard step >= 100 else { continue }
            active += last.count { step - $0 < refractory }
        }
        let fraction = Double(active) / Double(count * (steps - 100))
        let expected = 1 / (1 + PortableMath.exp(-0.01 * Double(bias)))
        // Five standard errors, samples being independent after about 2 τ_ref steps.
        let samples = Double(count * (steps - 100)) / Double(2 * refractory)
        let error = (expected * (1 - expected) / samples).squareRoot()
        #expect(abs(fraction - expected) < 5 * error)
    }

    @Test("refractory periods of a device differ, up to 255 steps", arguments: MachineUnderTest.all)
    func mismatch(_ kind: MachineUnderTest) {
        var solo = SoloImage.sampling(.exponential, refractorySteps: 100)
        solo.bias = 1_000_000
        let device = Device(seed: 1, variation: [.refractory: 0.5])
        let spikes = solo.run(kind, steps: 600, device: device).spikes
        let stream = RandomStream(seed: 1, purpose: .fixedPattern)
        let sigma = PortableMath.log(1.25).squareRoot()
        let g = PortableMath.exp(sigma * stream.normal(0, 2, 6) - sigma * sigma / 2)
        let expected = min(255, Int((100 * g).rounded()))
        #expect(spikes.first == 0 && spikes.dropFirst().first == expected && expected != 100)
    }
}

/// Rate control, worked out by hand, on every kind of machine.
@Suite("Rate control by hand")
struct RateControlTests {
    @Test(
        "moves a bias by the missing spikes of each period, fractions included",
        arguments: MachineUnderTest.all
    )
    func moves(_ kind: MachineUnderTest) {
        let solo = SoloImage(.noisyLIF, count: 3)
        var machine = kind.make(solo.image, .ideal, 0)
        machine.setBias(population: 0, neuron: 1, raw: 7)
        // 2 missing spikes · 1024/4096.
        machine.setRateControl(population: 0, target: 2, gain: 1024, periodInSteps: 4)
        var biases: [Int32] = []
        for step in 1...12 {
            _ = machine.advance([])
            if step % 4 == 3 { biases.append(machine.bias(population: 0, neuron: 1)) }
            if step % 4 == 0 { biases.append(machine.bias(population: 0, neuron: 1)) }
            if step == 6 { machine.resetState() }
        }
        #expect(biases == [7, 7, 7, 8, 8, 8])
        #expect(machine.actionsDone[.biasUpdate] == 9)
        machine.stopRateControl(population: 0)
        for _ in 0..<8 { _ = machine.advance([]) }
        #expect(machine.bias(population: 0, neuron: 1) == 8)
        machine.setRateControl(population: 0, target: 2, gain: 1024, periodInSteps: 1)
        _ = machine.advance([])
        // 8.5 and a half.
        #expect(machine.bias(population: 0, neuron: 1) == 9)
        machine.setRateControl(population: 0, target: 1000, gain: .max, periodInSteps: 1)
        _ = machine.advance([])
        #expect(machine.bias(population: 0, neuron: 1) == (1 << 23) - 1)
    }

    @Test(
        "counts spikes, those of the period's last step included",
        arguments: MachineUnderTest.all
    )
    func counts(_ kind: MachineUnderTest) {
        var solo = SoloImage(.integrateAndFire)
        solo.bias = 10
        solo.threshold = 9
        var machine = kind.make(solo.image, .ideal, 0)
        machine.setRateControl(population: 0, target: 5, gain: 4096, periodInSteps: 3)
        for _ in 0..<3 { _ = machine.advance([]) }
        #expect(machine.bias(population: 0, neuron: 0) == 12)
        for _ in 0..<3 { _ = machine.advance([]) }
        #expect(machine.bias(population: 0, neuron: 0) == 14)
    }
}
