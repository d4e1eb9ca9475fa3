import Events
import Glibc
import Samples
import SpikeTrace

/// Writes NPZ files: `t` (steps), `c` (cores), `i` (neurons), all whole numbers, and `dt`, numerator and
/// denominator of the step in seconds.
final class NPZSink: SpikeSink {
    private let path: String
    private(set) var tally = EventTally()
    private var columns: [Column] = []
    private var step: TimeBase?

    /// An array that grows in a file.
    private final class Column {
        let name: String
        let type: String
        let file: String
        let sink: ByteSink

        init(_ name: String, _ type: String, beside path: String) throws {
            self.name = name
            self.type = type
            file = "\(path).\(getpid()).\(name).npy"
            sink = try ByteSink(path: file)
            try sink.write(Self.head(type, count: 0))
        }

        deinit { unsafe unlink(file) }

        /// A header of 128 bytes, whatever the count.
        static func head(_ type: String, count: UInt64) -> [UInt8] {
            var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(count),), }"
            text += String(repeating: " ", count: 117 - text.utf8.count) + "\n"
            return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(text.utf8)
        }

        func finish(_ count: UInt64) throws {
            try sink.rewrite(Self.head(type, count: count), at: 0)
            try sink.finish()
        }
    }

    init(path: String) { self.path = path }

    func begin(_ info: SpikeTraceInfo) throws {
        columns = [
            try Column("t", "<u8", beside: path), try Column("c", "<u4", beside: path),
            try Column("i", "<u4", beside: path), try Column("dt", "<u8", beside: path),
        ]
        var bytes: [UInt8] = []
        bytes.append(little: info.timeBase.numerator)
        bytes.append(little: info.timeBase.denominator)
        try columns[3].sink.write(bytes)
    }

    func write(_ spikes: [Spike]) throws {
        var (steps, cores, neurons): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
        for spike in spikes {
            steps.append(little: spike.step)
            cores.append(little: spike.core)
            neurons.append(little: spike.neuron)
        }
        try columns[0].sink.write(steps)
        try columns[1].sink.write(cores)
        try columns[2].sink.write(neurons)
        tally.written += UInt64(spikes.count)
    }

    func finish() throws {
        for column in columns.prefix(3) { try column.finish(tally.written) }
        try columns[3].finish(2)
        try ArchiveWriter.write(
            files: columns.map { ("\($0.name).npy", $0.file) },
            to: path
        )
    }
}
