/// Numbers of a typed series: how wide they are and what they are.
public enum SeriesElement: UInt8, Sendable, CaseIterable {
    /// Signed integers of 8 bits.
    case int8 = 0
    /// Signed integers of 16 bits.
    case int16 = 1
    /// Signed integers of 32 bits.
    case int32 = 2
    /// Signed integers of 64 bits.
    case int64 = 3
    /// IEEE 754 numbers of 64 bits.
    case float64 = 4

    /// Bytes of a number.
    public var byteCount: Int {
        switch self {
        case .int8: 1
        case .int16: 2
        case .int32: 4
        case .int64, .float64: 8
        }
    }

    /// Name in channel metadata.
    package var name: String {
        switch self {
        case .int8: "i8"
        case .int16: "i16"
        case .int32: "i32"
        case .int64: "i64"
        case .float64: "f64"
        }
    }
}

/// One recorded state of a chip: the same quantity of several neurons or synapses, step by step.
public struct SeriesChannel: Sendable, Hashable {
    /// What has the state: the path of a population or projection.
    public var source: String
    /// What is recorded: `v` (membrane potential), `u` (synaptic current), `weight`, or the name of
    /// a learning trace such as `x1`.
    public var quantity: String
    /// Type of the numbers.
    public var element: SeriesElement
    /// Which neurons or synapses the columns are, ascending or not; at least one.
    public var indices: [UInt32]
    /// What else a reader should know, for example `unit` or `scale`.
    public var metadata: [String: String]

    /// Describes a series.
    ///
    /// - Parameters:
    ///   - source: Path of the population or projection.
    ///   - quantity: Name of the state.
    ///   - element: Type of the numbers.
    ///   - indices: Neurons or synapses of the columns, at least one.
    ///   - metadata: Further facts by name.
    public init(
        source: String,
        quantity: String,
        element: SeriesElement,
        indices: [UInt32],
        metadata: [String: String] = [:]
    ) {
        self.source = source
        self.quantity = quantity
        self.element = element
        self.indices = indices
        self.metadata = metadata
    }

    /// Name of the channel in the file: `/series/SOURCE/QUANTITY`.
    public var topic: String { "/series/\(source)/\(quantity)" }

    /// Bytes of one row.
    var rowBytes: Int { indices.count * element.byteCount }

    /// Why the format cannot store it; nil if it can.
    package var problem: String? {
        if indices.isEmpty { return "it has no columns. Leave it out" }
        if indices.count > SpikeTraceFormat.mostColumns {
            return
                "it has \(indices.count) columns. At most \(SpikeTraceFormat.mostColumns) fit. Split it"
        }
        if indexText.utf8.count > SpikeTraceFormat.longestText {
            return "its indices are too scattered to be written in "
                + "\(SpikeTraceFormat.longestText) bytes. Split it"
        }
        return topic.utf8.count > SpikeTraceFormat.longestText
            ? "its name is too long. Shorten it" : nil
    }

    /// Names that the format gives entries of its own.
    static let reservedKeys: Set<String> = ["source", "quantity", "element", "columns", "indices"]

    /// The indices as text: runs of neighbours as `first-last`, separated by commas.
    var indexText: String {
        var runs: [(first: UInt32, last: UInt32)] = []
        for index in indices {
            if let run = runs.last, run.last < .max, run.last + 1 == index {
                runs[runs.count - 1].last = index
            } else {
                runs.append((index, index))
            }
        }
        return runs.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }
            .joined(separator: ",")
    }

    /// Reads indices; nil if the text is none, or does not give `count` of them.
    static func indices(of text: String, count: Int) -> [UInt32]? {
        var indices: [UInt32] = []
        for run in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = run.split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count <= 2, let first = ends.first.flatMap({ UInt32($0) }),
                let last = ends.last.flatMap({ UInt32($0) }), first <= last,
                Int(last - first) < count - indices.count
            else { return nil }
            indices.append(contentsOf: first...last)
        }
        return indices.count == count ? indices : nil
    }
}
