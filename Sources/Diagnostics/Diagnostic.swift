/// What is wrong with an input, for people and for programs.
public struct Diagnostic: Sendable, Equatable {
    /// Which of the known causes it is; `spikeloom explain` has a page on each.
    public var code: DiagnosticCode
    /// Where, what, the limit and what to do: sentences.
    public var message: String
    /// File at fault, as the user gave it.
    public var file: String?
    /// Line of the file, from 1.
    public var line: Int?
    /// Column of the line, from 1.
    public var column: Int?
    /// Place in the network (`hidden[3]`, `input → hidden`), in the file (`/node/nodes/fc/weight`) or in the
    /// document (`phases[0].run.seconds`).
    public var path: String?
    /// What there is too little of on the chip.
    public var resource: String?
    /// How much of the resource the network needs.
    public var needed: Double?
    /// How much of it the chip has.
    public var limit: Double?

    /// Describes a fault.
    ///
    /// - Parameters:
    ///   - code: Which of the known causes it is.
    ///   - message: Where, what, the limit and what to do.
    ///   - file: File at fault.
    ///   - line: Line of the file; 0 stands for the file as a whole.
    ///   - column: Column of the line; 0 stands for the whole line.
    ///   - path: Place in the network, file or document; an empty one stands for all of it.
    ///   - resource: What there is too little of.
    ///   - needed: How much of it is needed.
    ///   - limit: How much of it there is.
    public init(
        _ code: DiagnosticCode,
        _ message: String,
        file: String? = nil,
        line: Int = 0,
        column: Int = 0,
        path: String = "",
        resource: String? = nil,
        needed: Double? = nil,
        limit: Double? = nil
    ) {
        self.code = code
        self.message = message
        self.file = file
        self.line = line > 0 ? line : nil
        self.column = line > 0 && column > 0 ? column : nil
        self.path = path.isEmpty ? nil : path
        self.resource = resource
        self.needed = needed
        self.limit = limit
    }
}

/// An error with a stable code.
///
/// Conforming types map their cases to codes by a `switch` without default, so that a new case does not
/// compile before it has one.
public protocol DiagnosedError: Error {
    /// The error for people and for programs.
    var diagnostic: Diagnostic { get }
}
