public import Diagnostics

/// Why an experiment, network or rule file cannot be used.
public struct DescriptionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which of the known causes it is.
    public var code: DiagnosticCode
    /// File, as the user gave it.
    public var file: String
    /// Line, from 1; 0 means the file as a whole.
    public var line: Int
    /// Column, from 1; 0 means the whole line.
    public var column: Int
    /// Path of the key, for example `phases[1].run.seconds`; empty for the document.
    public var key: String
    /// What is wrong, and the limit: sentences.
    public var what: String
    /// What to do: a sentence, or empty.
    public var advice: String
    /// Arm that was read; nil for the document as it stands.
    public var arm: String?

    /// Where, what, the limit, what to do.
    public var description: String {
        let place = line > 0 ? "\(file):\(line):\(max(1, column))" : file
        let reading = arm.map { "in arm '\($0)', " } ?? ""
        let subject = key.isEmpty ? "" : "\(key) "
        return "\(place): \(reading)\(subject)\(what)" + (advice.isEmpty ? "" : " \(advice)")
    }
}
