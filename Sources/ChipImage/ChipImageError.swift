/// Why a chip image cannot be read, written or trusted.
public enum ChipImageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system does not give the file.
    case unreadable(reason: String)
    /// The system does not take the file.
    case unwritable(reason: String)
    /// The file does not begin like a chip image.
    case notAChipImage(size: Int)
    /// The file was written by a later version of the format.
    case newerVersion(major: Int, minor: Int)
    /// The bytes are not those that were written.
    case checksum(part: String, offset: Int, stored: UInt32, computed: UInt32)
    /// The file contradicts the format, at an offset.
    case malformed(part: String, offset: Int, what: String, limit: String)
    /// A section that must be understood is of an unknown type.
    case unknownCriticalSection(type: Int, core: UInt32, offset: Int)
    /// The tables contradict each other or the chip.
    case invalid(place: String, what: String, limit: String)
    /// The image cannot be put into the format.
    case notEncodable(place: String, what: String, limit: String)
    /// Any of the others, with the file it is about.
    indirect case inFile(path: String, ChipImageError)

    /// Where, what, the limit, what to do.
    public var description: String {
        switch self {
        case .unreadable(let reason):
            "The chip image cannot be read: \(stopped(reason)) Check the path and its permissions."
        case .unwritable(let reason):
            "The chip image cannot be written: \(stopped(reason)) Check the folder and the free space."
        case .notAChipImage(let size):
            "Offset 0: this is not a chip image (\(size) bytes). "
                + "One begins with a 64-byte header, 8D 'CHIPIMG'. "
                + "Give the output of 'spikeloom compile'."
        case .newerVersion(let major, let minor):
            "Offset 8: format version \(major).\(minor). This version of spikeloom reads version "
                + "\(ImageFormat.major) and older. Update spikeloom, or compile the network again."
        case .checksum(let part, let offset, let stored, let computed):
            "Offset \(offset): \(part) is damaged: CRC32C is \(hexadecimal(computed)), "
                + "it was written as \(hexadecimal(stored)). "
                + "Copy the file again, or compile the network again."
        case .malformed(let part, let offset, let what, let limit):
            "Offset \(offset): \(part): \(what). \(limit). Compile the network again."
        case .unknownCriticalSection(let type, let core, let offset):
            "Offset \(offset): section \(SectionName(type: UInt16(clamping: type), core: core)) "
                + "is marked as critical and unknown to this version of spikeloom. "
                + "Update spikeloom, or compile the network again."
        case .invalid(let place, let what, let limit):
            "\(place): \(what). \(limit). Compile the network again."
        case .notEncodable(let place, let what, let limit):
            "\(place): \(what), so the chip image cannot be written. \(limit)."
        case .inFile(let path, let error):
            "\(path): \(error)"
        }
    }

    /// The error itself, without the file.
    package var withoutPath: ChipImageError {
        if case .inFile(_, let error) = self { error.withoutPath } else { self }
    }
}

/// A reason with one full stop; those of the system bring theirs.
private func stopped(_ reason: String) -> String {
    reason.hasSuffix(".") ? reason : reason + "."
}

private func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: 8 - digits.count) + digits
}
