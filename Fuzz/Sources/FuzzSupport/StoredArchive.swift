import CDeflate

/// A zip archive of stored members with right checksums: what is in them is tested, not libzip.
///
/// - Parameter members: Names and contents.
/// - Returns: The bytes of the archive.
public func storedArchive(_ members: [(name: String, content: [UInt8])]) -> [UInt8] {
    func number(_ value: Int, bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for (name, content) in members {
        let sum = content.withUnsafeBufferPointer {
            libdeflate_crc32(0, $0.baseAddress, $0.count)
        }
        // Version, flags, method, time, date, checksum, both sizes, lengths of the name and of extra fields.
        let facts =
            number(20, bytes: 2) + number(0, bytes: 2) + number(0, bytes: 2)
            + number(0x21 << 16, bytes: 4) + number(Int(sum), bytes: 4)
            + number(content.count, bytes: 4) + number(content.count, bytes: 4)
            + number(name.utf8.count, bytes: 2) + number(0, bytes: 2)
        directory +=
            number(0x0201_4B50, bytes: 4) + number(20, bytes: 2) + facts + number(0, bytes: 10)
            + number(archive.count, bytes: 4) + Array(name.utf8)
        archive += number(0x0403_4B50, bytes: 4) + facts + Array(name.utf8) + content
    }
    return archive + directory + number(0x0605_4B50, bytes: 4) + number(0, bytes: 4)
        + number(members.count, bytes: 2) + number(members.count, bytes: 2)
        + number(directory.count, bytes: 4) + number(archive.count, bytes: 4)
        + number(0, bytes: 2)
}
