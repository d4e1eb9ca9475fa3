import Events
import Foundation
import SpikeTrace
import Testing

@Suite("Repairing spike traces")
struct TraceRepairTests {
    private let sources = channels(cores: [2, 5], neurons: 16)

    @Test("every prefix of what a recorder wrote gives every chunk acknowledged before")
    func prefixes() throws {
        let spikes = randomSpikes(400, channels: sources, stride: 3, seed: 9)
        try withTemporaryFile { path in
            // How many spikes were acknowledged when the file had so many bytes.
            var log: [(bytes: UInt64, spikes: UInt64)] = []
            let writer = try SpikeTraceWriter(path: path, info: info(sources), flushInterval: nil)
            log.append((writer.byteCount, 0))
            for start in stride(from: 0, to: spikes.count, by: 40) {
                try writer.append(Array(spikes[start..<start + 40]))
                try writer.flush()
                log.append((writer.byteCount, writer.flushedSpikeCount))
            }
            try writer.finish()
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            let step = ProcessInfo.processInfo.environment["SPIKELOOM_LONG"] == nil ? 31 : 1
            for size in stride(from: Int(log[0].bytes), through: bytes.count, by: step) {
                try bytes.prefix(size).write(to: URL(fileURLWithPath: path))
                let report = try TraceRepair.repair(path, to: path + ".2")
                let acknowledged = log.last { $0.bytes <= UInt64(size) }?.spikes ?? 0
                let whole = try SpikeTraceReader(path: path + ".2")
                #expect(report.spikes >= acknowledged, "\(size) bytes")
                #expect(whole.spikeCount == report.spikes)
                #expect(try whole.allSpikes() == Array(spikes[..<Int(report.spikes)]))
                #expect(whole.health.isIntact)
            }
        }
    }

    @Test("a damaged chunk is left out and counted; facts, totals and series are kept")
    func damage() throws {
        var description = info(sources, ["runSeed": "7"])
        description.series = [
            SeriesChannel(source: "a", quantity: "v", element: .int16, indices: [0, 3])
        ]
        let spikes = randomSpikes(300, channels: sources, stride: 3, seed: 10)
        try withTemporaryFile { path in
            let writer = try SpikeTraceWriter(path: path, info: description, flushInterval: nil)
            for start in stride(from: 0, to: 300, by: 100) {
                try writer.append(Array(spikes[start..<start + 100]))
                try writer.append([Int64(start), -1] as [Int64], toSeries: 0, step: UInt64(start))
                try writer.flush()
            }
            try writer.finish(totals: ["count.x": "5"])
            let ranges = try SpikeTraceReader(path: path).chunkRanges
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            try file.seek(toOffset: ranges[1].upperBound - 3)
            try file.write(contentsOf: [0xAA, 0x55])
            try file.close()
            let report = try TraceRepair.repair(path, to: path + ".2")
            #expect(report.spikes == 200 && report.lostSpikes == 100 && report.rows == 3)
            #expect(report.chunks == 5 && report.health.skipped.map(\.bytes) == [ranges[1]])
            let whole = try SpikeTraceReader(path: path + ".2")
            #expect(whole.info == description && whole.totals == ["count.x": "5"])
            #expect(try whole.allSpikes() == Array(spikes[..<100] + spikes[200...]))
            #expect(throws: SpikeTraceError.self) {
                try TraceRepair.repair("/dev/null", to: path + ".3")
            }
            #expect(!FileManager.default.fileExists(atPath: path + ".3"))
        }
    }
}
