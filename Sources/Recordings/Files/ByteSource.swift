import Glibc
import SpikeTrace

/// A file read from front to back through one buffer.
final class ByteSource {
    let path: String
    /// Bytes in the file when it was opened.
    let size: UInt64
    /// What has been read and not yet taken is `buffer[start..<end]`.
    private(set) var buffer: [UInt8]
    private(set) var start = 0
    private(set) var end = 0
    /// Offset of `buffer[0]` in the file.
    private var base: UInt64 = 0
    private let descriptor: Int32
    private var isAtEndOfFile = false

    init(path: String, capacity: Int = 1 << 18) throws {
        self.path = path
        buffer = [UInt8](repeating: 0, count: capacity)
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw RecordingError.file(
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
            throw RecordingError.file(
                path: path,
                operation: "open the file",
                reason: "it is not a regular file"
            )
        }
    }

    deinit { close(descriptor) }

    /// Offset in the file of the next byte to take.
    var offset: UInt64 { base + UInt64(start) }
    /// Bytes at hand.
    var count: Int { end - start }

    /// Sees to it that some bytes are at hand, unless the file ends before.
    ///
    /// - Parameter wanted: At most the capacity of the buffer.
    /// - Returns: Bytes at hand, which may be more or, at the end of the file, fewer.
    /// - Throws: `RecordingError.file`.
    @discardableResult
    func fill(_ wanted: Int) throws -> Int {
        precondition(wanted <= buffer.count, "a buffer holds what is asked of it")
        if count >= wanted || isAtEndOfFile { return count }
        if start > 0 {
            let left = count
            buffer.replaceSubrange(0..<left, with: Array(buffer[start..<end]))
            base += UInt64(start)
            (start, end) = (0, left)
        }
        while count < wanted {
            let place = end
            let got = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe Glibc.read(
                    descriptor,
                    bytes.baseAddress?.advanced(by: place),
                    bytes.count - place
                )
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else {
                throw RecordingError.file(
                    path: path,
                    operation: "read at byte \(base + UInt64(end))",
                    reason: systemMessage(errno)
                )
            }
            if got == 0 {
                isAtEndOfFile = true
                break
            }
            end += got
        }
        return count
    }

    /// Takes bytes that are at hand.
    func advance(_ count: Int) { start += min(count, self.count) }

    /// Passes over bytes, at hand or not.
    ///
    /// - Returns: How many there were.
    func skip(_ wanted: UInt64) throws -> UInt64 {
        var left = wanted
        while left > 0 {
            let here = try fill(1)
            guard here > 0 else { break }
            let step = Int(min(left, UInt64(here)))
            advance(step)
            left -= UInt64(step)
        }
        return wanted - left
    }

    /// Takes bytes into an array that grows with what the file really holds.
    ///
    /// - Returns: The bytes, fewer only at the end of the file.
    func take(_ wanted: Int) throws -> [UInt8] {
        var taken: [UInt8] = []
        while taken.count < wanted {
            let here = try fill(1)
            guard here > 0 else { break }
            let step = min(wanted - taken.count, here)
            taken += buffer[start..<start + step]
            advance(step)
        }
        return taken
    }

    /// The next line, without its end, if it ends within some bytes; nothing is taken.
    ///
    /// - Returns: The line and its length with its end; nil if there is no line end within `limit`.
    func peekLine(limit: Int = 1 << 12) throws -> (text: ArraySlice<UInt8>, length: Int)? {
        let here = min(limit, try fill(min(limit, buffer.count)))
        guard let index = buffer[start..<start + here].firstIndex(of: 0x0A) else { return nil }
        var line = buffer[start..<index]
        if line.last == 0x0D { line.removeLast() }
        return (line, index + 1 - start)
    }
}

extension [UInt8] {
    /// Two bytes, little-endian.
    @inline(__always)
    func half(at index: Int) -> UInt32 { UInt32(self[index]) | UInt32(self[index + 1]) << 8 }

    /// Four bytes, little-endian.
    @inline(__always)
    func word(at index: Int) -> UInt32 { half(at: index) | half(at: index + 2) << 16 }

    /// Eight bytes, little-endian.
    @inline(__always)
    func long(at index: Int) -> UInt64 {
        UInt64(word(at: index)) | UInt64(word(at: index + 4)) << 32
    }

    /// Four bytes, big-endian.
    @inline(__always)
    func bigWord(at index: Int) -> UInt32 { word(at: index).byteSwapped }
}
