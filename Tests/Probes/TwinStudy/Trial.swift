import ChipImage
import ChipSpec
import Emulator
import Foundation
import Twin

/// One hidden device, recorded and fitted.
struct Trial {
    let bench: Bench
    let seed: UInt64
    let isNoisy: Bool
    let threads: Int

    struct Outcome {
        var explained = 0.0
        var neurons = 0
        var covered = 0
        var intervals = 0
        var coverage: [String: (Int, Int)] = [:]
        var held: HeldOutDistance?
        var notes = ""
    }

    /// The hidden device: drawn at CV 0.2, its leak wrong by 10 % if it is noisy.
    func hidden() -> Device {
        let chip = bench.image.chip
        let drawn = Device(seed: seed, variation: [.threshold: 0.2, .membraneTau: 0.2, .currentTau: 0.2])
        var device = Device.ideal
        for core in bench.image.cores {
            var factors: [MismatchParameter: [Double]] = [:]
            for parameter in [MismatchParameter.threshold, .membraneTau, .currentTau] {
                let wrong = isNoisy && parameter == .membraneTau ? 1.1 : 1
                factors[parameter] = (0..<core.neurons.count).map {
                    wrong * drawn.factor(parameter, core: core.core, index: UInt32($0), of: chip)
                }
            }
            device.known[core.core] = KnownFactors(factors: factors)
        }
        return device
    }

    func callAsFunction() -> Outcome {
        let truth = hidden()
        var chip = NoisyChip(image: bench.image)
        chip.device = truth
        chip.thresholdNoise = isNoisy ? 0.05 : 0
        chip.spikeLoss = isNoisy ? 0.02 : 0
        chip.seed = seed
        let start = Date()
        let spikes = chip(steps: bench.steps, stepsPerReset: bench.stepsPerReset, inputs: bench.inputs)
        let recording = RecordedSpikes(
            spikes,
            steps: bench.steps,
            stepsPerReset: bench.stepsPerReset,
            image: bench.image
        )
        var fit = DeviceFit(image: bench.image)
        fit.threads = threads
        let middle = Date()
        let result = fit(recording)
        var outcome = Outcome()
        outcome.notes = "record \(middle.timeIntervalSince(start)) fit \(Date().timeIntervalSince(middle)) lost \(result.lost) stray \(result.stray) \(result.prior)"
        outcome.held = result.heldOut
        var pairs: [(Double, Double)] = []
        for (index, neuron) in result.neurons.enumerated() {
            let place = result.place(of: index)
            for (parameter, estimate) in neuron.parameters {
                guard estimate.factor > 0,
                    let factor = truth.known[place.core]?.factor(parameter, at: UInt32(place.slot))
                else { continue }
                let isCovered = (estimate.low...estimate.high).contains(factor)
                outcome.intervals += 1
                outcome.covered += isCovered ? 1 : 0
                outcome.coverage[parameter.rawValue, default: (0, 0)].0 += isCovered ? 1 : 0
                outcome.coverage[parameter.rawValue, default: (0, 0)].1 += 1
                if parameter == .threshold, neuron.spikes >= 100 {
                    pairs.append((factor, estimate.factor))
                }
                if ProcessInfo.processInfo.environment["VERBOSE"] != nil {
                    print(index, neuron.spikes, parameter.rawValue, factor, estimate.factor, estimate.low, estimate.high, isCovered ? "" : "MISSED", estimate.notIdentified?.rawValue ?? "", neuron.noise)
                }
            }
        }
        outcome.neurons = pairs.count
        let mean = pairs.reduce(0) { $0 + $1.0 } / Double(pairs.count)
        let total = pairs.reduce(0) { $0 + ($1.0 - mean) * ($1.0 - mean) }
        let rest = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        outcome.explained = 1 - rest / total
        return outcome
    }
}
