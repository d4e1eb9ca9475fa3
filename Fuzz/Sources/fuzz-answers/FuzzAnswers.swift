import Events
import FuzzSupport
import HDF5
import NIRImport
import Recordings

// The answers of the child process that reads HDF5. The first byte says who asks, the second how; then answers follow,
// each behind two bytes of its length, given in turn to whatever is asked. After the last one the child has died.

/// Answers that are left.
private final class Answers: @unchecked Sendable {
    private var input: Input

    init(_ input: Input) { self.input = input }

    /// The next answer, within the limit that a child is held to.
    func next(_ limit: Int) throws(HDF5Error) -> [UInt8] {
        guard !input.isEmpty else {
            throw .readerFailed(file: "fuzz.h5", failure: .signal(9))
        }
        let answer = input.piece()
        guard answer.count <= limit else {
            throw .readerFailed(file: "fuzz.h5", failure: .garbled)
        }
        return answer
    }
}

/// Reads as `spikeloom` does.
private func read(_ input: inout Input) throws {
    let (reader, bits) = (input.byte(), input.byte())
    let answers = Answers(input)
    let source = HDF5ChildProcess(file: "fuzz.h5") {
        (_, limit, _) throws(HDF5Error) in try answers.next(limit)
    }
    switch reader % 3 {
    case 0:
        var settings = ImportSettings(timeStep: 1)
        settings.exporter = Exporter.allCases.dropFirst(bits % 16).first
        var limits = NIRFile.Limits()
        limits.operations = 1 << 24
        limits.neurons = 1 << 16
        _ = try NIRFile.read(source, name: "n", settings: settings, limits: limits)
    case 1:
        var options = RecordingOptions()
        if bits & 1 != 0 { options.table.trial = "1" }
        try convert(HDF5Recording.open(source, path: "fuzz.h5", options: options), map: EventMap())
    default:
        _ = try source.structure()
        _ = try source.doubles([HDF5Request(path: "/a", count: bits)])
        _ = try source.layout("/a")
        _ = try source.attributes("/a")
        let block = try source.block("/a", start: [0, 0], shape: [bits % 16, 3])
        precondition(block.count == bits % 16 * 3, "a block has the elements that were asked for")
        let rows = try source.rows("/a", 0..<bits % 8)
        precondition(rows.count == bits % 8, "there is each row that was asked for")
    }
}

/// Reads one input; libFuzzer calls it.
///
/// - Parameters:
///   - data: The input.
///   - count: Its bytes.
/// - Returns: 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAnswers(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var input = Input(data, count)
    // Errors are the answer to bad answers; only crashes, hangs and large memory are faults.
    do { try read(&input) } catch { _ = "\(error)" }
    return 0
}
