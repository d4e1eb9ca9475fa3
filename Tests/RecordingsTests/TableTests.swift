import Events
import Foundation
import Recordings
import SpikeTrace
import Testing

@Suite("Tables of spikes")
struct TableTests {
    private func read(
        _ text: String,
        _ name: String = "lab.csv",
        _ change: (inout RecordingOptions, Scratch) throws -> Void = { _, _ in }
    ) throws -> (events: [RecordedEvent], reader: any RecordingReader) {
        let scratch = try Scratch()
        var options = RecordingOptions()
        try change(&options, scratch)
        let reader = try RecordingFormat.open(try scratch.write(text, name), as: nil, options)
        return (try reader.all(), reader)
    }

    @Test("of a laboratory are read by their columns, labels mapped, one trial chosen")
    func columns() throws {
        let text = """
            trial;label;ts;note
            1;"unit A";12;x
            2;unit B;13;y
            1;unit B;14.4;z
            1;unit C;15;z

            # a comment
            1;unit A;nan;z
            """
        let (events, reader) = try read(text) { options, scratch in
            options.table.columns = try TableOptions.columns("time=ts,unit=label,trial=trial")
            options.table.timeUnit = try TableOptions.time("us", of: "--time-unit")
            options.table.trial = "1"
            options.table.unitMap = try scratch.write(
                "label,neuron\nunit A,4\nunit B,0\n",
                "map.csv"
            )
        }
        #expect(events == [RecordedEvent(time: 12, unit: 4), RecordedEvent(time: 14, unit: 0)])
        #expect(reader.tally.read == 5)
        #expect(reader.tally.dropped == [.otherTrial: 1, .unmapped: 1, .badTime: 1])
        #expect(reader.source.timeBase == TimeBase(numerator: 1, denominator: 1_000_000))
    }

    @Test("times become µs exactly, whatever their unit")
    func units() throws {
        let (seconds, _) = try read("time,unit\n1.000001,1\n-0.5,2\n1e-3,3\n0.0000004,4\n")
        #expect(seconds.map(\.time) == [1_000_001, -500_000, 1000, 0])
        let (milliseconds, reader) = try read("time,unit\n566.942,1\n") { options, _ in
            options.table.timeUnit = try TableOptions.time("ms", of: "--time-unit")
        }
        #expect(milliseconds.map(\.time) == [566_942])
        #expect(reader.source.timeBase == TimeBase(numerator: 1, denominator: 1_000_000))
        let (steps, fine) = try read("time,unit\n7,1\n") { options, _ in
            options.table.timeUnit = try TableOptions.time("25ns", of: "--time-unit")
        }
        #expect(steps.map(\.time) == [7])
        #expect(fine.source.timeBase == TimeBase(numerator: 1, denominator: 40_000_000))
    }

    @Test("of pixels and of populations are read too")
    func pixels() throws {
        let (pixels, reader) = try read(
            "time\tx\ty\tpolarity\n1\t3\t4\t0\n2\t5\t6\t1\n3\t-1\t0\t1\n"
        ) {
            options,
            _ in options.table.timeUnit = .init(numerator: 1, denominator: 1_000_000)
        }
        #expect(
            pixels == [
                RecordedEvent(time: 1, x: 3, y: 4, isOn: false),
                RecordedEvent(time: 2, x: 5, y: 6, isOn: true),
            ]
        )
        #expect(reader.tally.dropped == [.badUnit: 1])
        let (units, populations) = try read("time,unit,population\n1,1,b\n2,1,a\n3,2,b\n")
        #expect(units.map(\.population) == [0, 1, 0])
        #expect(populations.source.populations == ["b", "a"])
    }

    @Test(
        "that cannot be read are refused with line and advice",
        arguments: [
            ("", "the file is empty"), ("a,b\n1,2\n", "no columns of times and units"),
            ("time,unit\n1\n", "lab.csv:2: 1 fields"), ("time,unit\n1,x\n", "--map FILE"),
        ]
    )
    func refusals(text: String, words: String) throws {
        let error = #expect(throws: RecordingError.self) { try read(text) }
        #expect("\(try #require(error))".contains(words))
    }

    @Test("with a line of more than 4 KiB are no tables")
    func longLine() throws {
        let error = #expect(throws: RecordingError.self) {
            try read("time,unit\n" + String(repeating: "1", count: 5000) + "\n")
        }
        #expect("\(try #require(error))".contains("more than 4096 bytes"))
    }

    @Test(
        "NEST's files are read with and without header, sorted later; steps without length are refused"
    )
    func nest() throws {
        let text =
            "# NEST version: 3.6\n# RecordingBackendASCII\nsender\ttime_ms\n3\t10.1\n1\t9.900\n"
        let expected = [RecordedEvent(time: 10_100, unit: 3), RecordedEvent(time: 9900, unit: 1)]
        #expect(try read(text, "spikes.dat").events == expected)
        #expect(try read("3 10.1\n1 9.9\n", "spikes.dat").events == expected)
        #expect(throws: RecordingError.self) {
            try read("sender\ttime_step\ttime_offset\n1\t2\t0\n", "spikes.dat")
        }
    }

    @Test("cut anywhere, tables give whole lines or a clean error")
    func cut() throws {
        let texts = [
            ("lab.csv", "time,unit\n1.5,1\n2.5,2\n"),
            ("spikes.dat", "# NEST\nsender\ttime_ms\n3\t1.5\n"),
        ]
        for (name, text) in texts {
            for count in 0..<text.utf8.count {
                do {
                    let (events, reader) = try read(String(text.prefix(count)), name)
                    #expect(reader.tally.read == UInt64(events.count) + reader.tally.droppedCount)
                } catch let error as RecordingError {
                    #expect(!"\(error)".isEmpty)
                }
            }
        }
    }
}
