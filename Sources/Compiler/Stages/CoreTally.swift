import ChipImage
package import ChipSpec
import NetworkIR

/// Counts what cores spend, one core after the other.
///
/// Axons and rows of a core are told apart from those of the core before by stamps, so a tally of all
/// cores takes time linear in the synapses.
package struct CoreTally {
    private let quantised: QuantisedNetwork
    private let synapse: SynapseSpec
    private let rates: SenderRates?
    /// What axons listen to.
    package let sources: AxonSources
    /// Core that last listened to a number of `sources`; −1 for none.
    private var listening: [Int32]
    /// Core that last had a row of a kind from a neuron, `[firstRow[kind] + neuron]`.
    private var rows: [Int32]
    private let firstRow: [Int]
    /// Core that last ran a rule.
    private var ruleCore: [Int32]
    /// Core that last held a filter, `[firstFilter[projection] + filter]`.
    private var filterCore: [Int32]
    private let firstFilter: [Int]
    /// Cores that listen to each number.
    package private(set) var reach: [Int32]
    private var open: Int32 = 0
    /// Packets that leave their core if every sender spikes once, of the cores that are closed.
    package private(set) var packets = 0
    /// Spikes of the run to axons of the sender's own core.
    private var localSpikes = 0
    /// What the last neuron brought to the open core.
    private var last = (axons: [Int](), rows: [Int](), rules: [Int](), filters: [Int]())

    /// Prepares to count.
    ///
    /// - Parameters:
    ///   - quantised: The network.
    ///   - chip: The chip.
    ///   - rates: Spikes of a run; nil if nobody asks for its packets.
    package init(_ quantised: QuantisedNetwork, chip: ChipSpec, rates: SenderRates? = nil) {
        self.quantised = quantised
        self.rates = rates
        synapse = chip.synapse
        sources = AxonSources(quantised)
        listening = [Int32](repeating: -1, count: sources.count)
        reach = [Int32](repeating: 0, count: sources.count)
        var first: [Int] = []
        var count = 0
        for kind in sources.kinds {
            first.append(count)
            count += quantised.canonical.network.populations[kind.source].count
        }
        firstRow = first
        rows = [Int32](repeating: -1, count: count)
        ruleCore = [Int32](repeating: -1, count: quantised.canonical.network.rules.count)
        var filters = 0
        firstFilter = quantised.projections.map { projection in
            defer { filters += projection.sharedKernels?.filters ?? 0 }
            return filters
        }
        filterCore = [Int32](repeating: -1, count: filters)
    }

    /// Counts the packets of the open core, and begins the next one.
    ///
    /// - Parameter core: What was taken onto the open core.
    package mutating func close(_ core: PartitionedCore) {
        packets += core.usage.axonsIn
        for slice in core.slices {
            let population = quantised.canonical.onChip[slice.population]
            for neuron in slice.neurons {
                let local = localAxons(of: Int(neuron), in: population)
                packets -= local
                if local > 0, let rates {
                    localSpikes &+= local &* Int(rates.spikes[population][Int(neuron)])
                }
            }
        }
        open += 1
    }

    /// Packets of the run that leave their core, once all cores are closed; nil without rates.
    package var packetsOfRun: Int? {
        rates.map { rates in
            var sent = -localSpikes
            for (population, spikes) in rates.spikes.enumerated() {
                for (neuron, count) in spikes.enumerated() where count > 0 {
                    sent &+= Int(count) &* routes(of: neuron, in: population)
                }
            }
            return sent
        }
    }

    /// Puts a neuron on the open core.
    ///
    /// - Parameters:
    ///   - neuron: Index within the population.
    ///   - population: Index in `Network.populations`.
    /// - Returns: What it adds, routes out not counted.
    @discardableResult
    package mutating func take(_ neuron: Int, in population: Int) -> CoreUsage {
        last.axons.removeAll(keepingCapacity: true)
        last.rows.removeAll(keepingCapacity: true)
        last.rules.removeAll(keepingCapacity: true)
        last.filters.removeAll(keepingCapacity: true)
        var need = CoreUsage(neurons: 1)
        let network = quantised.canonical.network
        quantised.forEachSynapse(of: neuron, in: population) { projection, plane, source, _ in
            need.synapses += 1
            if quantised.projections[projection].isShared { need.sharedSynapses += 1 }
            if let rule = quantised.projections[projection].rule {
                need.plasticSynapses += 1
                if ruleCore[rule] != open {
                    ruleCore[rule] = open
                    need.rules += 1
                    last.rules.append(rule)
                }
            }
            let kind = sources.kindsOfProjection[projection][plane]
            let row = firstRow[kind] + source
            // A known row lies on a known axon.
            if rows[row] == open { return }
            rows[row] = open
            need.rows += 1
            last.rows.append(row)
            let from = network.projections[projection].source
            let number = sources.number(of: source, in: from, kind: kind)
            if listening[number] == open { return }
            listening[number] = open
            reach[number] += 1
            need.axonsIn += 1
            last.axons.append(number)
        }
        takeFilters(neuron, in: population, &need)
        need.synapseBytes = synapse.bytes(
            synapses: need.synapses,
            plastic: need.plasticSynapses,
            rows: need.rows,
            shared: need.sharedSynapses,
            kernelWeights: need.kernelWeights
        )
        return need
    }

    /// Adds the filters of a neuron that the open core does not hold.
    private mutating func takeFilters(_ neuron: Int, in population: Int, _ need: inout CoreUsage) {
        for (projection, filter) in quantised.filters(of: neuron, in: population) {
            let place = firstFilter[projection] + filter
            if filterCore[place] == open { continue }
            filterCore[place] = open
            last.filters.append(place)
            need.kernelWeights +=
                quantised.projections[projection].sharedKernels?.weightsPerFilter ?? 0
        }
    }

    /// Axons of the open core that listen to a neuron.
    ///
    /// - Parameters:
    ///   - neuron: Index within the population.
    ///   - population: Index in `Network.populations`.
    /// - Returns: Their number.
    private func localAxons(of neuron: Int, in population: Int) -> Int {
        sources.numbers(of: neuron, in: population).reduce(0) {
            $0 + (listening[$1] == open ? 1 : 0)
        }
    }

    /// Takes the last neuron back.
    package mutating func takeBack() {
        for number in last.axons {
            listening[number] = -1
            reach[number] -= 1
        }
        for row in last.rows { rows[row] = -1 }
        for rule in last.rules { ruleCore[rule] = -1 }
        for place in last.filters { filterCore[place] = -1 }
    }

    /// Routes out of a neuron, once all cores are counted.
    ///
    /// - Parameters:
    ///   - neuron: Index within the population.
    ///   - population: Index in `Network.populations`.
    /// - Returns: Cores, or axons of cores, that its spikes go to.
    package func routes(of neuron: Int, in population: Int) -> Int {
        sources.numbers(of: neuron, in: population).reduce(0) { $0 + Int(reach[$1]) }
    }
}

extension CoreUsage {
    /// Adds what a neuron needs.
    ///
    /// - Parameter need: What it needs.
    package mutating func add(_ need: CoreUsage) {
        neurons += need.neurons
        axonsIn += need.axonsIn
        rows += need.rows
        synapses += need.synapses
        plasticSynapses += need.plasticSynapses
        sharedSynapses += need.sharedSynapses
        kernelWeights += need.kernelWeights
        rules += need.rules
        synapseBytes += need.synapseBytes
    }
}
