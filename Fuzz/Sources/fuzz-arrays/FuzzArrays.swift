import Description
import FuzzSupport
import Recordings
import Samples

// The first byte says what the arrays are read as. An even one: the rest is an archive. An odd one: the rest is the
// contents of arrays, each behind two bytes of its length, that are put into an archive.

private let file = MemoryFile()

/// Readers of arrays, and the names of those that they ask for.
private let readers: [(names: [String], read: @Sendable (Int) throws -> Void)] = [
    (["spikes", "labels"], { _ in _ = try SampleSet(contentsOf: file.path) }),
    (["spikes/a", "spikes/b", "labels"], { _ in _ = try SampleSet(contentsOf: file.path) }),
    (["t", "i", "c", "dt"], recording),
    (["t", "x", "y", "p"], recording),
    (
        ["n_neurons", "n_inputs", "indptr", "indices", "weights"],
        { _ in _ = try ConnectionFile.network(path: file.path, name: "n", threshold: 1) }
    ),
    (["a"], { _ in _ = try NumberArray(path: file.path, array: "a") }),
]

/// Reads a recording.
@Sendable private func recording(_ bits: Int) throws {
    var map = EventMap()
    map.origin = bits & 1 == 0 ? .source : .first
    try convert(RecordingFormat.open(file.path, as: "npz"), map: map)
}

/// Reads one input; libFuzzer calls it.
///
/// - Parameters:
///   - data: The input.
///   - count: Its bytes.
/// - Returns: 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzArrays(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var input = Input(data, count)
    let choice = input.byte()
    let reader = readers[choice / 2 % readers.count]
    if choice & 1 == 0 {
        file.hold(input.rest())
    } else {
        var members: [(String, [UInt8])] = []
        for name in reader.names where !input.isEmpty {
            let content = input.piece()
            // An array without a header is not there.
            if !content.isEmpty { members.append((name + ".npy", content)) }
        }
        file.hold(storedArchive(members))
    }
    // Errors are the answer to bad files; only crashes, hangs and large memory are faults.
    do { try reader.read(choice / 2 / readers.count) } catch { _ = "\(error)" }
    return 0
}
