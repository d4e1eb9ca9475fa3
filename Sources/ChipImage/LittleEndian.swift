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
        toHostOrder()
    }

    /// Gathers a column from byte planes: the lowest bytes of all elements, then the next ones, ….
    ///
    /// - Parameter planes: A whole number of elements; a rest is not read.
    init(planes: Span<UInt8>) {
        let elements = planes.count / MemoryLayout<Element>.stride
        self.init(repeating: 0, count: elements)
        for plane in 0..<MemoryLayout<Element>.stride {
            for index in 0..<elements {
                let byte = planes[plane &* elements &+ index]
                self[index] |= Element(truncatingIfNeeded: byte) << (8 &* plane)
            }
        }
    }

    /// Turns elements whose bytes came from a file into numbers.
    mutating func toHostOrder() {
        if Element(1).littleEndian != 1 { self = map(\.littleEndian) }
    }

    /// The column as little-endian bytes.
    var littleEndianBytes: [UInt8] {
        let stored = Element(1).littleEndian == 1 ? self : map(\.littleEndian)
        // The bytes are copied within the call.
        return unsafe stored.withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// The same numbers in a wider or a narrower type; what does not fit loses its upper bits.
    ///
    /// - Parameter type: The type.
    /// - Returns: One number for each.
    func converted<T: FixedWidthInteger & BitwiseCopyable>(to type: T.Type) -> [T] {
        // One pass without a capacity check per element; all `count` elements are written.
        unsafe [T](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in indices { unsafe buffer[index] = T(truncatingIfNeeded: self[index]) }
            initialized = count
        }
    }

    /// Whether every number fits a type.
    ///
    /// - Parameter type: The type.
    /// - Returns: Whether `converted(to:)` loses nothing.
    func fits<T: FixedWidthInteger>(_ type: T.Type) -> Bool {
        guard let least = self.min(), let most = self.max() else { return true }
        return T(exactly: least) != nil && T(exactly: most) != nil
    }

    /// Whether the column has some elements and all are one.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - value: Which; the first if nil.
    /// - Returns: Whether that is so.
    func holds(_ count: Int, of value: Element?) -> Bool {
        guard self.count == count else { return false }
        guard let value = value ?? first else { return true }
        return allSatisfy { $0 == value }
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

    /// The bytes of integers as byte planes.
    ///
    /// - Parameter size: Bytes of an integer; the count is a multiple of it.
    /// - Returns: The lowest bytes of all integers, then the next ones, ….
    func planes(ofSize size: Int) -> [UInt8] {
        let elements = count / size
        var result = [UInt8](repeating: 0, count: elements * size)
        for plane in 0..<size {
            for index in 0..<elements {
                result[plane &* elements &+ index] = self[index &* size &+ plane]
            }
        }
        return result
    }
}
