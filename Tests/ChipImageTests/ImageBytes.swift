import ChipImage
import Events

/// An entry of the section table, read by plain arithmetic from the bytes of an image.
struct StoredSection {
    var type: UInt16
    var flags: UInt16
    var core: UInt32
    var offset: UInt64
    var storedSize: UInt64
    var rawSize: UInt64
    /// Offset of the entry itself.
    var entry: Int
}

func sections(of bytes: [UInt8]) -> [StoredSection] {
    (0..<Int(word(bytes, 48, 4))).map { index in
        let entry = 64 + 40 * index
        return StoredSection(
            type: UInt16(word(bytes, entry, 2)),
            flags: UInt16(word(bytes, entry + 2, 2)),
            core: UInt32(word(bytes, entry + 4, 4)),
            offset: word(bytes, entry + 8, 8),
            storedSize: word(bytes, entry + 16, 8),
            rawSize: word(bytes, entry + 24, 8),
            entry: entry
        )
    }
}

/// A little-endian integer of some bytes.
func word(_ bytes: [UInt8], _ offset: Int, _ size: Int) -> UInt64 {
    bytes[offset..<(offset + size)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
}

extension [UInt8] {
    /// Puts a little-endian integer of some bytes.
    mutating func put(_ value: UInt64, at offset: Int, size: Int) {
        for index in 0..<size {
            self[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))
        }
    }

    /// Makes all checksums right again, so that what lies behind them is tested.
    ///
    /// - Parameter withDigest: Whether the digest of the chip is made right as well.
    mutating func seal(withDigest: Bool = false) {
        guard count >= 64 else { return }
        let sectionCount = Swift.min(Int(word(self, 48, 4)), (count - 64) / 40)
        for index in 0..<sectionCount {
            let entry = 64 + 40 * index
            let (offset, size) = (word(self, entry + 8, 8), word(self, entry + 16, 8))
            guard offset <= UInt64(count), size <= UInt64(count) - offset else { continue }
            let stored = Array(self[Int(offset)..<Int(offset + size)])
            if withDigest, word(self, entry, 4) == 0x0001_0001 {
                replaceSubrange(16..<48, with: Digest(of: stored).bytes)
            }
            put(UInt64(CRC32C.checksum(of: stored)), at: entry + 32, size: 4)
        }
        let table = Array(self[64..<(64 + 40 * sectionCount)])
        put(UInt64(CRC32C.checksum(of: table)), at: 52, size: 4)
        put(UInt64(CRC32C.checksum(of: Array(self[0..<60]))), at: 60, size: 4)
    }
}
