extension CoreAssignment {
    /// Gives vertices the best exchange with one of the cores that suit them best.
    ///
    /// Where every core listens to a large part of all nets, most exchanges lose, and a random proposal
    /// seldom finds one that gains. Here all cores are compared for each vertex, and a sample of the
    /// vertices of the best cores are tried as partners.
    ///
    /// - Parameters:
    ///   - graph: The graph.
    ///   - limits: What a core holds.
    ///   - cores: How many of the best cores are tried.
    ///   - draws: Random numbers.
    mutating func exchange(
        _ graph: borrowing MappingGraph,
        _ limits: CoreLimits,
        cores: Int,
        _ draws: inout Draws
    ) {
        let mostPartners = 32
        var members = [[Int32]](repeating: [], count: coreCount)
        for vertex in core.indices { members[Int(core[vertex])].append(Int32(vertex)) }
        var overlap = [Int32](repeating: 0, count: coreCount)
        for _ in 0..<graph.vertexCount {
            let vertex = draws.below(graph.vertexCount)
            let source = Int(core[vertex])
            compare(vertex, graph, &overlap)
            overlap[source] = -1
            for place in overlap.indices where !accepts(vertex, on: place, in: graph) {
                overlap[place] = -1
            }
            var mine = mark(vertex, in: graph)
            var best = (saved: Int64(0), partner: -1, target: -1)
            for _ in 0..<cores {
                var target = 0
                for place in overlap.indices where overlap[place] > overlap[target] {
                    target = place
                }
                if overlap[target] < 0 { break }
                overlap[target] = -1
                let there = change(moving: vertex, to: target, in: graph)
                if -there.packets > best.saved,
                    hasRoom(for: vertex, on: target, in: graph, limits),
                    fits(there, moving: vertex, to: target, in: graph, limits)
                {
                    best = (-there.packets, -1, target)
                }
                let crowd = members[target].count
                let start = draws.below(max(crowd, 1))
                for step in 0..<min(crowd, mostPartners) {
                    let other = Int(members[target][(start + step) % crowd])
                    guard hasRoom(for: vertex, insteadOf: other, on: target, in: graph, limits),
                        hasRoom(for: other, insteadOf: vertex, on: source, in: graph, limits)
                    else { continue }
                    let back = change(moving: other, to: source, in: graph, without: mine)
                    // The loss of nets that both listen to is not real: look closer if it may be small.
                    guard there.packets + back.packets < 8 * graph.weightUnit - best.saved else {
                        continue
                    }
                    let theirs = mark(other, in: graph)
                    let out = change(moving: vertex, to: target, in: graph, without: theirs)
                    mine = mark(vertex, in: graph)
                    if -(out.packets + back.packets) > best.saved,
                        axons[target] + out.axonsTaken - back.axonsFreed <= limits.axons,
                        axons[source] + back.axonsTaken - out.axonsFreed <= limits.axons
                    {
                        best = (-(out.packets + back.packets), other, target)
                    }
                }
            }
            guard best.target >= 0 else { continue }
            if best.partner < 0 {
                let broken = coresOverRoutes
                relocate(vertex, to: best.target, in: graph)
                if coresOverRoutes > broken {
                    relocate(vertex, to: source, in: graph)
                    continue
                }
            } else {
                guard swap(vertex, best.partner, ifWithin: -1, in: graph, limits) else { continue }
                members[best.target].removeAll { $0 == Int32(best.partner) }
                members[source].append(Int32(best.partner))
            }
            members[source].removeAll { $0 == Int32(vertex) }
            members[best.target].append(Int32(vertex))
        }
    }

    /// Nets of a vertex that each core already has, weighted.
    private func compare(
        _ vertex: Int,
        _ graph: borrowing MappingGraph,
        _ overlap: inout [Int32]
    ) {
        for place in overlap.indices { overlap[place] = 0 }
        for k in graph.inOffsets[vertex]..<graph.inOffsets[vertex + 1] {
            add(Int(graph.inNets[k]), graph, &overlap)
        }
        for k in graph.homeOffsets[vertex]..<graph.homeOffsets[vertex + 1] {
            add(Int(graph.homeNets[k]), graph, &overlap)
        }
    }

    /// Adds the weight of a net to all cores that listen to it.
    private func add(_ net: Int, _ graph: borrowing MappingGraph, _ overlap: inout [Int32]) {
        var sums = overlap.mutableSpan
        let row = listeners.span.extracting(net * coreCount..<(net + 1) * coreCount)
        let weight = Int32(clamping: graph.nets[net].weight)
        for place in row.indices { sums[place] &+= row[place] != 0 ? weight : 0 }
    }
}
