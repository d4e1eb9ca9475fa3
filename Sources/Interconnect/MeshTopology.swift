public import ChipSpec

/// Tiles on a rectangular mesh, and the way of a packet between them.
///
/// Core c sits on tile c / coresPerTile; tile t sits in column t mod width and row t / width.
/// Packets go along the row first, then along the column (XY routing).
public struct MeshTopology: Sendable {
    private let mesh: MeshSpec

    /// Describes the mesh of a chip.
    ///
    /// - Parameter mesh: Its size.
    public init(_ mesh: MeshSpec) { self.mesh = mesh }

    /// The tile of a core.
    ///
    /// - Parameter core: Physical core.
    /// - Returns: Number of the tile.
    public func tile(of core: UInt32) -> Int { Int(core) / mesh.coresPerTile }

    /// Links that a packet passes between two cores.
    ///
    /// - Parameters:
    ///   - source: Core of the sender.
    ///   - destination: Core of the receiver.
    /// - Returns: Links along the row and along the column; both 0 within a tile.
    public func hops(
        from source: UInt32,
        to destination: UInt32
    ) -> (eastWest: Int, northSouth: Int) {
        hops(fromTile: tile(of: source), toTile: tile(of: destination))
    }

    /// Links that a packet from outside passes: it enters at tile 0.
    ///
    /// - Parameter destination: Core of the receiver.
    /// - Returns: Links along the row and along the column.
    public func hopsFromInput(to destination: UInt32) -> (eastWest: Int, northSouth: Int) {
        hops(fromTile: 0, toTile: tile(of: destination))
    }

    private func hops(fromTile a: Int, toTile b: Int) -> (eastWest: Int, northSouth: Int) {
        (
            abs(a % mesh.width - b % mesh.width),
            abs(a / mesh.width - b / mesh.width)
        )
    }
}
