public import Diagnostics

extension ChipImageError: DiagnosedError {
    /// The error with its code; one of a file has the code of its cause.
    public var diagnostic: Diagnostic {
        switch self {
        case .unreadable: return Diagnostic(.imageUnreadable, description)
        case .unwritable: return Diagnostic(.imageUnwritable, description)
        case .notAChipImage: return Diagnostic(.notAnImage, description)
        case .newerVersion(let major, _):
            return Diagnostic(
                .imageNewer,
                description,
                resource: "format version",
                needed: Double(major),
                limit: Double(ImageFormat.major)
            )
        case .checksum(let part, _, _, _):
            return Diagnostic(.imageDamaged, description, path: part)
        case .malformed(let part, _, _, _):
            return Diagnostic(.imageMalformed, description, path: part)
        case .unknownCriticalSection: return Diagnostic(.imageUnknownSection, description)
        case .invalid(let place, _, _):
            return Diagnostic(.imageInvalid, description, path: place)
        case .notEncodable(let place, _, _):
            return Diagnostic(.imageNotEncodable, description, path: place)
        case .inFile(let path, let error):
            var diagnostic = error.diagnostic
            diagnostic.message = description
            diagnostic.file = path
            return diagnostic
        }
    }
}
