/// When a projection is stopped: what can be told from the chip alone (`docs/SAL.md`).
public struct MonitorPlan: Sendable, Equatable {
    /// Chip time between two looks, in seconds.
    public var everySeconds: Double
    /// Largest share of weights at a rail.
    public var saturatedShare: Double
    /// Largest mean change of a look, in standard errors of the changes.
    public var driftInStandardErrors: Double
    /// Highest mean rate of a population, as a multiple of the target; 0 leaves rates out.
    public var highestRate: Double

    /// Describes the monitor.
    ///
    /// - Parameters:
    ///   - everySeconds: Chip time between two looks.
    ///   - saturatedShare: Largest share of weights at a rail.
    ///   - driftInStandardErrors: Largest mean change in standard errors.
    ///   - highestRate: Highest mean rate.
    public init(
        everySeconds: Double = 10,
        saturatedShare: Double = 0.1,
        driftInStandardErrors: Double = 8,
        highestRate: Double = 0
    ) {
        self.everySeconds = everySeconds
        self.saturatedShare = saturatedShare
        self.driftInStandardErrors = driftInStandardErrors
        self.highestRate = highestRate
    }
}
