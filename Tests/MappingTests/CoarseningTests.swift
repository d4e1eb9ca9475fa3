import Mapping
import TestSupport
import Testing

@Suite("Groups of vertices")
struct CoarseningTests {
    @Test(
        "cost what their members cost, but for a constant",
        arguments: 1...6 as ClosedRange<UInt64>
    )
    func costs(seed: UInt64) {
        let graph = RandomGraphs.ring(80, inputs: 10, fanIn: 8, reach: 5, seed: seed)
        var draws = Draws(seed: seed, use: 1)
        let core = (0..<80).map { Int32($0 / 20) }
        let largest = CoreLimits(neurons: 16, bytes: 200, axons: 60, routes: Int.max)
        let (group, count) = graph.groups(within: largest, core: core, &draws)
        #expect(count < 80)
        #expect(Set(group) == Set(0..<Int32(count)))
        let coarse = graph.coarsened(group, count: count)
        #expect(coarse.inNets.count <= graph.pins(of: group, count: count))
        for (vertex, name) in group.enumerated() {
            #expect(coarse.neurons[Int(name)] <= 16)
            #expect(coarse.bytes[Int(name)] <= 400)
            // Only vertices of one core join.
            let first = group.firstIndex(of: name) ?? 0
            #expect(core[vertex] == core[first])
        }
        // Groups may lie anywhere: packets differ from those of the members by the same number.
        var random = SplitMix64(seed: seed)
        var constant: Int64?
        for _ in 0..<20 {
            let places = (0..<count).map { _ in Int32(random.int(0...3)) }
            let fine = PlainCount(group.map { places[Int($0)] }, 4, graph)
            let rough = PlainCount(places, 4, coarse)
            #expect(fine.neurons == rough.neurons)
            #expect(fine.bytes == rough.bytes)
            #expect(fine.axons == rough.axons)
            let difference = fine.packets - rough.packets
            #expect(constant ?? difference == difference)
            constant = difference
        }
    }
}
