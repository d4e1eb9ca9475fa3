import ChipSpec
import Interconnect
import Testing

@Suite("Topologies")
struct TopologyTests {
    private static func topology(
        _ kind: InterconnectTopology,
        _ width: Int,
        _ height: Int,
        coresPerTile: Int = 1,
        order: TileOrder = .rows,
        branching: Int = 4
    ) -> Topology {
        var spec = InterconnectSpec.standard
        spec.topology = kind
        spec.tileOrder = order
        spec.branching = branching
        return Topology(MeshSpec(width: width, height: height, coresPerTile: coresPerTile), spec)
    }

    private static func hops(_ eastWest: Int, _ northSouth: Int) -> Hops {
        var hops = Hops()
        hops.eastWest = eastWest
        hops.northSouth = northSouth
        return hops
    }

    @Test("a mesh goes along the row, then along the column")
    func mesh() {
        let mesh = Self.topology(.mesh, 8, 4, coresPerTile: 4)
        #expect(mesh.tile(of: 3) == 0 && mesh.tile(of: 4) == 1)
        #expect(mesh.hops(fromTile: 0, toTile: 31) == Self.hops(7, 3))
        #expect(mesh.hops(fromTile: 31, toTile: 0) == Self.hops(7, 3))
        #expect(mesh.hops(fromTile: 5, toTile: 5) == Self.hops(0, 0))
        var links: [String] = []
        mesh.forEachLink(from: 1, to: 10) { links.append(mesh.name(of: $0)) }
        #expect(links == ["tile 1 to the east", "tile 2 to the south"])
    }

    @Test("tiles in columns are numbered down: tile 4 of an 8 × 4 grid is one link from tile 0")
    func columns() {
        let mesh = Self.topology(.mesh, 8, 4, order: .columns)
        #expect(mesh.hops(fromTile: 0, toTile: 4) == Self.hops(1, 0))
        #expect(mesh.hops(fromTile: 0, toTile: 1) == Self.hops(0, 1))
        #expect(mesh.place(of: 31) == (7, 3))
    }

    @Test("a torus takes the shorter way around, and both ways where they are as long")
    func torus() {
        let torus = Self.topology(.torus, 5, 4)
        #expect(torus.hops(fromTile: 0, toTile: 4) == Self.hops(1, 0))
        #expect(torus.hops(fromTile: 0, toTile: 17) == Self.hops(2, 1))
        var ways: Set<Int> = []
        // Two rows away in a ring of four.
        for (start, tile) in [(0, 10), (5, 15)] {
            torus.forEachLink(from: start, to: tile) { ways.insert($0 & 3) }
        }
        #expect(ways == [2, 3])
    }

    @Test("a tree goes up to the lowest common router, then down")
    func tree() {
        let tree = Self.topology(.tree, 4, 4, branching: 4)
        #expect(tree.hops(fromTile: 0, toTile: 3).plain == 2)
        #expect(tree.hops(fromTile: 0, toTile: 4).plain == 4)
        let binary = Self.topology(.tree, 5, 1, branching: 2)
        #expect(binary.hops(fromTile: 4, toTile: 0).plain == 6)
        #expect(binary.hops(fromTile: 2, toTile: 3).plain == 2)
        var links: [String] = []
        binary.forEachLink(from: 0, to: 2) { links.append(binary.name(of: $0)) }
        #expect(
            links == [
                "tile 0 up", "router 0 of level 1 up", "down to router 1 of level 1",
                "down to tile 2",
            ]
        )
    }

    @Test("a crossbar is one link from anywhere to anywhere")
    func crossbar() {
        let crossbar = Self.topology(.crossbar, 3, 3)
        #expect(crossbar.hops(fromTile: 0, toTile: 8).plain == 1)
        #expect(crossbar.hops(fromTile: 4, toTile: 4).total == 0)
    }

    @Test(
        "every way ends where it should, without passing a router twice, whatever the form",
        arguments: InterconnectTopology.allCases,
        [(1, 1), (2, 3), (5, 4), (7, 1), (1, 6)]
    )
    func waysEnd(kind: InterconnectTopology, size: (Int, Int)) {
        for order in TileOrder.allCases {
            for branching in [2, 3, 64] {
                let topology = Self.topology(
                    kind,
                    size.0,
                    size.1,
                    order: order,
                    branching: branching
                )
                for start in 0..<topology.tileCount {
                    for tile in 0..<topology.tileCount {
                        var visited: Set = [start]
                        var router = start
                        topology.forEachLink(from: start, to: tile) { link in
                            router = topology.end(of: link)
                            #expect((0..<topology.linkCount).contains(link))
                            #expect(visited.insert(router).inserted)
                        }
                        #expect(router == tile)
                        #expect(
                            topology.hops(fromTile: start, toTile: tile).total
                                == visited.count - 1
                        )
                        if kind != .tree {
                            #expect(
                                topology.hops(fromTile: start, toTile: tile)
                                    == topology.hops(fromTile: tile, toTile: start)
                            )
                        }
                    }
                }
            }
        }
    }

    @Test("with multicast a link that several ways share is passed once")
    func multicast() {
        let mesh = Self.topology(.mesh, 4, 4)
        // Tiles 3, 7 and 11 lie in the last column, below each other.
        let tiles = [0, 3, 7, 11]
        let one = mesh.traffic(from: 0, to: tiles, casting: .unicast)
        #expect(one.packets == 4 && one.withinTile == 1)
        #expect(one.eastWest == 9 && one.northSouth == 3)
        let all = mesh.traffic(from: 0, to: tiles, casting: .multicast)
        #expect(all.packets == 1 && all.withinTile == 1)
        #expect(all.eastWest == 3 && all.northSouth == 2)
        #expect(mesh.traffic(from: 0, to: [], casting: .multicast).packets == 0)
    }
}
