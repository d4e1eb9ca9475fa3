import ChipImage

extension [UInt8] {
    /// A chip image with the checksums of its header, its section table and its sections made right, so that what
    /// lies behind them is tested.
    ///
    /// Read by plain arithmetic (`docs/FORMATS.md`); what lies outside of the bytes is left alone.
    package var withRightChecksums: [UInt8] {
        guard count >= 64 else { return self }
        var bytes = self
        func number(_ offset: Int, _ size: Int) -> UInt64 {
            bytes[offset..<(offset + size)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        func put(_ sum: UInt32, at offset: Int) {
            for index in 0..<4 {
                bytes[offset + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index)))
            }
        }
        let sections = Swift.min(Int(number(48, 4)), (count - 64) / 40)
        for index in 0..<sections {
            let entry = 64 + 40 * index
            let (offset, size) = (number(entry + 8, 8), number(entry + 16, 8))
            guard offset <= UInt64(count), size <= UInt64(count) - offset else { continue }
            let content = Array(bytes[Int(offset)..<Int(offset + size)])
            put(CRC32C.checksum(of: content), at: entry + 32)
        }
        put(CRC32C.checksum(of: Array(bytes[64..<(64 + 40 * sections)])), at: 52)
        put(CRC32C.checksum(of: Array(bytes[0..<60])), at: 60)
        return bytes
    }
}
