import Events
import Foundation
import SpikeTrace
import Testing
import trace_writer_probe

@Suite("Killed recorders", .timeLimit(.minutes(10)), .serialized)
struct KilledWriterTests {
    /// The probe stands beside the test program.
    private static let probe = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("trace-writer-probe")

    /// Starts the probe; its acknowledgements go to a file beside the trace: a pipe would fill up
    /// and hold the recorder back.
    private func start(_ path: String, _ arguments: [String]) throws -> Process {
        let acknowledgements = URL(fileURLWithPath: path + ".log")
        try Data().write(to: acknowledgements)
        let process = Process()
        process.executableURL = Self.probe
        process.arguments = [path] + arguments
        process.standardOutput = try FileHandle(forWritingTo: acknowledgements)
        try process.run()
        return process
    }

    /// Spikes and bytes of the last acknowledgement that is whole, and the last line.
    private func acknowledged(_ path: String) throws -> (spikes: Int, bytes: UInt64, last: String) {
        let text = String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: path + ".log")),
            as: UTF8.self
        )
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
        var (rounds, telling, torn, halved, chunks) = (0, 0, 0, 0, 0)
        // Kills before the first acknowledgement are checked too, but do not count.
        while telling < 50 && rounds < 1000 {
            try withTemporaryFile { path in
                // Short chunks, and long ones whose writing takes a while.
                let period = [10, 400, 8000][rounds % 3]
                rounds += 1
                let process = try start(path, ["1000000000", "\(period)"])
                Thread.sleep(forTimeInterval: Double.random(in: 0.003...0.05, using: &random))
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                let (spikes, bytes, _) = try acknowledged(path)
                telling += spikes > 0 ? 1 : 0
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
                halved += 1
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
        print(
            "\(rounds) kills, \(telling) after an acknowledgement: \(chunks) chunks read, \(torn) "
                + "tails torn by the kill itself, \(halved) by hand"
        )
        #expect(telling >= 50)
        #expect(torn + halved >= telling)
    }

    @Test("recorders killed in the middle of a chunk leave torn tails, and a repair keeps the rest")
    func tornTails() throws {
        let wanted = ProcessInfo.processInfo.environment["SPIKELOOM_LONG"] == nil ? 12 : 300
        var random = SplitMix(state: 78)
        var expected: [Spike] = []
        var steps: UInt64 = 0
        var (rounds, telling, torn) = (0, 0, 0)
        // About two of five kills fall into a write; they go on until there are enough of those.
        while (telling < wanted || 3 * torn < wanted) && rounds < 10 * wanted {
            try withTemporaryFile { path in
                let period = [50, 400][rounds % 2]
                rounds += 1
                let process = try start(path, ["1000000000", "\(period)", "slow"])
                Thread.sleep(forTimeInterval: Double.random(in: 0.02...0.12, using: &random))
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                let (spikes, _, _) = try acknowledged(path)
                guard spikes > 0 else { return }
                telling += 1
                let report = try TraceRepair.repair(path, to: path + ".whole")
                torn += report.health.skipped.isEmpty ? 0 : 1
                #expect(report.spikes >= UInt64(spikes))
                let whole = try SpikeTraceReader(path: path + ".whole")
                let read = try whole.allSpikes()
                while expected.count < read.count {
                    expected += ProbeStream.spikes(ofStep: steps)
                    steps += 1
                }
                #expect(whole.health.isIntact && read.count >= spikes)
                #expect(read.elementsEqual(expected[..<read.count]))
            }
        }
        print("\(rounds) kills, \(telling) after an acknowledgement, \(torn) tails torn")
        #expect(telling >= wanted && 3 * torn >= wanted)
    }

    @Test("a disk that fills up is an error, and the file ends with its last whole chunk")
    func fullDisk() throws {
        try withTemporaryFile { path in
            let process = try start(path, ["100000", "50", "50000"])
            process.waitUntilExit()
            let (spikes, bytes, last) = try acknowledged(path)
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
