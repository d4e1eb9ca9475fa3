import Events

/// N-MNIST and N-Caltech101 `.bin`: 5 bytes an event, big-endian.
///
/// Source: Orchard et al. 2015 (doi:10.3389/fnins.2015.00437) and its Read_Ndataset.m: column, row, then
/// the polarity bit and 23 bits of time in µs. Row 240 marks that the clock went over 2¹³ µs.
final class NMNISTReader: PixelReader {
    private var overflow: Int64 = 0

    override var unitSize: Int { 5 }

    /// Opens a file.
    init(path: String) throws {
        super.init(
            file: try ByteSource(path: path),
            source: RecordingSource(
                timeBase: .microsecond,
                hasPixels: true,
                size: PixelSize(width: 34, height: 34)
            )
        )
    }

    override func decode(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        into events: inout [RecordedEvent]
    ) -> Int {
        for index in stride(from: range.lowerBound, to: range.upperBound, by: 5) {
            let word = bytes.bigWord(at: index + 1)
            let row = UInt16(bytes[index + 1])
            if row == 240 {
                overflow += 1 << 13
                tally.pass(.clockWraps)
                continue
            }
            keep(
                RecordedEvent(
                    time: overflow + Int64(word & 0x7F_FFFF),
                    x: UInt16(bytes[index]),
                    y: row,
                    isOn: word >> 23 & 1 == 1
                ),
                in: &events
            )
        }
        return range.count
    }
}
