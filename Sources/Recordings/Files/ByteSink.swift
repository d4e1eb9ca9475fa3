import Glibc
import SpikeTrace

/// A file written from front to back under a temporary name; it gets its own when it is whole.
final class ByteSink {
    let path: String
    private let temporary: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    /// Bytes given so far.
    private(set) var offset: UInt64 = 0
    private var isFinished = false

    init(path: String) throws {
        self.path = path
        temporary = "\(path).\(getpid()).part"
        descriptor = unsafe open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failed("create the file") }
        buffer.reserveCapacity(1 << 16)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if !isFinished { unsafe unlink(temporary) }
    }

    private func failed(_ operation: String) -> RecordingError {
        .file(path: path, operation: operation, reason: systemMessage(errno))
    }

    /// Writes bytes.
    func write(_ bytes: some Collection<UInt8>) throws {
        buffer.append(contentsOf: bytes)
        offset += UInt64(bytes.count)
        if buffer.count >= 1 << 16 { try flush() }
    }

    /// Writes text.
    func write(_ text: String) throws { try write(text.utf8) }

    /// Replaces bytes that were written before, for heads that are known last.
    func rewrite(_ bytes: [UInt8], at place: UInt64) throws {
        try flush()
        let count = unsafe bytes.withUnsafeBytes {
            unsafe pwrite(descriptor, $0.baseAddress, $0.count, off_t(place))
        }
        guard count == bytes.count else { throw failed("write at byte \(place)") }
    }

    private func flush() throws {
        var done = 0
        while done < buffer.count {
            let written = unsafe buffer.withUnsafeBytes {
                unsafe Glibc.write(
                    descriptor,
                    $0.baseAddress?.advanced(by: done),
                    $0.count - done
                )
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw failed("write the file") }
            done += written
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Gives the finished file its name.
    func finish() throws {
        try flush()
        guard unsafe rename(temporary, path) == 0 else { throw failed("replace the file") }
        isFinished = true
    }
}

/// Appends numbers to text without a detour over String.
extension [UInt8] {
    mutating func append(decimal number: UInt64) {
        if number >= 10 { append(decimal: number / 10) }
        append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    mutating func append(_ text: String) { append(contentsOf: text.utf8) }

    mutating func append<Number: FixedWidthInteger>(little number: Number) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: number >> Number(shift)))
        }
    }
}
