public import ChipSpec
import Events

/// Times and sizes of a network of queues; times in picoseconds.
public struct QueueSettings: Sendable {
    /// Time for which a packet keeps a link busy.
    public var packetTime: Int
    /// Latency of a link, by kind.
    public var eastWest: Int
    /// Latency of a link along a column.
    public var northSouth: Int
    /// Latency of a link without a direction.
    public var plain: Int
    /// Latency of a packet that stays on its tile.
    public var withinTile: Int
    /// Packets that the queue before each link holds; nil without bound.
    public var slots: Int?
    /// What happens to a packet that does not fit in where it would enter the network.
    public var whenFull: FullQueuePolicy

    /// Describes a network of queues.
    ///
    /// - Parameters:
    ///   - packetTime: Time for which a packet keeps a link busy.
    ///   - latency: Latency of every link.
    ///   - withinTile: Latency of a packet that stays on its tile.
    ///   - slots: Packets that the queue before each link holds, at least 2; nil without bound.
    ///   - whenFull: What happens to a packet that does not fit in.
    public init(
        packetTime: Int,
        latency: Int,
        withinTile: Int = 0,
        slots: Int? = nil,
        whenFull: FullQueuePolicy = .stall
    ) {
        precondition(slots.map { $0 >= 2 } ?? true, "two slots or more: rings need them")
        self.packetTime = packetTime
        eastWest = latency
        northSouth = latency
        plain = latency
        self.withinTile = withinTile
        self.slots = slots
        self.whenFull = whenFull
    }

    func latency(_ kind: LinkKind) -> Int {
        switch kind {
        case .eastWest: eastWest
        case .northSouth: northSouth
        case .plain: plain
        }
    }
}

extension QueueSettings {
    /// Times and sizes of a chip.
    ///
    /// - Parameters:
    ///   - chip: Size of the queues, and the time of a packet on a link.
    ///   - prices: Latencies of the links.
    /// - Throws: `TimingError` if a bandwidth or latency is unknown.
    public init(chip: ChipSpec, prices: EnergyTable) throws {
        guard let packet = chip.interconnect.packetInNanoseconds else {
            throw TimingError.unknownBandwidth(chip: chip.name)
        }
        let latencies = Latencies(prices, mappedTiles: 1)
        let kinds: [Action] =
            switch chip.interconnect.topology {
            case .mesh, .torus: [.hopEastWest, .hopNorthSouth]
            case .tree, .crossbar: [.hop]
            }
        for action in kinds where latencies.isUnknown(action) {
            throw TimingError.unknownLatency(
                chip: chip.name,
                table: prices.name,
                action: action.name
            )
        }
        self.init(
            packetTime: PacketSchedule.picoseconds(packet),
            latency: 0,
            withinTile: PacketSchedule.picoseconds(latencies[.withinTile]),
            slots: chip.interconnect.queueInPackets,
            whenFull: chip.interconnect.whenFull
        )
        eastWest = PacketSchedule.picoseconds(latencies[.hopEastWest])
        northSouth = PacketSchedule.picoseconds(latencies[.hopNorthSouth])
        plain = PacketSchedule.picoseconds(latencies[.hop])
    }
}
