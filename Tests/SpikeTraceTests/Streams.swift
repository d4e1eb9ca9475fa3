import Events
import Foundation
import SpikeTrace

/// A small deterministic generator for the tests (splitmix64).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Runs a body with the path of a file that does not exist yet, and removes the file afterwards.
func withTemporaryFile<Result>(
    _ name: String = "run.mcap",
    _ body: (String) throws -> Result
) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("spike-trace-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.appendingPathComponent(name).path)
}

/// Cuts a file at its end.
func cut(_ path: String, to size: Int) throws {
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.truncate(atOffset: UInt64(size))
    try file.close()
}

/// Channels of some cores and of one input port.
func channels(cores: [UInt32], neurons: UInt32, inputs: UInt32 = 0) -> [SpikeChannel] {
    var result = cores.map { SpikeChannel(core: $0, neuronCount: neurons, label: "pop\($0)") }
    if inputs > 0 {
        result.append(
            SpikeChannel(core: NeuronAddress.firstInputCore, neuronCount: inputs, label: "in")
        )
    }
    return result
}

/// The description of a small trace with 1 ms steps.
func info(_ channels: [SpikeChannel], _ metadata: [String: String] = [:]) -> SpikeTraceInfo {
    SpikeTraceInfo(
        timeBase: TimeBase(numerator: 1, denominator: 1000),
        metadata: metadata,
        channels: channels
    )
}

/// Random spikes in canonical order: steps advance by 0 to `stride`, addresses may repeat.
func randomSpikes(
    _ count: Int,
    channels: [SpikeChannel],
    stride: UInt64,
    seed: UInt64
) -> [Spike] {
    var random = SplitMix(state: seed)
    var step: UInt64 = 0
    return (0..<count).map { _ in
        step += UInt64.random(in: 0...stride, using: &random)
        let channel = channels[Int.random(in: 0..<channels.count, using: &random)]
        return Spike(
            step: step,
            core: channel.core,
            neuron: UInt32.random(in: 0..<channel.neuronCount, using: &random)
        )
    }.sorted()
}

/// Writes a trace in appends of `piece` spikes, never flushed by the clock.
@discardableResult
func record(
    _ spikes: [Spike],
    _ info: SpikeTraceInfo,
    to path: String,
    piece: Int = 1000,
    flushEvery: Int? = nil
) throws -> SpikeTraceWriter {
    let writer = try SpikeTraceWriter(path: path, info: info, flushInterval: nil)
    for (index, start) in Swift.stride(from: 0, to: spikes.count, by: piece).enumerated() {
        try writer.append(Array(spikes[start..<min(start + piece, spikes.count)]))
        if let flushEvery, index % flushEvery == flushEvery - 1 { try writer.flush() }
    }
    try writer.finish()
    return writer
}
