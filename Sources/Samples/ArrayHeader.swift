/// Element type of a numpy array: kind, bytes and byte order.
struct ElementType: Equatable {
    var kind: Kind
    /// Bytes of an element: 1, 2, 4 or 8.
    var size: Int
    var isBigEndian: Bool

    /// What elements are, by numpy's letter.
    enum Kind: Character {
        case boolean = "b"
        case unsigned = "u"
        case signed = "i"
        case float = "f"
    }

    /// Reads a type as numpy writes it, for example `<f4`; nil for any other type.
    init?(_ description: String) {
        let parts = Array(description)
        guard parts.count == 3, let size = parts[2].wholeNumberValue,
            let kind = Kind(rawValue: parts[1])
        else { return nil }
        switch kind {
        case .boolean: guard size == 1 else { return nil }
        case .unsigned, .signed: guard [1, 2, 4, 8].contains(size) else { return nil }
        case .float: guard [2, 4, 8].contains(size) else { return nil }
        }
        switch parts[0] {
        case "<": isBigEndian = false
        case ">": isBigEndian = true
        case "|" where size == 1: isBigEndian = false
        default: return nil
        }
        self.kind = kind
        self.size = size
    }

    var isInteger: Bool { kind == .unsigned || kind == .signed }

    /// The bits of the number 1.
    var one: UInt64 {
        switch (kind, size) {
        case (.float, 2): 0x3C00
        case (.float, 4): UInt64(Float(1).bitPattern)
        case (.float, 8): Double(1).bitPattern
        default: 1
        }
    }

    /// The bits of −0.0, which is a zero like any other; nil for types without it.
    var negativeZero: UInt64? { kind == .float ? 1 << UInt64(8 * size - 1) : nil }

    /// Puts the bytes of an element together, whatever their order.
    @inline(__always)
    func bits(in bytes: [UInt8], at start: Int) -> UInt64 {
        if size == 1 { return UInt64(bytes[start]) }
        var bits: UInt64 = 0
        for offset in 0..<size {
            let byte = bytes[isBigEndian ? start + offset : start + size - 1 - offset]
            bits = bits << 8 | UInt64(byte)
        }
        return bits
    }

    /// The number that some bits stand for.
    func number(_ bits: UInt64) -> Double {
        switch (kind, size) {
        case (.float, 2): Double(binary16(UInt16(truncatingIfNeeded: bits)))
        case (.float, 4): Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case (.float, _): Double(bitPattern: bits)
        case (.signed, _):
            Double(Int64(bitPattern: bits << UInt64(64 - 8 * size)) >> Int64(64 - 8 * size))
        default: Double(bits)
        }
    }

    /// The number that some bits stand for, for messages.
    func text(_ bits: UInt64) -> String {
        switch (kind, size) {
        case (.float, 2): binary16(UInt16(truncatingIfNeeded: bits)).description
        case (.float, 4): Float(bitPattern: UInt32(truncatingIfNeeded: bits)).description
        case (.float, 8): Double(bitPattern: bits).description
        case (.signed, _): integer(bits).map(String.init) ?? String(bits)
        default: String(bits)
        }
    }

    /// The whole number that some bits stand for; nil if an Int does not hold it.
    func integer(_ bits: UInt64) -> Int? {
        if kind == .unsigned { return Int(exactly: bits) }
        let unused = UInt64(64 - 8 * size)
        return Int(Int64(bitPattern: bits << unused) >> Int64(unused))
    }
}

/// The value of an IEEE 754 binary16 number (Swift's own is missing on some platforms).
private func binary16(_ bits: UInt16) -> Float {
    let exponent = Int(bits >> 10 & 31)
    let fraction = Float(bits & 1023) / 1024
    let magnitude: Float =
        switch exponent {
        case 31: fraction == 0 ? .infinity : .nan
        case 0: fraction * Float(sign: .plus, exponent: -14, significand: 1)
        default: Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
        }
    return bits >> 15 == 1 ? -magnitude : magnitude
}

/// The header of an array in numpy's `.npy` format, versions 1.0 and 2.0.
///
/// Source: `numpy.lib.format`. Read strictly: exactly the three keys that numpy writes.
struct ArrayHeader {
    var type: ElementType
    var isFortranOrder: Bool
    var shape: [Int]
    /// Product of the shape.
    var elementCount: Int

    /// numpy refuses longer headers too.
    private static let longest = 10_000

    /// Reads the header at the start of a member.
    init(
        from member: ArchiveMember,
        allowing allowed: String,
        where isAllowed: (ElementType) -> Bool
    ) throws(SampleError) {
        let (source, array) = (member.source, member.array)
        func bad(_ reason: String) -> SampleError {
            .badHeader(source: source, array: array, reason: reason)
        }
        let prefix = try member.read(8)
        guard prefix.count == 8, Array(prefix[..<6]) == [0x93] + Array("NUMPY".utf8) else {
            throw bad("it does not start with the letters of an npy file")
        }
        guard prefix[6] == 1 || prefix[6] == 2, prefix[7] == 0 else {
            throw bad("its version is \(prefix[6]).\(prefix[7])")
        }
        let lengthSize = prefix[6] == 1 ? 2 : 4
        let lengthBytes = try member.read(lengthSize)
        guard lengthBytes.count == lengthSize else { throw bad("it ends early") }
        let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.longest else {
            throw bad("it is \(length) bytes long, more than \(Self.longest)")
        }
        let text = try member.read(length)
        guard text.count == length else { throw bad("it ends early") }

        var parser = HeaderParser(text)
        guard let fields = parser.fields() else {
            throw bad("it is not a dictionary of 'descr', 'fortran_order' and 'shape'")
        }
        if fields.isRecord {
            throw .unsupportedType(source: source, array: array, type: "record", allowed: allowed)
        }
        if fields.description.dropFirst().first == "O" {
            throw .pickledObjects(source: source, array: array)
        }
        guard let type = ElementType(fields.description), isAllowed(type) else {
            throw .unsupportedType(
                source: source,
                array: array,
                type: fields.description,
                allowed: allowed
            )
        }
        guard let count = checkedProduct(fields.shape),
            !count.multipliedReportingOverflow(by: type.size).overflow
        else {
            throw bad("its shape overflows 64 bits")
        }
        self.type = type
        isFortranOrder = fields.isFortranOrder
        shape = fields.shape
        elementCount = count
    }

    /// Bytes of data that follow.
    var byteCount: Int { elementCount * type.size }
}

/// A parser for the Python literal in a header.
private struct HeaderParser {
    struct Fields {
        var description = ""
        var isRecord = false
        var isFortranOrder = false
        var shape: [Int] = []
    }

    private let text: [UInt8]
    private var position = 0

    init(_ text: [UInt8]) { self.text = text }

    /// The three fields, or nil if the text is anything else.
    mutating func fields() -> Fields? {
        var fields = Fields()
        var seen: Set<String> = []
        guard take("{") else { return nil }
        while !take("}") {
            guard let key = string(), seen.insert(key).inserted, take(":") else { return nil }
            switch key {
            case "descr":
                if take("[") {
                    fields.isRecord = true
                    return fields
                }
                guard let value = string() else { return nil }
                fields.description = value
            case "fortran_order":
                guard let value = word(), value == "True" || value == "False" else { return nil }
                fields.isFortranOrder = value == "True"
            case "shape":
                guard let value = tuple() else { return nil }
                fields.shape = value
            default: return nil
            }
            if !take(",") {
                guard take("}") else { return nil }
                break
            }
        }
        skipSpace()
        return seen.count == 3 && position == text.count ? fields : nil
    }

    private mutating func skipSpace() {
        while position < text.count, text[position] == 0x20 || text[position] == 0x0A {
            position += 1
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func run(while belongs: (UInt8) -> Bool) -> String {
        let start = position
        while position < text.count, belongs(text[position]) { position += 1 }
        return String(decoding: text[start..<position], as: UTF8.self)
    }

    private mutating func string() -> String? {
        guard take("'") else { return nil }
        let value = run { $0 != UInt8(ascii: "'") && $0 >= 0x20 && $0 < 0x7F }
        guard position < text.count, text[position] == UInt8(ascii: "'") else { return nil }
        position += 1
        return value
    }

    private mutating func word() -> String? {
        skipSpace()
        return run { UInt8(ascii: "A")...UInt8(ascii: "z") ~= $0 }
    }

    /// `()`, `(n,)`, `(n, m)` and longer ones, with or without a comma at the end.
    private mutating func tuple() -> [Int]? {
        guard take("(") else { return nil }
        var values: [Int] = []
        while !take(")") {
            skipSpace()
            let digits = run { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            guard let value = Int(digits), values.count < 32 else { return nil }
            values.append(value)
            if !take(",") {
                // (n) is a number in Python, not a tuple.
                guard take(")"), values.count > 1 else { return nil }
                break
            }
        }
        return values
    }
}
