public import Diagnostics

/// Why a learning rule cannot be used.
public struct RuleError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which of the known causes it is.
    public var code: DiagnosticCode
    /// File of the rule.
    public var file: String
    /// Line, from 1; 0 means the rule as a whole.
    public var line: Int
    /// Column, from 1.
    public var column: Int
    /// Key of the entry, for example `dw`; empty for the rule.
    public var key: String
    /// What is wrong, and the limit: sentences.
    public var what: String
    /// What to do: a sentence, or empty.
    public var advice: String

    /// Where, what, the limit, what to do.
    public var description: String {
        let place = line > 0 ? "\(file):\(line):\(column)" : file
        let subject = key.isEmpty ? "" : "\(key): "
        return "\(place): \(subject)\(what)" + (advice.isEmpty ? "" : " \(advice)")
    }
}
