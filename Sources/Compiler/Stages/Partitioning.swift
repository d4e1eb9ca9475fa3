/// Neurons of one population that share a core.
package struct Slice: Sendable, Equatable {
    /// Index in `CanonicalNetwork.onChip`.
    package var population: Int
    /// Neurons of the population, ascending.
    package var neurons: [Int32]
}

/// What a core is filled with.
package struct CoreUsage: Sendable, Equatable {
    /// Neurons.
    package var neurons = 0
    /// Axons in.
    package var axonsIn = 0
    /// Rows.
    package var rows = 0
    /// Synapses.
    package var synapses = 0
    /// Those of them that are plastic.
    package var plasticSynapses = 0
    /// Those of them that follow from kernels, and take no memory of their own.
    package var sharedSynapses = 0
    /// Weights of the kernels that the core holds.
    package var kernelWeights = 0
    /// Learning rules.
    package var rules = 0
    /// Bytes of synapse memory.
    package var synapseBytes = 0
    /// Routes out.
    package var axonsOut = 0
}

/// A core to be, without a place on the chip.
package struct PartitionedCore: Sendable, Equatable {
    /// Ascending by population; slots are numbered in this order.
    package var slices: [Slice]
    /// What it is filled with.
    package var usage: CoreUsage
    /// Limit that closed it; nil for the last one.
    package var fullBy: CoreResource?
}

/// A network split over cores.
package struct Partitioning: Sendable, Equatable {
    /// What was split.
    package var quantised: QuantisedNetwork
    /// Cores, in the order they were filled.
    package var cores: [PartitionedCore]
    /// Packets between cores, or from outside, if every neuron and every input channel spikes once.
    package var packets: Int
    /// The same if neurons fill the cores in the order of the network; nil if that breaks a limit.
    package var packetsInOrder: Int?
    /// Which cores of the chip neurons may lie on.
    package var choice: CoreChoice
    /// Spikes of a run, by which packets are weighed; nil if all count the same.
    package var rates: SenderRates?
    /// Packets that this run would send; nil without rates.
    package var packetsOfRun: Int?
    /// Those of the mapping that does not know the rates.
    package var packetsOfRunUnweighted: Int?
    /// Those of cores filled in the order of the network; nil if that breaks a limit.
    package var packetsOfRunInOrder: Int?

    /// What is to be small: packets of the run, or of one spike of each sender.
    package var cost: Int { packetsOfRun ?? packets }
}

/// Cores with their places on the mesh.
package struct Placement: Sendable, Equatable {
    /// What was placed.
    package var partitioning: Partitioning
    /// Physical core of each core of the partitioning.
    package var physicalCore: [Int]
    /// Numbers of senders.
    package var sources: AxonSources
    /// Axon a of core c of the partitioning listens to number `axons[c][a]` of `sources`, ascending.
    package var axons: [[Int32]]
}
