import FixedPoint

// Chips whose arithmetic is one particular chip's to the bit: its registers are that chip's.
extension ChipSpec {
    /// Refuses a chip that lists a model of one particular chip beside registers of another.
    func refuseUnlessDigital(_ root: SpecSection) throws(ChipSpecError) {
        let soma = try root.section("soma", known: SpecKeys.soma)
        let synapse = try root.section("synapse", known: SpecKeys.synapse)
        let dendrite = try root.section("dendrite", known: SpecKeys.dendrite)
        if learning?.engine == .odin, self.soma.models != [.odinLIF] {
            throw try root.section("learning", known: SpecKeys.learning).refusal(
                "engine",
                "It must not be odin where soma.models is not [odinLIF].",
                "Its rule reads calcium, which no other soma has."
            )
        }
        if self.soma.models.contains(.trueNorth) {
            try require(.trueNorth, planes: .bits, soma, synapse)
            try refuseUnlessTrueNorth(soma, synapse, dendrite)
        } else if self.soma.models.contains(.odinLIF) {
            try require(.odinLIF, planes: .signs, soma, synapse)
            try refuseUnlessODIN(root, soma, synapse)
        } else if synapse.has("weightPlanes") {
            throw synapse.refusal(
                "weightPlanes",
                "It must be absent where no soma reads weights by axon.",
                "Delete the line, or write 'models: [trueNorth]' or 'models: [odinLIF]'."
            )
        }
    }

    /// What all of these chips have in common.
    private func require(
        _ model: NeuronModel,
        planes: WeightPlanes,
        _ soma: SpecSection,
        _ synapse: SpecSection
    ) throws(ChipSpecError) {
        let name = model.rawValue
        let advice = "Model other neurons on a chip of their own, or remove \(name)."
        let demand = "where soma.models has \(name)."
        guard self.soma.models == [model] else {
            throw soma.refusal("models", "It must be [\(name)], alone, \(demand)", advice)
        }
        guard self.synapse.weightPlanes == planes else {
            throw synapse.refusal(
                "weightPlanes",
                "It must be \(planes.rawValue) \(demand)",
                "Add 'weightPlanes: \(planes.rawValue)'."
            )
        }
        guard self.synapse.weightBits == 4, !self.synapse.hasSignModes else {
            throw synapse.refusal(
                "weightBits",
                "It must be 4, and hasSignModes no, \(demand)",
                advice
            )
        }
        guard self.synapse.minimumExponent == 0, self.synapse.maximumExponent == 0 else {
            throw synapse.refusal(
                "maximumExponent",
                "It and minimumExponent must be 0 \(demand)",
                advice
            )
        }
        guard self.soma.current == nil else {
            throw soma.refusal("current", "It must be absent \(demand)", advice)
        }
        guard self.soma.membrane.overflow == .saturate else {
            throw soma.refusal("membrane", "It must saturate \(demand)", advice)
        }
        guard self.soma.thresholdShift == 0, self.soma.biasMaximumExponent == 0 else {
            throw soma.refusal(
                "thresholdShift",
                "It and biasMaximumExponent must be 0 \(demand)",
                advice
            )
        }
        guard !self.soma.hasResetPotential else {
            throw soma.refusal(
                "hasResetPotential",
                "It must be no \(demand)",
                "The model has reset potentials of its own; the compiler uses 0."
            )
        }
    }

    private func refuseUnlessODIN(
        _ root: SpecSection,
        _ soma: SpecSection,
        _ synapse: SpecSection
    ) throws(ChipSpecError) {
        let demand = "where soma.models has odinLIF."
        let advice = "Take ODIN's widths (chipspecs/odin.yaml)."
        guard self.synapse.maximumDelayInSteps == 1 else {
            throw synapse.refusal(
                "maximumDelayInSteps",
                "It must be 1, as an event acts when it comes, \(demand)",
                advice
            )
        }
        guard self.synapse.hiddenWeightBits == 0 else {
            throw synapse.refusal("hiddenWeightBits", "It must be 0 \(demand)", advice)
        }
        guard self.soma.membrane.bits == 9 else {
            throw soma.refusal("membrane", "It must have 9 bits for 0...255 \(demand)", advice)
        }
        guard self.soma.accumulatorShift == 0 else {
            throw soma.refusal("accumulatorShift", "It must be 0 \(demand)", advice)
        }
        guard self.soma.thresholdBits <= 8, self.soma.biasMantissaBits <= 8 else {
            throw soma.refusal(
                "thresholdBits",
                "It must be 8 or less, and biasMantissaBits 8 or less, \(demand)",
                advice
            )
        }
        guard self.soma.resetRules == [.zero] else {
            throw soma.refusal("resetRules", "It must be [zero] \(demand)", advice)
        }
        guard let learning else { return }
        guard learning.engine == .odin else {
            throw try root.section("learning", known: SpecKeys.learning).refusal(
                "engine",
                "It must be odin \(demand)",
                "Write odin, or delete the section."
            )
        }
    }

    private func refuseUnlessTrueNorth(
        _ soma: SpecSection,
        _ synapse: SpecSection,
        _ dendrite: SpecSection
    ) throws(ChipSpecError) {
        let demand = "where soma.models has trueNorth."
        let advice = "Take TrueNorth's widths (chipspecs/truenorth.yaml)."
        guard self.dendrite.maximumCompartments >= 4 else {
            throw dendrite.refusal(
                "maximumCompartments",
                "It must be 4 or more, one for each axon type, \(demand)",
                advice
            )
        }
        // Each count may cost as many draws.
        guard self.dendrite.accumulator.bits <= 12 else {
            throw dendrite.refusal(
                "accumulator",
                "It counts axons and must have 12 bits or fewer \(demand)",
                advice
            )
        }
        guard self.soma.membrane.bits >= 20, self.soma.membrane.bits <= 24 else {
            throw soma.refusal("membrane", "It must have 20...24 bits \(demand)", advice)
        }
        guard self.soma.accumulatorShift <= 5 else {
            throw soma.refusal(
                "accumulatorShift",
                "It must lie in 0...5, as -8 shifted by it is a 9-bit weight, \(demand)",
                advice
            )
        }
        guard self.soma.thresholdBits <= 18, self.soma.biasMantissaBits <= 9 else {
            throw soma.refusal(
                "thresholdBits",
                "It must be 18 or less, and biasMantissaBits 9 or less, \(demand)",
                advice
            )
        }
        guard learning == nil else {
            throw soma.refusal("models", "The chip must have no section learning \(demand)", advice)
        }
    }
}
