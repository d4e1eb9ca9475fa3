import Events

/// NEST `.dat`: text of sender and time in ms, with or without a header.
///
/// Source: NEST 2 and 3, recording backend "ascii": comments begin with `#`, then perhaps a line
/// `sender time_ms`, or `sender time_step time_offset` with a step size that the file does not tell, which
/// is refused. Lines of several threads come in no order.
final class NESTReader: RecordingReader {
    private var lines: TextLines
    private var hasBegun = false
    private(set) var source: RecordingSource
    private(set) var tally = EventTally()

    var progress: (done: UInt64, total: UInt64) { (lines.file.offset, lines.file.size) }

    private let digits: Int

    /// Opens a file.
    init(path: String, options: RecordingOptions) throws {
        lines = try TextLines(path: path)
        let unit = options.table.timeUnit ?? TimeBase(numerator: 1, denominator: 1000)
        let ticks = TimeScale(of: unit)
        digits = ticks.digits
        source = RecordingSource(timeBase: ticks.timeBase, hasPixels: false)
    }

    func next(into events: inout [RecordedEvent]) throws -> Bool {
        events.removeAll(keepingCapacity: true)
        while events.count < BatchSize.events, let line = try lines.next() {
            let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
            let fields = line.split(whereSeparator: isBlank)
            guard let first = fields.first, first.first != UInt8(ascii: "#") else { continue }
            if !hasBegun {
                hasBegun = true
                if first.elementsEqual("sender".utf8) {
                    guard fields.count >= 2, fields[1].elementsEqual("time_ms".utf8) else {
                        throw lines.problem(
                            "the times are in steps whose length the file does not tell",
                            "Record with time_in_steps = False."
                        )
                    }
                    continue
                }
            }
            guard fields.count >= 2 else {
                throw lines.problem(
                    "this is not a sender and a time in ms",
                    "Correct the line, or say the format with --from."
                )
            }
            tally.read += 1
            guard let unit = TextNumber.whole(first).flatMap({ UInt32(exactly: $0) }), unit < .max
            else {
                tally.drop(.badUnit)
                continue
            }
            guard let time = TextNumber.ticks(fields[1], digits: digits) else {
                tally.drop(.badTime)
                continue
            }
            events.append(RecordedEvent(time: time, unit: unit))
        }
        return !events.isEmpty
    }
}

/// Files that end in `.dat`: of NEST or of Prophesee.
enum DATFile {
    /// Opens a file by what its first bytes are: text, or a header and binary data.
    static func open(path: String, options: RecordingOptions) throws -> any RecordingReader {
        let file = try ByteSource(path: path, capacity: 1 << 12)
        let here = try file.fill(1 << 12)
        let isText = file.buffer[..<here].allSatisfy {
            $0 >= 0x20 && $0 < 0x7F || (0x09...0x0D).contains($0)
        }
        return isText && file.buffer[0] != UInt8(ascii: "%")
            ? try NESTReader(path: path, options: options) : try DATReader(path: path)
    }
}
