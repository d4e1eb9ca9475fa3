import Description
import Experiments
import Foundation
import Report
import SpikeTrace

extension ReplayCommand {
    /// Replays a rule: `--compare weights`.
    func replayWeights() throws {
        let reader = try SpikeTraceReader(path: recording)
        let facts = LearningFacts(reader.info)
        guard let file = experiment ?? facts?.experiment else {
            throw BadInput(
                "\(recording) does not name the experiment that it is of. Give it with --experiment, or "
                    + "record one with 'spikeloom learn --record'."
            )
        }
        let recorded = try recordedWeights(of: reader)
        let named = arm ?? facts.flatMap { $0.arm.isEmpty ? nil : $0.arm }
        let study = try LearningStudy(
            ExperimentFile(path: file),
            arms: named.map { [$0] } ?? [],
            catalogue: Tools.catalogue
        )
        guard study.arms.count == 1 else {
            throw BadInput("\(file) has several arms. Name the recorded one with --arm.")
        }
        let own = try rule.map { try RuleFile.rule(path: $0) }
        let progress = Progress("replaying", unit: "thousandths", total: 1000, quiet)
        let replay = try WeightReplay(
            study.arms[0],
            seed: seed ?? facts?.seed ?? study.arms[0].experiment.seeds[0],
            rule: own,
            reader,
            recorded
        ) { progress.update(Int($0 * 1000)) }
        progress.finish()
        if let json { try Tools.write(replay.json.text, to: json) }
        if !quiet { Console.print(replay.text(recording)) }
        if !reader.health.isIntact { Console.warn(recording, reader.health) }
        if check && !replay.isEqual { throw NegativeAnswer(message: "") }
    }

    /// The weights of the file named, or those in the recording.
    private func recordedWeights(of reader: SpikeTraceReader) throws -> WeightRecording {
        guard let weights else {
            let recorded = try WeightSeries.recording(of: reader)
            guard !recorded.looks.isEmpty else {
                throw BadInput(
                    "\(recording) holds no weights. Record them with 'spikeloom learn --record', or give "
                        + "a table of them with --weights."
                )
            }
            return recorded
        }
        let text: String
        do { text = try String(contentsOfFile: weights, encoding: .utf8) } catch {
            throw BadInput("\(weights): cannot be read: \(error.localizedDescription)")
        }
        return try WeightRecording(text: text, path: weights)
    }
}
