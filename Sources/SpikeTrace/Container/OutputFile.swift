import Glibc

/// A file written from front to back, at its final name.
///
/// What has been written is kept: a failed write is cut off again, so that the file ends with the
/// last whole piece.
final class OutputFile {
    let path: String
    private let descriptor: Int32
    /// Bytes written.
    private(set) var offset: UInt64 = 0
    /// Over all bytes written.
    private(set) var checksum = Checksum()

    init(path: String) throws {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw SpikeTraceError.file(
                path: path,
                operation: "create the file",
                reason: systemMessage(errno)
            )
        }
    }

    deinit { close(descriptor) }

    /// Writes a piece whole, or throws and leaves nothing of it.
    func write(_ bytes: [UInt8]) throws {
        var done = 0
        while done < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.write(
                    descriptor,
                    bytes.baseAddress?.advanced(by: done),
                    bytes.count - done
                )
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                let reason = systemMessage(written < 0 ? errno : ENOSPC)
                // Best effort: a device cannot be cut.
                _ = ftruncate(descriptor, off_t(offset))
                throw SpikeTraceError.writeFailed(path: path, offset: offset, reason: reason)
            }
            done += written
        }
        offset += UInt64(bytes.count)
        checksum.append(bytes)
    }
}

/// The operating system's words for an error number.
func systemMessage(_ number: Int32) -> String {
    unsafe String(cString: strerror(number))
}
