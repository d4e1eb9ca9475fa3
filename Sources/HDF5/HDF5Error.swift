/// Why an HDF5 file is refused.
public enum HDF5Error: Error, Equatable, CustomStringConvertible {
    /// The file cannot be opened: missing, a folder, no permission.
    case unreadableFile(file: String, reason: String)
    /// The bytes are not those of an HDF5 file.
    case notHDF5(file: String, reason: String)
    /// It begins like an HDF5 file and is cut short or damaged.
    case damaged(file: String, reason: String)
    /// An object in the file cannot be read.
    case unreadableObject(file: String, path: String, reason: String)
    /// More than the reader is willing to hold.
    case tooLarge(file: String, path: String, what: String, limit: String)
    /// The reading program is not there or does not start.
    case missingReader(program: String, reason: String)
    /// The reading program died, hung or answered nonsense.
    case readerFailed(file: String, failure: ReaderFailure)

    /// How the reading program failed.
    public enum ReaderFailure: Sendable, Equatable {
        /// A signal ended it (11: it crashed, 24: it used its processor time up).
        case signal(Int)
        /// It ended with a status and no answer.
        case status(Int)
        /// It gave no answer in time.
        case timeout(seconds: Int)
        /// Its answer is not in the format of the answer.
        case garbled
    }

    /// Where, what, the limit and what to do.
    public var description: String {
        switch self {
        case .unreadableFile(let file, let reason):
            "\(file): \(reason). Give the path of a NIR file (HDF5) that can be read."
        case .notHDF5(let file, let reason):
            "\(file): this is not an HDF5 file (\(reason)). NIR files are HDF5: give the file that "
                + "nir.write made."
        case .damaged(let file, let reason):
            "\(file): the HDF5 file is damaged or cut short (\(reason)). Copy or export it again."
        case .unreadableObject(let file, let path, let reason):
            "\(file): \(path): \(reason)"
        case .tooLarge(let file, let path, let what, let limit):
            "\(file): \(path): \(what). The limit is \(limit). Split the network into smaller files."
        case .missingReader(let program, let reason):
            "\(program): the program that reads HDF5 files does not start (\(reason)). Install it "
                + "beside spikeloom (swift build --product spikeloom-hdf5)."
        case .readerFailed(let file, let failure):
            "\(file): the file cannot be read: \(Self.sentence(failure)). It is damaged or made to "
                + "do harm; export it again."
        }
    }

    private static func sentence(_ failure: ReaderFailure) -> String {
        switch failure {
        case .signal(24): "the reader used more processor time than it is allowed"
        case .signal(let number): "the reader crashed on it (signal \(number))"
        case .status(let code): "the reader gave up (status \(code)), perhaps for lack of memory"
        case .timeout(let seconds): "the reader gave no answer within \(seconds) s"
        case .garbled: "the reader's answer is not in the agreed format"
        }
    }
}
