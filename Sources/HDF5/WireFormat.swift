/// The answers of `spikeloom-hdf5` as bytes.
///
/// An answer is the magic number `SLHDF5` and a version byte, a status byte, and a body. All integers
/// are little-endian; a text is its length (u32) and its UTF-8 bytes. The reader believes no length
/// that exceeds the bytes at hand.
enum WireFormat {
    static let magic: [UInt8] = Array("SLHDF5".utf8) + [1]

    /// What follows the magic number.
    enum Status: UInt8 {
        case structure = 0
        case values = 1
        case error = 2
    }

    static func encoded(_ group: HDF5Group) -> [UInt8] {
        var writer = ByteWriter(bytes: magic + [Status.structure.rawValue])
        writer.put(group)
        return writer.bytes
    }

    static func encoded(_ error: HDF5Error) -> [UInt8] {
        var writer = ByteWriter(bytes: magic + [Status.error.rawValue])
        switch error {
        case .unreadableFile(_, let reason): writer.put(error: 0, reason)
        case .notHDF5(_, let reason): writer.put(error: 1, reason)
        case .damaged(_, let reason): writer.put(error: 2, reason)
        case .unreadableObject(_, let path, let reason): writer.put(error: 3, path, reason)
        case .tooLarge(_, let path, let what, let limit): writer.put(error: 4, path, what, limit)
        case .missingReader(_, let reason): writer.put(error: 5, reason)
        case .readerFailed: writer.put(error: 6)
        }
        return writer.bytes
    }

    /// Reads an answer that is an error, or the status of one that is not.
    static func status(
        _ reader: inout ByteReader,
        file: String,
        program: String
    ) throws(HDF5Error) -> Status {
        let garbled = HDF5Error.readerFailed(file: file, failure: .garbled)
        guard reader.bytes(magic.count).map(Array.init) == magic,
            let status = reader.byte().flatMap(Status.init)
        else { throw garbled }
        guard status == .error else { return status }
        guard let code = reader.byte(), let first = reader.text() else { throw garbled }
        switch code {
        case 0: throw .unreadableFile(file: file, reason: first)
        case 1: throw .notHDF5(file: file, reason: first)
        case 2: throw .damaged(file: file, reason: first)
        case 3:
            guard let reason = reader.text() else { throw garbled }
            throw .unreadableObject(file: file, path: first, reason: reason)
        case 4:
            guard let what = reader.text(), let limit = reader.text() else { throw garbled }
            throw .tooLarge(file: file, path: first, what: what, limit: limit)
        case 5: throw .missingReader(program: program, reason: first)
        default: throw garbled
        }
    }
}

/// Appends values to bytes.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func put(_ value: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }

    mutating func put(count: Int) {
        let value = UInt32(clamping: count)
        for shift in stride(from: 0, to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift)))
        }
    }

    mutating func put(_ text: String) {
        put(count: text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func put(error code: UInt8, _ texts: String...) {
        bytes.append(code)
        for text in texts.isEmpty ? [""] : texts { put(text) }
    }

    mutating func put(_ group: HDF5Group) {
        put(count: group.members.count)
        for (name, object) in group.members.sorted(by: { $0.key < $1.key }) {
            put(name)
            switch object {
            case .group(let group):
                bytes.append(0)
                put(group)
            case .dataset(let dataset):
                bytes.append(1)
                put(dataset)
            case .unreadable(let reason):
                bytes.append(2)
                put(reason)
            }
        }
    }

    private mutating func put(_ dataset: HDF5Dataset) {
        switch dataset.element {
        case .integer: bytes.append(0)
        case .float: bytes.append(1)
        case .text: bytes.append(2)
        }
        put(count: dataset.shape.count)
        for length in dataset.shape { put(UInt64(length)) }
        switch dataset.contents {
        case nil: bytes.append(0)
        case .integers(let values):
            bytes.append(1)
            put(count: values.count)
            for value in values { put(UInt64(bitPattern: value)) }
        case .floats(let values):
            bytes.append(2)
            put(count: values.count)
            for value in values { put(value.bitPattern) }
        case .texts(let texts):
            bytes.append(3)
            put(count: texts.count)
            for text in texts { put(text) }
        }
    }
}

/// Takes values off bytes; nil when they are at an end or make no sense.
struct ByteReader {
    private let source: [UInt8]
    private var position = 0

    init(_ source: [UInt8]) { self.source = source }

    var isAtEnd: Bool { position == source.count }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= source.count - position else { return nil }
        defer { position += count }
        return source[position..<position + count]
    }

    mutating func byte() -> UInt8? { bytes(1)?.first }

    mutating func word() -> UInt64? {
        guard let bytes = bytes(8) else { return nil }
        return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A number of things that take at least `size` bytes each.
    mutating func count(ofSize size: Int) -> Int? {
        guard let bytes = bytes(4) else { return nil }
        let count = bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        return count <= (source.count - position) / size ? count : nil
    }

    mutating func text() -> String? {
        guard let count = count(ofSize: 1), let bytes = bytes(count) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    mutating func group(depth: Int = 0) -> HDF5Group? {
        guard depth <= HDF5File.depthLimit, let count = count(ofSize: 6) else { return nil }
        var group = HDF5Group()
        for _ in 0..<count {
            guard let name = text(), let object = object(depth: depth),
                group.members.updateValue(object, forKey: name) == nil
            else { return nil }
        }
        return group
    }

    private mutating func object(depth: Int) -> HDF5Object? {
        switch byte() {
        case 0: group(depth: depth + 1).map { .group($0) }
        case 1: dataset().map { .dataset($0) }
        case 2: text().map { .unreadable($0) }
        default: nil
        }
    }

    private mutating func dataset() -> HDF5Dataset? {
        let element: HDF5Element
        switch byte() {
        case 0: element = .integer
        case 1: element = .float
        case 2: element = .text
        default: return nil
        }
        guard let rank = count(ofSize: 8) else { return nil }
        var dataset = HDF5Dataset(shape: [], element: element)
        for _ in 0..<rank {
            guard let length = word().flatMap({ Int(exactly: $0) }) else { return nil }
            dataset.shape.append(length)
        }
        guard let kind = byte() else { return nil }
        switch kind {
        case 0: return dataset
        case 1:
            guard let words = words() else { return nil }
            dataset.contents = .integers(words.map { Int64(bitPattern: $0) })
        case 2:
            guard let words = words() else { return nil }
            dataset.contents = .floats(words.map { Double(bitPattern: $0) })
        case 3:
            guard let count = count(ofSize: 4) else { return nil }
            var texts: [String] = []
            for _ in 0..<count {
                guard let text = text() else { return nil }
                texts.append(text)
            }
            dataset.contents = .texts(texts)
        default: return nil
        }
        return dataset.contents?.count == dataset.count ? dataset : nil
    }

    private mutating func words() -> [UInt64]? {
        guard let count = count(ofSize: 8) else { return nil }
        var words: [UInt64] = []
        for _ in 0..<count {
            guard let word = word() else { return nil }
            words.append(word)
        }
        return words
    }

    /// All doubles of an array; fast, for the large ones.
    mutating func doubles(_ count: Int) -> [Double]? {
        guard count >= 0, count <= (source.count - position) / 8 else { return nil }
        let start = position
        position += 8 * count
        return unsafe source.withUnsafeBytes { buffer in
            (0..<count).map {
                let bits = unsafe buffer.loadUnaligned(
                    fromByteOffset: start + 8 * $0,
                    as: UInt64.self
                )
                return Double(bitPattern: UInt64(littleEndian: bits))
            }
        }
    }
}
