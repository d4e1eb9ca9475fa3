import Events

/// Prophesee EVT 2.0: words of 32 bits, an event or the high bits of the time each.
///
/// Source: Prophesee, "EVT 2.0 format". Bits 31…28 are the kind; an event has the low 6 bits of its time.
final class EVT2Reader: PixelReader {
    private var clock = WrappingClock(bits: 28)
    private var high: Int64?

    override var unitSize: Int { 4 }

    override func decode(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        into events: inout [RecordedEvent]
    ) -> Int {
        var index = range.lowerBound
        while index < range.upperBound {
            let word = bytes.word(at: index)
            index += 4
            switch word >> 28 {
            case 0x0, 0x1:
                guard let high else {
                    tally.read += 1
                    tally.drop(.beforeFirstTime)
                    continue
                }
                keep(
                    RecordedEvent(
                        time: high << 6 | Int64(word >> 22 & 0x3F),
                        x: UInt16(word >> 11 & 0x7FF),
                        y: UInt16(word & 0x7FF),
                        isOn: word >> 28 == 1
                    ),
                    in: &events
                )
            case 0x8: high = clock.time(UInt64(word & 0xFFF_FFFF))
            case 0xA: tally.pass(.triggers)
            default: tally.pass(.unknownWords)
            }
        }
        return range.count
    }
}

/// Opens Prophesee RAW files.
enum CameraFile {
    /// Encodings of a RAW file.
    enum Encoding {
        case evt2, evt3
    }

    /// Opens a RAW file by its header, or as the caller says.
    static func open(path: String, as wanted: Encoding?) throws -> any RecordingReader {
        let file = try ByteSource(path: path)
        let header = try CameraHeader(from: file)
        let source = RecordingSource(
            timeBase: .microsecond,
            hasPixels: true,
            size: header.size,
            facts: header.fields.filter { $0.key == "serial_number" || $0.key == "date" }
        )
        let encoding: Encoding
        switch (wanted, header.encoding) {
        case (let wanted?, _): encoding = wanted
        case (nil, "2.0"): encoding = .evt2
        case (nil, "3.0"): encoding = .evt3
        case (nil, let version):
            throw RecordingError.malformed(
                path: path,
                offset: 0,
                problem: version.map { "the header says EVT \($0.prefix(20)), which is not read" }
                    ?? "the header does not say which encoding follows",
                advice: version == nil
                    ? "Say it: --from evt2 or --from evt3."
                    : "Read are EVT 2.0 and 3.0: convert it with the vendor's tools."
            )
        }
        switch encoding {
        case .evt2: return EVT2Reader(file: file, source: source)
        case .evt3: return EVT3Reader(file: file, source: source)
        }
    }
}
