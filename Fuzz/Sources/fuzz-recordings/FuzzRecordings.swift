import Events
import FuzzSupport
import Recordings

// The first byte names the format, the second what the caller says of the file; the rest is the file.

private let file = MemoryFile()

/// Formats of a file that is read from its front; arrays are of fuzz-arrays, HDF5 of fuzz-answers.
private let formats = [
    "raw", "evt2", "evt3", "dat", "nest", "prophesee-dat", "nmnist", "aedat", "csv",
]

/// Options as the bits of a number have them.
private func options(_ bits: Int) -> (RecordingOptions, EventMap) {
    var options = RecordingOptions()
    var map = EventMap()
    if bits & 1 != 0 { options.size = PixelSize(width: 20, height: 30) }
    if bits & 2 != 0 {
        options.table.timeUnit = TimeBase(numerator: 25, denominator: 1_000_000_000)
    }
    if bits & 4 != 0 { options.table.columns = [.time: "ts", .unit: "label", .trial: "trial"] }
    // The table of units is the recording itself.
    if bits & 8 != 0 { options.table.unitMap = file.path }
    if bits & 16 != 0 { options.table.trial = "1" }
    if bits & 32 != 0 { map.bin = TimeBase(numerator: 1, denominator: 1000) }
    if bits & 64 != 0 { map.origin = .first }
    if bits & 128 != 0 {
        map.downsample = 3
        map.polarity = .on
    }
    return (options, map)
}

/// Reads one input; libFuzzer calls it.
///
/// - Parameters:
///   - data: The input.
///   - count: Its bytes.
/// - Returns: 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRecordings(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var input = Input(data, count)
    let format = formats[input.byte() % formats.count]
    let (options, map) = options(input.byte())
    file.hold(input.rest())
    // Errors are the answer to bad files; only crashes, hangs and large memory are faults.
    do {
        try convert(RecordingFormat.open(file.path, as: format, options), map: map)
    } catch {
        _ = "\(error)"
    }
    return 0
}
