/// Builds records: integers little-endian, texts and maps as MCAP writes them.
struct ByteWriter {
    /// What has been written.
    private(set) var bytes: [UInt8] = []

    var count: Int { bytes.count }

    mutating func put<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
        for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
        }
    }

    mutating func put(_ more: some Collection<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// A text: byte length u32, UTF-8.
    mutating func put(_ text: String) {
        put(UInt32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// A map of texts: byte length u32, entries.
    mutating func put(_ map: [(String, String)]) {
        var entries = ByteWriter()
        for (key, value) in map {
            entries.put(key)
            entries.put(value)
        }
        put(UInt32(entries.count))
        put(entries.bytes)
    }

    /// A record: opcode, content length u64, content.
    ///
    /// - Parameters:
    ///   - opcode: What it is.
    ///   - more: Bytes of content that will follow from elsewhere.
    ///   - content: Writes the rest of the content.
    mutating func put(
        _ opcode: Opcode,
        followedBy more: Int = 0,
        _ content: (inout ByteWriter) -> Void
    ) {
        put(opcode.rawValue)
        let start = count
        put(UInt64(0))
        content(&self)
        let length = UInt64(count - start - 8 + more)
        for index in 0..<8 {
            bytes[start + index] = UInt8(truncatingIfNeeded: length >> UInt64(8 * index))
        }
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }
}
