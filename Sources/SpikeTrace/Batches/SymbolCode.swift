/// Writes numbers as a symbol byte and some raw bits each: the code of `gap` and `isi2`.
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

    /// Starts at some bytes, or goes on where another call stopped.
    ///
    /// - Parameters:
    ///   - symbols: Room for a byte a number.
    ///   - raw: Room for 8 bytes a number and 16 more.
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

    /// Adds a number.
    @inline(__always)
    mutating func put(_ value: UInt64) {
        let exponent = UInt64(63 &- (value | 16).leadingZeroBitCount)
        let isSmall = value < 16
        let width = isSmall ? 0 : exponent &- 2
        let symbol = isSmall ? value : 4 &* exponent &- 4 &+ (value &>> width)
        unsafe symbols[count] = UInt8(truncatingIfNeeded: symbol)
        unsafe count &+= 1
        var low = value & ((1 &<< width) &- 1)
        var lowWidth = width
        if width > 56 {
            // 7 bits may be pending: put 32 of more than 56 away first.
            unsafe pending |= (low & 0xFFFF_FFFF) &<< pendingBits
            unsafe store()
            unsafe rawCount &+= 4
            unsafe pending &>>= 32
            low &>>= 32
            lowWidth &-= 32
        }
        unsafe pending |= low &<< pendingBits
        unsafe pendingBits &+= lowWidth
        unsafe store()
        unsafe rawCount &+= Int(truncatingIfNeeded: pendingBits &>> 3)
        unsafe pending &>>= pendingBits & ~7
        unsafe pendingBits &= 7
    }

    @inline(__always)
    private func store() {
        unsafe raw.storeBytes(of: pending.littleEndian, toByteOffset: rawCount, as: UInt64.self)
    }
}

/// Reads what `SymbolEncoder` writes.
@unsafe
struct SymbolDecoder {
    private let symbols: UnsafePointer<UInt8>
    private let raw: UnsafeRawPointer
    private var index = 0
    private var bit: UInt64 = 0

    /// Bytes behind the raw column that may be read, and are ignored.
    static let padding = 16

    /// Starts at the first number.
    ///
    /// - Parameters:
    ///   - symbols: A byte a number.
    ///   - raw: The raw column; `padding` bytes more can be read.
    init(symbols: UnsafePointer<UInt8>, raw: UnsafeRawPointer) {
        unsafe self.symbols = unsafe symbols
        unsafe self.raw = unsafe raw
    }

    /// Bytes that the raw column of some symbols has.
    static func rawBytes(of symbols: UnsafeBufferPointer<UInt8>) -> Int {
        var bits = 0
        for index in 0..<symbols.count {
            let symbol = unsafe symbols[index]
            bits &+= symbol < 16 ? 0 : Int(symbol &>> 2) &- 2
        }
        return (bits + 7) / 8
    }

    /// The next number; the caller has made sure that there is one.
    @inline(__always)
    mutating func next() -> UInt64 {
        let symbol = unsafe UInt64(symbols[index])
        unsafe index &+= 1
        if symbol < 16 { return symbol }
        let width = (symbol &>> 2) &- 2
        let offset = unsafe Int(truncatingIfNeeded: bit &>> 3)
        var low = unsafe UInt64(
            littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        )
        let shift = unsafe bit & 7
        low &>>= shift
        if width > 57 {
            let next = unsafe UInt64(raw.load(fromByteOffset: offset &+ 8, as: UInt8.self))
            low |= (next &<< 1) &<< (63 &- shift)
        }
        unsafe bit &+= width
        return (4 &+ (symbol & 3)) &<< width | low & ((1 &<< width) &- 1)
    }
}
