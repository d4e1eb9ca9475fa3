public import NetworkIR

/// A network run in Double precision as its author meant it: forward Euler, one step at a time.
///
/// Within a step the populations are computed in the network's order; a projection of delay 0
/// carries the values of this step, one of delay d those of d steps ago (0 before the first). All
/// state starts at 0. Results do not depend on anything but the network and its input: sums run over
/// projections in the network's order, sources ascending, then the bias. Cost is linear in the
/// synapses that a spike touches.
public struct FloatMachine: Sendable {
    /// The network that runs.
    public let network: Network
    /// Indices of the input populations, in the order in which `step` takes their spikes.
    public let inputs: [Int]
    /// Steps done since the last reset.
    public private(set) var stepCount = 0

    private let incoming: [[Synapses]]
    private var populations: [PopulationState]

    /// Prepares a network; all state is 0.
    ///
    /// - Parameter network: A network whose populations are in dependency order.
    /// - Throws: `FloatReferenceError` if arrays have wrong sizes or the order is not one.
    public init(_ network: Network) throws(FloatReferenceError) {
        try network.checkSizes()
        self.network = network
        inputs = network.populations.indices.filter { network.populations[$0].dynamics == .input }
        var incoming = [[Synapses]](repeating: [], count: network.populations.count)
        var history = [Int](repeating: 0, count: network.populations.count)
        for projection in network.projections {
            let source = network.populations[projection.source]
            let target = network.populations[projection.target]
            guard projection.delay > 0 || projection.source < projection.target else {
                throw .projectionAgainstOrder(
                    network: network.name,
                    source: source.path,
                    target: target.path
                )
            }
            history[projection.source] = max(history[projection.source], projection.delay)
            incoming[projection.target].append(
                Synapses(projection, sourceCount: source.count, targetCount: target.count)
            )
        }
        self.incoming = incoming
        populations = network.populations.indices.map { index in
            PopulationState(
                network.populations[index],
                history: history[index],
                timeStep: network.timeStep
            )
        }
    }

    /// Sets all state back to 0, as before the first step.
    public mutating func reset() {
        stepCount = 0
        for index in populations.indices { populations[index].reset() }
    }

    /// Does one step.
    ///
    /// - Parameter inputSpikes: For each population of `inputs`, the channels that spike, in any
    ///   order; a channel named twice counts twice.
    /// - Throws: `FloatReferenceError` if a channel does not exist; the state is then unchanged.
    public mutating func step(inputSpikes: [[Int]]) throws(FloatReferenceError) {
        guard inputSpikes.count == inputs.count else {
            throw .wrongInputCount(
                network: network.name,
                count: inputSpikes.count,
                expected: inputs.count
            )
        }
        for (input, spikes) in zip(inputs, inputSpikes) {
            let count = populations[input].count
            if let channel = spikes.first(where: { $0 < 0 || $0 >= count }) {
                throw .noSuchChannel(
                    network: network.name,
                    input: network.populations[input].path,
                    channel: channel,
                    count: count
                )
            }
        }
        var nextInput = 0
        for index in populations.indices {
            if populations[index].isInput {
                populations[index].put(spikes: inputSpikes[nextInput].sorted())
                nextInput += 1
                continue
            }
            var sum = [Double](repeating: 0, count: populations[index].count)
            for synapses in incoming[index] {
                // A source that comes later in the step still holds the step before in front.
                let age = synapses.source < index ? synapses.delay : synapses.delay - 1
                synapses.add(populations[synapses.source].output(age: age), to: &sum)
            }
            populations[index].advance(
                sum,
                reset: network.reset,
                threshold: network.threshold,
                lowest: network.lowestPotential
            )
        }
        stepCount += 1
    }

    /// The neurons (or channels) of a population that spiked in the last step, ascending.
    ///
    /// - Parameter population: Index in `network.populations`.
    /// - Returns: Empty for populations that do not spike.
    public func spikes(of population: Int) -> [Int] {
        guard stepCount > 0, case .spikes(let spikes) = populations[population].output(age: 0)
        else {
            return []
        }
        return spikes
    }

    /// The membrane potentials of a population after the last step, resets done.
    ///
    /// - Parameter population: Index in `network.populations`.
    /// - Returns: One value a neuron; of a relay or threshold the sum it reads, of an input all 0.
    public func values(of population: Int) -> [Double] { populations[population].potential }

    /// The synaptic currents of a population after the last step.
    ///
    /// - Parameter population: Index in `network.populations`.
    /// - Returns: One value a neuron; empty for populations without a current.
    public func currents(of population: Int) -> [Double] { populations[population].current }
}

extension Network {
    /// Checks what the machine indexes by.
    fileprivate func checkSizes() throws(FloatReferenceError) {
        func check(_ what: String, _ count: Int, _ expected: Int) throws(FloatReferenceError) {
            guard count == expected else {
                throw .wrongSize(network: name, what: what, count: count, expected: expected)
            }
        }
        for population in populations {
            switch population.dynamics {
            case .noisy, .sampling:
                throw .randomNeuron(
                    network: name,
                    population: population.path,
                    model: population.dynamics.modelName
                )
            default: break
            }
            if !population.bias.isEmpty {
                try check("bias of '\(population.path)'", population.bias.count, population.count)
            }
            for (parameter, values) in population.dynamics.parameters {
                try check("\(parameter) of '\(population.path)'", values.count, population.count)
            }
        }
        for projection in projections {
            let source = populations[projection.source]
            let target = populations[projection.target]
            let what = "the weight matrix from '\(source.path)' to '\(target.path)'"
            switch projection.connectivity {
            case .dense(let weights): try check(what, weights.count, source.count * target.count)
            case .oneToOne(let weights):
                try check(what, weights.count, source.count)
                try check(what, weights.count, target.count)
            case .sparse(let sparse):
                if let fault = sparse.fault(sources: source.count, targets: target.count) {
                    throw .malformedWeights(
                        network: name,
                        source: source.path,
                        target: target.path,
                        fault: fault
                    )
                }
            }
        }
    }
}

extension Dynamics {
    /// All parameter arrays with NIR's names.
    fileprivate var parameters: [(String, [Double])] {
        switch self {
        case .input, .relay, .noisy, .sampling: []
        case .threshold(let threshold): [("threshold", threshold)]
        case .integrator(let r): [("r", r)]
        case .integrateAndFire(let neuron): [("r", neuron.r)] + neuron.firing.parameters
        case .leakyIntegrateAndFire(let membrane, let firing):
            membrane.parameters + firing.parameters
        case .leakyIntegrator(let membrane): membrane.parameters
        case .currentBased(let filter, let membrane, let firing):
            filter.parameters + membrane.parameters + firing.parameters
        case .currentBasedIntegrator(let filter, let membrane):
            filter.parameters + membrane.parameters
        }
    }
}

extension SynapticFilter {
    fileprivate var parameters: [(String, [Double])] { [("tau_syn", tau), ("w_in", inputGain)] }
}

extension LeakyIntegrator {
    fileprivate var parameters: [(String, [Double])] {
        [("tau", tau), ("r", r), ("v_leak", leak)]
    }
}

extension Firing {
    fileprivate var parameters: [(String, [Double])] {
        [("v_threshold", threshold), ("v_reset", reset)]
    }
}
