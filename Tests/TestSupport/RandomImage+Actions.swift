import ChipImage
import ChipSpec

extension RandomImage {
    /// What the host does before each step: nothing with an image that does not learn.
    ///
    /// - Parameter steps: Number of steps.
    /// - Returns: Actions of each step, in order.
    package func actions(steps: Int) -> [[HostAction]] {
        guard image.chip.learning != nil else { return (0..<steps).map { _ in [] } }
        var random = SplitMix64(seed: seed ^ 0x5EED)
        var servoRandom = SplitMix64(seed: seed ^ 0x5E70)
        let machine = ReferenceMachine(image: image, device: .ideal)
        let synapses = machine.plasticSynapses
        return (0..<steps).map { step in
            let servos = servoActions(step, &servoRandom)
            if step == 0 { return beginning(&random) + servos }
            let changes = random.chance(0.2) ? [change(&random, synapses)].compactMap { $0 } : []
            return changes + servos
        }
    }

    private func servoActions(_ step: Int, _ random: inout SplitMix64) -> [HostAction] {
        plasticProjections.compactMap { projection in
            guard random.chance(step == 0 ? 0.5 : 0.02) else { return nil }
            guard step == 0 || random.chance(0.7) else {
                return .setGainServo(projection: projection, nil)
            }
            let isExact = random.chance(0.6)
            let setting = ServoSetting(
                isExact: isExact,
                gain: isExact ? random.int(0...1 << random.int(8...24)) : random.int(0...10),
                periodInSteps: random.int(1...12)
            )
            return .setGainServo(projection: projection, setting)
        }
    }

    private var plasticProjections: [Int] {
        image.network.projections.indices.filter { image.network.projections[$0].rule != nil }
    }

    private func beginning(_ random: inout SplitMix64) -> [HostAction] {
        var actions: [HostAction] = []
        for projection in plasticProjections {
            if random.chance(0.85) {
                actions.append(.setLearning(projection: projection, isOn: true))
            }
            for index in amplitudes(projection) {
                actions.append(amplitude(projection, index, &random))
            }
            if random.chance(0.7) { actions.append(reward(projection, &random)) }
        }
        for population in image.network.populations.indices {
            if random.chance(0.3) { actions += attenuation(population, &random) }
            if random.chance(0.4) { actions.append(rateControl(population, &random)) }
        }
        return actions
    }

    private func change(
        _ random: inout SplitMix64,
        _ synapses: [(projection: Int, pre: Int, post: Int)]
    ) -> HostAction? {
        let population = random.int(0...image.network.populations.count - 1)
        let count = image.network.populations[population].count
        let choice = random.int(0...9)
        switch choice {
        case 0: return attenuation(population, &random).first
        case 1: return rateControl(population, &random)
        case 2: return .stopRateControl(population: population)
        case 3:
            return .setBias(
                population: population,
                neuron: random.int(0...count - 1),
                raw: Int32(random.int(-5000...5000))
            )
        default: break
        }
        guard !plasticProjections.isEmpty else { return nil }
        let projection = random.pick(plasticProjections)
        switch choice {
        case 4...6: return .setLearning(projection: projection, isOn: random.chance(0.6))
        case 7: return reward(projection, &random)
        case 8:
            let indices = Array(amplitudes(projection))
            return indices.isEmpty ? nil : amplitude(projection, random.pick(indices), &random)
        default:
            let synapse = random.pick(synapses.filter { $0.projection == projection })
            let bits = image.chip.synapse.weightBits + image.chip.synapse.hiddenWeightBits
            return .setWeightRegister(
                projection: projection,
                pre: synapse.pre,
                post: synapse.post,
                value: random.int(-(1 << (bits - 1))...(1 << (bits - 1)) - 1)
            )
        }
    }

    private func amplitudes(_ projection: Int) -> Range<Int> {
        let rule = image.network.projections[projection].rule
        return 0..<(rule.flatMap { image.network.rules?[$0].amplitudes.count } ?? 0)
    }

    private func amplitude(
        _ projection: Int,
        _ index: Int,
        _ random: inout SplitMix64
    ) -> HostAction {
        .setAmplitude(
            projection: projection,
            index: index,
            value: random.chance(0.1) ? 0 : random.double(-0.5...2)
        )
    }

    private func reward(_ projection: Int, _ random: inout SplitMix64) -> HostAction {
        .setReward(projection: projection, value: Int32(random.int(-20...20)))
    }

    private func attenuation(_ population: Int, _ random: inout SplitMix64) -> [HostAction] {
        let model = image.network.populations[population].model
        guard model == .noisyLIF || model == .sampling else { return [] }
        return [.setAttenuation(population: population, shift: random.int(0...3))]
    }

    private func rateControl(_ population: Int, _ random: inout SplitMix64) -> HostAction {
        .setRateControl(
            population: population,
            target: random.int(0...4),
            gain: Int32(random.int(1...12) * (1 << random.int(4...18))),
            periodInSteps: random.int(1...9)
        )
    }
}
