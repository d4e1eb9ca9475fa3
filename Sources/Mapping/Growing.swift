/// Where a core starts to grow.
package enum GrowthStart: Sendable {
    /// At the first vertex that has no core, in an order.
    case order([Int32])
    /// At the vertex without a core that has most in common with the cores before; the first core at
    /// a given vertex.
    case frontier(first: Int)
}

extension MappingGraph {
    /// Fills cores one after the other, each with the vertices that add fewest packets for the room
    /// they take.
    ///
    /// Time is linear in the pins that become packets: each net of each core is read once.
    ///
    /// - Parameters:
    ///   - start: Where cores start.
    ///   - limits: What a core holds; every vertex alone keeps them.
    /// - Returns: Core of each vertex, the number of cores, and how many listeners were read: the cost.
    package func grown(
        from start: GrowthStart,
        _ limits: CoreLimits
    ) -> (core: [Int32], count: Int, cost: Int) {
        var growth = Growth(self, limits)
        growth.run(from: start, self)
        return (growth.core, growth.open, growth.cost)
    }
}

/// One run of filling cores.
private struct Growth {
    private static let bucketCount = 32

    /// What a vertex without a core has in common with the open core.
    private struct Candidate {
        /// Worth of the nets of its fan-in that the core listens to or sends, and of those of its own that
        /// the core listens to.
        var shared: Int32
        /// `shared` at which it comes into a cheaper bucket.
        var threshold: Int32
    }

    /// Core of each vertex, −1 for none yet.
    var core: [Int32]
    /// Number of the open core.
    var open = 0
    /// Listeners read.
    var cost = 0
    private let limits: CoreLimits
    private let hasHeaders: Bool
    /// Whether a net is worth its packets, which say nothing of axons.
    private let isWeighted: Bool
    /// Label of the vertices of the open core; nil while it is empty or labels do not matter.
    private var openLabel: Int32?
    private var used = (neurons: 0, bytes: 0, axons: 0)
    /// Core that last listened to a net, and that last held its sender.
    private var listening: [Int32]
    private var holding: [Int32]
    private var candidates: [Candidate]
    /// Room for the vertices of a net that came into a cheaper bucket.
    private var crossed: [Int32] = []
    /// Worth of the nets of the fan-in: their axons, or their packets where these are weighted.
    private var fanIn: [Int32]
    /// 1 / share of a core that a vertex takes.
    private var room: [Float]
    /// Cost per room of a vertex, in units of the dearest one / bucketCount.
    private var bucket: [UInt8]
    private var bucketWidth: Float = 1
    private var buckets: [[Int32]]
    private var touched: [Int32] = []
    /// What vertices had in common with closed cores.
    private var pull: [Int32]
    private var left: Int
    private var nextInOrder = 0

    init(_ graph: borrowing MappingGraph, _ limits: CoreLimits) {
        let count = graph.vertexCount
        self.limits = limits
        hasHeaders = graph.hasHeaders
        isWeighted = graph.weightUnit > 1
        core = [Int32](repeating: -1, count: count)
        listening = [Int32](repeating: -1, count: graph.netCount)
        holding = listening
        candidates = [Candidate](repeating: Candidate(shared: 0, threshold: 1), count: count)
        fanIn = [Int32](repeating: 0, count: count)
        pull = fanIn
        room = [Float](repeating: 0, count: count)
        bucket = [UInt8](repeating: 0, count: count)
        buckets = [[Int32]](repeating: [], count: Self.bucketCount)
        left = count
        var dearest: Float = 0
        for vertex in 0..<count {
            var worth: Int32 = 0
            for k in graph.inOffsets[vertex]..<graph.inOffsets[vertex + 1] {
                worth &+= Self.worth(graph.nets[Int(graph.inNets[k])], isWeighted)
            }
            fanIn[vertex] = worth
            let share = max(
                Float(graph.neurons[vertex]) / Float(limits.neurons),
                Float(graph.bytes[vertex]) / Float(limits.bytes)
            )
            room[vertex] = 1 / max(share, 1e-9)
            dearest = max(dearest, Float(worth) * room[vertex])
        }
        bucketWidth = max(dearest, 1e-9) / Float(Self.bucketCount)
    }

    @inline(__always)
    private static func worth(_ net: MappingGraph.Net, _ isWeighted: Bool) -> Int32 {
        isWeighted ? Int32(clamping: net.weight) : net.axons
    }

    mutating func run(from start: GrowthStart, _ graph: borrowing MappingGraph) {
        while left > 0 {
            guard let first = seed(start, graph) else { return }
            take(first, graph)
            while left > 0 {
                if let best = cheapest(graph) {
                    take(best, graph)
                } else if hasRoomLeft, let other = seed(start, graph), fits(other, graph) {
                    // Nothing near fits: anything may fill the rest.
                    take(other, graph)
                } else {
                    break
                }
            }
            close()
        }
    }

    /// Whether the open core is worth filling up with what is not near.
    private var hasRoomLeft: Bool {
        func isLow(_ used: Int, _ limit: Int) -> Bool { used < limit - limit / 32 }
        return isLow(used.neurons, limits.neurons) && isLow(used.bytes, limits.bytes)
            && isLow(used.axons, limits.axons)
    }

    /// Whether the open core may hold a vertex beside those that it has.
    @inline(__always)
    private func accepts(_ vertex: Int, _ graph: borrowing MappingGraph) -> Bool {
        guard let openLabel else { return true }
        return graph.label[vertex] == openLabel
    }

    private mutating func seed(_ start: GrowthStart, _ graph: borrowing MappingGraph) -> Int? {
        switch start {
        case .order(let order):
            while nextInOrder < order.count, core[Int(order[nextInOrder])] >= 0 { nextInOrder += 1 }
            for k in nextInOrder..<order.count {
                let vertex = Int(order[k])
                if core[vertex] < 0, accepts(vertex, graph) { return vertex }
            }
            return nil
        case .frontier(let first):
            if core[first] < 0, accepts(first, graph) { return first }
            var best: Int?
            var bestShare: Float = -1
            for vertex in core.indices where core[vertex] < 0 && accepts(vertex, graph) {
                let share = Float(pull[vertex]) / Float(fanIn[vertex] + 1)
                if share > bestShare { (best, bestShare) = (vertex, share) }
            }
            return best
        }
    }

    /// Axons in and bytes that a vertex would add to the open core.
    private func need(_ vertex: Int, _ graph: borrowing MappingGraph) -> (axons: Int, bytes: Int) {
        var axons = Int(graph.ownAxons[vertex])
        var bytes = Int(graph.bytes[vertex])
        for k in graph.inOffsets[vertex]..<graph.inOffsets[vertex + 1] {
            let net = Int(graph.inNets[k])
            if listening[net] != Int32(truncatingIfNeeded: open) {
                axons &+= Int(graph.nets[net].axons)
                bytes &+= Int(graph.headerBytes[net])
            }
        }
        return (axons, bytes)
    }

    private func fits(_ vertex: Int, _ graph: borrowing MappingGraph) -> Bool {
        guard used.neurons + Int(graph.neurons[vertex]) <= limits.neurons,
            used.bytes + Int(graph.bytes[vertex]) <= limits.bytes, accepts(vertex, graph)
        else { return false }
        if !isWeighted {
            // No more than all of its axons, no fewer than those it does not share.
            let most = Int(fanIn[vertex] + graph.ownAxons[vertex])
            if !hasHeaders, used.axons + most <= limits.axons { return true }
            if used.axons + most - Int(candidates[vertex].shared) > limits.axons { return false }
        }
        let need = need(vertex, graph)
        return used.axons + need.axons <= limits.axons && used.bytes + need.bytes <= limits.bytes
    }

    /// The candidate of least cost that fits.
    private mutating func cheapest(_ graph: borrowing MappingGraph) -> Int? {
        for level in buckets.indices where !buckets[level].isEmpty {
            var best = -1
            var bestCost = Float.infinity
            var kept = 0
            for k in buckets[level].indices {
                let name = buckets[level][k]
                let vertex = Int(name)
                if core[vertex] >= 0 || Int(bucket[vertex]) != level { continue }
                // What does not fit by its own size never will.
                if used.neurons + Int(graph.neurons[vertex]) > limits.neurons
                    || used.bytes + Int(graph.bytes[vertex]) > limits.bytes
                {
                    continue
                }
                buckets[level][kept] = name
                kept += 1
                let cost = Float(fanIn[vertex] - candidates[vertex].shared) * room[vertex]
                if cost < bestCost || cost == bestCost && vertex < best, fits(vertex, graph) {
                    (best, bestCost) = (vertex, cost)
                }
            }
            buckets[level].removeLast(buckets[level].count - kept)
            if best >= 0 { return best }
        }
        return nil
    }

    private mutating func take(_ vertex: Int, _ graph: borrowing MappingGraph) {
        let name = Int32(truncatingIfNeeded: open)
        let need = need(vertex, graph)
        core[vertex] = name
        if !graph.label.isEmpty { openLabel = graph.label[vertex] }
        candidates[vertex].threshold = Int32.max
        left -= 1
        used.neurons += Int(graph.neurons[vertex])
        used.bytes += need.bytes
        used.axons += need.axons
        for k in graph.inOffsets[vertex]..<graph.inOffsets[vertex + 1] {
            let net = Int(graph.inNets[k])
            if listening[net] == name { continue }
            listening[net] = name
            if holding[net] != name { credit(net, graph) }
            // Its sender would no longer send a packet here.
            let home = Int(graph.nets[net].home)
            if home >= 0, core[home] < 0 {
                candidates[home].shared &+= Self.worth(graph.nets[net], isWeighted)
                if candidates[home].shared >= candidates[home].threshold { sort(home) }
            }
        }
        for k in graph.homeOffsets[vertex]..<graph.homeOffsets[vertex + 1] {
            let net = Int(graph.homeNets[k])
            holding[net] = name
            if listening[net] != name { credit(net, graph) }
        }
    }

    /// Credits all listeners of a net.
    private mutating func credit(_ net: Int, _ graph: borrowing MappingGraph) {
        let listeners = graph.outOffsets[net]..<graph.outOffsets[net + 1]
        cost += listeners.count
        while crossed.count <= listeners.count { crossed.append(0) }
        let count = Self.credit(
            graph.outVertices.span.extracting(listeners),
            Self.worth(graph.nets[net], isWeighted),
            &candidates,
            &crossed
        )
        for k in 0..<count { sort(Int(crossed[k])) }
    }

    /// Adds the worth of a net to what vertices share, and lists those that reach their threshold.
    ///
    /// - Returns: How many are listed.
    private static func credit(
        _ vertices: Span<Int32>,
        _ worth: Int32,
        _ candidates: inout [Candidate],
        _ crossed: inout [Int32]
    ) -> Int {
        var candidates = candidates.mutableSpan
        var crossed = crossed.mutableSpan
        var count = 0
        for k in vertices.indices {
            let vertex = Int(vertices[k])
            let shared = candidates[vertex].shared &+ worth
            candidates[vertex].shared = shared
            crossed[count] = vertices[k]
            count &+= shared >= candidates[vertex].threshold ? 1 : 0
        }
        return count
    }

    /// Puts a vertex into the bucket of its cost.
    private mutating func sort(_ vertex: Int) {
        if candidates[vertex].threshold == 1 {
            touched.append(Int32(truncatingIfNeeded: vertex))
            bucket[vertex] = UInt8(Self.bucketCount)
        }
        let shared = candidates[vertex].shared
        let cost = Float(fanIn[vertex] - shared) * room[vertex]
        let level = min(max(Int(cost / bucketWidth), 0), Self.bucketCount - 1)
        let limit = Float(fanIn[vertex]) - Float(level) * bucketWidth / room[vertex]
        candidates[vertex].threshold =
            level == 0 ? Int32.max : max(Int32(max(limit, 0)) &+ 1, shared &+ 1, 2)
        guard level != Int(bucket[vertex]) else { return }
        bucket[vertex] = UInt8(level)
        buckets[level].append(Int32(truncatingIfNeeded: vertex))
    }

    private mutating func close() {
        for name in touched {
            let vertex = Int(name)
            pull[vertex] &+= candidates[vertex].shared
            candidates[vertex].shared = 0
            candidates[vertex].threshold = core[vertex] < 0 ? 1 : Int32.max
        }
        touched.removeAll(keepingCapacity: true)
        for level in buckets.indices { buckets[level].removeAll(keepingCapacity: true) }
        used = (0, 0, 0)
        openLabel = nil
        open += 1
    }
}
