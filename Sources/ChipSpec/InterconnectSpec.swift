/// How the routers of a chip are wired.
public enum InterconnectTopology: String, Sendable, Codable, CaseIterable {
    /// A grid; packets go along the row, then along the column (XY).
    case mesh
    /// A grid whose rows and columns are rings; packets take the shorter way around.
    case torus
    /// A tree of routers with the tiles as its leaves.
    case tree
    /// One switch that connects every tile with every other.
    case crossbar
}

/// How tiles are numbered on the grid.
public enum TileOrder: String, Sendable, Codable, CaseIterable {
    /// Tile t sits in column t mod width and row t / width.
    case rows
    /// Tile t sits in column t / height and row t mod height (SANA-FE).
    case columns
}

/// What happens to a spike for several cores.
public enum PacketCasting: String, Sendable, Codable, CaseIterable {
    /// The sender puts out one packet for each core (Loihi).
    case unicast
    /// The sender puts out one packet, which routers copy where ways part (SpiNNaker).
    case multicast
}

/// What happens to a packet that finds a queue full.
public enum FullQueuePolicy: String, Sendable, Codable, CaseIterable {
    /// It waits, and so does what is behind it.
    case stall
    /// It is lost where it would enter the network, and counted.
    case drop
}

/// Links and queues between the cores.
public struct InterconnectSpec: Sendable, Equatable, Codable {
    /// How the routers are wired.
    public var topology: InterconnectTopology
    /// How tiles are numbered.
    public var tileOrder: TileOrder
    /// Children of a router of a tree, 2...64; without effect elsewhere.
    public var branching: Int
    /// What happens to a spike for several cores.
    public var casting: PacketCasting
    /// Time for which a packet keeps a link busy, in nanoseconds; nil is unknown.
    ///
    /// The bandwidth of a link is one packet in this time.
    public var packetInNanoseconds: Double?
    /// Packets that the queue before each link holds, 2...65,536; nil is without bound.
    public var queueInPackets: Int?
    /// What happens at a full queue.
    public var whenFull: FullQueuePolicy

    /// What holds for a chip that does not say: an XY mesh, rows first, unicast, nothing known of links.
    public static let standard = InterconnectSpec(
        topology: .mesh,
        tileOrder: .rows,
        branching: 4,
        casting: .unicast,
        packetInNanoseconds: nil,
        queueInPackets: nil,
        whenFull: .stall
    )
}

extension InterconnectSpec {
    init(reading section: SpecSection) throws(ChipSpecError) {
        topology = try section.choice("topology")
        tileOrder = try section.choice("tileOrder")
        branching = Self.standard.branching
        if section.has("branching") {
            guard topology == .tree else {
                throw section.refusal(
                    "branching",
                    "It must be absent where the topology is not tree.",
                    "Delete it, or write 'topology: tree'."
                )
            }
            branching = try section.integer(
                "branching",
                in: 2...64,
                advice: "It is the number of children of a router."
            )
        }
        casting = try section.choice("casting")
        packetInNanoseconds = try section.price("packetInNanoseconds", atMost: 1e9)
        queueInPackets =
            try section.isWord("unbounded", "queueInPackets")
            ? nil
            : section.integer(
                "queueInPackets",
                in: 2...65_536,
                advice: "Write unbounded for queues that never fill up."
            )
        whenFull = try section.choice("whenFull")
        guard whenFull == .stall || queueInPackets != nil else {
            throw section.refusal(
                "whenFull",
                "It must be stall where queueInPackets is unbounded.",
                "Give the queues a size: a queue without bound is never full."
            )
        }
    }

    var json: CanonicalJSON {
        var entries: [String: CanonicalJSON] = [
            "topology": .text(topology.rawValue),
            "tileOrder": .text(tileOrder.rawValue),
            "casting": .text(casting.rawValue),
            "packetInNanoseconds": packetInNanoseconds.map { .number($0) } ?? .text("unknown"),
            "queueInPackets": queueInPackets.map { .integer($0) } ?? .text("unbounded"),
            "whenFull": .text(whenFull.rawValue),
        ]
        if topology == .tree { entries["branching"] = .integer(branching) }
        return .object(entries)
    }
}
