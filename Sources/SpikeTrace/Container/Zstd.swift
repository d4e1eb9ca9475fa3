import CZstd

/// Compresses chunks, one frame each.
@safe
package final class ZstdCompressor {
    private let context: OpaquePointer?
    private var output: [UInt8] = []

    /// Prepares a context.
    ///
    /// - Parameters:
    ///   - level: Compression level.
    ///   - hashLog: Size of the table of matches, as a power of 2; the level's own if nil.
    package init(level: Int32, hashLog: Int32? = nil) {
        unsafe context = ZSTD_createCCtx()
        let result = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
        precondition(ZSTD_isError(result) == 0, "libzstd takes its own levels")
        if let hashLog {
            let result = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_hashLog, hashLog)
            precondition(ZSTD_isError(result) == 0, "libzstd takes small tables")
        }
    }

    deinit { _ = unsafe ZSTD_freeCCtx(context) }

    /// Compresses bytes into a frame.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - borders: Ascending offsets where bytes of another kind begin: there a block of the frame
    ///     ends, so that its statistics fit one kind.
    /// - Returns: The frame, valid until the next call.
    package func compressed(_ bytes: [UInt8], borders: [Int]) -> ArraySlice<UInt8> {
        let bound = ZSTD_compressBound(bytes.count) + 64 * (borders.count + 1)
        if output.count < bound { output = [UInt8](repeating: 0, count: bound) }
        _ = unsafe ZSTD_CCtx_setPledgedSrcSize(context, UInt64(bytes.count))
        let size = unsafe output.withUnsafeMutableBytes { output in
            unsafe bytes.withUnsafeBytes { input in
                var target = unsafe ZSTD_outBuffer(
                    dst: output.baseAddress,
                    size: output.count,
                    pos: 0
                )
                var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: 0, pos: 0)
                for end in borders + [bytes.count] {
                    unsafe source.size = end
                    let mode = end == bytes.count ? ZSTD_e_end : ZSTD_e_flush
                    let rest = unsafe ZSTD_compressStream2(context, &target, &source, mode)
                    precondition(rest == 0, "a bounded output holds every frame")
                }
                return unsafe target.pos
            }
        }
        return output[..<size]
    }
}

/// Decompresses chunks into memory that grows with what really comes out.
@safe
final class ZstdDecompressor {
    private let context: OpaquePointer?

    init() {
        unsafe context = ZSTD_createDCtx()
        // A frame cannot ask for a window above 2^27 bytes (libzstd's default); ours need 2^24.
        let result = unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 24)
        precondition(ZSTD_isError(result) == 0, "libzstd takes its own limits")
    }

    deinit { _ = unsafe ZSTD_freeDCtx(context) }

    /// Decompresses bytes that should give exactly `size` bytes.
    ///
    /// - Parameters:
    ///   - input: Frames, whole.
    ///   - size: Claimed size of the result.
    ///   - output: Storage, reused; its first `size` bytes are the result, `padding` more follow.
    ///   - padding: Bytes to have behind the result.
    /// - Returns: How many bytes came out, at most `size`; nil if that is not all or not `size`.
    func decompress(
        _ input: UnsafeRawBufferPointer,
        size: Int,
        into output: inout [UInt8],
        padding: Int
    ) -> (count: Int, isWhole: Bool) {
        _ = unsafe ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var count = 0
        while true {
            // From 1 MiB, doubling: nothing is allocated because a frame claims it.
            let room = min(size, max(1 << 20, 2 * count))
            if output.count < room + padding {
                output.append(contentsOf: repeatElement(0, count: room + padding - output.count))
            }
            let limit = min(size, output.count - padding)
            let before = unsafe source.pos
            var written = count
            let result = unsafe output.withUnsafeMutableBytes { bytes in
                var target = unsafe ZSTD_outBuffer(
                    dst: bytes.baseAddress,
                    size: limit,
                    pos: written
                )
                let result = unsafe ZSTD_decompressStream(context, &target, &source)
                unsafe written = target.pos
                return result
            }
            let isStuck = unsafe written == count && source.pos == before
            count = written
            if ZSTD_isError(result) != 0 { return (count, false) }
            if unsafe result == 0 && source.pos == source.size { return (count, count == size) }
            if isStuck { return (count, false) }
        }
    }
}
