import Events
import Foundation
import HDF5
import Recordings
import SpikeTrace
import Testing

@Suite("Spike traces become files of other tools")
struct ExportTests {
    /// Spikes of two cores and an input, in steps of 0.1 ms.
    static func trace(_ scratch: Scratch) throws -> (reader: SpikeTraceReader, spikes: [Spike]) {
        let cores: [UInt32] = [2, 5, NeuronAddress.firstInputCore]
        var spikes: [Spike] = []
        for index in 0..<3000 {
            let step = UInt64(index / 3 * 7)
            spikes.append(
                Spike(step: step, core: cores[index % 3], neuron: UInt32(index * 13 % 40))
            )
        }
        spikes.sort()
        let sink = TraceSink(path: scratch.file("in.mcap"))
        try sink.begin(
            SpikeTraceInfo(
                timeBase: TimeBase(numerator: 1, denominator: 10_000),
                channels: zip(cores, ["hidden", "", "pixels"]).map {
                    SpikeChannel(core: $0, neuronCount: 40, label: $1)
                }
            )
        )
        try sink.write(spikes)
        try sink.finish()
        return (try SpikeTraceReader(path: scratch.file("in.mcap")), spikes)
    }

    /// Spikes as step, population and unit, in order.
    private func rows(_ spikes: [Spike]) -> [[UInt64]] {
        let cores = Set(spikes.map(\.core)).sorted()
        return spikes.map { spike in
            [spike.step, UInt64(cores.firstIndex(of: spike.core) ?? 0), UInt64(spike.neuron)]
        }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    @Test("NPZ and SONATA come back the same", arguments: ["out.npz", "out.h5"])
    func arrays(name: String) throws {
        let scratch = try Scratch()
        let (reader, spikes) = try Self.trace(scratch)
        let tally = try Conversion.export(reader, into: RecordingFormat.create(scratch.file(name)))
        #expect(tally.read == 3000 && tally.written == 3000)
        var conversion = Conversion()
        conversion.map = try EventMap(["bin=0.1ms"])
        let outcome = try conversion.run(
            RecordingFormat.open(scratch.file(name)),
            beside: scratch.file("back.mcap"),
            into: TraceSink(path: scratch.file("back.mcap"))
        )
        #expect(outcome.tally.written == UInt64(Set(spikes).count))
        let back = try SpikeTraceReader(path: scratch.file("back.mcap")).allSpikes()
        // Populations of SONATA come in order of their names.
        #expect(back.count == Set(spikes).count)
        if name.hasSuffix("npz") {
            #expect(rows(back) == rows(Array(Set(spikes))))
        } else {
            #expect(
                outcome.channels.map(\.label) == ["core5", "hidden", "pixels"]
            )
            let hidden = back.filter { $0.core == NeuronAddress.firstInputCore + 1 }
            #expect(
                hidden.map { [$0.step, UInt64($0.neuron)] }
                    == Set(spikes).filter { $0.core == 2 }.sorted().map {
                        [$0.step, UInt64($0.neuron)]
                    }
            )
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(left.sorted() == ["back.mcap", "in.mcap", name].sorted())
    }

    @Test("SONATA has the attributes of its guide")
    func sonata() throws {
        let scratch = try Scratch()
        let (reader, _) = try Self.trace(scratch)
        _ = try Conversion.export(reader, into: RecordingFormat.create(scratch.file("s.h5")))
        let file = HDF5File(path: scratch.file("s.h5"))
        #expect(try file.attributes("/")["magic"] == .integers([0x0A7A]))
        #expect(try file.attributes("/")["version"] == .integers([0, 1]))
        #expect(try file.attributes("/spikes/hidden")["sorting"] == .integers([2]))
        #expect(
            try file.attributes("/spikes/hidden/timestamps")["units"] == .texts(["milliseconds"])
        )
        #expect(try file.layout("/spikes/hidden/node_ids").kind == .integer)
        #expect(try file.block("/spikes/hidden/timestamps", start: [1], shape: [2]) == [0.7, 1.4])
    }

    @Test("NEST's numbers go through the cores, times are exact to 1 ns")
    func nest() throws {
        let scratch = try Scratch()
        let (reader, spikes) = try Self.trace(scratch)
        _ = try Conversion.export(reader, into: RecordingFormat.create(scratch.file("n.dat")))
        let text = try String(contentsOfFile: scratch.file("n.dat"), encoding: .utf8)
        #expect(text.contains("# core 5: senders 40 to 79\n"))
        #expect(text.contains("\t0.700000\n"))
        let events = try RecordingFormat.open(scratch.file("n.dat")).all()
        #expect(events.count == spikes.count)
        #expect(events.map { UInt64($0.time) } == spikes.map { $0.step * 100 })
    }

    @Test(
        "timelines: JSON that parses, with a process a core; a value change dump with a variable a neuron"
    )
    func timelines() throws {
        let scratch = try Scratch()
        let (reader, spikes) = try Self.trace(scratch)
        _ = try Conversion.export(reader, into: RecordingFormat.create(scratch.file("t.json")))
        let data = try Data(contentsOf: URL(fileURLWithPath: scratch.file("t.json")))
        let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let events = try #require(root["traceEvents"] as? [[String: Any]])
        let instants = events.filter { $0["ph"] as? String == "i" }
        #expect(events.count == spikes.count + 3)
        #expect(
            instants.compactMap { $0["ts"] as? Double } == spikes.map { Double($0.step) * 100 }
        )
        #expect(instants.compactMap { $0["tid"] as? Int } == spikes.map { Int($0.neuron) })

        _ = try Conversion.export(reader, into: RecordingFormat.create(scratch.file("t.vcd")))
        let lines = try String(contentsOfFile: scratch.file("t.vcd"), encoding: .utf8)
            .split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("$var event 1 ") } == 120)
        #expect(lines.count { $0.hasPrefix("1") } == spikes.count)
        #expect(lines.count { $0.hasPrefix("#") } == Set(spikes.map(\.step)).count)
        #expect(lines.contains("#700000"))
    }

    @Test("plain text is what the spike trace's own export writes")
    func csv() throws {
        let scratch = try Scratch()
        let (reader, _) = try Self.trace(scratch)
        _ = try Conversion.export(reader, into: RecordingFormat.create(scratch.file("a.csv")))
        try CSV.export(reader, to: scratch.file("b.csv"))
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: scratch.file("a.csv")))
                == Data(contentsOf: URL(fileURLWithPath: scratch.file("b.csv")))
        )
    }

    @Test("a format that cannot hold the spikes says so, and leaves nothing behind")
    func refusals() throws {
        let scratch = try Scratch()
        let (reader, _) = try Self.trace(scratch)
        for name in ["x.evt2", "x.evt3", "x.bin"] {
            #expect(throws: RecordingError.self) {
                try Conversion.export(reader, into: RecordingFormat.create(scratch.file(name)))
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["in.mcap"])
        #expect(throws: (any Error).self) { try RecordingFormat.create("/no/such/folder/x.csv") }
        #expect(throws: (any Error).self) { try RecordingFormat.create("/no/such/folder/x.h5") }
    }
}
