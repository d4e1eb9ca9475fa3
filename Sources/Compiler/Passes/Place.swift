package import ChipSpec
import Interconnect

/// Gives each core a place on the chip: in the order of filling, tiles by their distance from tile 0,
/// where inputs enter.
package struct Place: Pass {
    package static let name = "place"
    let chip: ChipSpec

    /// Makes the pass.
    ///
    /// - Parameter chip: The chip.
    package init(chip: ChipSpec) { self.chip = chip }

    package func run(_ partitioning: Partitioning) -> Placement {
        let topology = Topology(chip)
        let distances = (0..<topology.tileCount).map {
            topology.hops(fromTile: 0, toTile: $0).total
        }
        let tiles = distances.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
        let cores = tiles.flatMap { tile in
            tile * chip.mesh.coresPerTile..<(tile + 1) * chip.mesh.coresPerTile
        }
        return Placement(
            partitioning: partitioning,
            physicalCore: Array(cores.prefix(partitioning.cores.count))
        )
    }

    package func statistics(of output: Placement) -> [Statistic] {
        let tiles = Set(output.physicalCore.map { $0 / chip.mesh.coresPerTile })
        return [Statistic("tiles", tiles.count)]
    }

    package func violation(in output: Placement, of input: Partitioning) -> String? {
        let places = Set(output.physicalCore)
        if places.count != input.cores.count { return "two cores share a place." }
        return places.allSatisfy { (0..<chip.mesh.coreCount).contains($0) }
            ? nil : "a core lies outside the chip."
    }
}
