public import Diagnostics

extension NIRError: DiagnosedError {
    /// The error with its code.
    public var diagnostic: Diagnostic {
        func diagnostic(
            _ code: DiagnosticCode,
            _ file: String,
            _ path: String = ""
        ) -> Diagnostic {
            Diagnostic(code, description, file: file, path: path)
        }
        switch self {
        case .noTimeStep(let file):
            return diagnostic(.noTimeStep, file)
        case .badTimeStep(let file, _):
            return diagnostic(.badTimeStep, file)
        case .missing(let file, let path, _):
            return diagnostic(.nirPartMissing, file, path)
        case .malformed(let file, let path, _, _, let fault):
            return diagnostic(fault.code, file, path)
        case .unreadable(let file, let path, _):
            return diagnostic(.nirPartUnreadable, file, path)
        case .unknownNode(let file, let node, _):
            return diagnostic(.nirNodeUnknown, file, node)
        case .badEdge(let file, let from, let to, _, _, let fault):
            return diagnostic(fault.code, file, "\(from) → \(to)")
        case .algebraicLoop(let file, let nodes):
            return diagnostic(.nirLoop, file, nodes.joined(separator: " → "))
        case .unstableStep(let file, let node, let parameter, let timeStep, let tau, _):
            return Diagnostic(
                .nirUnstableStep,
                description,
                file: file,
                path: node,
                resource: parameter,
                needed: timeStep,
                limit: tau
            )
        case .tooLarge(let file, _, _):
            return diagnostic(.nirTooLarge, file)
        }
    }
}

extension NIRError.Fault {
    fileprivate var code: DiagnosticCode {
        switch self {
        case .kind: .nirKind
        case .shape: .nirShape
        case .notFinite: .nirNotFinite
        case .timeConstant: .nirTimeConstant
        case .delay: .nirDelay
        case .unfedOutput: .nirOutputUnfed
        case .ports: .nirPorts
        }
    }
}

extension NIRError.EdgeFault {
    fileprivate var code: DiagnosticCode {
        switch self {
        case .missingNode: .nirEdgeToNowhere
        case .wrongWay: .nirEdgeWrongWay
        case .twice: .nirEdgeTwice
        case .shapes: .nirEdgeShapes
        }
    }
}
