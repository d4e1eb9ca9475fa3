/// Rows of a series that are equally far apart in time.
public struct SeriesBlock: Sendable, Equatable {
    /// Numbers of a block, row by row.
    public enum Values: Sendable, Equatable {
        /// Of the integer types.
        case integers([Int64])
        /// Of the floating point type.
        case reals([Double])
    }

    /// Step of the first row.
    public var firstStep: UInt64
    /// Steps from a row to the next.
    public var stride: UInt64
    /// Number of rows, at least 1.
    public var rows: Int
    /// Numbers of a row: one for each index of the series.
    public var columns: Int
    /// rows × columns numbers, row by row.
    public var values: Values

    /// Step of a row.
    ///
    /// - Parameter row: Below `rows`.
    /// - Returns: The time step.
    public func step(ofRow row: Int) -> UInt64 { firstStep + UInt64(row) * stride }
}

/// Reads the rows of a series in order, holding one chunk at a time.
public struct SeriesCursor {
    private let reader: SpikeTraceReader
    private let series: SeriesChannel
    private let id: UInt16?
    private let steps: ClosedRange<UInt64>
    private var nextChunk = 0
    private var blocks: ArraySlice<SeriesBlock> = []

    init(
        reader: SpikeTraceReader,
        series: SeriesChannel,
        id: UInt16?,
        steps: ClosedRange<UInt64>
    ) {
        self.reader = reader
        self.series = series
        self.id = id
        self.steps = steps
    }

    /// Reads the next rows of the steps asked for.
    ///
    /// - Returns: At least one row; nil after the last.
    /// - Throws: `SpikeTraceError` if the file cannot be read or was written by a newer version.
    public mutating func next() throws -> SeriesBlock? {
        while blocks.isEmpty {
            guard let id, nextChunk < reader.seriesChunks.count else { return nil }
            let chunk = reader.seriesChunks[nextChunk]
            nextChunk += 1
            let last = reader.info.timeBase.logTime(ofStep: steps.upperBound)
            guard chunk.channels.contains(id), chunk.startTime <= last else { continue }
            let found = try reader.passingDamage(of: chunk) {
                try reader.messages(of: id).compactMap { try block($0, of: chunk) }
            }
            blocks = (found ?? [])[...]
        }
        return blocks.popFirst()
    }

    private func block(
        _ range: Range<Int>,
        of chunk: TraceContents.Chunk
    ) throws -> SeriesBlock? {
        var bytes = ByteReader(reader.loadedBytes, range)
        guard let header = SeriesHeader(from: &bytes) else {
            throw ChunkLoader.Failure.damaged("a batch is shorter than its header")
        }
        guard let element = SeriesElement(rawValue: header.element), header.flags == 0 else {
            throw SpikeTraceError.unsupportedLayout(
                path: reader.path,
                offset: chunk.offset,
                layout: header.element,
                flags: header.flags
            )
        }
        let columns = series.indices.count
        let (numbers, overflow) = Int(header.rows).multipliedReportingOverflow(
            by: columns * element.byteCount
        )
        guard Int(header.columns) == columns, element == series.element, !overflow,
            bytes.remaining == numbers, let last = header.lastStep
        else { throw ChunkLoader.Failure.damaged("a batch does not fit its series") }
        guard header.firstStep <= steps.upperBound, last >= steps.lowerBound else { return nil }
        var words = SeriesPlanes.decode(
            bytes.bytes(range.upperBound - numbers..<range.upperBound),
            rows: Int(header.rows),
            columns: columns,
            element: element
        )
        // Rows of the steps asked for.
        let stride = UInt64(header.stride)
        let skipped =
            steps.lowerBound > header.firstStep
            ? (steps.lowerBound - header.firstStep - 1) / stride + 1 : 0
        let end = min(UInt64(header.rows) - 1, (steps.upperBound - header.firstStep) / stride) + 1
        guard skipped < end else { return nil }
        words = Array(words[Int(skipped) * columns..<Int(end) * columns])
        return SeriesBlock(
            firstStep: header.firstStep + skipped * stride,
            stride: stride,
            rows: Int(end - skipped),
            columns: columns,
            values: element == .float64
                ? .reals(words.map { Double(bitPattern: $0) })
                : .integers(words.map { Int64(bitPattern: $0) })
        )
    }
}
