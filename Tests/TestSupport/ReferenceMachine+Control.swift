import ChipImage
import ChipSpec
package import Events
import FixedPoint

/// Rate control of section 9, which moves biases.
extension ReferenceMachine {
    /// Phase 4, rate control.
    mutating func controlRates(_ spikes: [Spike]) {
        for p in plasticity.rateControls.indices {
            guard var control = plasticity.rateControls[p] else { continue }
            let places = places(ofPopulation: p)
            for (c, slot) in places {
                let hasSpiked = spikes.contains {
                    $0.core == image.cores[c].core && $0.neuron == UInt32(slot)
                }
                if hasSpiked { control.spikes[[c, slot], default: 0] += 1 }
            }
            control.steps += 1
            if control.steps == control.period {
                for (c, slot) in places {
                    let n = control.spikes[[c, slot]] ?? 0
                    let (lowest, highest) = biasRange(p)
                    var bias = PlainArithmetic.fit(
                        biasRegisters[c][slot] + control.gain * Int64(control.target - n),
                        lowest * 4096,
                        highest * 4096,
                        .saturate
                    )
                    if planted == .biasFractionDropped {
                        bias = PlainArithmetic.floorDivision(bias, 4096) * 4096
                    }
                    biasRegisters[c][slot] = bias
                    report.actions[.biasUpdate] += 1
                }
                control.steps = 0
                control.spikes = [:]
            }
            plasticity.rateControls[p] = control
        }
    }

    func places(ofPopulation p: Int) -> [(core: Int, slot: Int)] {
        image.cores.indices.flatMap { c in
            image.cores[c].segments.filter { Int($0.population) == p }.flatMap { segment in
                (segment.firstSlot..<segment.firstSlot + segment.count).map { (c, Int($0)) }
            }
        }
    }

    /// The range of v.
    func biasRange(_ p: Int) -> (lowest: Int64, highest: Int64) {
        let membrane = image.chip.soma.membrane
        return image.network.populations[p].model == .cubaLIF
            ? (-(1 << 23) + 1, (1 << 23) - 1) : (membrane.minimum, membrane.maximum)
    }
}

/// What the host sets and reads.
extension ReferenceMachine: LearningMachine {
    package mutating func setLearning(projection: Int, isOn: Bool) {
        plasticity.isOn[projection] = isOn
    }

    package mutating func setAmplitude(projection: Int, index: Int, value: Double) {
        plasticity.amplitudes[projection][index] = value
    }

    package mutating func setReward(projection: Int, value: Int32) {
        plasticity.rewards[projection] = Int64(value)
    }

    package mutating func setAttenuation(population: Int, shift: Int) {
        attenuations[population] = shift
    }

    package mutating func setRateControl(
        population: Int,
        target: Int,
        gain: Int32,
        periodInSteps: Int
    ) {
        plasticity.rateControls[population] = ReferencePlasticity.RateControl(
            target: target,
            gain: Int64(gain),
            period: periodInSteps
        )
    }

    package mutating func stopRateControl(population: Int) {
        plasticity.rateControls[population] = nil
    }

    package mutating func setGainServo(projection: Int, _ servo: ServoSetting?) {
        plasticity.servos[projection] = servo.map { ReferencePlasticity.Servo(setting: $0) }
    }

    package mutating func setBias(population: Int, neuron: Int, raw: Int32) {
        let (c, slot) = place(population, neuron)
        let (lowest, highest) = biasRange(population)
        biasRegisters[c][slot] =
            PlainArithmetic.fit(Int64(raw), lowest, highest, .saturate) * 4096
    }

    package func bias(population: Int, neuron: Int) -> Int32 {
        let (c, slot) = place(population, neuron)
        return Int32(bias(c, slot))
    }

    package mutating func setWeightRegister(
        projection: Int,
        pre: Int,
        post: Int,
        value: Int
    ) {
        let synapse = synapse(projection, pre, post)
        plasticity.registers[synapse.core][synapse.index] = fitWeightRegister(
            Int64(value),
            projection
        )
    }

    package func weightRegister(projection: Int, pre: Int, post: Int) -> Int {
        let synapse = synapse(projection, pre, post)
        return Int(plasticity.registers[synapse.core][synapse.index])
    }

    package mutating func advance(_ inputs: [NeuronAddress]) -> [Spike] { step(inputs: inputs) }

    package mutating func resetState() { reset() }

    package var actionsDone: ActionCounts { actions }

    package var lastCoreCounts: [CoreStepCounts] { report.cores }

    package func membranePotential(population: Int, neuron: Int) -> Int64 {
        let (c, slot) = place(population, neuron)
        return v[c][slot]
    }

    package func synapticCurrent(population: Int, neuron: Int) -> Int64 {
        let (c, slot) = place(population, neuron)
        return u[c][slot]
    }

    private func place(_ population: Int, _ neuron: Int) -> (core: Int, slot: Int) {
        for (c, slot) in places(ofPopulation: population)
        where Int(image.cores[c].neurons.indexInPopulation[slot]) == neuron {
            return (c, slot)
        }
        preconditionFailure("population \(population) has no neuron \(neuron)")
    }

    private func synapse(_ projection: Int, _ pre: Int, _ post: Int) -> ReferencePlasticity.Synapse
    {
        for synapse in plasticity.synapses
        where synapse.projection == projection && synapse.i == pre && synapse.j == post {
            return synapse
        }
        preconditionFailure("projection \(projection) has no plastic synapse \(pre) → \(post)")
    }

    /// Weight registers by core of the image and synapse; 0 for static ones.
    package var weightRegisters: [[Int64]] { plasticity.registers }

    /// Every plastic synapse: projection, pre, post.
    package var plasticSynapses: [(projection: Int, pre: Int, post: Int)] {
        plasticity.synapses.map { ($0.projection, $0.i, $0.j) }
    }
}
