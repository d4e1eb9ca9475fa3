/// MCAP protects chunks but not metadata: a metadata record of ours ends with its own checksum.
enum MetadataChecksum {
    /// Name of the last entry.
    static let key = "crc32"

    /// CRC-32 of `key=value` and a line feed of every entry, as 8 hexadecimal digits.
    static func of(_ facts: [(String, String)]) -> String {
        let text = facts.map { "\($0.0)=\($0.1)\n" }.joined()
        let digits = String(Checksum.of(Array(text.utf8)), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
