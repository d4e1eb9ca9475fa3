/// Why a recording cannot be read, written or converted.
public enum RecordingError: Error, Equatable, CustomStringConvertible {
    /// The operating system refuses a file.
    case file(path: String, operation: String, reason: String)
    /// Bytes that are not what the format says.
    case malformed(path: String, offset: UInt64, problem: String, advice: String)
    /// A line of a text file.
    case text(path: String, line: Int, problem: String, advice: String)
    /// An array of a file of arrays.
    case array(path: String, name: String, problem: String, advice: String)
    /// An option that says nothing, or something impossible.
    case option(name: String, value: String, problem: String, advice: String)
    /// A format that is not in the table, or that only the other direction knows.
    case unknownFormat(path: String, name: String?, known: [String])
    /// Spikes that a format cannot hold.
    case cannotHold(path: String, format: String, problem: String, advice: String)
    /// Two recordings that cannot be aligned.
    case cannotAlign(problem: String, advice: String)

    /// The message: where, what, the limit, what to do.
    public var description: String {
        switch self {
        case .file(let path, let operation, let reason):
            "\(path): cannot \(operation): \(reason). Check that it exists, what its access rights "
                + "are and what room there is."
        case .malformed(let path, let offset, let problem, let advice):
            "\(path): byte \(offset): \(problem). \(advice)"
        case .text(let path, let line, let problem, let advice):
            "\(path):\(line): \(problem). \(advice)"
        case .array(let path, let name, let problem, let advice):
            "\(path): \(name): \(problem). \(advice)"
        case .option(let name, let value, let problem, let advice):
            "\(name) '\(value.prefix(80))': \(problem). \(advice)"
        case .unknownFormat(let path, let name, let known):
            if let name {
                "\(path): no format '\(name.prefix(40))' goes in this direction. Known are "
                    + known.joined(separator: ", ") + "."
            } else {
                "\(path): the end of its name is that of no format. Known are "
                    + known.joined(separator: ", ") + "; or name the format with --from or --to."
            }
        case .cannotHold(let path, let format, let problem, let advice):
            "\(path): \(format) cannot hold this: \(problem). \(advice)"
        case .cannotAlign(let problem, let advice):
            "The two recordings cannot be aligned: \(problem). \(advice)"
        }
    }
}
