public import Events

/// Compares two streams of spikes, for example a recording and its replay, as multisets of
/// (step, core, neuron).
///
/// The streams are fed side by side in windows of time; nothing of a window is kept but its counts.
/// Clock ticks are not compared.
public struct SpikeComparison: Sendable {
    /// One side of the comparison.
    public enum Side: String, Sendable, Codable {
        /// The stream taken as given.
        case recorded
        /// The stream that is put to the test.
        case emulated
    }

    /// A spike that only one side has.
    public struct Difference: Sendable, Hashable, Codable {
        /// Time step.
        public var step: UInt64
        /// Core, physical or virtual.
        public var core: UInt32
        /// Slot within the core.
        public var neuron: UInt32
        /// The side that has the spike, once more often than the other.
        public var side: Side

        /// Names a difference.
        ///
        /// - Parameters:
        ///   - spike: The spike.
        ///   - side: The side that has it.
        public init(_ spike: Spike, onlyIn side: Side) {
            step = spike.step
            core = spike.core
            neuron = spike.neuron
            self.side = side
        }
    }

    /// Spikes of a population on both sides.
    public struct Counts: Sendable, Hashable, Codable {
        /// Spikes recorded.
        public var recorded = 0
        /// Spikes emulated.
        public var emulated = 0
        /// Recorded spikes that were not emulated.
        public var missing = 0
        /// Emulated spikes that were not recorded.
        public var extra = 0

        /// No spikes.
        public init() {}

        /// Adds the counts of another population.
        ///
        /// - Parameters:
        ///   - a: Counts to add to.
        ///   - b: Counts to add.
        public static func += (a: inout Self, b: Self) {
            a.recorded += b.recorded
            a.emulated += b.emulated
            a.missing += b.missing
            a.extra += b.extra
        }
    }

    private let populationOf: @Sendable (NeuronAddress) -> Int?
    /// Counts by population.
    public private(set) var populations: [Counts]
    /// Counts of spikes that belong to no population.
    public private(set) var others = Counts()
    /// The first difference in canonical order; nil as long as both sides are equal.
    public private(set) var firstDifference: Difference?

    /// Starts a comparison.
    ///
    /// - Parameters:
    ///   - populationCount: Number of populations to count by.
    ///   - populationOf: Index of the population of an address; nil, or an index that is out of
    ///     range, counts under `others`.
    public init(
        populationCount: Int = 0,
        populationOf: @escaping @Sendable (NeuronAddress) -> Int? = { _ in nil }
    ) {
        self.populationOf = populationOf
        populations = Array(repeating: Counts(), count: populationCount)
    }

    /// Whether no difference has been found.
    public var isEqual: Bool { firstDifference == nil }

    /// Counts of all spikes.
    public var total: Counts {
        var sum = others
        for counts in populations { sum += counts }
        return sum
    }

    /// Number of spikes that only one side has.
    public var differenceCount: Int { total.missing + total.extra }

    /// Compares all spikes of a window of time.
    ///
    /// Windows follow each other in time; both sides give all their spikes of it, for example of one
    /// step.
    ///
    /// - Parameters:
    ///   - recorded: Spikes in order of (step, core, neuron).
    ///   - emulated: Likewise.
    public mutating func append(
        recorded: some RandomAccessCollection<Spike>,
        emulated: some RandomAccessCollection<Spike>
    ) {
        var (a, b) = (recorded.startIndex, emulated.startIndex)
        while a < recorded.endIndex || b < emulated.endIndex {
            let left = a < recorded.endIndex ? recorded[a] : nil
            let right = b < emulated.endIndex ? emulated[b] : nil
            let order = Self.order(left, right)
            if order <= 0 { recorded.formIndex(after: &a) }
            if order >= 0 { emulated.formIndex(after: &b) }
            guard let spike = order <= 0 ? left : right else { return }
            count(spike, order)
        }
    }

    /// Compares two whole streams.
    ///
    /// - Parameters:
    ///   - recorded: Spikes in order of (step, core, neuron).
    ///   - emulated: Likewise.
    ///   - populationCount: Number of populations to count by.
    ///   - populationOf: Index of the population of an address.
    /// - Returns: The finished comparison.
    public static func of(
        recorded: [Spike],
        emulated: [Spike],
        populationCount: Int = 0,
        populationOf: @escaping @Sendable (NeuronAddress) -> Int? = { _ in nil }
    ) -> SpikeComparison {
        var comparison = SpikeComparison(
            populationCount: populationCount,
            populationOf: populationOf
        )
        comparison.append(recorded: recorded, emulated: emulated)
        return comparison
    }

    /// −1 if the left spike comes first or is alone, 0 if both are the same, else 1.
    private static func order(_ left: Spike?, _ right: Spike?) -> Int {
        guard let left else { return 1 }
        guard let right else { return -1 }
        let a = (left.step, left.core, left.neuron)
        let b = (right.step, right.core, right.neuron)
        return a == b ? 0 : a < b ? -1 : 1
    }

    private mutating func count(_ spike: Spike, _ order: Int) {
        var counts = Counts()
        counts.recorded = order <= 0 ? 1 : 0
        counts.emulated = order >= 0 ? 1 : 0
        counts.missing = order < 0 ? 1 : 0
        counts.extra = order > 0 ? 1 : 0
        if let index = populationOf(spike.address), populations.indices.contains(index) {
            populations[index] += counts
        } else {
            others += counts
        }
        if order != 0 && firstDifference == nil {
            firstDifference = Difference(spike, onlyIn: order < 0 ? .recorded : .emulated)
        }
    }
}
