import Events
import SpikeTrace
import Testing

@Suite("Spike trace round trip")
struct RoundTripTests {
    @Test(
        "gives back exactly what was recorded",
        arguments: [
            (count: 0, stride: UInt64(1), piece: 10),
            (count: 1, stride: 0, piece: 1),
            (count: 1000, stride: 0, piece: 7),
            (count: 30_000, stride: 1, piece: 1000),
            (count: 30_000, stride: 100, piece: 30_000),
            (count: 2000, stride: 1 << 40, piece: 100),
            (count: 2000, stride: 1 << 52, piece: 100),
        ]
    )
    func roundTrip(count: Int, stride: UInt64, piece: Int) throws {
        let sources = channels(cores: [0, 3, 7, 200_000], neurons: 256, inputs: 64)
        let spikes = randomSpikes(count, channels: sources, stride: stride, seed: 11)
        let info = info(sources, ["imageDigest": "abc", "runSeed": "1"])
        try withTemporaryFile { path in
            try record(spikes, info, to: path, piece: piece, flushEvery: 13)
            let reader = try SpikeTraceReader(path: path)
            #expect(reader.health.isIntact)
            #expect(reader.info == info)
            #expect(reader.spikeCount == UInt64(count))
            #expect(try reader.allSpikes() == spikes)
            #expect(reader.health.isIntact)
        }
    }
}
