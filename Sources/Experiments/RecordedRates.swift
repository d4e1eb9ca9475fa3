public import ChipImage
public import Compiler
import Events
public import SpikeTrace

/// How often the senders of a network spiked in a recorded run.
///
/// A recording names cores and slots; the image it was made on says which neurons these are.
public enum RecordedRates {
    /// Why a recording tells no rates.
    public enum Fault: Error, Equatable, CustomStringConvertible {
        /// It does not say on which image it was made.
        case noRun(path: String)
        /// It was made on another image.
        case otherImage(path: String, recorded: String, image: String)
        /// Spikes of a core or an input were not recorded.
        case notRecorded(path: String, channel: String)

        /// What is wrong and what to do.
        public var description: String {
            switch self {
            case .noRun(let path):
                "\(path) does not say on which image it was recorded. Rates need a recording of "
                    + "'spikeloom run --record'."
            case .otherImage(let path, let recorded, let image):
                "\(path) was recorded on another image: its digest is \(recorded.prefix(12))…, that of this one "
                    + "\(image.prefix(12))…. Give the image of the run with --rates-image."
            case .notRecorded(let path, let channel):
                "\(path) lacks the spikes of '\(channel)'. Record the run with all of them."
            }
        }
    }

    /// Counts the spikes of a recording.
    ///
    /// - Parameters:
    ///   - reader: The recording.
    ///   - image: The image that it was made on; verified.
    /// - Returns: Spikes of each neuron and input channel, and the steps of the run.
    /// - Throws: `Fault`, or what reading throws.
    public static func read(
        _ reader: SpikeTraceReader,
        of image: ChipImage
    ) throws -> SpikeRates {
        guard let facts = RunFacts(reader.info) else { throw Fault.noRun(path: reader.path) }
        let digest = Digest(of: try image.encoded()).description
        guard facts.imageDigest == digest else {
            throw Fault.otherImage(path: reader.path, recorded: facts.imageDigest, image: digest)
        }
        let recorded = Set(reader.info.channels.map(\.core))
        if let missing = image.spikeChannels.first(where: { !recorded.contains($0.core) }) {
            throw Fault.notRecorded(path: reader.path, channel: missing.label)
        }
        let map = SourceMap(image)
        var neurons = image.network.populations.map { [UInt64](repeating: 0, count: $0.count) }
        var channels = image.inputs.map { [UInt64](repeating: 0, count: $0.channelCount) }
        var cursor = reader.spikes()
        var steps: UInt64 = 0
        while let spikes = try cursor.next() {
            var previous: Spike?
            for spike in spikes where spike != previous {
                // A channel that spikes twice in a step counts once.
                previous = spike
                if spike.address.isInput {
                    let port = Int(spike.core - NeuronAddress.firstInputCore)
                    guard port < channels.count, spike.neuron < channels[port].count else {
                        continue
                    }
                    channels[port][Int(spike.neuron)] += 1
                } else if let neuron = map.neuron(at: spike.address) {
                    neurons[neuron.population][neuron.index] += 1
                }
            }
            if let last = spikes.last { steps = max(steps, last.step &+ 1) }
        }
        if reader.health.isIntact {
            let (all, overflow) = UInt64(facts.samples)
                .multipliedReportingOverflow(by: UInt64(facts.plan.stepsPerSample))
            if !overflow { steps = max(steps, all) }
        }
        var byPath: [String: [UInt64]] = [:]
        for (input, counts) in zip(image.inputs, channels) { byPath[input.name] = counts }
        for (population, counts) in zip(image.network.populations, neurons) {
            byPath[population.path] = counts
        }
        return SpikeRates(steps: steps, spikes: byPath)
    }
}
