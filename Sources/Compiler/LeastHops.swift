import ChipImage
package import ChipSpec
import Interconnect
import NetworkIR

extension Routing {
    /// Fewest hops of any placement of the same cores: nearest tiles are filled with what a sender reaches.
    ///
    /// Each sender is given the best tile of the chip for itself, and all cores of it and of its
    /// neighbours; inputs enter at tile 0.
    ///
    /// - Parameter chip: The chip.
    /// - Returns: A number that no placement goes below; nil where one packet serves several cores.
    package func leastHops(on chip: ChipSpec) -> Int? {
        guard chip.interconnect.casting == .unicast else { return nil }
        let topology = Topology(chip)
        let tiles = chip.mesh.width * chip.mesh.height
        let most = routes.reduce(0) { most, table in
            (0..<table.offsets.count - 1).reduce(most) { max($0, table[$1].count) }
        }
        // What a core and its tile hold costs nothing.
        if most <= 1 { return 0 }
        // Beyond this, looking at all pairs of tiles takes longer than the bound is worth.
        guard tiles <= 1024 else { return nil }
        func costs(from tile: Int) -> [Int] {
            var tilesAt: [Int] = []
            for other in 0..<tiles {
                let distance = topology.distance(fromTile: tile, toTile: other)
                while tilesAt.count <= distance { tilesAt.append(0) }
                tilesAt[distance] += 1
            }
            var costs = [0]
            for (distance, count) in tilesAt.enumerated() {
                for _ in 0..<count * chip.mesh.coresPerTile where costs.count <= most {
                    costs.append((costs.last ?? 0) + distance)
                }
            }
            return costs
        }
        let fromOutside = costs(from: 0)
        var fromBest = fromOutside
        for tile in 1..<max(tiles, 1) {
            for (count, cost) in costs(from: tile).enumerated() {
                fromBest[count] = min(fromBest[count], cost)
            }
        }
        let populations = placement.partitioning.quantised.canonical.network.populations
        var least = 0
        for (population, table) in routes.enumerated() {
            let costs = populations[population].isInput ? fromOutside : fromBest
            for sender in 0..<table.offsets.count - 1 {
                // With planes a core has several axons of a sender: they count once here.
                var cores = 0
                var last: UInt32?
                for route in table[sender] where route.core != last {
                    cores += 1
                    last = route.core
                }
                least += costs[min(cores, costs.count - 1)]
            }
        }
        return least
    }
}
