public import Diagnostics

extension CompilerError: DiagnosedError {
    /// The error with its code, the place in the network, and what there is too little of.
    public var diagnostic: Diagnostic {
        func diagnostic(
            _ code: DiagnosticCode,
            _ path: String = "",
            _ resource: String? = nil,
            needs needed: Int? = nil,
            of limit: Int? = nil
        ) -> Diagnostic {
            Diagnostic(
                code,
                description,
                path: path,
                resource: resource,
                needed: needed.map { Double($0) },
                limit: limit.map { Double($0) }
            )
        }
        switch self {
        case .malformedNetwork: return diagnostic(.networkContradiction)
        case .nothingToRun: return diagnostic(.nothingToRun)
        case .loopWithoutDelay: return diagnostic(.loopWithoutDelay)
        case .outputWithoutNeuron(let population):
            return diagnostic(.outputWithoutNeuron, population)
        case .outputOfInput(let output, let input):
            return diagnostic(.outputOfInput, "\(input) → \(output)")
        case .analogSource(let source, _, let target):
            return diagnostic(.analogSource, "\(source) → \(target)")
        case .modelNotOnChip(let population, _, _, _):
            return diagnostic(.modelNotOnChip, population, "neuron models")
        case .noCurrentOnChip(let population, _):
            return diagnostic(.noCurrentOnChip, population, "current registers")
        case .noExponentialLeak(let population, _, _):
            return diagnostic(.noExponentialLeak, population, "neuron models")
        case .parallelProjections(let source, let target, _, _):
            return diagnostic(
                .parallelProjections,
                "\(source) → \(target)",
                "synapses a pair",
                needs: 2,
                of: 1
            )
        case .positiveBias(let population, let neuron, _, _):
            return diagnostic(.positiveBias, "\(population)[\(neuron)]", "bias")
        case .mixedSigns(let population, let neuron, _, _):
            return diagnostic(
                .mixedSigns,
                neuron.map { "\(population)[\($0)]" } ?? population,
                "signs of an axon",
                needs: 2,
                of: 1
            )
        case .resetNotOnChip(let population, _, _, _):
            return diagnostic(.resetNotOnChip, population, "reset rules")
        case .unstableStep(let population, let neuron, _, let tau, let step):
            return Diagnostic(
                .unstableStep,
                description,
                path: "\(population)[\(neuron)]",
                resource: "time step",
                needed: step,
                limit: tau
            )
        case .negativeThreshold(let population, let neuron, _, let threshold):
            return Diagnostic(
                .negativeThreshold,
                description,
                path: "\(population)[\(neuron)]",
                resource: "threshold",
                needed: threshold,
                limit: 0
            )
        case .delayTooLong(let source, let target, let delay, let limit, _):
            return diagnostic(
                .delayTooLong,
                "\(source) → \(target)",
                "steps of delay",
                needs: delay,
                of: limit
            )
        case .neuronTooLarge(let population, let neuron, let resource, let needed, let limit, _):
            return diagnostic(
                .neuronTooLarge,
                "\(population)[\(neuron)]",
                resource.rawValue,
                needs: needed,
                of: limit
            )
        case .tooManyCores(_, let needed, let limit, _, let resource, _):
            // What binds is the resource that fills the cores; what is counted are cores.
            return diagnostic(
                .tooManyCores,
                "",
                "cores, full by \(resource.rawValue)",
                needs: needed,
                of: limit
            )
        case .tooFewLivingCores(_, let needed, let living, _, _):
            return diagnostic(.tooFewLivingCores, "", "living cores", needs: needed, of: living)
        case .pinnedCoresTooFew(let populations, let needed, let cores, _):
            return diagnostic(
                .pinnedCoresTooFew,
                populations.joined(separator: ", "),
                "cores to be pinned to",
                needs: needed,
                of: cores
            )
        case .noSuchCore(_, let core, let cores, _):
            return diagnostic(.noSuchCore, "", "highest core", needs: core, of: cores - 1)
        case .noSuchPopulation(let population, _):
            return diagnostic(.noSuchPopulation, population)
        case .ratesDoNotFit(let population, let recorded, let neurons):
            return diagnostic(
                .ratesDoNotFit,
                population,
                "recorded senders",
                needs: neurons,
                of: recorded
            )
        case .tooManyRoutes(let population, _, let needed, let limit, _):
            return diagnostic(
                .tooManyRoutes,
                population,
                CoreResource.axonsOut.rawValue,
                needs: needed,
                of: limit
            )
        case .noLearningOnChip(let source, let target, _, _):
            return diagnostic(.noLearningOnChip, "\(source) → \(target)", "learning engines")
        case .rulesNotCompiled(_, let rules, let programs):
            return diagnostic(
                .rulesNotCompiled,
                "",
                "programs of learning rules",
                needs: rules,
                of: programs
            )
        case .refractoryTooLong(let population, let steps, let limit, _):
            return diagnostic(
                .refractoryTooLong,
                population,
                "refractory steps",
                needs: steps,
                of: limit
            )
        case .noNoiseOnChip(let population, _):
            return diagnostic(.noNoiseOnChip, population, "noise sources")
        case .potentialTooLong(let population, let steps, let limit, _):
            return Diagnostic(
                .potentialTooLong,
                description,
                path: population,
                resource: "steps of a postsynaptic potential",
                needed: steps,
                limit: limit
            )
        case .tooManyCompartments(let population, let count, let limit, _):
            return diagnostic(
                .tooManyCompartments,
                population,
                "compartments",
                needs: count,
                of: limit
            )
        case .compartmentGain(let population, let compartment, _, let exponent, let limit, _):
            return diagnostic(
                .compartmentGain,
                "\(population).\(compartment)",
                "shift of a compartment",
                needs: exponent,
                of: exponent < limit.lowerBound ? limit.lowerBound : limit.upperBound
            )
        case .verification(let pass, _): return diagnostic(.compilerFault, pass)
        }
    }
}
