import Events
import Report
import SpikeTrace

/// What a recording holds, as text.
enum TraceText {
    /// Reads a recording and tells its spikes, rates, layouts, series, run facts and damage.
    static func text(path: String) throws -> String {
        let reader = try SpikeTraceReader(path: path)
        var counts: [UInt32: UInt64] = [:]
        var total: UInt64 = 0
        var steps: ClosedRange<UInt64>?
        var cursor = reader.spikes()
        while let spikes = try cursor.next() {
            for spike in spikes { counts[spike.core, default: 0] += 1 }
            total += UInt64(spikes.count)
            if let first = spikes.first, let last = spikes.last {
                steps = (steps?.lowerBound ?? first.step)...last.step
            }
        }
        let series = try seriesTable(reader)
        var lines = ["\(path): \(Format.count(total)) spikes, \(reader.health)"]
        if total > 0 {
            let bytes = Double(reader.byteCount) / Double(total)
            lines.append(
                "\(Format.count(reader.byteCount)) bytes, \(Format.fixed(bytes, decimals: 2)) a "
                    + "spike; layouts: \(layouts(reader, total))"
            )
        }
        if reader.keepsArrivalOrder { lines.append("spikes keep their order of arrival") }
        let base = reader.info.timeBase
        lines.append("a step is \(Format.si(base.seconds, "s"))")
        let duration = steps.map { Double($0.upperBound - $0.lowerBound) + 1 }
            .map { $0 * base.seconds }
        if let steps, let duration {
            lines.append(
                "steps \(steps.lowerBound) to \(steps.upperBound): \(Format.si(duration, "s"))"
            )
        }
        lines.append("\n" + channelTable(reader, counts, duration: duration).text)
        if let series { lines.append(series.text) }
        for (key, value) in reader.info.metadata.sorted(by: { $0.key < $1.key }) {
            lines.append("\(key): \(value)")
        }
        for skip in reader.health.skipped {
            lines.append(
                "bytes \(skip.bytes.lowerBound) to \(skip.bytes.upperBound) passed over: \(skip.reason)"
            )
        }
        return lines.joined(separator: "\n")
    }

    private static func layouts(_ reader: SpikeTraceReader, _ total: UInt64) -> String {
        reader.spikesByLayout.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            "\($0.key) \(Format.percent(Double($0.value) / Double(total), decimals: 0))"
        }.joined(separator: ", ")
    }

    private static func channelTable(
        _ reader: SpikeTraceReader,
        _ counts: [UInt32: UInt64],
        duration: Double?
    ) -> TextTable {
        var table = TextTable([
            .init("channel"), .init("neurons", alignment: .right),
            .init("spikes", alignment: .right), .init("rate a neuron", alignment: .right),
            .init("label"),
        ])
        for channel in reader.info.channels {
            let count = counts[channel.core] ?? 0
            table.append([
                channel.topic, Format.count(channel.neuronCount), Format.count(count),
                duration.map {
                    Format.si(Double(count) / Double(channel.neuronCount) / $0, "Hz")
                } ?? "", channel.label,
            ])
        }
        return table
    }

    private static func seriesTable(_ reader: SpikeTraceReader) throws -> TextTable? {
        guard !reader.info.series.isEmpty else { return nil }
        var table = TextTable([
            .init("series"), .init("columns", alignment: .right),
            .init("rows", alignment: .right), .init("steps"),
        ])
        for series in reader.info.series {
            var rows = 0
            var steps: ClosedRange<UInt64>?
            var cursor = reader.rows(of: series)
            while let block = try cursor.next() {
                rows += block.rows
                let last = block.step(ofRow: block.rows - 1)
                let first = steps?.lowerBound ?? block.firstStep
                steps = first...max(first, last)
            }
            table.append([
                series.topic, Format.count(series.indices.count), Format.count(rows),
                steps.map { "\($0.lowerBound) to \($0.upperBound)" } ?? "",
            ])
        }
        return table
    }
}
