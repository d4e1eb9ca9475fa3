import Glibc

/// Where the bytes of an image are written to: from front to back, and the front again at the end,
/// when the sizes are known.
protocol ImageSink {
    /// Writes bytes behind those before.
    ///
    /// - Parameter bytes: Any number of them.
    /// - Throws: `ChipImageError.unwritable`.
    mutating func append(_ bytes: [UInt8]) throws(ChipImageError)

    /// Writes bytes over the first ones.
    ///
    /// - Parameter bytes: Not more than there are.
    /// - Throws: `ChipImageError.unwritable`.
    mutating func replaceFront(with bytes: [UInt8]) throws(ChipImageError)
}

/// An image in memory.
struct MemorySink: ImageSink {
    /// What was written.
    private(set) var bytes: [UInt8] = []

    mutating func append(_ bytes: [UInt8]) { self.bytes += bytes }

    mutating func replaceFront(with bytes: [UInt8]) {
        self.bytes.replaceSubrange(..<bytes.count, with: bytes)
    }
}

/// A file under a temporary name beside its own, which it gets when it is whole.
///
/// Takes the memory of one section.
final class ImageOutputFile: ImageSink {
    private let path: String
    private let temporary: String
    private let descriptor: Int32
    private var offset = 0
    private var isFinished = false

    /// Makes the temporary file.
    ///
    /// - Parameter path: Name of the finished file.
    /// - Throws: `ChipImageError.unwritable`.
    init(path: String) throws(ChipImageError) {
        self.path = path
        var number = 0
        var name: String
        var descriptor: Int32
        repeat {
            name = "\(path).\(getpid()).\(number).part"
            descriptor = unsafe open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            number += 1
        } while descriptor < 0 && errno == EEXIST && number < 1000
        guard descriptor >= 0 else { throw .unwritable(reason: systemMessage(errno)) }
        temporary = name
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
        if !isFinished { unsafe _ = unlink(temporary) }
    }

    func append(_ bytes: [UInt8]) throws(ChipImageError) {
        try write(bytes, at: offset)
        offset += bytes.count
    }

    func replaceFront(with bytes: [UInt8]) throws(ChipImageError) { try write(bytes, at: 0) }

    /// Gives the file its name; what had it before is replaced.
    ///
    /// - Throws: `ChipImageError.unwritable`; the temporary file goes with its owner.
    func finish() throws(ChipImageError) {
        guard fsync(descriptor) == 0, unsafe rename(temporary, path) == 0 else {
            throw .unwritable(reason: systemMessage(errno))
        }
        isFinished = true
    }

    private func write(_ bytes: [UInt8], at start: Int) throws(ChipImageError) {
        var done = 0
        while done < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { bytes in
                unsafe pwrite(
                    descriptor,
                    bytes.baseAddress?.advanced(by: done),
                    bytes.count - done,
                    off_t(start + done)
                )
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                throw .unwritable(reason: systemMessage(written < 0 ? errno : ENOSPC))
            }
            done += written
        }
    }
}
