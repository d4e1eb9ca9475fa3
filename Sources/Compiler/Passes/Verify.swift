package import ChipImage
package import ChipSpec
import NetworkIR

/// Proves that an image is the quantised network, and that no core is overfull.
///
/// It walks the image as spikes do, from sender over route, axon and row to the target, and ticks off
/// each synapse in the tables of the network: none may be missing, wrong, or there twice.
package struct Verify: ListedPass {
    package static let pass = CompilerPass.verify
    let chip: ChipSpec

    /// Makes the pass.
    ///
    /// - Parameter chip: The chip.
    package init(chip: ChipSpec) { self.chip = chip }

    package func run(_ input: (Routing, ChipImage)) throws -> [CoreUsage] {
        let (routing, image) = input
        let quantised = routing.placement.partitioning.quantised
        if let fault = missingSynapse(quantised, image) ?? wrongNeuron(quantised, image) {
            throw CompilerError.verification(pass: Self.name, fault: fault)
        }
        let kernels = try provenKernels(quantised, image)
        return image.cores.map { core in
            let use = kernels.use(by: core)
            let synapses = core.synapses.weights.count
            let rows = core.synapses.rowDelay.count
            let plastic = core.synapses.plasticSynapses
            return CoreUsage(
                neurons: core.neurons.count,
                axonsIn: core.synapses.axonCount,
                rows: rows,
                synapses: synapses,
                plasticSynapses: plastic,
                sharedSynapses: use.synapses,
                kernelWeights: use.weights,
                rules: core.synapses.rules(in: image.network).count,
                synapseBytes: chip.synapse.bytes(
                    synapses: synapses,
                    plastic: plastic,
                    rows: rows,
                    shared: use.synapses,
                    kernelWeights: use.weights
                ),
                axonsOut: core.routes.routes.count
            )
        }
    }

    package func statistics(of output: [CoreUsage]) -> [Statistic] {
        [
            Statistic("cores checked", output.count),
            Statistic("synapses checked", output.reduce(0) { $0 + $1.synapses }),
        ]
    }

    package func violation(in output: [CoreUsage], of input: (Routing, ChipImage)) -> String? {
        for (usage, core) in zip(output, input.1.cores) {
            for resource in CoreResource.allCases
            where usage.amount(of: resource) > chip.limit(of: resource) {
                return "core \(core.core) holds \(usage.amount(of: resource)) \(resource.rawValue)."
            }
        }
        return nil
    }

    /// The kernels of the image, if they make the synapses that share them, and no others.
    ///
    /// Each synapse that a kernel makes is looked for in the tables and taken out of them: as many must be
    /// left as there are in other projections.
    private func provenKernels(
        _ quantised: QuantisedNetwork,
        _ image: ChipImage
    ) throws -> ImageKernels {
        do throws(ChipImageError) {
            let kernels = try image.kernels
            let left = try image.rolledCores().reduce(0) { $0 + $1.synapses.weights.count }
            let others = quantised.projections.reduce(0) { $0 + ($1.isShared ? 0 : $1.synapses) }
            if left == others { return kernels }
            throw .invalid(
                place: "The image",
                what: "its kernels leave \(left) synapses",
                limit: "\(others) share none"
            )
        } catch {
            throw CompilerError.verification(pass: Self.name, fault: "\(error)")
        }
    }

    private func wrongNeuron(_ quantised: QuantisedNetwork, _ image: ChipImage) -> String? {
        var seen = quantised.populations.map {
            [Bool](repeating: false, count: $0.lowered.gain.count)
        }
        for core in image.cores {
            for segment in core.segments {
                let population = quantised.populations[Int(segment.population)]
                for slot in Int(segment.firstSlot)..<Int(segment.firstSlot + segment.count) {
                    let neuron = Int(core.neurons.indexInPopulation[slot])
                    if seen[Int(segment.population)][neuron] {
                        return
                            "neuron \(neuron) of population \(segment.population) is there twice."
                    }
                    seen[Int(segment.population)][neuron] = true
                    let isRight =
                        (population.threshold.isEmpty
                            || core.neurons.threshold[slot] == population.threshold[neuron])
                        && core.neurons.membraneDecay[slot] == population.membraneDecay[neuron]
                        && core.neurons.currentDecay[slot] == population.currentDecay[neuron]
                        && core.neurons.membraneBias[slot] == population.membraneBias[neuron]
                        && core.neurons.currentBias[slot] == population.currentBias[neuron]
                        && core.neurons.resetPotential[slot] == population.resetPotential[neuron]
                        && core.neurons.initialPotential[slot]
                            == population.initialPotential[neuron]
                    if !isRight { return "slot \(slot) of core \(core.core) has wrong registers." }
                }
            }
        }
        return seen.joined().allSatisfy { $0 } ? nil : "a neuron is missing."
    }

    private func missingSynapse(_ quantised: QuantisedNetwork, _ image: ChipImage) -> String? {
        let canonical = quantised.canonical
        var walk = SynapseWalk(quantised, image)
        for (port, population) in canonical.inputs.enumerated() {
            for channel in 0..<canonical.network.populations[population].count {
                let routes = image.inputs[port].routes[channel]
                if let fault = walk.follow(routes, from: population, channel, image) {
                    return fault
                }
            }
        }
        for core in image.cores {
            for segment in core.segments {
                let population = canonical.onChip[Int(segment.population)]
                for slot in Int(segment.firstSlot)..<Int(segment.firstSlot + segment.count) {
                    let neuron = Int(core.neurons.indexInPopulation[slot])
                    let routes = core.routes[slot]
                    if let fault = walk.follow(routes, from: population, neuron, image) {
                        return fault
                    }
                }
            }
        }
        return walk.unvisited()
    }
}

/// Ticks off synapses.
private struct SynapseWalk {
    private let quantised: QuantisedNetwork
    /// Index in `ChipImage.cores` of each physical core that holds something.
    private let tableOfCore: [UInt32: Int]
    /// Population of the network and neuron of each slot, `[core table][slot]`.
    private let slots: [[(population: Int32, neuron: Int32)]]
    /// Projections from one population to another, `[source * populations + target]`.
    private let projectionsOfPair: [[Int]]
    private let populationCount: Int
    /// `[projection][plane]`, what an axon tells of them.
    private let kinds: [[RowKind]]
    /// Planes of each weight that were met.
    private var visited: [[UInt8]]

    init(_ quantised: QuantisedNetwork, _ image: ChipImage) {
        self.quantised = quantised
        let canonical = quantised.canonical
        var tables: [UInt32: Int] = [:]
        for (index, core) in image.cores.enumerated() { tables[core.core] = index }
        tableOfCore = tables
        slots = image.cores.map { core in
            core.segments.flatMap { segment in
                let range = Int(segment.firstSlot)..<Int(segment.firstSlot + segment.count)
                return core.neurons.indexInPopulation[range].map {
                    (Int32(canonical.onChip[Int(segment.population)]), Int32($0))
                }
            }
        }
        populationCount = canonical.network.populations.count
        var pairs = [[Int]](repeating: [], count: populationCount * populationCount)
        for (index, projection) in canonical.network.projections.enumerated() {
            pairs[projection.source * populationCount + projection.target].append(index)
        }
        projectionsOfPair = pairs
        kinds = quantised.projections.indices.map { projection in
            (0..<quantised.projections[projection].planes.count).map { plane in
                // An axon does not say which plane it is; what it holds does.
                var kind = quantised.rowKind(of: projection, plane: plane)
                kind.plane = 0
                return kind
            }
        }
        visited = quantised.projections.map { [UInt8](repeating: 0, count: $0.weights.count) }
    }

    mutating func follow(
        _ routes: ArraySlice<Route>,
        from source: Int,
        _ neuron: Int,
        _ image: ChipImage
    ) -> String? {
        for route in routes {
            guard let core = tableOfCore[route.core] else {
                return "a route leads to core \(route.core), which holds nothing."
            }
            let axon = Int(route.axon)
            let rows = image.cores[core].synapses.axonRows
            guard axon + 1 < rows.count else {
                return "a route leads to axon \(axon) of core \(route.core), which is not there."
            }
            for row in Int(rows[axon])..<Int(rows[axon + 1])
            where !visit(row, of: core, source, neuron, image.cores[core].synapses) {
                return "core \(route.core) has a synapse at row \(row) that the network lacks."
            }
        }
        return nil
    }

    private mutating func visit(
        _ row: Int,
        of core: Int,
        _ source: Int,
        _ neuron: Int,
        _ table: borrowing SynapseTables
    ) -> Bool {
        let kind = RowKind(
            source: source,
            projection: table.rowProjection.isEmpty ? 0 : Int(table.rowProjection[row]),
            delay: Int(table.rowDelay[row]),
            exponent: Int(table.rowExponent[row]),
            compartment: Int(table.rowCompartment[row])
        )
        for k in Int(table.rowSynapses[row])..<Int(table.rowSynapses[row + 1]) {
            let (population, target) = slots[core][Int(table.targets[k])]
            var isFound = false
            for index in projectionsOfPair[source * populationCount + Int(population)]
            where visit(index, kind, neuron, Int(target), table.weights[k]) {
                isFound = true
                break
            }
            if !isFound { return false }
        }
        return true
    }

    /// Ticks off a synapse of a projection, if it has one like this that was not met before.
    private mutating func visit(
        _ index: Int,
        _ kind: RowKind,
        _ neuron: Int,
        _ target: Int,
        _ weight: Int16
    ) -> Bool {
        let hasPlanes = quantised.projections[index].planes != nil
        if !hasPlanes, kinds[index][0] != kind { return false }
        guard
            let k = quantised.projections[index].layout.index(ofSource: neuron, target: target)
        else { return false }
        if !hasPlanes {
            guard visited[index][k] == 0, quantised.projections[index].isSynapse(k),
                quantised.projections[index].weights[k] == weight
            else { return false }
            visited[index][k] = 1
            return true
        }
        let table = quantised.projections[index]
        for plane in PlaneSet(table.planes(of: k) & ~visited[index][k])
        where table.part(of: k) == weight && kinds[index][plane] == kind {
            visited[index][k] |= 1 << UInt8(plane)
            return true
        }
        return false
    }

    func unvisited() -> String? {
        for (index, visited) in visited.enumerated() {
            let table = quantised.projections[index]
            let missing = table.weights.indices.count { table.planes(of: $0) != visited[$0] }
            if missing > 0 { return "\(missing) synapses of projection \(index) are missing." }
        }
        return nil
    }
}

extension CoreUsage {
    /// How much of a resource is used.
    ///
    /// - Parameter resource: A limit of a core.
    /// - Returns: The amount.
    package func amount(of resource: CoreResource) -> Int {
        switch resource {
        case .neurons: neurons
        case .axonsIn: axonsIn
        case .synapseBytes: synapseBytes
        case .axonsOut: axonsOut
        case .rules: rules
        }
    }
}

extension ChipSpec {
    /// How much of a resource a core has.
    ///
    /// - Parameter resource: A limit of a core.
    /// - Returns: The limit.
    package func limit(of resource: CoreResource) -> Int {
        switch resource {
        case .neurons: core.neurons
        case .axonsIn: core.axonsIn
        case .synapseBytes: core.synapseMemoryInBytes
        case .axonsOut: core.axonsOut
        case .rules: learning?.maximumRules ?? 0
        }
    }
}
