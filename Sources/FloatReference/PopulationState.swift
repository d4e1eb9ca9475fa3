import NetworkIR

/// Parameters and state of one population in a `FloatMachine`.
struct PopulationState: Sendable {
    let count: Int
    let isInput: Bool
    private let dynamics: Dynamics
    private let bias: [Double]
    /// h/τ of the membrane, h of an integrate-and-fire neuron; empty where there is none.
    private let membraneStep: [Double]
    /// h/τ of the current; empty where there is none.
    private let currentStep: [Double]

    private(set) var potential: [Double]
    private(set) var current: [Double]
    /// What the spikes of the last step subtract in this one; empty unless the network resets so.
    private var owed: [Double] = []
    /// Neurons that spiked in the last step and stay at their reset potential in this one.
    private var held: [Int] = []
    /// Outputs of the last steps, a ring: as many as the longest delay, and the running one.
    private var outputs: [Output]
    /// Place of the newest output in the ring; older ones follow.
    private var newest = 0

    init(_ population: Population, history: Int, timeStep: Double) {
        count = population.count
        isInput = population.dynamics == .input
        dynamics = population.dynamics
        bias = population.bias
        var membraneStep: [Double] = []
        var currentStep: [Double] = []
        switch population.dynamics {
        case .input, .relay, .threshold, .noisy, .sampling: break
        case .integrateAndFire(let neuron): membraneStep = neuron.r.map { timeStep * $0 }
        case .integrator(let r): membraneStep = r.map { timeStep * $0 }
        case .leakyIntegrateAndFire(let membrane, _), .leakyIntegrator(let membrane):
            membraneStep = membrane.tau.map { timeStep / $0 }
        case .currentBased(let filter, let membrane, _),
            .currentBasedIntegrator(let filter, let membrane):
            membraneStep = membrane.tau.map { timeStep / $0 }
            currentStep = filter.tau.map { timeStep / $0 }
        }
        self.membraneStep = membraneStep
        self.currentStep = currentStep
        potential = [Double](repeating: 0, count: count)
        current = [Double](repeating: 0, count: currentStep.count)
        let silence = population.dynamics.isSpiking ? Output.spikes([]) : .values(potential)
        outputs = [Output](repeating: silence, count: history + 1)
    }

    mutating func reset() {
        for index in potential.indices { potential[index] = 0 }
        for index in current.indices { current[index] = 0 }
        owed = []
        held = []
        let silence = dynamics.isSpiking ? Output.spikes([]) : .values(potential)
        for index in outputs.indices { outputs[index] = silence }
    }

    /// What the population put out `age` steps before its newest output.
    func output(age: Int) -> Output { outputs[(newest + age) % outputs.count] }

    mutating func put(spikes: [Int]) { put(.spikes(spikes)) }

    private mutating func put(_ output: Output) {
        newest = newest == 0 ? outputs.count - 1 : newest - 1
        outputs[newest] = output
    }

    /// Does one step with the summed input; the bias is added here.
    mutating func advance(
        _ sum: [Double],
        reset: ResetRule,
        threshold: ThresholdRule,
        lowest: Double?
    ) {
        var x = sum
        for index in bias.indices { x[index] += bias[index] }
        switch dynamics {
        case .input: break
        case .relay:
            potential = x
            put(.values(x))
        case .threshold(let threshold):
            potential = x
            put(.spikes(x.indices.filter { x[$0] > threshold[$0] }))
        case .integrator:
            for index in x.indices { potential[index] += membraneStep[index] * x[index] }
            put(.values(potential))
        case .integrateAndFire(let neuron):
            for index in x.indices { potential[index] += membraneStep[index] * x[index] }
            fire(neuron.firing, reset, threshold)
        case .leakyIntegrateAndFire(let membrane, let firing):
            leak(membrane, x)
            fire(firing, reset, threshold)
        case .leakyIntegrator(let membrane):
            leak(membrane, x)
            put(.values(potential))
        case .currentBased(let filter, let membrane, let firing):
            charge(filter, x)
            leak(membrane, current)
            fire(firing, reset, threshold)
        case .currentBasedIntegrator(let filter, let membrane):
            charge(filter, x)
            leak(membrane, current)
            put(.values(potential))
        case .noisy, .sampling: preconditionFailure("a float machine refuses random neurons")
        }
        if let lowest, dynamics.firing != nil {
            for index in potential.indices { potential[index] = max(potential[index], lowest) }
        }
    }

    private mutating func charge(_ filter: SynapticFilter, _ x: [Double]) {
        for index in x.indices {
            let drive = filter.inputGain[index] * x[index] - current[index]
            current[index] += currentStep[index] * drive
        }
    }

    private mutating func leak(_ membrane: LeakyIntegrator, _ x: [Double]) {
        for index in x.indices {
            let drive = membrane.leak[index] - potential[index] + membrane.r[index] * x[index]
            potential[index] += membraneStep[index] * drive
        }
    }

    private mutating func fire(_ firing: Firing, _ reset: ResetRule, _ rule: ThresholdRule) {
        var spikes: [Int] = []
        for (index, amount) in owed.enumerated() { potential[index] -= amount }
        for index in held { potential[index] = firing.reset[index] }
        owed = reset == .subtractThresholdLater ? [Double](repeating: 0, count: count) : []
        for index in potential.indices {
            let v = potential[index]
            let threshold = firing.threshold[index]
            guard v > threshold || (rule == .greaterOrEqual && v == threshold) else { continue }
            spikes.append(index)
            switch reset {
            case .subtractThresholdRepeatedly:
                let count = Self.thresholds(in: v, threshold, rule)
                for _ in 1..<count { spikes.append(index) }
                potential[index] = v - Double(count) * threshold
            case .toResetPotential, .toResetPotentialLater: potential[index] = firing.reset[index]
            case .subtractThreshold: potential[index] = v - threshold
            case .subtractThresholdLater: owed[index] = threshold
            }
        }
        held = reset == .toResetPotentialLater && !firing.resetsAtOnce ? spikes : []
        put(.spikes(spikes))
    }

    /// How many thresholds fit into a potential that spikes: 1 to `ResetRule.mostSpikesOfStep`.
    private static func thresholds(
        in potential: Double,
        _ threshold: Double,
        _ rule: ThresholdRule
    ) -> Int {
        guard threshold > 0 else { return 1 }
        let quotient = potential / threshold
        let count = rule == .greaterOrEqual ? quotient.rounded(.down) : quotient.rounded(.up) - 1
        // NaN comes from infinite potentials.
        guard count < Double(ResetRule.mostSpikesOfStep) else { return ResetRule.mostSpikesOfStep }
        return max(1, Int(count))
    }
}
