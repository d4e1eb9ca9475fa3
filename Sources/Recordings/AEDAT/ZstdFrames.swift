import CZstd

/// Unpacks zstd frames into memory that grows with what really comes out.
@safe
final class ZstdFrames {
    private let context: OpaquePointer?

    init() {
        unsafe context = ZSTD_createDCtx()
        let result = unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 26)
        precondition(ZSTD_isError(result) == 0, "libzstd takes its own limits")
    }

    deinit { _ = unsafe ZSTD_freeDCtx(context) }

    /// Unpacks all frames.
    ///
    /// - Parameters:
    ///   - input: Whole frames.
    ///   - limit: Most bytes of the result.
    ///   - output: The result, replaced.
    /// - Returns: Whether everything unpacked and fitted.
    func decompress(_ input: [UInt8], limit: Int, into output: inout [UInt8]) -> Bool {
        _ = unsafe ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        output.removeAll(keepingCapacity: true)
        var piece = [UInt8](repeating: 0, count: 1 << 17)
        return unsafe input.withUnsafeBytes { bytes in
            var from = unsafe ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            while true {
                var result = 0
                var count = 0
                unsafe piece.withUnsafeMutableBytes { piece in
                    var to = unsafe ZSTD_outBuffer(
                        dst: piece.baseAddress,
                        size: piece.count,
                        pos: 0
                    )
                    result = unsafe ZSTD_decompressStream(context, &to, &from)
                    count = unsafe to.pos
                }
                guard ZSTD_isError(result) == 0, output.count + count <= limit else { return false }
                output += piece[..<count]
                if unsafe result == 0 && from.pos == from.size { return true }
                if unsafe count == 0 && from.pos == from.size { return false }
            }
        }
    }
}
