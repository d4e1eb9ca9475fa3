public import Events

/// What a machine did in a step, as a clock sees it.
public struct StepActivity: Sendable {
    /// What each used core did; packets in are those of this step's spikes.
    public var cores: [CoreStepCounts]
    /// Senders that spiked, ascending: neurons, then input channels.
    public var senders: [UInt32]
    /// What each neuron's soma did, by number of the neuron; empty where nobody recorded it.
    public var visits: [SomaVisit]

    /// Describes a step.
    ///
    /// - Parameters:
    ///   - cores: What each used core did.
    ///   - senders: Senders that spiked, ascending.
    ///   - visits: What each neuron's soma did; may be empty for the models `ideal` and `simple`.
    public init(cores: [CoreStepCounts], senders: [UInt32] = [], visits: [SomaVisit] = []) {
        self.cores = cores
        self.senders = senders
        self.visits = visits
    }
}

/// What a soma did in a step.
public enum SomaVisit: UInt8, Sendable, BitwiseCopyable {
    /// Its population sleeps.
    case none
    /// It was visited, and had nothing to do.
    case inactive
    /// It had input, a bias, or a membrane potential other than 0.
    case active
}
