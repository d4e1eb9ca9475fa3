public import ChipSpec

/// What one spike of a sender puts on the links.
public struct SenderTraffic: Sendable, BitwiseCopyable {
    /// Packets that the sender puts out.
    public var packets: UInt32 = 0
    /// Copies that stay on the tile of the sender.
    public var withinTile: UInt32 = 0
    /// Links passed along rows.
    public var eastWest: UInt32 = 0
    /// Links passed along columns.
    public var northSouth: UInt32 = 0
    /// Links passed without a direction.
    public var plain: UInt32 = 0

    /// No packet.
    public init() {}
}

extension Topology {
    /// Visits each link that a spike passes, a link of several copies as often as packets pass it.
    ///
    /// - Parameters:
    ///   - start: Tile of the sender.
    ///   - tiles: Tiles of the receiving cores, one entry a core.
    ///   - casting: With multicast a link that several ways share is passed once.
    ///   - body: Receives the number of each link.
    public func forEachLink(
        from start: Int,
        to tiles: some Sequence<Int>,
        casting: PacketCasting,
        _ body: (Int) -> Void
    ) {
        var passed: Set<Int> = []
        for tile in tiles {
            forEachLink(from: start, to: tile) { link in
                guard casting == .unicast || passed.insert(link).inserted else { return }
                body(link)
            }
        }
    }

    /// What one spike puts on the links.
    ///
    /// - Parameters:
    ///   - start: Tile of the sender; an input enters at tile 0.
    ///   - tiles: Tiles of the receiving cores, one entry a core.
    ///   - casting: Whether the sender puts out one packet for all of them.
    /// - Returns: Packets and links.
    public func traffic(
        from start: Int,
        to tiles: [Int],
        casting: PacketCasting
    ) -> SenderTraffic {
        var hops = Hops()
        forEachLink(from: start, to: tiles, casting: casting) { hops.count(kind(of: $0)) }
        var traffic = SenderTraffic()
        traffic.packets = UInt32(casting == .unicast ? tiles.count : min(1, tiles.count))
        traffic.withinTile = UInt32(tiles.count { $0 == start })
        traffic.eastWest = UInt32(hops.eastWest)
        traffic.northSouth = UInt32(hops.northSouth)
        traffic.plain = UInt32(hops.plain)
        return traffic
    }
}
