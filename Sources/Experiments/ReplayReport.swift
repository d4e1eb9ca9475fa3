import Analysis
import Events
public import Report

/// A replay as text and as JSON.
public struct ReplayReport: Sendable {
    /// Name of the recording.
    public var recording: String
    /// Name of the image.
    public var image: String
    /// What the replay found out.
    public var outcome: Replay.Outcome

    /// Describes a replay.
    ///
    /// - Parameters:
    ///   - recording: Name of the recording.
    ///   - image: Name of the image.
    ///   - outcome: What the replay found out.
    public init(recording: String, image: String, outcome: Replay.Outcome) {
        self.recording = recording
        self.image = image
        self.outcome = outcome
    }

    private var verdict: String {
        let comparison = outcome.comparison
        guard let first = comparison.firstDifference else {
            return "equal: 0 differences in \(Format.count(outcome.steps)) steps"
        }
        var place =
            "step \(first.spike.step), core \(first.spike.core), neuron \(first.spike.neuron)"
        if let facts = outcome.facts {
            let stride = UInt64(facts.plan.stepsPerSample)
            let (sample, local) = first.spike.step.quotientAndRemainder(dividingBy: stride)
            place += " (sample \(sample), its step \(local))"
        }
        let what =
            first.side == .recorded ? "recorded but not emulated" : "emulated but not recorded"
        return "\(Format.count(comparison.differences)) differences in "
            + "\(Format.count(outcome.steps)) steps; the first at \(place): \(what)"
    }

    /// The report as text for a terminal.
    public var text: String {
        var lines = ["\(recording) on \(image): \(verdict)"]
        if outcome.isSameImage == false {
            lines.append("note: the recording was made with another image.")
        }
        var table = TextTable([
            .init("population"), .init("recorded", alignment: .right),
            .init("emulated", alignment: .right), .init("missing", alignment: .right),
            .init("extra", alignment: .right),
        ])
        for population in outcome.comparison.populations {
            table.append([
                population.path, Format.count(population.recorded),
                Format.count(population.emulated), Format.count(population.missing),
                Format.count(population.extra),
            ])
        }
        lines.append("\n" + table.text)
        if outcome.comparison.unplaced > 0 {
            lines.append(
                "\(Format.count(outcome.comparison.unplaced)) recorded spikes are of places that "
                    + "hold no neuron of this image."
            )
        }
        return lines.joined(separator: "\n")
    }

    /// The report as JSON, schema `spikeloom.replay/1`.
    public var json: JSONValue {
        let comparison = outcome.comparison
        let first = comparison.firstDifference.map { difference -> JSONValue in
            [
                "step": .unsigned(difference.spike.step),
                "core": .integer(Int(difference.spike.core)),
                "neuron": .integer(Int(difference.spike.neuron)),
                "side": .string(difference.side.rawValue),
            ]
        }
        return [
            "schema": "spikeloom.replay/1",
            "equal": .boolean(comparison.isEqual),
            "steps": .unsigned(outcome.steps),
            "differences": .unsigned(comparison.differences),
            "firstDifference": first ?? .null,
            "sameImage": outcome.isSameImage.map { .boolean($0) } ?? .null,
            "populations": .array(
                comparison.populations.map {
                    [
                        "population": .string($0.path),
                        "recorded": .unsigned($0.recorded),
                        "emulated": .unsigned($0.emulated),
                        "missing": .unsigned($0.missing),
                        "extra": .unsigned($0.extra),
                    ]
                }
            ),
        ]
    }
}
