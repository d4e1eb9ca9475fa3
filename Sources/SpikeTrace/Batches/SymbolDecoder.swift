/// Reads what `SymbolEncoder` writes.
@unsafe
struct SymbolDecoder {
    private let symbols: UnsafePointer<UInt8>
    private let raw: UnsafeRawPointer
    private let shapes: UnsafePointer<SymbolShape>
    private let masks: UnsafePointer<UInt64>
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
        unsafe self.masks = unsafe shapes.masks
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
        let masks = unsafe masks
        var bit = unsafe bit
        for place in 0..<values.count {
            let symbol = unsafe UInt64(symbols[place])
            let shape = unsafe shapes[Int(truncatingIfNeeded: symbol)]
            let width = shape.width
            let offset = Int(truncatingIfNeeded: bit &>> 3)
            let shift = bit & 7
            var low = unsafe raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
            low &>>= shift
            if width > 57 {
                let next = unsafe UInt64(raw.load(fromByteOffset: offset &+ 8, as: UInt8.self))
                low |= (next &<< 1) &<< (63 &- shift)
            }
            bit &+= width
            unsafe output[place] = unsafe shape.least &+ low & masks[Int(truncatingIfNeeded: width)]
        }
        unsafe self.bit = bit
        unsafe index &+= values.count
    }
}

/// What a symbol says.
struct SymbolShape {
    /// The number whose raw bits are 0.
    var least: UInt64
    /// Raw bits.
    var width: UInt64
}

/// The shapes of all symbols.
@safe
final class SymbolShapes {
    /// By symbol.
    let base: UnsafePointer<SymbolShape>
    /// As many ones as the index says, below zeros.
    let masks: UnsafePointer<UInt64>

    init() {
        let shapes = UnsafeMutablePointer<SymbolShape>.allocate(capacity: 256)
        for symbol in UInt64(0)..<256 {
            // Heads of 4 to 7 times a power of two; a small number is a head of its own.
            let width = symbol < 16 ? 0 : symbol / 4 - 2
            let head = symbol < 16 ? symbol : 4 + symbol % 4
            unsafe (shapes + Int(symbol)).initialize(
                to: SymbolShape(least: head << width, width: width)
            )
        }
        let masks = UnsafeMutablePointer<UInt64>.allocate(capacity: 64)
        for width in UInt64(0)..<64 { unsafe (masks + Int(width)).initialize(to: 1 << width - 1) }
        unsafe base = UnsafePointer(shapes)
        unsafe self.masks = UnsafePointer(masks)
    }

    deinit {
        unsafe base.deallocate()
        unsafe masks.deallocate()
    }
}
