import Diagnostics
import NetworkIR
import Yams

extension ExperimentReader {
    func nir(
        _ entry: Entry,
        _ parts: Section,
        _ scope: NetworkScope,
        into draft: inout NetworkDraft
    ) throws {
        guard let files else {
            throw entry.refusal(
                .descriptionReference,
                "names a NIR file, which is not read here.",
                "Use compile, run or learn."
            )
        }
        let request = NetworkFiles.Request(
            path: Entry.path(try entry.text(), in: folder),
            exporter: try parts["from"]?.reference(files.exporters, "exporter"),
            timeStep: try parts["dt"]?.number(1e-12...1e12),
            reset: try parts["reset"]?.word(ResetRule.self)
        )
        let network = try draft.loaded[request] ?? files.load(request)
        draft.loaded[request] = network
        if let feedback = parts["addFeedback"] {
            try note(depthsOf: network, scope, feedback, &draft)
        }
        let conventions = NetworkConventions(reset: network.reset, threshold: network.threshold)
        let first = draft.importedStep ?? (network.timeStep, conventions)
        guard first.conventions == conventions else {
            throw entry.refusal(
                .descriptionKeysTogether,
                "has spikes at v \(network.threshold.rawValue) threshold and reset "
                    + "'\(network.reset.rawValue)', another network file of this network "
                    + "\(first.conventions.threshold.rawValue) and "
                    + "'\(first.conventions.reset.rawValue)'. All must agree.",
                "Write reset: zero or reset: subtract for both, and take files of one exporter."
            )
        }
        draft.importedStep = first
        let paths = network.populations.map { scope.prefix + $0.path }
        for (index, population) in network.populations.enumerated() {
            var population = population
            population.path = paths[index]
            population.dynamics = population.dynamics.inUnits(first.step / network.timeStep)
            try draft.add(
                PopulationRecipe(
                    path: paths[index],
                    shape: population.shape,
                    neuron: .given(population),
                    bias: .constant(0),
                    compartments: population.compartments
                ),
                entry
            )
        }
        for projection in network.projections {
            try draft.count(entry)
            try draft.add(pairs: projection.connectivity.weights.count, synapses: 0, entry)
            draft.imported.append(
                ImportedProjection(
                    source: paths[projection.source],
                    target: paths[projection.target],
                    projection: projection
                )
            )
        }
        draft.importedOutputs += network.outputs.map {
            OutputRecipe(
                name: scope.prefix + $0.name,
                population: paths[$0.population],
                shape: $0.shape
            )
        }
    }
}

extension ExperimentReader {
    /// Notes how late the populations of a network answer: feedback must not change it.
    private func note(
        depthsOf network: Network,
        _ scope: NetworkScope,
        _ entry: Entry,
        _ draft: inout NetworkDraft
    ) throws(DescriptionError) {
        // Populations of one loop share a depth, which feedback through others would take from them.
        let loops = network.loops()
        let ofSeveral = loops.indices.first { index in
            loops.indices.contains { $0 != index && loops[$0] == loops[index] }
        }
        guard let depths = network.depths(), ofSeveral == nil else {
            throw entry.refusal(
                .descriptionFeedback,
                "is for a network with a loop"
                    + (ofSeveral.map {
                        " of several populations, '\(network.populations[$0].path)' among them"
                    }
                        ?? " that has no delay")
                    + ". It can be added where loops lead from a population to itself.",
                "Describe the feedback as projections."
            )
        }
        for (index, population) in network.populations.enumerated() {
            draft.depths[scope.prefix + population.path] = depths[index]
        }
    }
}

extension Dynamics {
    /// The same neurons where a step is that many times as long in the unit of times.
    func inUnits(_ factor: Double) -> Dynamics {
        guard factor != 1 else { return self }
        func scaled(_ values: [Double], _ factor: Double) -> [Double] { values.map { $0 * factor } }
        func leaky(_ membrane: LeakyIntegrator) -> LeakyIntegrator {
            LeakyIntegrator(
                tau: scaled(membrane.tau, factor),
                r: membrane.r,
                leak: membrane.leak
            )
        }
        func filter(_ filter: SynapticFilter) -> SynapticFilter {
            SynapticFilter(tau: scaled(filter.tau, factor), inputGain: filter.inputGain)
        }
        switch self {
        case .input, .relay, .threshold, .sampling: return self
        case .integrator(let r): return .integrator(r: scaled(r, 1 / factor))
        case .integrateAndFire(let neuron):
            return .integrateAndFire(
                IntegrateAndFire(r: scaled(neuron.r, 1 / factor), firing: neuron.firing)
            )
        case .leakyIntegrateAndFire(let membrane, let firing):
            return .leakyIntegrateAndFire(leaky(membrane), firing)
        case .leakyIntegrator(let membrane): return .leakyIntegrator(leaky(membrane))
        case .currentBased(let current, let membrane, let firing):
            return .currentBased(filter(current), leaky(membrane), firing)
        case .currentBasedIntegrator(let current, let membrane):
            return .currentBasedIntegrator(filter(current), leaky(membrane))
        case .noisy(var neuron):
            neuron.membraneTau = scaled(neuron.membraneTau, factor)
            neuron.currentTau = scaled(neuron.currentTau, factor)
            neuron.refractory *= factor
            return .noisy(neuron)
        }
    }
}
