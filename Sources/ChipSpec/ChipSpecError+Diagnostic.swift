public import Diagnostics

extension ChipSpecError: DiagnosedError {
    /// The error with its code; one of a spec that another extends has the code of its cause.
    public var diagnostic: Diagnostic {
        func diagnostic(
            _ code: DiagnosticCode,
            _ place: SpecPlace,
            _ key: String = ""
        ) -> Diagnostic {
            Diagnostic(code, description, file: place.path, line: place.line, path: key)
        }
        switch self {
        case .unreadable(let path, _, _):
            return Diagnostic(.specUnreadable, description, file: path)
        case .syntax(let place, _, _): return diagnostic(.specSyntax, place)
        case .unknownKey(let place, let key, _, _): return diagnostic(.specUnknownKey, place, key)
        case .duplicateKey(let place, let key): return diagnostic(.specTwice, place, key)
        case .missingKey(let place, let key, _): return diagnostic(.specMissing, place, key)
        case .invalid(let place, let key, _, _, _): return diagnostic(.specValue, place, key)
        case .inherited(let error, _):
            var diagnostic = error.diagnostic
            diagnostic.message = description
            return diagnostic
        case .unknownChip: return Diagnostic(.unknownChip, description)
        }
    }
}
