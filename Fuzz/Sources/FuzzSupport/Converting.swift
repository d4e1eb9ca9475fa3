import Events
public import Recordings
import SpikeTrace

/// Looks at spikes and keeps none.
final class CheckingSink: SpikeSink {
    private(set) var tally = EventTally()
    private var last: Spike?
    private var neurons: [UInt32: UInt32] = [:]

    func begin(_ info: SpikeTraceInfo) {
        for channel in info.channels { neurons[channel.core] = channel.neuronCount }
    }

    func write(_ spikes: [Spike]) {
        for spike in spikes {
            if let last { precondition(last <= spike, "spikes are in canonical order") }
            precondition(spike.neuron < neurons[spike.core] ?? 0, "a spike is of a channel")
            last = spike
        }
        tally.written += UInt64(spikes.count)
    }

    func finish() {}
}

/// Reads a recording to its end and converts it, as `spikeloom convert` does.
///
/// - Parameters:
///   - reader: The recording, opened.
///   - map: What becomes of pixels and times.
///   - most: Events after which an endless recording is left.
/// - Throws: What the reader and the conversion throw.
public func convert(
    _ reader: any RecordingReader,
    map: EventMap,
    atMost most: UInt64 = 1 << 18
) throws {
    var conversion = Conversion()
    conversion.map = map
    let bounded = BoundedReader(reader, atMost: most)
    let outcome = try conversion.run(
        bounded,
        size: reader.source.size ?? PixelSize(width: 640, height: 480),
        beside: "/dev/shm/spikeloom-fuzz",
        into: CheckingSink()
    )
    precondition(
        outcome.tally.read == outcome.tally.written + outcome.tally.droppedCount
            || bounded.isLeft,
        "events read are written or dropped"
    )
    _ = outcome.tally.lines()
}

/// Ends a recording early.
private final class BoundedReader: RecordingReader {
    private let reader: any RecordingReader
    private let most: UInt64
    private(set) var isLeft = false

    init(_ reader: any RecordingReader, atMost most: UInt64) {
        self.reader = reader
        self.most = most
    }

    var source: RecordingSource { reader.source }
    var tally: EventTally { reader.tally }
    var progress: (done: UInt64, total: UInt64) { reader.progress }

    func next(into events: inout [RecordedEvent]) throws -> Bool {
        isLeft = reader.tally.read > most
        guard !isLeft else {
            events.removeAll()
            return false
        }
        return try reader.next(into: &events)
    }
}
