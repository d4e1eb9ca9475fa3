import ChipImage
import ChipSpec
import Compiler
import Events
import Experiments
import Foundation
import Samples
import SpikeTrace
import Testing

@Suite("Recorded rates")
struct RecordedRatesTests {
    private let image: ChipImage
    private let samples: SampleSet
    private let folder: URL

    init() throws {
        let digits = try DigitsFixture()
        image = try Compiler.compile(
            digits.network,
            for: DigitsFixture.chip("pilot"),
            options: CompilerOptions(neuronsPerCore: 20)
        ).image
        samples = try SampleSet(
            inputs: digits.samples.inputs.map { input in
                try InputSpikes(
                    name: input.name,
                    channelShape: input.channelShape,
                    samples: (0..<3).map { sample in
                        (0..<input.stepCount).map {
                            Array(input.spikes(sample: sample, step: $0))
                        }
                    }
                )
            }
        )
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("spikeloom-rates-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Records a run, and gives its spikes.
    private func record(to path: String, facts: Bool = true, channels: Int? = nil) throws -> [Spike]
    {
        let run = ChipRun(image: image, readout: .count)
        let metadata = RunFacts(
            chipDigest: image.chip.digest.description,
            imageDigest: Digest(of: try image.encoded()).description,
            runSeed: 1,
            device: run.device,
            samples: samples.sampleCount,
            plan: run.plan(for: samples),
            toolVersion: "test"
        ).metadata
        let all = image.spikeChannels
        let kept = Array(all.prefix(channels ?? all.count))
        let writer = try SpikeTraceWriter(
            path: path,
            info: SpikeTraceInfo(
                timeBase: image.chip.time.step,
                metadata: facts ? metadata : [:],
                channels: kept
            )
        )
        let cores = Set(kept.map(\.core))
        var spikes: [Spike] = []
        _ = try run(
            samples,
            sink: { step in
                let part = step.filter { cores.contains($0.core) }
                spikes += part
                try writer.append(part)
            }
        )
        try writer.finish()
        return spikes
    }

    @Test("are the spikes of each neuron and channel, by the paths of the network")
    func counts() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("run.mcap").path
        let spikes = try record(to: path)
        let rates = try RecordedRates.read(SpikeTraceReader(path: path), of: image)
        let plan = ChipRun(image: image, readout: .count).plan(for: samples)
        #expect(rates.steps == UInt64(samples.sampleCount * plan.stepsPerSample))
        #expect(
            rates.spikes.keys.sorted()
                == (image.inputs.map(\.name) + image.network.populations.map(\.path)).sorted()
        )
        #expect(rates.spikes.values.joined().reduce(0, +) == UInt64(spikes.count))
        // Neurons of the later cores are found, too.
        for core in image.cores {
            for segment in core.segments {
                let path = image.network.populations[Int(segment.population)].path
                for slot in segment.firstSlot..<segment.firstSlot + segment.count {
                    let index = Int(core.neurons.indexInPopulation[Int(slot)])
                    let own = spikes.count { $0.core == core.core && $0.neuron == slot }
                    #expect(rates.spikes[path]?[index] == UInt64(own))
                }
            }
        }
    }

    @Test("are refused where neurons cannot be told")
    func refusals() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("run.mcap").path
        _ = try record(to: path, facts: false)
        #expect(throws: RecordedRates.Fault.noRun(path: path)) {
            try RecordedRates.read(SpikeTraceReader(path: path), of: image)
        }
        _ = try record(to: path, channels: image.cores.count)
        #expect(
            throws: RecordedRates.Fault.notRecorded(path: path, channel: image.inputs[0].name)
        ) { try RecordedRates.read(SpikeTraceReader(path: path), of: image) }
        _ = try record(to: path)
        var other = image
        other.cores[0].neurons.threshold[0] += 1
        #expect(throws: RecordedRates.Fault.self) {
            try RecordedRates.read(SpikeTraceReader(path: path), of: other)
        }
    }
}
