public import Analysis
public import ChipImage
public import ChipSpec
public import Emulator
import Events
public import SpikeTrace

/// Drives a chip with the recorded inputs, and compares its spikes with the recorded ones.
public struct Replay: Sendable {
    /// What runs.
    public let image: ChipImage
    /// Whose fixed pattern it has; the recorded device's if nil.
    public var device: Device?
    /// How the host is used.
    public var machine = MachineOptions()

    /// Prepares a replay.
    ///
    /// - Parameter image: A verified image.
    public init(image: ChipImage) { self.image = image }

    /// What a replay found out.
    public struct Outcome: Sendable {
        /// Recorded against emulated spikes, by population.
        public var comparison: SpikeComparison
        /// Paths of the populations, in the order of the comparison's counts.
        public var populations: [String]
        /// Steps replayed.
        public var steps: UInt64
        /// Facts of the recorded run; nil if the recording is not a run of ours.
        public var facts: RunFacts?
        /// Whether the recording was made with this very image; nil if it does not say.
        public var isSameImage: Bool?
    }

    /// Why a recording cannot be replayed.
    public enum Fault: Error, Equatable, CustomStringConvertible {
        /// It holds inputs that the image does not have.
        case unknownInput(path: String, channel: String, inputs: [String])
        /// It was made on a device that a file describes.
        case deviceNeeded(path: String, digest: String)
        /// An input spike lies outside the image's input.
        case noSuchChannel(path: String, input: String, channel: UInt32, channels: Int)

        /// What is wrong and what to do.
        public var description: String {
            switch self {
            case .unknownInput(let path, let channel, let inputs):
                "\(path) holds the input \(channel), which the image does not have. It has "
                    + inputs.joined(separator: ", ") + ". Replay it on the image it was made with."
            case .deviceNeeded(let path, let digest):
                "\(path) was recorded on a device that a file describes (SHA-256 "
                    + "\(digest.prefix(12))…). Give the file with --device, or --mismatch off."
            case .noSuchChannel(let path, let input, let channel, let channels):
                "\(path) holds a spike of channel \(channel) of input '\(input)', which has "
                    + "\(channels). Replay it on the image it was made with."
            }
        }
    }

    /// Replays a recording.
    ///
    /// - Parameters:
    ///   - reader: The recording.
    ///   - progress: Called now and then with the number of steps done.
    /// - Returns: What the replay found out.
    /// - Throws: `Fault`, or what reading throws.
    public func callAsFunction(
        _ reader: SpikeTraceReader,
        progress: (_ done: UInt64) -> Void = { _ in }
    ) throws -> Outcome {
        try checkInputs(of: reader)
        let facts = RunFacts(reader.info)
        if device == nil, let digest = facts?.deviceDigest {
            throw Fault.deviceNeeded(path: reader.path, digest: digest)
        }
        let steps = try stepCount(reader, facts)
        let machine = Machine(
            image: image,
            device: device ?? facts?.device ?? .ideal,
            options: self.machine
        )
        let map = SourceMap(image)
        var comparison = SpikeComparison(
            populationCount: image.network.populations.count,
            populationOf: { map.neuron(at: $0)?.population }
        )
        var cursor = reader.spikes()
        let stride = UInt64(facts?.plan.stepsPerSample ?? 0)
        for step in 0..<steps {
            if facts?.plan.between == .reset && step.isMultiple(of: stride) { machine.reset() }
            let recorded = try cursor.spikes(ofStep: step)
            let split = recorded.partitioningIndex { $0.address.isInput }
            machine.step(inputs: try inputs(recorded[split...], path: reader.path))
            comparison.append(recorded: recorded[..<split], emulated: machine.spikes)
            if step.isMultiple(of: 1024) { progress(step) }
        }
        return Outcome(
            comparison: comparison,
            populations: image.network.populations.map(\.path),
            steps: steps,
            facts: facts,
            isSameImage: try facts.map { try $0.imageDigest == imageDigest() }
        )
    }

    private func imageDigest() throws -> String {
        Digest(of: try image.encoded()).description
    }

    /// Steps of the recorded run, or up to the last spike if that is all that was recorded.
    private func stepCount(_ reader: SpikeTraceReader, _ facts: RunFacts?) throws -> UInt64 {
        if let facts, reader.health.isIntact {
            let (product, overflow) = UInt64(facts.samples)
                .multipliedReportingOverflow(by: UInt64(facts.plan.stepsPerSample))
            if !overflow { return product }
        }
        var last: UInt64?
        var cursor = reader.spikes()
        while let spikes = try cursor.next() { last = spikes.last?.step }
        // The last step of a torn recording may not be complete.
        return last.map { reader.health.isIntact ? $0 + 1 : $0 } ?? 0
    }

    private func checkInputs(of reader: SpikeTraceReader) throws {
        let last = NeuronAddress.firstInputCore + UInt32(image.inputs.count)
        if let unknown = reader.info.channels.first(where: { $0.core >= last }) {
            throw Fault.unknownInput(
                path: reader.path,
                channel: unknown.topic,
                inputs: image.inputs.map(\.name)
            )
        }
    }

    private func inputs(_ spikes: ArraySlice<Spike>, path: String) throws -> [[UInt32]] {
        var channels = [[UInt32]](repeating: [], count: image.inputs.count)
        for spike in spikes {
            let port = Int(spike.core - NeuronAddress.firstInputCore)
            let input = image.inputs[port]
            guard Int(spike.neuron) < input.channelCount else {
                throw Fault.noSuchChannel(
                    path: path,
                    input: input.name,
                    channel: spike.neuron,
                    channels: input.channelCount
                )
            }
            // A channel that spikes twice in a step counts once: a channel is a wire.
            if channels[port].last != spike.neuron { channels[port].append(spike.neuron) }
        }
        return channels
    }
}

extension ArraySlice<Spike> {
    /// First index at which a condition holds that holds for all later elements too.
    fileprivate func partitioningIndex(where condition: (Spike) -> Bool) -> Int {
        firstIndex(where: condition) ?? endIndex
    }
}
