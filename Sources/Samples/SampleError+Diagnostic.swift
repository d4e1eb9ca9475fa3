public import Diagnostics

extension SampleError: DiagnosedError {
    /// The error with its code.
    public var diagnostic: Diagnostic {
        func diagnostic(
            _ code: DiagnosticCode,
            _ source: String?,
            _ array: String = ""
        ) -> Diagnostic {
            Diagnostic(code, description, file: source, path: array)
        }
        switch self {
        case .unreadableFile(let source, _): return diagnostic(.samplesUnreadable, source)
        case .singleArray(let source): return diagnostic(.samplesSingleArray, source)
        case .missingArray(let source, let name, _):
            return diagnostic(.samplesMissingArray, source, name)
        case .ambiguousArrays(let source, let named):
            return diagnostic(.samplesAmbiguous, source, named)
        case .duplicateArray(let source, let name):
            return diagnostic(.samplesArrayTwice, source, name)
        case .unreadableArray(let source, let array, _):
            return diagnostic(.samplesArrayUnreadable, source, array)
        case .wrongLength(let source, let array, _, _):
            return diagnostic(.samplesLength, source, array)
        case .badHeader(let source, let array, _):
            return diagnostic(.samplesHeader, source, array)
        case .pickledObjects(let source, let array):
            return diagnostic(.samplesObjects, source, array)
        case .unsupportedType(let source, let array, _, _):
            return diagnostic(.samplesType, source, array)
        case .badShape(let source, let array, _): return diagnostic(.samplesShape, source, array)
        case .tooLarge(let source, let array, let what, let count, let limit):
            return Diagnostic(
                .samplesTooLarge,
                description,
                file: source,
                path: array,
                resource: what,
                needed: Double(count),
                limit: Double(limit)
            )
        case .notBinary(let source, let array, _, _, _, _, _):
            return diagnostic(.samplesNotBinary, source, array)
        case .labelCount(let source, _, _):
            return diagnostic(.samplesLabelCount, source, "labels")
        case .badLabel(let source, _, _): return diagnostic(.samplesLabel, source, "labels")
        case .unequalInputs(let source, _, _, let second, _):
            return diagnostic(.samplesInputsDiffer, source, second)
        case .unequalSamples(let source, _, _, _): return diagnostic(.samplesStepsDiffer, source)
        case .noSuchChannel(let source, _, _, _, _): return diagnostic(.samplesChannel, source)
        case .noSpikes(let node, _): return diagnostic(.samplesNoSpikes, nil, node)
        case .noNode(let array, _): return diagnostic(.samplesNoNode, nil, array)
        case .wrongChannels(let array, _, _, _): return diagnostic(.samplesChannels, nil, array)
        case .cannotWrite(let path, _): return diagnostic(.samplesUnwritable, path)
        }
    }
}
