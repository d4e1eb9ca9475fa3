public import Events
import Glibc
public import SpikeTrace

/// Takes spikes in canonical order and makes a file of them.
public protocol SpikeSink: AnyObject {
    /// What became of the spikes: those written, and those the format has no room for.
    var tally: EventTally { get }

    /// Begins the file; called once, first.
    ///
    /// - Parameter info: Time base, facts and sources of the spikes.
    /// - Throws: `RecordingError` where the format cannot hold such spikes.
    func begin(_ info: SpikeTraceInfo) throws

    /// Writes spikes.
    ///
    /// - Parameter spikes: In canonical order.
    /// - Throws: `RecordingError`.
    func write(_ spikes: [Spike]) throws

    /// Ends the file, which gets its name now.
    ///
    /// - Throws: `RecordingError`.
    func finish() throws
}

/// Names of facts that conversions leave in a spike trace, so that a later one can go back.
public enum RecordingFact {
    /// Planes, rows and columns of the channels of the first input, as `2x34x34`.
    public static let shape = "recordingShape"
    /// Format of the file that the spikes came from.
    public static let format = "recordingFormat"
    /// Name of that file, without its folder.
    public static let file = "recordingFile"
    /// Events read, written and dropped.
    public static let counts = "recordingEvents"
}

/// Writes a spike trace under a temporary name until it is whole.
public final class TraceSink: SpikeSink {
    private let path: String
    private let temporary: String
    private var writer: SpikeTraceWriter?
    private var isFinished = false
    /// Spikes written.
    public private(set) var tally = EventTally()

    /// Names the file.
    ///
    /// - Parameter path: The spike trace; an existing one is replaced.
    public init(path: String) {
        self.path = path
        temporary = "\(path).\(getpid()).part"
    }

    deinit { if writer != nil, !isFinished { unsafe unlink(temporary) } }

    /// Creates the file.
    ///
    /// - Parameter info: Time base, facts and sources of the spikes.
    /// - Throws: `SpikeTraceError`.
    public func begin(_ info: SpikeTraceInfo) throws {
        writer = try SpikeTraceWriter(path: temporary, info: info, flushInterval: nil)
    }

    /// Writes spikes.
    ///
    /// - Parameter spikes: In canonical order.
    /// - Throws: `SpikeTraceError`.
    public func write(_ spikes: [Spike]) throws {
        try writer?.append(spikes)
        tally.written += UInt64(spikes.count)
    }

    /// Ends the file, which gets its name now.
    ///
    /// - Throws: `SpikeTraceError`, `RecordingError`.
    public func finish() throws {
        try writer?.finish()
        guard unsafe rename(temporary, path) == 0 else {
            throw RecordingError.file(
                path: path,
                operation: "replace the file",
                reason: systemMessage(errno)
            )
        }
        isFinished = true
    }
}
