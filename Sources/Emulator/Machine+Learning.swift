import ChipImage
package import ChipSpec
import FixedPoint

/// What the host may do with a machine that learns.
extension Machine {
    /// Switches the rule of a projection on or off; all are off at first.
    ///
    /// - Parameters:
    ///   - projection: Index in `NetworkTable.projections`; static ones are ignored.
    ///   - isOn: Whether its weights learn.
    public func setLearning(projection: Int, isOn: Bool) { learning?.isOn[projection] = isOn }

    /// Sets a named amplitude of a projection's rule; amplitudes are 0 at first.
    ///
    /// - Parameters:
    ///   - projection: Index in `NetworkTable.projections`.
    ///   - index: Index in `RuleProgram.amplitudes`.
    ///   - value: Amplitude in visible lowest bits of the weight.
    public func setAmplitude(projection: Int, index: Int, value: Double) {
        learning?.engines[projection]?.rule.setAmplitude(index, value)
        learning?.loihi[projection]?.engine.setAmplitude(index, value)
    }

    /// Writes the reward register of a projection's rule.
    ///
    /// - Parameters:
    ///   - projection: Index in `NetworkTable.projections`.
    ///   - value: The reward.
    public func setReward(projection: Int, value: Int32) {
        learning?.engines[projection]?.rule.reward = value
        learning?.loihi[projection]?.engine.reward = value
    }

    /// Sets the right shift of a population's dendritic sums.
    ///
    /// - Parameters:
    ///   - population: Index in `NetworkTable.populations`; of a random soma model.
    ///   - shift: Bits, 0...`LearningSpec.longestAttenuation`.
    public func setAttenuation(population: Int, shift: Int) {
        for place in segmentsOfPopulation[population] {
            partitions[place.partition].attenuation[place.segment] = Int64(max(0, min(shift, 15)))
        }
    }

    /// Switches rate control of a population on, afresh, or off.
    ///
    /// - Parameters:
    ///   - population: Index in `NetworkTable.populations`.
    ///   - control: How; nil switches it off and keeps the biases.
    public func setRateControl(population: Int, _ control: RateControl?) {
        let count = layout.neuronsOfPopulation[population].count
        if rateControls[population] != nil || control == nil {
            rateControls[population]?.control = control
            rateControls[population]?.elapsed = 0
            rateControls[population]?.counts = .init(repeating: 0, count: count)
            return
        }
        let biases = (0..<count).map { index in
            Int64(bias(population: population, neuron: index)) << RunningRateControl.fractionBits
        }
        rateControls[population] = RunningRateControl(
            control: control,
            counts: .init(repeating: 0, count: count),
            biases: biases
        )
    }

    /// Switches the gain servo of a projection on, afresh, or off.
    ///
    /// - Parameters:
    ///   - projection: Index in `NetworkTable.projections`; static ones, and those of an engine without
    ///     servo, are ignored.
    ///   - servo: How; nil switches it off.
    public func setGainServo(projection: Int, _ servo: GainServo?) {
        guard image.chip.learning?.hasGainServo == true else { return }
        learning?.setServo(servo, of: projection)
    }

    /// Bias of a neuron's membrane, raw.
    ///
    /// - Parameters:
    ///   - population: Index in `NetworkTable.populations`.
    ///   - neuron: Index in the population.
    /// - Returns: Raw units of v; the device's mismatch included.
    public func bias(population: Int, neuron: Int) -> Int32 {
        let (partition, column) = place(ofNeuron: layout.neuronsOfPopulation[population][neuron])
        return dendrites[population]?.bias[neuron] ?? partition.tables.membraneBias[column]
    }

    /// Writes the bias of a neuron's membrane, as it is: mismatch does not act on it again.
    ///
    /// - Parameters:
    ///   - population: Index in `NetworkTable.populations`.
    ///   - neuron: Index in the population.
    ///   - raw: Raw units of v.
    public func setBias(population: Int, neuron: Int, raw: Int32) {
        let range = image.chip.soma.membrane
        let fitted = Int32(min(max(Int64(raw), range.minimum), range.maximum))
        writeBias(fitted, population, neuron)
        rateControls[population]?.biases[neuron] = Int64(fitted) << RunningRateControl.fractionBits
    }

    func writeBias(_ raw: Int32, _ population: Int, _ neuron: Int) {
        let (partition, column) = place(ofNeuron: layout.neuronsOfPopulation[population][neuron])
        partition.tables.membraneBias[column] = raw
        dendrites[population]?.bias[neuron] = raw
    }

    /// Synapses of a projection as they are now, ascending by (pre, post).
    ///
    /// - Parameter projection: Index in `NetworkTable.projections`.
    /// - Returns: One entry a synapse; of a static projection, synapses of weight 0 may be missing.
    public func synapses(of projection: Int) -> [SynapseState] {
        let blocks = learning?.blocks(of: projection) ?? []
        learning?.odin[projection]?.readRegisters()
        guard !blocks.isEmpty else { return staticSynapses(of: projection) }
        var list: [SynapseState] = []
        for block in blocks {
            for k in 0..<block.count {
                list.append(
                    SynapseState(
                        pre: Int(block.preIndex[k]),
                        post: Int(block.postIndex[k]),
                        register: Int(block.register[k]),
                        weight: Int(weightFormat.visible(block.register[k])),
                        gain: Double(block.gain[k]) / 65536
                    )
                )
            }
        }
        return list.sorted { ($0.pre, $0.post) < ($1.pre, $1.post) }
    }

    private func staticSynapses(of projection: Int) -> [SynapseState] {
        let factors = DeviceFactors(device: device, distribution: image.chip.mismatch.distribution)
        return image.synapses(ofProjection: projection).map { place in
            let core = image.cores[place.core]
            let weight = Int(core.synapses.weights[place.synapse])
            return SynapseState(
                pre: place.pre,
                post: place.post,
                register: weight << image.chip.synapse.hiddenWeightBits,
                weight: weight,
                gain: factors.factor(
                    .weight,
                    at: DevicePlace(core: core.core, index: UInt32(place.synapse))
                )
            )
        }
    }

    /// Weight register of a plastic synapse, hidden bits included.
    ///
    /// - Parameters:
    ///   - projection: Index in `NetworkTable.projections`.
    ///   - pre: Index of the presynaptic neuron in its population.
    ///   - post: Index of the postsynaptic neuron.
    /// - Returns: The register, or nil if there is no such synapse.
    public func weightRegister(projection: Int, pre: Int, post: Int) -> Int? {
        learning?.odin[projection]?.readRegisters()
        return index(of: projection)[Self.key(pre, post)].map {
            Int($0.block.register[$0.synapse])
        }
    }

    /// Writes the weight register of a plastic synapse; saturates.
    ///
    /// - Parameters:
    ///   - projection: Index in `NetworkTable.projections`.
    ///   - pre: Index of the presynaptic neuron in its population.
    ///   - post: Index of the postsynaptic neuron.
    ///   - value: The register, hidden bits included.
    public func setWeightRegister(projection: Int, pre: Int, post: Int, value: Int) {
        guard let place = index(of: projection)[Self.key(pre, post)] else { return }
        let register = Int32(clamping: value)
        learning?.engines[projection]?.setRegister(register, of: place.synapse, in: place.block)
        learning?.loihi[projection]?.setRegister(register, of: place.synapse, in: place.block)
        learning?.odin[projection]?.setRegister(register, of: place.synapse, in: place.block)
    }

    func index(of projection: Int) -> [UInt64: (block: PlasticBlock, synapse: Int)] {
        if let known = synapseIndex[projection] { return known }
        var index: [UInt64: (block: PlasticBlock, synapse: Int)] = [:]
        for block in learning?.blocks(of: projection) ?? [] {
            for k in 0..<block.count {
                index[Self.key(Int(block.preIndex[k]), Int(block.postIndex[k]))] = (block, k)
            }
        }
        synapseIndex[projection] = index
        return index
    }

    static func key(_ pre: Int, _ post: Int) -> UInt64 { UInt64(pre) << 32 | UInt64(post) }

    /// Overwrites state of the chip at random: what a rule does not read must not matter to it.
    ///
    /// - Parameters:
    ///   - registers: What the rule reads; left alone.
    ///   - seed: Of what is written.
    package func overwriteState(besides registers: [RuleVariable], seed: UInt64) {
        let stream = RandomStream(seed: seed, purpose: .stimulus)
        for (number, partition) in partitions.enumerated() {
            let tables = partition.tables
            func word(_ index: Int, _ kind: UInt32) -> Int32 {
                let words = stream.words(UInt32(index), UInt32(number), kind)
                return Int32(truncatingIfNeeded: words.0 & 0xFFFF)
            }
            for k in 0..<tables.columnCount {
                if !registers.contains(.v) { partition.v[k] = word(k, 1) }
                if !registers.contains(.u) { partition.u[k] = word(k, 2) }
                partition.h[k] = word(k, 3)
                if !registers.contains(.refractory) { partition.zeta[k] = word(k, 4) & 7 }
                if !registers.contains(.e) { partition.error[k] = word(k, 10) }
                tables.membraneBias[k] = word(k, 5)
                tables.currentBias[k] = word(k, 6)
                tables.resetPotential[k] = word(k, 7)
                tables.threshold[k] = word(k, 8)
            }
            // Static weights, and the copies of plastic ones that delivery reads.
            for k in 0..<tables.charges.count { tables.charges[k] = Int16(word(k, 9) & 0x7F) }
            for k in 0..<tables.wideCharges.count { tables.wideCharges[k] = word(k, 9) & 0x7F }
        }
        learning?.overwriteState(besides: registers, step: currentStep, stream)
    }
}
