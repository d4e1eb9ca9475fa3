/// The order of a time step: which edges carry the value of the step before, and who comes first.
struct StepOrder {
    /// For each edge of the graph, in its order: 1 if it carries the value of the step before.
    let delays: [Int]
    /// All nodes, each after those whose value of this step it needs.
    let order: [Int]
    /// All nodes, each after those whose function it is folded from; `order` if no Delay is late.
    let folding: [Int]
    /// The late Delays that must hold a sum: on a cycle without a neuron there is nothing to fold.
    let holding: Set<Int>

    /// Applies the rule of snnTorch, norse and sinabs for recurrent layers.
    ///
    /// An edge that leaves a neuron and stays inside its strongly connected component carries the
    /// value of the step before, every other edge that of this step. Edges into a Delay of at least a
    /// step do not count for components: the delay is that of the loop.
    init(_ graph: FlatGraph, _ lateness: Delays) throws(NIRError) {
        let count = graph.nodes.count
        let isLate = lateness.isLate
        let component = Self.components(count, graph.edges.filter { !isLate[$0.to] })
        let delays = graph.edges.map { edge in
            graph.nodes[edge.from].isNeuron && !isLate[edge.to]
                && component[edge.from] == component[edge.to] ? 1 : 0
        }
        self.delays = delays

        let immediate = zip(graph.edges, delays).filter { $0.1 == 0 && !isLate[$0.0.to] }.map(\.0)
        let (order, waitsFor) = Self.sorted(count, immediate)
        guard order.count == count else {
            throw .algebraicLoop(
                file: graph.file,
                nodes: Self.loop(waitsFor, immediate).prefix(8).map { graph.nodes[$0].path }
            )
        }
        self.order = order
        guard isLate.contains(true) else {
            folding = order
            holding = []
            return
        }
        let folded = graph.edges.filter { !graph.nodes[$0.from].isPopulation }
        let cycle = Self.components(count, folded)
        var members = [Int](repeating: 0, count: count)
        for node in cycle { members[node] += 1 }
        let loops = Set(folded.filter { $0.from == $0.to }.map(\.from))
        let holding = Set(
            graph.nodes.indices.filter {
                isLate[$0] && (members[cycle[$0]] > 1 || loops.contains($0))
            }
        )
        self.holding = holding
        // Every cycle of folded nodes has a late Delay, so that this is an order.
        folding = Self.sorted(count, folded.filter { !holding.contains($0.from) }).order
    }

    /// Sorts nodes so that edges lead forwards; what waits for itself is left out.
    private static func sorted(
        _ count: Int,
        _ edges: [Edge]
    ) -> (order: [Int], waitsFor: [Int]) {
        var waitsFor = [Int](repeating: 0, count: count)
        var targets = [[Int]](repeating: [], count: count)
        for edge in edges {
            waitsFor[edge.to] += 1
            targets[edge.from].append(edge.to)
        }
        var order = (0..<count).filter { waitsFor[$0] == 0 }
        var next = 0
        while next < order.count {
            for target in targets[order[next]] {
                waitsFor[target] -= 1
                if waitsFor[target] == 0 { order.append(target) }
            }
            next += 1
        }
        return (order, waitsFor)
    }

    /// One cycle among the nodes that wait for ever: back along any edge until a node comes again.
    private static func loop(_ waitsFor: [Int], _ edges: [Edge]) -> [Int] {
        var source = [Int?](repeating: nil, count: waitsFor.count)
        for edge in edges where waitsFor[edge.from] > 0 && waitsFor[edge.to] > 0 {
            source[edge.to] = edge.from
        }
        guard var node = waitsFor.firstIndex(where: { $0 > 0 }) else { return [] }
        for _ in waitsFor { node = source[node] ?? node }
        var cycle = [node]
        var walker = source[node] ?? node
        while walker != node {
            cycle.append(walker)
            walker = source[walker] ?? node
        }
        return cycle.reversed()
    }

    /// Number of the strongly connected component of each node (Tarjan 1972, without recursion).
    static func components(_ count: Int, _ edges: [Edge]) -> [Int] {
        var targets = [[Int]](repeating: [], count: count)
        for edge in edges { targets[edge.from].append(edge.to) }
        var index = [Int](repeating: -1, count: count)
        var low = [Int](repeating: 0, count: count)
        var component = [Int](repeating: -1, count: count)
        var isOpen = [Bool](repeating: false, count: count)
        var open: [Int] = []
        var visited = 0
        var found = 0
        for root in 0..<count where index[root] < 0 {
            var calls: [(node: Int, nextTarget: Int)] = [(root, 0)]
            while let (node, position) = calls.last {
                if position == 0, index[node] < 0 {
                    index[node] = visited
                    low[node] = visited
                    visited += 1
                    open.append(node)
                    isOpen[node] = true
                }
                if position < targets[node].count {
                    calls[calls.count - 1].nextTarget += 1
                    let target = targets[node][position]
                    if index[target] < 0 {
                        calls.append((target, 0))
                    } else if isOpen[target] {
                        low[node] = min(low[node], index[target])
                    }
                    continue
                }
                calls.removeLast()
                if let caller = calls.last?.node { low[caller] = min(low[caller], low[node]) }
                guard low[node] == index[node] else { continue }
                while let member = open.popLast() {
                    isOpen[member] = false
                    component[member] = found
                    if member == node { break }
                }
                found += 1
            }
        }
        return component
    }
}
