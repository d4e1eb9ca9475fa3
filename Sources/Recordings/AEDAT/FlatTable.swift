/// A table of a FlatBuffer, every access checked against the bytes at hand.
///
/// Source: FlatBuffers, "Internals". A table begins with the distance back to its list of field places.
struct FlatTable {
    private let bytes: [UInt8]
    private let position: Int
    private let fields: Int
    private let fieldsSize: Int

    /// The root table of a buffer; nil if the places do not lie in it.
    ///
    /// - Parameters:
    ///   - bytes: The buffer, without a size before it.
    ///   - start: Where the buffer begins.
    init?(rootOf bytes: [UInt8], at start: Int = 0) {
        guard start >= 0, start + 4 <= bytes.count else { return nil }
        self.init(bytes, at: start + Int(bytes.word(at: start)))
    }

    private init?(_ bytes: [UInt8], at position: Int) {
        guard position >= 0, position + 4 <= bytes.count else { return nil }
        let distance = Int(Int32(bitPattern: bytes.word(at: position)))
        let fields = position - distance
        guard fields >= 0, fields + 4 <= bytes.count else { return nil }
        let size = Int(bytes.half(at: fields))
        guard size >= 4, fields + size <= bytes.count else { return nil }
        self.bytes = bytes
        self.position = position
        self.fields = fields
        fieldsSize = size
    }

    /// Where a field lies, if it is there and `size` bytes of it are in the buffer.
    private func place(_ field: Int, size: Int) -> Int? {
        let entry = 4 + 2 * field
        guard entry + 2 <= fieldsSize else { return nil }
        let offset = Int(bytes.half(at: fields + entry))
        guard offset > 0, position + offset + size <= bytes.count else { return nil }
        return position + offset
    }

    func int32(_ field: Int) -> Int32? {
        place(field, size: 4).map { Int32(bitPattern: bytes.word(at: $0)) }
    }

    func int64(_ field: Int) -> Int64? {
        place(field, size: 8).map { Int64(bitPattern: bytes.long(at: $0)) }
    }

    /// A vector of structures: where the first lies and how many follow.
    func vector(_ field: Int, elementSize: Int) -> (start: Int, count: Int)? {
        guard let place = place(field, size: 4) else { return nil }
        let start = place + Int(bytes.word(at: place))
        guard start + 4 <= bytes.count else { return nil }
        let count = Int(bytes.word(at: start))
        guard count <= (bytes.count - start - 4) / elementSize else { return nil }
        return (start + 4, count)
    }

    func text(_ field: Int) -> String? {
        vector(field, elementSize: 1).map {
            String(decoding: bytes[$0.start..<$0.start + $0.count], as: UTF8.self)
        }
    }
}
