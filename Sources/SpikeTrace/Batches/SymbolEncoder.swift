/// Writes numbers as a symbol byte and some raw bits each: the code of `gap`, `isi2` and `mean`.
///
/// A number below 16 is its own symbol. Others have e = ⌊log₂ v⌋ and the two bits below the leading
/// one in the symbol, 16 + 4 (e − 4) + two bits, and their low e − 2 bits in the raw column.
@unsafe
struct SymbolEncoder {
    private let symbols: UnsafeMutablePointer<UInt8>
    private let raw: UnsafeMutableRawPointer
    /// Symbols so far.
    private(set) var count = 0
    /// Whole bytes of raw bits so far.
    private(set) var rawCount = 0
    private(set) var pending: UInt64 = 0
    private(set) var pendingBits: UInt64 = 0

    /// Bytes of raw column for each number, at most; besides `rawSlack`.
    static let mostRawBytes = 8
    /// Bytes behind the raw column that may be overwritten.
    static let rawSlack = 16

    /// Starts at some bytes, or goes on where another call stopped.
    ///
    /// - Parameters:
    ///   - symbols: Room for a byte a number.
    ///   - raw: Room for `mostRawBytes` a number and `rawSlack` more.
    ///   - pending: Bits of a byte that is not full.
    ///   - pendingBits: How many, below 8.
    init(
        symbols: UnsafeMutablePointer<UInt8>,
        raw: UnsafeMutableRawPointer,
        pending: UInt64 = 0,
        pendingBits: UInt64 = 0
    ) {
        unsafe self.symbols = unsafe symbols
        unsafe self.raw = unsafe raw
        unsafe self.pending = pending
        unsafe self.pendingBits = pendingBits
    }

    /// Bytes of the raw column, the last one perhaps not full; its bits are stored already.
    var rawBytes: Int { unsafe rawCount + (pendingBits > 0 ? 1 : 0) }

    /// Adds numbers.
    ///
    /// First each number by itself becomes symbol and raw bits, in a word; then the raw bits of two at a
    /// time are put together before they go through the bits that are pending, on which each turn of the
    /// loop waits for the last. No branch hangs on what the numbers are.
    mutating func put(_ values: UnsafeBufferPointer<UInt64>) {
        let block = unsafe Self.block
        unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: block) { words in
            for start in stride(from: 0, to: values.count, by: block) {
                let part = unsafe UnsafeBufferPointer(
                    rebasing: values[start..<min(start + block, values.count)]
                )
                var all: UInt64 = 0
                for index in 0..<part.count {
                    let value = unsafe part[index]
                    all |= value
                    unsafe words[index] = SymbolParts.word(of: value)
                }
                if all < SymbolParts.wordLimit, let words = unsafe UnsafePointer(words.baseAddress)
                {
                    unsafe put(words: words, count: part.count)
                } else {
                    unsafe putWide(part)
                }
            }
        }
    }

    /// Numbers that are taken apart at a time.
    private static let block = 256

    /// Adds numbers as `SymbolParts.word` gives them.
    private mutating func put(words: UnsafePointer<UInt64>, count more: Int) {
        let target = unsafe symbols + count
        var writer = unsafe BitWriter(place: raw + rawCount, pending: pending, bits: pendingBits)
        for pair in 0..<more / 2 {
            let a = unsafe SymbolParts(word: words[2 &* pair])
            let b = unsafe SymbolParts(word: words[2 &* pair &+ 1])
            unsafe target[2 &* pair] = a.symbol
            unsafe target[2 &* pair &+ 1] = b.symbol
            let width = a.width &+ b.width
            if unsafe width <= BitWriter.widest {
                unsafe writer.put(a.low | b.low &<< a.width, width: width)
            } else {
                unsafe writer.put(a.low, width: a.width)
                unsafe writer.put(b.low, width: b.width)
            }
        }
        if more & 1 == 1 {
            let last = unsafe SymbolParts(word: words[more - 1])
            unsafe target[more - 1] = last.symbol
            unsafe writer.put(last.low, width: last.width)
        }
        unsafe finish(writer, more)
    }

    /// Adds numbers of any size.
    private mutating func putWide(_ values: UnsafeBufferPointer<UInt64>) {
        var writer = unsafe BitWriter(place: raw + rawCount, pending: pending, bits: pendingBits)
        for index in 0..<values.count {
            let part = unsafe SymbolParts(values[index])
            unsafe symbols[count &+ index] = part.symbol
            unsafe writer.putWide(part.low, width: part.width)
        }
        unsafe finish(writer, values.count)
    }

    private mutating func finish(_ writer: BitWriter, _ more: Int) {
        unsafe count &+= more
        unsafe rawCount = unsafe writer.place - raw
        unsafe pending = unsafe writer.pending
        unsafe pendingBits = unsafe writer.bits
    }
}

/// A number in the code of symbols.
private struct SymbolParts {
    let symbol: UInt8
    /// Bits that go into the raw column, and how many: at most 61.
    let low: UInt64
    let width: UInt64

    /// Takes a number of any size apart.
    @inline(__always)
    init(_ value: UInt64) {
        guard value > 15 else {
            (symbol, low, width) = (UInt8(value), 0, 0)
            return
        }
        let exponent = UInt64(63 &- value.leadingZeroBitCount)
        width = exponent &- 2
        symbol = UInt8(truncatingIfNeeded: (value &>> width) &+ 4 &* exponent &- 4)
        low = value & ((1 &<< width) &- 1)
    }

    /// Numbers below have a word.
    static let wordLimit: UInt64 = 1 << 50

    /// Symbol (upper 8 bits), width (next 8 bits) and raw bits (48) of a number below `wordLimit`.
    ///
    /// As a floating point number it has its exponent and the two bits below the leading one side by
    /// side: no shift hangs on the number, and several are worked out at once.
    @inline(__always)
    static func word(of value: UInt64) -> UInt64 {
        // 2^52 as the bits of a floating point number: or-ed with a number below, its sum with it.
        let base: UInt64 = 0x4330_0000_0000_0000
        let bits = (Double(bitPattern: value | base) - 0x1p52).bitPattern
        let symbol = bits &>> 50 &- 4092
        let head = (Double(bitPattern: bits & ~(1 &<< 50 &- 1)) + 0x1p52).bitPattern ^ base
        let word = symbol &<< 56 | (symbol &>> 2 &- 2) &<< 48 | (value &- head)
        // All ones for a number of at least 16.
        let isLong = UInt64(bitPattern: Int64(bitPattern: 15 &- value) &>> 63)
        return word & isLong | value &<< 56 & ~isLong
    }

    /// Takes a word apart.
    @inline(__always)
    init(word: UInt64) {
        symbol = UInt8(truncatingIfNeeded: word &>> 56)
        width = word &>> 48 & 0xFF
        low = word & 0xFFFF_FFFF_FFFF
    }
}

/// Puts bits into bytes, lowest first.
@unsafe
private struct BitWriter {
    /// Where the pending bits go; they are stored there already, and 8 bytes are overwritten.
    var place: UnsafeMutableRawPointer
    var pending: UInt64
    /// How many bits are pending: below 8.
    var bits: UInt64

    /// Bits that can be put at once: 7 may be pending.
    static let widest: UInt64 = 56

    @inline(__always)
    init(place: UnsafeMutableRawPointer, pending: UInt64, bits: UInt64) {
        unsafe self.place = unsafe place
        unsafe self.pending = pending
        unsafe self.bits = bits
    }

    /// Puts up to `widest` bits.
    @inline(__always)
    mutating func put(_ low: UInt64, width: UInt64) {
        unsafe pending |= low &<< bits
        unsafe place.storeBytes(of: pending.littleEndian, as: UInt64.self)
        unsafe bits &+= width
        unsafe place += Int(truncatingIfNeeded: bits &>> 3)
        unsafe pending &>>= bits & 0x38
        unsafe bits &= 7
    }

    /// Puts up to 64 bits.
    @inline(__always)
    mutating func putWide(_ low: UInt64, width: UInt64) {
        let half = min(width, 32)
        unsafe put(low & ((1 &<< half) &- 1), width: half)
        unsafe put(low &>> half, width: width &- half)
    }
}
