import Events
import HDF5

/// SONATA spikes: `/spikes/<population>/{timestamps, node_ids}`, or older `/spikes/{timestamps, gids}`.
///
/// Source: AllenInstitute/sonata, "SONATA developer guide", output file formats. Times are in ms unless the
/// attribute `units` says otherwise; ticks are 1 µs, to which times are rounded.
final class SONATAReader: RecordingReader {
    private struct Population {
        var times: String
        var nodes: String
        var count: Int
        var ticks: TimeScale
    }

    private let file: any HDF5SliceSource
    private var populations: [Population] = []
    private var current = 0
    private var position = 0
    private var done: UInt64 = 0
    private var total: UInt64 = 0
    private(set) var source = RecordingSource(timeBase: .microsecond, hasPixels: false)
    private(set) var tally = EventTally()
    private var pending: (times: [Double], nodes: [Double], next: Int) = ([], [], 0)

    var progress: (done: UInt64, total: UInt64) { (done, total) }

    /// Looks at the populations.
    init(path: String, source file: any HDF5SliceSource, spikes: HDF5Group) throws {
        self.file = file
        func refused(_ name: String, _ problem: String) -> RecordingError {
            .array(
                path: path,
                name: name,
                problem: problem,
                advice:
                    "A population needs 'timestamps' and 'node_ids' of one length; export it again."
            )
        }
        var names: [String] = []
        func take(_ group: HDF5Group, _ place: String, _ name: String) throws {
            guard case .dataset(let times)? = group["timestamps"],
                let key = ["node_ids", "gids"].first(where: { group[$0] != nil }),
                case .dataset(let nodes)? = group[key]
            else { throw refused(place, "it lacks timestamps or node_ids") }
            guard times.shape.count == 1, nodes.shape == times.shape, times.element != .text,
                nodes.element != .text
            else { throw refused(place, "timestamps are \(times.shape), \(key) \(nodes.shape)") }
            populations.append(
                Population(
                    times: place + "/timestamps",
                    nodes: place + "/" + key,
                    count: times.shape[0],
                    ticks: try Self.ticks(file, place + "/timestamps", path)
                )
            )
            names.append(name)
        }
        if spikes["timestamps"] != nil {
            try take(spikes, "/spikes", "")
        } else {
            for (name, object) in spikes.members.sorted(by: { $0.key < $1.key }) {
                guard case .group(let group) = object else { continue }
                try take(group, "/spikes/" + name, name)
            }
        }
        guard !populations.isEmpty else { throw refused("/spikes", "it holds no population") }
        guard populations.count <= 65_535 else {
            throw refused("/spikes", "\(populations.count) populations; at most 65535 are read")
        }
        total = populations.reduce(0) { $0 &+ UInt64($1.count) }
        source.populations = names
    }

    private static func ticks(
        _ file: any HDF5SliceSource,
        _ dataset: String,
        _ path: String
    ) throws -> TimeScale {
        let milliseconds = TimeScale(of: TimeBase(numerator: 1, denominator: 1000))
        guard case .texts(let texts)? = try file.attributes(dataset)["units"],
            let unit = texts.first
        else { return milliseconds }
        switch unit {
        case "ms", "millisecond", "milliseconds": return milliseconds
        case "s", "second", "seconds":
            return TimeScale(of: TimeBase(numerator: 1, denominator: 1))
        default:
            throw RecordingError.array(
                path: path,
                name: dataset,
                problem: "its unit is '\(unit.prefix(40))'",
                advice: "Read are milliseconds and seconds."
            )
        }
    }

    func next(into events: inout [RecordedEvent]) throws -> Bool {
        events.removeAll(keepingCapacity: true)
        while events.isEmpty {
            if pending.next == pending.times.count {
                guard try load() else { return false }
            }
            let ticks = populations[current].ticks
            let end = min(pending.times.count, pending.next + BatchSize.events)
            for index in pending.next..<end {
                tally.read += 1
                guard let time = ticks.ticks(pending.times[index]) else {
                    tally.drop(.badTime)
                    continue
                }
                guard let unit = UInt32(exactly: pending.nodes[index]), unit < .max else {
                    tally.drop(.badUnit)
                    continue
                }
                events.append(
                    RecordedEvent(time: time, unit: unit, population: UInt16(current))
                )
            }
            pending.next = end
        }
        return true
    }

    private func load() throws -> Bool {
        while current < populations.count, position == populations[current].count {
            guard current + 1 < populations.count else { return false }
            current += 1
            position = 0
        }
        let population = populations[current]
        let count = min(HDF5Recording.blockSize, population.count - position)
        guard count > 0 else { return false }
        pending.times = try file.block(population.times, start: [position], shape: [count])
        pending.nodes = try file.block(population.nodes, start: [position], shape: [count])
        pending.next = 0
        position += count
        done += UInt64(count)
        return true
    }
}
