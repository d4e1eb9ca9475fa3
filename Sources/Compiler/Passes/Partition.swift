import ChipImage
package import ChipSpec
import NetworkIR

/// Splits populations over cores: neurons in the order of the network, each core filled until the next
/// neuron would break one of its limits.
package struct Partition: Pass {
    package static let name = "partition"
    let chip: ChipSpec
    let options: CompilerOptions

    /// Makes the pass.
    ///
    /// - Parameters:
    ///   - chip: The chip.
    ///   - options: What the user asks for.
    package init(chip: ChipSpec, options: CompilerOptions) {
        self.chip = chip
        self.options = options
    }

    package func run(_ quantised: QuantisedNetwork) throws -> Partitioning {
        let limit = min(chip.core.neurons, max(1, options.neuronsPerCore ?? chip.core.neurons))
        // Routes out are known only when all targets have a core. Cores with too many get fewer
        // neurons and the filling starts again.
        var neuronLimit: [Int] = []
        for _ in 0..<Self.rounds {
            var filling = Filling(quantised, chip: chip)
            let cores = try filling.fill(limit, neuronLimit)
            guard cores.count <= chip.mesh.coreCount else {
                throw tooManyCores(cores, network: quantised.canonical.network.name)
            }
            let broken = cores.indices.filter { cores[$0].usage.axonsOut > chip.core.axonsOut }
            if broken.isEmpty { return Partitioning(quantised: quantised, cores: cores) }
            var next = cores.indices.map { $0 < neuronLimit.count ? neuronLimit[$0] : limit }
            for core in broken {
                let usage = cores[core].usage
                let share = usage.neurons * chip.core.axonsOut / usage.axonsOut
                next[core] = max(1, min(share, usage.neurons - 1))
            }
            if next == neuronLimit { break }
            neuronLimit = next
        }
        var filling = Filling(quantised, chip: chip)
        let cores = try filling.fill(limit, neuronLimit)
        let worst = cores.indices.max { cores[$0].usage.axonsOut < cores[$1].usage.axonsOut } ?? 0
        let canonical = quantised.canonical
        let population = canonical.onChip[cores[worst].slices.first?.population ?? 0]
        throw CompilerError.tooManyRoutes(
            population: canonical.network.populations[population].path,
            core: worst,
            needed: cores[worst].usage.axonsOut,
            limit: chip.core.axonsOut,
            chip: chip.name
        )
    }

    private static let rounds = 16

    package func statistics(of output: Partitioning) -> [Statistic] {
        [
            Statistic("cores", output.cores.count),
            Statistic("slices", output.cores.reduce(0) { $0 + $1.slices.count }),
            Statistic("synapses", output.cores.reduce(0) { $0 + $1.usage.synapses }),
            Statistic("rows", output.cores.reduce(0) { $0 + $1.usage.rows }),
            Statistic("axons in", output.cores.reduce(0) { $0 + $1.usage.axonsIn }),
        ]
    }

    package func violation(in output: Partitioning, of input: QuantisedNetwork) -> String? {
        // Every neuron once, in order.
        var next = [Int](repeating: 0, count: input.populations.count)
        for core in output.cores {
            for (one, other) in zip(core.slices, core.slices.dropFirst())
            where one.population >= other.population {
                return "a core holds its populations out of order."
            }
            for slice in core.slices {
                if slice.neurons.lowerBound != next[slice.population] || slice.neurons.isEmpty {
                    return "population \(slice.population) is split with a gap."
                }
                next[slice.population] = slice.neurons.upperBound
            }
        }
        for (population, end) in zip(input.populations, next)
        where population.lowered.gain.count != end {
            return "a population lost neurons."
        }
        let weights = input.projections.reduce(0) { $0 + $1.synapses }
        let synapses = output.cores.reduce(0) { $0 + $1.usage.synapses }
        return weights == synapses ? nil : "\(weights) weights became \(synapses) synapses."
    }

    private func tooManyCores(_ cores: [PartitionedCore], network: String) -> CompilerError {
        let full = cores.compactMap(\.fullBy)
        let counts = CoreResource.allCases.map { resource in full.filter { $0 == resource }.count }
        let most = counts.max() ?? 0
        let binding = counts.firstIndex(of: most) ?? 0
        return .tooManyCores(
            network: network,
            needed: cores.count,
            limit: chip.mesh.coreCount,
            chip: chip.name,
            resource: CoreResource.allCases[binding],
            coresFull: most
        )
    }
}

/// One run of filling cores, with what the open core already holds.
private struct Filling {
    private let quantised: QuantisedNetwork
    private let chip: ChipSpec
    /// `[projection][plane]`.
    private let kindsOfProjection: [[Int]]
    /// Whether each kind of row has an axon of its own.
    private let hasPlanes: Bool
    /// Core that last listened to a sender, `[population][neuron]`, with planes `[kind][neuron]`; −1 for none.
    private var listening: [[Int]]
    /// Core that last had a row of a kind from a sender, `[kind][neuron]`; −1 for none.
    private var rows: [[Int]]
    /// Cores that listen to a sender, `[population][neuron]`.
    private var destinations: [[Int]]
    /// Core that last ran a rule; −1 for none.
    private var ruleCore: [Int: Int] = [:]

    init(_ quantised: QuantisedNetwork, chip: ChipSpec) {
        self.quantised = quantised
        self.chip = chip
        let populations = quantised.canonical.network.populations
        let (kinds, ofProjection) = quantised.rowKinds()
        kindsOfProjection = ofProjection
        hasPlanes = quantised.hasPlanes
        listening =
            hasPlanes
            ? kinds.map { [Int](repeating: -1, count: populations[$0.source].count) }
            : populations.map { [Int](repeating: -1, count: $0.count) }
        destinations = populations.map { [Int](repeating: 0, count: $0.count) }
        rows = kinds.map { [Int](repeating: -1, count: populations[$0.source].count) }
    }

    /// Fills cores.
    ///
    /// - Parameters:
    ///   - most: Neurons of a core.
    ///   - fewer: Lower limits of the first cores, set because of their routes out.
    /// - Returns: The filled cores, in order.
    /// - Throws: `CompilerError` if one neuron alone breaks a limit.
    mutating func fill(_ most: Int, _ fewer: [Int]) throws -> [PartitionedCore] {
        var cores: [PartitionedCore] = []
        var open = PartitionedCore(slices: [], usage: CoreUsage(), fullBy: nil)
        for (index, population) in quantised.populations.enumerated() {
            for neuron in population.lowered.gain.indices {
                let limit = cores.count < fewer.count ? fewer[cores.count] : most
                var need = need(of: neuron, in: population, core: cores.count)
                if let resource = brokenLimit(open.usage, need, limit, most) {
                    if open.usage.neurons > 0 {
                        open.fullBy = resource
                        cores.append(open)
                        open = PartitionedCore(slices: [], usage: CoreUsage(), fullBy: nil)
                        need = self.need(of: neuron, in: population, core: cores.count)
                    }
                    try refuseIfTooLarge(neuron, population, need)
                }
                take(neuron, population, core: cores.count)
                add(need, to: &open.usage)
                if let last = open.slices.indices.last, open.slices[last].population == index {
                    open.slices[last].neurons = open.slices[last].neurons.lowerBound..<neuron + 1
                } else {
                    open.slices.append(Slice(population: index, neurons: neuron..<neuron + 1))
                }
            }
        }
        if open.usage.neurons > 0 { cores.append(open) }
        for core in cores.indices {
            for slice in cores[core].slices {
                let population = quantised.canonical.onChip[slice.population]
                cores[core].usage.axonsOut += destinations[population][slice.neurons].reduce(0, +)
            }
        }
        return cores
    }

    /// Calls for each synapse of a neuron with the projection, the plane and the source.
    private func forEachSynapse(
        of neuron: Int,
        in population: QuantisedPopulation,
        _ body: (_ projection: Int, _ plane: Int, _ source: Int) -> Void
    ) {
        for projection in quantised.canonical.incoming[population.lowered.population] {
            let table = quantised.projections[projection]
            let indices = table.layout.indices(of: neuron)
            guard hasPlanes else {
                for k in indices where table.isSynapse(k) {
                    body(projection, 0, table.layout.source(of: k, target: neuron))
                }
                continue
            }
            for k in indices {
                for plane in PlaneSet(table.planes(of: k)) {
                    body(projection, plane, table.layout.source(of: k, target: neuron))
                }
            }
        }
    }

    /// What a neuron adds to a core.
    private func need(
        of neuron: Int,
        in population: QuantisedPopulation,
        core: Int
    ) -> CoreUsage {
        var need = CoreUsage(neurons: 1)
        let projections = quantised.canonical.incoming[population.lowered.population]
        // Two projections from one source share its axon, and its row if they are of one kind.
        var newAxons: Set<Sender> = []
        var newRows: Set<Sender> = []
        let sources = projections.map { quantised.canonical.network.projections[$0].source }
        let isShared = Set(sources).count < sources.count
        var newRules: Set<Int> = []
        forEachSynapse(of: neuron, in: population) { projection, plane, source in
            need.synapses += 1
            if let rule = quantised.projections[projection].rule {
                need.plasticSynapses += 1
                if ruleCore[rule] != core { newRules.insert(rule) }
            }
            let from = quantised.canonical.network.projections[projection].source
            let kind = kindsOfProjection[projection][plane]
            let line = hasPlanes ? kind : from
            if listening[line][source] != core {
                if !isShared || newAxons.insert(Sender(population: line, neuron: source)).inserted {
                    need.axonsIn += 1
                }
            }
            if rows[kind][source] != core {
                if !isShared || newRows.insert(Sender(population: kind, neuron: source)).inserted {
                    need.rows += 1
                }
            }
        }
        need.rules = newRules.count
        need.synapseBytes = chip.synapse.bytes(
            synapses: need.synapses,
            plastic: need.plasticSynapses,
            rows: need.rows
        )
        return need
    }

    private mutating func take(_ neuron: Int, _ population: QuantisedPopulation, core: Int) {
        for projection in quantised.canonical.incoming[population.lowered.population] {
            let table = quantised.projections[projection]
            let from = quantised.canonical.network.projections[projection].source
            let kinds = kindsOfProjection[projection]
            for k in table.layout.indices(of: neuron) where table.isSynapse(k) {
                let source = table.layout.source(of: k, target: neuron)
                if let rule = table.rule { ruleCore[rule] = core }
                if hasPlanes {
                    for plane in PlaneSet(table.planes(of: k)) {
                        take(source, from, kinds[plane], line: kinds[plane], core: core)
                    }
                } else {
                    take(source, from, kinds[0], line: from, core: core)
                }
            }
        }
    }

    @inline(__always)
    private mutating func take(_ source: Int, _ from: Int, _ kind: Int, line: Int, core: Int) {
        rows[kind][source] = core
        if listening[line][source] != core {
            listening[line][source] = core
            destinations[from][source] += 1
        }
    }

    private func add(_ need: CoreUsage, to usage: inout CoreUsage) {
        usage.neurons += need.neurons
        usage.axonsIn += need.axonsIn
        usage.rows += need.rows
        usage.synapses += need.synapses
        usage.plasticSynapses += need.plasticSynapses
        usage.rules += need.rules
        usage.synapseBytes += need.synapseBytes
    }

    private func brokenLimit(
        _ usage: CoreUsage,
        _ need: CoreUsage,
        _ neuronLimit: Int,
        _ most: Int
    ) -> CoreResource? {
        if usage.synapseBytes + need.synapseBytes > chip.core.synapseMemoryInBytes {
            return .synapseBytes
        }
        if usage.rules + need.rules > chip.limit(of: .rules) { return .rules }
        if usage.axonsIn + need.axonsIn > chip.core.axonsIn { return .axonsIn }
        if usage.neurons + need.neurons > neuronLimit {
            return neuronLimit < most ? .axonsOut : .neurons
        }
        return nil
    }

    private func refuseIfTooLarge(
        _ neuron: Int,
        _ population: QuantisedPopulation,
        _ need: CoreUsage
    ) throws {
        let checks: [(CoreResource, Int, Int)] = [
            (.axonsIn, need.axonsIn, chip.core.axonsIn),
            (.synapseBytes, need.synapseBytes, chip.core.synapseMemoryInBytes),
            (.rules, need.rules, chip.limit(of: .rules)),
        ]
        for (resource, needed, limit) in checks where needed > limit {
            let path = quantised.canonical.network.populations[population.lowered.population].path
            throw CompilerError.neuronTooLarge(
                population: path,
                neuron: neuron,
                resource: resource,
                needed: needed,
                limit: limit,
                chip: chip.name
            )
        }
    }
}
