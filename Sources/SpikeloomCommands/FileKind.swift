import Foundation

/// Kinds of files that commands take, told apart by their first bytes.
enum FileKind {
    case chipImage
    case hdf5
    case spikeTrace
    case zip
    case other

    init(path: String) throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw BadInput("\(path): cannot be opened. Check the name and the permissions.")
        }
        defer { try? file.close() }
        let head: [UInt8]
        do { head = Array(try file.read(upToCount: 8) ?? Data()) } catch {
            throw BadInput("\(path): cannot be read: \(error.localizedDescription)")
        }
        switch head {
        case [0x8D] + Array("CHIPIMG".utf8): self = .chipImage
        case [0x89] + Array("HDF\r\n\u{1A}\n".utf8): self = .hdf5
        case [0x89] + Array("MCAP0\r\n".utf8): self = .spikeTrace
        default: self = head.starts(with: Array("PK".utf8)) ? .zip : .other
        }
    }
}
