/// An input that is taken apart from its front.
public struct Input {
    private let bytes: [UInt8]
    private var position = 0

    /// Takes over the bytes of libFuzzer.
    ///
    /// - Parameters:
    ///   - data: The input.
    ///   - count: Its bytes.
    public init(_ data: UnsafePointer<UInt8>, _ count: Int) {
        bytes = Array(UnsafeBufferPointer(start: data, count: count))
    }

    /// Whether nothing is left.
    public var isEmpty: Bool { position == bytes.count }

    /// Takes the next byte; 0 at the end.
    ///
    /// - Returns: A choice among 256.
    public mutating func byte() -> Int {
        guard position < bytes.count else { return 0 }
        position += 1
        return Int(bytes[position - 1])
    }

    /// Takes a piece: two bytes of its length, little-endian, and as many bytes as are there.
    ///
    /// - Returns: The piece.
    public mutating func piece() -> [UInt8] {
        let wanted = byte() | byte() << 8
        let end = min(bytes.count, position + wanted)
        defer { position = end }
        return Array(bytes[position..<end])
    }

    /// Takes all that is left.
    ///
    /// - Returns: The rest.
    public mutating func rest() -> [UInt8] {
        defer { position = bytes.count }
        return Array(bytes[position...])
    }
}
