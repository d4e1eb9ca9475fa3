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
    /// median · e^(sigma · z); the median gives the sign, and what lies beyond `low...high` is set to the nearer
    /// end.
    case lognormal(median: Double, sigma: Double, low: Double, high: Double)
    case array([Double])

    var isArray: Bool { if case .array = self { true } else { false } }

    /// Longest list that a file may write out.
    static let mostItems = 1 << 20

    /// No draw of `RandomStream.normal` lies further from the mean, in standard deviations.
    static let widestDraw = 8.3

    /// Reads a distribution, every value of which lies in a range.
    ///
    /// - Parameters:
    ///   - entry: A number, a list of numbers, `{ normal: { mean, deviation, clip } }`, `{ uniform: [low, high] }`,
    ///     `{ lognormal: { median, sigma } }` or `{ file: w.npz, array: W }`.
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
        if entry.node.sequence != nil {
            self = .array(try Self.inline(entry, range, unit, shape: shape))
            return
        }
        guard entry.node.mapping != nil else {
            self = .constant(try entry.number(range, unit))
            return
        }
        let section = try entry.section(ExperimentKeys.distribution)
        switch try section.one(of: ["normal", "uniform", "lognormal", "file"]) {
        case "lognormal":
            self = try Self.lognormal(section.required("lognormal", ""), range, unit)
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
            throw mayDrawBeyond(range, unit, entry, "Add low and high")
        }
        return .normal(
            mean: mean,
            deviation: deviation,
            low: low ?? -.infinity,
            high: high ?? .infinity
        )
    }

    /// Why a distribution is refused whose values may lie beyond the parameter's range.
    private static func mayDrawBeyond(
        _ range: ClosedRange<Double>,
        _ unit: String,
        _ entry: Entry,
        _ advice: String
    ) -> DescriptionError {
        entry.refusal(
            "may draw values beyond \(text(range, unit)), where this parameter must lie.",
            "\(advice): what is drawn beyond them is set to the nearer one."
        )
    }

    /// A range as errors write it, for example "0...100 ms".
    private static func text(_ range: ClosedRange<Double>, _ unit: String) -> String {
        "\(Entry.plain(range.lowerBound))...\(Entry.plain(range.upperBound))"
            + (unit.isEmpty ? "" : " " + unit)
    }

    private static func lognormal(
        _ entry: Entry,
        _ range: ClosedRange<Double>,
        _ unit: String
    ) throws(DescriptionError) -> Distribution {
        let parts = try entry.section(ExperimentKeys.lognormal)
        let place = try parts.required("median", "Its sign is that of all values.")
        let median = try place.number(range, unit)
        guard median != 0 else {
            throw place.refusal(
                "is 0. It must be above 0, or below for values below 0.",
                "Write the median of the values."
            )
        }
        let sigma = try parts.required("sigma", "It is the deviation of the logarithm.")
            .number(0...100)
        let low = try parts["low"]?.number(range, unit)
        let high = try parts["high"]?.number((low ?? range.lowerBound)...range.upperBound, unit)
        let widest = PortableMath.exp(min(700, widestDraw * sigma))
        let ends = [median * widest, median / widest].sorted()
        guard range.contains(max(ends[0], low ?? -.infinity)),
            range.contains(min(ends[1], high ?? .infinity))
        else {
            throw mayDrawBeyond(range, unit, entry, "Add low or high")
        }
        return .lognormal(
            median: median,
            sigma: sigma,
            low: low ?? -.infinity,
            high: high ?? .infinity
        )
    }

    /// Numbers that stand in the file itself: a list, or a list of rows.
    private static func inline(
        _ entry: Entry,
        _ range: ClosedRange<Double>,
        _ unit: String,
        shape: [Int]
    ) throws(DescriptionError) -> [Double] {
        let count = shape.reduce(1, *)
        func refused(_ entry: Entry, _ found: Int, _ wanted: Int, _ what: String)
            -> DescriptionError
        {
            entry.refusal(
                .descriptionArray,
                "has \(found) \(what). It must have \(wanted).",
                shape.count == 2 ? "Rows are targets, columns sources." : "Give one value each."
            )
        }
        let isMatrix = shape.count == 2 && entry.node.sequence?.first?.sequence != nil
        let rows = isMatrix ? try entry.list(0...mostItems) : [entry]
        guard !isMatrix || rows.count == shape[0] else {
            throw refused(entry, rows.count, shape[0], "rows")
        }
        var values: [Double] = []
        for row in rows {
            let items = try row.list(0...mostItems)
            let wanted = isMatrix ? shape[1] : count
            guard items.count == wanted else { throw refused(row, items.count, wanted, "numbers") }
            for item in items { values.append(try item.number(range, unit)) }
        }
        return values
    }

    private static func array(
        _ section: Section,
        _ range: ClosedRange<Double>,
        _ unit: String,
        shape: [Int],
        folder: String
    ) throws(DescriptionError) -> [Double] {
        let file = try section.required("file", "It is an NPZ or HDF5 file.")
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
            let count = array.values.count { !range.contains($0) }
            throw file.refusal(
                .descriptionArray,
                "has \(array.values[bad]) in '\(name)', at \(bad), and \(count - 1) more such values. "
                    + "They must lie in \(text(range, unit))."
            )
        }
        return array.values
    }

    /// Reads an array of a file beside the experiment.
    static func numbers(_ file: Entry, _ name: String, folder: String) throws(DescriptionError)
        -> NumberArray
    {
        let path = Entry.path(try file.text(), in: folder)
        do {
            return try ArrayFile.numbers(path, name)
        } catch {
            throw file.refusal(
                .descriptionArray,
                "cannot be read. \(error)",
                "Check file and array."
            )
        }
    }

    /// Reads whole numbers of a file beside the network.
    static func integers(_ path: String, _ name: String, _ file: Entry, limit: Int)
        throws(DescriptionError) -> [Int]
    {
        do {
            return try ArrayFile.integers(path, name, limit: limit)
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
    ///   - draws: Of the population or projection.
    ///   - index: Which neuron or pair, or which place of an array.
    ///   - parameter: Which parameter of it.
    /// - Returns: A value in the range it was read with.
    func value(_ draws: ProjectionDraws, _ index: Int, _ parameter: UInt32) -> Double {
        switch self {
        case .constant(let value): return value
        case .normal(let mean, let deviation, let low, let high):
            return min(high, max(low, mean + deviation * draws.normal(index, parameter)))
        case .lognormal(let median, let sigma, let low, let high):
            let factor = PortableMath.exp(sigma * draws.normal(index, parameter))
            return min(high, max(low, median * factor))
        case .uniform(let low, let high):
            return low + (high - low) * draws.uniform(index, parameter)
        case .array(let values):
            // The count was compared when the array was read.
            return values[index]
        }
    }
}
