import ChipImage
import ChipSpec
package import NetworkIR

/// Checks a network and works out what follows from its graph: depths, delays on the chip, order.
package struct Canonicalise: ListedPass {
    package static let pass = CompilerPass.canonicalise
    let chip: ChipSpec
    /// Products of four parameters stay far inside the range of a Double.
    private static let largestNumber = 1e30

    package func run(_ network: Network) throws -> CanonicalNetwork {
        try check(network)
        let network = sorted(network)
        for (one, next) in zip(network.projections, network.projections.dropFirst())
        where one.isSame(as: next) {
            let source = network.populations[one.source].path
            let target = network.populations[one.target].path
            throw fault(network, "projection '\(source)' → '\(target)' is there twice.")
        }
        guard let depth = network.depths() else {
            throw CompilerError.loopWithoutDelay(network: network.name)
        }
        var incoming = [[Int]](repeating: [], count: network.populations.count)
        var delay: [Int] = []
        for (index, projection) in network.projections.enumerated() {
            let source = network.populations[projection.source]
            let target = network.populations[projection.target]
            if !source.dynamics.isSpiking {
                throw CompilerError.analogSource(
                    source: source.path,
                    // A relay feeds others only where a Delay of the file holds a sum.
                    model: source.dynamics == .relay ? "Delay" : source.dynamics.modelName,
                    target: target.path
                )
            }
            let steps = projection.delay + depth[projection.target] - depth[projection.source]
            guard steps <= chip.synapse.maximumDelayInSteps else {
                throw CompilerError.delayTooLong(
                    source: source.path,
                    target: target.path,
                    delay: steps,
                    limit: chip.synapse.maximumDelayInSteps,
                    chip: chip.name
                )
            }
            if chip.synapse.weightPlanes != nil,
                incoming[projection.target].contains(where: {
                    network.projections[$0].source == projection.source && delay[$0] == steps
                })
            {
                throw CompilerError.parallelProjections(
                    source: source.path,
                    target: target.path,
                    delay: steps,
                    chip: chip.name
                )
            }
            delay.append(steps)
            incoming[projection.target].append(index)
        }
        let inputs = network.populations.indices.filter { network.populations[$0].isInput }
        let onChip = network.populations.indices.filter { !network.populations[$0].isInput }
        guard !onChip.isEmpty else { throw CompilerError.nothingToRun(network: network.name) }
        for output in network.outputs where network.populations[output.population].isInput {
            throw CompilerError.outputOfInput(
                output: output.name,
                input: network.populations[output.population].path
            )
        }
        var chipIndex = [Int?](repeating: nil, count: network.populations.count)
        for (index, population) in onChip.enumerated() { chipIndex[population] = index }
        return CanonicalNetwork(
            network: network,
            depth: depth,
            delay: delay,
            incoming: incoming,
            inputs: inputs,
            onChip: onChip,
            chipIndex: chipIndex
        )
    }

    package func statistics(of output: CanonicalNetwork) -> [Statistic] {
        let network = output.network
        return [
            Statistic("populations", output.onChip.count),
            Statistic("inputs", output.inputs.count),
            Statistic("neurons", output.onChip.reduce(0) { $0 + network.populations[$1].count }),
            Statistic("projections", network.projections.count),
            Statistic("deepest population", output.depth.max() ?? 0),
            Statistic("longest delay", output.delay.max() ?? 0),
        ]
    }

    package func violation(in output: CanonicalNetwork, of input: Network) -> String? {
        if let delay = output.delay.first(where: { $0 < 1 }) {
            return "a projection has a delay of \(delay) on the chip."
        }
        if output.network.projections.count != input.projections.count {
            return "a projection was lost."
        }
        return nil
    }

    /// Brings projections into order; what names one by its index follows.
    private func sorted(_ network: Network) -> Network {
        let order = network.projections.indices.sorted {
            let (one, other) = (network.projections[$0], network.projections[$1])
            return (one.target, one.source, one.delay, one.compartment, one.name ?? "", $0)
                < (other.target, other.source, other.delay, other.compartment, other.name ?? "", $1)
        }
        var place = [Int](repeating: 0, count: order.count)
        for (new, old) in order.enumerated() { place[old] = new }
        var sorted = network
        sorted.projections = order.map { network.projections[$0] }
        for index in order.indices {
            sorted.projections[index].feedbackOf = sorted.projections[index].feedbackOf.map {
                place[$0]
            }
        }
        return sorted
    }

    private func fault(_ network: Network, _ text: String) -> CompilerError {
        .malformedNetwork(network: network.name, fault: text)
    }

    /// Checks sizes, indices and numbers, so that no later pass can trip over them.
    private func check(_ network: Network) throws {
        guard network.timeStep > 0, network.timeStep <= Self.largestNumber else {
            throw fault(network, "the time step is \(network.timeStep).")
        }
        let feeding = Set(network.projections.map(\.source))
        for (index, population) in network.populations.enumerated() {
            if population.dynamics == .relay, !feeding.contains(index) {
                throw CompilerError.outputWithoutNeuron(population: population.path)
            }
            try check(population, of: network)
        }
        for projection in network.projections {
            try check(projection, of: network)
        }
        try checkNames(of: network)
        for output in network.outputs
        where !network.populations.indices.contains(output.population) {
            throw fault(network, "output '\(output.name)' names no population.")
        }
    }

    private func check(_ population: Population, of network: Network) throws {
        var count = 1
        for extent in population.shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard extent > 0, !overflow, product <= Int(Int32.max) else {
                throw fault(
                    network,
                    "population '\(population.path)' has shape \(population.shape)."
                )
            }
            count = product
        }
        for (name, values) in population.dynamics.parameters {
            guard values.count == count else {
                throw fault(
                    network,
                    "population '\(population.path)' has \(values.count) values of \(name) for "
                        + "\(count) neurons."
                )
            }
            try checkNumbers(values, name, population.path, network)
            if name.hasPrefix("tau"), let neuron = values.firstIndex(where: { $0 <= 0 }) {
                throw fault(
                    network,
                    "population '\(population.path)' has \(name) of \(values[neuron]) at neuron "
                        + "\(neuron)."
                )
            }
        }
        guard population.bias.isEmpty || population.bias.count == count else {
            throw fault(
                network,
                "population '\(population.path)' has \(population.bias.count) biases for "
                    + "\(count) neurons."
            )
        }
        try checkNumbers(population.bias, "bias", population.path, network)
        try checkNumbers(
            population.compartments.map(\.gain),
            "gain of compartments",
            population.path,
            network
        )
        if let compartment = population.compartments.first(where: { $0.gain <= 0 }) {
            throw fault(
                network,
                "population '\(population.path)' has compartment '\(compartment.name)' of gain "
                    + "\(compartment.gain)."
            )
        }
        try checkRandom(population, of: network)
    }

    /// Checks what noisy and sampling neurons have besides arrays.
    private func checkRandom(_ population: Population, of network: Network) throws {
        let place = "population '\(population.path)'"
        switch population.dynamics {
        case .noisy(let neuron):
            guard (0...Self.largestNumber).contains(neuron.refractory) else {
                throw fault(network, "\(place) has a refractory period of \(neuron.refractory).")
            }
            guard neuron.noise.count <= NoiseTable.mostSources else {
                throw fault(
                    network,
                    "\(place) has \(neuron.noise.count) noise sources, more than the "
                        + "\(NoiseTable.mostSources) that a neuron can add up."
                )
            }
            for source in neuron.noise
            where !(0...Self.largestNumber).contains(source.stationaryDeviation) {
                throw fault(
                    network,
                    "\(place) has noise of deviation \(source.stationaryDeviation)."
                )
            }
        case .sampling(let neuron):
            guard neuron.refractorySteps >= 1 else {
                throw fault(
                    network,
                    "\(place) has a refractory time of \(neuron.refractorySteps) steps."
                )
            }
            let length =
                switch neuron.psp {
                case .rectangular(let steps): Double(steps)
                case .exponential(let tau), .alpha(let tau): tau
                }
            guard length > 0, length <= Self.largestNumber else {
                throw fault(network, "\(place) has a potential of \(length) steps.")
            }
        default: break
        }
    }

    /// Checks what projections name, and that names are told apart.
    private func checkNames(of network: Network) throws {
        var names: Set<String> = []
        guard network.projections.count < Int(UInt16.max) else {
            throw fault(network, "it has \(network.projections.count) projections.")
        }
        for projection in network.projections {
            if let name = projection.name, !names.insert(name).inserted {
                throw fault(network, "two projections are called '\(name)'.")
            }
            if let forward = projection.feedbackOf, !network.projections.indices.contains(forward) {
                throw fault(
                    network,
                    "projection \(projection.name ?? "?") is the feedback of projection \(forward), "
                        + "which is not there."
                )
            }
        }
    }

    private func check(_ projection: Projection, of network: Network) throws {
        let known = network.populations.indices
        guard known.contains(projection.source), known.contains(projection.target),
            projection.delay >= 0, projection.delay < 1 << 20
        else {
            throw fault(
                network,
                "a projection goes from \(projection.source) to \(projection.target) with a delay "
                    + "of \(projection.delay)."
            )
        }
        let source = network.populations[projection.source]
        let target = network.populations[projection.target]
        guard !target.isInput else {
            throw fault(network, "input '\(target.path)' is fed by '\(source.path)'.")
        }
        let weights = projection.connectivity.weights
        let fits: Bool
        switch projection.connectivity {
        case .dense: fits = weights.count == source.count * target.count
        case .oneToOne: fits = weights.count == target.count && source.count == target.count
        case .sparse(let sparse):
            fits = true
            if let fault = sparse.fault(sources: source.count, targets: target.count) {
                throw self.fault(
                    network,
                    "projection '\(source.path)' → '\(target.path)' \(fault)."
                )
            }
        }
        guard fits else {
            throw fault(
                network,
                "projection '\(source.path)' → '\(target.path)' has \(weights.count) weights for "
                    + "\(source.count) by \(target.count) neurons."
            )
        }
        try checkNumbers(weights, "weights", "\(source.path)' → '\(target.path)", network)
        let place = "projection '\(source.path)' → '\(target.path)'"
        guard (0..<max(target.compartments.count, 1)).contains(projection.compartment) else {
            throw fault(
                network,
                "\(place) feeds compartment \(projection.compartment) of "
                    + "\(max(target.compartments.count, 1))."
            )
        }
        guard let plasticity = projection.plasticity else { return }
        guard plasticity.fullScale > 0, plasticity.fullScale <= Self.largestNumber else {
            throw fault(network, "\(place) has a full scale of \(plasticity.fullScale).")
        }
        guard plasticity.isPresent.map({ $0.count == weights.count }) ?? true else {
            throw fault(
                network,
                "\(place) says for \(plasticity.isPresent?.count ?? 0) of \(weights.count) pairs "
                    + "whether they are there."
            )
        }
        guard let rule = plasticity.rule else { return }
        guard network.rules.indices.contains(rule) else {
            throw fault(network, "\(place) names rule \(rule), which is not there.")
        }
        guard chip.learning != nil else {
            throw CompilerError.noLearningOnChip(
                source: source.path,
                target: target.path,
                rule: network.rules[rule].name,
                chip: chip.name
            )
        }
    }

    private func checkNumbers(
        _ values: some RandomAccessCollection<Double>,
        _ name: String,
        _ path: String,
        _ network: Network
    ) throws {
        if let index = values.firstIndex(where: { !($0.magnitude <= Self.largestNumber) }) {
            throw fault(
                network,
                "'\(path)' has \(values[index]) in its \(name), at "
                    + "\(values.distance(from: values.startIndex, to: index))."
            )
        }
    }
}

extension Population {
    /// Whether its spikes come from outside.
    package var isInput: Bool { dynamics == .input }
}

extension Dynamics {
    /// All arrays with their names; those that start with `tau` must be positive.
    fileprivate var parameters: [(name: String, values: [Double])] {
        func of(_ firing: Firing) -> [(name: String, values: [Double])] {
            [("v_threshold", firing.threshold), ("v_reset", firing.reset)]
        }
        func of(_ leaky: LeakyIntegrator) -> [(name: String, values: [Double])] {
            [("tau", leaky.tau), ("r", leaky.r), ("v_leak", leaky.leak)]
        }
        func of(_ filter: SynapticFilter) -> [(name: String, values: [Double])] {
            [("tau_syn", filter.tau), ("w_in", filter.inputGain)]
        }
        switch self {
        case .input, .relay, .sampling: return []
        case .threshold(let threshold): return [("threshold", threshold)]
        case .integrator(let r): return [("r", r)]
        case .noisy(let neuron):
            let current = neuron.currentTau.isEmpty ? [] : [("tau_syn", neuron.currentTau)]
            return [("tau_m", neuron.membraneTau)] + current + of(neuron.firing)
        case .integrateAndFire(let neuron): return [("r", neuron.r)] + of(neuron.firing)
        case .leakyIntegrateAndFire(let leaky, let firing): return of(leaky) + of(firing)
        case .leakyIntegrator(let leaky): return of(leaky)
        case .currentBased(let filter, let leaky, let firing):
            return of(filter) + of(leaky) + of(firing)
        case .currentBasedIntegrator(let filter, let leaky): return of(filter) + of(leaky)
        }
    }
}

extension Projection {
    /// Whether nothing tells two projections apart but their weights.
    fileprivate func isSame(as other: Projection) -> Bool {
        (target, source, delay, compartment) == (
            other.target, other.source, other.delay, other.compartment
        ) && name == other.name
    }
}
