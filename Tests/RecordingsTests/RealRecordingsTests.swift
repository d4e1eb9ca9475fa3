import Foundation
import HDF5
import Recordings
import TestSupport
import Testing

/// Recordings of real devices, where `SPIKELOOM_FIXTURES` has them: they are not ours to copy.
@Suite("Recordings of real devices")
struct RealRecordingsTests {
    /// The expected numbers of each file, beside it.
    private struct Expected: Decodable {
        var events: Int?
        var t_first: Int64?
        var t_last: Int64?
        var x_max: Int?
        var y_max: Int?
        var on: Int?
        var sum_t: Int64?
        var sum_x: Int64?
        var sum_y: Int64?
    }

    private func files(_ name: String) throws -> [(file: URL, expected: Expected)] {
        try Fixtures.files("recordings", of: "Recordings", in: "traces") { $0 == name }.map {
            let json = $0.deletingLastPathComponent()
                .appendingPathComponent("real_recordings_expected.json")
            let all = try JSONDecoder().decode(
                [String: Expected].self,
                from: Data(contentsOf: json)
            )
            return ($0, try #require(all[name]))
        }
    }

    @Test(
        "of event cameras have the counts, sums and times of their description",
        arguments: ["evt3_sample.raw", "nmnist_sample.bin"]
    )
    func camera(name: String) throws {
        for (file, expected) in try files(name) {
            let reader = try RecordingFormat.open(file.path)
            var events: [RecordedEvent] = []
            var all: [RecordedEvent] = []
            while try reader.next(into: &events) { all += events }
            #expect(all.count == expected.events)
            #expect(all.first?.time == expected.t_first)
            #expect(all.map(\.time).max() == expected.t_last)
            #expect(all.reduce(0) { $0 + $1.time } == expected.sum_t)
            #expect(all.reduce(0) { $0 + Int64($1.x) } == expected.sum_x)
            #expect(all.reduce(0) { $0 + Int64($1.y) } == expected.sum_y)
            #expect(all.count { $0.isOn } == expected.on)
            #expect(all.map { Int($0.x) }.max() == expected.x_max)
            #expect(all.map { Int($0.y) }.max() == expected.y_max)
            #expect(reader.tally.droppedCount == 0)
        }
    }

    @Test("of a simulation in SONATA have the sums of their description")
    func sonata() throws {
        /// Sums of the arrays, beside the file.
        struct Sums: Decodable {
            var datasets: [String: Array]
            struct Array: Decodable {
                var shape: [Int]
                var sum: Double
                var first: [Double]
            }
        }
        let found = Fixtures.files("recordings", of: "Recordings", in: "traces") {
            $0 == "sonata_300_intfire_spikes.h5"
        }
        for file in found {
            let json = file.deletingLastPathComponent()
                .appendingPathComponent("real_recordings_expected.json")
            let root = try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: json)) as? [String: Any]
            )
            let part = try JSONSerialization.data(
                withJSONObject: try #require(root[file.lastPathComponent])
            )
            let sums = try JSONDecoder().decode(Sums.self, from: part).datasets
            let times = try #require(sums["/spikes/v1/timestamps"])
            let nodes = try #require(sums["/spikes/v1/node_ids"])
            var options = RecordingOptions()
            options.hdf5Program = HDF5ChildProcess.programBesideThisOne()
            let reader = try RecordingFormat.open(file.path, as: nil, options)
            let events = try reader.all()
            #expect([events.count] == times.shape && [events.count] == nodes.shape)
            #expect(reader.source.populations == ["v1"])
            // Times are multiples of 1 µs, so ticks lose nothing.
            let sum = events.reduce(Int64(0)) { $0 + $1.time }
            #expect(sum == Int64((times.sum * 1000).rounded()))
            #expect(events.reduce(0.0) { $0 + Double($1.unit) } == nodes.sum)
            #expect(events.prefix(3).map { Double($0.unit) } == nodes.first)
            #expect(events.prefix(3).map { Double($0.time) / 1000 } == times.first)
        }
    }
}
