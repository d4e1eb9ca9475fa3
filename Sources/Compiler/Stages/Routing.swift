package import ChipImage

/// A neuron or an input channel as a sender of spikes.
package struct Sender: Sendable, Hashable, Comparable {
    /// Index in `Network.populations`.
    package var population: Int
    /// Index within the population.
    package var neuron: Int
    /// Index of the kind of row that its axon holds; 0 where an axon holds rows of all kinds.
    package var kind = 0

    package static func < (a: Self, b: Self) -> Bool {
        (a.population, a.neuron, a.kind) < (b.population, b.neuron, b.kind)
    }
}

/// Which axon of which core each spike goes to.
package struct Routing: Sendable, Equatable {
    /// Where the cores are.
    package var placement: Placement
    /// Senders of each core of the partitioning: axon a listens to `axons[core][a]`, ascending.
    package var axons: [[Sender]]
    /// Routes of each sender, `[population][neuron]`, ascending by core.
    package var routes: [[[Route]]]
    /// Packets between cores, or from outside, if every neuron and every input channel spikes once.
    package var packets: Int
    /// Packets that then stay within the core of their sender.
    package var localPackets: Int
    /// Links these packets cross; inputs enter at tile 0.
    package var hops: Int
}
