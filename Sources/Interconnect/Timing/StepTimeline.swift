/// What happened within a time step, for the timeline.
///
/// Times are nanoseconds from the beginning of the step; cores are indices among the used ones.
public struct StepTimeline: Sendable, Equatable {
    /// What a stretch of time was for.
    public enum Work: String, Sendable, CaseIterable {
        /// Somas and packets out.
        case somas
        /// Packets in and synapses.
        case synapses
        /// Packets ready, and no room for them in the network.
        case stall
    }

    /// A stretch of work of one core.
    public struct Span: Sendable, Equatable {
        /// Index of the core.
        public var core: Int
        /// What it was for.
        public var work: Work
        /// Begin in nanoseconds.
        public var start: Double
        /// Length in nanoseconds.
        public var duration: Double
    }

    /// A packet on its way.
    public struct Packet: Sendable, Equatable {
        /// Index of the sending core; nil for an input.
        public var source: Int?
        /// Index of the receiving core.
        public var core: Int
        /// When it left its core.
        public var sent: Double
        /// When the receiving core began with it.
        public var received: Double
        /// When its synapses were done.
        public var processed: Double
    }

    /// Stretches of work, in no particular order.
    public var spans: [Span] = []
    /// Packets in the order of their reception.
    public var packets: [Packet] = []

    /// Nothing happened.
    public init() {}

    mutating func note(_ work: Work, core: Int, start: Double, duration: Double) {
        guard duration > 0 else { return }
        spans.append(Span(core: core, work: work, start: start, duration: duration))
    }

    mutating func notePacket(
        from source: Int?,
        to core: Int,
        sent: Double,
        received: Double,
        processed: Double
    ) {
        packets.append(
            Packet(source: source, core: core, sent: sent, received: received, processed: processed)
        )
        note(.synapses, core: core, start: received, duration: processed - received)
    }
}
