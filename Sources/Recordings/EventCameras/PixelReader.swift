/// What the readers of event cameras share: a file, a source and a tally.
///
/// A format overrides `decode`, which is called with bytes at hand.
class PixelReader: PixelRecording {
    let file: ByteSource
    var source: RecordingSource
    var tally = EventTally()

    var progress: (done: UInt64, total: UInt64) { (file.offset, file.size) }

    init(file: ByteSource, source: RecordingSource) {
        self.file = file
        self.source = source
    }

    /// Bytes of the smallest unit that `decode` works on.
    var unitSize: Int { 1 }

    /// Decodes whole units that are at hand.
    ///
    /// - Parameters:
    ///   - bytes: Bytes of the file.
    ///   - range: Those at hand, a multiple of `unitSize` long.
    ///   - events: Where the events go.
    /// - Returns: Bytes taken, a multiple of `unitSize`, at least one unit.
    func decode(_ bytes: [UInt8], _ range: Range<Int>, into events: inout [RecordedEvent]) -> Int {
        range.count
    }

    func next(into events: inout [RecordedEvent]) throws -> Bool {
        events.removeAll(keepingCapacity: true)
        while events.isEmpty {
            let here = try file.fill(unitSize)
            guard here >= unitSize else {
                tally.pass(.cutBytes, UInt64(here))
                file.advance(here)
                return false
            }
            let whole = here - here % unitSize
            let range = file.start..<file.start + min(whole, BatchSize.events * unitSize)
            file.advance(decode(file.buffer, range, into: &events))
        }
        return true
    }

    /// Counts an event and keeps it if the sensor has its pixel.
    @inline(__always)
    final func keep(_ event: RecordedEvent, in events: inout [RecordedEvent]) {
        tally.read += 1
        if let size = source.size, Int(event.x) >= size.width || Int(event.y) >= size.height {
            tally.drop(.outsideSensor)
        } else {
            events.append(event)
        }
    }
}

/// A clock of few bits made long: a large step back is a wrap, a small one is not.
struct WrappingClock {
    let bits: UInt64
    private var wraps: Int64 = 0
    private var last: UInt64 = 0
    private var hasBegun = false

    init(bits: UInt64) { self.bits = bits }

    /// The reading with the wraps before it.
    mutating func time(_ reading: UInt64) -> Int64 {
        let half: UInt64 = 1 << (bits - 1)
        if hasBegun {
            if last > reading, last - reading > half {
                wraps &+= 1
            } else if reading > last, reading - last > half, wraps > 0 {
                // A late event from before the wrap.
                return (wraps - 1) << Int64(bits) &+ Int64(reading)
            }
        }
        hasBegun = true
        last = reading
        return wraps << Int64(bits) &+ Int64(reading)
    }
}
