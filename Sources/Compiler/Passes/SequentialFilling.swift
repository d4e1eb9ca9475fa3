package import ChipSpec
import NetworkIR

/// Fills cores with neurons in the order of the network, each until the next neuron would break a
/// limit.
///
/// Populations that are pinned to the same cores of the chip are filled by themselves.
package struct SequentialFilling {
    private let quantised: QuantisedNetwork
    private let chip: ChipSpec
    private let neuronLimit: Int
    private let choice: CoreChoice
    private let rates: SenderRates?
    private static let rounds = 16

    /// Prepares to fill.
    ///
    /// - Parameters:
    ///   - quantised: The network.
    ///   - chip: The chip.
    ///   - neuronLimit: Most neurons of a core.
    ///   - choice: Which cores of the chip neurons may lie on.
    ///   - rates: Spikes of a run; nil if nobody asks for its packets.
    package init(
        _ quantised: QuantisedNetwork,
        chip: ChipSpec,
        neuronLimit: Int,
        choice: CoreChoice,
        rates: SenderRates? = nil
    ) {
        self.choice = choice
        self.rates = rates
        self.quantised = quantised
        self.chip = chip
        self.neuronLimit = neuronLimit
    }

    /// Fills as many cores as it takes.
    ///
    /// Routes out are known only when all targets have a core: cores with too many get fewer neurons,
    /// and the filling starts again.
    ///
    /// - Returns: Cores, in order, and their packets. Where no filling was found that keeps the limit of
    ///   routes out, a core breaks it.
    /// - Throws: `CompilerError.neuronTooLarge`.
    package func run() throws -> Partitioning {
        var fewer: [Int] = []
        for _ in 0..<Self.rounds {
            let filled = try fill(fewer)
            let cores = filled.cores
            let broken = cores.indices.filter { cores[$0].usage.axonsOut > chip.core.axonsOut }
            if broken.isEmpty { return filled }
            var next = cores.indices.map { $0 < fewer.count ? fewer[$0] : neuronLimit }
            for core in broken {
                let usage = cores[core].usage
                let share = usage.neurons * chip.core.axonsOut / usage.axonsOut
                next[core] = max(1, min(share, usage.neurons - 1))
            }
            if next == fewer { break }
            fewer = next
        }
        return try fill(fewer)
    }

    // `fewer` are lower limits of the first cores, set because of their routes out.
    private func fill(_ fewer: [Int]) throws -> Partitioning {
        var tally = CoreTally(quantised, chip: chip, rates: rates)
        var cores: [PartitionedCore] = []
        var open = PartitionedCore(slices: [], usage: CoreUsage(), fullBy: nil)
        let order = quantised.populations.indices.sorted {
            (choice.label[$0], $0) < (choice.label[$1], $1)
        }
        for index in order {
            let population = quantised.populations[index]
            if open.usage.neurons > 0, choice.label(of: open) != choice.label[index] {
                tally.close(open)
                cores.append(open)
                open = PartitionedCore(slices: [], usage: CoreUsage(), fullBy: nil)
            }
            let network = population.lowered.population
            for neuron in population.lowered.gain.indices {
                let limit = cores.count < fewer.count ? fewer[cores.count] : neuronLimit
                var need = tally.take(neuron, in: network)
                if let resource = brokenLimit(open.usage, need, limit) {
                    if open.usage.neurons > 0 {
                        tally.takeBack()
                        open.fullBy = resource
                        tally.close(open)
                        cores.append(open)
                        open = PartitionedCore(slices: [], usage: CoreUsage(), fullBy: nil)
                        need = tally.take(neuron, in: network)
                    }
                    try refuseIfTooLarge(neuron, population, need)
                }
                open.usage.add(need)
                if let last = open.slices.indices.last, open.slices[last].population == index {
                    open.slices[last].neurons.append(Int32(neuron))
                } else {
                    open.slices.append(Slice(population: index, neurons: [Int32(neuron)]))
                }
            }
        }
        if open.usage.neurons > 0 {
            tally.close(open)
            cores.append(open)
        }
        return Partitioning(quantised, cores, tally, choice: choice, rates: rates)
    }

    private func brokenLimit(
        _ usage: CoreUsage,
        _ need: CoreUsage,
        _ limit: Int
    ) -> CoreResource? {
        if usage.synapseBytes + need.synapseBytes > chip.core.synapseMemoryInBytes {
            return .synapseBytes
        }
        if usage.rules + need.rules > chip.limit(of: .rules) { return .rules }
        if usage.axonsIn + need.axonsIn > chip.core.axonsIn { return .axonsIn }
        if usage.neurons + need.neurons > limit {
            return limit < neuronLimit ? .axonsOut : .neurons
        }
        return nil
    }

    private func refuseIfTooLarge(
        _ neuron: Int,
        _ population: QuantisedPopulation,
        _ need: CoreUsage
    ) throws {
        for resource in [CoreResource.axonsIn, .synapseBytes, .rules]
        where need.amount(of: resource) > chip.limit(of: resource) {
            let path = quantised.canonical.network.populations[population.lowered.population].path
            throw CompilerError.neuronTooLarge(
                population: path,
                neuron: neuron,
                resource: resource,
                needed: need.amount(of: resource),
                limit: chip.limit(of: resource),
                chip: chip.name
            )
        }
    }
}

extension Partitioning {
    /// Gathers cores that a tally has closed one by one, and counts their routes out.
    ///
    /// - Parameters:
    ///   - quantised: The network.
    ///   - cores: Cores, with what they hold.
    ///   - tally: Their tally.
    ///   - choice: Which cores of the chip neurons may lie on.
    ///   - rates: Spikes of a run.
    init(
        _ quantised: QuantisedNetwork,
        _ cores: [PartitionedCore],
        _ tally: CoreTally,
        choice: CoreChoice,
        rates: SenderRates?
    ) {
        var cores = cores
        for core in cores.indices {
            cores[core].usage.axonsOut = tally.routes(of: cores[core], in: quantised)
        }
        self.init(
            quantised: quantised,
            cores: cores,
            packets: tally.packets,
            choice: choice,
            rates: rates,
            packetsOfRun: tally.packetsOfRun
        )
    }
}

extension CoreTally {
    /// Routes out of a core, once all cores are counted.
    ///
    /// - Parameters:
    ///   - core: The core.
    ///   - quantised: The network.
    /// - Returns: Their number.
    fileprivate func routes(of core: PartitionedCore, in quantised: QuantisedNetwork) -> Int {
        core.slices.reduce(0) { sum, slice in
            let population = quantised.canonical.onChip[slice.population]
            return slice.neurons.reduce(sum) { $0 + routes(of: Int($1), in: population) }
        }
    }
}
