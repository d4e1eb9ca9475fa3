import ChipImage
import ChipSpec
import Emulator
import Events
import TestSupport
import Testing
import Twin

@Suite("A chip of neurons by themselves")
struct NoisyChipTests {
    /// Random images all of whose neurons a fit knows, with devices whose weights are nominal.
    private static func cases() -> [(image: ChipImage, device: Device, seed: UInt64)] {
        var found: [(image: ChipImage, device: Device, seed: UInt64)] = []
        for seed in stride(from: UInt64(0), to: 600, by: 2) where found.count < 25 {
            let random = RandomImage.make(seed: seed)
            let isKnown = random.image.network.populations.allSatisfy {
                SolitarySoma($0, chip: random.image.chip) != nil
            }
            guard isKnown else { continue }
            let device = Device(
                seed: seed,
                variation: seed % 8 == 0
                    ? [:] : [.threshold: 0.2, .membraneTau: 0.3, .currentTau: 0.3, .bias: 0.2]
            )
            found.append((random.image, device, seed))
        }
        return found
    }

    @Test("without noise records what the emulator does, spike for spike")
    func equalsEmulator() throws {
        var models: Set<NeuronModel> = []
        var total = 0
        for (image, device, seed) in Self.cases() {
            let inputs = RandomImage.inputs(seed: seed, steps: 60).map { addresses in
                image.inputs.indices.map { port in
                    addresses.filter { $0.core == NeuronAddress.firstInputCore + UInt32(port) }
                        .map(\.neuron)
                }
            }
            let machine = Machine(image: image, device: device)
            var expected: [Spike] = []
            for step in 0..<60 {
                if step == 40 { machine.reset() }
                machine.step(inputs: inputs[step])
                expected += machine.spikes
            }
            var chip = NoisyChip(image: image)
            chip.device = device
            let recorded = chip(steps: 60, stepsPerReset: 40) { inputs[$0] }
            #expect(recorded.filter { !$0.address.isInput } == expected, "seed \(seed)")
            models.formUnion(image.network.populations.map(\.model))
            total += expected.count
        }
        #expect(models.isSuperset(of: [.cubaLIF]) || models.contains(.lif))
        #expect(total > 1000)
    }

    @Test("loses spikes of the recording, not of the chip")
    func loses() throws {
        let random = try #require(Self.cases().last)
        let inputs = RandomImage.inputs(seed: random.seed, steps: 60).map { addresses in
            random.image.inputs.indices.map { port in
                addresses.filter { $0.core == NeuronAddress.firstInputCore + UInt32(port) }
                    .map(\.neuron)
            }
        }
        var chip = NoisyChip(image: random.image)
        let all = chip(steps: 60, stepsPerReset: nil) { inputs[$0] }
        chip.spikeLoss = 0.3
        let some = chip(steps: 60, stepsPerReset: nil) { inputs[$0] }
        #expect(Set(some).isSubset(of: Set(all)) && some.count < all.count)
    }
}
