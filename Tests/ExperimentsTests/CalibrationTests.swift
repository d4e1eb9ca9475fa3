import ChipSpec
import Compiler
import Experiments
import NetworkIR
import Samples
import TestSupport
import Testing

@Suite("Calibration")
struct CalibrationTests {
    /// 20 channels onto 30 neurons, and these onto a potential; channel 19 has a weight that no sample uses.
    private func network(outlier: Double, exact: Bool = false) -> Network {
        var random = SplitMix64(seed: 4)
        func weights(_ count: Int) -> [Double] {
            (0..<count).map { _ in
                exact ? Double(random.int(1...8)) / 8 : random.double(0.05...0.9)
            }
        }
        var first = weights(600)
        first[19] = outlier
        func firing(_ count: Int) -> Firing {
            Firing(
                threshold: [Double](repeating: 2, count: count),
                reset: [Double](repeating: 0, count: count)
            )
        }
        let leaky = LeakyIntegrator(
            tau: [Double](repeating: 8, count: 5),
            r: [Double](repeating: 1, count: 5),
            leak: [Double](repeating: 0, count: 5)
        )
        return Network(
            name: "test",
            timeStep: 1,
            reset: .toResetPotential,
            threshold: .greater,
            populations: [
                Population(path: "input", shape: [20], dynamics: .input),
                Population(
                    path: "hidden",
                    shape: [30],
                    dynamics: .integrateAndFire(
                        IntegrateAndFire(r: [Double](repeating: 1, count: 30), firing: firing(30))
                    )
                ),
                Population(path: "output", shape: [5], dynamics: .leakyIntegrator(leaky)),
            ],
            projections: [
                Projection(source: 0, target: 1, delay: 0, connectivity: .dense(first)),
                Projection(source: 1, target: 2, delay: 0, connectivity: .dense(weights(150))),
            ],
            outputs: [NetworkOutput(name: "output", population: 2, shape: [5])]
        )
    }

    /// Spikes on all channels but the last.
    private func samples() throws -> SampleSet {
        var random = SplitMix64(seed: 9)
        let steps = (0..<3).map { _ in
            (0..<16).map { _ in (0..<19).filter { _ in random.chance(0.2) }.map { UInt32($0) } }
        }
        return try SampleSet(inputs: [InputSpikes(channelShape: [20], samples: steps)])
    }

    private let calibration = Calibration(candidates: [.max, .percentile(99.5), .percentile(90)])

    @Test("clips a weight that no sample uses, where that saves the others from becoming 0")
    func plantedOutlier() throws {
        let chip = try DigitsFixture.chip("pilot")
        let network = network(outlier: 400)
        let result = try calibration(
            network,
            for: chip,
            options: CompilerOptions(),
            samples()
        )
        #expect(result.populations.map(\.path) == ["hidden", "output"])
        let hidden = result.populations[0]
        #expect(hidden.measure == .spikeCounts && hidden.reference > 100)
        // By the largest weight all others round to 0: every spike is missing.
        #expect(hidden.candidates[0].error == hidden.reference)
        #expect(hidden.chosen == "percentile=99.5")
        #expect(hidden.candidates[1].error < 0.05 * hidden.reference)
        #expect(hidden.candidates[1].clippedShare == 1.0 / 600)
        let output = result.populations[1]
        #expect(output.measure == .potentials && output.reference > 0)
        #expect(result.scales["hidden"] == .percentile(99.5))
        #expect(result.samples == 3 && result.stepsPerSample == 16)
        let again = try calibration(network, for: chip, options: CompilerOptions(), samples())
        #expect(again == result)
    }

    @Test("takes the first candidate where none is better")
    func firstOfEquals() throws {
        let result = try calibration(
            network(outlier: 0.5, exact: true),
            for: try DigitsFixture.chip("pilot"),
            options: CompilerOptions(),
            samples()
        )
        #expect(result.populations.map(\.chosen) == ["max", "max"])
        #expect(result.populations[0].candidates.allSatisfy { $0.error == 0 })
    }

    @Test("never ends farther from the real numbers than the largest weight does, on the digits")
    func digits() throws {
        let digits = try DigitsFixture()
        var small = calibration
        small.samples = 4
        let result = try small(
            digits.network,
            for: try DigitsFixture.chip("loihi"),
            options: CompilerOptions(),
            digits.samples
        )
        for population in result.populations {
            let chosen = population.candidates.first { $0.rule == population.chosen }
            #expect((chosen?.error ?? .infinity) <= population.candidates[0].error)
        }
        #expect(result.samples == 4)
    }
}
