import ChipImage
import ChipSpec
import Compiler
import FixedPoint
import NetworkIR
import Samples

/// A network of the study: an image, and what it is fed.
struct Bench {
    let name: String
    let image: ChipImage
    let steps: Int
    let stepsPerReset: Int?
    let inputs: @Sendable (Int) -> [[UInt32]]

    /// The digits network: test samples one after another, as often as it takes.
    static func digits(_ image: ChipImage, _ samples: SampleSet, steps: Int) -> Bench {
        let period = samples.stepCount + image.network.drainSteps
        return Bench(
            name: "digits",
            image: image,
            steps: steps / period * period,
            stepsPerReset: period,
            inputs: { step in
                let (sample, place) = step.quotientAndRemainder(dividingBy: period)
                guard place < samples.stepCount else { return [] }
                let index = sample % samples.sampleCount
                return samples.inputs.indices.map {
                    Array(samples.spikes(sample: index, step: place, input: $0))
                }
            }
        )
    }

    /// A random recurrent network of LIF neurons, a fifth of them inhibitory, under random spikes.
    static func random(_ chip: ChipSpec, steps: Int, neurons: Int = 80, seed: UInt64) throws
        -> Bench
    {
        let channels = 64
        let draws = RandomStream(seed: seed, purpose: .network)
        func weights(_ sources: Int, _ share: Double, _ size: Double, _ id: UInt32) -> [Double] {
            (0..<(neurons * sources)).map { index in
                let (target, source) = index.quotientAndRemainder(dividingBy: sources)
                let a = draws.uniform(UInt32(target), UInt32(source), id)
                let b = draws.uniform(UInt32(target), UInt32(source), id + 1)
                guard a < share, id == 0 || target != source else { return 0 }
                let sign = id > 0 && source % 5 == 0 ? -4.0 : 1
                return sign * size * (0.5 + b)
            }
        }
        let population = Population(
            path: "net",
            shape: [neurons],
            dynamics: .leakyIntegrateAndFire(
                LeakyIntegrator(
                    tau: [Double](repeating: 20, count: neurons),
                    r: [Double](repeating: 1, count: neurons),
                    leak: [Double](repeating: 0, count: neurons)
                ),
                Firing(
                    threshold: [Double](repeating: 1, count: neurons),
                    reset: [Double](repeating: 0, count: neurons)
                )
            )
        )
        let network = Network(
            name: "random",
            timeStep: 1,
            reset: .toResetPotential,
            populations: [
                Population(path: "input", shape: [channels], dynamics: .input), population,
            ],
            projections: [
                Projection(
                    source: 0,
                    target: 1,
                    delay: 0,
                    connectivity: .dense(weights(channels, 0.3, 2.4, 0))
                ),
                Projection(
                    source: 1,
                    target: 1,
                    delay: 1,
                    connectivity: .dense(weights(neurons, 0.2, 0.8, 2))
                ),
            ],
            outputs: [NetworkOutput(name: "out", population: 1, shape: [neurons])]
        )
        let image = try Compiler.compile(network, for: chip).image
        let stimulus = RandomStream(seed: seed, purpose: .stimulus)
        return Bench(
            name: "random",
            image: image,
            steps: steps,
            stepsPerReset: nil,
            inputs: { step in
                // Rates swing slowly, so that the membranes see strong and weak drive.
                let phase = Double(step % 1000) / 1000
                let rate = 0.02 + 0.06 * (phase < 0.5 ? 2 * phase : 2 - 2 * phase)
                return [
                    (0..<UInt32(channels)).filter {
                        stimulus.uniform($0, UInt32(step), 0) < rate
                    }
                ]
            }
        )
    }
}
