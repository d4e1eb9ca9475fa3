import Analysis
import Events
public import Report

/// A replay as text, as JSON and as a picture.
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

    /// What a population came to.
    struct PopulationSummary {
        var path: String
        var neurons = 0
        var deviating = 0
        var counts = SpikeComparison.Counts()
        var distances: TrainDistances?
        var trialDistances: TrainDistances?
    }

    /// Populations that were compared.
    var populations: [PopulationSummary] {
        guard !outcome.neurons.isEmpty else {
            return zip(outcome.populations, outcome.comparison.populations).map {
                PopulationSummary(path: $0, counts: $1)
            }
        }
        let groups = Dictionary(grouping: outcome.neurons, by: \.population)
        return groups.sorted { $0.key < $1.key }.map { index, neurons in
            var summary = PopulationSummary(path: outcome.populations[index])
            summary.neurons = neurons.count
            summary.deviating = neurons.count(where: \.deviates)
            for neuron in neurons { summary.counts += neuron.counts }
            summary.distances = TrainDistances.mean(of: neurons.map(\.distances))
            // The mean of neurons' own errors is infinite where one of them was silent.
            if let recorded = neurons.isEmpty ? nil : summary.counts.recorded {
                let difference = Double(summary.counts.emulated - recorded)
                summary.distances?.rateError =
                    difference == 0 ? 0 : recorded > 0 ? difference / Double(recorded) : .infinity
            }
            summary.trialDistances = TrainDistances.mean(of: neurons.compactMap(\.trialDistances))
            return summary
        }
    }

    var differenceCount: Int {
        outcome.neurons.isEmpty
            ? outcome.comparison.differenceCount
            : outcome.neurons.reduce(outcome.unknown) { $0 + $1.differenceCount }
    }

    private var verdict: String {
        let steps = "\(Format.count(outcome.steps)) steps"
        let within =
            outcome.replay.tolerance > 0 ? " beyond \(outcome.replay.tolerance) steps" : ""
        let first = outcome.divergence?.difference ?? outcome.comparison.firstDifference
        guard !outcome.isEqual, let first else {
            return "equal: 0 differences\(within) in \(steps)"
        }
        var place = "step \(first.step), core \(first.core), neuron \(first.neuron)"
        if let divergence = outcome.divergence {
            place += " = \(outcome.populations[divergence.population])[\(divergence.index)]"
        }
        if let facts = outcome.facts {
            let stride = UInt64(facts.plan.stepsPerSample)
            let (sample, local) = first.step.quotientAndRemainder(dividingBy: stride)
            place += " (sample \(sample), its step \(local))"
        }
        let what =
            first.side == .recorded ? "recorded but not emulated" : "emulated but not recorded"
        return "\(Format.count(differenceCount)) differences\(within) in \(steps); "
            + "the first at \(place): \(what)"
    }

    /// Neurons listed in the text.
    private static let mostListed = 10

    /// The report as text for a terminal.
    public var text: String {
        let mode = outcome.replay.isTeacherForced ? ", teacher-forced" : ""
        var lines = ["\(recording) on \(image)\(mode): \(verdict)"]
        if outcome.isSameImage == false {
            lines.append("note: the recording was made with another image.")
        }
        if outcome.facts == nil {
            lines.append(
                "note: the recording does not tell its samples: the chip ran on without resets."
            )
        }
        if outcome.neurons.isEmpty {
            lines.append(
                "note: the recording is too long for distances: spikes are compared alone."
            )
        }
        lines.append("\n" + populationTable.text)
        let deviating = outcome.deviating
        if !outcome.neurons.isEmpty {
            lines.append(
                "\(Format.count(deviating.count)) of \(Format.count(outcome.neurons.count)) neurons "
                    + "deviate."
            )
        }
        if !deviating.isEmpty {
            lines.append("\n" + table(of: deviating.prefix(Self.mostListed)).text)
            if deviating.count > Self.mostListed {
                lines.append("… and \(Format.count(deviating.count - Self.mostListed)) more")
            }
        }
        if let divergence = outcome.divergence {
            lines.append("\n" + table(of: divergence).text)
            lines.append("its threshold is \(divergence.threshold) (raw units, after each step)")
        }
        if outcome.unknown > 0 {
            lines.append(
                "\(Format.count(outcome.unknown)) recorded spikes are of places that "
                    + "hold no neuron of this image."
            )
        }
        return lines.joined(separator: "\n")
    }

    private static func number(_ value: Double?) -> String {
        guard let value else { return "-" }
        return value.isFinite ? Format.fixed(value, decimals: 3) : "inf"
    }

    private static func percent(_ value: Double) -> String {
        value.isFinite ? Format.percent(value) : "inf"
    }

    /// A distance, beside that between the recording's own trials where there are several.
    private static func pair(
        _ own: TrainDistances,
        _ trials: TrainDistances?,
        _ distance: (TrainDistances) -> Double?
    ) -> String {
        guard let trials else { return number(distance(own)) }
        return "\(number(distance(own))) (\(number(distance(trials))))"
    }

    static let distanceColumns: [TextTable.Column] = [
        .init("rate error", alignment: .right), .init("VR", alignment: .right),
        .init("VP", alignment: .right), .init("ISI", alignment: .right),
        .init("SPIKE", alignment: .right), .init("Γ", alignment: .right),
        .init("latency", alignment: .right),
    ]

    static func cells(_ own: TrainDistances?, _ trials: TrainDistances?) -> [String] {
        guard let own else { return .init(repeating: "-", count: distanceColumns.count) }
        return [
            percent(own.rateError), pair(own, trials, \.vanRossum),
            pair(own, trials, \.victorPurpura), pair(own, trials, \.isi),
            pair(own, trials, \.spike), pair(own, trials, \.coincidence),
            number(own.latency),
        ]
    }

    private static let countColumns: [TextTable.Column] = [
        .init("recorded", alignment: .right), .init("emulated", alignment: .right),
        .init("missing", alignment: .right), .init("extra", alignment: .right),
    ]

    private static func cells(_ counts: SpikeComparison.Counts) -> [String] {
        [counts.recorded, counts.emulated, counts.missing, counts.extra].map { Format.count($0) }
    }

    private var populationTable: TextTable {
        var table = TextTable(
            [.init("population")] + Self.countColumns + Self.distanceColumns
        )
        for population in populations {
            table.append(
                [population.path] + Self.cells(population.counts)
                    + Self.cells(population.distances, population.trialDistances)
            )
        }
        return table
    }

    private func table(of neurons: some Sequence<NeuronComparison>) -> TextTable {
        var table = TextTable(
            [.init("neuron"), .init("core", alignment: .right), .init("slot", alignment: .right)]
                + Self.countColumns + Self.distanceColumns
        )
        for neuron in neurons {
            table.append(
                [
                    "\(outcome.populations[neuron.population])[\(neuron.index)]",
                    "\(neuron.address.core)", "\(neuron.address.neuron)",
                ] + Self.cells(neuron.counts) + Self.cells(neuron.distances, neuron.trialDistances)
            )
        }
        return table
    }

    private func table(of divergence: Divergence) -> TextTable {
        let name = "\(outcome.populations[divergence.population])[\(divergence.index)]"
        var table = TextTable([
            .init("step", alignment: .right), .init("v of \(name)", alignment: .right),
            .init("u", alignment: .right), .init("recorded"), .init("emulated"),
        ])
        for point in divergence.history {
            table.append([
                Format.count(point.step), "\(point.membrane)", "\(point.current)",
                point.isRecorded ? "spike" : "", point.isEmulated ? "spike" : "",
            ])
        }
        return table
    }
}

// Picture.
extension ReplayReport {
    /// Rasters around the first difference, recorded above emulated, deviating neurons marked.
    public var figure: RasterFigure {
        let steps = outcome.rasters.first?.steps ?? 0..<1
        let mode = outcome.replay.isTeacherForced ? ", teacher-forced" : ""
        let deviating = outcome.neurons.count(where: \.deviates)
        return RasterFigure(
            title: "\(recording)\(mode): \(Format.count(deviating)) of "
                + "\(Format.count(outcome.neurons.count)) neurons deviate",
            timeLabel: "step",
            times: Double(steps.lowerBound)...Double(steps.upperBound),
            rows: outcome.rasters.map {
                RasterFigure.Row(
                    $0.name,
                    recorded: $0.recorded,
                    emulated: $0.emulated,
                    isMarked: $0.deviates
                )
            },
            mark: outcome.divergence.map { Double($0.difference.step) },
            caption: outcome.rasters.count < outcome.neurons.count
                ? "\(outcome.rasters.count) of \(Format.count(outcome.neurons.count)) neurons drawn"
                : ""
        )
    }
}
