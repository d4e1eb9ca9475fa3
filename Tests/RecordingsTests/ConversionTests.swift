import Events
import Foundation
import Recordings
import SpikeTrace
import Testing

@Suite("Recordings become spike traces")
struct ConversionTests {
    private func converted(
        _ events: [Encoders.Event],
        _ map: [String],
        _ scratch: Scratch
    ) throws -> (outcome: Conversion.Outcome, trace: SpikeTraceReader) {
        let path = try scratch.write(Encoders.evt2(events), "events.raw")
        var conversion = Conversion()
        conversion.map = try EventMap(map)
        conversion.sortCapacity = 16
        let trace = scratch.file("events.mcap")
        let outcome = try conversion.run(
            RecordingFormat.open(path),
            beside: trace,
            into: TraceSink(path: trace)
        )
        return (outcome, try SpikeTraceReader(path: trace))
    }

    @Test("pixels become channels by plane, row and column, times keep their ticks")
    func plain() throws {
        let scratch = try Scratch()
        let events = Encoders.events(100)
        let (outcome, trace) = try converted(events, [], scratch)
        #expect(outcome.tally.read == 100 && outcome.tally.written == 100)
        #expect(trace.info.timeBase == TimeBase(numerator: 1, denominator: 1_000_000))
        #expect(trace.info.channels.map(\.neuronCount) == [2 * 34 * 34])
        #expect(trace.info.metadata[RecordingFact.shape] == "2x34x34")
        let expected = events.map { event in
            Spike(
                step: UInt64(event.time),
                core: NeuronAddress.firstInputCore,
                neuron: UInt32(((event.isOn ? 1 : 0) * 34 + event.y) * 34 + event.x)
            )
        }
        #expect(try trace.allSpikes() == expected.sorted())
    }

    @Test("crop, downsampling, polarity and bins: all events are accounted for")
    func mapped() throws {
        let scratch = try Scratch()
        let events = Encoders.events(400, span: 20_000)
        let (outcome, trace) = try converted(
            events,
            ["crop=10:4:20:21,downsample=4", "polarity=on,bin=1ms,origin=first"],
            scratch
        )
        let inside = events.filter { (10..<30).contains($0.x) && (4..<25).contains($0.y) }
        let bright = inside.filter(\.isOn)
        let first = bright.map { $0.time / 1000 }.min() ?? 0
        // Rows 0 … 20 make 6 blocks of 4, the last of one row.
        let expected = Set(
            bright.map { event in
                Spike(
                    step: UInt64(event.time / 1000 - first),
                    core: NeuronAddress.firstInputCore,
                    neuron: UInt32((event.y - 4) / 4 * 5 + (event.x - 10) / 4)
                )
            }
        )
        #expect(try trace.allSpikes() == expected.sorted())
        #expect(trace.info.channels.map(\.neuronCount) == [30])
        #expect(trace.info.timeBase == TimeBase(numerator: 1, denominator: 1000))
        let dropped = outcome.tally.dropped
        #expect(dropped[.outsideCrop] == UInt64(events.count - inside.count))
        #expect(dropped[.otherPolarity] == UInt64(inside.count - bright.count))
        #expect(dropped[.sameStep] == UInt64(bright.count - expected.count))
        #expect(outcome.tally.read == outcome.tally.written + outcome.tally.droppedCount)
        #expect(outcome.steps?.lowerBound == 0)
    }

    @Test("steps are exact fractions of ticks, also before zero and where the ratio is odd")
    func clock() throws {
        let clock = try #require(
            StepClock(
                from: TimeBase(numerator: 1, denominator: 1_000_000),
                to: TimeBase(numerator: 1, denominator: 3000)
            )
        )
        #expect([0, 333, 334, 1000, -1, -334].map { clock.step($0) } == [0, 0, 1, 3, -1, -2])
        #expect(clock.step(.max) != nil && clock.step(.min) != nil)
        let fine = try #require(
            StepClock(
                from: TimeBase(numerator: 1, denominator: 1),
                to: TimeBase(numerator: 1, denominator: 1_000_000)
            )
        )
        #expect(fine.step(.max) == nil)
        #expect(
            StepClock(
                from: TimeBase(numerator: 1, denominator: .max),
                to: TimeBase(numerator: .max - 1, denominator: 1)
            ) == nil
        )
    }

    @Test("spikes in any order come out sorted, however many runs they take")
    func sorts() throws {
        let scratch = try Scratch()
        for count in [0, 1, 7, 8, 9, 64, 1000] {
            let sorter = SpikeSorter(beside: scratch.file("x"), capacity: 8)
            var expected: [[Int64]] = []
            for index in 0..<count {
                let step = Int64(index * 7919 % 101) - 50
                let neuron = UInt32(index * 31 % 13)
                try sorter.append(step: step, core: 5, neuron: neuron)
                expected.append([step, Int64(neuron)])
            }
            var found: [[Int64]] = []
            try sorter.drain { step, core, neuron in
                #expect(core == 5)
                found.append([step, Int64(neuron)])
            }
            expected.sort { ($0[0], $0[1]) < ($1[0], $1[1]) }
            #expect(found == expected)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    }

    @Test("settings that say nothing or something impossible are refused with what is known")
    func refusals() {
        for text in [
            "crop=1:2:3", "crop=0:0:0:5", "downsample=0", "polarity=up", "bin=1", "bin=0ms",
            "zoom=2",
            "bin=-1ms", "origin=later", "bin=99999999999ms",
        ] {
            #expect(throws: RecordingError.self, "\(text)") { try EventMap([text]) }
        }
        #expect(throws: RecordingError.self) { try RecordingFormat.open("x.unknown") }
        #expect(throws: RecordingError.self) { try RecordingFormat.open("x.vcd") }
        #expect(throws: RecordingError.self) { try RecordingFormat.create("x.aedat4") }
    }

    @Test("event-camera formats that are written give back the same spikes")
    func roundTrips() throws {
        let scratch = try Scratch()
        // A pause of 40 s: two wraps of EVT 3.0's clock.
        var events = Encoders.events(100)
        for index in 50..<100 { events[index].time += 40_000_000 }
        let (_, trace) = try converted(events, [], scratch)
        for name in ["out.evt2", "out.evt3"] {
            let tally = try Conversion.export(
                trace,
                into: RecordingFormat.create(scratch.file(name))
            )
            #expect(tally.written == 100)
            let reader = try RecordingFormat.open(scratch.file(name))
            let back = try reader.all().map(Encoders.Event.init)
            #expect(Set(back.map { "\($0)" }) == Set(events.map { "\($0)" }), "\(name)")
            #expect(reader.source.size == PixelSize(width: 34, height: 34))
        }
        let tally = try Conversion.export(
            trace,
            into: RecordingFormat.create(scratch.file("o.bin"))
        )
        #expect(tally.written == 50 && tally.dropped == [.outsideFormat: 50])
        #expect(try RecordingFormat.open(scratch.file("o.bin")).all().count == 50)
    }
}
