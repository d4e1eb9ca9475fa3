private import CZstd

/// One zstd frame in, one out.
enum Zstandard {
    /// Largest window a frame may ask for, as a power of two: 8 MiB.
    ///
    /// The encoder's level needs at most 2 MiB.
    private static let windowLogLimit: CInt = 23

    /// Compresses bytes into one frame.
    ///
    /// - Parameter bytes: Any number of them.
    /// - Returns: The frame, or nil if the library fails.
    static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        let bound = ZSTD_compressBound(bytes.count)
        var size = 0
        // The library writes at most `bound` bytes and returns how many, or an error code.
        let frame = unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            size = unsafe bytes.withUnsafeBytes {
                unsafe ZSTD_compress(buffer.baseAddress, bound, $0.baseAddress, $0.count, 3)
            }
            count = ZSTD_isError(size) == 0 ? size : 0
        }
        return ZSTD_isError(size) == 0 ? frame : nil
    }

    /// Decompresses exactly one frame.
    ///
    /// Memory follows the bytes that come out, never a size that the frame claims.
    ///
    /// - Parameters:
    ///   - frame: All bytes of the frame and nothing else.
    ///   - size: Number of bytes that must come out.
    /// - Returns: `size` bytes, or nil if the frame is broken, of another size, or not alone.
    static func decompressed(_ frame: Span<UInt8>, size: Int) -> [UInt8]? {
        guard let context = unsafe ZSTD_createDCtx() else { return nil }
        defer { unsafe _ = ZSTD_freeDCtx(context) }
        unsafe _ = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, windowLogLimit)
        var result: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: min(size + 1, 1 << 18))
        // Both buffers outlive the loop that uses their addresses.
        return unsafe frame.withUnsafeBytes { source in
            unsafe piece.withUnsafeMutableBytes { target in
                var input = unsafe ZSTD_inBuffer(
                    src: source.baseAddress,
                    size: source.count,
                    pos: 0
                )
                while true {
                    var output = unsafe ZSTD_outBuffer(
                        dst: target.baseAddress,
                        size: target.count,
                        pos: 0
                    )
                    let before = unsafe input.pos
                    let state = unsafe ZSTD_decompressStream(context, &output, &input)
                    guard ZSTD_isError(state) == 0 else { return nil }
                    guard unsafe output.pos <= size - result.count else { return nil }
                    unsafe result.append(contentsOf: target[..<output.pos])
                    if state == 0 {
                        let isAlone = unsafe input.pos == source.count
                        return isAlone && result.count == size ? result : nil
                    }
                    // Neither eaten nor produced: the frame is cut short.
                    if unsafe input.pos == before && output.pos == 0 { return nil }
                }
            }
        }
    }
}
