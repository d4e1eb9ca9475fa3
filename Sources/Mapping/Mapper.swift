/// Assigns vertices to cores: grows cores from several starts and refines the best from coarse to fine.
///
/// Deterministic: equal arguments give equal assignments.
package struct Mapper: Sendable {
    private let limits: CoreLimits
    private let seed: UInt64
    private let effort: MappingEffort
    /// Most cores for vertices of each label; empty where all are alike.
    private let mostCores: [Int]
    /// Groups of a level are so small that about this many make a core.
    private let groupsPerCore = 32
    /// Entries that the table of listeners may have; beyond, nothing is refined.
    private let mostListeners = 1 << 28

    /// Pins beyond which the time for each of them is kept short.
    private static let large = 4_000_000

    /// Makes a mapper.
    ///
    /// - Parameters:
    ///   - limits: What a core holds.
    ///   - seed: Seed of every random choice.
    ///   - effort: How long to look.
    ///   - mostCores: Most cores for vertices of each label, by label; empty where all are alike.
    package init(
        limits: CoreLimits,
        seed: UInt64,
        effort: MappingEffort,
        mostCores: [Int] = []
    ) {
        self.mostCores = mostCores
        self.limits = limits
        self.seed = seed
        self.effort = effort
    }

    /// What a random number is for.
    private enum Use {
        static func starts() -> UInt32 { 1 }
        static func grouping(_ cycle: Int, _ level: Int) -> UInt32 { use(2, cycle, level) }
        static func annealing(_ cycle: Int, _ level: Int) -> UInt32 { use(3, cycle, level) }
        static func exchanging(_ cycle: Int) -> UInt32 { use(4, cycle, 0) }

        private static func use(_ step: UInt32, _ cycle: Int, _ level: Int) -> UInt32 {
            step << 16 | UInt32(truncatingIfNeeded: cycle & 0xFF) << 8
                | UInt32(truncatingIfNeeded: level & 0xFF)
        }
    }

    /// An assignment that was found.
    package struct Result: Sendable, Equatable {
        /// Core of each vertex.
        package var core: [Int32]
        /// Number of cores.
        package var coreCount: Int
        /// Packets if every sender spikes once, weighted.
        package var packets: Int64
    }

    /// Assigns the vertices of a graph.
    ///
    /// - Parameters:
    ///   - graph: The graph.
    ///   - progress: Called with the share that is done, 0...1.
    /// - Returns: The best assignment found, within all limits; nil if a vertex alone breaks one, or if the
    ///   routes out of a core always broke theirs.
    package func run(
        _ graph: MappingGraph,
        progress: (Double) -> Void = { _ in }
    ) -> Result? {
        guard graph.everyVertexFits(limits) else { return nil }
        // More effort never ends with less.
        var best: Result?
        if effort == .best {
            best = Mapper(limits: limits, seed: seed, effort: .default, mostCores: mostCores)
                .run(graph)
        }
        let (grown, cost) = growths(of: graph)
        progress(0.2)
        // Where each net reaches many cores, starts differ little and refining one takes long.
        let isSpreadOut = cost / max(grown.count, 1) > 64 * graph.inNets.count
        let candidates = grown.prefix(isSpreadOut ? 1 : effort.refined)
        for (number, candidate) in candidates.enumerated() {
            var result = candidate
            for cycle in 0..<effort.cycles {
                if let refined = refined(result, graph, cycle: number * effort.cycles + cycle),
                    refined.packets < result.packets
                {
                    result = refined
                }
            }
            let excess = excess(of: result, graph)
            let rank = (excess, result.rank)
            if best.map({ rank < (self.excess(of: $0, graph), $0.rank) }) ?? true { best = result }
            progress(0.2 + 0.8 * Double(number + 1) / Double(candidates.count))
        }
        return best
    }

    /// Fills cores from several starts.
    ///
    /// - Returns: Assignments within all limits, the best first, and how many listeners were read.
    private func growths(of graph: MappingGraph) -> (found: [Result], cost: Int) {
        var draws = Draws(seed: seed, use: Use.starts())
        let inOrder = GrowthStart.order((0..<graph.vertexCount).map { Int32($0) })
        // Cores that are not quite full leave room to move; sometimes that costs a core.
        var runs: [(start: GrowthStart, filling: Double)] = [
            (.frontier(first: 0), 0.97), (inOrder, 1), (inOrder, 0.97), (.frontier(first: 0), 1),
        ]
        while runs.count < effort.mostGrowths {
            let first = draws.below(max(graph.vertexCount, 1))
            runs.append((.frontier(first: first), runs.count.isMultiple(of: 2) ? 0.97 : 0.95))
        }
        // Small networks are filled in no time.
        let allowed = max(effort.growthCostPerPin * graph.inNets.count, 10_000_000)
        var cost = 0
        var found: [Result] = []
        for run in runs.prefix(effort.mostGrowths) {
            // Two at least, unless the network is large.
            let isLarge = graph.inNets.count > Self.large
            if found.count > (isLarge ? 0 : 1), cost + cost / found.count > allowed { break }
            guard let (result, spent) = growth(of: graph, run.start, run.filling) else { continue }
            cost += spent
            found.append(result)
        }
        let sorted = found.enumerated()
            .map { (excess(of: $0.element, graph), $0.element.rank, $0.offset, $0.element) }
            .sorted { ($0.0, $0.1, $0.2) < ($1.0, $1.1, $1.2) }
        return (sorted.map(\.3), cost)
    }

    /// Cores beyond those that the labels may have.
    private func excess(of result: Result, _ graph: MappingGraph) -> Int {
        guard !mostCores.isEmpty, !graph.label.isEmpty else { return 0 }
        var label = [Int32](repeating: -1, count: result.coreCount)
        for (vertex, place) in result.core.enumerated() { label[Int(place)] = graph.label[vertex] }
        return mostCores.indices.reduce(0) { sum, name in
            sum + max(label.count { Int($0) == name } - mostCores[name], 0)
        }
    }

    private func growth(
        of graph: MappingGraph,
        _ start: GrowthStart,
        _ filling: Double
    ) -> (result: Result, cost: Int)? {
        func part(_ limit: Int) -> Int { max(Int(Double(limit) * filling), 1) }
        var aim = CoreLimits(
            neurons: part(limits.neurons),
            bytes: part(limits.bytes),
            axons: limits.axons,
            routes: limits.routes
        )
        // A vertex that does not fit the smaller core would never be taken.
        if graph.bytes.contains(where: { $0 > Int64(aim.bytes) })
            || graph.neurons.contains(where: { Int($0) > aim.neurons })
        {
            aim = limits
        }
        var cost = 0
        // Routes out are known when all listeners have a core: where they are too many, cores get
        // fewer neurons.
        for _ in 0..<8 {
            let (core, count, spent) = graph.grown(from: start, aim)
            cost += spent
            let (packets, routes) = graph.traffic(core, count: count)
            guard let worst = routes.max(), worst > limits.routes else {
                return (Result(core: core, coreCount: count, packets: packets), cost)
            }
            var neurons = [Int](repeating: 0, count: count)
            for (vertex, place) in core.enumerated() {
                neurons[Int(place)] += Int(graph.neurons[vertex])
            }
            let most = neurons.max() ?? 1
            let fewer = min(most * limits.routes / worst, most - 1)
            guard fewer >= 1 else { return nil }
            aim.neurons = fewer
        }
        return nil
    }

    private func assignment(
        _ core: [Int32],
        _ count: Int,
        of graph: MappingGraph
    ) -> CoreAssignment {
        CoreAssignment(
            core,
            coreCount: count,
            of: graph,
            routeLimit: limits.routes < Int(Int32.max) ? limits.routes : nil
        )
    }

    /// Refines an assignment: groups first, then their members.
    ///
    /// - Returns: The refined assignment; nil if the network is too large for it.
    private func refined(_ start: Result, _ graph: MappingGraph, cycle: Int) -> Result? {
        let count = start.coreCount
        // Listeners of a net on a core are counted in 16 bits.
        guard count > 1, limits.neurons < Int(UInt16.max),
            graph.netCount * count <= mostListeners
        else { return nil }
        var coarser: [(graph: MappingGraph, group: [Int32])] = []
        var core = start.core
        while let level = coarsened(coarser.last?.graph ?? graph, core, cycle, coarser.count) {
            core = level.graph.cores(of: level.group, core)
            coarser.append(level)
        }
        for level in coarser.indices.reversed() {
            var assignment = assignment(core, count, of: coarser[level].graph)
            var draws = Draws(seed: seed, use: Use.annealing(cycle, level + 1))
            assignment.anneal(
                coarser[level].graph,
                limits,
                sweeps: effort.coarseSweeps,
                temperature: 0.15...(level == coarser.count - 1 ? 3 : 0.7)
                    * coarser[level].graph.meanWeight,
                &draws
            )
            core = coarser[level].group.map { assignment.core[Int($0)] }
        }
        var finest = assignment(core, count, of: graph)
        var draws = Draws(seed: seed, use: Use.annealing(cycle, 0))
        if finest.isSpreadOut {
            var draws = Draws(seed: seed, use: Use.exchanging(cycle))
            for _ in 0..<effort.exchanges.passes {
                finest.exchange(graph, limits, cores: effort.exchanges.cores, &draws)
            }
        }
        // A later cycle polishes what the first has found.
        let heat = coarser.isEmpty && !finest.isSpreadOut && cycle % effort.cycles == 0 ? 4 : 0.7
        finest.anneal(
            graph,
            limits,
            sweeps: finest.isSpreadOut || graph.inNets.count > Self.large
                ? effort.fineSweeps / 2 : effort.fineSweeps,
            temperature: 0.15 * graph.meanWeight...heat * graph.meanWeight,
            &draws
        )
        return Result(core: finest.core, coreCount: count, packets: finest.packets)
    }

    /// The next coarser level; nil where that no longer pays.
    private func coarsened(
        _ graph: MappingGraph,
        _ core: [Int32],
        _ cycle: Int,
        _ level: Int
    ) -> (graph: MappingGraph, group: [Int32])? {
        let largest = CoreLimits(
            neurons: max(limits.neurons / groupsPerCore, 1),
            bytes: max(limits.bytes / groupsPerCore, 1),
            axons: max(limits.axons / groupsPerCore, 1),
            routes: limits.routes
        )
        var draws = Draws(seed: seed, use: Use.grouping(cycle, level))
        // Grouping all of a large network costs more than finding out that it does not pay.
        if graph.inNets.count > Self.large / 4, !graph.mayMerge(within: largest, core: core, draws)
        {
            return nil
        }
        let (group, count) = graph.groups(within: largest, core: core, &draws)
        guard count * 5 <= graph.vertexCount * 4 else { return nil }
        guard graph.doesMerge(graph.pins(of: group, count: count), graph.inNets.count) else {
            return nil
        }
        return (graph.coarsened(group, count: count), group)
    }
}

extension Mapper.Result {
    /// What is to be small: packets, and cores, since refinement saves packets but seldom a core.
    fileprivate var rank: Double { Double(packets) * Double(coreCount) * Double(coreCount) }
}

extension MappingGraph {
    /// Packets of an assignment and routes out of each core, without a table of nets and cores.
    fileprivate func traffic(_ core: [Int32], count: Int) -> (packets: Int64, routes: [Int]) {
        var seen = [Int32](repeating: -1, count: count)
        var packets: Int64 = 0
        var routes = [Int](repeating: 0, count: count)
        for net in 0..<netCount {
            let home = nets[net].home < 0 ? -1 : Int(core[Int(nets[net].home)])
            var reached = 0
            for k in outOffsets[net]..<outOffsets[net + 1] {
                let place = Int(core[Int(outVertices[k])])
                if seen[place] == Int32(truncatingIfNeeded: net) { continue }
                seen[place] = Int32(truncatingIfNeeded: net)
                reached += 1
                if place != home { packets += nets[net].weight }
            }
            if home >= 0 { routes[home] += reached * Int(nets[net].axons) }
        }
        return (packets, routes)
    }

    /// Whether each vertex alone keeps the limits.
    fileprivate func everyVertexFits(_ limits: CoreLimits) -> Bool {
        for vertex in 0..<vertexCount {
            var axons = Int(ownAxons[vertex])
            var bytes = Int(bytes[vertex])
            for k in inOffsets[vertex]..<inOffsets[vertex + 1] {
                axons += Int(nets[Int(inNets[k])].axons)
                bytes += Int(headerBytes[Int(inNets[k])])
            }
            let fits = axons <= limits.axons && bytes <= limits.bytes
            guard fits, Int(neurons[vertex]) <= limits.neurons else { return false }
        }
        return true
    }

    /// Mean of the weights of all nets, at least 1.
    fileprivate var meanWeight: Double {
        max(Double(nets.reduce(0) { $0 + $1.weight }) / Double(max(netCount, 1)), 1)
    }

    /// Whether grouping pays: where few pins merge, moving groups costs as much as moving their members.
    fileprivate func doesMerge(_ pins: Int, _ before: Int) -> Bool { pins * 10 <= before * 6 }

    /// Whether grouping seems to pay, by a sixteenth of the cores.
    fileprivate func mayMerge(within largest: CoreLimits, core: [Int32], _ draws: Draws) -> Bool {
        var draws = draws
        let sampled = vertexCount > 0 ? core.map { $0 % 16 == 0 } : []
        let (group, count) = groups(within: largest, core: core, &draws, among: sampled)
        let before = pins(
            of: (0..<vertexCount).map { Int32($0) },
            count: vertexCount,
            among: sampled
        )
        return doesMerge(pins(of: group, count: count, among: sampled), before)
    }

    /// The core of each group.
    fileprivate func cores(of group: [Int32], _ core: [Int32]) -> [Int32] {
        var result = [Int32](repeating: 0, count: vertexCount)
        for vertex in group.indices { result[Int(group[vertex])] = core[vertex] }
        return result
    }
}
