public import Events

/// Compares two streams of spikes, step by step: recorded against emulated.
///
/// Spikes are compared as multisets of (step, neuron). Memory does not grow with the run.
public struct SpikeComparison: Sendable, Equatable {
    /// Which stream holds a spike that the other lacks.
    public enum Side: String, Sendable, Codable {
        /// Recorded, but not emulated.
        case recorded
        /// Emulated, but not recorded.
        case emulated
    }

    /// A spike that one stream holds and the other lacks.
    public struct Difference: Sendable, Equatable {
        /// The spike.
        public var spike: Spike
        /// The stream that holds it.
        public var side: Side
    }

    /// Counts of one population.
    public struct PopulationCounts: Sendable, Equatable {
        /// Path of the population.
        public var path: String
        /// Recorded spikes.
        public var recorded: UInt64 = 0
        /// Emulated spikes.
        public var emulated: UInt64 = 0
        /// Recorded spikes that were not emulated.
        public var missing: UInt64 = 0
        /// Emulated spikes that were not recorded.
        public var extra: UInt64 = 0
    }

    /// The first difference in canonical order; nil if there is none so far.
    public private(set) var firstDifference: Difference?
    /// Counts of each population.
    public private(set) var populations: [PopulationCounts]
    /// Recorded spikes of places that hold no neuron: they can only be missing.
    public private(set) var unplaced: UInt64 = 0

    /// Starts a comparison.
    ///
    /// - Parameter populations: Paths of the populations, in the order of their indices.
    public init(populations: [String]) {
        self.populations = populations.map { PopulationCounts(path: $0) }
    }

    /// Whether no spike differs so far.
    public var isEqual: Bool { firstDifference == nil }

    /// Spikes that one stream holds and the other lacks.
    public var differences: UInt64 {
        populations.reduce(unplaced) { $0 + $1.missing + $1.extra }
    }

    /// Compares the spikes of one step.
    ///
    /// - Parameters:
    ///   - recorded: Recorded spikes, canonical order.
    ///   - emulated: Emulated spikes of the same step, canonical order.
    ///   - population: Index of the population at an address, or nil if no neuron is there.
    public mutating func compare(
        recorded: ArraySlice<Spike>,
        emulated: ArraySlice<Spike>,
        population: (NeuronAddress) -> Int?
    ) {
        var recorded = recorded
        var emulated = emulated
        while true {
            switch (recorded.first, emulated.first) {
            case (nil, nil):
                return
            case (let left?, let right?) where left == right:
                recorded.removeFirst()
                emulated.removeFirst()
                if let index = population(left.address) {
                    populations[index].recorded += 1
                    populations[index].emulated += 1
                }
            case (let left?, let right) where right.map({ left < $0 }) ?? true:
                recorded.removeFirst()
                note(left, .recorded, population(left.address))
            case (_, let right?):
                emulated.removeFirst()
                note(right, .emulated, population(right.address))
            default:
                return
            }
        }
    }

    private mutating func note(_ spike: Spike, _ side: Side, _ population: Int?) {
        if firstDifference == nil { firstDifference = Difference(spike: spike, side: side) }
        guard let population else {
            unplaced += 1
            return
        }
        switch side {
        case .recorded:
            populations[population].recorded += 1
            populations[population].missing += 1
        case .emulated:
            populations[population].emulated += 1
            populations[population].extra += 1
        }
    }
}
