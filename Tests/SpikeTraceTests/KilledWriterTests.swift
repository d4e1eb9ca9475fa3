import Events
import Foundation
import SpikeTrace
import Testing
import trace_writer_probe

@Suite("Killed recorders", .timeLimit(.minutes(3)), .serialized)
struct KilledWriterTests {
    /// The probe stands beside the test program.
    private static let probe = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("trace-writer-probe")

    /// Starts the probe; its acknowledgements come out of the pipe.
    private func start(_ arguments: [String]) throws -> (Process, Pipe) {
        let process = Process()
        process.executableURL = Self.probe
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        return (process, pipe)
    }

    /// Spikes and bytes of the last acknowledgement that is whole, and the other lines.
    private func acknowledged(_ pipe: Pipe) -> (spikes: Int, bytes: UInt64, last: String) {
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        for line in lines.reversed() {
            let fields = line.split(separator: " ")
            if fields.count == 2, let spikes = Int(fields[0]), let bytes = UInt64(fields[1]) {
                return (spikes, bytes, String(lines.last ?? ""))
            }
        }
        return (0, 0, String(lines.last ?? ""))
    }

    @Test("50 recorders killed at random moments lose nothing they acknowledged")
    func kills() throws {
        var random = SplitMix(state: 77)
        var expected: [Spike] = []
        var steps: UInt64 = 0
        var (torn, chunks) = (0, 0)
        for round in 0..<50 {
            try withTemporaryFile { path in
                // Short chunks, and long ones whose writing takes a while.
                let period = [10, 400, 1_000_000][round % 3]
                let (process, pipe) = try start([path, "1000000000", "\(period)"])
                Thread.sleep(forTimeInterval: Double.random(in: 0.005...0.1, using: &random))
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                let (spikes, bytes, _) = acknowledged(pipe)
                guard let size = try? fileSize(path) else {
                    #expect(spikes == 0)
                    return
                }
                #expect(size >= bytes)
                guard let reader = try? SpikeTraceReader(path: path) else {
                    #expect(spikes == 0, "acknowledged spikes, but the file cannot be read")
                    return
                }
                let read = try reader.allSpikes()
                while expected.count < read.count {
                    expected += ProbeStream.spikes(ofStep: steps)
                    steps += 1
                }
                #expect(read.count >= spikes)
                #expect(read.elementsEqual(expected[..<read.count]))
                #expect(!reader.health.hasSummary)
                torn += reader.health.skipped.isEmpty ? 0 : 1
                chunks += reader.chunkCount

                // The kernel seldom leaves half a write behind, so leave one by hand as well.
                guard let chunk = reader.chunkRanges.last, reader.health.skipped.isEmpty else {
                    return
                }
                let part =
                    chunk
                    .lowerBound..<UInt64.random(
                        in: chunk.lowerBound + 1..<chunk.upperBound,
                        using: &random
                    )
                let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
                try file.seek(toOffset: part.lowerBound)
                let half = try file.read(upToCount: part.count) ?? Data()
                let end = try file.seekToEnd()
                try file.write(contentsOf: half)
                try file.close()
                let mended = try SpikeTraceReader(path: path)
                #expect(try mended.allSpikes() == read)
                #expect(mended.health.skipped.map(\.bytes) == [end..<end + UInt64(part.count)])
            }
        }
        print("50 kills: \(chunks) chunks read, \(torn) tails torn by the kill itself")
        #expect(chunks > 0)
    }

    @Test("a disk that fills up is an error, and the file ends with its last whole chunk")
    func fullDisk() throws {
        try withTemporaryFile { path in
            let (process, pipe) = try start([path, "100000", "50", "50000"])
            let (spikes, bytes, last) = acknowledged(pipe)
            process.waitUntilExit()
            #expect(process.terminationStatus == 3)
            #expect(last.contains("writing failed at byte \(bytes): File too large"))
            #expect(try fileSize(path) == bytes)
            let reader = try SpikeTraceReader(path: path)
            #expect(reader.health.skipped.isEmpty)
            #expect(try reader.allSpikes().count == spikes)
            #expect(spikes > 0)
        }
    }

    private func fileSize(_ path: String) throws -> UInt64 {
        UInt64(try FileHandle(forReadingFrom: URL(fileURLWithPath: path)).seekToEnd())
    }
}
