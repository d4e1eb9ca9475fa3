import ChipImage
import Emulator
import Events
public import NetworkIR
public import Report
public import SpikeTrace

/// Drives a learning rule with recorded spikes, and compares its weights with recorded weights.
///
/// The experiment's host does what it did: it switches rules on and writes amplitudes. The chip gets the
/// recorded spikes of every population and input (`Machine.step(inputs:following:)`), so that somas, their
/// noise and their biases do not matter: only the rule, its learning traces and its rounding do.
public struct WeightReplay: Sendable {
    /// A weight that is not as recorded.
    public struct Difference: Sendable, Hashable {
        /// Steps that had been run.
        public var step: UInt64
        /// Name of the projection.
        public var projection: String
        /// Presynaptic neuron.
        public var pre: Int
        /// Postsynaptic neuron.
        public var post: Int
        /// Recorded register.
        public var recorded: Int
        /// Register of the rule; nil if the chip has no such synapse.
        public var replayed: Int?
    }

    /// What came of a projection.
    public struct Projection: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Looks at its weights.
        public var looks = 0
        /// Weights compared, all looks together.
        public var values = 0
        /// Weights that are not as recorded.
        public var differences = 0
        /// Largest difference of two registers.
        public var largest = 0
    }

    /// Projections with a rule, by name.
    public private(set) var projections: [Projection] = []
    /// The first weight that is not as recorded.
    public private(set) var firstDifference: Difference?
    /// Recorded looks at steps at which the replay did not look: compared with nothing.
    public private(set) var unmetLooks = 0
    /// Steps replayed.
    public private(set) var steps: UInt64 = 0

    /// Whether all recorded weights were met, exactly.
    public var isEqual: Bool {
        firstDifference == nil && unmetLooks == 0 && !projections.isEmpty
    }

    /// Replays a run of an experiment.
    ///
    /// - Parameters:
    ///   - arm: The experiment.
    ///   - seed: Of its network and its rounding.
    ///   - rule: A rule in the place of the experiment's; nil for its own.
    ///   - reader: Spikes of the run.
    ///   - weights: Weights of the run.
    ///   - progress: Called with the share that is done.
    /// - Throws: `Replay.Fault`, or what compiling, running and reading throw.
    public init(
        _ arm: LearningStudy.Arm,
        seed: UInt64,
        rule: LearningRule? = nil,
        _ reader: SpikeTraceReader,
        _ weights: WeightRecording,
        progress: (Double) -> Void = { _ in }
    ) throws {
        var run = try LearningStudy.run(of: arm, seed: seed, rule: rule)
        let inputs = run.machine.image.inputs
        let cursor = CursorBox(reader.spikes())
        run.following = { step in
            let spikes = try cursor.spikes(ofStep: step)
            for spike in spikes where spike.address.isInput {
                let port = Int(spike.core - NeuronAddress.firstInputCore)
                let name = port < inputs.count ? inputs[port].name : "\(port)"
                let channels = port < inputs.count ? inputs[port].channelCount : 0
                guard Int(spike.neuron) < channels else {
                    throw Replay.Fault.noSuchChannel(
                        path: reader.path,
                        input: name,
                        channel: spike.neuron,
                        channels: channels
                    )
                }
            }
            return spikes
        }
        let collected = Collected(weights)
        run.look = { machine in collected.compare(machine) }
        _ = try run.run(progress: progress)
        steps = run.machine.currentStep
        projections = collected.projections.values.sorted { $0.name < $1.name }
        firstDifference = collected.first
        unmetLooks = collected.waiting.count
    }

    /// Shares a cursor with a closure.
    private final class CursorBox {
        private var cursor: SpikeCursor

        init(_ cursor: SpikeCursor) { self.cursor = cursor }

        /// The spikes of a step, each once.
        func spikes(ofStep step: UInt64) throws -> [Spike] {
            var result: [Spike] = []
            for spike in try cursor.spikes(ofStep: step) where result.last != spike {
                result.append(spike)
            }
            return result
        }
    }

    /// Compares look by look.
    private final class Collected {
        struct Key: Hashable {
            var step: UInt64
            var projection: String
        }

        var waiting: [Key: [WeightRecording.Value]] = [:]
        var projections: [String: Projection] = [:]
        var first: Difference?

        init(_ weights: WeightRecording) {
            for look in weights.looks {
                waiting[Key(step: look.step, projection: look.projection)] = look.values
            }
        }

        func compare(_ machine: Machine) {
            for (index, name) in WeightRecording.projections(of: machine.image.network) {
                let key = Key(step: machine.currentStep, projection: name)
                guard let recorded = waiting.removeValue(forKey: key) else { continue }
                var registers: [[Int]: Int] = [:]
                for synapse in machine.synapses(of: index) {
                    registers[[synapse.pre, synapse.post]] = synapse.register
                }
                var projection = projections[name] ?? Projection(name: name)
                projection.looks += 1
                projection.values += recorded.count
                for value in recorded {
                    let own = registers[[value.pre, value.post]]
                    guard own != value.register else { continue }
                    projection.differences += 1
                    let (size, overflow) = (own ?? 0).subtractingReportingOverflow(value.register)
                    let distance = overflow || size == .min ? Int.max : abs(size)
                    projection.largest = max(projection.largest, distance)
                    if first == nil {
                        first = Difference(
                            step: machine.currentStep,
                            projection: name,
                            pre: value.pre,
                            post: value.post,
                            recorded: value.register,
                            replayed: own
                        )
                    }
                }
                projections[name] = projection
            }
        }
    }
}

extension WeightReplay {
    /// The replay as JSON, schema `spikeloom.weightreplay/1`.
    public var json: JSONValue {
        let first = firstDifference.map { difference -> JSONValue in
            [
                "step": .unsigned(difference.step),
                "projection": .string(difference.projection),
                "pre": .integer(difference.pre),
                "post": .integer(difference.post),
                "recorded": .integer(difference.recorded),
                "replayed": .optional(difference.replayed),
            ]
        }
        return [
            "schema": "spikeloom.weightreplay/1",
            "equal": .boolean(isEqual),
            "steps": .unsigned(steps),
            "unmetLooks": .integer(unmetLooks),
            "firstDifference": first ?? .null,
            "projections": .array(
                projections.map {
                    [
                        "projection": .string($0.name),
                        "looks": .integer($0.looks),
                        "weights": .integer($0.values),
                        "differences": .integer($0.differences),
                        "largestDifference": .integer($0.largest),
                    ]
                }
            ),
        ]
    }

    /// The replay for a terminal.
    ///
    /// - Parameter recording: Name of the recording.
    /// - Returns: Some lines.
    public func text(_ recording: String) -> String {
        let count = projections.reduce(0) { $0 + $1.values }
        let differences = projections.reduce(0) { $0 + $1.differences }
        var lines = [
            "\(recording), weights: \(Format.count(differences)) differences in "
                + "\(Format.count(count)) weights, \(Format.count(steps)) steps"
        ]
        if let first = firstDifference {
            lines.append(
                "the first after step \(first.step): \(first.projection), \(first.pre) to "
                    + "\(first.post): recorded \(first.recorded), replayed "
                    + "\(first.replayed.map { "\($0)" } ?? "no such synapse")"
            )
        }
        if unmetLooks > 0 {
            lines.append(
                "\(Format.count(unmetLooks)) recorded looks met none of the replay: another experiment?"
            )
        }
        var table = TextTable([
            .init("projection"), .init("looks", alignment: .right),
            .init("weights", alignment: .right), .init("differences", alignment: .right),
            .init("largest", alignment: .right),
        ])
        for projection in projections {
            table.append([
                projection.name, Format.count(projection.looks), Format.count(projection.values),
                Format.count(projection.differences), Format.count(projection.largest),
            ])
        }
        return (lines + ["\n" + table.text]).joined(separator: "\n")
    }
}

/// What a recording of a learning run says about the run.
public struct LearningFacts: Sendable, Equatable {
    /// Path of the experiment file, as it was given.
    public var experiment: String
    /// Name of the arm; empty for the document as it stands.
    public var arm: String
    /// Seed.
    public var seed: UInt64

    private static let experimentKey = "experiment"
    private static let armKey = "arm"

    /// Gathers the facts of a run.
    ///
    /// - Parameters:
    ///   - experiment: Path of the experiment file.
    ///   - arm: Name of the arm; empty for none.
    ///   - seed: Seed.
    public init(experiment: String, arm: String, seed: UInt64) {
        self.experiment = experiment
        self.arm = arm
        self.seed = seed
    }

    /// Reads the facts of a recording; nil if it is not of a learning run.
    ///
    /// - Parameter info: What the trace says about itself.
    public init?(_ info: SpikeTraceInfo) {
        guard let experiment = info.metadata[Self.experimentKey],
            let arm = info.metadata[Self.armKey],
            let seed = info.metadata[SpikeTraceInfo.Key.runSeed].flatMap({ UInt64($0) })
        else { return nil }
        self.init(experiment: experiment, arm: arm, seed: seed)
    }

    /// The facts as metadata of a trace.
    public var metadata: [String: String] {
        [
            Self.experimentKey: experiment, Self.armKey: arm,
            SpikeTraceInfo.Key.runSeed: String(seed),
        ]
    }
}
