/// Reads what `SymbolEncoder` writes.
@unsafe
struct SymbolDecoder {
    private let symbols: UnsafePointer<UInt8>
    private let raw: UnsafeRawPointer
    private let shapes: UnsafePointer<SymbolShape>
    private var index = 0
    private var bit: UInt64 = 0

    /// Bytes behind the raw column that may be read, and are ignored.
    static let padding = 16

    /// Starts at the first number.
    ///
    /// - Parameters:
    ///   - symbols: A byte a number.
    ///   - raw: The raw column; `padding` bytes more can be read.
    ///   - shapes: Of the symbols; must outlive the decoder.
    init(
        symbols: UnsafePointer<UInt8>,
        raw: UnsafeRawPointer,
        shapes: SymbolShapes
    ) {
        unsafe self.symbols = unsafe symbols
        unsafe self.raw = unsafe raw
        unsafe self.shapes = unsafe shapes.base
    }

    /// Bytes that the raw column of some symbols has.
    static func rawBytes(of symbols: UnsafeBufferPointer<UInt8>) -> Int {
        guard let first = unsafe UnsafeRawPointer(symbols.baseAddress) else { return 0 }
        var bits: UInt64 = 0
        let words = symbols.count / 8
        // Sums of 16 bits, four side by side: at most 126 more a word.
        for start in stride(from: 0, to: words, by: 512) {
            var sums: UInt64 = 0
            for word in start..<min(start + 512, words) {
                unsafe sums &+= widths(
                    unsafe first.loadUnaligned(fromByteOffset: 8 &* word, as: UInt64.self)
                )
            }
            bits &+= sums & 0xFFFF &+ (sums &>> 16) & 0xFFFF
            bits &+= (sums &>> 32) & 0xFFFF &+ sums &>> 48
        }
        for index in 8 * words..<symbols.count {
            bits &+= UInt64(unsafe symbols[index] < 16 ? 0 : Int(symbols[index] &>> 2) &- 2)
        }
        return Int((bits + 7) / 8)
    }

    /// Widths of eight symbols, those of bytes 2k and 2k + 1 added into 16 bits.
    @inline(__always)
    private static func widths(_ symbols: UInt64) -> UInt64 {
        let quarters = symbols &>> 2 & 0x3F3F_3F3F_3F3F_3F3F
        // 0xFF in each byte of a symbol of 16 or more; no byte carries into the next.
        let areLong = (quarters &+ 0x7C7C_7C7C_7C7C_7C7C) &>> 7 & 0x0101_0101_0101_0101
        let lessTwo = (quarters | 0x8080_8080_8080_8080) &- 0x0202_0202_0202_0202
        let widths = lessTwo & 0x3F3F_3F3F_3F3F_3F3F & (areLong &<< 8 &- areLong)
        return widths & 0x00FF_00FF_00FF_00FF &+ widths &>> 8 & 0x00FF_00FF_00FF_00FF
    }

    /// Reads numbers; the caller has made sure that there are as many.
    ///
    /// - Parameter values: Takes them.
    mutating func read(_ values: UnsafeMutableBufferPointer<UInt64>) {
        guard let output = values.baseAddress else { return }
        let symbols = unsafe symbols + index
        let raw = unsafe raw
        let shapes = unsafe shapes
        var bit = unsafe bit
        for place in 0..<values.count {
            let symbol = unsafe UInt64(symbols[place])
            let shape = unsafe shapes[Int(truncatingIfNeeded: symbol &>> 2)]
            let width = UInt64(shape.width)
            let offset = Int(truncatingIfNeeded: bit &>> 3)
            let shift = bit & 7
            var low = unsafe raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
            low &>>= shift
            if width > 57 {
                let next = unsafe UInt64(raw.load(fromByteOffset: offset &+ 8, as: UInt8.self))
                low |= (next &<< 1) &<< (63 &- shift)
            }
            bit &+= width
            // Heads of 4 to 7 times a power of two; a small number is a head of its own.
            unsafe output[place] =
                (symbol &- UInt64(shape.head)) &* shape.unit &+ low & (shape.unit &- 1)
        }
        unsafe self.bit = bit
        unsafe index &+= values.count
    }
}

/// What four symbols that differ in their last two bits have in common.
struct SymbolShape {
    /// 2 to the power of `width`.
    var unit: UInt64
    /// Raw bits.
    var width: UInt32
    /// What to subtract from the symbol, so that the bits in front of the raw ones are left.
    var head: UInt32
}

/// The shapes of all symbols, by the symbol's upper six bits.
@safe
final class SymbolShapes {
    let base: UnsafePointer<SymbolShape>

    init() {
        let shapes = UnsafeMutablePointer<SymbolShape>.allocate(capacity: 64)
        for quarter in UInt32(0)..<64 {
            let width = quarter < 4 ? 0 : quarter - 2
            unsafe (shapes + Int(quarter)).initialize(
                to: SymbolShape(
                    unit: 1 << width,
                    width: width,
                    head: quarter < 4 ? 0 : 4 * quarter - 4
                )
            )
        }
        unsafe base = UnsafePointer(shapes)
    }

    deinit { unsafe base.deallocate() }
}
