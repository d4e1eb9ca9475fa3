extension FixedWidthInteger {
    /// Reads a little-endian integer, whatever its alignment.
    ///
    /// - Parameters:
    ///   - offset: Where its lowest byte is.
    ///   - bytes: Long enough, which the caller has checked.
    init(littleEndianAt offset: Int, in bytes: Span<UInt8>) {
        var value: Self = 0
        for index in 0..<(Self.bitWidth / 8) {
            value |= Self(truncatingIfNeeded: bytes[offset &+ index]) << (8 &* index)
        }
        self = value
    }
}

extension Array where Element: FixedWidthInteger & BitwiseCopyable {
    /// Copies a column of little-endian integers.
    ///
    /// - Parameter bytes: A whole number of elements; a rest is not read.
    init(littleEndian bytes: Span<UInt8>) {
        let elements = bytes.count / MemoryLayout<Element>.stride
        // In bounds: exactly `elements` elements are copied out of at least as many bytes, and any
        // bit pattern is a valid integer.
        unsafe self.init(unsafeUninitializedCapacity: elements) { buffer, count in
            unsafe bytes.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(
                    from: UnsafeRawBufferPointer(
                        rebasing: $0[..<(elements * MemoryLayout<Element>.stride)]
                    )
                )
            }
            count = elements
        }
        if Element(1).littleEndian != 1 { self = map(\.littleEndian) }
    }

    /// The column as little-endian bytes.
    var littleEndianBytes: [UInt8] {
        let stored = Element(1).littleEndian == 1 ? self : map(\.littleEndian)
        // The bytes are copied within the call.
        return unsafe stored.withUnsafeBytes { unsafe [UInt8]($0) }
    }
}

extension [UInt8] {
    /// Appends an integer, lowest byte first.
    ///
    /// - Parameter value: Any integer.
    mutating func append(littleEndian value: some FixedWidthInteger) {
        for index in 0..<(value.bitWidth / 8) {
            append(UInt8(truncatingIfNeeded: value >> (8 * index)))
        }
    }
}
