public import Events

/// What a recording says of itself before its events are read.
public struct RecordingSource: Sendable, Hashable {
    /// Length of a tick.
    public var timeBase: TimeBase
    /// Whether events are changes at pixels rather than spikes of units.
    public var hasPixels: Bool
    /// Columns and rows, where the file tells.
    public var size: PixelSize?
    /// Names of the populations; more may come while the events are read.
    public var populations: [String]
    /// Facts of the file worth keeping, by name.
    public var facts: [String: String]

    /// Describes a recording.
    ///
    /// - Parameters:
    ///   - timeBase: Length of a tick.
    ///   - hasPixels: Whether events are changes at pixels.
    ///   - size: Columns and rows, if known.
    ///   - populations: Names of the populations.
    ///   - facts: Facts worth keeping.
    public init(
        timeBase: TimeBase,
        hasPixels: Bool,
        size: PixelSize? = nil,
        populations: [String] = [],
        facts: [String: String] = [:]
    ) {
        self.timeBase = timeBase
        self.hasPixels = hasPixels
        self.size = size
        self.populations = populations
        self.facts = facts
    }
}

/// Reads a recording batch by batch, in the order of its file.
public protocol RecordingReader: AnyObject {
    /// What the recording says of itself; populations may grow until the end.
    var source: RecordingSource { get }
    /// Events read so far, and what was dropped or passed over.
    var tally: EventTally { get }
    /// Share of the work that is done: bytes or elements, of how many.
    var progress: (done: UInt64, total: UInt64) { get }

    /// Reads the next events.
    ///
    /// - Parameter events: Storage, reused: what it held is replaced by up to some ten thousand events.
    /// - Returns: False after the last event; then `events` is empty.
    /// - Throws: `RecordingError` where the file cannot be read on.
    func next(into events: inout [RecordedEvent]) throws -> Bool
}

/// A reader of pixels whose sensor the caller may know better than the file.
protocol PixelRecording: RecordingReader {
    var source: RecordingSource { get set }
}

extension TimeBase {
    /// A microsecond.
    package static var microsecond: TimeBase { TimeBase(numerator: 1, denominator: 1_000_000) }
}

/// How many events the readers give at once.
enum BatchSize {
    static let events = 1 << 14
}
