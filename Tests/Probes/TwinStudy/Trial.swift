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

    /// What came out, in the words of docs/DEVICES.md.
    struct Outcome: Codable {
        var network: String
        var seed: UInt64
        var isNoisy: Bool
        var neurons = 0
        var spikes = 0
        var steps = 0
        /// Intervals that hold the truth, and all, by parameter.
        var covered: [String: Int] = [:]
        var intervals: [String: Int] = [:]
        /// Neurons with 100 spikes or more, and the share of the variance of their thresholds explained.
        var busyNeurons = 0
        var thresholdVarianceExplained = 0.0
        var membraneTauVarianceExplained = 0.0
        var identified: [String: Int] = [:]
        var heldOutSpikes = 0
        var nominalDistance = 0.0
        var fittedDistance = 0.0
        var trueDistance = 0.0
        var lost = 0.0
        var leak = 1.0
        var seconds = 0.0
    }

    /// The hidden device: drawn at CV 0.2, its leak wrong by 10 % if it is noisy.
    func hidden() -> Device {
        let chip = bench.image.chip
        let drawn = Device(
            seed: seed,
            variation: [.threshold: 0.2, .membraneTau: 0.2, .currentTau: 0.2]
        )
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
        let spikes = chip(
            steps: bench.steps,
            stepsPerReset: bench.stepsPerReset,
            inputs: bench.inputs
        )
        let recording = RecordedSpikes(
            spikes,
            steps: bench.steps,
            stepsPerReset: bench.stepsPerReset,
            image: bench.image
        )
        var fit = DeviceFit(image: bench.image)
        fit.threads = threads
        let start = ContinuousClock.now
        let result = fit(recording)
        var outcome = Outcome(network: bench.name, seed: seed, isNoisy: isNoisy)
        outcome.seconds = (ContinuousClock.now - start) / .seconds(1)
        outcome.steps = bench.steps
        outcome.neurons = result.neurons.count
        outcome.lost = result.lost
        outcome.leak = result.prior.spreads[.membraneTau]?.meanFactor ?? 1
        outcome.heldOutSpikes = result.heldOut.spikes
        outcome.nominalDistance = result.heldOut.nominal
        outcome.fittedDistance = result.heldOut.fitted
        outcome.trueDistance = fit.heldOut(recording, of: truth)
        var pairs: [MismatchParameter: [(Double, Double)]] = [:]
        for (index, neuron) in result.neurons.enumerated() {
            let place = result.place(of: index)
            outcome.spikes += neuron.spikes
            for (parameter, estimate) in neuron.parameters {
                guard estimate.factor > 0,
                    let factor = truth.known[place.core]?.factor(parameter, at: UInt32(place.slot))
                else { continue }
                let isCovered = (estimate.low...estimate.high).contains(factor)
                outcome.covered[parameter.rawValue, default: 0] += isCovered ? 1 : 0
                outcome.intervals[parameter.rawValue, default: 0] += 1
                if estimate.notIdentified == nil {
                    outcome.identified[parameter.rawValue, default: 0] += 1
                }
                if neuron.spikes >= 100 {
                    pairs[parameter, default: []].append((factor, estimate.factor))
                }
                if ProcessInfo.processInfo.environment["VERBOSE"] != nil {
                    print(
                        index,
                        neuron.spikes,
                        parameter.rawValue,
                        factor,
                        estimate.factor,
                        estimate.low,
                        estimate.high,
                        isCovered ? "" : "MISSED",
                        estimate.notIdentified?.rawValue ?? "",
                        neuron.noise
                    )
                }
            }
        }
        outcome.busyNeurons = pairs[.threshold]?.count ?? 0
        outcome.thresholdVarianceExplained = Self.explained(pairs[.threshold] ?? [])
        outcome.membraneTauVarianceExplained = Self.explained(pairs[.membraneTau] ?? [])
        return outcome
    }

    /// Share of the variance of true values that estimates explain.
    private static func explained(_ pairs: [(Double, Double)]) -> Double {
        let mean = pairs.reduce(0) { $0 + $1.0 } / Double(max(1, pairs.count))
        let total = pairs.reduce(0) { $0 + ($1.0 - mean) * ($1.0 - mean) }
        let rest = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return total > 0 ? 1 - rest / total : 0
    }
}
