import Glibc

/// How a recorder writes its file.
package struct OutputPolicy: Sendable {
    /// Whether every piece is on the disk, not only with the operating system, before it counts.
    package var isSynced = false
    /// Bytes handed to the operating system at once, and a pause after: for tests of torn files.
    package var largestWrite = Int.max
    /// Microseconds to wait after each write.
    package var pauseInMicroseconds: UInt32 = 0

    /// The policy of a recorder: whole pieces, without pauses.
    ///
    /// - Parameter isSynced: Whether every piece is synced to the disk.
    package init(isSynced: Bool = false) { self.isSynced = isSynced }
}

/// A file written from front to back, at its final name.
///
/// What has been written is kept: a failed write is cut off again, so that the file ends with the
/// last whole piece.
final class OutputFile {
    let path: String
    private let descriptor: Int32
    private let policy: OutputPolicy
    /// Bytes written.
    private(set) var offset: UInt64 = 0
    /// Over all bytes written.
    private(set) var checksum = Checksum()

    init(path: String, policy: OutputPolicy = OutputPolicy()) throws {
        self.path = path
        self.policy = policy
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

    /// Writes bytes whole, or throws and leaves nothing of them.
    ///
    /// - Parameter parts: The bytes, in parts that need not be copied together.
    /// - Throws: `SpikeTraceError` if they cannot be written.
    func write(_ parts: ArraySlice<UInt8>...) throws {
        for part in parts { try put(part) }
        // Pipes and the like cannot be synced, and need not be.
        if policy.isSynced, fdatasync(descriptor) != 0, errno != EINVAL, errno != EROFS {
            throw failure(errno)
        }
        for part in parts {
            offset += UInt64(part.count)
            unsafe part.withUnsafeBytes { unsafe checksum.append($0) }
        }
    }

    /// Hands bytes to the operating system.
    private func put(_ bytes: ArraySlice<UInt8>) throws {
        var done = 0
        while done < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.write(
                    descriptor,
                    bytes.baseAddress?.advanced(by: done),
                    min(bytes.count - done, policy.largestWrite)
                )
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw failure(written < 0 ? errno : ENOSPC) }
            done += written
            if policy.pauseInMicroseconds > 0 { usleep(policy.pauseInMicroseconds) }
        }
    }

    /// Cuts off what a failed write left, and says what failed.
    private func failure(_ number: Int32) -> SpikeTraceError {
        // Best effort: a device cannot be cut.
        _ = ftruncate(descriptor, off_t(offset))
        return .writeFailed(path: path, offset: offset, reason: systemMessage(number))
    }
}

/// The operating system's words for an error number.
///
/// - Parameter number: `errno` of a call that failed.
/// - Returns: For example "No space left on device".
package func systemMessage(_ number: Int32) -> String {
    unsafe String(cString: strerror(number))
}
