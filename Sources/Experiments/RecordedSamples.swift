import Events
public import Samples
public import SpikeTrace

/// The input spikes of a recording, as samples.
public enum RecordedSamples {
    /// Why a recording cannot be used as input.
    public enum Fault: Error, Equatable, CustomStringConvertible {
        /// It holds no input channels.
        case noInputs(path: String)
        /// It is too long to be held as samples.
        case tooLong(path: String, steps: UInt64)

        /// What is wrong and what to do.
        public var description: String {
            switch self {
            case .noInputs(let path):
                "\(path) holds no input spikes (topics /spikes/input/…). Use a recording of a run, "
                    + "or an NPZ file."
            case .tooLong(let path, let steps):
                "\(path) spans \(steps) steps. As input a recording may span 67,108,864. "
                    + "Record fewer samples."
            }
        }
    }

    private static let longest: UInt64 = 1 << 26

    /// Reads the input spikes of a recording.
    ///
    /// A recording of ours gives its samples; any other gives one sample from step 0 to its last
    /// spike.
    ///
    /// - Parameter reader: The recording.
    /// - Returns: Samples without labels, inputs named as recorded.
    /// - Throws: `Fault`, or what reading throws.
    public static func read(_ reader: SpikeTraceReader) throws -> SampleSet {
        let ports = reader.info.channels.filter { $0.core >= NeuronAddress.firstInputCore }
            .sorted { $0.core < $1.core }
        guard !ports.isEmpty else { throw Fault.noInputs(path: reader.path) }
        let spikes = try reader.allSpikes(cores: Set(ports.map(\.core)))
        let facts = RunFacts(reader.info)
        let last = spikes.last.map { $0.step + 1 } ?? 1
        guard last <= longest else { throw Fault.tooLong(path: reader.path, steps: last) }
        let stride = UInt64(facts?.plan.stepsPerSample ?? Int(last))
        let steps = facts?.plan.inputSteps ?? Int(last)
        let count = facts.map { min($0.samples, Int(longest) / max(1, steps)) } ?? 1
        let inputs = try ports.map { port in
            var samples = [[[UInt32]]](
                repeating: .init(repeating: [], count: steps),
                count: max(1, count)
            )
            for spike in spikes where spike.core == port.core {
                let (sample, step) = spike.step.quotientAndRemainder(dividingBy: stride)
                if sample < samples.count && step < steps {
                    samples[Int(sample)][Int(step)].append(spike.neuron)
                }
            }
            return try InputSpikes(
                name: ports.count == 1 ? nil : port.label,
                channelShape: [Int(port.neuronCount)],
                samples: samples
            )
        }
        return try SampleSet(inputs: inputs)
    }
}
