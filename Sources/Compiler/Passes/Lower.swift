import ChipImage
import ChipSpec
import FixedPoint
import NetworkIR

/// Turns differential equations into the difference equations of the chip's somas.
///
/// `docs/COMPILER.md` has the table: forward Euler as the author runs it, the current scaled to what
/// it adds to v, and, on chips that reset to 0, the origin of v moved to the reset potential.
package struct Lower: ListedPass {
    package static let pass = CompilerPass.lower
    let chip: ChipSpec

    package func run(_ canonical: CanonicalNetwork) throws -> LoweredNetwork {
        var notes: [String] = []
        let populations = try canonical.onChip.map { index in
            try lowered(index, of: canonical.network, notes: &notes)
        }
        return LoweredNetwork(canonical: canonical, populations: populations, notes: notes)
    }

    package func statistics(of output: LoweredNetwork) -> [Statistic] {
        NeuronModel.allCases.map { model in
            Statistic(
                "\(model.rawValue) populations",
                output.populations.filter { $0.model == model }.count
            )
        }
    }

    package func notes(on output: LoweredNetwork) -> [String] { output.notes }

    package func violation(in output: LoweredNetwork, of input: CanonicalNetwork) -> String? {
        for population in output.populations {
            let count = input.network.populations[population.population].count
            let arrays = [
                population.gain, population.membraneLoss, population.currentLoss,
                population.membraneBias, population.currentBias, population.resetPotential,
                population.origin,
            ]
            if arrays.contains(where: { $0.count != count || !$0.allSatisfy(\.isFinite) }) {
                return "population \(population.population) has arrays of a wrong size."
            }
        }
        return nil
    }

    private func lowered(
        _ index: Int,
        of network: Network,
        notes: inout [String]
    ) throws -> LoweredPopulation {
        let population = network.populations[index]
        let step = network.timeStep
        let model = try soma(for: population)
        let reset = try reset(for: population, model: model, rule: network.reset)
        let bias =
            population.bias.isEmpty
            ? [Double](repeating: 0, count: population.count) : population.bias
        let zeros = [Double](repeating: 0, count: population.count)
        var result = LoweredPopulation(
            population: index,
            model: model,
            reset: reset,
            hasCurrent: model == .cubaLIF,
            gain: zeros,
            membraneLoss: zeros,
            currentLoss: [Double](repeating: 1, count: population.count),
            membraneBias: zeros,
            currentBias: zeros,
            threshold: [],
            resetPotential: zeros,
            origin: zeros
        )
        switch population.dynamics {
        case .input, .relay, .threshold, .integrator, .currentBasedIntegrator:
            preconditionFailure("no soma was found for these")
        case .integrateAndFire(let neuron):
            result.gain = neuron.r.map { step * $0 }
            result.membraneBias = zip(result.gain, bias).map { $0 * $1 }
            fire(&result, neuron.firing)
        case .leakyIntegrateAndFire(let leaky, let firing):
            try integrate(&result, leaky, bias, population, step)
            fire(&result, firing)
        case .leakyIntegrator(let leaky):
            try integrate(&result, leaky, bias, population, step)
        case .currentBased(let filter, let leaky, let firing):
            try integrate(&result, leaky, zeros, population, step)
            let fromCurrent = result.gain
            result.hasCurrent = true
            result.currentLoss = try losses(filter.tau, population, step)
            for k in fromCurrent.indices {
                result.gain[k] = fromCurrent[k] * result.currentLoss[k] * filter.inputGain[k]
                result.currentBias[k] = result.gain[k] * bias[k]
            }
            let hasCurrentBias = chip.soma.hasCurrentBias && model != .cubaLIF
            if !hasCurrentBias, result.currentBias.contains(where: { $0 != 0 }) {
                for k in fromCurrent.indices {
                    result.membraneBias[k] += fromCurrent[k] * filter.inputGain[k] * bias[k]
                    result.currentBias[k] = 0
                }
                notes.append(
                    "Population '\(population.path)': chip '\(chip.name)' has no current bias. Its "
                        + "bias acts on the membrane, at the value the current settles to: the first "
                        + "few time constants of the current differ from the author's network."
                )
            }
            fire(&result, firing)
        case .noisy(let neuron):
            try lower(neuron, of: population, &result, step: step, bias: bias)
        case .sampling(let neuron):
            try lower(neuron, of: population, &result, bias: bias)
        }
        return result
    }

    /// A noisy neuron: exact decays, gain 1, because its membrane leaks towards its input.
    private func lower(
        _ neuron: NoisyNeuron,
        of population: Population,
        _ result: inout LoweredPopulation,
        step: Double,
        bias: [Double]
    ) throws {
        result.gain = [Double](repeating: 1, count: population.count)
        result.membraneLoss = neuron.membraneTau.map { exactLoss(step / $0) }
        result.membraneBias = bias
        if !neuron.currentTau.isEmpty {
            result.hasCurrent = true
            result.currentLoss = neuron.currentTau.map { exactLoss(step / $0) }
        }
        if result.model == .cubaLIF {
            // This soma adds its input whole: the share that the membrane takes goes into the weights.
            result.gain = result.membraneLoss
            result.membraneBias = zip(result.membraneLoss, bias).map { $0 * $1 }
        }
        result.refractorySteps = try refractory(neuron.refractory / step, population)
        if chip.soma.noiseBits == 0,
            neuron.noise.contains(where: { $0.stationaryDeviation != 0 })
        {
            throw CompilerError.noNoiseOnChip(population: population.path, chip: chip.name)
        }
        result.noise = neuron.noise
        fire(&result, neuron.firing)
    }

    /// A sampling neuron: its potential is the sum itself, in log-odds.
    private func lower(
        _ neuron: SamplingNeuron,
        of population: Population,
        _ result: inout LoweredPopulation,
        bias: [Double]
    ) throws {
        result.gain = [Double](repeating: 1, count: population.count)
        result.hasCurrent = true
        result.membraneBias = bias
        result.refractorySteps = try refractory(Double(neuron.refractorySteps), population)
        result.psp = neuron.psp
        let full = Double(1 << chip.soma.decayBits)
        switch neuron.psp {
        case .rectangular(let steps):
            guard steps <= SamplingTable.longestPSP else {
                throw CompilerError.potentialTooLong(
                    population: population.path,
                    steps: Double(steps),
                    limit: Double(SamplingTable.longestPSP),
                    chip: chip.name
                )
            }
            result.currentLoss = [Double](repeating: 0, count: population.count)
        case .exponential(let tau), .alpha(let tau):
            let loss = exactLoss(1 / tau)
            let register = min((loss * full).rounded(), full - 1)
            guard register >= 1 else {
                throw CompilerError.potentialTooLong(
                    population: population.path,
                    steps: tau,
                    limit: 2 * full,
                    chip: chip.name
                )
            }
            result.currentLoss = [Double](repeating: loss, count: population.count)
            if case .alpha = neuron.psp { result.responsePeak = alphaPeak(register / full) }
        }
    }

    /// Highest value of d·n·(1 − d)^(n − 1): two decays by the share d in series, after one spike.
    private func alphaPeak(_ loss: Double) -> Double {
        var (power, peak) = (loss, loss)
        var n = 1.0
        while power * (n + 1) * (1 - loss) > peak {
            n += 1
            power *= 1 - loss
            peak = power * n
        }
        return peak
    }

    private func refractory(_ steps: Double, _ population: Population) throws -> Int {
        let limit = (1 << chip.soma.refractoryBits) - 1
        let steps = Int(min(steps.rounded(), 1e15))
        guard steps <= limit else {
            throw CompilerError.refractoryTooLong(
                population: population.path,
                steps: steps,
                limit: limit,
                chip: chip.name
            )
        }
        return steps
    }

    /// 1 − e^(−x), the same on every CPU.
    private func exactLoss(_ x: Double) -> Double { 1 - PortableMath.exp(-x) }

    private func soma(for population: Population) throws -> NeuronModel {
        let wanted: [NeuronModel] =
            switch population.dynamics {
            // No soma forgets all of its potential in a step, and none sums without spiking or leak.
            case .input, .relay, .threshold, .integrator, .currentBasedIntegrator: []
            case .integrateAndFire: [.integrateAndFire, .cubaLIF, .lif, .trueNorth, .odinLIF]
            case .leakyIntegrateAndFire: [.lif, .cubaLIF]
            case .leakyIntegrator: [.li]
            case .currentBased: [.lif, .cubaLIF]
            // Without noise and refractory period it is a plain neuron with exact decays.
            case .noisy(let neuron) where neuron.noise.isEmpty && neuron.refractory == 0:
                [.noisyLIF, .cubaLIF]
            case .noisy: [.noisyLIF]
            case .sampling: [.sampling]
            }
        var models = wanted.filter(chip.soma.models.contains)
        if case .currentBased = population.dynamics, chip.soma.current == nil, !models.isEmpty {
            models.removeAll { $0 == .lif }
            if models.isEmpty {
                throw CompilerError.noCurrentOnChip(population: population.path, chip: chip.name)
            }
        }
        let needsCurrent =
            switch population.dynamics {
            case .noisy(let neuron): !neuron.currentTau.isEmpty
            case .sampling: true
            default: false
            }
        if needsCurrent, chip.soma.current == nil, !models.isEmpty {
            throw CompilerError.noCurrentOnChip(population: population.path, chip: chip.name)
        }
        if models.isEmpty, [[.trueNorth], [.odinLIF]].contains(chip.soma.models),
            ["LIF", "CubaLIF"].contains(population.dynamics.modelName)
        {
            throw CompilerError.noExponentialLeak(
                population: population.path,
                model: population.dynamics.modelName,
                chip: chip.name
            )
        }
        guard let model = models.first else {
            throw CompilerError.modelNotOnChip(
                population: population.path,
                model: population.dynamics.modelName,
                chip: chip.name,
                models: chip.soma.models
            )
        }
        return model
    }

    private func reset(
        for population: Population,
        model: NeuronModel,
        rule: ResetRule
    ) throws -> SomaReset {
        guard model.isSpiking, model != .sampling else { return .zero }
        let reset: SomaReset = rule.subtracts ? .subtract : .zero
        // These reset to a potential, whatever else the chip's somas can do.
        let rules = [.cubaLIF, .noisyLIF].contains(model) ? [.zero] : chip.soma.resetRules
        guard rules.contains(reset) else {
            throw CompilerError.resetNotOnChip(
                population: population.path,
                rule: reset,
                chip: chip.name,
                rules: rules
            )
        }
        return reset
    }

    /// The membrane of a leaky integrator: loss, gain and bias.
    private func integrate(
        _ result: inout LoweredPopulation,
        _ leaky: LeakyIntegrator,
        _ bias: [Double],
        _ population: Population,
        _ step: Double
    ) throws {
        result.membraneLoss = try losses(leaky.tau, population, step)
        for k in bias.indices {
            result.gain[k] = result.membraneLoss[k] * leaky.r[k]
            result.membraneBias[k] = result.membraneLoss[k] * (leaky.leak[k] + leaky.r[k] * bias[k])
        }
    }

    /// h/τ of each neuron.
    private func losses(
        _ taus: [Double],
        _ population: Population,
        _ step: Double
    ) throws -> [Double] {
        let losses = taus.map { step / $0 }
        let unstable = losses.indices.filter { losses[$0] > 1 + 1e-9 }
        if let first = unstable.first {
            throw CompilerError.unstableStep(
                population: population.path,
                neuron: first,
                count: unstable.count,
                tau: taus[first],
                step: step
            )
        }
        return losses.map { min($0, 1) }
    }

    /// Threshold and reset; without a reset register the origin of v moves to the reset potential.
    ///
    /// v − v_reset obeys the same equation with the leak v_leak − v_reset.
    private func fire(_ result: inout LoweredPopulation, _ firing: Firing) {
        result.threshold = firing.threshold
        guard result.reset == .zero else { return }
        if result.model != .cubaLIF, chip.soma.hasResetPotential {
            result.resetPotential = firing.reset
            return
        }
        result.origin = firing.reset
        for k in firing.reset.indices {
            result.threshold[k] -= firing.reset[k]
            result.membraneBias[k] -=
                result.model == .noisyLIF
                ? firing.reset[k] : result.membraneLoss[k] * firing.reset[k]
        }
    }
}
