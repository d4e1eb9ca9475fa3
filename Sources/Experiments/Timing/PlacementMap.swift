public import ChipImage
import ChipSpec
import Interconnect
public import Report

/// How full the tiles of a compiled network are, and what passes the links if everything spikes once.
public struct PlacementMap: Sendable {
    /// Largest share of a limit that a core of each tile uses, 0...1.
    public let fill: [Double]
    /// Packets that pass each link if every neuron and every input channel spikes once.
    public let linkPackets: [UInt64]
    private let topology: Topology
    private let image: ChipImage

    /// Reads an image.
    ///
    /// - Parameter image: An image that keeps its invariants.
    public init(_ image: ChipImage) {
        self.image = image
        let chip = image.chip
        let topology = Topology(chip)
        var fill = [Double](repeating: 0, count: topology.tileCount)
        var links = [UInt64](repeating: 0, count: topology.linkCount)
        func send(_ table: RouteTable, from tile: Int) {
            for sender in 0..<table.offsets.count - 1 {
                topology.forEachLink(
                    from: tile,
                    to: table[sender].map { topology.tile(of: $0.core) },
                    casting: chip.interconnect.casting
                ) { links[$0] += 1 }
            }
        }
        for port in image.inputs { send(port.routes, from: 0) }
        for (core, bytes) in zip(image.cores, image.synapseBytes()) {
            let tile = topology.tile(of: core.core)
            let shares = [
                (core.neurons.count, chip.core.neurons),
                (core.synapses.axonCount, chip.core.axonsIn),
                (core.routes.routes.count, chip.core.axonsOut),
                (bytes, chip.core.synapseMemoryInBytes),
            ].map { Double($0.0) / Double(max($0.1, 1)) }
            fill[tile] = max(fill[tile], shares.max() ?? 0)
            send(core.routes, from: tile)
        }
        self.fill = fill
        linkPackets = links
        self.topology = topology
    }

    /// The map as a picture: the part of the mesh that is in use.
    public var figure: MapFigure {
        let places = fill.indices.map { topology.place(of: $0) }
        let used = fill.indices.filter { fill[$0] > 0 }
        let cells = fill.indices.map { tile in
            MapFigure.Cell(
                column: places[tile].column,
                row: places[tile].row,
                value: fill[tile]
            )
        }
        // One free tile beyond those in use shows that the mesh goes on.
        let columns = (used.map { places[$0].column }.max() ?? 0) + 2
        let rows = (used.map { places[$0].row }.max() ?? 0) + 2
        let width = min(columns, image.chip.mesh.width)
        let height = min(rows, image.chip.mesh.height)
        return MapFigure(
            title: "\(image.network.name) on \(image.chip.name)",
            columns: width,
            rows: height,
            cells: cells.filter { $0.column < width && $0.row < height },
            links: topology.figureLinks(linkPackets, of: image.chip, each: 1),
            cellLabel: "of the fullest limit",
            linkLabel: "packets if all spike once",
            caption: "\(image.cores.count) cores, \(linkPackets.reduce(0, +)) hops"
        )
    }
}
