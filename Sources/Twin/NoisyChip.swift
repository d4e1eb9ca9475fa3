package import ChipImage
package import ChipSpec
import Emulator
package import Events
import FixedPoint

/// A chip whose comparators are noisy and whose recording loses spikes: a hidden device for recovery tests.
///
/// Without noise and loss it records what the emulator does, spike for spike. It is slow and plain.
package struct NoisyChip: Sendable {
    /// What runs.
    package let image: ChipImage
    /// Fixed pattern.
    package var device: Device = .ideal
    /// Standard deviation of the threshold from step to step, as a share of the nominal one.
    package var thresholdNoise = 0.0
    /// Share of the neurons' spikes that the recording loses; what was put in is known.
    package var spikeLoss = 0.0
    /// Seed of noise and loss.
    package var seed: UInt64 = 1

    /// Takes an image, all of whose populations `SolitarySoma` knows.
    ///
    /// - Parameter image: A verified image.
    package init(image: ChipImage) { self.image = image }

    /// Runs.
    ///
    /// - Parameters:
    ///   - steps: How many.
    ///   - stepsPerReset: Steps from one state reset to the next; nil for none after the first.
    ///   - inputs: Channels of each port that spike in a step, ascending.
    /// - Returns: What is recorded: neurons and inputs, canonical order.
    package func callAsFunction(
        steps: Int,
        stepsPerReset: Int?,
        inputs: (Int) -> [[UInt32]]
    ) -> [Spike] {
        let wiring = Wiring(image)
        let tables = EffectiveTables(image, on: device).neurons
        let count = wiring.neuronCount
        let noise = RandomStream(seed: seed, purpose: .temporalNoise)
        var somas: [SolitarySoma] = []
        var registers: [SolitarySoma.Registers] = []
        var scales: [Double] = []
        for neuron in wiring.neurons {
            let population = image.network.populations[neuron.population]
            guard let soma = SolitarySoma(population, chip: image.chip) else { return [] }
            somas.append(soma)
            registers.append(
                soma.registers(tables[neuron.core], slot: neuron.slot, SomaFactors())
            )
            let nominal = image.cores[neuron.core].neurons.threshold[neuron.slot]
            scales.append(thresholdNoise * Double(nominal))
        }
        var dendrites = Dendrites(wiring, neurons: 0..<count)
        var states = zip(somas, registers).map { $0.initial($1) }
        var pending: [UInt32] = []
        var age = 0
        var recorded: [Spike] = []
        for step in 0..<steps {
            if step == 0 || stepsPerReset.map({ step % $0 == 0 }) ?? false {
                dendrites.reset()
                states = zip(somas, registers).map { $0.initial($1) }
                pending = []
                age = 0
            }
            dendrites.deliver(pending)
            pending = []
            for neuron in 0..<count {
                let input = dendrites.read(neuron)
                guard age >= somas[neuron].depth else { continue }
                somas[neuron].advance(&states[neuron], input, registers[neuron])
                var threshold = registers[neuron].threshold
                if thresholdNoise > 0 {
                    let z = noise.normal(UInt32(neuron), UInt32(step), 0)
                    threshold += Int64((scales[neuron] * z).rounded())
                }
                guard somas[neuron].fires, states[neuron].v > threshold else { continue }
                somas[neuron].spike(&states[neuron], registers[neuron])
                pending.append(UInt32(neuron))
            }
            for sender in pending {
                let neuron = wiring.neurons[Int(sender)]
                note(
                    Spike(
                        step: UInt64(step),
                        core: image.cores[neuron.core].core,
                        neuron: UInt32(neuron.slot)
                    ),
                    sender,
                    noise,
                    &recorded
                )
            }
            for (port, channels) in inputs(step).enumerated() {
                let core = NeuronAddress.firstInputCore + UInt32(port)
                for channel in channels {
                    guard
                        let sender = wiring.sender(NeuronAddress(core: core, neuron: channel))
                    else { continue }
                    pending.append(UInt32(sender))
                    recorded.append(Spike(step: UInt64(step), core: core, neuron: channel))
                }
            }
            dendrites.advance()
            age += 1
        }
        return recorded
    }

    private func note(
        _ spike: Spike,
        _ sender: UInt32,
        _ stream: RandomStream,
        _ recorded: inout [Spike]
    ) {
        if spikeLoss > 0, stream.uniform(sender, UInt32(spike.step), 1) < spikeLoss { return }
        recorded.append(spike)
    }
}
