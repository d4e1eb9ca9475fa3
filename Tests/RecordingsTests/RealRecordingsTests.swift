import Foundation
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
}
