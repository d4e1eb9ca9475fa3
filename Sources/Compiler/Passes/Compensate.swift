public import ChipImage
public import ChipSpec

/// Rewrites an image for a device whose factors are known, so that it behaves there as the nominal chip does.
///
/// Runs on the finished image: a neuron's slot decides which factor it meets, and compensation moves none.
/// Each neuron has registers of its own on all chips here, so nothing is shared that would have to be scaled
/// in place of a threshold.
public struct Compensation: Sendable, Equatable {
    /// Registers that were rewritten.
    public var thresholds = 0
    /// Membrane and current decays that were rewritten.
    public var decays = 0
    /// Biases that were rewritten.
    public var biases = 0
    /// Weights that were rewritten.
    public var weights = 0
    /// Values that would have left their register or range, and were put at its end.
    public var limited = 0

    /// Nothing was done.
    public init() {}

    /// Rewrites an image.
    ///
    /// - Parameters:
    ///   - image: A verified image; it stays one.
    ///   - device: Whose known factors to take back. Drawn factors are not looked at, nor are those of
    ///     weights in an image with shared kernels, whose weight is one for many synapses.
    public init(_ image: inout ChipImage, for device: Device) {
        let sharesKernels = image.network.projections.contains { $0.kernels != nil }
        for index in image.cores.indices {
            guard let known = device.known[image.cores[index].core] else { continue }
            for segment in image.cores[index].segments {
                let population = image.network.populations[Int(segment.population)]
                for slot in segment.firstSlot..<(segment.firstSlot + segment.count) {
                    compensate(
                        &image.cores[index].neurons,
                        Int(slot),
                        known,
                        population,
                        image.chip
                    )
                }
            }
            if !sharesKernels { compensate(&image.cores[index].synapses, known, image.chip) }
        }
    }

    /// What was done: one sentence.
    public var summary: String {
        "compensated: \(thresholds) thresholds, \(decays) decays, \(biases) biases, \(weights) weights"
            + (limited > 0 ? "; \(limited) values stopped at the end of their range" : "")
    }

    private mutating func compensate(
        _ neurons: inout NeuronTables,
        _ slot: Int,
        _ known: KnownFactors,
        _ population: PopulationTable,
        _ chip: ChipSpec
    ) {
        // Models whose registers are not what the factors of section 6 act on stay as they are.
        guard [.cubaLIF, .lif, .integrateAndFire, .li].contains(population.model) else { return }
        let soma = chip.soma
        let isLoihi = population.model == .cubaLIF
        let place = UInt32(slot)
        if let factor = known.factor(.threshold, at: place) {
            let unit = Double(Int64(1) << Int64(soma.thresholdShift))
            let largest = (Double(Int64(1) << Int64(soma.thresholdBits)) - 1)
            let mantissa = Double(neurons.threshold[slot]) / factor / unit
            neurons.threshold[slot] = Int32(limit(mantissa, 0, largest) * unit)
            thresholds += 1
        }
        let top = Double(1 << (isLoihi ? 12 : soma.decayBits))
        if let factor = known.factor(.membraneTau, at: place), neurons.membraneDecay[slot] > 0 {
            let decay = Double(neurons.membraneDecay[slot]) * factor
            neurons.membraneDecay[slot] = UInt16(limit(decay, 1, top - 1))
            decays += 1
        }
        let offset = isLoihi ? 1.0 : 0
        let currentDecay = Double(neurons.currentDecay[slot]) + offset
        if population.hasCurrent || isLoihi, currentDecay > 0, currentDecay < top,
            let factor = known.factor(.currentTau, at: place)
        {
            let decay = limit(currentDecay * factor, 1, top - 1) - offset
            neurons.currentDecay[slot] = UInt16(decay)
            decays += 1
        }
        if let factor = known.factor(.bias, at: place) {
            for keyPath in [\NeuronTables.membraneBias, \NeuronTables.currentBias] {
                let bias = neurons[keyPath: keyPath][slot]
                guard bias != 0 else { continue }
                neurons[keyPath: keyPath][slot] = representable(Double(bias) / factor, soma)
                biases += 1
            }
        }
    }

    /// The nearest bias that a mantissa and an exponent can hold.
    private mutating func representable(_ value: Double, _ soma: SomaSpec) -> Int32 {
        let largest = Double(Int64(1) << Int64(soma.biasMantissaBits - 1)) - 1
        var exponent = 0
        while exponent < soma.biasMaximumExponent,
            (value / Double(1 << exponent)).rounded().magnitude > largest
        { exponent += 1 }
        let unit = Double(1 << exponent)
        return Int32(limit(value / unit, -largest, largest) * unit)
    }

    private mutating func compensate(
        _ synapses: inout SynapseTables,
        _ known: KnownFactors,
        _ chip: ChipSpec
    ) {
        // The bits of a plane are no numbers that a gain could be taken out of, and a weight that learns is
        // the rule's.
        guard known.factors[.weight] != nil, chip.synapse.weightPlanes == nil,
            chip.soma.models != [.odinLIF]
        else { return }
        let (range, step) = chip.synapse.weightRange(.mixed)
        for row in 0..<synapses.rowDelay.count {
            let learns = !synapses.rowProjection.isEmpty && synapses.rowProjection[row] != 0
            guard !learns else { continue }
            for synapse in Int(synapses.rowSynapses[row])..<Int(synapses.rowSynapses[row + 1]) {
                let weight = synapses.weights[synapse]
                guard weight != 0, let factor = known.factor(.weight, at: UInt32(synapse)) else {
                    continue
                }
                // Signs and zeros stay: rows say which synapses there are.
                let units = Double(weight) / factor / Double(step)
                let smallest = weight < 0 ? Double(range.lowerBound / step) : 1
                let largest = weight < 0 ? -1 : Double(range.upperBound / step)
                synapses.weights[synapse] = Int16(limit(units, smallest, largest)) * Int16(step)
                weights += 1
            }
        }
    }

    /// The nearest whole number in a range; notes if it had to be brought there.
    private mutating func limit(_ value: Double, _ low: Double, _ high: Double) -> Double {
        let nearest = value.rounded(.toNearestOrAwayFromZero)
        if nearest < low || nearest > high { limited += 1 }
        return min(max(nearest, low), high)
    }
}
