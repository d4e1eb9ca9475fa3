import Events
import Foundation
import SpikeTrace
import Testing

/// Figures for the documentation: `SPIKELOOM_BENCH=1 swift test -c release --filter Throughput`.
@Suite(
    "Spike trace throughput",
    .enabled(if: ProcessInfo.processInfo.environment["SPIKELOOM_BENCH"] != nil),
    .serialized
)
struct ThroughputTests {
    @Test("writes and reads at the speed of the processor, not of the format")
    func throughput() throws {
        let count = 4_000_000
        func stream(cores: UInt32, neurons: UInt32, meanGap: Double) -> [Spike] {
            var random = SplitMix(state: 2)
            var time = 0.0
            return (0..<count).map { _ in
                time -= meanGap * log(Double.random(in: 0x1p-53..<1, using: &random))
                return Spike(
                    step: UInt64(time),
                    core: UInt32.random(in: 0..<cores, using: &random),
                    neuron: UInt32.random(in: 0..<neurons, using: &random)
                )
            }.sorted()
        }
        for (name, cores, neurons, meanGap) in [
            ("A, one core of 10,000", UInt32(1), UInt32(10_000), 20.0),
            ("A2, one core of 10,000", 1, 10_000, 0.2),
            ("16 cores of 256, 5 % a step", 16, 256, 1 / 205.0),
            ("128 cores of 1,024, sparse", 128, 1024, 1 / 131.0),
        ] {
            let spikes = stream(cores: cores, neurons: neurons, meanGap: meanGap)
            let info = SpikeTraceInfo(
                timeBase: TimeBase(numerator: 1, denominator: 1_000_000),
                channels: channels(cores: Array(0..<cores), neurons: neurons)
            )
            try withTemporaryFile { path in
                var (write, read, bytes) = (Duration.seconds(99), Duration.seconds(99), UInt64(0))
                for _ in 0..<5 {
                    let clock = ContinuousClock()
                    write = min(
                        write,
                        try clock.measure {
                            let writer = try SpikeTraceWriter(path: path, info: info)
                            try writer.append(spikes)
                            try writer.finish()
                            bytes = writer.byteCount
                        }
                    )
                    let reader = try SpikeTraceReader(path: path)
                    var total = 0
                    read = min(
                        read,
                        try clock.measure {
                            var cursor = reader.spikes()
                            while let more = try cursor.next() { total += more.count }
                        }
                    )
                    #expect(total == count)
                }
                func millions(_ time: Duration) -> String {
                    String(format: "%.0f", Double(count) / (time / .microseconds(1)))
                }
                print(
                    "\(name): \(String(format: "%.3f", Double(bytes) / Double(count))) bytes a "
                        + "spike, written \(millions(write)), read \(millions(read)) M spikes/s"
                )
            }
        }
    }
}
