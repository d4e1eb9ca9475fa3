/// How actions become time (`docs/TIMING.md`).
public enum TimingModel: String, Sendable, CaseIterable {
    /// Sums of latencies: the slowest core, no network, no barrier.
    case ideal
    /// Sums of latencies, and the barrier: SANA-FE's `simple`.
    case simple
    /// Packets in order of their time, with a density of traffic on each link: SANA-FE's `detailed`.
    case detailed
    /// Every packet through a queue before every link.
    case queued
}

/// Why a chip cannot be timed.
public enum TimingError: Error, Equatable, CustomStringConvertible {
    /// Queues need the bandwidth of a link.
    case unknownBandwidth(chip: String)
    /// A latency is needed that no table says.
    case unknownLatency(chip: String, table: String, action: String)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unknownBandwidth(let chip):
            "The timing model queued needs to know how long a packet keeps a link busy, and "
                + "interconnect.packetInNanoseconds of chip \(chip) is unknown. Give it a number in "
                + "a spec of your own, or choose --timing detailed."
        case .unknownLatency(let chip, let table, let action):
            "The timing model queued needs the latency of \(action), which table \(table) of chip "
                + "\(chip) does not know. Choose another --energy table, or --timing simple."
        }
    }
}
