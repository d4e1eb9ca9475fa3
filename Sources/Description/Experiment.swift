public import ChipSpec
import FixedPoint
public import NetworkIR
import Yams

/// A learning experiment: chip, network, device, phases and seeds, as a YAML file describes them
/// (`docs/EXPERIMENTS.md`).
public struct Experiment: Sendable {
    /// Name.
    public var name: String
    /// One sentence.
    public var summary: String
    /// Name or path of the chip.
    public var chip: String
    /// Changes to the chip's spec, by key.
    public var chipSettings: [ChipSetting]
    /// Time of a step in the network, in seconds.
    public var stepInSeconds: Double
    /// Seeds of network, run and device; one run each.
    public var seeds: [UInt64]
    /// The network, to be drawn.
    public var recipe: NetworkRecipe
    /// Coefficient of variation of each parameter that varies from device to device.
    public var mismatch: [MismatchParameter: Double]
    /// What is done with the chip.
    public var plan: LearningPlan
    /// Name of the arm that was read; nil for the document as it stands.
    public var arm: String?
    /// Value of the arm on the axis, if it is on one.
    public var axisValue: Double?

    /// Draws the network of a seed.
    ///
    /// - Parameter seed: One of `seeds`.
    /// - Returns: The network.
    public func network(seed: UInt64) -> Network { recipe.network(seed: seed) }
}

/// A change to a chip's spec.
public struct ChipSetting: Sendable, Equatable {
    /// Path of the key, for example `learning.tieRule`.
    public var key: String
    /// Its value as YAML.
    public var value: String
    /// Where it is written, for messages.
    public var place: String
}

/// Arms of an experiment, and the axis they lie on, if any.
public struct ExperimentFile {
    /// An axis of a figure.
    public struct Axis: Sendable, Equatable {
        /// Label with its unit.
        public var label: String
        /// Whether it is drawn to a logarithmic scale.
        public var isLogarithmic: Bool
    }

    /// Path of the file.
    public let path: String
    /// Names of the arms, in file order; empty if the document is the only one.
    public let arms: [String]
    /// The axis of the figure; nil without.
    public let axis: Axis?
    /// For each arm that lies on the axis, where, and to which line it belongs.
    public let axisPlaces: [String: (value: Double, line: String)]
    private let root: Entry
    private let changes: [String: [(path: String, value: Entry)]]
    private let folder: String

    /// Reads an experiment file.
    ///
    /// - Parameter path: Path of a YAML file of at most 1 MiB.
    /// - Throws: `DescriptionError`.
    public init(path: String) throws {
        try self.init(text: YAMLFile.text(of: path, "experiment"), path: path)
    }

    /// Reads an experiment from its text.
    ///
    /// - Parameters:
    ///   - text: YAML.
    ///   - path: What messages name; files are found relative to its folder.
    /// - Throws: `DescriptionError`.
    public init(text: String, path: String) throws {
        self.path = path
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        folder = parts.joined(separator: "/")
        root = try YAMLFile.root(text, file: path, "experiment")
        let section = try root.section(ExperimentKeys.document)
        var arms: [String] = []
        var changes: [String: [(path: String, value: Entry)]] = [:]
        if let list = section["arms"] {
            for (name, arm) in try list.named(atMost: 1000, allowsDots: true) {
                arms.append(name)
                changes[name] = try Self.changes(arm)
            }
        }
        var places: [String: (value: Double, line: String)] = [:]
        if let axis = section["axis"] {
            let parts = try axis.section(ExperimentKeys.axis)
            self.axis = Axis(
                label: try parts.required("label", "It is the label of the axis.").text(atMost: 80),
                isLogarithmic: try parts["logarithmic"]?.flag() ?? false
            )
            let paths = try parts["set"].map { keys in
                try keys.node.sequence == nil ? [keys] : keys.list(1...16)
            }
            let values = try parts.required("values", "They are the values of the axis.").list(
                1...64
            )
            // Each arm is a line of the figure; without arms there is one.
            let lines = arms.isEmpty ? [""] : arms
            var onAxis: [String] = []
            for line in lines {
                for entry in values {
                    // A value, or a section of its place on the axis and what to set there.
                    let place: Double
                    var sets: [(path: String, value: Entry)] = []
                    if entry.node.mapping != nil {
                        let parts = try entry.section(["at", "set"])
                        place = try parts.required("at", "It is the place on the axis.").number(
                            -1e12...1e12
                        )
                        sets = try Self.changes(parts.required("set", "It says what to change."))
                    } else {
                        place = try entry.number(-1e12...1e12)
                        guard let paths else {
                            _ = try parts.required("set", "It names the keys that take the value.")
                            continue
                        }
                        for path in paths { sets.append((try path.text(atMost: 200), entry)) }
                    }
                    let text = entry.node.mapping == nil ? try entry.text() : "\(place)"
                    let name = line.isEmpty ? text : "\(line)@\(text)"
                    onAxis.append(name)
                    places[name] = (place, line)
                    changes[name] = (changes[line] ?? []) + sets
                }
            }
            arms = onAxis
        } else {
            axis = nil
        }
        self.arms = arms
        self.changes = changes
        axisPlaces = places
    }

    private static func changes(_ entry: Entry) throws(DescriptionError) -> [(
        path: String, value: Entry
    )] {
        guard let mapping = entry.node.mapping else {
            if entry.node.scalar?.string.isEmpty ?? false { return [] }
            throw entry.refusal("is \(entry.shown). It must be a section of key paths and values.")
        }
        return mapping.map { name, value in
            let text = name.scalar?.string ?? ""
            return (text, Entry(file: entry.file, key: "\(entry.key).\(text)", node: value))
        }
    }

    /// Reads an arm.
    ///
    /// - Parameter arm: One of `arms`, or nil for the document as it stands.
    /// - Throws: `DescriptionError`.
    /// - Returns: The experiment.
    public func experiment(arm: String? = nil) throws -> Experiment {
        var root = root
        if let arm {
            guard let changes = changes[arm] else {
                throw DescriptionError(
                    file: path,
                    line: 0,
                    column: 0,
                    key: "",
                    what: "has no arm '\(arm)'. Its arms are: \(arms.joined(separator: ", ")).",
                    advice: Entry.suggestion(arm, among: arms)
                )
            }
            root = try Overrides.applied(changes, to: root)
        }
        var experiment = try ExperimentReader(folder: folder).experiment(root)
        experiment.arm = arm
        experiment.axisValue = arm.flatMap { axisPlaces[$0]?.value }
        return experiment
    }
}

/// Every key of an experiment file, by section.
package enum ExperimentKeys {
    static let document = [
        "experiment", "summary", "chip", "chipSettings", "stepInMilliseconds", "seeds", "network",
        "mismatch", "phases", "probeEverySeconds", "arms", "axis",
    ]
    static let axis = ["label", "set", "values", "logarithmic"]
    static let network = ["populations", "projections"]
    static let population = [
        "count", "shape", "neuron", "like", "tau", "tauSyn", "threshold", "reset", "refractory",
        "bias", "noise", "psp", "compartments",
    ]
    static let noise = ["deviation", "share", "source"]
    static let psp = ["rectangular", "exponential", "alpha"]
    static let projection = [
        "from", "to", "compartment", "feedbackOf", "connect", "autapses", "weights", "fullScale",
        "delay", "rule",
    ]
    static let connect = ["probability", "inDegree", "outDegree"]
    static let phase = ["trim", "run"]
    static let trim = ["rounds", "seconds", "target", "gain"]
    static let run = [
        "name", "seconds", "rules", "amplitudes", "homeostasis", "attenuation", "monitor",
        "stimuli",
    ]
    static let amplitude = ["from", "to", "shape", "everySteps", "projection"]
    static let homeostasis = ["populations", "target", "h", "everySeconds"]
    static let monitor = ["everySeconds", "saturatedShare", "drift"]
    static let stimulus = [
        "poisson", "spikes", "current",
    ]
    static let poisson = ["input", "rate"]
    static let spikes = ["input", "file", "array", "periodInSteps"]
    static let current = ["population", "value", "fromSeconds", "toSeconds"]
}
