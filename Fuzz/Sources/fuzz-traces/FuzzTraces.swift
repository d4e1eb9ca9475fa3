import Events
import FuzzSupport
import SpikeTrace

// Two kinds of input. If the first byte is even, the rest is a file. If it is odd, the rest is the
// content of a chunk without a checksum: so the decoders of batches are reached without luck.

/// The file that every input is written to.
private let memory = MemoryFile()

/// A file with one stored chunk of the given content.
private func file(aroundChunk content: UnsafeRawBufferPointer) -> [UInt8] {
    func number(_ value: Int, bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let magic: [UInt8] = [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A]
    let head = number(0, bytes: 16) + number(content.count, bytes: 8) + number(0, bytes: 8)
    let record = head + number(content.count, bytes: 8) + Array(content)
    return magic + [6] + number(record.count, bytes: 8) + record
}

/// Reads all of a file, as `spikeloom inspect` and `spikeloom repair` do.
private func read() throws {
    let reader = try SpikeTraceReader(path: memory.path)
    var arrived = reader.spikes(order: .arrival)
    while try arrived.next() != nil {}
    var cursor = reader.spikes()
    var last: Spike?
    while let spikes = try cursor.next() {
        for spike in spikes {
            if let last { precondition(last <= spike, "spikes are in order") }
            last = spike
        }
    }
    for series in reader.info.series {
        var rows = reader.rows(of: series)
        while let block = try rows.next() { precondition(block.rows > 0 && block.columns > 0) }
    }
    _ = reader.health.description
}

/// Reads one input; libFuzzer calls it.
///
/// - Parameters:
///   - data: The input.
///   - count: Its bytes.
/// - Returns: 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTraces(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    let rest = UnsafeRawBufferPointer(start: data + 1, count: count - 1)
    let bytes = data[0] & 1 == 0 ? Array(rest) : file(aroundChunk: rest)
    memory.hold(bytes)
    // Errors are the answer to bad files; only crashes, hangs and large memory are faults.
    try? read()
    return 0
}
