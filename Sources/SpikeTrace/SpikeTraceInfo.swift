public import Events

/// What a spike trace says about itself: time base, run facts and sources of spikes.
public struct SpikeTraceInfo: Sendable, Hashable {
    /// Length of a time step.
    public var timeBase: TimeBase
    /// Facts of the run by name: digests, seeds, versions (`Key` has the common names).
    ///
    /// Written in the order of the names.
    public var metadata: [String: String]
    /// Sources of spikes, at most 65,535, each core once.
    public var channels: [SpikeChannel]
    /// Recorded states, in the order of the file; with the channels at most 65,535.
    public var series: [SeriesChannel]

    /// Describes a spike trace.
    ///
    /// - Parameters:
    ///   - timeBase: Length of a time step.
    ///   - metadata: Facts of the run by name.
    ///   - channels: Sources of spikes, each core once.
    ///   - series: Recorded states, each topic once.
    public init(
        timeBase: TimeBase,
        metadata: [String: String] = [:],
        channels: [SpikeChannel],
        series: [SeriesChannel] = []
    ) {
        self.timeBase = timeBase
        self.metadata = metadata
        self.channels = channels
        self.series = series
    }

    /// Names of run facts that several parts of the tool read.
    public enum Key {
        /// SHA-256 of the chip spec, hexadecimal.
        public static let chipDigest = "chipDigest"
        /// SHA-256 of the chip image, hexadecimal.
        public static let imageDigest = "imageDigest"
        /// Seed of the run.
        public static let runSeed = "runSeed"
        /// Seed of the device.
        public static let deviceSeed = "deviceSeed"
        /// Mismatch of the device, as given on the command line.
        public static let mismatch = "mismatch"
        /// Version of the tool that wrote the file.
        public static let toolVersion = "toolVersion"
        /// Number of samples.
        public static let samples = "samples"
        /// Input and drain steps of a sample.
        public static let stepsPerSample = "stepsPerSample"
        /// What was done between samples.
        public static let between = "between"
    }
}
