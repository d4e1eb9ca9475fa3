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
    /// Two at a time, without a branch on what they are: their raw bits are put together before they
    /// go through the bits that are pending, on which each turn of the loop waits for the last.
    mutating func put(_ values: UnsafeBufferPointer<UInt64>) {
        guard let first = values.baseAddress else { return }
        let target = unsafe symbols + count
        var writer = unsafe BitWriter(
            place: raw + rawCount,
            pending: pending,
            bits: pendingBits
        )
        let pairs = values.count / 2
        for pair in 0..<pairs {
            let a = unsafe SymbolParts(first[2 &* pair])
            let b = unsafe SymbolParts(first[2 &* pair &+ 1])
            unsafe target[2 &* pair] = a.symbol
            unsafe target[2 &* pair &+ 1] = b.symbol
            let width = a.width &+ b.width
            if unsafe width <= BitWriter.widest {
                unsafe writer.put(a.low | b.low &<< a.width, width: width)
            } else {
                unsafe writer.putWide(a.low, width: a.width)
                unsafe writer.putWide(b.low, width: b.width)
            }
        }
        if values.count & 1 == 1 {
            let last = values.count - 1
            let part = unsafe SymbolParts(first[last])
            unsafe target[last] = part.symbol
            unsafe writer.putWide(part.low, width: part.width)
        }
        unsafe count &+= values.count
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

    @inline(__always)
    init(_ value: UInt64) {
        // All ones, unless the number is its own symbol.
        let isLong = UInt64(bitPattern: value > 15 ? -1 : 0)
        let exponent = UInt64(bitPattern: Int64(63 &- (value | 1).leadingZeroBitCount))
        width = (exponent &- 2) & isLong
        symbol = UInt8(
            truncatingIfNeeded: (value &>> width) &+ ((4 &* exponent &- 4) & isLong)
        )
        low = value & ((1 &<< width) &- 1)
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
