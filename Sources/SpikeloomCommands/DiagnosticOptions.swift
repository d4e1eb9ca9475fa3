import ArgumentParser
import Diagnostics
import Report

/// How errors and warnings are written.
enum DiagnosticFormat: String, CaseIterable, ExpressibleByArgument {
    /// Sentences.
    case text
    /// One JSON object a line.
    case json
}

/// How a command tells what is wrong.
struct DiagnosticOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write errors and warnings as text, or as one JSON object a line "
                + "(docs/DIAGNOSTICS.md).",
            valueName: DiagnosticFormat.allCases.map(\.rawValue).joined(separator: "|")
        )
    )
    var diagnostics: DiagnosticFormat = .text
}

/// A command that can tell programs what is wrong.
protocol ReportingCommand: ParsableCommand {
    /// How it does.
    var reporting: DiagnosticOptions { get }
}

/// Something to tell on standard error.
struct Complaint {
    /// How bad it is.
    enum Severity: String {
        /// The command has ended without what was asked for.
        case error
        /// The command went on.
        case warning
    }

    let severity: Severity
    let message: String
    /// The error with its code, where it has one.
    var diagnostic: Diagnostic?
    /// File that it is about.
    var file: String?

    /// One line of text, and where more stands.
    func text(withHint: Bool) -> String {
        guard let code = diagnostic?.code.rawValue else {
            return severity == .error ? "error: \(message)" : message
        }
        let hint = withHint ? "\nspikeloom explain \(code) tells more." : ""
        return "\(severity.rawValue)[\(code)]: \(message)\(hint)"
    }

    /// An object of `spikeloom.diagnostic/1`.
    var json: JSONValue {
        [
            "schema": "spikeloom.diagnostic/1",
            "code": .optional(diagnostic?.code.rawValue),
            "severity": .string(severity.rawValue),
            "message": .string(message),
            "file": .optional(diagnostic?.file ?? file),
            "line": .optional(diagnostic?.line),
            "column": .optional(diagnostic?.column),
            "path": .optional(diagnostic?.path),
            "resource": .optional(diagnostic?.resource),
            "needed": number(diagnostic?.needed),
            "limit": number(diagnostic?.limit),
        ]
    }

    /// Counts without a decimal point.
    private func number(_ value: Double?) -> JSONValue {
        guard let value, let whole = Int(exactly: value) else { return .optional(value) }
        return .integer(whole)
    }
}
