package import ChipSpec

/// Gives each core a place on the mesh: in the order of filling, tiles by their distance from tile 0,
/// where inputs enter.
package struct Place: Pass {
    package static let name = "place"
    let chip: ChipSpec

    /// Makes the pass.
    ///
    /// - Parameter chip: The chip.
    package init(chip: ChipSpec) { self.chip = chip }

    package func run(_ partitioning: Partitioning) -> Placement {
        let tiles = (0..<chip.mesh.width * chip.mesh.height).sorted {
            (distance(0, $0), $0) < (distance(0, $1), $1)
        }
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
            ? nil : "a core lies outside the mesh."
    }

    private func distance(_ one: Int, _ other: Int) -> Int {
        chip.mesh.distance(fromTile: one, toTile: other)
    }
}

extension MeshSpec {
    /// Links between two tiles, west–east and north–south.
    ///
    /// - Parameters:
    ///   - one: A tile.
    ///   - other: A tile.
    /// - Returns: Manhattan distance.
    package func distance(fromTile one: Int, toTile other: Int) -> Int {
        abs(one % width - other % width) + abs(one / width - other / width)
    }
}
