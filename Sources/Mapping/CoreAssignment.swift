/// Vertices on cores, with exact counts of what each core spends.
///
/// Moves keep all counts exact. `listeners` is a table of nets × cores.
package struct CoreAssignment: Sendable {
    /// Number of cores.
    package let coreCount: Int
    /// Core of each vertex.
    package private(set) var core: [Int32]
    /// Vertices on core c that listen to net e: `listeners[e * coreCount + c]`.
    private(set) var listeners: [UInt16]
    /// Core of the sender of each net, −1 for input channels.
    private var homeCore: [Int32]
    /// Nets that were marked, and by which mark.
    private var marks: [UInt32]
    private var lastMark: UInt32 = 0
    /// Neurons of each core.
    package private(set) var neurons: [Int]
    /// Bytes of synapse memory of each core.
    package private(set) var bytes: [Int]
    /// Axons in of each core.
    package private(set) var axons: [Int]
    /// Routes out of each core; all 0 where the limit is so high that nobody counts.
    package private(set) var routes: [Int]
    /// Cores with more routes out than the limit.
    package private(set) var coresOverRoutes = 0
    /// Cores that listen to each net; empty where nobody counts routes.
    private var reach: [Int32]
    private let routeLimit: Int
    /// Label of the vertices of each core; empty where all are alike.
    private var coreLabel: [Int32]
    /// Packets if every sender spikes once, weighted.
    package private(set) var packets: Int64

    /// Counts an assignment.
    ///
    /// - Parameters:
    ///   - core: Core of each vertex, in 0..<coreCount.
    ///   - coreCount: Number of cores.
    ///   - graph: The graph.
    ///   - routeLimit: Most routes out of a core; nil if they need not be counted.
    package init(
        _ core: [Int32],
        coreCount: Int,
        of graph: MappingGraph,
        routeLimit: Int? = nil
    ) {
        self.coreCount = coreCount
        self.core = core
        listeners = [UInt16](repeating: 0, count: graph.netCount * coreCount)
        homeCore = graph.nets.map { $0.home < 0 ? -1 : core[Int($0.home)] }
        neurons = [Int](repeating: 0, count: coreCount)
        bytes = neurons
        axons = neurons
        marks = [UInt32](repeating: 0, count: graph.netCount)
        packets = 0
        routes = neurons
        self.routeLimit = routeLimit ?? Int.max
        reach = routeLimit == nil ? [] : [Int32](repeating: 0, count: graph.netCount)
        coreLabel = graph.label.isEmpty ? [] : [Int32](repeating: -1, count: coreCount)
        for vertex in graph.label.indices { coreLabel[Int(core[vertex])] = graph.label[vertex] }
        for vertex in 0..<graph.vertexCount {
            let place = Int(core[vertex])
            neurons[place] += Int(graph.neurons[vertex])
            bytes[place] += Int(graph.bytes[vertex])
            axons[place] += Int(graph.ownAxons[vertex])
            for k in graph.inOffsets[vertex]..<graph.inOffsets[vertex + 1] {
                let net = Int(graph.inNets[k])
                if listeners[net * coreCount + place] == 0 {
                    axons[place] += Int(graph.nets[net].axons)
                    bytes[place] += Int(graph.headerBytes[net])
                    if homeCore[net] != Int32(place) { packets += graph.nets[net].weight }
                }
                listeners[net * coreCount + place] += 1
            }
        }
        guard !reach.isEmpty else { return }
        for net in 0..<graph.netCount {
            reach[net] = Int32(
                listeners[net * coreCount..<(net + 1) * coreCount].count { $0 > 0 }
            )
            if homeCore[net] >= 0 {
                routes[Int(homeCore[net])] += Int(reach[net]) * Int(graph.nets[net].axons)
            }
        }
        coresOverRoutes = routes.count { $0 > self.routeLimit }
    }

    /// Whether a net reaches two fifths of the cores on average.
    ///
    /// Then almost every move loses on almost every core.
    var isSpreadOut: Bool {
        guard !homeCore.isEmpty else { return false }
        // A sample is enough.
        let step = max(homeCore.count / 1024, 1)
        var (reached, rows) = (0, 0)
        for net in stride(from: 0, to: homeCore.count, by: step) {
            reached += listeners[net * coreCount..<(net + 1) * coreCount].count { $0 > 0 }
            rows += 1
        }
        return coreCount >= 32 && reached * 5 >= rows * coreCount * 2
    }

    /// What a move would change.
    package struct Change: Sendable {
        /// Packets.
        package var packets: Int64 = 0
        /// Axons in that the old core no longer needs.
        package var axonsFreed = 0
        /// Axons in that the new core needs besides.
        package var axonsTaken = 0
        /// Bytes of row headers that the old core no longer needs.
        package var bytesFreed = 0
        /// Bytes of row headers that the new core needs besides.
        package var bytesTaken = 0
    }

    /// What moving a vertex would change.
    ///
    /// - Parameters:
    ///   - vertex: The vertex.
    ///   - target: Another core than its own.
    ///   - graph: The graph.
    ///   - skipped: Mark of the nets that are left out; 0 for none.
    /// - Returns: The change; nothing is moved.
    @inline(__always)
    package func change(
        moving vertex: Int,
        to target: Int,
        in graph: borrowing MappingGraph,
        without skipped: UInt32 = 0
    ) -> Change {
        let source = Int(core[vertex])
        var change = Change()
        for k in graph.inOffsets[vertex]..<graph.inOffsets[vertex + 1] {
            let net = Int(graph.inNets[k])
            if skipped != 0, marks[net] == skipped { continue }
            let row = net &* coreCount
            let isLast = listeners[row &+ source] == 1
            let isFirst = listeners[row &+ target] == 0
            if !isLast && !isFirst { continue }
            let home = Int(homeCore[net])
            let isOwn = home == source && graph.nets[net].home == Int32(truncatingIfNeeded: vertex)
            if isLast {
                change.axonsFreed &+= Int(graph.nets[net].axons)
                if graph.hasHeaders { change.bytesFreed &+= Int(graph.headerBytes[net]) }
                if home != source { change.packets &-= graph.nets[net].weight }
            }
            if isFirst {
                change.axonsTaken &+= Int(graph.nets[net].axons)
                if graph.hasHeaders { change.bytesTaken &+= Int(graph.headerBytes[net]) }
                // The sender of an own net moves along; the loop below counts what it leaves.
                if home != target && !isOwn { change.packets &+= graph.nets[net].weight }
            }
        }
        for k in graph.homeOffsets[vertex]..<graph.homeOffsets[vertex + 1] {
            let net = Int(graph.homeNets[k])
            let row = net &* coreCount
            var staying = Int(listeners[row &+ source])
            if staying > 0, isListening(vertex, to: net, in: graph) { staying &-= 1 }
            if staying > 0 { change.packets &+= graph.nets[net].weight }
            if listeners[row &+ target] > 0 { change.packets &-= graph.nets[net].weight }
        }
        return change
    }

    /// Marks the nets that a vertex listens to.
    ///
    /// - Returns: The mark.
    @inline(__always)
    package mutating func mark(_ vertex: Int, in graph: borrowing MappingGraph) -> UInt32 {
        lastMark &+= 1
        if lastMark == 0 { lastMark = 1 }
        for k in graph.inOffsets[vertex]..<graph.inOffsets[vertex + 1] {
            marks[Int(graph.inNets[k])] = lastMark
        }
        return lastMark
    }

    /// Whether a vertex listens to a net.
    @inline(__always)
    private func isListening(
        _ vertex: Int,
        to net: Int,
        in graph: borrowing MappingGraph
    ) -> Bool {
        var (low, high) = (graph.inOffsets[vertex], graph.inOffsets[vertex + 1])
        while low < high {
            let middle = (low &+ high) / 2
            if graph.inNets[middle] < Int32(truncatingIfNeeded: net) {
                low = middle &+ 1
            } else {
                high = middle
            }
        }
        return low < graph.inOffsets[vertex + 1]
            && graph.inNets[low] == Int32(truncatingIfNeeded: net)
    }

    /// Whether a move keeps the limits.
    @inline(__always)
    func fits(
        _ change: Change,
        moving vertex: Int,
        to target: Int,
        in graph: borrowing MappingGraph,
        _ limits: CoreLimits
    ) -> Bool {
        axons[target] &+ change.axonsTaken &+ Int(graph.ownAxons[vertex]) <= limits.axons
            && bytes[target] &+ change.bytesTaken &+ Int(graph.bytes[vertex]) <= limits.bytes
            && neurons[target] &+ Int(graph.neurons[vertex]) <= limits.neurons
    }

    /// Whether the additive limits leave room for a vertex.
    @inline(__always)
    func hasRoom(
        for vertex: Int,
        insteadOf other: Int? = nil,
        on target: Int,
        in graph: borrowing MappingGraph,
        _ limits: CoreLimits
    ) -> Bool {
        let goneNeurons = other.map { Int(graph.neurons[$0]) } ?? 0
        let goneBytes = other.map { Int(graph.bytes[$0]) } ?? 0
        return neurons[target] &+ Int(graph.neurons[vertex]) &- goneNeurons <= limits.neurons
            && bytes[target] &+ Int(graph.bytes[vertex]) &- goneBytes <= limits.bytes
    }

    /// Whether a core holds vertices of the same label.
    @inline(__always)
    func accepts(_ vertex: Int, on target: Int, in graph: borrowing MappingGraph) -> Bool {
        coreLabel.isEmpty || coreLabel[target] == graph.label[vertex]
    }

    /// Whether a core is within the limits.
    func isLegal(_ place: Int, _ limits: CoreLimits) -> Bool {
        neurons[place] <= limits.neurons && bytes[place] <= limits.bytes
            && axons[place] <= limits.axons
    }

    /// Moves a vertex.
    ///
    /// - Parameters:
    ///   - vertex: The vertex.
    ///   - target: Another core than its own.
    ///   - change: What `change(moving:to:in:)` says.
    ///   - graph: The graph.
    @inline(__always)
    package mutating func move(
        _ vertex: Int,
        to target: Int,
        _ change: Change,
        in graph: borrowing MappingGraph
    ) {
        let source = Int(core[vertex])
        if !reach.isEmpty { moveRoutes(of: vertex, to: target, in: graph) }
        for k in graph.inOffsets[vertex]..<graph.inOffsets[vertex + 1] {
            let row = Int(graph.inNets[k]) &* coreCount
            listeners[row &+ source] &-= 1
            listeners[row &+ target] &+= 1
        }
        for k in graph.homeOffsets[vertex]..<graph.homeOffsets[vertex + 1] {
            homeCore[Int(graph.homeNets[k])] = Int32(truncatingIfNeeded: target)
        }
        core[vertex] = Int32(truncatingIfNeeded: target)
        packets &+= change.packets
        axons[source] &-= change.axonsFreed &+ Int(graph.ownAxons[vertex])
        axons[target] &+= change.axonsTaken &+ Int(graph.ownAxons[vertex])
        bytes[source] &-= change.bytesFreed &+ Int(graph.bytes[vertex])
        bytes[target] &+= change.bytesTaken &+ Int(graph.bytes[vertex])
        neurons[source] &-= Int(graph.neurons[vertex])
        neurons[target] &+= Int(graph.neurons[vertex])
    }

    /// Moves a vertex, whatever that changes.
    ///
    /// - Parameters:
    ///   - vertex: The vertex.
    ///   - target: Another core than its own.
    ///   - graph: The graph.
    @inline(__always)
    mutating func relocate(_ vertex: Int, to target: Int, in graph: borrowing MappingGraph) {
        move(vertex, to: target, change(moving: vertex, to: target, in: graph), in: graph)
    }

    /// Counts the routes as they are after a move, before the listeners move.
    private mutating func moveRoutes(
        of vertex: Int,
        to target: Int,
        in graph: borrowing MappingGraph
    ) {
        let source = Int(core[vertex])
        for k in graph.inOffsets[vertex]..<graph.inOffsets[vertex + 1] {
            let net = Int(graph.inNets[k])
            let change: Int32 =
                (listeners[net * coreCount + target] == 0 ? 1 : 0)
                - (listeners[net * coreCount + source] == 1 ? 1 : 0)
            guard change != 0 else { continue }
            reach[net] += change
            if homeCore[net] >= 0 {
                addRoutes(Int(change) * Int(graph.nets[net].axons), to: Int(homeCore[net]))
            }
        }
        for k in graph.homeOffsets[vertex]..<graph.homeOffsets[vertex + 1] {
            let net = Int(graph.homeNets[k])
            let count = Int(reach[net]) * Int(graph.nets[net].axons)
            addRoutes(-count, to: source)
            addRoutes(count, to: target)
        }
    }

    private mutating func addRoutes(_ count: Int, to place: Int) {
        let before = routes[place]
        routes[place] = before + count
        if before <= routeLimit, before + count > routeLimit { coresOverRoutes += 1 }
        if before > routeLimit, before + count <= routeLimit { coresOverRoutes -= 1 }
    }
}
