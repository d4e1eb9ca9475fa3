import Events
import HDF5

/// NIR graph data: spikes of the nodes of a NIR graph, as events or on a grid of time steps.
///
/// Source: nir 1.0.8, `nir.write_data`: `/nodes/<node>/observables/<name>` holds `idx` and `time` (samples ×
/// events, −1 and ∞ where empty), or `data` (samples × steps × neurons) with an attribute `dt`. Times are in
/// seconds. One sample is read with `--trial`; else samples follow each other by whole seconds.
final class NIRDataReader: RecordingReader {
    private struct Observable {
        var path: String
        var samples: Int
        var isGrid: Bool
        /// Events or steps of a sample.
        var length: Int
        var neurons: Int
        /// Seconds of a step of a grid.
        var step: Double
    }

    private let file: any HDF5SliceSource
    private var observables: [Observable] = []
    private let samples: Range<Int>
    /// Next block: observable, sample, place in the sample.
    private var current = (observable: 0, sample: 0, place: 0)
    private let period: Int64
    private let ticks = TimeScale(of: TimeBase(numerator: 1, denominator: 1))
    private var done: UInt64 = 0
    private(set) var source: RecordingSource
    private(set) var tally = EventTally()

    var progress: (done: UInt64, total: UInt64) {
        (UInt64(current.observable), UInt64(observables.count))
    }

    private static let mostObservables = 4096

    /// Looks at the observables.
    init(
        path: String,
        source file: any HDF5SliceSource,
        nodes: HDF5Group,
        options: RecordingOptions
    ) throws {
        self.file = file
        func refused(_ name: String, _ problem: String, _ advice: String) -> RecordingError {
            .array(path: path, name: name, problem: problem, advice: advice)
        }
        var names: [String] = []
        var longest = 0.0
        var looked = 0
        for (node, object) in nodes.members.sorted(by: { $0.key < $1.key }) {
            guard case .group(let group) = object else { continue }
            var place = "/nodes/" + node
            var inside = group
            if case .group(let observables)? = group["observables"] {
                inside = observables
                place += "/observables"
            }
            for (name, object) in inside.members.sorted(by: { $0.key < $1.key }) {
                guard case .group(let data) = object else { continue }
                let here = place + "/" + name
                guard data["data"] != nil || data["idx"] != nil else { continue }
                // Before it is looked at: each look is a question to the child process.
                looked += 1
                guard looked <= Self.mostObservables else {
                    throw refused(
                        "/nodes",
                        "more than \(Self.mostObservables) observables",
                        "Export fewer."
                    )
                }
                let facts = try file.attributes(here)
                func number(_ key: String) -> Double? {
                    switch facts[key] {
                    case .floats(let values)?: values.first
                    case .integers(let values)?: values.first.map { Double($0) }
                    default: nil
                    }
                }
                let observable = try Self.observable(file, here, data, number("dt"), refused)
                // A grid of potentials or another quantity holds no spikes.
                guard let observable else { continue }
                longest = max(
                    longest,
                    observable.isGrid
                        ? Double(observable.length) * observable.step : number("t_max") ?? 1
                )
                observables.append(observable)
                names.append(node + "/" + name)
            }
        }
        guard !observables.isEmpty else {
            throw refused(
                "/nodes",
                "no node has spikes",
                "Spikes are 'idx' with 'time', or 'data' of whole numbers or Booleans with 'dt'."
            )
        }
        let sampleCount = observables.map(\.samples).max() ?? 0
        if let trial = options.table.trial {
            guard let sample = Int(trial), (0..<sampleCount).contains(sample) else {
                throw RecordingError.option(
                    name: "--trial",
                    value: trial,
                    problem: "the file has \(sampleCount) samples",
                    advice: "Give a number from 0 to \(sampleCount - 1)."
                )
            }
            samples = sample..<sample + 1
        } else {
            samples = 0..<sampleCount
        }
        let seconds = longest.isFinite && longest < 1e6 ? Int64(longest.rounded(.up)) : 1
        period = max(1, seconds) * 1_000_000
        current.sample = samples.lowerBound
        source = RecordingSource(timeBase: .microsecond, hasPixels: false, populations: names)
    }

    private static func observable(
        _ file: any HDF5SliceSource,
        _ place: String,
        _ group: HDF5Group,
        _ dt: Double?,
        _ refused: (String, String, String) -> RecordingError
    ) throws -> Observable? {
        if group["idx"] != nil {
            let index = try file.layout(place + "/idx")
            let time = try file.layout(place + "/time")
            guard index.shape.count == 2, time.shape == index.shape else {
                throw refused(
                    place,
                    "idx is \(index.shape), time \(time.shape)",
                    "Both must be samples × events."
                )
            }
            return Observable(
                path: place,
                samples: index.shape[0],
                isGrid: false,
                length: index.shape[1],
                neurons: 0,
                step: 0
            )
        }
        let layout = try file.layout(place + "/data")
        guard layout.kind == .integer || layout.kind == .enumeration else { return nil }
        guard layout.shape.count == 3, layout.shape[2] <= HDF5Recording.blockSize, let dt, dt > 0,
            dt.isFinite
        else {
            throw refused(
                place,
                "data is \(layout.shape), dt \(dt.map { "\($0)" } ?? "missing")",
                "It must be samples × steps × at most 262144 neurons, with a positive dt."
            )
        }
        return Observable(
            path: place,
            samples: layout.shape[0],
            isGrid: true,
            length: layout.shape[1],
            neurons: layout.shape[2],
            step: dt
        )
    }

    func next(into events: inout [RecordedEvent]) throws -> Bool {
        events.removeAll(keepingCapacity: true)
        while events.isEmpty {
            guard current.observable < observables.count else { return false }
            let observable = observables[current.observable]
            let last = min(observable.samples, samples.upperBound)
            // Samples without room for a spike may be 2⁶³ of them.
            guard current.sample < last, observable.length > 0,
                !observable.isGrid || observable.neurons > 0
            else {
                current = (current.observable + 1, samples.lowerBound, 0)
                continue
            }
            guard current.place < observable.length else {
                current.sample += 1
                current.place = 0
                continue
            }
            if observable.isGrid {
                try grid(observable, into: &events)
            } else {
                try list(observable, into: &events)
            }
        }
        return true
    }

    private var origin: Int64 { Int64(current.sample - samples.lowerBound) &* period }

    private func list(_ observable: Observable, into events: inout [RecordedEvent]) throws {
        let count = min(BatchSize.events, observable.length - current.place)
        let start = [current.sample, current.place]
        let units = try file.block(observable.path + "/idx", start: start, shape: [1, count])
        let times = try file.block(observable.path + "/time", start: start, shape: [1, count])
        current.place += count
        for (unit, time) in zip(units, times) {
            // Padding to the longest sample is no event.
            if unit == -1 || time == .infinity { continue }
            tally.read += 1
            put(unit, ticks.ticks(time), into: &events)
        }
    }

    private func grid(_ observable: Observable, into events: inout [RecordedEvent]) throws {
        let rows = max(1, HDF5Recording.blockSize / observable.neurons)
        let count = min(rows, observable.length - current.place)
        let values = try file.block(
            observable.path + "/data",
            start: [current.sample, current.place, 0],
            shape: [1, count, observable.neurons]
        )
        for (index, value) in values.enumerated() where value != 0 {
            let step = current.place + index / observable.neurons
            tally.read += 1
            put(
                Double(index % observable.neurons),
                ticks.ticks(Double(step) * observable.step),
                into: &events
            )
        }
        current.place += count
    }

    private func put(_ unit: Double, _ time: Int64?, into events: inout [RecordedEvent]) {
        guard let time else { return tally.drop(.badTime) }
        guard let unit = UInt32(exactly: unit), unit < .max else { return tally.drop(.badUnit) }
        events.append(
            RecordedEvent(
                time: origin &+ time,
                unit: unit,
                population: UInt16(current.observable)
            )
        )
    }
}
