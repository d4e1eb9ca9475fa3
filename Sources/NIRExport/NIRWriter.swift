import FixedPoint
public import HDF5
public import NetworkIR

/// A network as a NIR file (version 1.0.8), and what NIR has no words for.
///
/// Stepped by forward Euler with `timeStep`, the file's neurons do what the network's do, but for what the
/// notes say. Times are in seconds.
public struct NIRWriter: Sendable {
    /// The file's root group.
    public let root: HDF5Group
    /// Step of the file's time constants in seconds.
    public let timeStep: Double
    /// What the file does not say: one sentence each.
    public let notes: [String]

    /// Describes a network as a NIR graph.
    ///
    /// - Parameters:
    ///   - network: The network.
    ///   - secondsPerUnit: Length in seconds of the unit of the network's time constants.
    /// - Throws: `NIRExportError` if it has neurons that NIR has no node for.
    public init(_ network: Network, secondsPerUnit: Double) throws {
        var graph = NIRGraph(network, secondsPerUnit: secondsPerUnit)
        try graph.addPopulations()
        try graph.addProjections()
        graph.addPorts()
        root = HDF5Group(members: [
            "version": .texts(["1.0.8"], shape: []), "node": .group(graph.group),
        ])
        timeStep = network.timeStep * secondsPerUnit
        notes = graph.notes
    }

    /// Writes the file; it gets its name when it is whole.
    ///
    /// - Parameter path: Where.
    /// - Throws: `HDF5WritingError`.
    public func write(to path: String) throws(HDF5WritingError) {
        try HDF5File(path: path).write(root)
    }
}

/// A network that NIR has no words for.
public struct NIRExportError: Error, Equatable, CustomStringConvertible {
    /// What, and what to do.
    public let description: String
}

/// Nodes and edges as they come together.
private struct NIRGraph {
    private let network: Network
    /// Seconds of a unit of time, and of a step.
    private let unit: Double
    private let step: Double
    /// Node of each population.
    private let names: [String]
    private var nodes: [String: HDF5Object] = [:]
    private var edges: [(from: String, to: String)] = []
    private(set) var notes: [String] = []
    /// Bias that the node of each population has to hold.
    private var biasOfNode: [[Double]]
    /// Bias that a projection brings to its target.
    private var biasOfProjection: [Int: [Double]] = [:]

    init(_ network: Network, secondsPerUnit: Double) {
        self.network = network
        unit = secondsPerUnit
        step = network.timeStep * secondsPerUnit
        var taken: Set<String> = []
        // A slash would nest groups.
        names = network.populations.map { population in
            let plain = population.path.split(separator: "/").joined(separator: ".")
            return Self.free(plain.isEmpty ? "population" : plain, &taken)
        }
        biasOfNode = network.populations.map { population in
            population.bias.isEmpty
                ? [Double](repeating: 0, count: population.count) : population.bias
        }
        // The membrane of a noisy neuron takes its bias itself. All others get theirs with their input, as
        // an Affine adds it; without such a projection it becomes part of the resting potential.
        for (index, projection) in network.projections.enumerated() {
            let target = projection.target
            if case .noisy = network.populations[target].dynamics { continue }
            if case .oneToOne = projection.connectivity { continue }
            guard biasOfNode[target].contains(where: { $0 != 0 }) else { continue }
            biasOfProjection[index] = biasOfNode[target]
            biasOfNode[target] = [Double](repeating: 0, count: biasOfNode[target].count)
        }
    }

    /// A name that no other has: the name, or the name with a number.
    private static func free(_ name: String, _ taken: inout Set<String>) -> String {
        var candidate = name
        var number = 2
        while !taken.insert(candidate).inserted {
            candidate = "\(name)_\(number)"
            number += 1
        }
        return candidate
    }

    var group: HDF5Group {
        HDF5Group(members: [
            "type": .texts(["NIRGraph"], shape: []), "nodes": .group(HDF5Group(members: nodes)),
            "edges": .texts(edges.flatMap { [$0.from, $0.to] }, shape: [edges.count, 2]),
        ])
    }

    private mutating func add(_ name: String, _ type: String, _ members: [String: HDF5Object]) {
        var members = members
        members["type"] = .texts([type], shape: [])
        nodes[name] = .group(HDF5Group(members: members))
    }

    /// A name for a node beside the populations.
    private func freeName(_ name: String) -> String {
        var taken = Set(names).union(nodes.keys)
        return Self.free(name, &taken)
    }

    // MARK: Populations

    mutating func addPopulations() throws(NIRExportError) {
        if let lowest = network.lowestPotential {
            notes.append(
                "That no potential falls below \(lowest) is not in the file: give --min-potential \(lowest) "
                    + "when reading it."
            )
        }
        if network.reset == .toResetPotentialLater {
            notes.append(
                "Neurons lose the input of the step after a spike, which is not in the file: give --reset "
                    + "zero-later when reading it."
            )
        }
        if network.reset.subtracts {
            notes.append(
                "Reset by subtraction is not in the file: a reader of NIR sets v to v_reset."
            )
        }
        if network.populations.contains(where: { $0.shape.count > 1 }) {
            notes.append("Populations are flat in the file, neurons in C order.")
        }
        for (population, name) in zip(network.populations, names) {
            try add(population, as: name)
        }
    }

    private mutating func add(_ population: Population, as name: String) throws(NIRExportError) {
        let count = population.count
        let index = names.firstIndex(of: name) ?? 0
        let bias = biasOfNode[index]
        func array(_ values: [Double]) -> HDF5Object { .floats(values) }
        func seconds(_ values: [Double]) -> HDF5Object { array(values.map { $0 * unit }) }
        func firing(_ firing: Firing) -> [String: HDF5Object] {
            ["v_threshold": array(firing.threshold), "v_reset": array(firing.reset)]
        }
        /// The bias as part of the resting potential: x = bias settles v at leak + r · bias.
        func leak(_ membrane: LeakyIntegrator) -> HDF5Object {
            array(zip(zip(membrane.leak, membrane.r), bias).map { $0.0 + $0.1 * $1 })
        }
        switch population.dynamics {
        case .input: add(name, "Input", ["shape": .integers([count])])
        case .threshold(let threshold):
            let values = zip(threshold, bias).map { $0 - $1 }
            add(name, "Threshold", ["threshold": array(values)])
        case .relay where network.projections.contains { $0.source == index }:
            throw NIRExportError(
                description:
                    "Population '\(population.path)' holds a sum for others, and a NIR Output leads nowhere. "
                    + "Keep the file that the network came from."
            )
        case .relay:
            guard bias.allSatisfy({ $0 == 0 }) else {
                throw NIRExportError(
                    description:
                        "Output '\(population.path)' has a bias and no projection by a matrix that could bring "
                        + "it, and a NIR Output has none. End the network in a population of neurons."
                )
            }
            add(name, "Output", ["shape": .integers([count])])
        case .integrateAndFire, .integrator:
            guard bias.allSatisfy({ $0 == 0 }) else {
                throw NIRExportError(
                    description:
                        "Population '\(population.path)' has a bias and no projection by a matrix that could "
                        + "bring it, and NIR's \(population.dynamics.modelName) has none. Use a leaky neuron "
                        + "with a long time constant."
                )
            }
            // v += h · r · x, and r is per unit of time.
            if case .integrateAndFire(let neuron) = population.dynamics {
                add(
                    name,
                    "IF",
                    firing(neuron.firing).merging(["r": array(neuron.r.map { $0 / unit })]) { $1 }
                )
            } else if case .integrator(let r) = population.dynamics {
                add(name, "I", ["r": array(r.map { $0 / unit })])
            }
        case .leakyIntegrateAndFire(let membrane, let fires):
            add(
                name,
                "LIF",
                firing(fires).merging([
                    "tau": seconds(membrane.tau), "r": array(membrane.r), "v_leak": leak(membrane),
                ]) { $1 }
            )
        case .leakyIntegrator(let membrane):
            add(
                name,
                "LI",
                [
                    "tau": seconds(membrane.tau), "r": array(membrane.r), "v_leak": leak(membrane),
                ]
            )
        case .currentBased(let filter, let membrane, let fires):
            add(
                name,
                "CubaLIF",
                firing(fires).merging(currentBased(filter, membrane, bias)) { $1 }
            )
        case .currentBasedIntegrator(let filter, let membrane):
            add(name, "CubaLI", currentBased(filter, membrane, bias))
        case .noisy(let neuron): add(neuron, population, name, bias)
        case .sampling:
            throw NIRExportError(
                description:
                    "Population '\(population.path)' is of sampling neurons, for which NIR has no node. "
                    + "Save a chip image instead, or export a network of neuron lif."
            )
        }
    }

    /// Parameters of a leaky integrator with a current.
    private func currentBased(
        _ filter: SynapticFilter,
        _ membrane: LeakyIntegrator,
        _ bias: [Double]
    ) -> [String: HDF5Object] {
        // A constant x settles i at w_in · x, after some steps in which the file's neuron is ahead.
        let rest = zip(zip(membrane.leak, membrane.r), zip(filter.inputGain, bias))
            .map { $0.0 + $0.1 * $1.0 * $1.1 }
        return [
            "tau_mem": .floats(membrane.tau.map { $0 * unit }),
            "tau_syn": .floats(filter.tau.map { $0 * unit }), "r": .floats(membrane.r),
            "v_leak": .floats(rest), "w_in": .floats(filter.inputGain),
        ]
    }

    /// A noisy neuron without its noise: exact decays become Euler's of the same factor.
    private mutating func add(
        _ neuron: NoisyNeuron,
        _ population: Population,
        _ name: String,
        _ bias: [Double]
    ) {
        func array(_ values: [Double]) -> HDF5Object { .floats(values) }
        // 1 − e^(−h/τ), the share that is lost in a step.
        func loss(_ tau: [Double]) -> [Double] {
            tau.map { 1 - PortableMath.exp(-network.timeStep / $0) }
        }
        var members: [String: HDF5Object] = [
            "r": array(bias.map { _ in 1 }), "v_leak": array(bias),
            "v_threshold": array(neuron.firing.threshold), "v_reset": array(neuron.firing.reset),
        ]
        let membraneTau = loss(neuron.membraneTau).map { step / $0 }
        if neuron.currentTau.isEmpty {
            members["tau"] = array(membraneTau)
            add(name, "LIF", members)
        } else {
            let loss = loss(neuron.currentTau)
            members["tau_mem"] = array(membraneTau)
            members["tau_syn"] = array(loss.map { step / $0 })
            // A spike adds its weight to the current, whatever the time constant.
            members["w_in"] = array(loss.map { 1 / $0 })
            add(name, "CubaLIF", members)
        }
        if !neuron.noise.isEmpty {
            notes.append("Population '\(population.path)': its noise is not in the file.")
        }
        if neuron.refractory > 0 {
            notes.append(
                "Population '\(population.path)': its refractory period is not in the file."
            )
        }
    }

    // MARK: Projections

    /// Most elements of a matrix that a sparse projection becomes: 2²⁶, what `NIRFile` reads.
    private static let largestMatrix = 1 << 26

    /// The matrix of a sparse projection: NIR has no sparse node.
    private func matrix(
        of sparse: SparseWeights,
        from source: Population,
        to target: Population
    ) throws(NIRExportError) -> [Double] {
        func refused(_ what: String) -> NIRExportError {
            NIRExportError(
                description: "Projection '\(source.path)' → '\(target.path)' \(what)"
            )
        }
        if let fault = sparse.fault(sources: source.count, targets: target.count) {
            throw refused("\(fault). Sources must exist and ascend within each target.")
        }
        let (elements, overflow) = source.count.multipliedReportingOverflow(by: target.count)
        guard !overflow, elements <= Self.largestMatrix else {
            throw refused(
                "is sparse, and NIR has only whole matrices: \(target.count) by \(source.count) is more "
                    + "than the \(Self.largestMatrix) elements that are written. Save a chip image instead."
            )
        }
        return sparse.dense(sources: source.count)
    }

    /// For each projection whether a Delay has to say its delay.
    ///
    /// Readers delay an edge that leaves a neuron and stays inside a loop by a step. That says a delay of 1
    /// around a loop without a Delay, which few tools read, unless the loop has a projection of delay 0:
    /// then its delays need their Delays, which take it out of the loop.
    private func projectionsWithDelay() -> [Bool] {
        let projections = network.projections
        func isNeuron(_ population: Int) -> Bool {
            switch network.populations[population].dynamics {
            case .input, .relay, .threshold: false
            case .integrator, .integrateAndFire, .leakyIntegrateAndFire, .leakyIntegrator,
                .currentBased, .currentBasedIntegrator, .noisy, .sampling:
                true
            }
        }
        var short = network
        short.projections.removeAll { $0.delay > 1 || ($0.delay == 1 && !isNeuron($0.source)) }
        let loops = short.loops()
        var hasImmediate = Set<Int>()
        for projection in projections
        where projection.delay == 0 && loops[projection.source] == loops[projection.target] {
            hasImmediate.insert(loops[projection.source])
        }
        return projections.map { projection in
            guard projection.delay == 1, isNeuron(projection.source) else {
                return projection.delay > 0
            }
            let loop = loops[projection.source]
            return loop != loops[projection.target] || hasImmediate.contains(loop)
        }
    }

    mutating func addProjections() throws(NIRExportError) {
        let needsDelay = projectionsWithDelay()
        for (index, projection) in network.projections.enumerated() {
            let source = network.populations[projection.source]
            let target = network.populations[projection.target]
            let (from, to) = (names[projection.source], names[projection.target])
            let gain =
                target.compartments.indices.contains(projection.compartment)
                ? target.compartments[projection.compartment].gain : 1
            let name = freeName(projection.name ?? "\(from)_to_\(to)")
            func addMatrix(_ weights: [Double]) {
                let shape = [target.count, source.count]
                var members = ["weight": HDF5Object.floats(weights.map { $0 * gain }, shape: shape)]
                members["bias"] = biasOfProjection[index].map { .floats($0) }
                add(name, members["bias"] == nil ? "Linear" : "Affine", members)
            }
            switch projection.connectivity {
            case .dense(let weights): addMatrix(weights)
            case .sparse(let sparse): addMatrix(try matrix(of: sparse, from: source, to: target))
            case .oneToOne(let weights):
                add(name, "Scale", ["scale": .floats(weights.map { $0 * gain })])
            }
            if needsDelay[index] {
                // Before the weights, so that a bias which comes with them is not late.
                let delay = freeName(name + "_delay")
                let time = Double(projection.delay) * step
                add(
                    delay,
                    "Delay",
                    ["delay": .floats([Double](repeating: time, count: source.count))]
                )
                edges += [(from, delay), (delay, name), (name, to)]
            } else {
                edges += [(from, name), (name, to)]
            }
            if let rule = projection.plasticity?.rule {
                notes.append(
                    "Projection '\(name)': its learning rule '\(network.rules[rule].name)' is not in the "
                        + "file."
                )
            }
        }
        if network.populations.contains(where: { !$0.compartments.isEmpty }) {
            notes.append("Gains of compartments are part of the weights.")
        }
    }

    // MARK: Ports

    /// Outputs, and an input for a network that drives itself: NIR's tools want one.
    mutating func addPorts() {
        for output in network.outputs
        where network.populations[output.population].dynamics != .relay {
            let name = freeName("output_\(output.name)")
            add(
                name,
                "Output",
                ["shape": .integers([network.populations[output.population].count])]
            )
            edges.append((names[output.population], name))
        }
        guard !network.populations.contains(where: { $0.dynamics == .input }),
            let first = network.populations.first
        else { return }
        let name = freeName("input")
        add(name, "Input", ["shape": .integers([first.count])])
        edges.append((name, names[0]))
        notes.append(
            "The network has no input. The file's '\(name)' leads one to one to '\(first.path)', because "
                + "NIR asks for one: leave it silent."
        )
    }
}
