import Glibc

/// A file in memory that holds the input at hand, for readers that take a path.
public struct MemoryFile: Sendable {
    private let descriptor: CInt

    /// The path to read it by, as often as wanted.
    public var path: String { "/proc/self/fd/\(descriptor)" }

    /// Makes an empty file.
    public init() {
        let name = "/dev/shm/spikeloom-fuzz-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        precondition(descriptor >= 0, "there is room in /dev/shm")
        unlink(name)
    }

    /// Replaces what it holds.
    ///
    /// - Parameter bytes: The new contents.
    public func hold(_ bytes: [UInt8]) {
        ftruncate(descriptor, 0)
        _ = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
}
