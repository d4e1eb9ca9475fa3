public import ChipSpec
public import Events

/// What one kind of action cost.
public struct EnergyTerm: Sendable, Equatable {
    /// Name of the action, or `staticPower`.
    public var name: String
    /// How often; for `staticPower` the nanoseconds of chip time.
    public var count: UInt64
    /// Energy of one in joules; nil if nobody says.
    public var joulesEach: Double?
    /// Where the price comes from.
    public var provenance: Provenance

    /// Energy of all in joules; nil if nobody says.
    public var joules: Double? { joulesEach.map { $0 * Double(count) } }

    /// Whether the price is missing and needed.
    public var isMissing: Bool { joulesEach == nil && count > 0 }
}

/// Energy of a run: counts times one table of prices, term by term.
///
/// The total is exactly the sum of the known terms in their order. A term without a price is unknown,
/// never zero; if it was needed, the total is a lower bound.
public struct EnergyReport: Sendable, Equatable {
    /// Name of the table.
    public var table: String
    /// Terms in the order of the table; static power last.
    public var terms: [EnergyTerm]
    /// Whether static power flowed for at least the time that was priced, perhaps longer.
    private let staticPowerIsLowerBound: Bool

    /// Prices the counts of a run.
    ///
    /// - Parameters:
    ///   - counts: What the chip did.
    ///   - table: Prices. An action without an entry is counted elsewhere by this table.
    ///   - chipTimeInSeconds: How long the chip was on, for its static power.
    ///   - chipTimeIsLowerBound: Whether it was on for longer, perhaps.
    public init(
        counts: ActionCounts,
        table: EnergyTable,
        chipTimeInSeconds: Double,
        chipTimeIsLowerBound: Bool = false
    ) {
        self.table = table.name
        staticPowerIsLowerBound =
            chipTimeIsLowerBound && (table.staticPowerInMilliwatts ?? 0) > 0
        terms = table.prices.map { price in
            EnergyTerm(
                name: price.action.name,
                count: counts[price.action],
                joulesEach: price.energyInPicojoules.map { $0 * 1e-12 },
                provenance: price.provenance
            )
        }
        // A milliwatt for a nanosecond is a picojoule.
        let nanoseconds = (chipTimeInSeconds * 1e9).rounded()
        terms.append(
            EnergyTerm(
                name: "staticPower",
                count: UInt64(min(max(0, nanoseconds), 1e18)),
                joulesEach: table.staticPowerInMilliwatts.map { $0 * 1e-12 },
                provenance: table.staticPowerProvenance
            )
        )
    }

    /// Sum of the known terms in joules.
    public var totalJoules: Double { terms.reduce(0) { $0 + ($1.joules ?? 0) } }

    /// Whether the total reads "at least".
    ///
    /// A price was needed that nobody says, or static power flowed for a time that is a lower bound.
    public var isLowerBound: Bool {
        staticPowerIsLowerBound || terms.contains(where: \.isMissing)
    }
}

extension EnergyReport {
    /// Energy of weight, trace and bias updates in joules, as far as it is known.
    public var learningJoules: Double {
        let learning: Set = [
            Action.weightUpdate.name, Action.traceUpdate.name, Action.biasUpdate.name,
        ]
        return terms.reduce(0) { $0 + (learning.contains($1.name) ? $1.joules ?? 0 : 0) }
    }
}
