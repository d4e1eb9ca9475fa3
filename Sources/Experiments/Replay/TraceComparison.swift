public import Analysis
import Events
public import Report
public import SpikeTrace

/// Compares the spikes of two recordings, wherever they come from.
///
/// Channels are matched by core, inputs among them; names come from the labels of the first recording.
public struct TraceComparison: Sendable {
    /// One channel of both recordings.
    public struct Channel: Sendable {
        /// Name: label of the populations of the core, or of the input.
        public var label: String
        /// Core, physical or virtual.
        public var core: UInt32
        /// Neurons that spike on either side.
        public var neurons = 0
        /// Spikes: those of the first recording are `recorded`, those of the second `emulated`.
        public var counts = SpikeComparison.Counts()
        /// Mean distances over the neurons that spike on either side; nil if none does, or if the
        /// recordings are too long.
        public var distances: TrainDistances?
    }

    /// Most spikes of both recordings of which distances are worked out.
    private static let mostSpikes = 1 << 26

    /// Channels in the order of their cores.
    public private(set) var channels: [Channel] = []
    /// The first spike that only one recording has; `recorded` means the first.
    public let firstDifference: SpikeComparison.Difference?
    /// Spikes that only one recording has.
    public let differenceCount: Int
    /// Whether both recordings have the same length of a step.
    public let isSameTimeBase: Bool
    /// Facts of the run that are not the same, by name.
    public let facts: [(name: String, first: String?, second: String?)]

    /// Whether all spikes are the same, and a step is as long.
    public var isEqual: Bool { differenceCount == 0 && isSameTimeBase }

    /// Compares two recordings.
    ///
    /// - Parameters:
    ///   - first: One recording.
    ///   - second: The other.
    ///   - settings: Time constants of distances, in steps.
    /// - Throws: What reading throws.
    public init(
        _ first: SpikeTraceReader,
        _ second: SpikeTraceReader,
        settings: TrainDistances.Settings = .init()
    ) throws {
        let known = first.info.channels + second.info.channels
        var labels: [UInt32: String] = [:]
        for channel in known where labels[channel.core] == nil {
            labels[channel.core] = channel.label.isEmpty ? channel.topic : channel.label
        }
        let cores = labels.keys.sorted()
        var numbers: [UInt32: Int] = [:]
        for (number, core) in cores.enumerated() { numbers[core] = number }
        let places = numbers
        var comparison = SpikeComparison(populationCount: cores.count) { places[$0.core] }
        var trains: [NeuronAddress: (a: [Double], b: [Double])] = [:]
        var kept = 0
        var last: UInt64 = 0
        try Self.forEachStep(first, second) { step, a, b in
            comparison.append(recorded: a, emulated: b)
            last = step
            kept += a.count + b.count
            guard kept <= Self.mostSpikes else { return }
            for spike in a { trains[spike.address, default: ([], [])].a.append(Double(step)) }
            for spike in b { trains[spike.address, default: ([], [])].b.append(Double(step)) }
        }
        var distances: [Int: [TrainDistances]] = [:]
        let window = 0...Double(last + 1)
        for (address, pair) in trains.sorted(by: { $0.key < $1.key }) where kept <= Self.mostSpikes
        {
            distances[places[address.core] ?? 0, default: []].append(
                TrainDistances(
                    SpikeTrain(pair.a, in: window),
                    SpikeTrain(pair.b, in: window),
                    settings: settings
                )
            )
        }
        channels = cores.enumerated().map { number, core in
            var channel = Channel(label: labels[core] ?? "", core: core)
            channel.counts = comparison.populations[number]
            channel.neurons = distances[number]?.count ?? 0
            channel.distances = TrainDistances.mean(of: distances[number] ?? [])
            return channel
        }
        firstDifference = comparison.firstDifference
        differenceCount = comparison.differenceCount
        isSameTimeBase = first.info.timeBase == second.info.timeBase
        let names = Set(first.info.metadata.keys).union(second.info.metadata.keys).sorted()
        facts = names.compactMap { name in
            let (a, b) = (first.info.metadata[name], second.info.metadata[name])
            return a == b ? nil : (name, a, b)
        }
    }

    /// Calls a body for each step in which either recording has a spike.
    private static func forEachStep(
        _ first: SpikeTraceReader,
        _ second: SpikeTraceReader,
        _ body: (UInt64, ArraySlice<Spike>, ArraySlice<Spike>) -> Void
    ) throws {
        var (left, right) = (StepReader(first), StepReader(second))
        while true {
            let (a, b) = (try left.nextStep(), try right.nextStep())
            guard let step = [a, b].compactMap(\.self).min() else { return }
            body(step, try left.take(step), try right.take(step))
        }
    }

    /// Walks through a recording from step to step with spikes.
    private struct StepReader {
        private var cursor: SpikeCursor
        private var ahead: ArraySlice<Spike> = []

        init(_ reader: SpikeTraceReader) { cursor = reader.spikes() }

        /// The next step with a spike; nil at the end.
        mutating func nextStep() throws -> UInt64? {
            if ahead.isEmpty, let more = try cursor.next() { ahead = more[...] }
            return ahead.first?.step
        }

        /// Takes the spikes of a step.
        mutating func take(_ step: UInt64) throws -> ArraySlice<Spike> {
            var found: ArraySlice<Spike> = []
            // The rest of a step may be in the next chunk.
            while try nextStep() == step {
                let end = ahead.firstIndex { $0.step > step } ?? ahead.endIndex
                found += ahead[..<end]
                ahead = ahead[end...]
            }
            return found
        }
    }
}

extension TraceComparison {
    /// The comparison as JSON, schema `spikeloom.tracediff/1`.
    public var json: JSONValue {
        let first = firstDifference.map { difference -> JSONValue in
            [
                "step": .unsigned(difference.step),
                "core": .integer(Int(difference.core)),
                "neuron": .integer(Int(difference.neuron)),
                "in": .string(difference.side == .recorded ? "first" : "second"),
            ]
        }
        return [
            "schema": "spikeloom.tracediff/1",
            "equal": .boolean(isEqual),
            "sameTimeBase": .boolean(isSameTimeBase),
            "differences": .integer(differenceCount),
            "firstDifference": first ?? .null,
            "facts": .array(
                facts.map {
                    [
                        "name": .string($0.name), "first": .optional($0.first),
                        "second": .optional($0.second),
                    ]
                }
            ),
            "channels": .array(
                channels.map { channel in
                    [
                        "label": .string(channel.label),
                        "core": .integer(Int(channel.core)),
                        "activeNeurons": .integer(channel.neurons),
                        "first": .integer(channel.counts.recorded),
                        "second": .integer(channel.counts.emulated),
                        "onlyFirst": .integer(channel.counts.missing),
                        "onlySecond": .integer(channel.counts.extra),
                        "distances": channel.distances.map(\.json) ?? .null,
                    ]
                }
            ),
        ]
    }

    /// The comparison for a terminal.
    ///
    /// - Parameters:
    ///   - first: Name of the first recording.
    ///   - second: Name of the second.
    /// - Returns: Some lines.
    public func text(_ first: String, _ second: String) -> String {
        var lines: [String] = []
        if let difference = firstDifference {
            let side = difference.side == .recorded ? first : second
            lines.append(
                "\(first) and \(second): \(Format.count(differenceCount)) differences; the first at "
                    + "step \(difference.step), core \(difference.core), neuron \(difference.neuron): "
                    + "only in \(side)"
            )
        } else {
            lines.append("\(first) and \(second): equal spikes")
        }
        if !isSameTimeBase { lines.append("note: their steps are not of the same length.") }
        for fact in facts {
            lines.append("\(fact.name): \(fact.first ?? "-") | \(fact.second ?? "-")")
        }
        var table = TextTable(
            [.init("channel"), .init("neurons", alignment: .right)]
                + ["first", "second", "only first", "only second"].map {
                    .init($0, alignment: .right)
                } + ReplayReport.distanceColumns
        )
        for channel in channels {
            let counts = channel.counts
            table.append(
                [channel.label, Format.count(channel.neurons)]
                    + [counts.recorded, counts.emulated, counts.missing, counts.extra].map {
                        Format.count($0)
                    } + ReplayReport.cells(channel.distances, nil)
            )
        }
        return (lines + ["\n" + table.text]).joined(separator: "\n")
    }
}
