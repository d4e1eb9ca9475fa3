public import ChipImage
import Energy
import Interconnect
import Report
public import Samples

/// Predicted energy and step time in a report.
public struct CostPrediction: Sendable, Encodable {
    /// Ends of a range.
    public struct Range: Sendable, Equatable, Encodable {
        /// Lower end.
        public let least: Double
        /// Upper end.
        public let most: Double
        /// Whether a price or a latency that nobody has published makes both ends lower bounds.
        public let isLowerBound: Bool
    }

    /// Samples that the rates are from.
    public let samples: Int
    /// Steps of each, with those after its input.
    public let stepsPerSample: Int
    /// Table of prices and latencies.
    public let table: String
    /// Spikes of all neurons and inputs in a step.
    public let spikesPerStep: Double
    /// Energy of a step in joules; state resets count by their share.
    public let joulesPerStep: Range
    /// Mean duration of a step in seconds; state resets count by their share.
    public let secondsPerStep: Range

    /// Counts the spikes of some samples and predicts from their rates.
    ///
    /// - Parameters:
    ///   - image: A verified image.
    ///   - samples: Inputs in the order of the image's ports.
    /// - Throws: `TimingError`, or `SenderRatesError`.
    public init?(_ image: ChipImage, samples: SampleSet) throws {
        let run = ChipRun(image: image, readout: .count)
        let result = try run(samples)
        let steps = run.plan(for: samples).stepsPerSample
        guard let rates = SenderRates(result, stepsPerReset: steps) else { return nil }
        let prediction = try ActivityPrediction(image, rates: rates)
        // Enough that rounding counts to whole numbers does not show.
        let many: UInt64 = 1_000_000
        let energy = prediction.energy(ofSteps: many)
        self.samples = samples.sampleCount
        stepsPerSample = steps
        table = energy.least.table
        spikesPerStep = rates.spikesPerStep.reduce(0, +)
        joulesPerStep = Range(
            least: energy.least.totalJoules / Double(many),
            most: energy.most.totalJoules / Double(many),
            isLowerBound: energy.least.isLowerBound || prediction.lacksLearning
        )
        secondsPerStep = Range(
            least: prediction.stepTime.nanoseconds.lowerBound * 1e-9,
            most: prediction.stepTime.nanoseconds.upperBound * 1e-9,
            isLowerBound: prediction.stepTime.isLowerBound
        )
    }

    /// One line for a terminal.
    public var text: String {
        "predicted from \(Format.count(samples)) samples: "
            + "\(Self.text(joulesPerStep, "J")) and \(Self.text(secondsPerStep, "s")) a step "
            + "(table \(table))"
    }

    private static func text(_ range: Range, _ unit: String) -> String {
        let least = Quantity(range.least, unit, isLowerBound: range.isLowerBound)
        let most = Quantity(range.most, unit)
        return Quantity(range.least, unit).description == most.description
            ? "\(least)" : "\(least) … \(most)"
    }
}
