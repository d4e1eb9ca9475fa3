import Events
import Foundation
import SpikeTrace
import Testing

@Suite("Golden traces")
struct GoldenTraceTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("traces")

    private func path(_ name: String) -> String {
        Self.folder.appendingPathComponent(name + ".mcap").path
    }

    private func digest(_ spikes: [Spike]) -> String {
        var builder = SpikeDigestBuilder()
        builder.append(spikes)
        return builder.finish().description
    }

    /// The digests that the README lists, by name of file.
    private func listed() throws -> [String: String] {
        let text = try String(
            contentsOf: Self.folder.appendingPathComponent("README.md"),
            encoding: .utf8
        )
        var digests: [String: String] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let fields = line.split(separator: "|").map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
            }
            if let name = fields.first, let last = fields.last { digests[name] = last }
        }
        return digests
    }

    @Test("are read as they were written, with the digests of their README")
    func readable() throws {
        let digests = try listed()
        let random = try SpikeTraceReader(path: path("random"))
        #expect(random.info == GoldenTraces.random.info && random.health.isIntact)
        #expect(try random.allSpikes() == GoldenTraces.random.spikes)
        #expect(Set(random.spikesByLayout.keys) == [.gap])
        let regular = try SpikeTraceReader(path: path("regular"))
        #expect(regular.info == GoldenTraces.regular.info && regular.health.isIntact)
        #expect(try regular.allSpikes() == GoldenTraces.regular.spikes)
        #expect(Set(regular.spikesByLayout.keys) == [.means, .intervals])
        var rows = regular.rows(of: GoldenTraces.regular.info.series[0])
        let block = try #require(try rows.next())
        #expect(block.rows == 100 && block.stride == 1)
        #expect(
            block.values
                == .integers((UInt64(0)..<100).flatMap { GoldenTraces.potentials(atStep: $0) })
        )
        let arrival = try SpikeTraceReader(path: path("arrival"))
        var cursor = arrival.spikes(order: .arrival)
        var arrived: [Spike] = []
        while let more = try cursor.next() { arrived += more }
        #expect(arrived == GoldenTraces.arrival.spikes)
        #expect(!arrival.health.hasSummary && arrival.keepsArrivalOrder)
        for (name, reader) in [("random", random), ("regular", regular), ("arrival", arrival)] {
            #expect(try digest(reader.allSpikes()) == digests[name + ".mcap"], "\(name)")
        }
    }

    /// Writes them anew: for a format that has changed on purpose.
    @Test(
        "can be written again",
        .enabled(if: ProcessInfo.processInfo.environment["SPIKELOOM_WRITE_TRACES"] != nil)
    )
    func writeAgain() throws {
        try GoldenTraces.write(to: Self.folder.path)
    }

    @Test("hold what today's writer writes")
    func writable() throws {
        try withTemporaryFile("x") { path in
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            try GoldenTraces.write(to: folder)
            for name in ["random", "regular", "arrival"] {
                let new = try SpikeTraceReader(path: folder + "/\(name).mcap")
                let old = try SpikeTraceReader(path: self.path(name))
                #expect(new.info == old.info && new.totals == old.totals)
                #expect(try new.allSpikes() == old.allSpikes())
                #expect(new.spikesByLayout == old.spikesByLayout)
                // Compressed sizes are those of a version of zstd.
                #expect(abs(Int(new.byteCount) - Int(old.byteCount)) < 500)
            }
        }
    }
}
