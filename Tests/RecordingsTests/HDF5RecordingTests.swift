import Foundation
import HDF5
import Recordings
import TestSupport
import Testing

@Suite("Recordings in HDF5 files")
struct HDF5RecordingTests {
    private static func path(_ name: String) -> String {
        Fixtures.own("Recordings").appending(path: name).path
    }

    /// Foreign files go through the child process, here as in the program.
    private static func open(
        _ path: String,
        trial: String? = nil
    ) throws -> any RecordingReader {
        var options = RecordingOptions()
        options.hdf5Program = HDF5ChildProcess.programBesideThisOne()
        options.table.trial = trial
        return try RecordingFormat.open(path, as: nil, options)
    }

    @Test("samples of Heidelberg digits follow each other by whole seconds, or are read alone")
    func shd() throws {
        let reader = try Self.open(Self.path("shd.h5"))
        #expect(
            try reader.all() == [
                RecordedEvent(time: 250_000, unit: 699), RecordedEvent(time: 500_000, unit: 3),
                RecordedEvent(time: 3_500_000, unit: 1), RecordedEvent(time: 2_125_000, unit: 2),
                RecordedEvent(time: 2_750_000, unit: 3),
            ]
        )
        let one = try Self.open(Self.path("shd.h5"), trial: "2")
        #expect(one.source.facts["recordingLabel"] == "19")
        #expect(try one.all().map(\.time) == [1_500_000, 125_000, 750_000])
        #expect(throws: RecordingError.self) { try Self.open(Self.path("shd.h5"), trial: "3") }
    }

    @Test("older SONATA files have spikes and gids side by side")
    func sonata() throws {
        let reader = try Self.open(Self.path("old_sonata.h5"))
        #expect(
            try reader.all() == [
                RecordedEvent(time: 500, unit: 4), RecordedEvent(time: 10_100, unit: 0),
                RecordedEvent(time: 3000, unit: 2),
            ]
        )
    }

    @Test(
        "NIR graph data: events without their padding, grids of Booleans; potentials are no spikes"
    )
    func nir() throws {
        let reader = try Self.open(Self.path("nir_data.h5"))
        #expect(reader.source.populations == ["hidden/spikes", "out/spikes"])
        // Samples begin 2 s apart: the longest lasts 1.5 s.
        #expect(
            try reader.all() == [
                RecordedEvent(time: 1000, unit: 2), RecordedEvent(time: 12_500, unit: 0),
                RecordedEvent(time: 2_500_000, unit: 1), RecordedEvent(time: 2_750_000, unit: 1),
                RecordedEvent(time: 3_000_000, unit: 5),
                RecordedEvent(time: 1000, unit: 2, population: 1),
                RecordedEvent(time: 4000, unit: 0, population: 1),
                RecordedEvent(time: 2_000_000, unit: 1, population: 1),
            ]
        )
        #expect(reader.tally.read == 8)
        let one = try Self.open(Self.path("nir_data.h5"), trial: "1")
        #expect(try one.all().map(\.time) == [500_000, 750_000, 1_000_000, 0])
    }

    @Test("the child process and the library give the same parts, and refuse what is not there")
    func slices() throws {
        let file = Self.path("nir_data.h5")
        let sources: [any HDF5SliceSource] = [
            HDF5File(path: file),
            HDF5ChildProcess(program: HDF5ChildProcess.programBesideThisOne(), file: file),
        ]
        for source in sources {
            let data = "/nodes/out/observables/spikes/data"
            #expect(try source.layout(data) == HDF5File(path: file).layout(data))
            #expect(try source.layout(data).kind == .enumeration)
            #expect(
                try source.block(data, start: [0, 1, 0], shape: [1, 1, 3]) == [0, 0, 1]
            )
            #expect(
                try source.attributes("/nodes/hidden/observables/spikes")["t_max"]
                    == .floats([1.5])
            )
            #expect(try source.attributes("/")["__type__"] == .texts(["NIRGraphData"]))
            for (start, shape) in [
                ([0, 0, 0], [3, 1, 1]), ([2, 5, 3], [0, 0, 1]), ([0, 0], [1, 1]),
                ([0, 0, 0], [1 << 40, 1 << 40, 1 << 40]), ([0, 5, 0], [1, 1, 1]),
            ] {
                #expect(throws: HDF5Error.self) {
                    try source.block(data, start: start, shape: shape)
                }
            }
            #expect(throws: HDF5Error.self) { try source.rows(data, 0..<1) }
            #expect(throws: HDF5Error.self) { try source.layout("/nothing") }
        }
        let lists = HDF5ChildProcess(
            program: HDF5ChildProcess.programBesideThisOne(),
            file: Self.path("shd.h5")
        )
        #expect(try lists.rows("/spikes/units", 0..<3) == [[699, 3], [], [1, 2, 3]])
        #expect(throws: HDF5Error.self) { try lists.rows("/spikes/units", 2..<4) }
    }

    @Test(
        "a shape of 2⁴⁰ elements without data is refused",
        arguments: ["claims", "claimed_lists"]
    )
    func claims(name: String) {
        #expect(throws: HDF5Error.self) { try Self.open(Self.path(name + ".h5")).all() }
    }

    @Test("2⁶² samples without room for a spike end at once", arguments: [true, false])
    func emptySamples(isGrid: Bool) throws {
        let arrays = isGrid ? ["data"] : ["idx", "time"]
        let data = HDF5Group(
            members: Dictionary(
                uniqueKeysWithValues: arrays.map {
                    ($0, .dataset(HDF5Dataset(shape: [], element: .integer)))
                }
            )
        )
        let shape = isGrid ? [1 << 62, 1 << 62, 0] : [1 << 62, 0]
        let source = ShapesOnly(member: data, shape: shape)
        let reader = try HDF5Recording.open(source, path: "x.h5", options: RecordingOptions())
        #expect(try reader.all().isEmpty)
    }

    @Test("damaged files end in a clean error or in events, never in a crash")
    func damaged() throws {
        let scratch = try Scratch()
        let long = ProcessInfo.processInfo.environment["SPIKELOOM_LONG"] == "1"
        for name in ["shd.h5", "old_sonata.h5", "nir_data.h5"] {
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Self.path(name))))
            for trial in 0..<(long ? 400 : 8) {
                var changed = bytes
                for index in 0..<4 {
                    let place = (trial * 7919 + index * 104_729) % bytes.count
                    changed[place] ^= UInt8(truncatingIfNeeded: 1 << (trial % 8))
                }
                if trial % 4 == 3 { changed.removeLast(bytes.count * (trial % 9 + 1) / 12) }
                let path = try scratch.write(changed, name)
                do {
                    let reader = try Self.open(path)
                    let count = try reader.all().count
                    #expect(reader.tally.read == UInt64(count) + reader.tally.droppedCount)
                } catch let error as RecordingError {
                    #expect(!"\(error)".isEmpty)
                } catch let error as HDF5Error {
                    #expect(!"\(error)".isEmpty)
                }
            }
        }
    }
}

/// A file of NIR graph data of one node, with shapes and no data.
private struct ShapesOnly: HDF5SliceSource {
    let member: HDF5Group
    let shape: [Int]

    func structure() -> HDF5Group {
        let node = HDF5Group(members: ["spikes": .group(member)])
        return HDF5Group(members: ["nodes": .group(HDF5Group(members: ["n": .group(node)]))])
    }

    func layout(_ path: String) throws(HDF5Error) -> HDF5Layout {
        let kind = HDF5Object.dataset(
            HDF5Dataset(shape: [], element: .text, contents: .texts(["integer"]))
        )
        let lengths = HDF5Object.dataset(
            HDF5Dataset(
                shape: [shape.count],
                element: .integer,
                contents: .integers(shape.map { Int64($0) })
            )
        )
        guard let layout = HDF5Layout(HDF5Group(members: ["shape": lengths, "kind": kind])) else {
            throw .damaged(file: "x.h5", reason: "no layout")
        }
        return layout
    }

    func attributes(_ path: String) -> [String: HDF5Contents] { ["dt": .floats([0.001])] }
    func doubles(_ requests: [HDF5Request]) -> [[Double]] { requests.map { _ in [] } }
    func block(_ path: String, start: [Int], shape: [Int]) -> [Double] { [] }
    func rows(_ path: String, _ range: Range<Int>) -> [[Double]] { [] }
}
