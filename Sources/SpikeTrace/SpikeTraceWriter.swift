public import Events

/// The order in which spikes are recorded.
public enum SpikeOrder: Sendable {
    /// By step, core, neuron: what order spikes of a step had is not kept.
    case canonical
    /// By step; within a step each core's spikes keep the order in which they came.
    case arrival
}

/// Records spikes and series into a spike trace, chunk by chunk, in bounded memory.
///
/// The file grows at its final name (an existing one is replaced), so what a killed recorder has
/// flushed stays readable: `SpikeTraceReader` recovers every flushed chunk. Every error surfaces in
/// `append`, `flush` or `finish`; after one the file ends with the last whole chunk.
/// `SpikeTraceRecorder` does the same work on a thread of its own.
public final class SpikeTraceWriter {
    private let file: ContainerWriter
    private let info: SpikeTraceInfo
    private let order: SpikeOrder
    private let flushInterval: Duration?
    private let forced: SpikeLayout?
    private let tools = BatchTools()

    // Sources in order of their cores.
    private var sources: [SpikeSource]
    private var sorter: SourceSorter
    private var last: Spike?
    private var lastFlush = ContinuousClock.now

    private var series: [SeriesSource]
    private var seriesBytes = 0

    /// Finished batches of spikes, and those of series: they never share a chunk, so that spikes
    /// can be found by the times of chunks.
    private var spikeChunk = ChunkBuilder()
    private var seriesChunk = ChunkBuilder()
    /// Bytes that the open batches of spikes have or will have.
    private var openBytes = 0
    /// Sources with an open batch, in the order in which they began.
    private var used: [Int] = []

    /// Spikes appended so far.
    public private(set) var spikeCount: UInt64 = 0

    /// Spikes that are in the file for good: all up to this many survive the end of the process.
    public private(set) var flushedSpikeCount: UInt64 = 0

    /// The file.
    public var path: String { file.path }

    /// Bytes written to the file so far.
    public var byteCount: UInt64 { file.offset }

    /// Creates a spike trace and writes what it says about itself.
    ///
    /// - Parameters:
    ///   - path: The file; an existing one is replaced.
    ///   - info: Time base, run facts, sources of spikes and series.
    ///   - order: Whether the order of arrival is kept within a step; that costs bytes.
    ///   - flushInterval: Longest wall time a chunk stays open, checked at every append; nil for no
    ///     limit. It decides only where chunks end, but that makes the bytes of two equal runs
    ///     differ, never their spikes.
    ///   - isSynced: Whether every chunk is on the disk before it counts as flushed: it then
    ///     survives the loss of power, too.
    /// - Throws: `SpikeTraceError` if the file cannot be created or a source cannot be described.
    public convenience init(
        path: String,
        info: SpikeTraceInfo,
        order: SpikeOrder = .canonical,
        flushInterval: Duration? = .seconds(1),
        isSynced: Bool = false
    ) throws {
        try self.init(
            path: path,
            info: info,
            order: order,
            flushInterval: flushInterval,
            output: OutputPolicy(isSynced: isSynced)
        )
    }

    /// Creates a spike trace, with what tests decide.
    ///
    /// - Parameters:
    ///   - path: The file; an existing one is replaced.
    ///   - info: Time base, run facts, sources of spikes and series.
    ///   - order: Whether the order of arrival is kept within a step.
    ///   - flushInterval: Longest wall time a chunk stays open.
    ///   - output: How the file is written.
    ///   - layout: The layout of all batches; chosen by trial if nil.
    /// - Throws: As the other initialiser.
    package init(
        path: String,
        info: SpikeTraceInfo,
        order: SpikeOrder = .canonical,
        flushInterval: Duration? = .seconds(1),
        output: OutputPolicy,
        layout: SpikeLayout? = nil
    ) throws {
        try info.check(path: path)
        self.info = info
        self.order = order
        self.flushInterval = flushInterval
        forced = order == .arrival ? .planes : layout
        let fixed = forced
        let records = InfoRecords(info)
        sources = info.channels.sorted { $0.core < $1.core }.enumerated().map {
            SpikeSource(id: UInt16($0 + 1), channel: $1, layout: fixed)
        }
        sorter = SourceSorter(sources.map(\.channel))
        let count = sources.count
        series = info.series.enumerated().map {
            SeriesSource(id: UInt16(count + $0 + 1), channel: $1)
        }
        file = try ContainerWriter(
            path: path,
            output: output,
            compressor: tools.compressor,
            facts: info.facts,
            schemas: (records.schemaCount, records.putSchemas),
            channels: (records.channelCount, records.putChannels)
        )
        // The channels in chunks of their own: under a checksum, and there from the start.
        for index in 0..<records.channelCount {
            spikeChunk.put {
                if $0.count == 0 { records.putSchemas(to: &$0) }
                records.putChannel(index, to: &$0)
            }
            if spikeChunk.body.count >= SpikeTraceFormat.chunkBytes { try file.write(&spikeChunk) }
        }
        try file.write(&spikeChunk)
    }

    /// Records spikes.
    ///
    /// On an error the spikes before the offending one are recorded, and further ones are refused
    /// only if the file itself failed.
    ///
    /// - Parameter spikes: In canonical order (step, core, neuron), none before the last one
    ///   recorded; equal ones are kept. In order of arrival, steps never decrease.
    /// - Throws: `SpikeTraceError` for a spike that does not belong here, or if the file cannot be
    ///   written.
    public func append(_ spikes: [Spike]) throws {
        guard file.isOpen else { throw SpikeTraceError.closed(path: file.path) }
        // Pieces keep the size of a chunk in bounds.
        var start = 0
        while start < spikes.count {
            let end = min(start + sorter.piece, spikes.count)
            let problem = sorter.take(
                spikes.span.extracting(start..<end),
                after: last,
                order: order
            )
            if sorter.count > 0 {
                let first = sorter.firstStep
                sorter.forEachSource { source, spikes in
                    append(spikes, from: first, to: source)
                }
                start += sorter.count
                spikeCount += UInt64(sorter.count)
                last = spikes[start - 1]
            }
            if let problem { throw problem.named(path: file.path) }
            if spikeChunk.body.count + openBytes >= SpikeTraceFormat.chunkBytes {
                try flushSpikes()
            }
        }
        try flushIfDue()
    }

    /// Records a row of a series.
    ///
    /// - Parameters:
    ///   - row: A number for each index of the series.
    ///   - index: Which series of `info.series`.
    ///   - step: The time step, later than that of the row before.
    /// - Throws: `SpikeTraceError` for a row that does not fit the series, or if the file cannot be
    ///   written.
    public func append(_ row: [Int64], toSeries index: Int, step: UInt64) throws {
        try append(row.map { UInt64(bitPattern: $0) }, isInteger: true, series: index, step: step)
    }

    /// Records a row of a series of floating point numbers.
    ///
    /// - Parameters:
    ///   - row: A number for each index of the series.
    ///   - index: Which series of `info.series`.
    ///   - step: The time step, later than that of the row before.
    /// - Throws: As for integers.
    public func append(_ row: [Double], toSeries index: Int, step: UInt64) throws {
        try append(row.map(\.bitPattern), isInteger: false, series: index, step: step)
    }

    /// Writes the open chunks to the file.
    ///
    /// - Throws: `SpikeTraceError` if the file cannot be written.
    public func flush() throws {
        guard file.isOpen else { throw SpikeTraceError.closed(path: file.path) }
        try flushSpikes()
        try flushSeries()
        lastFlush = .now
    }

    /// Writes the open chunks if they have been open for the flush interval.
    func flushIfDue() throws {
        if let flushInterval, ContinuousClock.now - lastFlush >= flushInterval { try flush() }
    }

    /// Writes the open chunk, the index and the summary, and ends the recording.
    ///
    /// - Parameter totals: What the run came to, by name: for example counts of actions.
    /// - Throws: `SpikeTraceError` if the file cannot be written, or a total cannot be stored.
    public func finish(totals: [String: String] = [:]) throws {
        try SpikeTraceInfo.check(
            totals,
            reserved: ["spikes", MetadataChecksum.key],
            path: file.path
        )
        try flush()
        try file.finish(
            totals: [("spikes", String(spikeCount))]
                + totals.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        )
    }
}

// MARK: - Batches

extension SpikeTraceWriter {
    /// Adds spikes of one source, with steps from one on, to its batches, none of which gets too long.
    private func append(_ spikes: Span<BatchSpike>, from step: UInt64, to index: Int) {
        var start = 0
        while start < spikes.count {
            if sources[index].count == 0 {
                used.append(index)
                sources[index].begin(at: step + spikes[start].step)
            }
            // A batch spans at most 2^32 - 1 steps.
            let firstStep = sources[index].firstStep
            var end = min(
                spikes.count,
                start + SpikeTraceFormat.batchSpikes - sources[index].count
            )
            while end > start, step + spikes[end - 1].step - firstStep >= UInt64(UInt32.max) {
                end -= 1
            }
            openBytes += sources[index].append(spikes.extracting(start..<end), from: step)
            if sources[index].count == SpikeTraceFormat.batchSpikes || end < spikes.count {
                finishBatch(index)
            }
            start = end
        }
    }
}

// MARK: - Chunks

extension SpikeTraceWriter {
    /// Moves the open batch of a source into the open chunk.
    private func finishBatch(_ index: Int) {
        guard sources[index].count > 0 else { return }
        openBytes -= sources[index].openBytes
        let info = info
        let channel = sources[index].channel
        spikeChunk.put(
            message: sources[index].id,
            sequence: sources[index].batches,
            time: info.timeBase.logTime(ofStep: sources[index].firstStep),
            description: {
                InfoRecords.putSpikeSchema(to: &$0)
                InfoRecords.put(channel, id: sources[index].id, info.timeBase, to: &$0)
            },
            content: {
                sources[index].finish(
                    to: &$0,
                    keepsArrival: order == .arrival,
                    keeping: max(1 << 12, (1 << 22) / sources.count),
                    tools
                )
            }
        )
    }

    private func flushSpikes() throws {
        for index in used { finishBatch(index) }
        used.removeAll(keepingCapacity: true)
        try file.write(&spikeChunk)
        flushedSpikeCount = spikeCount
    }
}

// MARK: - Series

extension SpikeTraceWriter {
    private func append(
        _ row: [UInt64],
        isInteger: Bool,
        series index: Int,
        step: UInt64
    ) throws {
        guard file.isOpen else { throw SpikeTraceError.closed(path: file.path) }
        guard series.indices.contains(index) else {
            throw SpikeTraceError.badSeries(
                path: file.path,
                series: "\(index)",
                problem: "the trace was created with \(series.count) series. Name it there"
            )
        }
        if let problem = series[index].problem(row, isInteger: isInteger, step: step) {
            throw SpikeTraceError.badSeries(
                path: file.path,
                series: series[index].channel.topic,
                problem: problem
            )
        }
        if !series[index].takes(step) { finishSeries(index) }
        series[index].append(row, step: step)
        seriesBytes += series[index].channel.rowBytes
        // Long columns compress better, so they are shared out over the series.
        if seriesBytes >= SpikeTraceFormat.chunkBytes { try flushSeries() }
        try flushIfDue()
    }

    private func finishSeries(_ index: Int) {
        guard !series[index].isEmpty else { return }
        let info = info
        seriesChunk.put(
            message: series[index].id,
            sequence: series[index].batches,
            time: info.timeBase.logTime(ofStep: series[index].firstStep),
            description: {
                InfoRecords.putSeriesSchema(to: &$0)
                InfoRecords.put(series[index].channel, id: series[index].id, info.timeBase, to: &$0)
            },
            content: { series[index].finish(to: &$0) }
        )
    }

    private func flushSeries() throws {
        for index in series.indices { finishSeries(index) }
        seriesBytes = 0
        try file.write(&seriesChunk)
    }
}
