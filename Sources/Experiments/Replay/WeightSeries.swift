public import Emulator
public import SpikeTrace

/// Weight registers of a learning chip as series of a recording: a row at each look.
///
/// Each projection with a rule is a series of quantity `weight`. The index of a synapse's column is
/// pre · `columnsPerPre` + post, with `columnsPerPre`, more than any post, in the metadata.
public struct WeightSeries {
    private static let quantity = "weight"
    private static let columnsPerPre = "columnsPerPre"

    /// The series, for the recorder.
    public let channels: [SeriesChannel]
    /// Projections with more synapses than series can hold.
    public let leftOut: [String]
    private let names: [String: Int]
    private var lastStep: UInt64?

    /// Describes the series of a machine.
    ///
    /// - Parameters:
    ///   - machine: A machine with its rules.
    ///   - others: Series of the recording before these.
    public init(_ machine: Machine, after others: [SeriesChannel] = []) {
        let taken = others.reduce(0) { $0 + $1.indices.count }
        var (channels, leftOut, room) = (
            [SeriesChannel](), [String](), SpikeTraceFormat.mostAllColumns - taken
        )
        for look in WeightRecording.looks(at: machine) where !look.values.isEmpty {
            let columnsPerPre = 1 + look.values.reduce(0) { max($0, $1.post) }
            let indices = look.values.compactMap {
                UInt32(exactly: $0.pre * columnsPerPre + $0.post)
            }
            let channel = SeriesChannel(
                source: look.projection,
                quantity: Self.quantity,
                element: .int32,
                indices: indices,
                metadata: [Self.columnsPerPre: "\(columnsPerPre)", "unit": "raw register"]
            )
            guard indices.count == look.values.count, indices.count <= room, channel.problem == nil
            else {
                leftOut.append(look.projection)
                continue
            }
            room -= indices.count
            channels.append(channel)
        }
        self.channels = channels
        self.leftOut = leftOut
        names = Dictionary(
            uniqueKeysWithValues: channels.enumerated().map { ($1.source, others.count + $0) }
        )
    }

    /// Records the weights; of two looks at one step only the first.
    ///
    /// - Parameters:
    ///   - machine: A machine between two steps.
    ///   - writer: Writes a recording with these series behind the others.
    /// - Throws: `SpikeTraceError` if the file cannot be written.
    public mutating func note(_ machine: Machine, to writer: SpikeTraceWriter) throws {
        guard lastStep.map({ $0 < machine.currentStep }) ?? true else { return }
        lastStep = machine.currentStep
        for look in WeightRecording.looks(at: machine) {
            guard let index = names[look.projection] else { continue }
            try writer.append(
                look.values.map { Int64($0.register) },
                toSeries: index,
                step: look.step
            )
        }
    }

    /// Reads the weights of a recording.
    ///
    /// - Parameter reader: The recording.
    /// - Returns: What its series hold; no looks where it has none of weights.
    /// - Throws: `SpikeTraceError` if it cannot be read, `WeightRecording.Fault` if it holds too much.
    public static func recording(of reader: SpikeTraceReader) throws -> WeightRecording {
        var recording = WeightRecording()
        for series in reader.info.series where series.quantity == quantity {
            guard let text = series.metadata[columnsPerPre], let columnsPerPre = UInt32(text),
                columnsPerPre > 0
            else { continue }
            var cursor = reader.rows(of: series)
            while let block = try cursor.next() {
                guard case .integers(let registers) = block.values else { continue }
                for row in 0..<block.rows {
                    let values = zip(series.indices, registers[(row * block.columns)...]).map {
                        WeightRecording.Value(
                            pre: Int($0 / columnsPerPre),
                            post: Int($0 % columnsPerPre),
                            register: Int($1)
                        )
                    }
                    try recording.append(
                        .init(
                            step: block.step(ofRow: row),
                            projection: series.source,
                            values: values
                        ),
                        of: reader.path
                    )
                }
            }
        }
        return recording
    }
}
