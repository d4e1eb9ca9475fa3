/// Makes a whole spike trace of a damaged or unfinished one.
public enum TraceRepair {
    /// What a repair kept and lost.
    public struct Report: Sendable, Equatable {
        /// Spikes in the new file.
        public var spikes: UInt64
        /// Spikes that the old file says it has; nil if the recording was cut off.
        public var expectedSpikes: UInt64?
        /// Rows of series in the new file.
        public var rows: UInt64
        /// Chunks of the old file that hold spikes or rows and were intact.
        public var chunks: Int
        /// What is wrong with the old file.
        public var health: SpikeTraceHealth
        /// Bytes of the old and of the new file.
        public var byteCounts: (old: UInt64, new: UInt64) { (oldBytes, newBytes) }
        var oldBytes: UInt64
        var newBytes: UInt64

        /// Spikes that are lost; nil if the old file does not say how many it had.
        public var lostSpikes: UInt64? { expectedSpikes.map { $0 > spikes ? $0 - spikes : 0 } }
    }

    /// Writes every intact chunk of a trace into a new one.
    ///
    /// The new file gets its name when it is whole. It has the run facts, sources and totals of the
    /// old one, as far as they were intact; spikes keep their order of arrival if the old file has it.
    ///
    /// - Parameters:
    ///   - path: The old file; it is only read.
    ///   - newPath: The new file; an existing one is replaced.
    /// - Returns: What was kept and lost.
    /// - Throws: `SpikeTraceError` if nothing can be read from the old file, or the new one cannot
    ///   be written.
    public static func repair(_ path: String, to newPath: String) throws -> Report {
        let reader = try SpikeTraceReader(path: path)
        var report = Report(
            spikes: 0,
            expectedSpikes: reader.spikeCount,
            rows: 0,
            chunks: 0,
            health: reader.health,
            oldBytes: reader.byteCount,
            newBytes: 0
        )
        try replaceFile(at: newPath) { temporary in
            var cursor = reader.spikes(order: .arrival)
            // The first chunk tells the order.
            var next = try cursor.next()
            let writer = try SpikeTraceWriter(
                path: temporary,
                info: reader.info,
                order: reader.keepsArrivalOrder ? .arrival : .canonical,
                flushInterval: nil
            )
            while let spikes = next {
                try writer.append(spikes)
                next = try cursor.next()
            }
            for (index, series) in reader.info.series.enumerated() {
                report.rows += try copy(series, index: index, from: reader, to: writer)
            }
            try writer.finish(totals: reader.totals)
            report.spikes = writer.spikeCount
            report.newBytes = writer.byteCount
        }
        let damaged = Set(reader.health.skipped.map(\.bytes.lowerBound))
        let starts = Set((reader.chunks + reader.seriesChunks).map(\.offset))
        report.chunks = starts.subtracting(damaged).count
        report.health = reader.health
        return report
    }

    private static func copy(
        _ series: SeriesChannel,
        index: Int,
        from reader: SpikeTraceReader,
        to writer: SpikeTraceWriter
    ) throws -> UInt64 {
        var rows: UInt64 = 0
        var cursor = reader.rows(of: series)
        while let block = try cursor.next() {
            for row in 0..<block.rows {
                let range = row * block.columns..<(row + 1) * block.columns
                let step = block.step(ofRow: row)
                switch block.values {
                case .integers(let all):
                    try writer.append(Array(all[range]), toSeries: index, step: step)
                case .reals(let all):
                    try writer.append(Array(all[range]), toSeries: index, step: step)
                }
                rows += 1
            }
        }
        return rows
    }
}
