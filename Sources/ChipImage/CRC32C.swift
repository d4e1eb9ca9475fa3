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
    package static func checksum(of bytes: Span<UInt8>) -> UInt32 {
        let tables = Self.tables.span
        var value = UInt32.max
        var position = 0
        while position + 8 <= bytes.count {
            let low = value ^ UInt32(littleEndianAt: position, in: bytes)
            let high = UInt32(littleEndianAt: position + 4, in: bytes)
            value = tables[1792 + Int(low & 0xFF)]
            value ^= tables[1536 + Int(low >> 8 & 0xFF)]
            value ^= tables[1280 + Int(low >> 16 & 0xFF)]
            value ^= tables[1024 + Int(low >> 24)]
            value ^= tables[768 + Int(high & 0xFF)]
            value ^= tables[512 + Int(high >> 8 & 0xFF)]
            value ^= tables[256 + Int(high >> 16 & 0xFF)]
            value ^= tables[Int(high >> 24)]
            position += 8
        }
        while position < bytes.count {
            value = value >> 8 ^ tables[Int((value ^ UInt32(bytes[position])) & 0xFF)]
            position += 1
        }
        return ~value
    }

    /// The checksum of some bytes.
    ///
    /// - Parameter bytes: Any number of them.
    /// - Returns: The checksum; 0 of no bytes.
    package static func checksum(of bytes: [UInt8]) -> UInt32 { checksum(of: bytes.span) }
}
