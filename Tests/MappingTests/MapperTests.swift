import Mapping
import TestSupport
import Testing

@Suite("Mapper")
struct MapperTests {
    @Test(
        "keeps every limit, counts its packets, and beats the order of the network",
        arguments: MappingEffort.allCases,
        1...3 as ClosedRange<UInt64>
    )
    func keepsLimits(effort: MappingEffort, seed: UInt64) throws {
        let graph = RandomGraphs.ring(400, inputs: 20, fanIn: 12, reach: 8, seed: seed)
            .shuffled(seed: seed)
        var limits = RandomGraphs.limits(of: graph, cores: 9)
        limits.axons = 140
        let result = try #require(Mapper(limits: limits, seed: seed, effort: effort).run(graph))
        let count = PlainCount(result.core, result.coreCount, graph)
        #expect(count.violation(of: limits) == nil)
        #expect(count.packets == result.packets)
        let (inOrder, _) = filledInOrder(graph, limits)
        #expect(result.packets * 2 < inOrder)
        // One seed, one result.
        let again = Mapper(limits: limits, seed: seed, effort: effort).run(graph)
        #expect(again == result)
    }

    @Test("keeps a limit of axons in that binds", arguments: MappingEffort.allCases)
    func axons(effort: MappingEffort) throws {
        // Everything listens to everything: cores run out of axons long before they are full.
        let graph = RandomGraphs.ring(300, inputs: 10, fanIn: 24, reach: 150, seed: 6)
        var limits = RandomGraphs.limits(of: graph, cores: 4)
        limits.axons = 260
        for seed in 1...3 as ClosedRange<UInt64> {
            let mapper = Mapper(limits: limits, seed: seed, effort: effort)
            let result = try #require(mapper.run(graph))
            let count = PlainCount(result.core, result.coreCount, graph)
            #expect(count.violation(of: limits) == nil)
            #expect(count.packets == result.packets)
            // It does bind.
            #expect((count.axons.max() ?? 0) > 250)
            #expect((count.bytes.max() ?? 0) * 4 < limits.bytes * 3)
        }
    }

    @Test("keeps a limit of routes out that binds")
    func routes() throws {
        let graph = RandomGraphs.ring(300, inputs: 0, fanIn: 10, reach: 6, seed: 4)
        var limits = RandomGraphs.limits(of: graph, cores: 6)
        let free = try #require(Mapper(limits: limits, seed: 1, effort: .default).run(graph))
        let most = PlainCount(free.core, free.coreCount, graph).routes.max() ?? 0
        limits.routes = most * 3 / 4
        let bound = try #require(Mapper(limits: limits, seed: 1, effort: .default).run(graph))
        let count = PlainCount(bound.core, bound.coreCount, graph)
        #expect(count.violation(of: limits) == nil)
        #expect(bound.coreCount > free.coreCount)
        // A route out is needed for each listener's core: nothing fits a limit of 1.
        limits.routes = 1
        #expect(Mapper(limits: limits, seed: 1, effort: .fast).run(graph) == nil)
    }

    @Test("refuses a vertex that alone breaks a limit")
    func tooLarge() {
        let graph = RandomGraphs.ring(50, inputs: 5, fanIn: 10, reach: 6, seed: 5)
        var limits = RandomGraphs.limits(of: graph, cores: 4)
        limits.bytes = 20
        #expect(Mapper(limits: limits, seed: 1, effort: .fast).run(graph) == nil)
    }

    @Test("finds the blocks of a network that falls apart")
    func blocks() throws {
        // Eight blocks of 16 vertices that listen to one another only, ids shuffled: no packet is needed.
        let count = 128
        var offsets = [0]
        var nets: [Int32] = []
        for vertex in 0..<count {
            let block = vertex % 8
            nets += stride(from: block, to: count, by: 8).map { Int32($0) }
            offsets.append(nets.count)
        }
        let graph = MappingGraph(
            neurons: [Int32](repeating: 1, count: count),
            bytes: [Int64](repeating: 64, count: count),
            ownAxons: [Int32](repeating: 0, count: count),
            inOffsets: offsets,
            inNets: nets,
            nets: (0..<count).map { MappingGraph.Net(weight: 1, home: Int32($0), axons: 1) },
            headerBytes: [Int32](repeating: 0, count: count)
        )
        let limits = CoreLimits(neurons: 17, bytes: 1100, axons: 200, routes: Int.max)
        let result = try #require(Mapper(limits: limits, seed: 1, effort: .fast).run(graph))
        #expect(result.packets == 0)
        #expect(result.coreCount == 8)
    }

    @Test("maps a graph of nothing, and one of a single vertex")
    func smallest() {
        let empty = MappingGraph(
            neurons: [],
            bytes: [],
            ownAxons: [],
            inOffsets: [0],
            inNets: [],
            nets: [],
            headerBytes: []
        )
        let limits = CoreLimits(neurons: 4, bytes: 100, axons: 4, routes: 4)
        for effort in MappingEffort.allCases {
            let mapper = Mapper(limits: limits, seed: 1, effort: effort)
            #expect(mapper.run(empty)?.coreCount ?? 0 == 0)
            let one = RandomGraphs.ring(1, inputs: 0, fanIn: 1, reach: 0, seed: 1)
            #expect(mapper.run(one)?.core == [0])
        }
    }

    /// Packets and cores of filling in order.
    private func filledInOrder(
        _ graph: MappingGraph,
        _ limits: CoreLimits
    ) -> (packets: Int64, cores: Int) {
        var core: [Int32] = []
        for vertex in 0..<graph.vertexCount {
            let last = core.last ?? 0
            let tried = core + [last]
            let fits =
                PlainCount(
                    tried + [Int32](repeating: last + 1, count: graph.vertexCount - tried.count),
                    Int(last) + 2,
                    graph
                ).firstCores(Int(last) + 1).violation(of: limits) == nil
            core.append(fits || core.isEmpty ? last : last + 1)
            _ = vertex
        }
        let count = Int(core.last ?? 0) + 1
        return (PlainCount(core, count, graph).packets, count)
    }
}

extension PlainCount {
    /// The counts of the first cores alone.
    fileprivate func firstCores(_ count: Int) -> PlainCount {
        var copy = self
        copy.neurons = Array(neurons.prefix(count))
        copy.bytes = Array(bytes.prefix(count))
        copy.axons = Array(axons.prefix(count))
        copy.routes = Array(routes.prefix(count))
        return copy
    }
}

extension MappingGraph {
    /// The same graph with its vertices in random order, so that the order of the network says nothing.
    fileprivate func shuffled(seed: UInt64) -> MappingGraph {
        var random = SplitMix64(seed: seed)
        let order = random.shuffled(Array(0..<vertexCount))
        var place = [Int32](repeating: 0, count: vertexCount)
        for (new, old) in order.enumerated() { place[old] = Int32(new) }
        var offsets = [0]
        var pins: [Int32] = []
        for old in order {
            pins += inNets[inOffsets[old]..<inOffsets[old + 1]]
            offsets.append(pins.count)
        }
        return MappingGraph(
            neurons: order.map { neurons[$0] },
            bytes: order.map { bytes[$0] },
            ownAxons: order.map { ownAxons[$0] },
            inOffsets: offsets,
            inNets: pins,
            nets: nets.map {
                Net(
                    weight: $0.weight,
                    home: $0.home < 0 ? -1 : place[Int($0.home)],
                    axons: $0.axons
                )
            },
            headerBytes: headerBytes
        )
    }
}
