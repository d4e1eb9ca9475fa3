import FixedPoint
import Samples
import Yams

/// A parameter as an experiment describes it: a number, a distribution, or an array of a file.
enum Distribution: Sendable, Equatable {
    case constant(Double)
    case normal(mean: Double, deviation: Double, clip: Double?)
    case uniform(low: Double, high: Double)
    case array([Double])

    static let keys = ["normal", "uniform", "file"]

    /// Reads a distribution.
    ///
    /// - Parameters:
    ///   - entry: A number, `{ normal: { mean, deviation, clip } }`, `{ uniform: [low, high] }` or
    ///     `{ file: w.npz, array: W }`.
    ///   - range: Of every value.
    ///   - folder: What file names are relative to.
    init(_ entry: Entry, _ range: ClosedRange<Double>, _ unit: String, folder: String) throws {
        guard entry.node.mapping != nil else {
            self = .constant(try entry.number(range, unit))
            return
        }
        let section = try entry.section(["normal", "uniform", "file", "array"])
        if let normal = section["normal"] {
            let parts = try normal.section(["mean", "deviation", "clip"])
            self = .normal(
                mean: try parts["mean"]?.number(range, unit) ?? 0,
                deviation: try parts.required("deviation", "It is the standard deviation.")
                    .number(0...1e9, unit),
                clip: try parts["clip"]?.number(0...1e9, unit)
            )
        } else if let uniform = section["uniform"] {
            let ends = try uniform.list(2...2)
            let low = try ends[0].number(range, unit)
            self = .uniform(
                low: low,
                high: try ends[1].number(low...max(low, range.upperBound), unit)
            )
        } else if let file = section["file"] {
            let name = try file.text()
            let array = try section.required("array", "It names the array in the file.").text()
            self = .array(try Self.array(name, array, folder: folder, entry: file))
        } else {
            throw entry.refusal("is an empty section. It must have normal, uniform or file.")
        }
    }

    /// Draws one value.
    ///
    /// - Parameters:
    ///   - stream: Of purpose `network`.
    ///   - index: Which neuron or pair.
    ///   - id: Which population or projection.
    ///   - parameter: Which parameter of it.
    func value(_ stream: RandomStream, index: Int, id: UInt32, parameter: UInt32) -> Double {
        switch self {
        case .constant(let value): return value
        case .normal(let mean, let deviation, let clip):
            let z = stream.normal(UInt32(truncatingIfNeeded: index), id, parameter)
            let value = mean + deviation * z
            return clip.map { min($0, max(-$0, value)) } ?? value
        case .uniform(let low, let high):
            let share = stream.uniform(UInt32(truncatingIfNeeded: index), id, parameter)
            return low + (high - low) * share
        case .array(let values): return values.isEmpty ? 0 : values[index % values.count]
        }
    }

    /// Number of values an array has; nil for others.
    var arrayCount: Int? {
        if case .array(let values) = self { return values.count }
        return nil
    }

    /// Reads an array of an NPZ file beside the experiment.
    static func array(_ name: String, _ array: String, folder: String, entry: Entry) throws
        -> [Double]
    {
        let path = name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
        do {
            return try NumberArray(path: path, array: array).values
        } catch {
            throw entry.refusal("cannot be read: \(error)")
        }
    }
}
