import Diagnostics
import Yams

/// A document with arms and an axis: variants that are made by changes to keys.
struct Variants {
    /// What messages call the file.
    let path: String
    /// Names of the variants, in file order; empty if the document is the only one.
    let names: [String]
    /// The axis of the figure; nil without.
    let axis: VariantAxis?
    /// For each variant that lies on the axis, where, and to which line it belongs.
    let places: [String: (value: Double, line: String)]
    private let root: Entry
    private let changes: [String: [Override]]

    /// Reads `arms` and `axis` of a document.
    ///
    /// - Parameters:
    ///   - root: The document.
    ///   - keys: Its keys.
    /// - Throws: `DescriptionError`.
    init(_ root: Entry, keys: [String]) throws {
        self.root = root
        path = root.file
        let section = try root.section(keys)
        var arms: [String] = []
        var changes: [String: [Override]] = [:]
        for (name, arm) in try section["arms"]?.named(atMost: 1000, allowsDots: true) ?? [] {
            arms.append(name)
            changes[name] = try Self.overrides(arm)
        }
        guard let entry = section["axis"] else {
            axis = nil
            self.places = [:]
            names = arms
            self.changes = changes
            return
        }
        let parts = try entry.section(ExperimentKeys.axis)
        axis = VariantAxis(
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
                        .descriptionTwice,
                        "stands at \(value.text), where another value of the axis is.",
                        "Delete one of the two."
                    )
                }
                onAxis.append(name)
                changes[name] = (changes[line] ?? []) + value.sets + (value.lines[line] ?? [])
            }
        }
        self.places = places
        names = onAxis
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
                        .descriptionKeysTogether,
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
            sets = try parts["set"].map(Variants.overrides) ?? []
            for (line, changes) in try parts["lines"]?.named(atMost: 1000, allowsDots: true) ?? [] {
                try changes.checkName(line, lines, "arm")
                self.lines[line] = try Variants.overrides(changes)
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

    /// The document of a variant, and the document as it stands for nil.
    func document(_ name: String?) throws(DescriptionError) -> Entry {
        guard let name else { return root }
        guard let changes = changes[name], names.contains(name) else {
            throw DescriptionError(
                code: .descriptionArm,
                file: path,
                line: 0,
                column: 0,
                key: "",
                what: names.isEmpty
                    ? "There is no arm '\(name)': the file has no arms."
                    : "There is no arm '\(name)'. It must be one of: "
                        + "\(names.prefix(40).joined(separator: ", ")).",
                advice: Entry.suggestion(name, among: names)
            )
        }
        do throws(DescriptionError) {
            var root = root
            for change in changes { root = try change.applied(to: root) }
            return root
        } catch var error {
            error.arm = name
            throw error
        }
    }
}

/// An axis of a figure.
public struct VariantAxis: Sendable, Equatable {
    /// Label with its unit.
    public var label: String
    /// Whether it is drawn to a logarithmic scale.
    public var isLogarithmic: Bool
    /// What the figure shows: how long it takes to come below this angle, in degrees; nil for the angle at the
    /// end.
    public var untilAngle: Double?
}
