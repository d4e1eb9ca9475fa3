import Analysis
import ChipImage
import ChipSpec
import Compiler
import Emulator
import Events
import Experiments
import Foundation
import Samples
import SpikeTrace
import Testing

@Suite("Replay")
struct ReplayTests {
    private let image: ChipImage
    private let samples: SampleSet
    private let folder: URL

    init() throws {
        let digits = try DigitsFixture()
        image = try Compiler.compile(digits.network, for: DigitsFixture.chip("pilot")).image
        samples = digits.samples
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("spikeloom-replay-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Records a run, and gives its digest.
    private func record(_ run: ChipRun, to path: String) throws -> Digest {
        let facts = RunFacts(
            chipDigest: image.chip.digest.description,
            imageDigest: Digest(of: try image.encoded()).description,
            runSeed: 1,
            device: run.device,
            samples: samples.sampleCount,
            plan: run.plan(for: samples),
            toolVersion: "test"
        )
        let writer = try SpikeTraceWriter(
            path: path,
            info: SpikeTraceInfo(
                timeBase: image.chip.time.step,
                metadata: facts.metadata,
                channels: image.spikeChannels
            )
        )
        let result = try run(samples, sink: { try writer.append($0) })
        try writer.finish()
        return result.digest
    }

    @Test(
        "of a recording on its own image finds no difference, whatever comes between samples",
        arguments: [BetweenSamples.reset, .blank(3), .carry]
    )
    func equal(between: BetweenSamples) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("run.mcap").path
        var run = ChipRun(image: image, readout: .count)
        run.between = between
        run.device = .drawn(from: image.chip, coefficient: 0.2, seed: 11)
        _ = try record(run, to: path)
        var replay = Replay(image: image)
        replay.machine = MachineOptions(threads: 2, partitionSize: 32, smallestSplitWork: 0)
        let outcome = try replay(SpikeTraceReader(path: path))
        #expect(outcome.comparison.isEqual && outcome.isSameImage == true)
        #expect(outcome.steps == UInt64(450 * run.plan(for: samples).stepsPerSample))
        #expect(outcome.comparison.total.recorded > 100_000)
    }

    @Test("on another device finds differences, and names the first")
    func otherDevice() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("run.mcap").path
        _ = try record(ChipRun(image: image, readout: .count), to: path)
        var replay = Replay(image: image)
        replay.device = .drawn(from: image.chip, coefficient: 0.2, seed: 12)
        let outcome = try replay(SpikeTraceReader(path: path))
        #expect(!outcome.comparison.isEqual)
        #expect(outcome.comparison.firstDifference?.core == 0)
        let counts = outcome.comparison.total
        #expect(counts.recorded - counts.missing == counts.emulated - counts.extra)
    }

    @Test("a recording serves as input: its run has the digest of the recorded one")
    func recordedInput() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("run.mcap").path
        let run = ChipRun(image: image, readout: .count)
        let digest = try record(run, to: path)
        let recorded = try RecordedSamples.read(SpikeTraceReader(path: path))
        #expect(recorded.sampleCount == 450 && recorded.stepCount == 32)
        #expect(try run(recorded).digest == digest)
    }

    @Test("a recording cut in the middle is compared up to its last whole step")
    func tornRecording() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let whole = folder.appendingPathComponent("run.mcap")
        _ = try record(ChipRun(image: image, readout: .count), to: whole.path)
        let torn = folder.appendingPathComponent("torn.mcap")
        let bytes = try Data(contentsOf: whole)
        try bytes.prefix(bytes.count - 60).write(to: torn)
        let outcome = try Replay(image: image)(SpikeTraceReader(path: torn.path))
        #expect(outcome.comparison.isEqual)
        #expect(outcome.steps > 0 && outcome.steps <= 15_300)
    }
}
