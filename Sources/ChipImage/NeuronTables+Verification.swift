import ChipSpec
import FixedPoint

extension NeuronTables {
    /// Checks every register against its format.
    ///
    /// - Parameters:
    ///   - place: As in messages.
    ///   - segments: Segments of the core, verified.
    ///   - network: Populations, verified.
    ///   - chip: Formats.
    /// - Throws: `ChipImageError.invalid`.
    func verify(
        _ place: String,
        _ segments: [Segment],
        network: NetworkTable,
        chip: ChipSpec
    ) throws(ChipImageError) {
        let lengths = [
            ("indexInPopulation", indexInPopulation.count), ("membraneDecay", membraneDecay.count),
            ("currentDecay", currentDecay.count), ("membraneBias", membraneBias.count),
            ("currentBias", currentBias.count), ("resetPotential", resetPotential.count),
            ("initialPotential", initialPotential.count),
        ]
        for (column, length) in lengths where length != count {
            throw .wrongLength(place, column, length, count)
        }
        for segment in segments {
            let slots = Int(segment.firstSlot)..<Int(segment.firstSlot + segment.count)
            let population = network.populations[Int(segment.population)]
            try verify(place, slots, RegisterRules(population, chip: chip))
        }
        try verifyModelRegisters(place, chip: chip)
    }

    /// Checks the registers that one model alone has; a chip with such a model has no other.
    private func verifyModelRegisters(_ place: String, chip: ChipSpec) throws(ChipImageError) {
        let words = chip.soma.models.map(\.modelRegisterCount).max() ?? 0
        guard modelRegisters.count == count * words else {
            throw .wrongLength(place, "modelRegisters", modelRegisters.count, count * words)
        }
        guard words > 0 else { return }
        for slot in 0..<count {
            let own = modelRegisters[slot * words..<(slot + 1) * words]
            let isODIN = chip.soma.models == [.odinLIF]
            let isValid =
                isODIN ? ODINRegisters.areValid(own) : TrueNorthRegisters(words: own).isValid
            guard isValid else {
                throw .invalid(
                    place: "\(place), modelRegisters of slot \(slot)",
                    what: "they are \(own.map(String.init).joined(separator: ", "))",
                    limit: isODIN
                        ? "They have 1, 8, 3, 3, 3 and 5 bits"
                        : "Weights lie in \(TrueNorthRegisters.weightRange), the reset mode in 0...2, "
                            + "mask and negative threshold in \(TrueNorthRegisters.thresholdRange)"
                )
            }
        }
    }

    private func verify(
        _ place: String,
        _ slots: Range<Int>,
        _ rules: RegisterRules
    ) throws(ChipImageError) {
        if rules.hasThreshold {
            try check(
                threshold,
                in: slots,
                "\(place), threshold",
                limit: "It must be a mantissa of \(rules.thresholdBits) bits, shifted left by "
                    + "\(rules.thresholdShift)",
                rules.isThreshold
            )
        }
        let decays = rules.decays
        try check(
            membraneDecay,
            in: slots,
            "\(place), membraneDecay",
            limit: "It must lie in \(decays)",
            decays.contains
        )
        let currentDecays = rules.currentDecays
        try check(
            currentDecay,
            in: slots,
            "\(place), currentDecay",
            limit: "It must lie in \(currentDecays)",
            currentDecays.contains
        )
        let biasLimit =
            "It must be a signed mantissa of \(rules.biasBits) bits, shifted left by "
            + "0...\(rules.biasMaximumExponent)"
        try check(
            membraneBias,
            in: slots,
            "\(place), membraneBias",
            limit: rules.isODIN ? "It must lie in \(ODINRegisters.leakRange)" : biasLimit
        ) { rules.isODIN ? ODINRegisters.leakRange.contains($0) : rules.isBias($0) }
        try check(
            currentBias,
            in: slots,
            "\(place), currentBias",
            limit: rules.hasCurrentBias ? biasLimit : "It must be 0: there is no such register"
        ) { rules.hasCurrentBias ? rules.isBias($0) : $0 == 0 }
        let resets = rules.resetPotentials
        try check(
            resetPotential,
            in: slots,
            "\(place), resetPotential",
            limit: rules.isTrueNorth
                ? "It must be 2^VR - 1 or its negative, VR in 0...18" : "It must lie in \(resets)"
        ) {
            rules.isTrueNorth
                ? TrueNorthRegisters.isResetPotential($0) : resets.contains(Int64($0))
        }
        let potentials = rules.potentials
        try check(
            initialPotential,
            in: slots,
            "\(place), initialPotential",
            limit: "It must lie in \(potentials)"
        ) { potentials.contains(Int64($0)) }
    }
}

/// What the registers of a population can hold on a chip.
private struct RegisterRules {
    let isTrueNorth: Bool
    let isODIN: Bool
    let hasThreshold: Bool
    let thresholdBits: Int
    let thresholdShift: Int
    let decays: ClosedRange<UInt16>
    let currentDecays: ClosedRange<UInt16>
    let biasBits: Int
    let biasMaximumExponent: Int
    let hasCurrentBias: Bool
    let resetPotentials: ClosedRange<Int64>
    let potentials: ClosedRange<Int64>

    init(_ population: PopulationTable, chip: ChipSpec) {
        let soma = chip.soma
        let isLoihi = population.model == .cubaLIF
        isTrueNorth = population.model == .trueNorth
        isODIN = population.model == .odinLIF
        hasThreshold = population.model.isSpiking
        thresholdBits = soma.thresholdBits
        thresholdShift = soma.thresholdShift
        // Loihi's decays have 12 bits and its v is symmetric (NUMERICS, section 4).
        decays = 0...(UInt16(1) << (isLoihi ? 12 : soma.decayBits) - 1)
        currentDecays = population.hasCurrent ? decays : 0...0
        biasBits = soma.biasMantissaBits
        biasMaximumExponent = soma.biasMaximumExponent
        hasCurrentBias = soma.hasCurrentBias && population.hasCurrent && !isLoihi
        potentials =
            isODIN
            ? 0...255
            : (isLoihi ? -soma.membrane.maximum : soma.membrane.minimum)...soma.membrane.maximum
        resetPotentials = soma.hasResetPotential && !isLoihi ? potentials : 0...0
    }

    func isThreshold(_ value: Int32) -> Bool {
        let mantissa = Int64(value) >> Int64(thresholdShift)
        return mantissa << Int64(thresholdShift) == Int64(value)
            && (0..<(Int64(1) << Int64(thresholdBits))).contains(mantissa)
    }

    func isBias(_ value: Int32) -> Bool {
        // The largest exponent that loses nothing gives the smallest mantissa.
        let exponent = min(value.trailingZeroBitCount, biasMaximumExponent)
        let top = Int64(1) << Int64(biasBits - 1)
        return (-top..<top).contains(Int64(value) >> Int64(exponent))
    }
}
