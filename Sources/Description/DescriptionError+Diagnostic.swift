public import Diagnostics

extension DescriptionError: DiagnosedError {
    /// The error with its code.
    public var diagnostic: Diagnostic {
        Diagnostic(code, description, file: file, line: line, column: column, path: key)
    }
}
