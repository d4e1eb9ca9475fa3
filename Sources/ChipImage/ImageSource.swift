import Glibc

/// Where the bytes of an image are read from: memory, or a file.
///
/// A file is read at the places that are asked for, each section once and straight into its array. It
/// is not mapped: a mapped file that is cut short by somebody else ends the process.
enum ImageSource: Sendable {
    case memory([UInt8])
    case file(ImageInputFile)

    /// Bytes of the whole image.
    var size: Int {
        switch self {
        case .memory(let bytes): bytes.count
        case .file(let file): file.size
        }
    }

    /// Copies a part of the image into a new column.
    ///
    /// - Parameters:
    ///   - range: Which bytes, inside the image; a whole number of elements.
    ///   - type: Their type.
    /// - Returns: The column.
    /// - Throws: `ChipImageError.unreadable`.
    func column<T: FixedWidthInteger & BitwiseCopyable>(
        _ range: Range<Int>,
        of type: T.Type
    ) throws(ChipImageError) -> [T] {
        switch self {
        case .memory(let bytes):
            return [T](littleEndian: bytes.span.extracting(range))
        case .file(let file):
            return try file.column(range, of: type)
        }
    }
}

/// A regular file that is read at any place.
final class ImageInputFile: Sendable {
    private let descriptor: Int32
    /// Bytes in the file when it was opened.
    let size: Int

    /// Opens a file.
    ///
    /// - Parameter path: Where it is.
    /// - Throws: `ChipImageError.unreadable`, also for what is not a regular file.
    init(path: String) throws(ChipImageError) {
        // Nonblocking, so that a pipe is refused rather than waited for.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(reason: systemMessage(errno)) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .unreadable(reason: "it is not a regular file")
        }
        self.descriptor = descriptor
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    func column<T: FixedWidthInteger & BitwiseCopyable>(
        _ range: Range<Int>,
        of type: T.Type
    ) throws(ChipImageError) -> [T] {
        var failure: String?
        let bytes = range.count / MemoryLayout<T>.stride * MemoryLayout<T>.stride
        // Any bit pattern is an integer; bytes that were not read are not counted as initialised.
        var column = unsafe [T](
            unsafeUninitializedCapacity: bytes / MemoryLayout<T>.stride
        ) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            var done = 0
            while done < bytes {
                let got = unsafe pread(
                    descriptor,
                    raw.baseAddress?.advanced(by: done),
                    bytes - done,
                    off_t(range.lowerBound + done)
                )
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else {
                    failure =
                        got < 0 ? systemMessage(errno) : "it has become shorter while it was read"
                    return
                }
                done += got
            }
            count = bytes / MemoryLayout<T>.stride
        }
        if let failure { throw .unreadable(reason: failure) }
        column.toHostOrder()
        return column
    }
}

/// The operating system's words for an error number.
///
/// - Parameter number: As in `errno`.
/// - Returns: Words without a full stop.
func systemMessage(_ number: Int32) -> String {
    unsafe String(cString: strerror(number))
}
