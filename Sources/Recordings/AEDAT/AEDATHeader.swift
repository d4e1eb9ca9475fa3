/// The text before the events of an AEDAT file: a version line, then lines that begin with `#`.
struct AEDATHeader {
    /// `1.0`, `2.0`, `3.1`, `4.0`.
    let version: String
    private(set) var lines: [String] = []

    private static let mostLines = 10_000

    /// Takes the version line and, up to version 3, the comment lines off a file.
    init(from file: ByteSource) throws {
        let mark = Array("#!AER-DAT".utf8)
        guard let (first, length) = try file.peekLine(limit: 64), first.starts(with: mark) else {
            throw RecordingError.malformed(
                path: file.path,
                offset: 0,
                problem: "the file does not begin with '#!AER-DAT'",
                advice: "It is no AEDAT file: check its name, or say its format with --from."
            )
        }
        version = String(decoding: first.dropFirst(mark.count), as: UTF8.self)
        file.advance(length)
        guard !version.hasPrefix("4") else { return }
        func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
            bytes.first == UInt8(ascii: "#")
                && bytes.allSatisfy { $0 >= 0x20 || $0 == 0x09 || $0 == 0x0D }
        }
        while lines.count < Self.mostLines {
            guard let (line, length) = try file.peekLine() else {
                let here = try file.fill(1 << 12)
                // A line without an end is the rest of a file that was cut here.
                guard here < 1 << 12, isText(file.buffer[file.start..<file.start + here]) else {
                    return
                }
                throw RecordingError.malformed(
                    path: file.path,
                    offset: file.offset,
                    problem: "the file ends in the middle of its header",
                    advice: "Copy it again."
                )
            }
            guard isText(line) else { return }
            let text = String(decoding: line, as: UTF8.self)
            lines.append(text)
            file.advance(length)
            if text.hasPrefix("#!END-HEADER") { break }
        }
    }

    /// Columns and rows of the first camera that a line names.
    var size: PixelSize? {
        let text = lines.joined(separator: "\n").lowercased()
        let known: [(name: String, width: Int, height: Int)] = [
            ("davis346", 346, 260), ("davis640", 640, 480), ("davis208", 208, 192),
            ("davis240", 240, 180), ("davis128", 128, 128), ("dvs128", 128, 128),
            ("dvxplorer", 640, 480), ("edvs", 128, 128),
        ]
        return known.first { text.contains($0.name) }.map {
            PixelSize(width: $0.width, height: $0.height)
        }
    }

    /// Whether addresses are those of a DAVIS (32 bits) rather than of a DVS128 (16 bits).
    var isDAVIS: Bool {
        let text = lines.joined(separator: "\n").lowercased()
        return text.contains("davis") || text.contains("seebetter")
    }
}

/// Opens AEDAT files of any version by their first line.
enum AEDATFile {
    /// Opens a file.
    static func open(path: String) throws -> any RecordingReader {
        let file = try ByteSource(path: path, capacity: 1 << 18)
        let header = try AEDATHeader(from: file)
        switch header.version.prefix(1) {
        case "2": return AEDAT2Reader(file: file, header: header)
        case "3": return AEDAT3Reader(file: file, header: header)
        case "4": return try AEDAT4Reader(file: file)
        default:
            throw RecordingError.malformed(
                path: path,
                offset: 9,
                problem: "AEDAT version '\(header.version.prefix(20))'",
                advice: "Read are versions 2, 3.1 and 4: convert the file with jAER or dv-gui."
            )
        }
    }
}
