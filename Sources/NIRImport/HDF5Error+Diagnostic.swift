public import Diagnostics
public import HDF5

extension HDF5Error: DiagnosedError {
    /// The error with its code, as one of the file that a network is in.
    public var diagnostic: Diagnostic {
        switch self {
        case .unreadableFile(let file, _): Diagnostic(.hdf5FileUnreadable, description, file: file)
        case .notHDF5(let file, _): Diagnostic(.notHDF5, description, file: file)
        case .damaged(let file, _): Diagnostic(.hdf5Damaged, description, file: file)
        case .unreadableObject(let file, let path, _):
            Diagnostic(.hdf5ArrayUnreadable, description, file: file, path: path)
        case .tooLarge(let file, let path, _, _):
            Diagnostic(.hdf5TooLarge, description, file: file, path: path)
        case .missingReader(let program, _):
            Diagnostic(.hdf5ReaderMissing, description, file: program)
        case .readerFailed(let file, _): Diagnostic(.hdf5ReaderFailed, description, file: file)
        }
    }
}
