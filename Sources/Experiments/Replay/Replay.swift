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
    /// Whether every population gets the recorded spikes of its sources, so that each neuron is judged alone.
    public var isTeacherForced = false
    /// Steps within which a recorded and an emulated spike of a neuron count as the same.
    public var tolerance = 0
    /// Repetitions of one stimulus that the recording divides into; 1 for none.
    public var trials = 1
    /// Recorded inputs that drive the chip, by name or topic; all if nil.
    public var inputs: [String]?
    /// Populations that are compared, by path, or cores by topic; all if nil.
    public var compared: [String]?
    /// Time constants of the distances, in steps.
    public var settings = TrainDistances.Settings()
    /// Steps of a raster that is kept of the deviating neurons, from a little before the first difference.
    public var rasterSteps = 0

    /// Prepares a replay.
    ///
    /// - Parameter image: A verified image.
    public init(image: ChipImage) { self.image = image }

    /// What a replay found out.
    public struct Outcome: Sendable {
        /// Recorded against emulated spikes, by population; exact, whatever the tolerance.
        public var comparison: SpikeComparison
        /// Paths of the populations, in the order of the comparison's counts.
        public var populations: [String]
        /// Steps replayed.
        public var steps: UInt64
        /// Facts of the recorded run; nil if the recording is not a run of ours.
        public var facts: RunFacts?
        /// Whether the recording was made with this very image; nil if it does not say.
        public var isSameImage: Bool?
        /// How the replay was done.
        public var replay: Replay
        /// One entry a neuron that was compared; empty for recordings of more than 67,108,864 spikes.
        public var neurons: [NeuronComparison] = []
        /// The first difference beyond the tolerance, and the emulated membrane around it.
        public var divergence: Divergence?
        /// Rasters of some neurons around the first difference, if they were asked for.
        public var rasters: [NeuronRaster] = []

        /// Whether no spike differs beyond the tolerance.
        public var isEqual: Bool {
            neurons.isEmpty ? comparison.isEqual : divergence == nil && unknown == 0
        }

        /// Recorded spikes of places that hold no compared neuron of the image.
        public var unknown: Int { comparison.others.recorded }

        /// Neurons that are not the recorded ones, the worst first.
        public var deviating: [NeuronComparison] {
            neurons.filter(\.deviates).sorted {
                ($1.differenceCount, $0.address) < ($0.differenceCount, $1.address)
            }
        }
    }

    /// Why a recording cannot be replayed.
    public enum Fault: Error, Equatable, CustomStringConvertible {
        /// It holds inputs that the image does not have.
        case unknownInput(path: String, channel: String, inputs: [String])
        /// A name that is neither an input nor a population.
        case unknownName(name: String, option: String, known: [String])
        /// The steps cannot be divided into so many equal trials.
        case unevenTrials(trials: Int, steps: UInt64)
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
            case .unknownName(let name, let option, let known):
                "\(option): there is no '\(name)'. There are \(known.joined(separator: ", "))."
            case .unevenTrials(let trials, let steps):
                "The recording has \(steps) steps, which do not divide into \(trials) equal trials. "
                    + "Give the number of repetitions of the stimulus that were recorded."
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
        guard trials <= 1 || steps.isMultiple(of: UInt64(trials)) else {
            throw Fault.unevenTrials(trials: trials, steps: steps)
        }
        let chosen = try comparedPopulations()
        let ports = try drivenPorts(reader)
        let map = SourceMap(image)
        var comparison = SpikeComparison(
            populationCount: image.network.populations.count,
            populationOf: { map.neuron(at: $0)?.population }
        )
        var trains = ReplayTrains(image, populations: chosen)
        let comparesAll = chosen.count == image.network.populations.count
        try run(reader, facts, steps: 0..<steps, ports) { machine, recorded in
            let others = machine.spikes
            if comparesAll {
                comparison.append(recorded: recorded, emulated: others)
                trains.append(recorded: Array(recorded), emulated: others)
            } else {
                let (left, right) = (recorded.filter(trains.holds), others.filter(trains.holds))
                comparison.append(recorded: left, emulated: right)
                trains.append(recorded: left, emulated: right)
            }
            if (machine.currentStep - 1).isMultiple(of: 1024) { progress(machine.currentStep - 1) }
        }
        var outcome = Outcome(
            comparison: comparison,
            populations: image.network.populations.map(\.path),
            steps: steps,
            facts: facts,
            isSameImage: try facts.map { try $0.imageDigest == imageDigest() },
            replay: self
        )
        guard !trains.isTooLong else { return outcome }
        outcome.neurons = trains.comparisons(
            steps: steps,
            trials: trials,
            tolerance: tolerance,
            settings: settings
        )
        outcome.divergence = try divergence(outcome, reader, ports)
        if rasterSteps > 0 { outcome.rasters = rasters(outcome, trains) }
        return outcome
    }

    /// Runs the chip over steps of a recording.
    ///
    /// - Parameters:
    ///   - reader: The recording.
    ///   - facts: Facts of the recorded run.
    ///   - steps: From 0.
    ///   - ports: Input ports that drive the chip.
    ///   - visit: Called after each step with the machine and the recorded spikes of neurons.
    /// - Throws: `Fault`, or what reading throws.
    func run(
        _ reader: SpikeTraceReader,
        _ facts: RunFacts?,
        steps: Range<UInt64>,
        _ ports: Set<Int>,
        visit: (Machine, ArraySlice<Spike>) -> Void
    ) throws {
        let machine = Machine(
            image: image,
            device: device ?? facts?.device ?? .ideal,
            options: self.machine
        )
        var cursor = reader.spikes()
        let stride = UInt64(facts?.plan.stepsPerSample ?? 0)
        for step in steps {
            if facts?.plan.between == .reset && step.isMultiple(of: stride) { machine.reset() }
            let recorded = try cursor.spikes(ofStep: step)
            let split = recorded.partitioningIndex { $0.address.isInput }
            let inputs = try inputs(recorded[split...], ports, path: reader.path)
            if isTeacherForced {
                machine.step(inputs: inputs, following: recorded[..<split])
            } else {
                machine.step(inputs: inputs)
            }
            visit(machine, recorded[..<split])
        }
    }

    /// Indices of the populations that are compared.
    private func comparedPopulations() throws -> Set<Int> {
        let populations = image.network.populations
        guard let compared else { return Set(populations.indices) }
        var chosen: Set<Int> = []
        for name in compared {
            let index = populations.firstIndex { $0.path == name }
            let core = image.cores.first { "core/\($0.core)" == Self.shortTopic(name) }
            guard index != nil || core != nil else {
                throw Fault.unknownName(
                    name: name,
                    option: "--compare",
                    known: populations.map(\.path)
                )
            }
            if let index { chosen.insert(index) }
            for segment in core?.segments ?? [] { chosen.insert(Int(segment.population)) }
        }
        return chosen
    }

    /// Input ports of the image that the recording drives.
    private func drivenPorts(_ reader: SpikeTraceReader) throws -> Set<Int> {
        guard let inputs else { return Set(image.inputs.indices) }
        var chosen: Set<Int> = []
        for name in inputs {
            let channel = reader.info.channels.first {
                $0.core >= NeuronAddress.firstInputCore
                    && ($0.label == name || "input/\($0.label)" == Self.shortTopic(name))
            }
            guard let channel else {
                throw Fault.unknownName(
                    name: name,
                    option: "--inputs",
                    known: image.inputs.map(\.name)
                )
            }
            chosen.insert(Int(channel.core - NeuronAddress.firstInputCore))
        }
        return chosen
    }

    /// `core/3` of `/spikes/core/3`.
    private static func shortTopic(_ name: String) -> String {
        name.hasPrefix("/spikes/") ? String(name.dropFirst("/spikes/".count)) : name
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

    private func inputs(
        _ spikes: ArraySlice<Spike>,
        _ ports: Set<Int>,
        path: String
    ) throws -> [[UInt32]] {
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
            guard ports.contains(port) else { continue }
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
