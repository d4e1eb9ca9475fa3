import Events
import FloatReference
public import NetworkIR
public import Samples

/// Runs a network in floating point over samples: as its author meant it.
///
/// There is no chip: populations answer in the step of the input, and a spike's core in the digest
/// is the index of its population.
public struct FloatRun {
    /// What runs.
    public let network: Network
    /// How the answer is read.
    public var readout: Readout
    /// What happens between samples.
    public var between: BetweenSamples = .reset
    /// Steps with input; the samples' own length if nil.
    public var inputSteps: Int?
    /// Index of the output that answers.
    public var output = 0

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - network: What runs.
    ///   - readout: How the answer is read off the output.
    public init(network: Network, readout: Readout) {
        self.network = network
        self.readout = readout
    }

    /// Runs all samples in order.
    ///
    /// - Parameters:
    ///   - samples: Inputs in the order of the network's inputs (`SampleSet.matched`).
    ///   - progress: Called after each sample with the number of samples done.
    /// - Returns: What the run found out.
    /// - Throws: `FloatReferenceError` if the network contradicts itself.
    public func callAsFunction(
        _ samples: SampleSet,
        progress: ((Int) -> Void)? = nil
    ) throws -> RunResult {
        let plan = SamplePlan(
            inputSteps: inputSteps ?? samples.stepCount,
            drainSteps: 0,
            between: between
        )
        var machine = try FloatMachine(network)
        var builder = SpikeDigestBuilder()
        var spikes = [UInt64](repeating: 0, count: network.populations.count)
        var results: [SampleResult] = []
        var step: UInt64 = 0
        let target = network.outputs[output].population
        for sample in 0..<samples.sampleCount {
            if between == .reset { machine.reset() }
            var reader = OutputReader(neurons: network.populations[target].count)
            for local in 0..<plan.stepsPerSample {
                let hasInput = local < min(plan.inputSteps, samples.stepCount)
                let inputs = samples.inputs.indices.map { input in
                    hasInput
                        ? samples.spikes(sample: sample, step: local, input: input).map(Int.init)
                        : []
                }
                try machine.step(inputSpikes: inputs)
                for population in network.populations.indices {
                    let spiking = machine.spikes(of: population)
                    spikes[population] += UInt64(spiking.count)
                    builder.append(
                        spiking.map {
                            Spike(step: step, core: UInt32(population), neuron: UInt32($0))
                        }
                    )
                }
                if local < plan.inputSteps {
                    for neuron in machine.spikes(of: target) {
                        reader.note(spike: neuron, atStep: local)
                    }
                    reader.note(potentials: machine.values(of: target))
                }
                step += 1
            }
            results.append(
                SampleResult(
                    outputCounts: reader.counts,
                    answer: reader.answer(readout),
                    chipTimeInNanoseconds: 0
                )
            )
            progress?(sample + 1)
        }
        return RunResult(
            samples: results,
            correct: samples.labels.map { labels in zip(results, labels).count { $0.answer == $1 }
            },
            populations: zip(network.populations, spikes).map {
                PopulationSpikes(path: $0.path, neurons: $0.count, spikes: $1)
            },
            steps: step,
            counts: ActionCounts(),
            packets: PacketCounts(),
            chipTimeInNanoseconds: 0,
            chipTimeIsLowerBound: false,
            overruns: 0,
            timing: nil,
            digest: builder.finish()
        )
    }
}
