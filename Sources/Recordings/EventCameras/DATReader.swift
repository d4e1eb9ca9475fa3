import Events

/// Prophesee DAT: 8 bytes an event, a time of 32 bits in µs, then column, row and polarity.
///
/// Source: Prophesee, "DAT format": bits 13…0 are x, 27…14 y, 28 the polarity.
final class DATReader: PixelReader {
    private var clock = WrappingClock(bits: 32)

    override var unitSize: Int { 8 }

    /// Opens a file.
    init(path: String) throws {
        let file = try ByteSource(path: path)
        let header = try CameraHeader(from: file)
        guard try file.fill(2) >= 2 else {
            throw RecordingError.malformed(
                path: path,
                offset: file.offset,
                problem: "the file ends before the kind and size of its events",
                advice: "Copy it again."
            )
        }
        let (kind, size) = (file.buffer[file.start], file.buffer[file.start + 1])
        guard [0x00, 0x0C, 0x28].contains(kind), size == 8 else {
            throw RecordingError.malformed(
                path: path,
                offset: file.offset,
                problem: "events of kind \(kind) and \(size) bytes. Read are kinds 0, 12 and 40 "
                    + "of 8 bytes: changes at pixels",
                advice: "Convert the file with the vendor's tools."
            )
        }
        file.advance(2)
        super.init(
            file: file,
            source: RecordingSource(timeBase: .microsecond, hasPixels: true, size: header.size)
        )
    }

    override func decode(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        into events: inout [RecordedEvent]
    ) -> Int {
        for index in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
            let place = bytes.word(at: index + 4)
            keep(
                RecordedEvent(
                    time: clock.time(UInt64(bytes.word(at: index))),
                    x: UInt16(place & 0x3FFF),
                    y: UInt16(place >> 14 & 0x3FFF),
                    isOn: place >> 28 & 1 == 1
                ),
                in: &events
            )
        }
        return range.count
    }
}
