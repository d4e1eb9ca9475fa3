package import ChipSpec
import Mapping
import NetworkIR

/// Splits populations over cores, so that few packets leave them.
///
/// Neurons are taken in the order of the network first, each core filled until the next neuron would
/// break a limit. Where that needs more than one core, cores are also grown by overlap and refined
/// (`Mapping`); the better of the two is taken.
package struct Partition: ListedPass {
    package static let pass = CompilerPass.partition
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
        let choice = try CoreChoice(options, quantised.canonical, chip: chip)
        let rates = try options.rates.map { try SenderRates($0, of: quantised.canonical.network) }
        let inOrder = try SequentialFilling(
            quantised,
            chip: chip,
            neuronLimit: limit,
            choice: choice,
            rates: rates
        ).run()
        let isLegal = inOrder.cores.allSatisfy { $0.usage.axonsOut <= chip.core.axonsOut }
        var best = inOrder
        if inOrder.cores.count > 1, canMap(quantised),
            var graph = MappingGraph(quantised, chip: chip, choice: choice)
        {
            if let mapped = mapped(graph, like: inOrder, neuronLimit: limit),
                isBetter(mapped, than: best, by: \.packets)
            {
                best = mapped
            }
            if let rates {
                best.packetsOfRunUnweighted = best.packetsOfRun
                graph.weigh(by: rates, quantised)
                for other in [inOrder, mapped(graph, like: inOrder, neuronLimit: limit)] {
                    guard var other, isBetter(other, than: best, by: \.cost) else { continue }
                    other.packetsOfRunUnweighted = best.packetsOfRunUnweighted
                    best = other
                }
            }
        }
        best.packetsInOrder = isLegal ? inOrder.packets : nil
        best.packetsOfRunInOrder = isLegal ? inOrder.packetsOfRun : nil
        if best.packetsOfRunUnweighted == nil { best.packetsOfRunUnweighted = best.packetsOfRun }
        guard best.cores.allSatisfy({ $0.usage.axonsOut <= chip.core.axonsOut }) else {
            throw tooManyRoutes(best)
        }
        try refuseIfTooManyCores(best)
        return best
    }

    /// Whether a mapping is taken in the place of another one.
    ///
    /// Where neither fits the chip, the one that needs fewer cores says what is missing.
    ///
    /// - Parameters:
    ///   - mapped: Cores within their limits.
    ///   - other: Cores filled in order, or mapped otherwise.
    ///   - cost: What is to be small.
    /// - Returns: Whether it is.
    package func isBetter(
        _ mapped: Partitioning,
        than other: Partitioning,
        by cost: KeyPath<Partitioning, Int> = \.packets
    ) -> Bool {
        func isLegal(_ parts: Partitioning) -> Bool {
            parts.cores.allSatisfy { $0.usage.axonsOut <= chip.core.axonsOut }
        }
        guard isLegal(mapped) else { return false }
        let fewerCores = mapped.cores.count < other.cores.count
        guard isLegal(other) else { return true }
        guard fits(other) else { return fits(mapped) || fewerCores }
        return fits(mapped)
            && (mapped[keyPath: cost] < other[keyPath: cost]
                || mapped[keyPath: cost] == other[keyPath: cost] && fewerCores)
    }

    /// Whether the chip has a core for each, where it may be used.
    private func fits(_ partitioning: Partitioning) -> Bool {
        let choice = partitioning.choice
        guard partitioning.cores.count <= choice.living else { return false }
        return choice.pinned.isEmpty
            || choice.places(
                for: partitioning.cores.map { choice.label(of: $0) },
                in: Array(0..<chip.mesh.coreCount)
            ).homeless == nil
    }

    package func statistics(of output: Partitioning) -> [Statistic] {
        [
            Statistic("cores", output.cores.count),
            Statistic("slices", output.cores.reduce(0) { $0 + $1.slices.count }),
            Statistic("synapses", output.cores.reduce(0) { $0 + $1.usage.synapses }),
            Statistic("rows", output.cores.reduce(0) { $0 + $1.usage.rows }),
            Statistic("axons in", output.cores.reduce(0) { $0 + $1.usage.axonsIn }),
            Statistic("packets if all spike", output.packets),
        ] + (output.packetsInOrder.map { [Statistic("packets in order", $0)] } ?? [])
    }

    package func violation(in output: Partitioning, of input: QuantisedNetwork) -> String? {
        var seen = input.populations.map {
            [Bool](repeating: false, count: $0.lowered.gain.count)
        }
        for core in output.cores {
            for (one, other) in zip(core.slices, core.slices.dropFirst())
            where one.population >= other.population {
                return "a core holds its populations out of order."
            }
            for slice in core.slices {
                for (one, next) in zip(slice.neurons, slice.neurons.dropFirst()) where one >= next {
                    return "a core holds its neurons out of order."
                }
                for neuron in slice.neurons {
                    if seen[slice.population][Int(neuron)] { return "a neuron is on two cores." }
                    seen[slice.population][Int(neuron)] = true
                }
            }
        }
        if !seen.joined().allSatisfy({ $0 }) { return "a population lost neurons." }
        let weights = input.projections.reduce(0) { $0 + $1.synapses }
        let synapses = output.cores.reduce(0) { $0 + $1.usage.synapses }
        return weights == synapses ? nil : "\(weights) weights became \(synapses) synapses."
    }

    /// Whether the mapper knows all limits that may bind: it does not count learning rules.
    private func canMap(_ quantised: QuantisedNetwork) -> Bool {
        let rules = Set(quantised.projections.compactMap(\.rule))
        return rules.count <= chip.limit(of: .rules)
    }

    /// Cores grown by overlap and refined; nil if a limit could not be kept.
    private func mapped(
        _ graph: MappingGraph,
        like inOrder: Partitioning,
        neuronLimit: Int
    ) -> Partitioning? {
        let choice = inOrder.choice
        let mapper = Mapper(
            limits: CoreLimits(
                neurons: neuronLimit,
                bytes: chip.core.synapseMemoryInBytes,
                axons: chip.core.axonsIn,
                routes: chip.core.axonsOut
            ),
            seed: options.seed,
            effort: options.effort,
            mostCores: choice.pinned.isEmpty ? [] : [choice.living] + choice.pinned.map(\.count)
        )
        guard let result = mapper.run(graph, progress: options.progress) else { return nil }
        let quantised = inOrder.quantised
        var cores = cores(of: quantised, result)
        var tally = CoreTally(quantised, chip: chip, rates: inOrder.rates)
        for index in cores.indices {
            for slice in cores[index].slices {
                let population = quantised.canonical.onChip[slice.population]
                for neuron in slice.neurons {
                    cores[index].usage.add(tally.take(Int(neuron), in: population))
                }
            }
            tally.close(cores[index])
        }
        return Partitioning(quantised, cores, tally, choice: choice, rates: inOrder.rates)
    }

    private func cores(of quantised: QuantisedNetwork, _ result: Mapper.Result) -> [PartitionedCore]
    {
        var cores = [PartitionedCore](
            repeating: PartitionedCore(slices: [], usage: CoreUsage(), fullBy: nil),
            count: result.coreCount
        )
        var vertex = 0
        for (index, population) in quantised.populations.enumerated() {
            for neuron in population.lowered.gain.indices {
                let core = Int(result.core[vertex])
                vertex += 1
                if let last = cores[core].slices.indices.last,
                    cores[core].slices[last].population == index
                {
                    cores[core].slices[last].neurons.append(Int32(neuron))
                } else {
                    cores[core].slices.append(Slice(population: index, neurons: [Int32(neuron)]))
                }
            }
        }
        cores.removeAll { $0.slices.isEmpty }
        // The core with the lowest neuron first.
        return cores.sorted { one, other in
            guard let first = one.slices.first, let second = other.slices.first else {
                return false
            }
            return (first.population, first.neurons[0]) < (second.population, second.neurons[0])
        }
    }

    private func refuseIfTooManyCores(_ best: Partitioning) throws {
        let choice = best.choice
        let network = best.quantised.canonical.network.name
        guard best.cores.count <= choice.living else {
            guard best.cores.count > chip.mesh.coreCount else {
                throw CompilerError.tooFewLivingCores(
                    network: network,
                    needed: best.cores.count,
                    living: choice.living,
                    dead: choice.dead.count,
                    chip: chip.name
                )
            }
            throw tooManyCores(best.cores, network: network)
        }
        let labels = best.cores.map { choice.label(of: $0) }
        let order = Array(0..<chip.mesh.coreCount)
        guard let label = choice.places(for: labels, in: order).homeless, label > 0 else { return }
        throw CompilerError.pinnedCoresTooFew(
            populations: choice.populations[label - 1],
            needed: labels.count { $0 == label },
            cores: choice.pinned[label - 1].count,
            chip: chip.name
        )
    }

    private func tooManyRoutes(_ partitioning: Partitioning) -> CompilerError {
        let cores = partitioning.cores
        let worst = cores.indices.max { cores[$0].usage.axonsOut < cores[$1].usage.axonsOut } ?? 0
        let canonical = partitioning.quantised.canonical
        let population = canonical.onChip[cores[worst].slices.first?.population ?? 0]
        return .tooManyRoutes(
            population: canonical.network.populations[population].path,
            core: worst,
            needed: cores[worst].usage.axonsOut,
            limit: chip.core.axonsOut,
            chip: chip.name
        )
    }

    private func tooManyCores(_ cores: [PartitionedCore], network: String) -> CompilerError {
        // The limit that is nearest to binding on most cores.
        var full: [CoreResource: Int] = [:]
        for core in cores {
            let fullest = CoreResource.allCases.max {
                chip.share(of: $0, in: core.usage) < chip.share(of: $1, in: core.usage)
            }
            if let fullest, chip.share(of: fullest, in: core.usage) > 0.9 {
                full[core.fullBy ?? fullest, default: 0] += 1
            }
        }
        let binding = CoreResource.allCases.max { full[$0, default: 0] < full[$1, default: 0] }
        return .tooManyCores(
            network: network,
            needed: cores.count,
            limit: chip.mesh.coreCount,
            chip: chip.name,
            resource: binding ?? .neurons,
            coresFull: full[binding ?? .neurons, default: 0]
        )
    }
}

extension ChipSpec {
    /// Share of a limit that a core uses.
    fileprivate func share(of resource: CoreResource, in usage: CoreUsage) -> Double {
        Fill(used: usage.amount(of: resource), limit: limit(of: resource)).share
    }
}
