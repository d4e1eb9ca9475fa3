import ChipSpec
import FixedPoint

extension NetworkTable {
    /// Checks names, shapes, models and depths.
    ///
    /// - Parameters:
    ///   - chip: The chip, its ranges checked.
    ///   - inputs: External inputs.
    /// - Throws: `ChipImageError.invalid`.
    func verify(chip: ChipSpec, inputs: [InputPort]) throws(ChipImageError) {
        guard timeStep.isFinite, timeStep > 0 else {
            throw .invalid(
                place: "Network '\(name)'",
                what: "its time step is \(timeStep)",
                limit: "It must be positive"
            )
        }
        var populationOfPath: [String: Int] = [:]
        for (index, population) in populations.enumerated() {
            try population.verify(chip: chip)
            if populationOfPath.updateValue(index, forKey: population.path) != nil {
                throw .twice("Population '\(population.path)'")
            }
        }
        var inputNames: Set<String> = []
        for input in inputs {
            let place = "Input '\(input.name)'"
            guard elementCount(of: input.shape) != nil else {
                throw .impossibleShape(input.shape, of: place)
            }
            guard inputNames.insert(input.name).inserted, populationOfPath[input.name] == nil else {
                throw .twice(place)
            }
        }
        try verifyRules(chip: chip)
        var names: Set<String> = []
        for projection in projections {
            guard projection.kernels == nil || chip.synapse.hasSharedKernels else {
                throw .invalid(
                    place: projection.place,
                    what: "it shares kernels",
                    limit: "Chip '\(chip.name)' has no format for them"
                )
            }
            try projection.verify(chip: chip)
            try verifyLearning(of: projection, inputs: inputs)
            if let name = projection.name, !names.insert(name).inserted {
                throw .invalid(
                    place: projection.place,
                    what: "its name '\(name)' is there twice",
                    limit: "Projections have different names"
                )
            }
            let place = projection.place
            guard let target = populationOfPath[projection.target] else {
                throw .unknownEnd(place, projection.target)
            }
            let source = populationOfPath[projection.source]
            guard source != nil || inputNames.contains(projection.source) else {
                throw .unknownEnd(place, projection.source)
            }
            let compartments = populations[target].compartmentExponents.count
            guard projection.compartment < compartments else {
                throw .invalid(
                    place: place,
                    what: "it feeds compartment \(projection.compartment)",
                    limit: "Its target has \(compartments) compartments"
                )
            }
            // Charge must not reach a population that still sleeps after a state reset.
            let earliest = (source.map { populations[$0].depth } ?? 0) + projection.delay
            guard populations[target].depth <= earliest else {
                throw .invalid(
                    place: place,
                    what: "its target has depth \(populations[target].depth)",
                    limit: "Its spikes arrive from step \(earliest) on, and a population sleeps "
                        + "for as many steps as its depth"
                )
            }
        }
        var deepest = 0
        for output in outputs {
            guard populations.indices.contains(output.population) else {
                throw .invalid(
                    place: "Output '\(output.name)'",
                    what: "it reads population \(output.population)",
                    limit: "The network has \(populations.count) populations"
                )
            }
            deepest = max(deepest, populations[output.population].depth)
        }
        guard drainSteps == deepest else {
            throw .invalid(
                place: "Network '\(name)'",
                what: "it has \(drainSteps) drain steps",
                limit: "The deepest output has depth \(deepest)"
            )
        }
    }
}

extension NetworkTable {
    private func verifyRules(chip: ChipSpec) throws(ChipImageError) {
        guard let rules else { return }
        guard let engine = chip.learning else {
            throw .invalid(
                place: "Network '\(name)'",
                what: "it has \(rules.count) learning rules",
                limit: "Chip '\(chip.name)' has no learning engine"
            )
        }
        for rule in rules { try rule.verify(engine: engine, chip: chip.name) }
        // As `rowProjection` counts them.
        guard projections.count < Int(UInt16.max) else {
            throw .invalid(
                place: "Network '\(name)'",
                what: "it has \(projections.count) projections",
                limit: "A network that learns has at most \(Int(UInt16.max) - 1)"
            )
        }
    }

    private func verifyLearning(
        of projection: ProjectionTable,
        inputs: [InputPort]
    ) throws(ChipImageError) {
        let place = projection.place
        if let forward = projection.feedbackOf, !projections.indices.contains(forward) {
            throw .invalid(
                place: place,
                what: "it is the feedback of projection \(forward)",
                limit: "The network has \(projections.count) projections"
            )
        }
        guard let rule = projection.rule else { return }
        guard let rules, rules.indices.contains(rule) else {
            throw .invalid(
                place: place,
                what: "it runs rule \(rule)",
                limit: "The network has \(rules?.count ?? 0) rules"
            )
        }
        // Eight neurons share a block of random numbers, whose address has 20 bits for them.
        let most = 1 << 23
        let ends =
            populations.filter { [projection.source, projection.target].contains($0.path) }
            .map { elementCount(of: $0.shape) ?? 0 }
            + inputs.filter { $0.name == projection.source }.map { elementCount(of: $0.shape) ?? 0 }
        if let count = ends.first(where: { $0 > most }) {
            throw .invalid(
                place: place,
                what: "it learns between populations of up to \(count) neurons",
                limit: "The random numbers of a population reach \(most)"
            )
        }
    }
}

extension PopulationTable {
    /// Largest depth, far beyond every network: keeps sums of depths and delays in range.
    private static let depthLimit = 1 << 31

    fileprivate func verify(chip: ChipSpec) throws(ChipImageError) {
        let place = "Population '\(path)'"
        guard let count = elementCount(of: shape) else {
            throw .impossibleShape(shape, of: place)
        }
        guard chip.soma.models.contains(model) else {
            throw .invalid(
                place: place,
                what: "its model is \(model.rawValue)",
                limit: "Chip '\(chip.name)' has "
                    + chip.soma.models.map(\.rawValue).joined(separator: ", ")
            )
        }
        // Random somas do not read the rule: a sampling neuron has none, a noisy one resets to zero's.
        let rules: [SomaReset] =
            switch model {
            case .cubaLIF: [.zero]
            case .noisyLIF, .sampling: [.zero] + chip.soma.resetRules.filter { $0 != .zero }
            case .lif, .integrateAndFire, .li, .trueNorth, .odinLIF:
                chip.soma.resetRules
            }
        guard !model.isSpiking || rules.contains(reset) else {
            throw .invalid(
                place: place,
                what: "its reset is \(reset.rawValue)",
                limit: "\(model.rawValue) on chip '\(chip.name)' has "
                    + rules.map(\.rawValue).joined(separator: ", ")
            )
        }
        if model == .cubaLIF {
            let formats = [chip.soma.membrane, chip.soma.current].map { $0?.bits ?? 0 }
            guard hasCurrent, formats == [24, 24] else {
                throw .invalid(
                    place: place,
                    what: "a cubaLIF neuron with registers of \(formats[0]) and \(formats[1]) bits"
                        + (hasCurrent ? "" : ", its current unused"),
                    limit: "This neuron has 24 bits of v and 24 bits of u, and uses both"
                )
            }
        } else if hasCurrent, chip.soma.current == nil {
            throw .invalid(
                place: place,
                what: "it has a synaptic current",
                limit: "Chip '\(chip.name)' has no such register"
            )
        }
        let most = chip.dendrite.maximumCompartments
        guard (1...most).contains(compartmentExponents.count) else {
            throw .invalid(
                place: place,
                what: "it has \(compartmentExponents.count) compartments",
                limit: "Chip '\(chip.name)' has 1...\(most)"
            )
        }
        guard model != .trueNorth || compartmentExponents == [0, 0, 0, 0] else {
            throw .invalid(
                place: place,
                what: "its compartments have the exponents \(compartmentExponents)",
                limit: "A trueNorth neuron has four, one an axon type, of exponent 0"
            )
        }
        guard model != .odinLIF || compartmentExponents == [0] else {
            throw .invalid(
                place: place,
                what: "its compartments have the exponents \(compartmentExponents)",
                limit: "An odinLIF neuron has one, of exponent 0"
            )
        }
        let exponents = chip.compartmentExponents
        try check(
            compartmentExponents,
            in: compartmentExponents.indices,
            "\(place), compartmentExponents",
            limit: "It must lie in \(exponents)",
            exponents.contains
        )
        guard [1, count].contains(membraneScale.count) else {
            throw .wrongLength(place, "membraneScale", membraneScale.count, count)
        }
        try check(
            membraneScale,
            in: membraneScale.indices,
            "\(place), membraneScale",
            limit: "It must be positive"
        ) { $0.isFinite && $0 > 0 }
        guard (0...Self.depthLimit).contains(depth) else {
            throw .invalid(
                place: place,
                what: "its depth is \(depth)",
                limit: "It must lie in 0...\(Self.depthLimit)"
            )
        }
        try verifyRandom(place, chip: chip)
    }

    /// Checks what random somas have besides: refractory period, noise, log-odds.
    private func verifyRandom(_ place: String, chip: ChipSpec) throws(ChipImageError) {
        let longest = (1 << chip.soma.refractoryBits) - 1
        let refractory = refractorySteps ?? 0
        guard (0...longest).contains(refractory), refractory == 0 || model == .noisyLIF else {
            throw .invalid(
                place: place,
                what: "its refractory period is \(refractory) steps",
                limit: "noisyLIF on chip '\(chip.name)' has 0...\(longest), other models have none"
            )
        }
        guard noise.map({ (1...NoiseTable.mostSources).contains($0.count) }) ?? true,
            noise == nil || model == .noisyLIF
        else {
            throw .invalid(
                place: place,
                what: "it has \(noise?.count ?? 0) noise sources",
                limit: "noisyLIF has 1...\(NoiseTable.mostSources) or no table, other models none"
            )
        }
        let amplitudes = 0...(1 << chip.soma.noiseBits) - 1
        for source in noise ?? [] where !amplitudes.contains(source.amplitude) {
            throw .invalid(
                place: place,
                what: "it has noise of amplitude \(source.amplitude)",
                limit: "Chip '\(chip.name)' has \(amplitudes)"
            )
        }
        let isRandom = model == .noisyLIF || model == .sampling
        guard !(isRandom || model == .trueNorth) || count <= Self.mostRandomNeurons else {
            throw .invalid(
                place: place,
                what: "it has \(count) neurons",
                limit: "The random numbers of a population reach \(Self.mostRandomNeurons)"
            )
        }
        guard (sampling != nil) == (model == .sampling), sampling == nil || hasCurrent else {
            throw .invalid(
                place: place,
                what:
                    "it is \(model.rawValue) with\(sampling == nil ? "out" : "") a table of log-odds"
                    + (hasCurrent ? "" : " and without a current"),
                limit: "sampling has that table and a current, other models do not have the table"
            )
        }
        guard let sampling else { return }
        guard (0x1p-36...0x1p10).contains(sampling.logOddsPerRaw), longest >= 1,
            (1...longest).contains(sampling.refractorySteps),
            (1...SamplingTable.longestPSP).contains(sampling.pspSteps)
        else {
            throw .invalid(
                place: place,
                what: "it has \(sampling.logOddsPerRaw) log-odds a raw unit, a refractory time of "
                    + "\(sampling.refractorySteps) and potentials of \(sampling.pspSteps) steps",
                limit: "Log-odds lie in 2^-36...2^10, the time in 1...\(longest), potentials in "
                    + "1...\(SamplingTable.longestPSP)"
            )
        }
    }

    /// Four neurons share a block of random numbers, whose address has 24 bits for them; a `trueNorth` neuron
    /// has 128 blocks of its own.
    private static let mostRandomNeurons = 1 << 25
}

extension ProjectionTable {
    /// As in messages.
    var place: String { "Projection '\(source)' → '\(target)'" }

    fileprivate func verify(chip: ChipSpec) throws(ChipImageError) {
        let delays = 1...chip.synapse.maximumDelayInSteps
        guard delays.contains(delay) else {
            throw .invalid(
                place: place,
                what: "its delay is \(delay)",
                limit: "Chip '\(chip.name)' has \(delays)"
            )
        }
        guard rule == nil || signMode != .mixed || chip.synapse.weightPlanes != .signs else {
            throw .invalid(
                place: place,
                what: "it learns with weights of both signs",
                limit:
                    "On chip '\(chip.name)' an axon has one sign, which a weight of 0 does not tell"
            )
        }
        guard compartment >= 0, synapses >= 0, weightScale.isFinite, largestError.isFinite,
            rootMeanSquareError.isFinite, largestError >= 0, rootMeanSquareError >= 0
        else {
            throw .invalid(
                place: place,
                what: "compartment \(compartment), \(synapses) synapses, scale \(weightScale), "
                    + "errors \(largestError) and \(rootMeanSquareError)",
                limit: "Counts and errors must not be negative, and all must be finite"
            )
        }
    }
}

extension ChipSpec {
    /// Exponents that a compartment may have.
    ///
    /// Chips that shift each weight shift a compartment by its gain alone, up to eight bits down.
    package var compartmentExponents: ClosedRange<Int> {
        synapse.exponentShift == .perSum
            ? synapse.minimumExponent...synapse.maximumExponent : -8...synapse.maximumExponent
    }

    /// Exponents that one of the two kinds of shift may have; only 0 for the kind it has not.
    func exponents(of kind: ExponentShift) -> ClosedRange<Int> {
        synapse.exponentShift == kind ? synapse.minimumExponent...synapse.maximumExponent : 0...0
    }
}

extension ChipImageError {
    fileprivate static func twice(_ place: String) -> Self {
        .invalid(
            place: place,
            what: "its name is there twice",
            limit: "Populations and inputs have different names"
        )
    }

    static func unknownEnd(_ place: String, _ name: String) -> Self {
        .invalid(
            place: place,
            what: "'\(name)' is not in the network",
            limit: "It goes from a population or an input to a population"
        )
    }
}
