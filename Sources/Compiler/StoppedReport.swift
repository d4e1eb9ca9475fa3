import ChipSpec
import NetworkIR

/// What is known when a compilation stops after one of its passes.
public struct StoppedReport: Sendable, Equatable, Codable {
    /// Name of the network.
    public var network: String
    /// Name of the chip.
    public var chip: String
    /// The last pass that ran.
    public var stoppedAfter: CompilerPass
    /// Length of a step in the unit of the file's time constants.
    public var timeStep: Double
    /// What a spike does to v: `zero` or `subtract`.
    public var reset: String
    /// When a neuron spikes: `>` or `>=`.
    public var threshold: String
    /// Neurons on the chip.
    public var neurons: Int
    /// Populations on the chip; from `quantise` on.
    public var populations: [PopulationReport]?
    /// Projections; from `quantise` on.
    public var projections: [ProjectionReport]?
    /// Author's parameters against registers; from `quantise` on.
    public var parameters: [ParameterReport]?
    /// Cores in use; from `partition` on.
    public var cores: Int?
    /// Packets if every neuron and every input channel spikes once; from `partition` on.
    public var packets: Int?
    /// The same if neurons filled the cores in the order of the network.
    public var packetsInOrder: Int?
    /// Fewest packets that any mapping sends; from `quantise` on.
    public var leastPackets: Int?
    /// Packets that stay within the core of their sender; from `route` on.
    public var localPackets: Int?
    /// Links that packets cross; from `route` on.
    public var hops: Int?
    /// Links that packets cross at least, wherever these cores are placed; from `route` on.
    public var leastHops: Int?
    /// Statistics of the passes that ran.
    public var passes: [PassReport]
    /// What the user should know.
    public var notes: [String]

    init(
        _ canonical: CanonicalNetwork,
        chip: ChipSpec,
        after pass: CompilerPass,
        passes: [PassReport],
        notes: [String]
    ) {
        network = canonical.network.name
        self.chip = chip.name
        stoppedAfter = pass
        timeStep = canonical.network.timeStep
        reset = canonical.network.reset.rawValue
        threshold = canonical.network.threshold.rawValue
        neurons = canonical.onChip.reduce(0) { $0 + canonical.network.populations[$1].count }
        self.passes = passes
        self.notes = notes
    }

    /// Adds what the quantised network tells.
    mutating func note(_ quantised: QuantisedNetwork, chip: ChipSpec) {
        populations = quantised.populations.map { PopulationReport($0, of: quantised) }
        projections = quantised.projections.indices.map { ProjectionReport($0, of: quantised) }
        parameters = ParameterReport.all(of: quantised, chip: chip)
        leastPackets = quantised.leastPackets(neuronsOfCore: chip.core.neurons)
    }

    /// Adds what the split over cores tells.
    mutating func note(_ partitioning: Partitioning) {
        cores = partitioning.cores.count
        packets = partitioning.packets
        packetsInOrder = partitioning.packetsInOrder
    }

    /// Adds what the routes tell.
    mutating func note(_ routing: Routing, chip: ChipSpec) {
        leastHops = routing.leastHops(on: chip)
        localPackets = routing.localPackets
        hops = routing.hops
    }
}

extension QuantisedNetwork {
    /// Fewest packets between cores, or from outside, that any mapping needs if all senders spike once.
    ///
    /// The targets of a sender lie on at least as many cores as they fill; one of these may be a
    /// neuron's own.
    ///
    /// - Parameter limit: Neurons that a core holds.
    /// - Returns: A number that no mapping goes below.
    package func leastPackets(neuronsOfCore limit: Int) -> Int {
        let network = canonical.network
        let limit = max(limit, 1)
        var least = 0
        for source in network.populations.indices {
            var total = [Int](repeating: 0, count: network.populations[source].count)
            let outgoing = network.projections.indices.filter {
                network.projections[$0].source == source
            }
            for target in Set(outgoing.map { network.projections[$0].target }) {
                // Two projections may share a target: the larger one counts.
                var most = [Int](repeating: 0, count: total.count)
                for index in outgoing where network.projections[index].target == target {
                    let fanOut = fanOut(ofProjection: index, sources: total.count)
                    for neuron in most.indices { most[neuron] = max(most[neuron], fanOut[neuron]) }
                }
                for neuron in total.indices { total[neuron] += most[neuron] }
            }
            let own = network.populations[source].isInput ? 0 : limit
            for targets in total { least += (max(targets - own, 0) + limit - 1) / limit }
        }
        return least
    }

    private func fanOut(ofProjection index: Int, sources: Int) -> [Int] {
        let table = projections[index]
        var fanOut = [Int](repeating: 0, count: sources)
        for target
            in 0..<canonical.network.populations[canonical.network.projections[index].target].count
        {
            for k in table.layout.indices(of: target) where table.isSynapse(k) {
                fanOut[table.layout.source(of: k, target: target)] += 1
            }
        }
        return fanOut
    }
}
