import ChipSpec
import Events
import FixedPoint

extension ChipSpec {
    /// Checks every number the machine computes with against the range its comment gives.
    ///
    /// An image carries its chip, so a hostile image carries a hostile chip.
    ///
    /// - Throws: `ChipImageError.invalid`, naming the key.
    func checkRanges() throws(ChipImageError) {
        try check("mesh.width", mesh.width, 1...256)
        try check("mesh.height", mesh.height, 1...256)
        try check("mesh.coresPerTile", mesh.coresPerTile, 1...64)
        try check("core.neurons", core.neurons, 1...65_536)
        try check("core.axonsIn", core.axonsIn, 1...65_536)
        try check("core.axonsOut", core.axonsOut, 1...(1 << 20))
        try check("core.synapseMemoryInBytes", core.synapseMemoryInBytes, 0...(1 << 40))
        // With sign modes the step between weights is 2^(8 − bits).
        try check("synapse.weightBits", synapse.weightBits, 1...(synapse.hasSignModes ? 8 : 9))
        try check("synapse.hiddenWeightBits", synapse.hiddenWeightBits, 0...8)
        try check("synapse.minimumExponent", synapse.minimumExponent, -8...0)
        try check("synapse.maximumExponent", synapse.maximumExponent, 0...7)
        try check("synapse.maximumDelayInSteps", synapse.maximumDelayInSteps, 1...62)
        try check("synapse.bytesPerSynapse", synapse.bytesPerSynapse, 0...65_536)
        try check("synapse.bytesPerPlasticSynapse", synapse.bytesPerPlasticSynapse, 0...65_536)
        try check("synapse.bytesPerRowHeader", synapse.bytesPerRowHeader, 0...65_536)
        try check("dendrite.maximumCompartments", dendrite.maximumCompartments, 1...8)
        try check("dendrite.accumulator", dendrite.accumulator)
        try check("soma.membrane", soma.membrane)
        if let current = soma.current { try check("soma.current", current) }
        try check("soma.accumulatorShift", soma.accumulatorShift, 0...16)
        try check("soma.decayBits", soma.decayBits, 1...12)
        if soma.decayRounding == .stochastic {
            throw outside("soma.decayRounding", "stochastic", "floor, towardZero or nearest")
        }
        try check("soma.thresholdBits", soma.thresholdBits, 1...31)
        try check("soma.thresholdShift", soma.thresholdShift, 0...16)
        try check("soma.biasMantissaBits", soma.biasMantissaBits, 2...31)
        try check("soma.biasMaximumExponent", soma.biasMaximumExponent, 0...16)
        // A time base is in lowest terms; decoding does not go through its initialiser.
        let step = time.step
        guard step.numerator > 0, step.denominator > 0,
            TimeBase(numerator: step.numerator, denominator: step.denominator) == step
        else {
            throw outside("time.step", "\(step.numerator)/\(step.denominator)", "a reduced ratio")
        }
        if energyTables.isEmpty { throw outside("energyTables", "empty", "at least one table") }
    }

    private func check(_ key: String, _ value: Int, _ range: ClosedRange<Int>)
        throws(ChipImageError)
    {
        if !range.contains(value) {
            throw outside(key, "\(value)", "in \(range.lowerBound)...\(range.upperBound)")
        }
    }

    private func check(_ key: String, _ format: RegisterFormat) throws(ChipImageError) {
        try check(key + ".bits", format.bits, 2...32)
        try check(key + ".fractionBits", format.fractionBits, 0...format.bits)
        if !format.isSigned { throw outside(key + ".isSigned", "no", "yes") }
    }

    private func outside(_ key: String, _ value: String, _ limit: String) -> ChipImageError {
        .invalid(place: "Chip '\(name)'", what: "\(key) is \(value)", limit: "It must be \(limit)")
    }
}
