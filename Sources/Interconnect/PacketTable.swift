/// Where the spikes of every sender go: made once from an image.
///
/// Senders are numbered as the machine does: neurons by core and slot, then input channels. Cores are
/// numbered among the used ones.
public struct PacketTable: Sendable {
    /// One destination core of a sender.
    public struct Route: Sendable, BitwiseCopyable {
        /// Index of the core among the used ones.
        public var core: UInt32
        /// Synapses that a spike reads there.
        public var synapses: UInt32

        /// Describes a destination.
        ///
        /// - Parameters:
        ///   - core: Index of the core among the used ones.
        ///   - synapses: Synapses that a spike reads there.
        public init(core: UInt32, synapses: UInt32) {
            self.core = core
            self.synapses = synapses
        }
    }

    /// Physical cores in use, ascending.
    public let cores: [UInt32]
    /// First sender on each used core; one more entry, the first input channel.
    public let firstSenderOfCore: [Int]
    /// Sender s owns `routes[routeOffsets[s]..<routeOffsets[s + 1]]`, ascending by core.
    public let routeOffsets: [UInt32]
    /// Destinations.
    public let routes: [Route]

    /// Describes the routes of an image.
    ///
    /// - Parameters:
    ///   - cores: Physical cores in use, ascending.
    ///   - firstSenderOfCore: First sender on each used core, and the first input channel.
    ///   - routeOffsets: First route of each sender, and the number of routes.
    ///   - routes: Destinations, sender by sender.
    public init(
        cores: [UInt32],
        firstSenderOfCore: [Int],
        routeOffsets: [UInt32],
        routes: [Route]
    ) {
        precondition(firstSenderOfCore.count == cores.count + 1, "an entry a core, and one more")
        self.cores = cores
        self.firstSenderOfCore = firstSenderOfCore
        self.routeOffsets = routeOffsets
        self.routes = routes
    }

    /// Number of senders: neurons and input channels.
    public var senderCount: Int { routeOffsets.count - 1 }

    /// Destinations of a sender.
    ///
    /// - Parameter sender: Number of the sender.
    /// - Returns: Routes, ascending by core.
    public func routes(of sender: Int) -> ArraySlice<Route> {
        routes[Int(routeOffsets[sender])..<Int(routeOffsets[sender + 1])]
    }
}

/// A packet that does not arrive.
public struct LostPacket: Sendable, Hashable, Comparable {
    /// Number of the sender.
    public var sender: UInt32
    /// Index of the receiving core among the used ones.
    public var core: UInt32

    /// Describes a packet.
    ///
    /// - Parameters:
    ///   - sender: Number of the sender.
    ///   - core: Index of the receiving core among the used ones.
    public init(sender: UInt32, core: UInt32) {
        self.sender = sender
        self.core = core
    }

    /// Order by sender, then core.
    ///
    /// - Parameters:
    ///   - a: One packet.
    ///   - b: Another.
    /// - Returns: Whether a comes first.
    public static func < (a: Self, b: Self) -> Bool { (a.sender, a.core) < (b.sender, b.core) }
}
