import ChipImage
import Compiler
import Experiments
import Samples
import Testing

@Suite("Device study")
struct DeviceStudyTests {
    /// The digits network on its first 60 samples.
    private func study(threads: Int) throws -> (DeviceStudy, SampleSet) {
        let digits = try DigitsFixture()
        let image = try Compiler.compile(digits.network, for: DigitsFixture.chip("pilot")).image
        let samples = (0..<60).map { sample in
            (0..<digits.samples.stepCount).map { step in
                Array(digits.samples.spikes(sample: sample, step: step))
            }
        }
        let input = try InputSpikes(channelShape: [64], samples: samples)
        let labels = digits.samples.labels.map { Array($0.prefix(60)) }
        let run = ChipRun(image: image, readout: .count)
        return (
            DeviceStudy(
                run: run,
                levels: [0, 0.1, 0.4],
                devices: 6,
                firstSeed: 100,
                threads: threads
            ),
            try SampleSet(inputs: [input], labels: labels)
        )
    }

    @Test("gives the same devices the same outcome at 1 and 2 threads; level 0 needs one device")
    func isDeterministic() throws {
        let (one, samples) = try study(threads: 1)
        let (two, _) = try study(threads: 2)
        let first = try one(samples)
        #expect(try two(samples) == first)
        #expect(one.jobCount == 13)
        #expect(first.map(\.devices.count) == [1, 6, 6])
        #expect(first[2].devices.map(\.seed) == Array(100..<106))
    }

    @Test("mismatch costs accuracy, and the worst device is below the mean")
    func mismatchCosts() throws {
        let (study, samples) = try study(threads: 2)
        let levels = try study(samples)
        #expect(levels[0].meanAccuracy > levels[2].meanAccuracy)
        #expect(levels[2].accuracyDeviation > 0)
        #expect((levels[2].worst?.accuracy ?? 1) < levels[2].meanAccuracy)
        #expect(levels.allSatisfy { $0.meanJoulesPerSample > 0 })
    }
}
