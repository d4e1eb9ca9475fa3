public import Events

/// What a run found out about one sample.
public struct SampleResult: Sendable, Equatable {
    /// Spikes of each output neuron within its window.
    public var outputCounts: [Int]
    /// Index of the neuron that answers; nil if none does.
    public var answer: Int?
    /// Chip time of the sample in nanoseconds; 0 in float numerics.
    public var chipTimeInNanoseconds: Double
}

/// Spikes of one population over a run.
public struct PopulationSpikes: Sendable, Equatable {
    /// Path of the population, or name of the input.
    public var path: String
    /// Number of neurons or channels.
    public var neurons: Int
    /// Spikes in the run.
    public var spikes: UInt64
}

/// What a run found out.
public struct RunResult: Sendable {
    /// One entry a sample.
    public var samples: [SampleResult]
    /// Samples whose answer is their label; nil without labels.
    public var correct: Int?
    /// Spikes by population, inputs first.
    public var populations: [PopulationSpikes]
    /// Steps run, all samples together.
    public var steps: UInt64
    /// Everything the chip did; empty in float numerics.
    public var counts: ActionCounts
    /// Packets of the chip; empty in float numerics.
    public var packets: PacketCounts
    /// Chip time of the whole run in nanoseconds.
    public var chipTimeInNanoseconds: Double
    /// Whether a latency without a published figure makes the chip time a lower bound.
    public var chipTimeIsLowerBound: Bool
    /// Steps whose work took longer than the chip's real-time step.
    public var overruns: UInt64
    /// How the chip time came about; nil in float numerics.
    public var timing: TimingResult?
    /// SHA-256 of all spikes, inputs included.
    public var digest: Digest

    /// Share of correct answers; nil without labels.
    public var accuracy: Double? {
        correct.map { samples.isEmpty ? 0 : Double($0) / Double(samples.count) }
    }
}
