import ChipImage
import ChipSpec
import Compiler
import Emulator
import Energy
import Events
import Experiments
import Foundation
import Interconnect
import Report
import Samples
import SpikeTrace
import TestSupport
import Testing

/// Chip time of the digits network on small cores, under every model.
@Suite("Timing of runs")
struct TimingTests {
    /// The digits network on cores of sixteen neurons, so that packets travel.
    private static func image(_ change: (inout ChipSpec) -> Void = { _ in }) throws -> ChipImage {
        let digits = try DigitsFixture()
        var chip = try DigitsFixture.chip("loihi")
        chip.core.neurons = 16
        change(&chip)
        return try Compiler.compile(digits.network, for: chip).image
    }

    private static func samples(_ image: ChipImage) throws -> SampleSet {
        try DigitsFixture().samples.matched(to: image.inputs.map { ($0.name, $0.shape) })
    }

    private static func run(
        _ image: ChipImage,
        _ model: TimingModel,
        threads: Int = 1,
        timeline: Range<UInt64> = 0..<0,
        sink: SpikeSink? = nil
    ) throws -> RunResult {
        var run = ChipRun(image: image, readout: .count)
        run.timing = model
        run.table = image.chip.energyTables.first { $0.name == "sanafe" }
        run.timelineSteps = timeline
        run.machine = MachineOptions(threads: threads, smallestSplitWork: 0)
        return try run(samples(image), sink: sink)
    }

    @Test("no model changes a spike or an action, and threads change no time")
    func models() throws {
        let image = try Self.image()
        var times: [TimingModel: Double] = [:]
        var digests: Set<Digest> = []
        for model in TimingModel.allCases {
            let one = try Self.run(image, model)
            let two = try Self.run(image, model, threads: 2)
            #expect(one.chipTimeInNanoseconds == two.chipTimeInNanoseconds)
            #expect(one.timing?.usage == two.timing?.usage)
            #expect(one.packets.sent == one.packets.delivered + one.packets.droppedInTotal)
            times[model] = one.chipTimeInNanoseconds
            digests.insert(one.digest)
        }
        #expect(digests.count == 1)
        let ideal = try #require(times[.ideal])
        let simple = try #require(times[.simple])
        let steps = Double(try Self.run(image, .ideal).steps)
        // Seven cores on two tiles: SANA-FE's barrier is 1 µs.
        #expect(((simple - ideal) / (steps * 1000) - 1).magnitude < 1e-9)
        #expect(try #require(times[.detailed]) > simple && times[.queued] ?? 0 > ideal)
    }

    @Test(
        "a chip that drops loses packets where queues are small, the same ones at any number of threads"
    )
    func drops() throws {
        let image = try Self.image { chip in
            chip.interconnect.queueInPackets = 2
            chip.interconnect.packetInNanoseconds = 40
            chip.interconnect.whenFull = .drop
        }
        let lossless = try Self.run(image, .simple)
        let one = try Self.run(image, .queued)
        let two = try Self.run(image, .queued, threads: 2)
        let lost = one.packets.dropped[DropCause.fullQueue.rawValue]
        #expect(lost > 100 && lost == one.timing?.usage.dropped)
        #expect(one.packets.sent == one.packets.delivered + one.packets.droppedInTotal)
        #expect(one.digest == two.digest && one.counts == two.counts)
        #expect(one.digest != lossless.digest)
    }

    @Test("the timeline has every step of its window, and no work outside of its step")
    func timeline() throws {
        let image = try Self.image()
        let result = try Self.run(image, .queued, timeline: 5..<25)
        let timing = try #require(result.timing)
        #expect(timing.timeline.map(\.step) == Array(5..<25))
        for (step, next) in zip(timing.timeline, timing.timeline.dropFirst()) {
            #expect((step.start + step.time.nanoseconds - next.start).magnitude < 1e-6)
            for span in step.what.spans {
                #expect(span.start >= 0 && span.start + span.duration <= step.time.nanoseconds)
            }
        }
        let file = TimelineFile(timing, chip: image.chip).json.text
        let root = try #require(
            JSONSerialization.jsonObject(with: Data(file.utf8)) as? [String: Any]
        )
        let events = try #require(root["traceEvents"] as? [[String: Any]])
        let packets = timing.timeline.reduce(0) { $0 + $1.what.packets.count }
        #expect(packets > 50)
        for kind in ["s", "f"] {
            #expect(events.count { $0["ph"] as? String == kind } == packets)
        }
        let steps = events.filter { $0["ph"] as? String == "X" && $0["tid"] as? Int == 0 }
        #expect(steps.count == 20)
    }

    @Test(
        "the map counts each spike on each link and tile that it passes",
        arguments: PacketCasting.allCases
    )
    func map(casting: PacketCasting) throws {
        let image = try Self.image { $0.interconnect.casting = casting }
        let topology = Topology(image.chip)
        var links = [UInt64](repeating: 0, count: topology.linkCount)
        var events: UInt64 = 0
        let result = try Self.run(image, .simple) { spikes in
            for spike in spikes {
                let core = image.cores.first { $0.core == spike.core }
                let routes: [Route] =
                    core.map { Array($0.routes[Int(spike.neuron)]) }
                    ?? Array(image.inputs[0].routes[Int(spike.neuron)])
                var passed: Set<Int> = []
                for route in routes {
                    topology.forEachLink(
                        from: core.map { topology.tile(of: $0.core) } ?? 0,
                        to: topology.tile(of: route.core)
                    ) { link in
                        if casting == .unicast || passed.insert(link).inserted { links[link] += 1 }
                    }
                    let tables = image.cores.first { $0.core == route.core }?.synapses
                    guard let tables else { continue }
                    let rows = tables.axonRows
                    events += UInt64(
                        tables.rowSynapses[Int(rows[Int(route.axon) + 1])]
                            - tables.rowSynapses[Int(rows[Int(route.axon)])]
                    )
                }
            }
        }
        let map = TrafficMap(try #require(result.timing), chip: image.chip)
        #expect(map.linkPackets == links && links.contains { $0 > 0 })
        let busiest = try #require(result.timing?.busiestLink)
        #expect(busiest.packets == links.max())
        let busy = Double(busiest.packets) * 0.2907 / result.chipTimeInNanoseconds
        #expect((try #require(busiest.share) / busy - 1).magnitude < 1e-9)
        #expect(map.synapticEvents.reduce(0, +) == events)
        // What was under way when a sample ended was never counted as delivered.
        #expect(events >= result.counts[.synapticEvent])
        let script = map.figure.gnuplotScript(output: "map.svg")
        #expect(script.contains("busiest link: tile"))
    }

    @Test("a recording and a report hold the counts that the run's energy is made of")
    func recordedCounts() throws {
        let image = try Self.image()
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("counts-\(UUID().uuidString).mcap").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let writer = try SpikeTraceWriter(
            path: path,
            info: SpikeTraceInfo(
                timeBase: image.chip.time.step,
                channels: image.spikeChannels
            )
        )
        let result = try Self.run(image, .simple) { try writer.append($0) }
        try writer.finish(totals: RecordedCounts.totals(of: result, table: "sanafe"))
        let recorded = try RecordedCounts(SpikeTraceReader(path: path))
        #expect(recorded.counts == result.counts)
        #expect(recorded.chipTimeInNanoseconds == result.chipTimeInNanoseconds)
        #expect(recorded.table == "sanafe")
        for table in image.chip.energyTables {
            var run = ChipRun(image: image, readout: .count)
            run.table = table
            #expect(recorded.energy(by: table) == run.energy(of: result))
        }
        #expect(throws: RecordedCountsError.noReport(path: "x.json")) {
            try RecordedCounts(report: Data("{}".utf8), path: "x.json")
        }
    }
}
