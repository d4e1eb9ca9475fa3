import Events
import Foundation
import SpikeTrace
import Testing

@Suite("Series in a spike trace")
struct SeriesTests {
    private func read(
        _ reader: SpikeTraceReader,
        _ series: SeriesChannel,
        steps: ClosedRange<UInt64> = 0...UInt64.max
    ) throws -> [(step: UInt64, row: [Int64])] {
        var cursor = reader.rows(of: series, steps: steps)
        var rows: [(UInt64, [Int64])] = []
        while let block = try cursor.next() {
            for row in 0..<block.rows {
                let range = row * block.columns..<(row + 1) * block.columns
                let numbers: [Int64] =
                    switch block.values {
                    case .integers(let all): Array(all[range])
                    case .reals(let all): all[range].map { Int64(bitPattern: $0.bitPattern) }
                    }
                rows.append((block.step(ofRow: row), numbers))
            }
        }
        return rows
    }

    @Test("rows of every type come back, at any steps, beside spikes", arguments: [1, 50])
    func roundTrip(flushEvery: Int) throws {
        let types = SeriesElement.allCases
        let series = types.map {
            SeriesChannel(
                source: "layer/\($0)",
                quantity: "v",
                element: $0,
                indices: [4, 5, 6, 100, 2],
                metadata: ["unit": "mV"]
            )
        }
        let sources = channels(cores: [1], neurons: 8)
        var description = info(sources)
        description.series = series
        let spikes = randomSpikes(3000, channels: sources, stride: 1, seed: 4)
        var random = SplitMix(state: 12)
        // A stretch of every step, a gap, a stretch of every third, single rows.
        var steps = Array(UInt64(5)..<60) + stride(from: 100, to: 160, by: 3)
        steps += [1000, 1001, 5000, 1 << 40, 1 << 50]
        let rows = types.map { type in
            steps.map { _ in
                (0..<5).map { _ in
                    let bits = random.next()
                    return type == .float64
                        ? Int64(bitPattern: bits)
                        : Int64(bitPattern: bits) >> Int64(64 - 8 * type.byteCount)
                }
            }
        }
        try withTemporaryFile { path in
            let writer = try SpikeTraceWriter(path: path, info: description, flushInterval: nil)
            for (number, step) in steps.enumerated() {
                try writer.append(spikes.filter { $0.step == step })
                for index in types.indices {
                    let row = rows[index][number]
                    if types[index] == .float64 {
                        let reals = row.map { Double(bitPattern: UInt64(bitPattern: $0)) }
                        try writer.append(reals, toSeries: index, step: step)
                    } else {
                        try writer.append(row, toSeries: index, step: step)
                    }
                }
                if number % flushEvery == 0 { try writer.flush() }
            }
            try writer.finish()
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            // With the summary, and without it.
            for size in [bytes.count, bytes.count - 20] {
                try bytes.prefix(size).write(to: URL(fileURLWithPath: path))
                let reader = try SpikeTraceReader(path: path)
                #expect(reader.info == description)
                for (index, channel) in series.enumerated() {
                    let all = try read(reader, channel)
                    #expect(all.map(\.step) == steps)
                    #expect(all.map(\.row) == rows[index])
                    let some = try read(reader, channel, steps: 7...1000)
                    #expect(some.map(\.step) == steps.filter { (7...1000).contains($0) })
                }
                #expect(
                    try reader.allSpikes(steps: 20...110)
                        == spikes.filter { (20...110).contains($0.step) && steps.contains($0.step) }
                )
            }
        }
    }

    @Test("rows that do not fit are refused")
    func refusals() throws {
        var description = info(channels(cores: [1], neurons: 8))
        description.series = [
            SeriesChannel(source: "a", quantity: "w", element: .int8, indices: [0, 1])
        ]
        try withTemporaryFile { path in
            let writer = try SpikeTraceWriter(path: path, info: description)
            try writer.append([127, -128] as [Int64], toSeries: 0, step: 4)
            #expect(throws: SpikeTraceError.self) {
                try writer.append([128, 0] as [Int64], toSeries: 0, step: 5)
            }
            #expect(throws: SpikeTraceError.self) {
                try writer.append([1] as [Int64], toSeries: 0, step: 5)
            }
            #expect(throws: SpikeTraceError.self) {
                try writer.append([1, 2] as [Int64], toSeries: 0, step: 4)
            }
            #expect(throws: SpikeTraceError.self) {
                try writer.append([1, 2] as [Int64], toSeries: 1, step: 5)
            }
            #expect(throws: SpikeTraceError.self) {
                try writer.append([1.5, 2.5] as [Double], toSeries: 0, step: 5)
            }
            description.series += description.series
            #expect(throws: SpikeTraceError.self) {
                try SpikeTraceWriter(path: path + ".2", info: description)
            }
        }
    }

    @Test("a flipped bit in a chunk of rows costs that chunk, and is reported")
    func damage() throws {
        var description = info([])
        description.series = [
            SeriesChannel(source: "a", quantity: "v", element: .int32, indices: [0])
        ]
        try withTemporaryFile { path in
            let writer = try SpikeTraceWriter(path: path, info: description, flushInterval: nil)
            for step in UInt64(0)..<30 {
                try writer.append([Int64(step) * 7], toSeries: 0, step: step)
                if step % 10 == 9 { try writer.flush() }
            }
            try writer.finish()
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
            for index in stride(from: 8, to: bytes.count, by: 3) {
                var damaged = bytes
                damaged[index] ^= 0x10
                try Data(damaged).write(to: URL(fileURLWithPath: path))
                guard let reader = try? SpikeTraceReader(path: path) else { continue }
                let rows = try read(reader, description.series[0])
                #expect(rows.allSatisfy { $0.row == [Int64($0.step) * 7] })
                #expect(rows.count == 30 || rows.count == 20 && !reader.health.isIntact)
            }
        }
    }
}
