public import Events

/// Counts and rates of a stream of spikes, by population.
public struct SpikeStatistics: Sendable {
    /// What is known of a population.
    public struct Population: Sendable, Hashable {
        /// Number of its neurons.
        public var neurons: Int
        /// Number of its spikes.
        public var spikes = 0

        /// Spikes a neuron; 0 without neurons.
        public var spikesPerNeuron: Double { neurons > 0 ? Double(spikes) / Double(neurons) : 0 }
    }

    private let populationOf: @Sendable (NeuronAddress) -> Int?
    /// Counts by population.
    public private(set) var populations: [Population]
    /// Spikes that belong to no population.
    public private(set) var otherSpikes = 0
    /// Addresses that have spiked.
    public private(set) var activeNeurons: Set<NeuronAddress> = []
    /// Steps of the first and of the last spike; nil without spikes.
    public private(set) var steps: ClosedRange<UInt64>?

    /// Starts counting.
    ///
    /// - Parameters:
    ///   - neuronCounts: Number of neurons of each population.
    ///   - populationOf: Index of the population of an address; nil, or an index that is out of
    ///     range, counts under `otherSpikes`.
    public init(
        neuronCounts: [Int],
        populationOf: @escaping @Sendable (NeuronAddress) -> Int?
    ) {
        self.populationOf = populationOf
        populations = neuronCounts.map { Population(neurons: $0) }
    }

    /// Counts spikes.
    ///
    /// - Parameter spikes: In any order.
    public mutating func append(_ spikes: some Sequence<Spike>) {
        for spike in spikes {
            if let index = populationOf(spike.address), populations.indices.contains(index) {
                populations[index].spikes += 1
            } else {
                otherSpikes += 1
            }
            activeNeurons.insert(spike.address)
            let (low, high) = (steps?.lowerBound, steps?.upperBound)
            steps = min(low ?? spike.step, spike.step)...max(high ?? spike.step, spike.step)
        }
    }

    /// Number of all spikes.
    public var spikeCount: Int { populations.reduce(otherSpikes) { $0 + $1.spikes } }

    /// Neurons of a population that have spiked.
    ///
    /// - Parameter population: Its index.
    /// - Returns: Their number.
    public func activeNeuronCount(of population: Int) -> Int {
        activeNeurons.count { populationOf($0) == population }
    }

    /// Mean rate of the neurons of a population.
    ///
    /// - Parameters:
    ///   - population: Its index.
    ///   - stepCount: Length of the recording in steps, which the spikes do not tell.
    ///   - timeBase: Length of a step.
    /// - Returns: Spikes a neuron and second; 0 without neurons or steps.
    public func meanRate(
        of population: Int,
        stepCount: UInt64,
        timeBase: TimeBase
    ) -> Double {
        guard stepCount > 0 else { return 0 }
        return populations[population].spikesPerNeuron / (Double(stepCount) * timeBase.seconds)
    }
}
