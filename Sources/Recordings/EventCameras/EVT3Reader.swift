import Events

/// Prophesee EVT 3.0: words of 16 bits that set row, base column and time, and single or vector events.
///
/// Source: Prophesee, "EVT 3.0 format". Bits 15…12 are the kind. The time is TIME_HIGH · 2¹² + TIME_LOW in
/// µs; TIME_LOW goes backwards in real files, which is no wrap: a wrap shows in TIME_HIGH alone.
final class EVT3Reader: PixelReader {
    private var clock = WrappingClock(bits: 12)
    private var high: Int64?
    private var low: Int64 = 0
    private var y: UInt16 = 0
    private var base: UInt32 = 0
    private var isOn = false

    override var unitSize: Int { 2 }

    override func decode(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        into events: inout [RecordedEvent]
    ) -> Int {
        var index = range.lowerBound
        while index < range.upperBound {
            let word = bytes.half(at: index)
            index += 2
            switch word >> 12 {
            case 0x0: y = UInt16(word & 0x7FF)
            case 0x2: put(word & 0x7FF, isOn: word & 0x800 != 0, into: &events)
            case 0x3:
                base = word & 0x7FF
                isOn = word & 0x800 != 0
            case 0x4: vector(word & 0xFFF, 12, into: &events)
            case 0x5: vector(word & 0xFF, 8, into: &events)
            case 0x6: low = Int64(word & 0xFFF)
            case 0x8: high = clock.time(UInt64(word & 0xFFF))
            case 0xA: tally.pass(.triggers)
            default: tally.pass(.unknownWords)
            }
        }
        return range.count
    }

    private func vector(_ mask: UInt32, _ width: UInt32, into events: inout [RecordedEvent]) {
        var left = mask
        while left != 0 {
            put(base &+ UInt32(left.trailingZeroBitCount), isOn: isOn, into: &events)
            left &= left &- 1
        }
        base &+= width
    }

    @inline(__always)
    private func put(_ x: UInt32, isOn: Bool, into events: inout [RecordedEvent]) {
        guard let high else {
            tally.read += 1
            return tally.drop(.beforeFirstTime)
        }
        let time = high << 12 | low
        keep(
            RecordedEvent(time: time, x: UInt16(truncatingIfNeeded: x), y: y, isOn: isOn),
            in: &events
        )
    }
}
