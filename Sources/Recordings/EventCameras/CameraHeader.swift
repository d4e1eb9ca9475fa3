/// The text before the events of a Prophesee file: lines that begin with a percent sign.
struct CameraHeader {
    /// First word of a line and the rest of it.
    private(set) var fields: [String: String] = [:]
    private(set) var lineCount = 0

    /// A header of more lines is no header.
    private static let mostLines = 1000

    /// Takes the header off a file.
    init(from file: ByteSource) throws {
        while let (line, length) = try file.peekLine(), line.first == UInt8(ascii: "%"),
            lineCount < Self.mostLines, line.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x09 })
        {
            let text = String(decoding: line.dropFirst(), as: UTF8.self)
            file.advance(length)
            lineCount += 1
            let words = text.split(separator: " ", maxSplits: 1)
            guard let key = words.first else { continue }
            if key == "end" { break }
            fields[String(key)] = words.count > 1 ? String(words[1]) : ""
        }
    }

    /// Columns and rows, where a line tells.
    var size: PixelSize? {
        if let geometry = fields["geometry"], let size = PixelSize(geometry) { return size }
        var parts: [Substring: Substring] = [:]
        for part in (fields["format"] ?? "").split(separator: ";") {
            let pair = part.split(separator: "=")
            if pair.count == 2 { parts[pair[0]] = pair[1] }
        }
        let width = parts["width"].map(String.init) ?? fields["Width"]
        let height = parts["height"].map(String.init) ?? fields["Height"]
        guard let width, let height else { return nil }
        return PixelSize("\(width)x\(height)")
    }

    /// Version of the encoding, `2.0`, `2.1` or `3.0`, where a line tells.
    var encoding: String? {
        if let version = fields["evt"] { return version }
        let format = (fields["format"] ?? "").split(separator: ";").first
        return switch format {
        case "EVT2": "2.0"
        case "EVT21": "2.1"
        case "EVT3": "3.0"
        default: nil
        }
    }
}
