import Events
import Foundation
import SpikeTrace
import Testing

@Suite("CSV")
struct CSVTests {
    @Test("a trace turned into text and back holds the same spikes")
    func roundTrip() throws {
        let sources = channels(cores: [0, 17], neurons: 100, inputs: 5)
        let spikes =
            randomSpikes(20_000, channels: sources, stride: 1 << 20, seed: 6)
            + [Spike(step: .max, core: 17, neuron: 99)]
        try withTemporaryFile { path in
            try record(spikes, info(sources), to: path)
            let format = try TraceFormat.of(path: "run.CSV")
            try format.export(try SpikeTraceReader(path: path), path + ".csv")
            let count = try format.importTrace(path + ".csv", path + ".2", info([]).timeBase)
            #expect(count == UInt64(spikes.count))
            let reader = try SpikeTraceReader(path: path + ".2")
            #expect(try reader.allSpikes() == spikes)
            #expect(reader.info.channels.map(\.core) == sources.map(\.core))
            let files = try FileManager.default.contentsOfDirectory(
                atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path
            )
            #expect(files.sorted() == ["run.mcap", "run.mcap.2", "run.mcap.csv"])
        }
    }

    @Test("is written as documented")
    func text() throws {
        try withTemporaryFile { path in
            let spikes = [
                Spike(step: 0, core: 0, neuron: 10), Spike(step: 12, core: 1 << 31, neuron: 0),
            ]
            try record(spikes, info(channels(cores: [0], neurons: 11, inputs: 1)), to: path)
            var text: [UInt8] = []
            try CSV.export(try SpikeTraceReader(path: path)) { text += $0 }
            #expect(
                String(decoding: text, as: UTF8.self)
                    == "step,core,neuron\n0,0,10\n12,2147483648,0\n"
            )
        }
    }

    @Test(
        "a bad line is refused with its number",
        arguments: [
            ("", 0, "empty"), ("1,2,3\n", 1, "first line"),
            ("step,core,neuron\n1,2,3\n1,2\n", 3, "2 fields"),
            ("step,core,neuron\n1,2,3\n\n", 3, "1 fields"),
            ("step,core,neuron\n1,2,3,4\n", 2, "4 fields"),
            ("step,core,neuron\n1,2,x", 2, "neuron is 'x'"),
            ("step,core,neuron\n1,,3", 2, "core is ''"),
            ("step,core,neuron\n-1,2,3", 2, "step is '-1'"),
            ("step,core,neuron\n18446744073709551616,2,3", 2, "step is '18446744073709551616'"),
            ("step,core,neuron\n1,4294967296,3", 2, "core is '4294967296'"),
            ("step,core,neuron\n1,2,4294967295", 2, "neuron is '4294967295'"),
            ("step,core,neuron\n5,2,3\n5,2,2\n", 3, "after step 5"),
            ("step,core,neuron\n" + String(repeating: "1", count: 300_000), 2, "1 fields"),
        ]
    )
    func badLines(text: String, line: Int, part: String) throws {
        try withTemporaryFile("spikes.csv") { path in
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            do {
                try CSV.importTrace(from: path, to: path + ".mcap", timeBase: info([]).timeBase)
                Issue.record("was read")
            } catch SpikeTraceError.text(_, let number, let problem) {
                #expect(number == line)
                #expect(problem.contains(part), "\(problem)")
            }
            #expect(!FileManager.default.fileExists(atPath: path + ".mcap"))
        }
    }

    @Test("carriage returns and a missing last line feed are read")
    func lineEnds() throws {
        try withTemporaryFile("spikes.csv") { path in
            try Data("step,core,neuron\r\n1,2,3\r\n1,2,3".utf8).write(
                to: URL(fileURLWithPath: path)
            )
            var spikes: [Spike] = []
            try CSV.read(path) { spikes += $0 }
            #expect(
                spikes == [Spike(step: 1, core: 2, neuron: 3), Spike(step: 1, core: 2, neuron: 3)]
            )
        }
    }

    @Test("an unknown format names the known ones")
    func unknownFormat() {
        #expect(throws: SpikeTraceError.unknownFormat(path: "a.dat", known: [".csv"])) {
            try TraceFormat.of(path: "a.dat")
        }
    }
}
