import ChipImage
import ChipSpec
import Compiler
import Emulator
import Events
import Samples
import Twin

/// Accuracy of the digits on devices with a coefficient of variation of 0.4, before and after compensation.
struct Repair {
    let image: ChipImage
    let samples: SampleSet
    let threads: Int

    struct Outcome: Codable {
        var seed: UInt64
        /// Threshold and membrane time constant vary.
        var nominal: Double
        var uncompensated: Double
        var compensatedWithFit: Double
        var compensatedWithTruth: Double
        /// Weights vary as well.
        var uncompensatedWithWeights: Double
        var compensatedWithWeights: Double
    }

    func callAsFunction(seed: UInt64) -> Outcome {
        let somas = known(Device(seed: seed, variation: [.threshold: 0.4, .membraneTau: 0.4]))
        let all = known(
            Device(seed: seed, variation: [.threshold: 0.4, .membraneTau: 0.4, .weight: 0.4])
        )
        let bench = Bench.digits(image, samples, steps: 20_000)
        var chip = NoisyChip(image: image)
        chip.device = somas
        let recording = RecordedSpikes(
            chip(steps: bench.steps, stepsPerReset: bench.stepsPerReset, inputs: bench.inputs),
            steps: bench.steps,
            stepsPerReset: bench.stepsPerReset,
            image: image
        )
        var fit = DeviceFit(image: image)
        fit.threads = threads
        let fitted = fit(recording).device
        return Outcome(
            seed: seed,
            nominal: accuracy(image, .ideal),
            uncompensated: accuracy(image, somas),
            compensatedWithFit: accuracy(compensated(for: fitted), somas),
            compensatedWithTruth: accuracy(compensated(for: somas), somas),
            uncompensatedWithWeights: accuracy(image, all),
            compensatedWithWeights: accuracy(compensated(for: all), all)
        )
    }

    /// A drawn device, written out.
    private func known(_ drawn: Device) -> Device {
        var device = Device.ideal
        for core in image.cores {
            var factors: [MismatchParameter: [Double]] = [:]
            for parameter in drawn.variation.keys {
                let count = parameter == .weight ? core.synapses.weights.count : core.neurons.count
                factors[parameter] = (0..<count).map {
                    drawn.factor(parameter, core: core.core, index: UInt32($0), of: image.chip)
                }
            }
            device.known[core.core] = KnownFactors(factors: factors)
        }
        return device
    }

    private func compensated(for device: Device) -> ChipImage {
        var copy = image
        _ = Compensation(&copy, for: device)
        return copy
    }

    /// Share of samples whose label is the output with the most spikes, the lowest of equals.
    private func accuracy(_ image: ChipImage, _ device: Device) -> Double {
        let machine = Machine(image: image, device: device)
        let map = SourceMap(image)
        let output = image.network.outputs[0].population
        let depth = image.network.populations[output].depth
        var correct = 0
        for sample in 0..<samples.sampleCount {
            machine.reset()
            var counts = [Int](repeating: 0, count: image.network.populations[output].count)
            for step in 0..<(samples.stepCount + image.network.drainSteps) {
                let inputs =
                    step < samples.stepCount
                    ? samples.inputs.indices.map {
                        Array(samples.spikes(sample: sample, step: step, input: $0))
                    } : []
                machine.step(inputs: inputs)
                guard step >= depth, step < depth + samples.stepCount else { continue }
                for spike in machine.spikes {
                    guard let neuron = map.neuron(at: spike.address), neuron.population == output
                    else { continue }
                    counts[neuron.index] += 1
                }
            }
            let answer = counts.firstIndex(of: counts.max() ?? 0)
            if answer == samples.labels?[sample] { correct += 1 }
        }
        return Double(correct) / Double(samples.sampleCount)
    }
}
