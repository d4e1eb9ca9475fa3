import Diagnostics
import FixedPoint
import Samples
import Yams

/// A parameter as an experiment describes it: a number, a distribution, or an array of a file.
enum Distribution: Sendable, Equatable {
    case constant(Double)
    /// Draws beyond `low...high` are set to the nearer end.
    case normal(mean: Double, deviation: Double, low: Double, high: Double)
    case uniform(low: Double, high: Double)
    case array([Double])

    var isArray: Bool { if case .array = self { true } else { false } }

    /// No draw of `RandomStream.normal` lies further from the mean, in standard deviations.
    static let widestDraw = 8.3

    /// Reads a distribution, every value of which lies in a range.
    ///
    /// - Parameters:
    ///   - entry: A number, `{ normal: { mean, deviation, clip } }`, `{ uniform: [low, high] }` or
    ///     `{ file: w.npz, array: W }`.
    ///   - range: Of every value.
    ///   - unit: Of the values, for messages.
    ///   - shape: Of the array that a file must hold.
    ///   - folder: What file names are relative to.
    /// - Throws: `DescriptionError`.
    init(
        _ entry: Entry,
        _ range: ClosedRange<Double>,
        _ unit: String = "",
        shape: [Int],
        folder: String
    ) throws(DescriptionError) {
        guard entry.node.mapping != nil else {
            self = .constant(try entry.number(range, unit))
            return
        }
        let section = try entry.section(ExperimentKeys.distribution)
        switch try section.one(of: ["normal", "uniform", "file"]) {
        case "normal":
            self = try Self.normal(section.required("normal", ""), range, unit)
        case "uniform":
            let ends = try section.required("uniform", "").list(2...2)
            let low = try ends[0].number(range, unit)
            self = .uniform(low: low, high: try ends[1].number(low...range.upperBound, unit))
        default:
            self = .array(try Self.array(section, range, unit, shape: shape, folder: folder))
        }
        if let array = section["array"], section["file"] == nil {
            throw array.refusal(
                .descriptionMissing,
                "is the name of an array, but no file is named.",
                "Add file."
            )
        }
    }

    private static func normal(_ entry: Entry, _ range: ClosedRange<Double>, _ unit: String)
        throws(DescriptionError) -> Distribution
    {
        let parts = try entry.section(ExperimentKeys.normal)
        let mean = try parts["mean"]?.number(range, unit) ?? 0
        let deviation = try parts.required("deviation", "It is the standard deviation.")
            .number(0...1e6, unit)
        let clip = try parts["clip"]?.number(0...1e6, unit)
        let low = try parts["low"]?.number(range, unit) ?? clip.map { -$0 }
        let high =
            try parts["high"]?.number((low ?? range.lowerBound)...range.upperBound, unit) ?? clip
        let lowest = low ?? mean - widestDraw * deviation
        let highest = high ?? mean + widestDraw * deviation
        guard range.contains(lowest), range.contains(highest) else {
            let limit = "\(Entry.plain(range.lowerBound))...\(Entry.plain(range.upperBound))"
            throw entry.refusal(
                "may draw values beyond \(limit)\(unit.isEmpty ? "" : " " + unit), where this "
                    + "parameter must lie.",
                "Add low and high: what is drawn beyond them is set to the nearer one."
            )
        }
        return .normal(
            mean: mean,
            deviation: deviation,
            low: low ?? -.infinity,
            high: high ?? .infinity
        )
    }

    private static func array(
        _ section: Section,
        _ range: ClosedRange<Double>,
        _ unit: String,
        shape: [Int],
        folder: String
    ) throws(DescriptionError) -> [Double] {
        let file = try section.required("file", "It is an NPZ file.")
        let name = try section.required("array", "It names the array in the file.").text()
        let array = try numbers(file, name, folder: folder)
        let isOfRank = array.shape.count == shape.count && shape.count > 1
        guard array.values.count == shape.reduce(1, *), !isOfRank || array.shape == shape else {
            let has = array.shape.map(String.init).joined(separator: " × ")
            throw file.refusal(
                .descriptionArray,
                "has an array '\(name)' of \(has.isEmpty ? "one number" : has). It must be "
                    + "\(shape.map(String.init).joined(separator: " × ")).",
                shape.count == 2 ? "Rows are targets, columns sources." : "Give one value a neuron."
            )
        }
        if let bad = array.values.firstIndex(where: { !range.contains($0) }) {
            let limit = "\(Entry.plain(range.lowerBound))...\(Entry.plain(range.upperBound))"
            let count = array.values.count { !range.contains($0) }
            throw file.refusal(
                .descriptionArray,
                "has \(array.values[bad]) in '\(name)', at \(bad), and \(count - 1) more such values. "
                    + "They must lie in \(limit)\(unit.isEmpty ? "" : " " + unit)."
            )
        }
        return array.values
    }

    /// Reads an array of an NPZ file beside the experiment.
    static func numbers(_ file: Entry, _ name: String, folder: String) throws(DescriptionError)
        -> NumberArray
    {
        let path = Entry.path(try file.text(), in: folder)
        do {
            return try NumberArray(path: path, array: name)
        } catch {
            throw file.refusal(
                .descriptionArray,
                "cannot be read. \(error)",
                "Check file and array."
            )
        }
    }

    /// Draws one value.
    ///
    /// - Parameters:
    ///   - stream: Of purpose `network`.
    ///   - index: Which neuron or pair.
    ///   - id: Which population or projection.
    ///   - parameter: Which parameter of it.
    /// - Returns: A value in the range it was read with.
    func value(_ stream: RandomStream, index: Int, id: UInt32, parameter: UInt32) -> Double {
        switch self {
        case .constant(let value): return value
        case .normal(let mean, let deviation, let low, let high):
            let z = stream.normal(UInt32(truncatingIfNeeded: index), id, parameter)
            return min(high, max(low, mean + deviation * z))
        case .uniform(let low, let high):
            let share = stream.uniform(UInt32(truncatingIfNeeded: index), id, parameter)
            return low + (high - low) * share
        case .array(let values):
            // The count was compared when the array was read.
            return values[index]
        }
    }
}
