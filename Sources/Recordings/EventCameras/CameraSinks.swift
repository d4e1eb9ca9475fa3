import Events
import SpikeTrace

/// What the writers of event-camera formats share: channels become pixels again, steps become µs.
class CameraSink: SpikeSink {
    let file: ByteSink
    private(set) var tally = EventTally()
    private(set) var size = PixelSize(width: 1, height: 1)
    private var planes = 1
    private var core: UInt32 = 0
    private var timeBase = TimeBase.microsecond

    /// Name and largest size of the format.
    var format: (name: String, size: PixelSize) { ("", PixelSize(width: 1, height: 1)) }

    /// The bytes before the events.
    var head: String { "" }

    init(path: String) throws { file = try ByteSink(path: path) }

    /// Appends an event; false if the format has no room for its time.
    func put(_ event: RecordedEvent, into bytes: inout [UInt8]) throws -> Bool { false }

    final func begin(_ info: SpikeTraceInfo) throws {
        guard let shape = info.shape, let channel = info.channels.first,
            shape.size.width <= format.size.width, shape.size.height <= format.size.height
        else {
            throw RecordingError.cannotHold(
                path: file.path,
                format: format.name,
                problem: info.shape.map { "\($0.size.width) columns and \($0.size.height) rows" }
                    ?? "the spikes are not of pixels",
                advice: "It holds recordings of event cameras, converted before, of at most "
                    + "\(format.size.width) by \(format.size.height) pixels."
            )
        }
        (planes, size) = shape
        core = channel.core
        timeBase = info.timeBase
        try file.write(head)
    }

    final func write(_ spikes: [Spike]) throws {
        var bytes: [UInt8] = []
        let plane = size.width * size.height
        for spike in spikes {
            let place = Int(spike.neuron)
            guard spike.core == core, place < planes * plane,
                let time = timeBase.whole(spike.step, perSecond: 1_000_000), time < 1 << 61
            else {
                tally.drop(.outsideFormat)
                continue
            }
            let event = RecordedEvent(
                time: Int64(time),
                x: UInt16(place % plane % size.width),
                y: UInt16(place % plane / size.width),
                isOn: planes == 1 || place >= plane
            )
            if try put(event, into: &bytes) {
                tally.written += 1
            } else {
                tally.drop(.outsideFormat)
            }
        }
        try file.write(bytes)
    }

    final func finish() throws { try file.finish() }
}

/// A clock whose high part must be written so often that no wrap is missed.
struct HighTimes {
    /// Largest step between two readings.
    let stride: Int64
    private var last: Int64 = 0
    private var hasBegun = false

    /// More readings than that in one pause are refused.
    static let mostAtOnce: Int64 = 1 << 20

    init(stride: Int64) { self.stride = stride }

    /// The readings to write before an event whose high part is `high`; nil if there are too many.
    mutating func readings(before high: Int64) -> [Int64]? {
        guard !hasBegun || high != last else { return [] }
        guard (high - last) / stride <= Self.mostAtOnce else { return nil }
        var readings: [Int64] = hasBegun ? [] : [last]
        while high - last > stride {
            last += stride
            readings.append(last)
        }
        if high != last { readings.append(high) }
        last = high
        hasBegun = true
        return readings
    }
}

/// Writes EVT 2.0.
final class EVT2Sink: CameraSink {
    private var highs = HighTimes(stride: 1 << 26)

    override var format: (name: String, size: PixelSize) {
        ("EVT 2.0", PixelSize(width: 2048, height: 2048))
    }

    override var head: String {
        "% evt 2.0\n% geometry \(size.width)x\(size.height)\n% end\n"
    }

    override func put(_ event: RecordedEvent, into bytes: inout [UInt8]) throws -> Bool {
        guard let readings = highs.readings(before: event.time >> 6) else { return false }
        for reading in readings {
            bytes.append(little: 0x8 << 28 | UInt32(truncatingIfNeeded: reading) & 0xFFF_FFFF)
        }
        bytes.append(
            little: (event.isOn ? 1 : 0) << 28 | UInt32(event.time & 0x3F) << 22
                | UInt32(event.x) << 11 | UInt32(event.y)
        )
        return true
    }
}

/// Writes EVT 3.0, single events only.
final class EVT3Sink: CameraSink {
    private var highs = HighTimes(stride: 1 << 10)
    private var low: Int64?
    private var row: UInt16?

    override var format: (name: String, size: PixelSize) {
        ("EVT 3.0", PixelSize(width: 2048, height: 2048))
    }

    override var head: String {
        "% evt 3.0\n% geometry \(size.width)x\(size.height)\n% end\n"
    }

    override func put(_ event: RecordedEvent, into bytes: inout [UInt8]) throws -> Bool {
        guard let readings = highs.readings(before: event.time >> 12) else { return false }
        for reading in readings {
            bytes.append(little: 0x8000 | UInt16(truncatingIfNeeded: reading & 0xFFF))
        }
        if low != event.time & 0xFFF {
            bytes.append(little: 0x6000 | UInt16(event.time & 0xFFF))
            low = event.time & 0xFFF
        }
        if row != event.y {
            bytes.append(little: event.y)
            row = event.y
        }
        bytes.append(little: 0x2000 | (event.isOn ? 0x800 : 0) | event.x)
        return true
    }
}

/// Writes N-MNIST's format: 8.3 s at most.
final class NMNISTSink: CameraSink {
    override var format: (name: String, size: PixelSize) {
        ("N-MNIST's format", PixelSize(width: 34, height: 34))
    }

    override func put(_ event: RecordedEvent, into bytes: inout [UInt8]) throws -> Bool {
        guard event.time < 1 << 23 else { return false }
        let word = (event.isOn ? 1 : 0) << 23 | UInt32(event.time)
        bytes += [
            UInt8(truncatingIfNeeded: event.x), UInt8(truncatingIfNeeded: event.y),
            UInt8(truncatingIfNeeded: word >> 16), UInt8(truncatingIfNeeded: word >> 8),
            UInt8(truncatingIfNeeded: word),
        ]
        return true
    }
}
