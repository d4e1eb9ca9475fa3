import Events
import SpikeTrace

/// Writes a line of text for each spike.
class LineSink: SpikeSink {
    let file: ByteSink
    private(set) var tally = EventTally()
    private(set) var timeBase = TimeBase(numerator: 1, denominator: 1)

    init(path: String) throws { file = try ByteSink(path: path) }

    /// First lines of the file.
    func head(_ info: SpikeTraceInfo) -> String { "" }

    /// Appends the line of a spike.
    func put(_ spike: Spike, into lines: inout [UInt8]) {}

    final func begin(_ info: SpikeTraceInfo) throws {
        timeBase = info.timeBase
        try file.write(head(info))
    }

    final func write(_ spikes: [Spike]) throws {
        var lines: [UInt8] = []
        for spike in spikes { put(spike, into: &lines) }
        try file.write(lines)
        tally.written += UInt64(spikes.count)
    }

    final func finish() throws { try file.finish() }
}

/// `step,core,neuron`, as `SpikeTrace` reads it back.
final class CSVSink: LineSink {
    override func head(_ info: SpikeTraceInfo) -> String { CSV.header + "\n" }

    override func put(_ spike: Spike, into lines: inout [UInt8]) {
        lines.append(decimal: spike.step)
        lines.append(UInt8(ascii: ","))
        lines.append(decimal: UInt64(spike.core))
        lines.append(UInt8(ascii: ","))
        lines.append(decimal: UInt64(spike.neuron))
        lines.append(UInt8(ascii: "\n"))
    }
}

/// NEST `.dat`: sender and time in ms.
///
/// Cores follow each other in the numbers of the senders.
final class NESTSink: LineSink {
    private var firstSender: [UInt32: UInt64] = [:]

    override func head(_ info: SpikeTraceInfo) -> String {
        var next: UInt64 = 0
        var comments = "# NEST format, written by spikeloom\n"
        for channel in info.channels.sorted(by: { $0.core < $1.core }) {
            firstSender[channel.core] = next
            comments +=
                "# core \(channel.core): senders \(next) to "
                + "\(next + UInt64(channel.neuronCount) - 1)\n"
            next += UInt64(channel.neuronCount)
        }
        return comments + "sender\ttime_ms\n"
    }

    override func put(_ spike: Spike, into lines: inout [UInt8]) {
        lines.append(decimal: (firstSender[spike.core] ?? 0) + UInt64(spike.neuron))
        lines.append(0x09)
        // Exact to 1 ns: milliseconds, a point, six digits.
        if let nanoseconds = timeBase.whole(spike.step, perSecond: 1_000_000_000) {
            lines.append(decimal: nanoseconds / 1_000_000)
            lines.append(UInt8(ascii: "."))
            let fraction = String(nanoseconds % 1_000_000)
            lines.append(String(repeating: "0", count: 6 - fraction.count) + fraction)
        } else {
            lines.append("\(timeBase.time(spike.step, perSecond: 1000))")
        }
        lines.append(UInt8(ascii: "\n"))
    }
}
