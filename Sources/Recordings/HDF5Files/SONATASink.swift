import Events
import HDF5
import SpikeTrace

/// Writes SONATA spikes: a population for each core, sorted by time, times in ms.
final class SONATASink: SpikeSink {
    private struct Population {
        var times: Int
        var nodes: Int
        var steps: [Double] = []
        var units: [UInt64] = []
    }

    private let file: HDF5SeriesFile
    private var populations: [UInt32: Population] = [:]
    private var timeBase = TimeBase(numerator: 1, denominator: 1)
    private(set) var tally = EventTally()

    private static let mostPopulations = 4096
    private static let pieceSize = 1 << 13

    init(path: String) throws { file = try HDF5SeriesFile(path: path) }

    func begin(_ info: SpikeTraceInfo) throws {
        guard info.channels.count <= Self.mostPopulations else {
            throw RecordingError.cannotHold(
                path: file.path,
                format: "this writer of SONATA",
                problem: "\(info.channels.count) cores; the limit is \(Self.mostPopulations)",
                advice: "Write CSV or NPZ instead."
            )
        }
        timeBase = info.timeBase
        try file.attribute("magic", of: "/", [0x0A7A])
        try file.attribute("version", of: "/", [0, 1])
        try file.group("/spikes")
        let names = info.namesByCore
        for channel in info.channels {
            let name = (names[channel.core] ?? "core\(channel.core)").map {
                $0 == "/" || $0 == "." || $0 == "\0" ? "_" : $0
            }
            let place = "/spikes/" + String(name)
            try file.group(place)
            try file.attribute(
                "sorting",
                of: place,
                "by_time",
                among: ["none", "by_id", "by_time"]
            )
            populations[channel.core] = Population(
                times: try file.list(place + "/timestamps", .float),
                nodes: try file.list(place + "/node_ids", .integer)
            )
            try file.attribute("units", of: place + "/timestamps", "milliseconds")
        }
    }

    func write(_ spikes: [Spike]) throws {
        for spike in spikes {
            let time = timeBase.time(spike.step, perSecond: 1000)
            populations[spike.core]?.steps.append(time)
            populations[spike.core]?.units.append(UInt64(spike.neuron))
            if populations[spike.core]?.steps.count == Self.pieceSize { try flush(spike.core) }
        }
        tally.written += UInt64(spikes.count)
    }

    private func flush(_ core: UInt32) throws {
        guard let population = populations[core] else { return }
        try file.append(population.steps, to: population.times)
        try file.append(population.units, to: population.nodes)
        populations[core]?.steps.removeAll(keepingCapacity: true)
        populations[core]?.units.removeAll(keepingCapacity: true)
    }

    func finish() throws {
        for core in populations.keys.sorted() { try flush(core) }
        try file.finish()
    }
}
