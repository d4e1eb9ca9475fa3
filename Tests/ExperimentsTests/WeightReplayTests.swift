import ChipImage
import ChipSpec
import Description
import Emulator
import Events
import Experiments
import Foundation
import SpikeTrace
import TestSupport
import Testing

/// Learning runs that are recorded, and rules that are driven with the recordings.
@Suite("Replay of weights")
struct WeightReplayTests {
    private let recordings: RecordedRun

    init() throws { recordings = try RecordedRun() }

    private static let example = Fixtures.repository
        .appendingPathComponent("Examples/learning/reciprocal.yaml").path

    /// The example, short: a trim phase, rate control, stochastic rounding, falling amplitudes.
    private func arm(_ path: String = example) throws -> LearningStudy.Arm {
        let catalogue = ChipCatalogue(
            folders: [Fixtures.repository.appendingPathComponent("chipspecs").path]
        )
        var study = try LearningStudy(
            ExperimentFile(path: path),
            arms: ["quick"],
            catalogue: catalogue
        )
        study.arms[0].experiment.plan.probeEverySeconds = 0.1
        study.arms[0].experiment.plan.phases = study.arms[0].experiment.plan.phases.map { phase in
            switch phase {
            case .trim(var trim):
                trim.rounds = 2
                trim.seconds = 0.1
                return .trim(trim)
            case .run(var run):
                run.seconds = 0.4
                return .run(run)
            }
        }
        return study.arms[0]
    }

    private func record(
        _ arm: LearningStudy.Arm
    ) throws -> (reader: SpikeTraceReader, weights: WeightRecording) {
        var run = try LearningStudy.run(of: arm, seed: 200)
        let image = run.machine.image
        let path = recordings.path("learn.mcap")
        var series = WeightSeries(run.machine)
        #expect(series.leftOut.isEmpty)
        let writer = try SpikeTraceWriter(
            path: path,
            info: SpikeTraceInfo(
                timeBase: image.chip.time.step,
                metadata: LearningFacts(experiment: "x", arm: "quick", seed: 200).metadata,
                channels: image.spikeChannels,
                series: series.channels
            )
        )
        run.sink = { try writer.append($0) }
        var weights = WeightRecording()
        run.look = {
            try weights.note($0)
            try series.note($0, to: writer)
        }
        _ = try run.run()
        try writer.finish()
        return (try SpikeTraceReader(path: path), weights)
    }

    @Test("of our own recording finds no difference; another rule, or a lost spike, is found")
    func ownRecording() throws {
        let arm = try arm()
        let (reader, weights) = try record(arm)
        #expect(LearningFacts(reader.info)?.arm == "quick")
        #expect(weights.looks.count == 5 && weights.looks[0].values.count == 1600)
        #expect(weights.looks[4].values != weights.looks[0].values)
        let text = try WeightRecording(text: weights.text, path: "w.csv")
        #expect(text == weights)
        #expect(try WeightSeries.recording(of: reader) == weights)
        let own = try WeightReplay(arm, seed: 200, reader, text)
        #expect(own.isEqual && own.steps == 600 && own.unmetLooks == 0)
        #expect(own.projections.map(\.values) == [8000])
        // The same experiment under another rule: equal before the first step alone.
        let rule = try RuleFile.rule(
            path: Fixtures.repository.appendingPathComponent("Examples/rules/sal.yaml").path
        )
        let other = try WeightReplay(arm, seed: 200, rule: rule, reader, weights)
        #expect(!other.isEqual && other.firstDifference?.step == 300)
        // One spike less in the phase that learns.
        var spikes = try reader.allSpikes()
        spikes.remove(at: try #require(spikes.firstIndex { $0.step == 350 }))
        let path = recordings.path("lost.mcap")
        let writer = try SpikeTraceWriter(path: path, info: reader.info)
        try writer.append(spikes)
        try writer.finish()
        let lost = try WeightReplay(arm, seed: 200, SpikeTraceReader(path: path), weights)
        #expect(!lost.isEqual && lost.firstDifference?.step == 400)
    }

    @Test("a text that is no recording of weights is refused with its line")
    func badText() {
        let header = "step,projection,pre,post,register\n"
        for (text, line) in [
            ("", 1), ("step\n", 1), (header + "1,a,0,0\n", 2),
            (header + "1,a,0,0,5\n1,a,0,1,x\n", 3),
            (header + "-1,a,0,0,5\n", 2),
        ] {
            #expect(throws: WeightRecording.Fault.badLine(path: "w.csv", line: line)) {
                try WeightRecording(text: text, path: "w.csv")
            }
        }
    }
}
