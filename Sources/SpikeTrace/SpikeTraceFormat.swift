/// Names and limits of the format, as documented in `docs/FORMATS.md`.
package enum SpikeTraceFormat {
    /// Profile of the file, encoding of its messages and name of its schema.
    package static let encoding = "spikeloom.spikes.v1"
    /// Encoding of the messages of series, and name of their schema.
    package static let seriesEncoding = "spikeloom.series.v1"
    /// Columns of a series.
    static let mostColumns = 1 << 20
    /// Columns of all series of a file that a reader takes.
    package static let mostAllColumns = 1 << 22
    /// Name of the metadata record with the facts of the run.
    static let runMetadata = "spikeloom.run"
    /// Name of the metadata record with the totals of a finished recording.
    static let endMetadata = "spikeloom.end"
    /// Spikes in a batch, at most.
    package static let batchSpikes = 1 << 18
    /// Uncompressed bytes at which a writer closes a chunk.
    package static let chunkBytes = 1 << 20
    /// Uncompressed bytes of a chunk a reader accepts.
    package static let largestChunk = 1 << 24
    /// Spikes of a chunk a reader accepts.
    static let largestChunkSpikes = 1 << 21
    /// Bytes of a label or of the name or value of a run fact.
    static let longestText = 1 << 16
    /// Bytes of any record but a chunk that a reader loads.
    static let largestRecord = 1 << 24
    /// Channels of a file: MCAP numbers them with 16 bits, and the writer never uses 0.
    package static let mostChannels = 65_535
}
