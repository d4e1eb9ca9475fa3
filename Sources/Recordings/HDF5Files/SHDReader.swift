import Events
import HDF5

/// Spiking Heidelberg Digits and Speech Commands: lists of times (s) and units for each sample.
///
/// Source: Cramer et al. 2020 (arXiv:1910.07407): `/spikes/times`, `/spikes/units`, `/labels`. One sample is
/// read with `--trial`; else samples follow each other, each from the next whole second on after the last
/// event of the one before.
final class SHDReader: RecordingReader {
    private let file: any HDF5SliceSource
    private let path: String
    private let count: Int
    private let end: Int
    private var position: Int
    private var origin: Int64 = 0
    private let ticks = TimeScale(of: TimeBase(numerator: 1, denominator: 1))
    private var pending: [(times: [Double], units: [Double])] = []
    private(set) var source: RecordingSource
    private(set) var tally = EventTally()

    var progress: (done: UInt64, total: UInt64) { (UInt64(position), UInt64(count)) }

    private static let rowsAtOnce = 16

    /// Looks at the samples.
    init(
        path: String,
        source file: any HDF5SliceSource,
        root: HDF5Group,
        options: RecordingOptions
    ) throws {
        self.file = file
        self.path = path
        let times = try file.layout("/spikes/times")
        let units = try file.layout("/spikes/units")
        guard times.kind == .lists, units.kind == .lists, times.shape.count == 1,
            units.shape == times.shape
        else {
            throw RecordingError.array(
                path: path,
                name: "/spikes",
                problem: "times are \(times.kind.rawValue) \(times.shape), units "
                    + "\(units.kind.rawValue) \(units.shape)",
                advice: "Both must be lists of numbers, as many of the one as of the other."
            )
        }
        count = times.shape[0]
        var facts: [String: String] = [:]
        if let trial = options.table.trial {
            guard let sample = Int(trial), (0..<count).contains(sample) else {
                throw RecordingError.option(
                    name: "--trial",
                    value: trial,
                    problem: "the file has \(count) samples",
                    advice: "Give a number from 0 to \(count - 1)."
                )
            }
            (position, end) = (sample, sample + 1)
            if case .dataset(let labels)? = root["labels"], labels.shape == [count] {
                let label = try file.block("/labels", start: [sample], shape: [1])
                if let value = label.first.flatMap({ Int(exactly: $0) }) {
                    facts["recordingLabel"] = String(value)
                }
            }
        } else {
            (position, end) = (0, count)
        }
        source = RecordingSource(timeBase: .microsecond, hasPixels: false, facts: facts)
    }

    func next(into events: inout [RecordedEvent]) throws -> Bool {
        events.removeAll(keepingCapacity: true)
        while events.isEmpty {
            if pending.isEmpty {
                guard position < end else { return false }
                let range = position..<min(end, position + Self.rowsAtOnce)
                let times = try file.rows("/spikes/times", range)
                let units = try file.rows("/spikes/units", range)
                pending = zip(times, units).map { ($0, $1) }.reversed()
                position = range.upperBound
            }
            guard let sample = pending.popLast() else { continue }
            guard sample.times.count == sample.units.count else {
                throw RecordingError.array(
                    path: path,
                    name: "/spikes",
                    problem: "sample \(position - pending.count - 1) has \(sample.times.count) "
                        + "times and \(sample.units.count) units",
                    advice: "Export the file again."
                )
            }
            var last: Int64 = 0
            for (time, unit) in zip(sample.times, sample.units) {
                tally.read += 1
                guard let tick = ticks.ticks(time), tick < 1 << 50 else {
                    tally.drop(.badTime)
                    continue
                }
                guard let unit = UInt32(exactly: unit), unit < .max else {
                    tally.drop(.badUnit)
                    continue
                }
                last = max(last, tick)
                events.append(RecordedEvent(time: origin &+ tick, unit: unit))
            }
            origin &+= (last / 1_000_000 + 1) * 1_000_000
        }
        return true
    }
}
