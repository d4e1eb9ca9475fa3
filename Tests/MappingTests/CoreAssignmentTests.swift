import Mapping
import TestSupport
import Testing

@Suite("Assignment of vertices to cores")
struct CoreAssignmentTests {
    @Test("foresees every move, and keeps all counts", arguments: 1...6 as ClosedRange<UInt64>)
    func moves(seed: UInt64) {
        let graph = RandomGraphs.ring(40, inputs: 6, fanIn: 9, reach: 4, seed: seed)
        var random = SplitMix64(seed: seed &+ 100)
        let coreCount = 5
        var core = (0..<40).map { _ in Int32(random.int(0...4)) }
        var assignment = CoreAssignment(
            core,
            coreCount: coreCount,
            of: graph,
            routeLimit: 30
        )
        for _ in 0..<400 {
            let vertex = random.int(0...39)
            let target = random.int(0...coreCount - 1)
            guard target != Int(core[vertex]) else { continue }
            let before = PlainCount(core, coreCount, graph)
            let source = Int(core[vertex])
            let change = assignment.change(moving: vertex, to: target, in: graph)
            assignment.move(vertex, to: target, change, in: graph)
            core[vertex] = Int32(target)
            let plain = PlainCount(core, coreCount, graph)
            #expect(change.packets == plain.packets - before.packets)
            #expect(
                change.axonsFreed
                    == before.axons[source] - plain.axons[source] - Int(graph.ownAxons[vertex])
            )
            #expect(
                change.bytesTaken
                    == plain.bytes[target] - before.bytes[target] - Int(graph.bytes[vertex])
            )
            #expect(assignment.core == core)
            #expect(assignment.packets == plain.packets)
            #expect(assignment.neurons == plain.neurons)
            #expect(assignment.bytes == plain.bytes)
            #expect(assignment.axons == plain.axons)
            #expect(assignment.routes == plain.routes)
            #expect(assignment.coresOverRoutes == plain.routes.count { $0 > 30 })
        }
    }

    @Test("swaps only what keeps both cores within the limits, and nothing else changes")
    func swaps() {
        let graph = RandomGraphs.ring(60, inputs: 6, fanIn: 10, reach: 30, seed: 9)
        let core = (0..<60).map { Int32($0 % 3) }
        let start = CoreAssignment(core, coreCount: 3, of: graph)
        // One core is at its limit, so that swaps break it on either side.
        let limits = CoreLimits(
            neurons: 1000,
            bytes: 100_000,
            axons: start.axons.max() ?? 0,
            routes: Int.max
        )
        var (swapped, refused) = (0, 0)
        for one in 0..<60 {
            for other in 0..<60 where core[one] != core[other] {
                var assignment = start
                var expected = core
                expected.swapAt(one, other)
                let plain = PlainCount(expected, 3, graph)
                let isDone = assignment.swap(
                    one,
                    other,
                    ifWithin: Int64.max,
                    in: graph,
                    limits
                )
                #expect(isDone == (plain.violation(of: limits) == nil))
                #expect(assignment.core == (isDone ? expected : core))
                #expect(assignment.axons == (isDone ? plain.axons : start.axons))
                #expect(assignment.packets == (isDone ? plain.packets : start.packets))
                swapped += isDone ? 1 : 0
                refused += isDone ? 0 : 1
            }
        }
        #expect(swapped > 100 && refused > 100)
    }

    @Test("leaves nets out that another vertex also listens to")
    func marks() {
        let graph = RandomGraphs.ring(30, inputs: 4, fanIn: 8, reach: 3, seed: 3)
        let core = (0..<30).map { Int32($0 / 10) }
        var assignment = CoreAssignment(core, coreCount: 3, of: graph)
        let mark = assignment.mark(4, in: graph)
        let shared = assignment.change(moving: 4, to: 1, in: graph, without: mark)
        // Of vertex 4 itself nothing is left but its own net.
        #expect(shared.axonsFreed == 0)
        #expect(shared.axonsTaken == 0)
    }
}
