import ChipImage
import Events
import FuzzSupport

// If the first byte is even, the rest is a file. If it is odd, the checksums of the rest, and the digest of its chip, are
// made right before it is read: so what lies behind them is reached without luck.

/// Puts numbers into bytes.
private func put(_ value: UInt32, at offset: Int, into bytes: inout [UInt8]) {
    for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
}

/// An image with right checksums, as far as its sections lie in the bytes (`docs/FORMATS.md`).
private func checked(_ image: [UInt8]) -> [UInt8] {
    guard image.count >= 64 else { return image }
    var bytes = image
    func number(_ offset: Int, _ size: Int) -> UInt64 {
        bytes[offset..<(offset + size)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    let sections = min(Int(number(48, 4)), (bytes.count - 64) / 40)
    for entry in stride(from: 64, to: 64 + 40 * sections, by: 40) {
        let (offset, size) = (number(entry + 8, 8), number(entry + 16, 8))
        guard offset <= UInt64(bytes.count), size <= UInt64(bytes.count) - offset else { continue }
        let content = Array(bytes[Int(offset)..<Int(offset + size)])
        put(CRC32C.checksum(of: content), at: entry + 32, into: &bytes)
        // Type 1 is the chip; a compressed one keeps its digest.
        if number(entry, 2) == 1, number(entry + 2, 2) & 2 == 0 {
            bytes.replaceSubrange(16..<48, with: Digest(of: content).bytes)
        }
    }
    put(CRC32C.checksum(of: Array(bytes[64..<(64 + 40 * sections)])), at: 52, into: &bytes)
    put(CRC32C.checksum(of: Array(bytes[0..<60])), at: 60, into: &bytes)
    return bytes
}

/// Reads an image, and if it is accepted shows and writes it.
private func read(_ bytes: [UInt8]) throws {
    let image = try ChipImage(decoding: bytes)
    try image.verify()
    _ = image.disassembly(limit: 4)
    _ = image.summary
    _ = SourceMap(image)
    for index in image.network.projections.indices {
        _ = image.synapses(ofProjection: index)
        _ = image.registers(ofProjection: index)
    }
    let written = try ChipImage(decoding: image.encoded())
    let difference = ImageDifference(from: image, to: written)
    precondition(
        difference.isSameNetwork && difference.isSamePlacement,
        "an image that is accepted is written as it is"
    )
}

/// Reads one input; libFuzzer calls it.
///
/// - Parameters:
///   - data: The input.
///   - count: Its bytes.
/// - Returns: 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzImages(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var input = Input(data, count)
    let isChecked = input.byte() & 1 == 1
    let bytes = input.rest()
    // Errors are the answer to bad files; only crashes, hangs and large memory are faults.
    do { try read(isChecked ? checked(bytes) : bytes) } catch { _ = "\(error)" }
    return 0
}
