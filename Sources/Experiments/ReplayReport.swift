import Analysis
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
            "step \(first.step), core \(first.core), neuron \(first.neuron)"
        if let facts = outcome.facts {
            let stride = UInt64(facts.plan.stepsPerSample)
            let (sample, local) = first.step.quotientAndRemainder(dividingBy: stride)
            place += " (sample \(sample), its step \(local))"
        }
        let what =
            first.side == .recorded ? "recorded but not emulated" : "emulated but not recorded"
        return "\(Format.count(comparison.differenceCount)) differences in "
            + "\(Format.count(outcome.steps)) steps; the first at \(place): \(what)"
    }

    /// The report as text for a terminal.
    public var text: String {
        var lines = ["\(recording) on \(image): \(verdict)"]
        if outcome.isSameImage == false {
            lines.append("note: the recording was made with another image.")
        }
        if outcome.facts == nil {
            lines.append(
                "note: the recording does not tell its samples: the chip ran on without resets."
            )
        }
        var table = TextTable([
            .init("population"), .init("recorded", alignment: .right),
            .init("emulated", alignment: .right), .init("missing", alignment: .right),
            .init("extra", alignment: .right),
        ])
        for (path, population) in zip(outcome.populations, outcome.comparison.populations) {
            table.append([
                path, Format.count(population.recorded),
                Format.count(population.emulated), Format.count(population.missing),
                Format.count(population.extra),
            ])
        }
        lines.append("\n" + table.text)
        if outcome.comparison.others.recorded > 0 {
            lines.append(
                "\(Format.count(outcome.comparison.others.recorded)) recorded spikes are of places that "
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
                "step": .unsigned(difference.step),
                "core": .integer(Int(difference.core)),
                "neuron": .integer(Int(difference.neuron)),
                "side": .string(difference.side.rawValue),
            ]
        }
        return [
            "schema": "spikeloom.replay/1",
            "equal": .boolean(comparison.isEqual),
            "steps": .unsigned(outcome.steps),
            "differences": .integer(comparison.differenceCount),
            "firstDifference": first ?? .null,
            "sameImage": outcome.isSameImage.map { .boolean($0) } ?? .null,
            "populations": .array(
                zip(outcome.populations, comparison.populations).map { path, counts in
                    [
                        "population": .string(path),
                        "recorded": .integer(counts.recorded),
                        "emulated": .integer(counts.emulated),
                        "missing": .integer(counts.missing),
                        "extra": .integer(counts.extra),
                    ]
                }
            ),
        ]
    }
}
