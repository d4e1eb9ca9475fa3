import TestSupport

/// Damages the bytes of a file.
struct Damage {
    /// The file as it was.
    let original: [UInt8]
    /// Whether it is text.
    let isText: Bool
    var random: SplitMix64

    private static let extremes: [UInt64] = [
        0, 1, 0x7F, 0x80, 0xFF, 0x7FFF_FFFF, 0xFFFF_FFFF, .max, 1 << 63,
    ]
    private static let pieces = [
        "0", "-1", "1e999", "nan", "99999999999999999999", "1048576", "134217728", "{", "}", "[",
        "]", ":", ",", "-", "\n", "  ", "*a", "&a", "#", "'", "\"",
    ]

    /// Other bytes than those of the file: single ones, runs, copies, cuts; in text other numbers and signs.
    mutating func next() -> [UInt8] {
        var bytes = original
        for _ in 0..<random.int(1...4) where !bytes.isEmpty { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = random.int(0...bytes.count - 1)
        let end = min(bytes.count, place + random.int(1...8))
        switch random.int(0...6) {
        case 0: bytes[place] = UInt8(random.int(0...255))
        case 1: bytes[place] ^= 1 << UInt8(random.int(0...7))
        case 2:
            let value = random.pick(Self.extremes)
            for (position, index) in (place..<end).enumerated() {
                bytes[index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(position)))
            }
        case 3: bytes.replaceSubrange(place..<end, with: bytes[0..<min(8, bytes.count)])
        case 4 where random.int(0...9) == 0: bytes.removeLast(random.int(1...bytes.count))
        case 5 where isText:
            bytes.replaceSubrange(place..<end, with: Array(random.pick(Self.pieces).utf8))
        default:
            // A digit stays a digit, and the number becomes another one.
            let digits = bytes.indices.filter { (48...57).contains(bytes[$0]) }
            if isText, !digits.isEmpty {
                bytes[random.pick(digits)] = UInt8(random.int(48...57))
            } else {
                bytes[place] = 0
            }
        }
    }
}
