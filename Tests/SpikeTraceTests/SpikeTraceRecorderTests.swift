import Events
import Foundation
import SpikeTrace
import Testing

@Suite("Recording on a thread", .timeLimit(.minutes(2)))
struct SpikeTraceRecorderTests {
    private let sources = channels(cores: [0, 4], neurons: 64)

    @Test("a full queue holds the caller back, and nothing is lost", arguments: [1, 700, 9000])
    func backPressure(piece: Int) throws {
        let spikes = randomSpikes(60_000, channels: sources, stride: 1, seed: 3)
        try withTemporaryFile { path in
            // A slow disk.
            var output = OutputPolicy()
            output.largestWrite = 4096
            output.pauseInMicroseconds = 300
            let writer = try SpikeTraceWriter(
                path: path,
                info: info(sources),
                flushInterval: .zero,
                output: output
            )
            let recorder = SpikeTraceRecorder(
                writer,
                flushInterval: .seconds(1),
                queueLimit: 10_000
            )
            for start in stride(from: 0, to: spikes.count, by: piece) {
                try recorder.append(Array(spikes[start..<min(start + piece, spikes.count)]))
            }
            try recorder.finish(totals: ["a": "b"])
            #expect(recorder.mostQueued <= 10_000)
            let reader = try SpikeTraceReader(path: path)
            #expect(try reader.allSpikes() == spikes)
            #expect(reader.totals == ["a": "b"] && reader.health.isIntact)
            #expect(throws: SpikeTraceError.closed(path: path)) { try recorder.append([]) }
        }
    }

    @Test("an error of the recorder is thrown by the next call, and what came before is kept")
    func errors() throws {
        try withTemporaryFile { path in
            let recorder = try SpikeTraceRecorder(path: path, info: info(sources))
            let good = Spike(step: 5, core: 0, neuron: 1)
            let bad = Spike(step: 4, core: 0, neuron: 1)
            try recorder.append([good, bad])
            #expect(
                throws: SpikeTraceError.outOfOrder(path: path, spike: bad, previous: good)
            ) { try recorder.finish() }
            #expect(try SpikeTraceReader(path: path).allSpikes() == [good])
        }
    }

    @Test("what waits is written when the flush interval is over, without a further call")
    func flushInterval() throws {
        try withTemporaryFile { path in
            let recorder = try SpikeTraceRecorder(
                path: path,
                info: info(sources),
                flushInterval: .milliseconds(10)
            )
            let spike = Spike(step: 5, core: 0, neuron: 1)
            try recorder.append([spike])
            var isThere = false
            for _ in 0..<2000 where !isThere {
                usleep(5000)
                isThere = try SpikeTraceReader(path: path).allSpikes() == [spike]
            }
            #expect(isThere)
            try recorder.finish()
        }
    }

    @Test("a recorder that is let go writes what it was given")
    func abandoned() throws {
        try withTemporaryFile { path in
            let spikes = randomSpikes(5000, channels: sources, stride: 1, seed: 3)
            do {
                let recorder = try SpikeTraceRecorder(
                    path: path,
                    info: info(sources),
                    isSynced: true
                )
                try recorder.append(spikes)
            }
            var count = 0
            for _ in 0..<2000 where count < spikes.count {
                usleep(5000)
                count = try SpikeTraceReader(path: path).allSpikes().count
            }
            #expect(count == spikes.count)
        }
    }
}
