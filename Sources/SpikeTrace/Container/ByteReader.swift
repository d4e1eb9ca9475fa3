/// Takes records apart; every read is checked against what is there.
struct ByteReader {
    private let bytes: [UInt8]
    /// Next byte.
    private(set) var position: Int
    /// End of what may be read.
    let end: Int

    /// Reads a range of bytes, which must lie within them.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    init(_ bytes: [UInt8]) { self.init(bytes, 0..<bytes.count) }

    var remaining: Int { end - position }
    var isAtEnd: Bool { position == end }

    mutating func get<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type
    ) -> Value? {
        let size = Value.bitWidth / 8
        guard remaining >= size else { return nil }
        var value: Value = 0
        for index in 0..<size {
            value |= Value(bytes[position + index]) << Value(8 * index)
        }
        position += size
        return value
    }

    /// The next bytes, as a range of the storage.
    mutating func skip(_ count: UInt64) -> Range<Int>? {
        guard count <= UInt64(remaining) else { return nil }
        let range = position..<position + Int(count)
        position = range.upperBound
        return range
    }

    /// The bytes of a range that `skip` gave.
    func bytes(_ range: Range<Int>) -> ArraySlice<UInt8> { bytes[range] }

    /// A text; nil if it is cut, longer than the limit, or not UTF-8.
    mutating func text(limit: Int = SpikeTraceFormat.longestText) -> String? {
        guard let count = get(UInt32.self), Int(count) <= limit, let range = skip(UInt64(count))
        else { return nil }
        return String(validating: bytes[range], as: UTF8.self)
    }

    /// A map of texts.
    mutating func map() -> [(key: String, value: String)]? {
        guard let count = get(UInt32.self), let range = skip(UInt64(count)) else { return nil }
        var entries = ByteReader(bytes, range)
        var map: [(String, String)] = []
        while !entries.isAtEnd {
            guard let key = entries.text(), let value = entries.text() else { return nil }
            map.append((key, value))
        }
        return map
    }

    /// A record: its opcode and the range of its content.
    mutating func record() -> (opcode: UInt8, content: Range<Int>)? {
        guard let opcode = get(UInt8.self), let count = get(UInt64.self),
            let content = skip(count)
        else { return nil }
        return (opcode, content)
    }
}
