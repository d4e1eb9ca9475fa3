import ChipImage
import ChipSpec
import FixedPoint
import NetworkIR

/// Rounds weights, thresholds, biases and decays to the chip's registers.
///
/// `docs/COMPILER.md` has the rules.
package struct Quantise: ListedPass {
    package static let pass = CompilerPass.quantise
    let chip: ChipSpec
    /// Which weights reach the rails.
    var scale = ScaleRule.max
    /// The same for populations by their path.
    var scaleOfPopulation: [String: ScaleRule] = [:]

    package func run(_ lowered: LoweredNetwork) throws -> QuantisedNetwork {
        let canonical = lowered.canonical
        let network = canonical.network
        var projections = [QuantisedProjection?](repeating: nil, count: network.projections.count)
        var populations: [QuantisedPopulation] = []
        var notes: [String] = []
        for population in lowered.populations {
            var population = population
            let incoming = canonical.incoming[population.population]
            var blocks = blocks(incoming, of: population, network)
            let author = network.populations[population.population]
            guard chip.synapse.weightPlanes == nil || author.compartments.isEmpty else {
                throw CompilerError.tooManyCompartments(
                    population: author.path,
                    count: author.compartments.count,
                    limit: 1,
                    chip: chip.name
                )
            }
            let named =
                author.compartments.isEmpty
                ? nil : incoming.map { network.projections[$0].compartment }
            let unitFactor = shiftFactor * population.responsePeak
            let registers = RegisterFit(chip: chip, model: population.model)
            var choice = scales(of: population, blocks, registers, named, unitFactor)
            // A scale that an author chose is that of all neurons.
            let isChosen = blocks.contains { $0.fixedScale != nil }
            if chip.synapse.weightPlanes != nil, !choice.isExact, !isChosen {
                population.normalise(registers.rowScales(of: population, blocks, unitFactor))
                blocks = self.blocks(incoming, of: population, network)
                choice = scales(of: population, blocks, registers, named, unitFactor)
            }
            let perSum = chip.synapse.exponentShift == .perSum
            let shared =
                chip.synapse.weightPlanes == .bits
                ? [0, 0, 0, 0] : perSum ? Set(choice.exponents).sorted() : [0]
            let compartments =
                try named.map {
                    try compartmentExponents(of: author, $0, perSum ? choice.exponents : [])
                } ?? shared
            for (position, index) in incoming.enumerated() {
                let exponent = choice.exponents[position]
                let scale = choice.base * Double(1 << exponent)
                let (weights, error) = blocks[position].rounded(at: scale)
                projections[index] = QuantisedProjection(
                    signMode: blocks[position].mode,
                    exponent: exponent,
                    rowExponent: perSum ? 0 : exponent,
                    compartment: named?[position]
                        ?? (perSum ? shared.firstIndex(of: exponent) ?? 0 : 0),
                    scale: scale,
                    layout: blocks[position].layout,
                    weights: weights,
                    hasWeightRegisters: chip.synapse.weightPlanes != .bits
                        && (network.projections[index].plasticity != nil
                            || network.projections[index].keepsZeroWeights),
                    isPresent: network.projections[index].plasticity?.isPresent,
                    rule: network.projections[index].plasticity?.rule,
                    error: error,
                    planes: chip.synapse.weightPlanes
                )
                notes += self.notes(
                    on: network.projections[index],
                    blocks[position],
                    scale,
                    error,
                    network
                )
            }
            let quantised = try registers.quantised(
                population,
                unit: choice.base / unitFactor,
                path: author.path,
                rule: network.threshold,
                compartmentExponents: compartments.isEmpty ? [0] : compartments,
                reach: reach(of: incoming.compactMap { projections[$0] }, population)
            )
            try refusePositiveBias(quantised, author.path)
            populations.append(quantised)
            notes += self.notes(on: quantised, choice, blocks, network)
        }
        if chip.soma.thresholdShift == 0, network.threshold == .greaterOrEqual,
            network.reset.subtracts,
            !chip.soma.models.contains(where: \.spikesAtThreshold)
        {
            notes.append(
                "Chip '\(chip.name)' spikes strictly above its threshold, so thresholds are stored one "
                    + "raw unit lower, and a reset subtracts one raw unit less than the author's."
            )
        }
        if network.lowestPotential != nil {
            notes.append(
                "Potentials of the network have a lower bound, those of the chip only the range of their "
                    + "registers: after inhibition the chip's neurons spike less."
            )
        }
        switch network.reset {
        case .toResetPotential, .subtractThreshold: break
        case .toResetPotentialLater:
            notes.append(
                "The chip's neurons integrate in the step after a spike, those of the network do not: they "
                    + "spike a little more on the chip."
            )
        case .subtractThresholdRepeatedly:
            notes.append(
                "The chip's neurons spike once a step, those of the network as often as their threshold "
                    + "fits: what is left spikes in the steps after it, if there are enough of them."
            )
        case .subtractThresholdLater:
            notes.append(
                "The chip subtracts the threshold at the spike, the network one step later, behind the "
                    + "leak: the chip's subtraction has leaked by then, and is smaller by that share."
            )
        }
        try refuseMixedSigns(projections.compactMap { $0 }, network)
        var quantised = QuantisedNetwork(
            canonical: canonical,
            populations: populations,
            projections: projections.compactMap { $0 },
            notes: notes
        )
        quantised.findKernels(areShared: chip.synapse.hasSharedKernels)
        return quantised
    }

    package func statistics(of output: QuantisedNetwork) -> [Statistic] {
        let errors = output.projections.map(\.error)
        return [
            Statistic("weights", errors.reduce(0) { $0 + $1.weights }),
            Statistic("weights rounded to 0", errors.reduce(0) { $0 + $1.lost }),
            Statistic("weights clipped", errors.reduce(0) { $0 + $1.clipped }),
            Statistic("exact projections", errors.filter { $0.squares == 0 }.count),
            Statistic(
                "neurons that can saturate",
                output.populations.reduce(0) { $0 + $1.neuronsThatCanSaturate }
            ),
        ]
    }

    package func notes(on output: QuantisedNetwork) -> [String] { output.notes }

    package func violation(in output: QuantisedNetwork, of input: LoweredNetwork) -> String? {
        guard output.projections.count == input.canonical.network.projections.count else {
            return "a projection was lost."
        }
        for projection in output.projections {
            let (range, step) = chip.synapse.weightRange(projection.signMode)
            for weight in projection.weights
            where !range.contains(Int(weight)) || !Int(weight).isMultiple(of: step) {
                return
                    "weight \(weight) is not in the format of a \(projection.signMode) projection."
            }
            // Half a step, and the last bit of a Double.
            if projection.error.clipped == 0,
                projection.error.largest > projection.scale * Double(step) * 0.500_001
            {
                return "a weight is off by \(projection.error.largest), more than half a step."
            }
        }
        for population in output.populations {
            let limit = chip.dendrite.maximumCompartments
            if population.compartmentExponents.count > limit {
                return "a population has \(population.compartmentExponents.count) compartments."
            }
        }
        return nil
    }

    /// Shifts of the compartments that an author named: gain, and on chips that shift sums the
    /// exponent of the projections.
    private func compartmentExponents(
        of population: Population,
        _ compartments: [Int],
        _ exponents: [Int]
    ) throws -> [Int] {
        let most = chip.dendrite.maximumCompartments
        guard population.compartments.count <= most else {
            throw CompilerError.tooManyCompartments(
                population: population.path,
                count: population.compartments.count,
                limit: most,
                chip: chip.name
            )
        }
        let limit = chip.compartmentExponents
        return try population.compartments.enumerated().map { index, compartment in
            let nearest =
                (PortableMath.log(compartment.gain) / PortableMath.log(2)).rounded()
            let shift = zip(compartments, exponents).first { $0.0 == index }?.1 ?? 0
            let exponent = Int(nearest) + shift
            guard limit.contains(exponent) else {
                throw CompilerError.compartmentGain(
                    population: population.path,
                    compartment: compartment.name,
                    gain: compartment.gain,
                    exponent: exponent,
                    limit: limit,
                    chip: chip.name
                )
            }
            return exponent
        }
    }

    /// What became of weights with registers of their own.
    private func notes(
        on projection: Projection,
        _ block: WeightBlock,
        _ scale: Double,
        _ error: QuantisationError,
        _ network: Network
    ) -> [String] {
        let name =
            "'\(network.populations[projection.source].path)' → "
            + "'\(network.populations[projection.target].path)'"
        guard let wanted = block.fixedScale, let plasticity = projection.plasticity else {
            guard error.clipped > 0 else { return [] }
            return [
                "Projection \(name): \(grouped(error.clipped)) of \(grouped(error.weights)) weights "
                    + "lie beyond the percentile of its scale and are clipped to the rail."
            ]
        }
        var notes: [String] = []
        if (scale / wanted - 1).magnitude > 1e-9 {
            notes.append(
                "Projection \(name): its full scale is \(plasticity.fullScale * (scale / wanted)) in "
                    + "place of \(plasticity.fullScale), because scales into a population differ by "
                    + "powers of two and its registers must fit."
            )
        }
        if error.clipped > 0 {
            notes.append(
                "Projection \(name): \(grouped(error.clipped)) of \(grouped(error.weights)) weights lie "
                    + "beyond its full scale of \(plasticity.fullScale) and begin at the rail."
            )
        }
        return notes
    }

    /// On a chip that leaks by its bias, a bias above 0 has no register.
    private func refusePositiveBias(
        _ population: QuantisedPopulation,
        _ path: String
    ) throws {
        guard population.lowered.model == .odinLIF else { return }
        let positive = population.membraneBias.indices.filter { population.membraneBias[$0] > 0 }
        guard let first = positive.first else { return }
        throw CompilerError.positiveBias(
            population: path,
            neuron: first,
            count: positive.count,
            chip: chip.name
        )
    }

    /// Where a sign belongs to a neuron, all of its weights must have it; inputs may take two axons.
    private func refuseMixedSigns(
        _ projections: [QuantisedProjection],
        _ network: Network
    ) throws {
        guard chip.synapse.weightPlanes == .signs else { return }
        var planes = network.populations.map { [UInt8](repeating: 0, count: $0.count) }
        for (index, table) in projections.enumerated() {
            let projection = network.projections[index]
            for target in 0..<network.populations[projection.target].count {
                for k in table.layout.indices(of: target) {
                    let source = table.layout.source(of: k, target: target)
                    planes[projection.source][source] |= table.planes(of: k)
                }
            }
            let learns = table.rule != nil && table.signMode == .mixed
            guard !learns else {
                throw CompilerError.mixedSigns(
                    population: network.populations[projection.source].path,
                    neuron: nil,
                    count: network.populations[projection.source].count,
                    chip: chip.name
                )
            }
        }
        for (index, population) in network.populations.enumerated() where !population.isInput {
            let mixed = planes[index].indices.filter { planes[index][$0] == 3 }
            guard let first = mixed.first else { continue }
            throw CompilerError.mixedSigns(
                population: population.path,
                neuron: first,
                count: mixed.count,
                chip: chip.name
            )
        }
    }

    /// The weights into a population.
    private func blocks(
        _ incoming: [Int],
        of population: LoweredPopulation,
        _ network: Network
    ) -> [WeightBlock] {
        let path = network.populations[population.population].path
        let rule = scaleOfPopulation[path] ?? scale
        return incoming.map { index in
            let projection = network.projections[index]
            return WeightBlock(
                weights: projection.connectivity.weights,
                layout: projection.connectivity.layout(
                    sources: network.populations[projection.source].count
                ),
                gain: population.gain,
                synapse: chip.synapse,
                plasticity: projection.plasticity,
                rule: rule
            )
        }
    }

    private func scales(
        of population: LoweredPopulation,
        _ blocks: [WeightBlock],
        _ registers: RegisterFit,
        _ named: [Int]?,
        _ unitFactor: Double
    ) -> ScaleChoice {
        ScaleChoice(
            for: blocks,
            registerFloor: registers.smallestUnit(for: population) * unitFactor,
            compartments: named,
            chip: chip,
            isPreferred: { registers.areBiasesExact(population, unit: $0 / unitFactor) }
        )
    }

    /// Raw units of v per raw weight of 1 at exponent 0.
    private var shiftFactor: Double { Double(1 << chip.soma.accumulatorShift) }

    /// Lowest and highest sum that an accumulator of each neuron can meet: all sources at once.
    private func reach(
        of projections: [QuantisedProjection],
        _ population: LoweredPopulation
    ) -> [[ClosedRange<Int64>]] {
        // Counts of axons, which always fit.
        if chip.synapse.weightPlanes != nil { return population.gain.map { _ in [] } }
        return population.gain.indices.map { neuron in
            var sums: [(low: Int64, high: Int64)] = []
            for projection in projections {
                while sums.count <= projection.compartment { sums.append((0, 0)) }
                let exponent = Int64(projection.rowExponent)
                let rails = chip.synapse.weightRange(projection.signMode).range
                for k in projection.layout.indices(of: neuron) where projection.isSynapse(k) {
                    // A weight that learns can reach both rails.
                    let learns = projection.rule != nil
                    let low = learns ? rails.lowerBound : min(Int(projection.weights[k]), 0)
                    let high = learns ? rails.upperBound : max(Int(projection.weights[k]), 0)
                    sums[projection.compartment].low += Int64(low) << exponent
                    sums[projection.compartment].high += Int64(high) << exponent
                }
            }
            return sums.map { $0.low...$0.high }
        }
    }

    /// What happens if all sources spike at every step for ever.
    private func overflowNote(_ population: QuantisedPopulation, _ path: String) -> String? {
        let full = Double(1 << chip.soma.decayBits)
        func settled(_ loss: Double, _ bias: Int32) -> Double {
            (Double(population.largestInput) + Double(bias.magnitude)) / max(loss, 1 / full)
        }
        let lowered = population.lowered
        if lowered.hasCurrent, let register = chip.soma.current {
            let reach = zip(lowered.currentLoss, population.currentBias).map(settled).max() ?? 0
            if reach > Double(register.maximum) {
                return
                    "Population '\(path)': if all sources spike at every step, its current reaches "
                    + "up to \(grouped(Int(reach))) and leaves \(register.bits) bits "
                    + "(\(register.overflow.rawValue))."
            }
        }
        if lowered.model == .li {
            let reach = zip(lowered.membraneLoss, population.membraneBias).map(settled).max() ?? 0
            if reach > Double(chip.soma.membrane.maximum) {
                return "Population '\(path)': if all sources spike at every step, its potential "
                    + "reaches up to \(grouped(Int(reach))) and leaves \(chip.soma.membrane.bits) bits "
                    + "(\(chip.soma.membrane.overflow.rawValue))."
            }
        }
        return nil
    }

    private func notes(
        on population: QuantisedPopulation,
        _ choice: ScaleChoice,
        _ blocks: [WeightBlock],
        _ network: Network
    ) -> [String] {
        let path = network.populations[population.lowered.population].path
        var notes: [String] = []
        if choice.isSetByRegister {
            notes.append(
                "Population '\(path)': its threshold, bias or potentials are so large against its "
                    + "weights that the weights do not use their full range."
            )
        }
        if choice.sharesCompartments {
            notes.append(
                "Population '\(path)': its projections need more exponents than the "
                    + "\(chip.dendrite.maximumCompartments) compartments of chip '\(chip.name)'. Some "
                    + "share a coarser scale."
            )
        }
        if population.neuronsThatCanSaturate > 0 {
            let rails = chip.dendrite.accumulator
            notes.append(
                "Population '\(path)': if all sources spike at once, accumulators of "
                    + "\(grouped(population.neuronsThatCanSaturate)) neurons leave "
                    + "\(rails.minimum)...\(rails.maximum) (\(population.accumulatorReach.lowerBound)"
                    + "...\(population.accumulatorReach.upperBound)) and \(rails.overflow.rawValue)."
            )
        }
        let full = Double(1 << chip.soma.decayBits)
        let lowered = population.lowered
        if let note = overflowNote(population, path) { notes.append(note) }
        let limit = Int64(1 << chip.soma.decayBits) - 1
        let kept = lowered.membraneLoss.filter { Int64(($0 * full).rounded()) > limit }.count
        if kept > 0 {
            notes.append(
                "Population '\(path)': \(grouped(kept)) neurons forget their potential within a step. "
                    + "The decay register of chip '\(chip.name)' leaves 1/\(grouped(Int(full))) of it."
            )
        }
        let still = lowered.membraneLoss.filter { $0 > 0 && ($0 * full).rounded() == 0 }.count
        if still > 0 {
            notes.append(
                "Population '\(path)': \(grouped(still)) neurons leak less than the decay register of "
                    + "chip '\(chip.name)' can tell from none. They do not leak there."
            )
        }
        return notes
    }
}
