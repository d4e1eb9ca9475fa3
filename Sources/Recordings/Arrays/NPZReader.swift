import Events
import Samples

/// NPZ files with arrays of times and units (`t`, `i`), or of times and pixels (`t`, `x`, `y`, `p`).
///
/// Further arrays: `c`, the core of each unit, whose cores become populations; `dt`, numerator and
/// denominator of the tick in seconds. Without `dt` and a unit of time, whole times are µs and others s.
final class NPZReader: RecordingReader {
    private let time: NumberStream
    private let unit: NumberStream?
    private let core: NumberStream?
    private let x: NumberStream?
    private let y: NumberStream?
    private let polarity: NumberStream?
    private let ticks: TimeScale
    private var position = 0
    private var populations: [Int64: UInt16] = [:]
    private(set) var source: RecordingSource
    private(set) var tally = EventTally()

    private var values: [Double] = []
    private var integers: [Int64] = []

    var progress: (done: UInt64, total: UInt64) { (UInt64(position), UInt64(time.count)) }

    /// Opens a file.
    init(path: String, options: RecordingOptions) throws {
        let names = try NumberStream.names(in: path)
        func stream(_ role: TableOptions.Role, _ standard: String) throws -> NumberStream? {
            let name = options.table.columns[role] ?? standard
            guard names.contains(name) || options.table.columns[role] != nil else { return nil }
            return try NumberStream(path: path, array: name)
        }
        let time = try NumberStream(path: path, array: options.table.columns[.time] ?? "t")
        self.time = time
        x = try stream(.x, "x")
        y = try stream(.y, "y")
        let hasPixels = x != nil && y != nil
        unit =
            hasPixels
            ? nil : try NumberStream(path: path, array: options.table.columns[.unit] ?? "i")
        core = hasPixels ? nil : try stream(.population, "c")
        polarity = hasPixels ? try stream(.polarity, "p") : nil
        for other in [unit, core, x, y, polarity] {
            guard let other, other.count != time.count else { continue }
            throw RecordingError.array(
                path: path,
                name: "t",
                problem: "\(time.count) times and \(other.count) units or pixels",
                advice: "Give each event one of each."
            )
        }
        var base = options.table.timeUnit
        if base == nil, names.contains("dt") {
            base = try Self.timeBase(path)
        }
        if time.isInteger {
            ticks = TimeScale(exactly: base ?? .microsecond)
        } else {
            ticks = TimeScale(of: base ?? TimeBase(numerator: 1, denominator: 1))
        }
        source = RecordingSource(
            timeBase: ticks.timeBase,
            hasPixels: hasPixels,
            size: options.size
        )
    }

    private static func timeBase(_ path: String) throws -> TimeBase {
        let stream = try NumberStream(path: path, array: "dt")
        var (values, integers): ([Double], [Int64]) = ([], [])
        try stream.next(2, values: &values, integers: &integers)
        guard stream.count == 2, integers.count == 2, integers[0] > 0, integers[1] > 0 else {
            throw RecordingError.array(
                path: path,
                name: "dt",
                problem: "this is not numerator and denominator of a time step in seconds",
                advice: "Give two positive whole numbers."
            )
        }
        return TimeBase(numerator: UInt64(integers[0]), denominator: UInt64(integers[1]))
    }

    func next(into events: inout [RecordedEvent]) throws -> Bool {
        events.removeAll(keepingCapacity: true)
        while events.isEmpty, position < time.count {
            let count = min(BatchSize.events, time.count - position)
            try time.next(count, values: &values, integers: &integers)
            let times: [Int64?] =
                time.isInteger
                ? integers.map { $0.magnitude < 1 << 61 ? $0 : nil } : values.map(ticks.ticks)
            let units = try column(unit, count)
            let cores = try column(core, count)
            let columns = try column(x, count)
            let rows = try column(y, count)
            let polarities = try column(polarity, count)
            for index in 0..<count {
                tally.read += 1
                guard let time = times[index] else {
                    tally.drop(.badTime)
                    continue
                }
                if let columns, let rows {
                    guard let x = UInt16(exactly: columns[index]),
                        let y = UInt16(exactly: rows[index])
                    else {
                        tally.drop(.badUnit)
                        continue
                    }
                    let isOn = polarities.map { $0[index] > 0 } ?? true
                    events.append(RecordedEvent(time: time, x: x, y: y, isOn: isOn))
                    continue
                }
                guard let unit = UInt32(exactly: units?[index] ?? -1), unit < .max,
                    let population = population(cores?[index])
                else {
                    tally.drop(.badUnit)
                    continue
                }
                events.append(RecordedEvent(time: time, unit: unit, population: population))
            }
            position += count
        }
        return !events.isEmpty
    }

    private func column(_ stream: NumberStream?, _ count: Int) throws -> [Double]? {
        guard let stream else { return nil }
        try stream.next(count, values: &values, integers: &integers)
        return values
    }

    private func population(_ core: Double?) -> UInt16? {
        guard let core else { return 0 }
        guard let number = Int64(exactly: core) else { return nil }
        if let known = populations[number] { return known }
        guard populations.count < 65_535 else { return nil }
        let index = UInt16(populations.count)
        populations[number] = index
        source.populations.append("core\(number)")
        return index
    }
}
