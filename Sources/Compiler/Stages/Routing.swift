package import ChipImage

/// Which axon of which core each spike goes to.
package struct Routing: Sendable, Equatable {
    /// Where the cores are.
    package var placement: Placement
    /// Routes of each neuron, one table a population of the network; routes ascend by core.
    package var routes: [RouteTable]
    /// Packets between cores, or from outside, if every neuron and every input channel spikes once.
    package var packets: Int
    /// Packets that then stay within the core of their sender.
    package var localPackets: Int
    /// Links these packets cross; inputs enter at tile 0.
    package var hops: Int
    /// Links that the packets of the run cross which weighed them; nil without rates.
    package var hopsOfRun: Int?

    /// What axons listen to.
    package var sources: AxonSources { placement.sources }
    /// Axon a of core c of the partitioning listens to number `axons[c][a]` of `sources`, ascending.
    package var axons: [[Int32]] { placement.axons }
}
