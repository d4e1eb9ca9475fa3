import Glibc

/// A file read at any place, never mapped: a file that is cut while it is read gives short reads,
/// not a signal.
final class InputFile {
    let path: String
    private let descriptor: Int32
    /// Bytes in the file when it was opened.
    let size: UInt64

    init(path: String) throws {
        self.path = path
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SpikeTraceError.file(
                path: path,
                operation: "open the file",
                reason: systemMessage(errno)
            )
        }
        var status = stat()
        let isRegular =
            unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        size = isRegular ? UInt64(status.st_size) : 0
        guard isRegular else {
            throw SpikeTraceError.file(
                path: path,
                operation: "open the file",
                reason: "it is not a regular file"
            )
        }
    }

    deinit { close(descriptor) }

    /// Reads bytes into storage that is reused.
    ///
    /// - Parameters:
    ///   - offset: Where.
    ///   - count: How many, at most; the caller has bounded it.
    ///   - bytes: Storage; it has at least `count` bytes afterwards.
    /// - Throws: `SpikeTraceError` if the operating system fails.
    /// - Returns: How many there were: fewer than `count` at the end of the file.
    func read(at offset: UInt64, count: Int, into bytes: inout [UInt8]) throws -> Int {
        guard offset < size else { return 0 }
        let count = Int(min(UInt64(count), size - offset))
        if bytes.count < count {
            bytes.append(contentsOf: repeatElement(0, count: count - bytes.count))
        }
        var done = 0
        while done < count {
            let got = unsafe bytes.withUnsafeMutableBytes { bytes in
                unsafe pread(
                    descriptor,
                    bytes.baseAddress?.advanced(by: done),
                    count - done,
                    off_t(offset) + off_t(done)
                )
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else {
                throw SpikeTraceError.file(
                    path: path,
                    operation: "read at byte \(offset)",
                    reason: systemMessage(errno)
                )
            }
            if got == 0 { break }
            done += got
        }
        return done
    }

    /// Reads exactly some bytes; nil if the file ends before.
    func bytes(at offset: UInt64, count: Int) throws -> [UInt8]? {
        var bytes: [UInt8] = []
        guard try read(at: offset, count: count, into: &bytes) == count else { return nil }
        return bytes
    }
}
