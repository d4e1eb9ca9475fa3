import Events

/// AEDAT 2: 8 bytes an event, an address and a time in µs, both of 32 bits and big-endian.
///
/// Source: iniVation, "AEDAT file formats", and jAER's extractors, whose columns and polarities are kept:
/// columns count from the other side than in the address, rows from below; a DVS128 address has bit 0 set
/// for a pixel that got darker. Bit 15 of a DVS128 and bits 31 and 10 of a DAVIS mark other data.
final class AEDAT2Reader: PixelReader {
    private let isDAVIS: Bool
    private var clock = WrappingClock(bits: 32)

    override var unitSize: Int { 8 }

    /// Reads on behind the header.
    init(file: ByteSource, header: AEDATHeader) {
        isDAVIS = header.isDAVIS
        let size =
            header.size
            ?? (header.isDAVIS
                ? PixelSize(width: 240, height: 180) : PixelSize(width: 128, height: 128))
        super.init(
            file: file,
            source: RecordingSource(timeBase: .microsecond, hasPixels: true, size: size)
        )
    }

    override func decode(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        into events: inout [RecordedEvent]
    ) -> Int {
        let lastColumn = (source.size?.width ?? 1) - 1
        for index in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
            let address = bytes.bigWord(at: index)
            let time = clock.time(UInt64(bytes.bigWord(at: index + 4)))
            let column: Int
            let row: UInt32
            let isOn: Bool
            if isDAVIS {
                guard address & (1 << 31 | 1 << 10) == 0 else {
                    tally.pass(address >> 31 == 0 ? .triggers : .otherData)
                    continue
                }
                (column, row) = (Int(address >> 12 & 0x3FF), address >> 22 & 0x1FF)
                isOn = address >> 11 & 1 == 1
            } else {
                guard address & 0x8000 == 0 else {
                    tally.pass(.triggers)
                    continue
                }
                (column, row) = (Int(address >> 1 & 0x7F), address >> 8 & 0x7F)
                isOn = address & 1 == 0
            }
            guard column <= lastColumn else {
                tally.read += 1
                tally.drop(.outsideSensor)
                continue
            }
            keep(
                RecordedEvent(
                    time: time,
                    x: UInt16(lastColumn - column),
                    y: UInt16(row),
                    isOn: isOn
                ),
                in: &events
            )
        }
        return range.count
    }
}
