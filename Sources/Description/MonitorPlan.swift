/// When a projection is stopped: what can be told from the chip alone (`docs/SAL.md`).
public struct MonitorPlan: Sendable, Equatable {
    /// Chip time between two looks, in seconds.
    public var everySeconds: Double
    /// Largest share of weights at a rail.
    public var saturatedShare: Double
    /// Largest mean change of a look, in standard errors of the changes.
    public var driftInStandardErrors: Double
    /// Largest share of a population whose rate is below a fifth or above three times its mean.
    public var strayShare: Double

    /// Describes the monitor.
    ///
    /// - Parameters:
    ///   - everySeconds: Chip time between two looks.
    ///   - saturatedShare: Largest share of weights at a rail.
    ///   - driftInStandardErrors: Largest mean change in standard errors.
    ///   - strayShare: Largest share of neurons with a stray rate.
    public init(
        everySeconds: Double = 10,
        saturatedShare: Double = 0.1,
        driftInStandardErrors: Double = 8,
        strayShare: Double = 0.15
    ) {
        self.everySeconds = everySeconds
        self.saturatedShare = saturatedShare
        self.driftInStandardErrors = driftInStandardErrors
        self.strayShare = strayShare
    }
}
