import Mapping
import TestSupport

/// Hypergraphs for tests, and a plain count of what an assignment costs.
enum RandomGraphs {
    /// Vertices on a ring that listen mostly to near ones, and to some inputs.
    ///
    /// - Parameters:
    ///   - count: Number of vertices, each with one net of its own.
    ///   - inputs: Number of nets without a home.
    ///   - fanIn: Most nets of a vertex; some have none.
    ///   - reach: How far most of them are away.
    ///   - seed: Seed.
    /// - Returns: The graph.
    static func ring(
        _ count: Int,
        inputs: Int,
        fanIn: Int,
        reach: Int,
        seed: UInt64
    ) -> MappingGraph {
        var random = SplitMix64(seed: seed)
        var offsets = [0]
        var nets: [Int32] = []
        var bytes: [Int64] = []
        for vertex in 0..<count {
            var mine: Set<Int32> = []
            for _ in 0..<random.int(0...fanIn) {
                switch random.int(0...9) {
                case 0: mine.insert(Int32(random.int(0...count - 1)))
                case 1 where inputs > 0:
                    mine.insert(Int32(count + random.int(0...inputs - 1)))
                default:
                    let away = random.int(-reach...reach)
                    mine.insert(Int32((vertex + away + count) % count))
                }
            }
            nets += mine.sorted()
            offsets.append(nets.count)
            bytes.append(Int64(4 * mine.count))
        }
        return MappingGraph(
            neurons: (0..<count).map { _ in Int32(random.int(1...3)) },
            bytes: bytes,
            ownAxons: (0..<count).map { _ in Int32(random.int(0...1)) },
            inOffsets: offsets,
            inNets: nets,
            nets: (0..<count + inputs).map { net in
                MappingGraph.Net(
                    weight: Int64(random.int(1...5)),
                    home: net < count ? Int32(net) : -1,
                    axons: Int32(random.int(1...2))
                )
            },
            headerBytes: (0..<count + inputs).map { _ in Int32(random.int(0...2)) }
        )
    }

    /// Limits that make about `cores` cores of a graph.
    static func limits(of graph: MappingGraph, cores: Int) -> CoreLimits {
        let bytes = graph.bytes.reduce(0, +) + Int64(graph.inNets.count)
        let neurons = graph.neurons.reduce(0, +)
        return CoreLimits(
            neurons: Int(neurons) / cores + 4,
            bytes: Int(bytes) / cores + 80,
            axons: 2 * graph.netCount,
            routes: Int.max
        )
    }
}

/// What cores spend, counted with sets and nothing else.
struct PlainCount: Equatable {
    var neurons: [Int]
    var bytes: [Int]
    var axons: [Int]
    var routes: [Int]
    var packets: Int64

    init(_ core: [Int32], _ coreCount: Int, _ graph: MappingGraph) {
        neurons = [Int](repeating: 0, count: coreCount)
        bytes = neurons
        axons = neurons
        routes = neurons
        packets = 0
        var listening = [Set<Int>](repeating: [], count: graph.netCount)
        for vertex in 0..<graph.vertexCount {
            let place = Int(core[vertex])
            neurons[place] += Int(graph.neurons[vertex])
            bytes[place] += Int(graph.bytes[vertex])
            axons[place] += Int(graph.ownAxons[vertex])
            for k in graph.inOffsets[vertex]..<graph.inOffsets[vertex + 1] {
                listening[Int(graph.inNets[k])].insert(place)
            }
        }
        for (net, places) in listening.enumerated() {
            let this = graph.nets[net]
            let home = this.home < 0 ? -1 : Int(core[Int(this.home)])
            for place in places {
                axons[place] += Int(this.axons)
                bytes[place] += Int(graph.headerBytes[net])
                if place != home { packets += this.weight }
            }
            if home >= 0 { routes[home] += places.count * Int(this.axons) }
        }
    }

    /// The first limit that a core breaks.
    func violation(of limits: CoreLimits) -> String? {
        for core in neurons.indices {
            if neurons[core] > limits.neurons { return "core \(core): \(neurons[core]) neurons" }
            if bytes[core] > limits.bytes { return "core \(core): \(bytes[core]) bytes" }
            if axons[core] > limits.axons { return "core \(core): \(axons[core]) axons" }
            if routes[core] > limits.routes { return "core \(core): \(routes[core]) routes" }
        }
        return nil
    }
}
