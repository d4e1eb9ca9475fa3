import FixedPoint

extension CoreAssignment {
    /// Moves and swaps vertices at random under a falling temperature, always within the limits.
    ///
    /// A proposal brings a vertex to a core that already has one of its nets; where that core is full,
    /// the vertex and the one that it shares the net with change places. Simulated annealing after
    /// Kirkpatrick, Gelatt and Vecchi, Science 220 (1983).
    ///
    /// - Parameters:
    ///   - graph: The graph.
    ///   - limits: What a core holds.
    ///   - sweeps: Proposals for each vertex.
    ///   - temperature: Temperature of the first and of the last sweep, in packets.
    ///   - draws: Random numbers.
    mutating func anneal(
        _ graph: borrowing MappingGraph,
        _ limits: CoreLimits,
        sweeps: Int,
        temperature: ClosedRange<Double>,
        _ draws: inout Draws
    ) {
        let ratio = PortableMath.log(temperature.lowerBound / temperature.upperBound)
        for sweep in 0..<sweeps {
            let share = Double(sweep) / Double(max(sweeps - 1, 1))
            let heat = temperature.upperBound * PortableMath.exp(ratio * share)
            for _ in 0..<graph.vertexCount { propose(graph, limits, heat, &draws) }
        }
    }

    private mutating func propose(
        _ graph: borrowing MappingGraph,
        _ limits: CoreLimits,
        _ heat: Double,
        _ draws: inout Draws
    ) {
        let vertex = draws.below(graph.vertexCount)
        let ins = graph.inOffsets[vertex + 1] - graph.inOffsets[vertex]
        let homes = graph.homeOffsets[vertex + 1] - graph.homeOffsets[vertex]
        guard ins + homes > 0 else { return }
        let pick = draws.below(ins + homes)
        let net =
            pick < ins
            ? Int(graph.inNets[graph.inOffsets[vertex] + pick])
            : Int(graph.homeNets[graph.homeOffsets[vertex] + pick - ins])
        let listeners = graph.outOffsets[net + 1] - graph.outOffsets[net]
        let pin = draws.below(listeners + (graph.nets[net].home >= 0 ? 1 : 0))
        let other =
            pin < listeners
            ? Int(graph.outVertices[graph.outOffsets[net] + pin]) : Int(graph.nets[net].home)
        let source = Int(core[vertex])
        let target = Int(core[other])
        guard source != target, accepts(vertex, on: target, in: graph) else { return }
        // Metropolis: a loss is accepted with probability e^(−loss / heat).
        let bound = Int64(-PortableMath.log(draws.unit() + 0x1p-33) * heat)
        let there = change(moving: vertex, to: target, in: graph)
        if hasRoom(for: vertex, on: target, in: graph, limits) {
            guard there.packets <= bound,
                fits(there, moving: vertex, to: target, in: graph, limits)
            else { return }
            let broken = coresOverRoutes
            move(vertex, to: target, there, in: graph)
            if coresOverRoutes > broken { relocate(vertex, to: source, in: graph) }
            return
        }
        // So large a loss is seldom made good by what comes back.
        guard there.packets <= bound + Int64(ins) * graph.weightUnit / 8,
            hasRoom(for: vertex, insteadOf: other, on: target, in: graph, limits),
            hasRoom(for: other, insteadOf: vertex, on: source, in: graph, limits)
        else { return }
        // Nets that both listen to stay where they are.
        let mine = mark(vertex, in: graph)
        let back = change(moving: other, to: source, in: graph, without: mine)
        if there.packets + back.packets > bound + Int64(ins) * graph.weightUnit / 2 { return }
        let theirs = mark(other, in: graph)
        let out = change(moving: vertex, to: target, in: graph, without: theirs)
        // Nets between the two are counted twice: the exact sum decides.
        if out.packets + back.packets > bound + 2 * graph.nets[net].weight { return }
        swap(vertex, other, ifWithin: bound, in: graph, limits)
    }

    /// Swaps two vertices, and swaps them back if that costs too much or breaks a limit.
    ///
    /// - Parameters:
    ///   - vertex: A vertex.
    ///   - other: A vertex of another core.
    ///   - bound: Packets that the swap may cost.
    ///   - graph: The graph.
    ///   - limits: What a core holds.
    /// - Returns: Whether they are swapped.
    @discardableResult
    package mutating func swap(
        _ vertex: Int,
        _ other: Int,
        ifWithin bound: Int64,
        in graph: borrowing MappingGraph,
        _ limits: CoreLimits
    ) -> Bool {
        let (source, target) = (Int(core[vertex]), Int(core[other]))
        let (before, broken) = (packets, coresOverRoutes)
        relocate(vertex, to: target, in: graph)
        relocate(other, to: source, in: graph)
        if packets - before <= bound, coresOverRoutes <= broken, isLegal(source, limits),
            isLegal(target, limits)
        {
            return true
        }
        relocate(other, to: target, in: graph)
        relocate(vertex, to: source, in: graph)
        return false
    }
}
