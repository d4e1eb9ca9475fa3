import Events
import SpikeTrace

/// Writes the JSON of Chrome's trace viewer, which Perfetto opens: cores are processes, neurons are threads,
/// spikes are instants.
///
/// Source: "Trace Event Format" (Google). Times are in µs.
final class PerfettoSink: SpikeSink {
    private let file: ByteSink
    private var processes: [UInt32: Int] = [:]
    private var timeBase = TimeBase(numerator: 1, denominator: 1)
    private(set) var tally = EventTally()

    init(path: String) throws { file = try ByteSink(path: path) }

    func begin(_ info: SpikeTraceInfo) throws {
        timeBase = info.timeBase
        try file.write("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n")
        let names = info.namesByCore
        let lines = info.channels.enumerated().map { index, channel in
            processes[channel.core] = index + 1
            let name = JSONText.escaped(names[channel.core] ?? "")
            return "{\"ph\":\"M\",\"pid\":\(index + 1),\"name\":\"process_name\","
                + "\"args\":{\"name\":\"\(name)\"}}"
        }
        try file.write(lines.joined(separator: ",\n"))
        if lines.isEmpty {
            try file.write("{\"ph\":\"M\",\"pid\":0,\"name\":\"empty\",\"args\":{}}")
        }
    }

    func write(_ spikes: [Spike]) throws {
        var lines: [UInt8] = []
        for spike in spikes {
            lines.append(",\n{\"ph\":\"i\",\"s\":\"t\",\"name\":\"spike\",\"pid\":")
            lines.append(decimal: UInt64(processes[spike.core] ?? 0))
            lines.append(",\"tid\":")
            lines.append(decimal: UInt64(spike.neuron))
            lines.append(",\"ts\":")
            if let nanoseconds = timeBase.whole(spike.step, perSecond: 1_000_000_000) {
                lines.append(decimal: nanoseconds / 1000)
                let rest = nanoseconds % 1000
                if rest > 0 {
                    let digits = String(rest)
                    lines.append("." + String(repeating: "0", count: 3 - digits.count) + digits)
                }
            } else {
                lines.append("\(timeBase.time(spike.step, perSecond: 1e6))")
            }
            lines.append(UInt8(ascii: "}"))
        }
        try file.write(lines)
        tally.written += UInt64(spikes.count)
    }

    func finish() throws {
        try file.write("\n]}\n")
        try file.finish()
    }
}

/// Text inside JSON strings.
enum JSONText {
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
