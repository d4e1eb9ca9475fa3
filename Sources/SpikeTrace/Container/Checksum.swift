import CDeflate

/// CRC-32 (as in zlib and MCAP), continued over pieces.
struct Checksum: Equatable {
    private(set) var value: UInt32 = 0

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        // Without bytes libdeflate would begin anew.
        guard let start = bytes.baseAddress else { return }
        value = unsafe libdeflate_crc32(value, start, bytes.count)
    }

    mutating func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe append($0) }
    }

    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var checksum = Checksum()
        unsafe checksum.append(bytes)
        return checksum.value
    }

    static func of(_ bytes: [UInt8]) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe of($0) }
    }
}
