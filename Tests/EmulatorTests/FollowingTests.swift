import ChipImage
import ChipSpec
import Emulator
import Events
import TestSupport
import Testing

@Suite("A machine that follows a recording")
struct FollowingTests {
    private static let hosts: [MachineOptions] = [
        MachineOptions(threads: 1), MachineOptions(threads: 1, partitionSize: 1),
        MachineOptions(threads: 2, partitionSize: 7, smallestSplitWork: 0),
    ]

    /// Everything that a machine can be asked.
    private static func difference(_ a: Machine, _ b: Machine) -> String? {
        if a.spikes != b.spikes { return "spikes" }
        for core in a.image.cores {
            for slot in core.neurons.threshold.indices {
                let address = NeuronAddress(core: core.core, neuron: UInt32(slot))
                if a.membranePotential(at: address) != b.membranePotential(at: address)
                    || a.synapticCurrent(at: address) != b.synapticCurrent(at: address)
                {
                    return "registers of \(address)"
                }
            }
        }
        for index in a.image.network.projections.indices
        where a.synapses(of: index) != b.synapses(of: index) {
            return "weights of \(index)"
        }
        for (index, population) in a.image.network.populations.enumerated() {
            for neuron in 0..<population.count
            where a.bias(population: index, neuron: neuron)
                != b.bias(population: index, neuron: neuron)
            {
                return "biases of \(index)"
            }
        }
        return a.coreCounts == b.coreCounts && a.counts == b.counts && a.packets == b.packets
            ? nil : "counts"
    }

    @Test("does as it does alone if the recording is its own: all models, learning, any host")
    func ownRecording() throws {
        var spikes: UInt64 = 0
        for seed in 0..<18 {
            let random =
                seed % 3 == 2
                ? try RandomImage.makeTrueNorth(seed: UInt64(seed))
                : RandomImage.make(seed: UInt64(seed))
            let alone = Machine(image: random.image, device: random.device, seed: 7)
            let following = Machine(
                image: random.image,
                device: random.device,
                seed: 7,
                options: Self.hosts[seed / 3 % Self.hosts.count]
            )
            let actions = random.actions(steps: 40)
            for (step, inputs) in random.inputs(steps: 40).enumerated() {
                if step == 25 {
                    alone.reset()
                    following.reset()
                }
                for action in actions[step] {
                    alone.apply(action)
                    following.apply(action)
                }
                let channels = byPort(inputs, ports: random.image.inputs.count)
                alone.step(inputs: channels)
                following.step(inputs: channels, following: alone.spikes)
                let difference = Self.difference(alone, following)
                #expect(difference == nil, "seed \(seed), step \(step): \(difference ?? "")")
            }
            spikes += alone.counts[.spike]
        }
        #expect(spikes > 500)
    }

    private static func solo(_ reset: SomaReset) -> Machine {
        var solo = SoloImage(.lif)
        solo.population.reset = reset
        solo.threshold = 25
        solo.bias = 10
        solo.resetPotential = 3
        return Machine(image: solo.image)
    }

    @Test("a spike that nobody recorded leaves the membrane, a recorded one resets it")
    func disagreement() {
        let place = Self.solo(.zero).image.cores[0].core
        func spike(_ step: UInt64) -> [Spike] { [Spike(step: step, core: place, neuron: 0)] }
        let address = NeuronAddress(core: place, neuron: 0)
        let zero = Self.solo(.zero)
        for expected: Int32 in [10, 20, 30, 40] {
            zero.step(following: [Spike]())
            #expect(zero.membranePotential(at: address) == expected)
            #expect(zero.spikes.count == (expected > 25 ? 1 : 0))
        }
        let missing = Self.solo(.zero)
        missing.step(following: spike(0))
        #expect(missing.spikes.isEmpty && missing.membranePotential(at: address) == 3)
        let subtract = Self.solo(.subtract)
        subtract.step(following: spike(0))
        #expect(subtract.membranePotential(at: address) == Int32(-15))
        // Spikes of places that the image does not have, and repeated ones, change nothing.
        let other = [Spike(step: 1, core: place, neuron: 9), Spike(step: 1, core: 77, neuron: 0)]
        subtract.step(following: other)
        #expect(subtract.membranePotential(at: address) == Int32(-5))
        // What it follows ends with the step.
        subtract.step()
        subtract.step()
        subtract.step()
        subtract.step()
        #expect(subtract.spikes.count == 1 && subtract.membranePotential(at: address) == 10)
    }
}
