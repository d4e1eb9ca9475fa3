public import Interconnect

/// How the chip time of a run came about.
public struct TimingResult: Sendable {
    /// How actions became time.
    public var model: TimingModel
    /// What kept cores and links busy.
    public var usage: ChipUsage
    /// Where the spikes of each sender go.
    public var packets: PacketTable
    /// Spikes of each sender in the run.
    public var spikesOfSender: [UInt64]
    /// Steps of which a timeline was kept.
    public var timeline: [TimelineStep]
}

extension TimingResult {
    /// What a bottleneck is, in a word.
    func kind(of bottleneck: Bottleneck) -> String {
        switch bottleneck {
        case .nothing: "nothing"
        case .somas: "somas"
        case .synapses: "synapses"
        case .network: "network"
        }
    }

    /// The physical core of a bottleneck; nil for the network.
    func core(of bottleneck: Bottleneck) -> Int? {
        switch bottleneck {
        case .nothing, .network: nil
        case .somas(let core), .synapses(let core): Int(packets.cores[core])
        }
    }
}

/// A step on the timeline of a run.
public struct TimelineStep: Sendable {
    /// Number of the step in the run.
    public var step: UInt64
    /// Chip time at its beginning, in nanoseconds.
    public var start: Double
    /// How long it took.
    public var time: StepTime
    /// What happened in it.
    public var what: StepTimeline
}
