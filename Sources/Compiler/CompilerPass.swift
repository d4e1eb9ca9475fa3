/// The passes of the compiler, in their order.
public enum CompilerPass: String, Sendable, Codable, CaseIterable, Comparable {
    /// Checks the network; depths and delays on the chip.
    case canonicalise
    /// The difference equations of the chip's somas, in real numbers.
    case lower
    /// Registers and raw weights.
    case quantise
    /// Neurons over cores.
    case partition
    /// Cores on the mesh.
    case place
    /// Axons, and routes to them.
    case route
    /// The tables of the image.
    case emit
    /// Every synapse and limit, read from the image.
    case verify

    /// Order in which passes run.
    ///
    /// - Parameters:
    ///   - a: One pass.
    ///   - b: Another.
    /// - Returns: Whether a runs first.
    public static func < (a: Self, b: Self) -> Bool {
        (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
}

/// Watches the passes from outside: clocks, and texts of what they make.
public struct PassObserver {
    /// Called when a pass begins.
    public var didStart: (CompilerPass) -> Void
    /// Called when a pass and its verifier are done, before its value is written.
    public var didFinish: (CompilerPass) -> Void
    /// Passes whose values are written.
    public var dumped: Set<CompilerPass>
    /// Receives the text of such a value, piece by piece.
    public var write: (CompilerPass, String) throws -> Void

    /// Makes an observer.
    ///
    /// - Parameters:
    ///   - dumped: Passes whose values are written.
    ///   - write: Receives the text of such a value, piece by piece.
    ///   - didStart: Called when a pass begins.
    ///   - didFinish: Called when a pass and its verifier are done, before its value is written.
    public init(
        dumped: Set<CompilerPass> = [],
        write: @escaping (CompilerPass, String) throws -> Void = { _, _ in },
        didStart: @escaping (CompilerPass) -> Void = { _ in },
        didFinish: @escaping (CompilerPass) -> Void = { _ in }
    ) {
        self.dumped = dumped
        self.write = write
        self.didStart = didStart
        self.didFinish = didFinish
    }
}

/// What became of a compilation that may stop early.
public enum CompileOutcome: Sendable {
    /// All passes ran.
    case finished(Compilation)
    /// A pass before the last was asked to be the last.
    case stopped(StoppedReport)
}
