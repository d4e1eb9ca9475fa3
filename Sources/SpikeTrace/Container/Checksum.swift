import CZlib

/// CRC-32 (zlib), continued over pieces.
struct Checksum: Equatable {
    private(set) var value: UInt32 = 0

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        value = unsafe UInt32(
            truncatingIfNeeded: crc32_z(
                uLong(value),
                start.assumingMemoryBound(to: UInt8.self),
                bytes.count
            )
        )
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
