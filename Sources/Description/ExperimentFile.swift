import Yams

/// Arms of an experiment, and the axis they lie on, if any.
public struct ExperimentFile {
    /// An axis of a figure.
    public struct Axis: Sendable, Equatable {
        /// Label with its unit.
        public var label: String
        /// Whether it is drawn to a logarithmic scale.
        public var isLogarithmic: Bool
        /// What the figure shows: how long it takes to come below this angle, in degrees; nil for the angle
        /// at the end.
        public var untilAngle: Double?
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
    private let changes: [String: [Override]]
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
        folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
        root = try YAMLFile.root(text, file: path, "experiment")
        let section = try root.section(ExperimentKeys.document)
        var arms: [String] = []
        var changes: [String: [Override]] = [:]
        for (name, arm) in try section["arms"]?.named(atMost: 1000, allowsDots: true) ?? [] {
            arms.append(name)
            changes[name] = try Self.overrides(arm)
        }
        guard let entry = section["axis"] else {
            axis = nil
            axisPlaces = [:]
            self.arms = arms
            self.changes = changes
            return
        }
        let parts = try entry.section(ExperimentKeys.axis)
        axis = Axis(
            label: try parts.required("label", "It is the label of the axis, with its unit.")
                .text(atMost: 80),
            isLogarithmic: try parts["logarithmic"]?.flag() ?? false,
            untilAngle: try parts["untilAngle"]?.number(0.1...90, "degrees")
        )
        let paths = try parts["set"].map { try $0.node.sequence == nil ? [$0] : $0.list(1...16) }
        let values = try parts.required("values", "They are the values of the axis.").list(1...64)
            .map { try AxisValue($0, paths: paths ?? [], lines: arms) }
        // Each arm is a line of the figure; without arms there is one.
        var places: [String: (value: Double, line: String)] = [:]
        var onAxis: [String] = []
        for line in arms.isEmpty ? [""] : arms {
            for value in values {
                let name = line.isEmpty ? value.text : "\(line)@\(value.text)"
                guard places.updateValue((value.place, line), forKey: name) == nil else {
                    throw value.entry.refusal(
                        "stands at \(value.text), where another value of the axis is.",
                        "Delete one of the two."
                    )
                }
                onAxis.append(name)
                changes[name] = (changes[line] ?? []) + value.sets + (value.lines[line] ?? [])
            }
        }
        axisPlaces = places
        self.arms = onAxis
        self.changes = changes
    }

    /// A value of the axis: its place there, and what it sets.
    private struct AxisValue {
        var entry: Entry
        var place: Double
        /// The place as the author wrote it.
        var text: String
        var sets: [Override]
        /// What it sets for one line alone.
        var lines: [String: [Override]] = [:]

        /// Reads a number that the keys of the axis take, or a section that says what to set.
        init(_ entry: Entry, paths: [Entry], lines: [String]) throws(DescriptionError) {
            self.entry = entry
            let range = -1e12...1e12
            guard entry.node.mapping != nil else {
                place = try entry.number(range)
                text = try entry.text()
                sets = []
                for path in paths {
                    sets.append(
                        Override(place: path, path: try path.text(atMost: 200), value: entry)
                    )
                }
                guard !paths.isEmpty else {
                    throw entry.refusal(
                        "is a number, but the axis names no key that takes it.",
                        "Add set: with a key path, or write { at: …, set: { … } }."
                    )
                }
                return
            }
            let parts = try entry.section(ExperimentKeys.axisValue)
            let at = try parts.required("at", "It is the place on the axis.")
            place = try at.number(range)
            text = try at.text()
            sets = try parts["set"].map(ExperimentFile.overrides) ?? []
            for (line, changes) in try parts["lines"]?.named(atMost: 1000, allowsDots: true) ?? [] {
                try changes.checkName(line, lines, "arm")
                self.lines[line] = try ExperimentFile.overrides(changes)
            }
        }
    }

    private static func overrides(_ entry: Entry) throws(DescriptionError) -> [Override] {
        guard let mapping = entry.node.mapping else {
            if entry.node.scalar?.string.isEmpty ?? false { return [] }
            throw entry.refusal("is \(entry.shown). It must be a section of key paths and values.")
        }
        return mapping.map { name, value in
            let text = name.scalar?.string ?? ""
            return Override(
                place: Entry(file: entry.file, key: entry.key, node: name),
                path: text,
                value: Entry(file: entry.file, key: "\(entry.key).\(text)", node: value)
            )
        }
    }

    /// Reads an arm.
    ///
    /// - Parameter arm: One of `arms`, or nil for the document as it stands.
    /// - Throws: `DescriptionError`.
    /// - Returns: The experiment.
    public func experiment(arm: String? = nil) throws -> Experiment {
        guard let arm else { return try ExperimentReader(folder: folder).experiment(root) }
        guard let changes = changes[arm], arms.contains(arm) else {
            throw DescriptionError(
                file: path,
                line: 0,
                column: 0,
                key: "",
                what: arms.isEmpty
                    ? "There is no arm '\(arm)': the experiment has no arms."
                    : "There is no arm '\(arm)'. It must be one of: "
                        + "\(arms.prefix(40).joined(separator: ", ")).",
                advice: Entry.suggestion(arm, among: arms)
            )
        }
        do {
            var root = root
            for change in changes { root = try change.applied(to: root) }
            var experiment = try ExperimentReader(folder: folder).experiment(root)
            experiment.arm = arm
            experiment.axisValue = axisPlaces[arm]?.value
            return experiment
        } catch var error as DescriptionError {
            error.arm = arm
            throw error
        }
    }
}
