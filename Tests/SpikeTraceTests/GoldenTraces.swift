import Events
import SpikeTrace

/// The recordings in `traces/`, from their seeds.
enum GoldenTraces {
    /// Two cores and an input with random spikes: batches of `gap`.
    static let random: (info: SpikeTraceInfo, spikes: [Spike]) = {
        let sources = channels(cores: [0, 7], neurons: 100, inputs: 20)
        return (
            info(sources, ["runSeed": "1"]),
            randomSpikes(1500, channels: sources, stride: 1, seed: 1)
        )
    }()

    /// Core 0 fires with jitter (`mean`), core 1 ever faster (`isi2`); and a series.
    static let regular: (info: SpikeTraceInfo, spikes: [Spike]) = {
        var random = SplitMix(state: 2)
        var spikes: [Spike] = []
        for neuron in UInt32(0)..<40 {
            var time = UInt64.random(in: 0..<30, using: &random)
            for _ in 0..<64 {
                spikes.append(Spike(step: time, core: 0, neuron: neuron))
                time += 30 + UInt64(neuron) / 4 + UInt64.random(in: 0...6, using: &random)
            }
            time = UInt64.random(in: 0..<90, using: &random)
            for index in UInt64(0)..<64 {
                spikes.append(Spike(step: time, core: 1, neuron: neuron))
                time += 400 - 5 * index + UInt64.random(in: 0...1, using: &random)
            }
        }
        var description = info(channels(cores: [0, 1], neurons: 40), ["runSeed": "2"])
        description.series = [
            SeriesChannel(
                source: "hidden",
                quantity: "v",
                element: .int16,
                indices: [0, 1, 2, 9],
                metadata: ["unit": "raw register"]
            )
        ]
        return (description, spikes.sorted())
    }()

    /// Row of the series of `regular`.
    static func potentials(atStep step: UInt64) -> [Int64] {
        (0..<4).map { Int64(step % 50) * ($0 - 2) * 10 }
    }

    /// Events of 16 × 16 pixels in order of arrival (`planes`); its recorder was killed.
    static let arrival: (info: SpikeTraceInfo, spikes: [Spike]) = {
        var random = SplitMix(state: 3)
        var step: UInt64 = 0
        let spikes = (0..<1200).map { _ in
            step += UInt64.random(in: 0...3, using: &random) / 2
            return Spike(
                step: step,
                core: 3,
                neuron: UInt32.random(in: 0..<256, using: &random)
            )
        }
        return (
            SpikeTraceInfo(
                timeBase: TimeBase(numerator: 1, denominator: 1_000_000),
                channels: channels(cores: [3], neurons: 256)
            ), spikes
        )
    }()

    /// Writes the three recordings.
    ///
    /// - Parameter folder: Where `random.mcap`, `regular.mcap` and `arrival.mcap` go.
    /// - Throws: `SpikeTraceError`.
    static func write(to folder: String) throws {
        try record(random.spikes, random.info, to: folder + "/random.mcap", flushEvery: 1)
        let writer = try SpikeTraceWriter(
            path: folder + "/regular.mcap",
            info: regular.info,
            flushInterval: nil
        )
        try writer.append(regular.spikes)
        for step in UInt64(0)..<100 {
            try writer.append(potentials(atStep: step), toSeries: 0, step: step)
        }
        try writer.finish(totals: ["count.somaAccess": "100"])
        let unfinished = try SpikeTraceWriter(
            path: folder + "/arrival.mcap",
            info: arrival.info,
            order: .arrival,
            flushInterval: nil
        )
        for start in stride(from: 0, to: 1200, by: 400) {
            try unfinished.append(Array(arrival.spikes[start..<start + 400]))
            try unfinished.flush()
        }
    }
}
