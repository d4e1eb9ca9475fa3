import Events
import SpikeTrace

/// Writes a value change dump, which viewers of digital waveforms open: an event variable for each neuron.
///
/// Source: IEEE 1364-2005, section 18. Times are in ns, rounded down.
final class VCDSink: SpikeSink {
    private let file: ByteSink
    private var firstVariable: [UInt32: Int] = [:]
    private var timeBase = TimeBase(numerator: 1, denominator: 1)
    private var last: UInt64?
    private(set) var tally = EventTally()

    private static let mostVariables = 1 << 20

    init(path: String) throws { file = try ByteSink(path: path) }

    func begin(_ info: SpikeTraceInfo) throws {
        timeBase = info.timeBase
        let count = info.channels.reduce(0) { $0 + Int($1.neuronCount) }
        guard count <= Self.mostVariables else {
            throw RecordingError.cannotHold(
                path: file.path,
                format: "a value change dump of this writer",
                problem: "\(count) neurons; the limit is \(Self.mostVariables)",
                advice: "Write Perfetto's format instead, or crop the recording."
            )
        }
        try file.write("$version spikeloom $end\n$timescale 1ns $end\n")
        let names = info.namesByCore
        var next = 0
        for channel in info.channels {
            firstVariable[channel.core] = next
            let name = (names[channel.core] ?? "").map {
                $0.isLetter || $0.isNumber ? $0 : Character("_")
            }
            try file.write("$scope module \(String(name)) $end\n")
            for neuron in 0..<Int(channel.neuronCount) {
                try file.write(
                    "$var event 1 \(Self.code(next + neuron)) n\(neuron) $end\n"
                )
            }
            try file.write("$upscope $end\n")
            next += Int(channel.neuronCount)
        }
        try file.write("$enddefinitions $end\n")
    }

    /// The printable characters that stand for a variable.
    private static func code(_ number: Int) -> String {
        var bytes: [UInt8] = []
        var rest = number
        repeat {
            bytes.append(UInt8(33 + rest % 94))
            rest /= 94
        } while rest > 0
        return String(decoding: bytes, as: UTF8.self)
    }

    func write(_ spikes: [Spike]) throws {
        var lines: [UInt8] = []
        for spike in spikes {
            guard let time = timeBase.whole(spike.step, perSecond: 1_000_000_000) else {
                tally.drop(.outsideFormat)
                continue
            }
            if time != last {
                lines.append(UInt8(ascii: "#"))
                lines.append(decimal: time)
                lines.append(UInt8(ascii: "\n"))
                last = time
            }
            let number = (firstVariable[spike.core] ?? 0) + Int(spike.neuron)
            lines.append("1" + Self.code(number) + "\n")
            tally.written += 1
        }
        try file.write(lines)
    }

    func finish() throws { try file.finish() }
}
