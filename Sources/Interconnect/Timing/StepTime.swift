/// How long a time step took, and what it waited for.
public struct StepTime: Sendable, Equatable {
    /// Duration in nanoseconds.
    public var nanoseconds: Double
    /// Whether a latency that nobody has published makes it a lower bound.
    public var isLowerBound: Bool
    /// Whether the work took longer than the chip's real-time step.
    public var isOverrun: Bool
    /// What the step waited for.
    public var bottleneck: Bottleneck

    init(
        nanoseconds: Double,
        isLowerBound: Bool,
        isOverrun: Bool,
        bottleneck: Bottleneck = .nothing
    ) {
        self.nanoseconds = nanoseconds
        self.isLowerBound = isLowerBound
        self.isOverrun = isOverrun
        self.bottleneck = bottleneck
    }
}

/// What a step waited for.
public enum Bottleneck: Sendable, Equatable {
    /// No core had anything to do.
    case nothing
    /// The somas and packets out of a core, by its index among the used ones.
    case somas(core: Int)
    /// The packets in, synapses and learning of a core, by its index among the used ones.
    case synapses(core: Int)
    /// Packets under way.
    case network
}
