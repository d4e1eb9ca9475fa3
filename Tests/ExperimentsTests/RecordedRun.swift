import ChipImage
import ChipSpec
import Compiler
import Events
import Experiments
import Foundation
import NetworkIR
import Samples
import SpikeTrace
import TestSupport

/// Runs that are recorded to files of a folder of their own.
final class RecordedRun {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("spikeloom-replay-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// Records a run of an image on samples.
    func record(
        _ image: ChipImage,
        _ samples: SampleSet,
        between: BetweenSamples = .reset,
        device: Device = .ideal,
        to name: String = "run.mcap"
    ) throws -> SpikeTraceReader {
        var run = ChipRun(image: image, readout: .count)
        run.between = between
        run.device = device
        let writer = try writer(image, run, samples, to: name)
        _ = try run(samples, sink: { try writer.append($0) })
        try writer.finish()
        return try SpikeTraceReader(path: path(name))
    }

    /// Writes spikes as a recording of an image.
    func write(
        _ spikes: [Spike],
        of image: ChipImage,
        _ samples: SampleSet,
        to name: String
    ) throws -> SpikeTraceReader {
        let writer = try writer(
            image,
            ChipRun(image: image, readout: .count),
            samples,
            to: name
        )
        try writer.append(spikes.sorted())
        try writer.finish()
        return try SpikeTraceReader(path: path(name))
    }

    private func writer(
        _ image: ChipImage,
        _ run: ChipRun,
        _ samples: SampleSet,
        to name: String
    ) throws -> SpikeTraceWriter {
        let facts = RunFacts(
            chipDigest: image.chip.digest.description,
            imageDigest: Digest(of: try image.encoded()).description,
            runSeed: 1,
            device: run.device,
            samples: samples.sampleCount,
            plan: run.plan(for: samples),
            toolVersion: "test"
        )
        return try SpikeTraceWriter(
            path: path(name),
            info: SpikeTraceInfo(
                timeBase: image.chip.time.step,
                metadata: facts.metadata,
                channels: image.spikeChannels
            )
        )
    }
}

/// Networks and samples to record.
enum ReplayFixtures {
    /// The first samples of the digits.
    static func digits(_ count: Int) throws -> (network: Network, samples: SampleSet) {
        let digits = try DigitsFixture()
        return (digits.network, try first(count, of: digits.samples))
    }

    static func first(_ count: Int, of samples: SampleSet) throws -> SampleSet {
        try SampleSet(
            inputs: samples.inputs.indices.map { port in
                try InputSpikes(
                    name: nil,
                    channelShape: samples.inputs[port].channelShape,
                    samples: (0..<count).map { sample in
                        (0..<samples.stepCount).map { step in
                            Array(samples.spikes(sample: sample, step: step, input: port))
                        }
                    }
                )
            }
        )
    }

    /// Sixty LIF neurons, all to all, driven by sixteen random channels.
    static func recurrent(seed: UInt64, steps: Int) throws -> (network: Network, samples: SampleSet)
    {
        var random = SplitMix64(seed: seed)
        let count = 60
        let leaky = LeakyIntegrator(
            tau: .init(repeating: 8, count: count),
            r: .init(repeating: 6, count: count),
            leak: .init(repeating: 0, count: count)
        )
        let firing = Firing(
            threshold: .init(repeating: 1, count: count),
            reset: .init(repeating: 0, count: count)
        )
        func weights(_ sources: Int, _ range: ClosedRange<Double>) -> Connectivity {
            .dense((0..<sources * count).map { _ in random.double(range) })
        }
        let network = Network(
            name: "recurrent",
            timeStep: 1,
            populations: [
                Population(path: "in", shape: [16], dynamics: .input),
                Population(
                    path: "rec",
                    shape: [count],
                    dynamics: .leakyIntegrateAndFire(leaky, firing)
                ),
            ],
            projections: [
                Projection(source: 0, target: 1, delay: 0, connectivity: weights(16, -0.1...0.5)),
                Projection(
                    source: 1,
                    target: 1,
                    delay: 1,
                    connectivity: weights(count, -0.1...0.1)
                ),
            ],
            outputs: [NetworkOutput(name: "out", population: 1, shape: [count])]
        )
        let spikes = (0..<steps).map { _ in (0..<UInt32(16)).filter { _ in random.chance(0.1) } }
        let samples = try SampleSet(
            inputs: [InputSpikes(name: nil, channelShape: [16], samples: [spikes])]
        )
        return (network, samples)
    }
}
