import Events
import Foundation
import Glibc
import SpikeTrace
import Testing

/// Figures for the documentation: `SPIKELOOM_BENCH=1 swift test -c release --filter Throughput`.
///
/// Times are those of one thread's processor, so that other programs disturb them little; files are
/// in memory (`/dev/shm`).
@Suite(
    "Spike trace throughput",
    .enabled(if: ProcessInfo.processInfo.environment["SPIKELOOM_BENCH"] != nil),
    .serialized
)
struct ThroughputTests {
    /// Best processor time of several runs, in nanoseconds a spike.
    private func best(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
        var best = Double.infinity
        for _ in 0..<7 {
            let start = clock_gettime_nsec()
            try body()
            best = min(best, Double(clock_gettime_nsec() - start))
        }
        return best / Double(count)
    }

    private func clock_gettime_nsec() -> UInt64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private func measure(
        _ name: String,
        _ spikes: [Spike],
        _ info: SpikeTraceInfo,
        layout: SpikeLayout?
    ) throws -> String {
        let path = "/dev/shm/spike-trace-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var bytes: UInt64 = 0
        let pieces = stride(from: 0, to: spikes.count, by: 1 << 16).map {
            Array(spikes[$0..<min($0 + 1 << 16, spikes.count)])
        }
        let write = try best(spikes.count) {
            let writer = try SpikeTraceWriter(
                path: path,
                info: info,
                output: OutputPolicy(),
                layout: layout
            )
            for piece in pieces { try writer.append(piece) }
            try writer.finish()
            bytes = writer.byteCount
        }
        let reader = try SpikeTraceReader(path: path)
        let read = try best(spikes.count) {
            var (total, cursor) = (0, reader.spikes())
            while let more = try cursor.next() { total += more.count }
            #expect(total == spikes.count)
        }
        #expect(try reader.allSpikes() == spikes)
        let used = reader.spikesByLayout.sorted { $0.value > $1.value }.map { "\($0.key)" }
        func millions(_ time: Double) -> String { String(format: "%.0f", 1000 / time) }
        return "\(name) \(layout.map { "\($0)" } ?? "chosen: \(used)"): "
            + "\(String(format: "%.3f", Double(bytes) / Double(spikes.count))) bytes a spike, "
            + "written \(millions(write)), read \(millions(read)) M spikes/s"
    }

    @Test("synthetic streams, by layout and by trial")
    func streams() throws {
        for stream in SyntheticStream.all(spikes: 4_000_000) {
            print("\(stream.name): bound \(stream.bound) bytes a spike")
            for layout in SpikeLayout.allCases.map(Optional.some) + [nil] {
                print(try measure(stream.name, stream.spikes, stream.info, layout: layout))
            }
        }
    }

    @Test("many cores")
    func cores() throws {
        for (cores, neurons, meanGap) in [
            (UInt32(16), UInt32(256), 1 / 205.0), (128, 1024, 1 / 131.0),
        ] {
            var random = SplitMix(state: 2)
            var time = 0.0
            let spikes = (0..<4_000_000).map { _ in
                time -= meanGap * log(random.unit())
                return Spike(
                    step: UInt64(time),
                    core: UInt32.random(in: 0..<cores, using: &random),
                    neuron: UInt32.random(in: 0..<neurons, using: &random)
                )
            }.sorted()
            let info = info(channels(cores: Array(0..<cores), neurons: neurons))
            print(try measure("\(cores) cores of \(neurons)", spikes, info, layout: nil))
        }
    }
}
