public import Energy
public import Report

/// Recorded counts with their prices, as text and as JSON.
public struct PricedCounts: Sendable {
    /// What was counted.
    public var recorded: RecordedCounts
    /// What it cost.
    public var energy: EnergyReport

    /// Describes priced counts.
    ///
    /// - Parameters:
    ///   - recorded: What was counted.
    ///   - energy: What it cost.
    public init(recorded: RecordedCounts, energy: EnergyReport) {
        self.recorded = recorded
        self.energy = energy
    }

    /// The terms as text for a terminal.
    public var text: String {
        let each = energy.totalJoules / Double(recorded.samples)
        let quantity = Quantity(each, "J", isLowerBound: energy.isLowerBound)
        let time = Quantity(
            recorded.chipTimeInNanoseconds * 1e-9,
            "s",
            isLowerBound: recorded.chipTimeIsLowerBound
        )
        return "energy     \(quantity) a sample (table \(energy.table))\n"
            + "chip time  \(time) for \(Format.count(recorded.samples)) samples (by table "
            + "\(recorded.table), as recorded)\n\n" + RunReport.table(of: energy).text
    }

    /// The terms as JSON, as in the report of a run.
    public var json: JSONValue {
        [
            "schema": "spikeloom.energy/1",
            "samples": .integer(recorded.samples),
            "chipTimeSeconds": .number(recorded.chipTimeInNanoseconds * 1e-9),
            "chipTimeTable": .string(recorded.table),
            "energy": RunReport.json(energy, samples: recorded.samples),
        ]
    }
}
