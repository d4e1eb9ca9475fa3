public import NetworkIR

/// How network files of other kinds, which this module cannot read, become networks.
public struct NetworkFiles: Sendable {
    /// A network file, and what it does not say itself.
    public struct Request: Sendable, Hashable {
        /// Path of the file.
        public var path: String
        /// The tool that wrote it: one of `exporters`.
        public var exporter: String?
        /// Time step in the unit of the file's time constants.
        public var timeStep: Double?
        /// What happens at a spike; the file's own rule if nil.
        public var reset: ResetRule?
    }

    /// Names of the tools that files may come from.
    public var exporters: [String]
    /// Reads a file.
    public var load: @Sendable (Request) throws -> Network

    /// Makes the value.
    ///
    /// - Parameters:
    ///   - exporters: Names of the tools that files may come from.
    ///   - load: Reads a file.
    public init(exporters: [String], load: @escaping @Sendable (Request) throws -> Network) {
        self.exporters = exporters
        self.load = load
    }
}
