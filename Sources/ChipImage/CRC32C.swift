/// The checksum CRC-32C (Castagnoli), as in iSCSI: reflected polynomial 0x82F63B78, initial value
/// and final XOR of all ones.
package enum CRC32C {
    /// Slicing by 8: entry `256 k + b` is the checksum of byte b followed by k zero bytes.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
            tables[byte] = value
        }
        for index in 256..<tables.count {
            let shorter = tables[index - 256]
            tables[index] = shorter >> 8 ^ tables[Int(shorter & 0xFF)]
        }
        return tables
    }()

    /// The checksum of some bytes.
    ///
    /// - Parameter bytes: Any number of them.
    /// - Returns: The checksum; 0 of no bytes.
    package static func checksum(of bytes: RawSpan) -> UInt32 {
        let tables = Self.tables.span
        var value = UInt32.max
        var position = 0
        while position &+ 8 <= bytes.byteCount {
            // In bounds by the condition of the loop, and any eight bytes are a number.
            let word = unsafe UInt64(
                littleEndian: bytes.unsafeLoadUnaligned(
                    fromUncheckedByteOffset: position,
                    as: UInt64.self
                )
            )
            let low = value ^ UInt32(truncatingIfNeeded: word)
            let high = UInt32(truncatingIfNeeded: word &>> 32)
            value = tables[1792 &+ Int(low & 0xFF)]
            value ^= tables[1536 &+ Int(low &>> 8 & 0xFF)]
            value ^= tables[1280 &+ Int(low &>> 16 & 0xFF)]
            value ^= tables[1024 &+ Int(low &>> 24)]
            value ^= tables[768 &+ Int(high & 0xFF)]
            value ^= tables[512 &+ Int(high &>> 8 & 0xFF)]
            value ^= tables[256 &+ Int(high &>> 16 & 0xFF)]
            value ^= tables[Int(high &>> 24)]
            position &+= 8
        }
        while position < bytes.byteCount {
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
            value = value &>> 8 ^ tables[Int((value ^ UInt32(byte)) & 0xFF)]
            position &+= 1
        }
        return ~value
    }

    /// The checksum of some bytes.
    ///
    /// - Parameter bytes: Any number of them.
    /// - Returns: The checksum; 0 of no bytes.
    package static func checksum(of bytes: Span<UInt8>) -> UInt32 {
        // Integers have no padding.
        unsafe checksum(of: bytes.bytes)
    }

    /// The checksum of some bytes.
    ///
    /// - Parameter bytes: Any number of them.
    /// - Returns: The checksum; 0 of no bytes.
    package static func checksum(of bytes: [UInt8]) -> UInt32 { checksum(of: bytes.span) }

    /// The checksum of a column as it is in a file.
    ///
    /// - Parameter column: Integers, little-endian in the file.
    /// - Returns: The checksum of their bytes.
    static func checksum<T: FixedWidthInteger & BitwiseCopyable>(ofColumn column: [T]) -> UInt32 {
        guard T(1).littleEndian == 1 else { return checksum(of: column.littleEndianBytes) }
        // Integers have no padding.
        return unsafe checksum(of: column.span.bytes)
    }
}
