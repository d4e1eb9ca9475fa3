public import ChipSpec

/// What a link counts as in a table of prices.
public enum LinkKind: Sendable, CaseIterable {
    /// Along a row of the grid.
    case eastWest
    /// Along a column of the grid.
    case northSouth
    /// Of a tree, or the switch of a crossbar.
    case plain
}

/// Links that a packet passes.
public struct Hops: Sendable, Equatable {
    /// Along rows.
    public var eastWest = 0
    /// Along columns.
    public var northSouth = 0
    /// Without a direction.
    public var plain = 0

    /// None.
    public init() {}

    /// Links in total.
    public var total: Int { eastWest + northSouth + plain }

    mutating func count(_ kind: LinkKind) {
        switch kind {
        case .eastWest: eastWest += 1
        case .northSouth: northSouth += 1
        case .plain: plain += 1
        }
    }
}

/// Routers, directed links between them, and the way of a packet.
///
/// Routers 0..<`tileCount` are those of the tiles. The next link of a packet follows from where it is
/// and which tile it goes to, from nothing else; the ways from one tile to several others form a tree.
public struct Topology: Sendable {
    /// Size of the grid of tiles.
    public let grid: MeshSpec
    private let spec: InterconnectSpec
    private let form: Form

    private enum Form {
        case grid(GridRouting)
        case tree(TreeRouting)
        case crossbar
    }

    /// Describes the interconnect of a chip.
    ///
    /// - Parameter chip: The chip.
    public init(_ chip: ChipSpec) { self.init(chip.mesh, chip.interconnect) }

    /// Describes an interconnect.
    ///
    /// - Parameters:
    ///   - mesh: Tiles, and cores on each.
    ///   - spec: How they are wired.
    public init(_ mesh: MeshSpec, _ spec: InterconnectSpec) {
        grid = mesh
        self.spec = spec
        switch spec.topology {
        case .mesh, .torus:
            form = .grid(
                GridRouting(
                    width: mesh.width,
                    height: mesh.height,
                    order: spec.tileOrder,
                    hasRings: spec.topology == .torus
                )
            )
        case .tree:
            form = .tree(TreeRouting(leaves: mesh.width * mesh.height, branching: spec.branching))
        case .crossbar: form = .crossbar
        }
    }

    /// Tiles of the chip.
    public var tileCount: Int { grid.width * grid.height }

    /// Numbers that links have; some are not in use at the edges of a mesh.
    public var linkCount: Int {
        switch form {
        case .grid: 4 * tileCount
        case .tree(let tree): 2 * tree.routerCount
        case .crossbar: tileCount
        }
    }

    /// The tile of a core.
    ///
    /// - Parameter core: Physical core.
    /// - Returns: Number of the tile.
    public func tile(of core: UInt32) -> Int { Int(core) / grid.coresPerTile }

    /// Where a tile sits on the grid.
    ///
    /// - Parameter tile: Number of the tile.
    /// - Returns: Column from the west, row from the north.
    public func place(of tile: Int) -> (column: Int, row: Int) {
        GridRouting(
            width: grid.width,
            height: grid.height,
            order: spec.tileOrder,
            hasRings: false
        ).place(of: tile)
    }

    /// The next link of a packet.
    ///
    /// - Parameters:
    ///   - router: Where it is.
    ///   - tile: Where it goes.
    /// - Returns: Number of the link, or nil if it is there.
    public func nextLink(at router: Int, toward tile: Int) -> Int? {
        guard router != tile else { return nil }
        switch form {
        case .grid(let grid): return grid.nextLink(at: router, toward: tile)
        case .tree(let tree): return tree.nextLink(at: router, toward: tile)
        case .crossbar: return tile
        }
    }

    /// The router at the end of a link.
    ///
    /// - Parameter link: Number of the link.
    /// - Returns: Number of the router.
    public func end(of link: Int) -> Int {
        switch form {
        case .grid(let grid): grid.end(of: link)
        case .tree(let tree): tree.end(of: link)
        case .crossbar: link
        }
    }

    /// What a link counts as.
    ///
    /// - Parameter link: Number of the link.
    /// - Returns: Its kind.
    public func kind(of link: Int) -> LinkKind {
        switch form {
        case .grid: link & 3 < 2 ? .eastWest : .northSouth
        case .tree, .crossbar: .plain
        }
    }

    /// Whether a packet that goes from one link on to another begins to go around a ring.
    ///
    /// - Parameters:
    ///   - link: The link that it leaves; nil for a packet that enters the network.
    ///   - next: The link that it enters.
    /// - Returns: Always false without rings.
    public func entersRing(from link: Int?, to next: Int) -> Bool {
        guard spec.topology == .torus else { return false }
        return link.map { $0 & 3 != next & 3 } ?? true
    }

    /// Name of a link, for reports.
    ///
    /// - Parameter link: Number of the link.
    /// - Returns: For example `tile 3 to the east`.
    public func name(of link: Int) -> String {
        switch form {
        case .grid: "tile \(link / 4) to the \(["east", "west", "south", "north"][link & 3])"
        case .tree(let tree): tree.name(of: link)
        case .crossbar: "switch to tile \(link)"
        }
    }

    /// Visits the links of the way between two tiles, in order.
    ///
    /// - Parameters:
    ///   - start: Tile of the sender.
    ///   - tile: Tile of the receiver.
    ///   - body: Receives the number of each link.
    public func forEachLink(from start: Int, to tile: Int, _ body: (Int) -> Void) {
        var router = start
        while let link = nextLink(at: router, toward: tile) {
            body(link)
            router = end(of: link)
        }
    }

    /// Links that a packet passes between two tiles.
    ///
    /// - Parameters:
    ///   - start: Tile of the sender; an input enters at tile 0.
    ///   - tile: Tile of the receiver.
    /// - Returns: Links by kind; none within a tile.
    public func hops(fromTile start: Int, toTile tile: Int) -> Hops {
        var hops = Hops()
        forEachLink(from: start, to: tile) { hops.count(kind(of: $0)) }
        return hops
    }

    /// Number of links from one tile to another.
    ///
    /// - Parameters:
    ///   - start: Tile of the sender.
    ///   - tile: Tile of the receiver.
    /// - Returns: `hops(fromTile:toTile:).total`, without a walk where the grid has no rings.
    public func distance(fromTile start: Int, toTile tile: Int) -> Int {
        guard spec.topology == .mesh else { return hops(fromTile: start, toTile: tile).total }
        let (from, to) = (place(of: start), place(of: tile))
        return abs(from.column - to.column) + abs(from.row - to.row)
    }
}
