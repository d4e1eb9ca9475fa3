package import ChipImage
package import ChipSpec

/// What a device makes of the numbers of an image: registers and charges with its fixed pattern
/// (`docs/NUMERICS.md`, section 6).
///
/// `HostLayout` puts the same numbers into the machine's columns.
package struct EffectiveTables {
    /// Registers of the neurons, `[used core]`.
    package let neurons: [NeuronTables]
    private let image: ChipImage
    private let factors: DeviceFactors

    /// Works out the registers.
    ///
    /// - Parameters:
    ///   - image: A verified image.
    ///   - device: Which copy of the chip.
    package init(_ image: ChipImage, on device: Device) {
        self.image = image
        let factors = DeviceFactors(device: device, distribution: image.chip.mismatch.distribution)
        self.factors = factors
        neurons = image.cores.map { core in
            var neurons = core.neurons
            for segment in core.segments {
                let population = image.network.populations[Int(segment.population)]
                for slot in segment.firstSlot..<(segment.firstSlot + segment.count) {
                    neurons.apply(
                        factors,
                        at: DevicePlace(core: core.core, index: slot),
                        population,
                        image.chip.soma
                    )
                }
            }
            return neurons
        }
    }

    /// Charge that a synapse adds to its accumulator, in its unit; hidden bits of a weight included.
    ///
    /// - Parameters:
    ///   - synapse: Index in the tables of the core.
    ///   - row: Its row.
    ///   - core: Index of the core among the used ones.
    /// - Returns: The charge; with mismatch of weights in steps of 2⁻⁶.
    package func charge(ofSynapse synapse: Int, inRow row: Int, ofCore core: Int) -> Double {
        let tables = image.cores[core].synapses
        let exponent = Int(tables.rowExponent[row])
        let learns = !tables.rowProjection.isEmpty && tables.rowProjection[row] != 0
        let weight = Int64(tables.weights[synapse])
        guard !learns else {
            // The weight register lives on; its gain is what the device adds.
            let hidden = tables.hiddenWeights.isEmpty ? 0 : Double(tables.hiddenWeights[synapse])
            let register =
                Double(weight) + hidden / Double(1 << image.chip.synapse.hiddenWeightBits)
            let gain = factors.factor(.weight, at: place(core, synapse))
            return register * Double(sign: .plus, exponent: exponent, significand: gain)
        }
        let nominal = exponent >= 0 ? weight << Int64(exponent) : weight >> Int64(-exponent)
        guard factors.varies(.weight) else { return Double(nominal) }
        let bits = HostLayout.weightFractionBits
        let scaled = factors.scaled(
            nominal << Int64(bits),
            .weight,
            at: place(core, synapse),
            within: -(1 << 30)...(1 << 30)
        )
        return Double(scaled) / Double(1 << bits)
    }

    private func place(_ core: Int, _ synapse: Int) -> DevicePlace {
        DevicePlace(core: image.cores[core].core, index: UInt32(synapse))
    }
}

extension NeuronTables {
    /// Puts a device's factors on the registers of a neuron.
    fileprivate mutating func apply(
        _ factors: DeviceFactors,
        at place: DevicePlace,
        _ population: PopulationTable,
        _ soma: SomaSpec
    ) {
        let slot = Int(place.index)
        let isLoihi = population.model == .cubaLIF
        let full = Int64(1) << Int64(isLoihi ? CubaLIF.decayBits : soma.decayBits)
        let membrane = isLoihi ? CubaLIF.membraneRange : soma.membrane.range
        let current = soma.current?.range ?? membrane
        func decay(_ value: Int64, _ parameter: MismatchParameter, _ first: Int64) -> Int64 {
            population.model.isRandom
                ? factors.exactDecay(value, parameter, at: place, full: full)
                : factors.decay(value, parameter, at: place, within: first...(full - 1 + first))
        }
        func scaled(
            _ value: Int32,
            _ parameter: MismatchParameter,
            _ range: ClosedRange<Int64>
        ) -> Int32 {
            Int32(factors.scaled(Int64(value), parameter, at: place, within: range))
        }
        let offset: Int64 = isLoihi ? 1 : 0
        let nominal = Int64(currentDecay[slot]) + offset
        if population.hasCurrent && nominal < full {
            currentDecay[slot] = UInt16(decay(nominal, .currentTau, offset) - offset)
        }
        membraneDecay[slot] = UInt16(decay(Int64(membraneDecay[slot]), .membraneTau, 0))
        threshold[slot] = scaled(threshold[slot], .threshold, membrane)
        membraneBias[slot] = scaled(membraneBias[slot], .bias, membrane)
        currentBias[slot] = scaled(currentBias[slot], .bias, current)
    }
}
