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
        let filling = SequentialFilling(quantised, chip: chip, neuronLimit: limit)
        let inOrder = partitioning(of: quantised, try filling.cores())
        let isLegal = inOrder.cores.allSatisfy { $0.usage.axonsOut <= chip.core.axonsOut }
        var best = inOrder
        best.packetsInOrder = isLegal ? inOrder.packets : nil
        if inOrder.cores.count > 1, canMap(quantised),
            let cores = mapped(quantised, neuronLimit: limit)
        {
            var mapped = partitioning(of: quantised, cores)
            mapped.packetsInOrder = best.packetsInOrder
            if isBetter(mapped, than: inOrder) { best = mapped }
        }
        guard best.cores.allSatisfy({ $0.usage.axonsOut <= chip.core.axonsOut }) else {
            throw tooManyRoutes(best)
        }
        guard best.cores.count <= chip.mesh.coreCount else {
            throw tooManyCores(best.cores, network: quantised.canonical.network.name)
        }
        return best
    }

    /// Whether a mapping is taken in the place of cores filled in order.
    ///
    /// Where neither fits the chip, the one that needs fewer cores says what is missing.
    ///
    /// - Parameters:
    ///   - mapped: Cores grown and refined, within their limits.
    ///   - inOrder: Cores filled in order.
    /// - Returns: Whether it is.
    package func isBetter(_ mapped: Partitioning, than inOrder: Partitioning) -> Bool {
        let isLegal = inOrder.cores.allSatisfy { $0.usage.axonsOut <= chip.core.axonsOut }
        let fewerCores = mapped.cores.count < inOrder.cores.count
        guard isLegal, inOrder.cores.count <= chip.mesh.coreCount else {
            return !isLegal || fewerCores
        }
        return mapped.cores.count <= chip.mesh.coreCount
            && (mapped.packets < inOrder.packets
                || mapped.packets == inOrder.packets && fewerCores)
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
        _ quantised: QuantisedNetwork,
        neuronLimit: Int
    ) -> [PartitionedCore]? {
        let mapper = Mapper(
            limits: CoreLimits(
                neurons: neuronLimit,
                bytes: chip.core.synapseMemoryInBytes,
                axons: chip.core.axonsIn,
                routes: chip.core.axonsOut
            ),
            seed: options.seed,
            effort: options.effort
        )
        guard let graph = MappingGraph(quantised, chip: chip),
            let result = mapper.run(graph, progress: options.progress)
        else { return nil }
        return cores(of: quantised, result)
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

    /// Counts what cores hold, and packets.
    private func partitioning(
        of quantised: QuantisedNetwork,
        _ cores: [PartitionedCore]
    ) -> Partitioning {
        var cores = cores
        var tally = CoreTally(quantised, chip: chip)
        var packets = 0
        for index in cores.indices {
            if index > 0 { tally.nextCore() }
            var usage = CoreUsage()
            for slice in cores[index].slices {
                let population = quantised.canonical.onChip[slice.population]
                for neuron in slice.neurons { usage.add(tally.take(Int(neuron), in: population)) }
            }
            packets += usage.axonsIn
            for slice in cores[index].slices {
                let population = quantised.canonical.onChip[slice.population]
                for neuron in slice.neurons {
                    packets -= tally.localAxons(of: Int(neuron), in: population)
                }
            }
            cores[index].usage = usage
        }
        for index in cores.indices {
            cores[index].usage.axonsOut = tally.routes(of: cores[index], in: quantised)
        }
        return Partitioning(quantised: quantised, cores: cores, packets: packets)
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
