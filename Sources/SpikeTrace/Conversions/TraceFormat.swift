public import Events

/// A format that spike traces are converted to and from.
public struct TraceFormat: Sendable {
    /// Name on the command line and end of file names.
    public let name: String
    /// One line for `--help`.
    public let summary: String
    /// Writes a trace to a file of this format.
    public let export: @Sendable (SpikeTraceReader, _ path: String) throws -> Void
    /// Makes a spike trace of a file of this format, and returns the number of spikes.
    public let importTrace:
        @Sendable (_ path: String, _ tracePath: String, TimeBase) throws -> UInt64

    /// Every format: a new one adds its line here.
    public static let all: [TraceFormat] = [
        TraceFormat(
            name: "csv",
            summary: "text, a line 'step,core,neuron' for each spike",
            export: { try CSV.export($0, to: $1) },
            importTrace: { try CSV.importTrace(from: $0, to: $1, timeBase: $2) }
        )
    ]

    /// Finds the format of a file by the end of its name.
    ///
    /// - Parameter path: A file name.
    /// - Returns: The format.
    /// - Throws: `SpikeTraceError.unknownFormat` naming the known ones.
    public static func of(path: String) throws -> TraceFormat {
        guard let format = all.first(where: { path.lowercased().hasSuffix("." + $0.name) }) else {
            throw SpikeTraceError.unknownFormat(path: path, known: all.map { "." + $0.name })
        }
        return format
    }
}
