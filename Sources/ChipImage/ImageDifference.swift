import ChipSpec
import Events

/// How two images differ in what they mean: chip, populations, neurons, synapses; and, apart from that, in
/// where things are.
///
/// Populations are told by path, inputs by name, neurons by their index, synapses by source, target,
/// delay, compartment and whether they learn. The weight of a synapse is its raw weight, hidden bits and row
/// exponent included.
public struct ImageDifference: Sendable, Equatable {
    /// Synapses between two populations, or from an input to a population.
    public struct Projection: Sendable, Equatable {
        /// Path of the source population or name of the input.
        public var source: String
        /// Path of the target population.
        public var target: String
        /// Synapses of the first image.
        public var before = 0
        /// Synapses of the second image.
        public var after = 0
        /// Synapses that only the second image has.
        public var added = 0
        /// Synapses that only the first image has.
        public var removed = 0
        /// Synapses of both whose weights differ.
        public var changed = 0
        /// Largest difference of two weights, raw.
        public var largestChange = 0.0

        /// Whether the synapses are the same.
        public var isEqual: Bool { added == 0 && removed == 0 && changed == 0 }
    }

    /// The neurons of a population that both images have.
    public struct Population: Sendable, Equatable {
        /// Its path.
        public var path: String
        /// Neurons of the first image.
        public var before: Int
        /// Neurons of the second image.
        public var after: Int
        /// Properties of the population that differ, by their names in the image.
        public var properties: [String] = []
        /// Neurons of both with another value of a register, by register, in the order of the format.
        public var registers: [(name: String, neurons: Int)] = []
        /// Neurons of both that have another place.
        public var moved = 0

        /// Whether the population means the same.
        public var isEqual: Bool {
            before == after && properties.isEmpty && registers.isEmpty
        }

        /// Whether all is equal.
        ///
        /// - Parameters:
        ///   - a: One population.
        ///   - b: Another.
        /// - Returns: Whether they are equal.
        public static func == (a: Self, b: Self) -> Bool {
            a.path == b.path && a.before == b.before && a.after == b.after
                && a.properties == b.properties && a.moved == b.moved
                && a.registers.elementsEqual(b.registers) { $0 == $1 }
        }
    }

    /// Names of the chips, where their digests differ.
    public var chips: (before: String, after: String)?
    /// Facts of the whole network that differ, by their names in the image.
    public var network: [String] = []
    /// Populations and inputs that only the first image has.
    public var removed: [String] = []
    /// Populations and inputs that only the second image has.
    public var added: [String] = []
    /// Populations of both, in the order of the first.
    public var populations: [Population] = []
    /// Pairs with synapses in either image, in the order of the first, sources first.
    public var projections: [Projection] = []
    /// Cores in use, before and after.
    public var cores: (before: Int, after: Int) = (0, 0)
    /// Routes of neurons and inputs, before and after.
    public var routes: (before: Int, after: Int) = (0, 0)
    /// Whether every neuron has the same place, and every route the same way.
    public var isSamePlacement = true

    /// Whether the images mean the same: they run the same network with the same numbers.
    public var isSameNetwork: Bool {
        chips == nil && network.isEmpty && removed.isEmpty && added.isEmpty
            && populations.allSatisfy(\.isEqual) && projections.allSatisfy(\.isEqual)
    }

    /// Neurons of both images that have another core or slot.
    public var movedNeurons: Int { populations.reduce(0) { $0 + $1.moved } }

    /// Whether all is equal.
    ///
    /// - Parameters:
    ///   - a: One difference.
    ///   - b: Another.
    /// - Returns: Whether they are equal.
    public static func == (a: Self, b: Self) -> Bool {
        a.chips?.before == b.chips?.before && a.chips?.after == b.chips?.after
            && a.network == b.network && a.removed == b.removed && a.added == b.added
            && a.populations == b.populations && a.projections == b.projections
            && a.cores == b.cores && a.routes == b.routes && a.isSamePlacement == b.isSamePlacement
    }

    /// Compares two images.
    ///
    /// Takes the memory of two neurons' synapses beside the images.
    ///
    /// - Parameters:
    ///   - before: A verified image.
    ///   - after: Another.
    public init(from before: ChipImage, to after: ChipImage) {
        if before.chip.digest != after.chip.digest {
            chips = (before.chip.name, after.chip.name)
        }
        cores = (before.cores.count, after.cores.count)
        routes = (before.routeCount, after.routeCount)
        isSamePlacement =
            before.inputs == after.inputs && before.cores.count == after.cores.count
            && zip(before.cores, after.cores).allSatisfy { one, two in
                one.core == two.core && one.segments == two.segments
                    && one.neurons.indexInPopulation == two.neurons.indexInPopulation
                    && one.routes == two.routes
            }
        let names = SharedNames(before, after)
        compareNetworks(before, after, names)
        comparePopulations(before, after)
        compareSynapses(SynapseView(before, names), SynapseView(after, names), names)
    }

    private mutating func compareNetworks(
        _ before: ChipImage,
        _ after: ChipImage,
        _ names: SharedNames
    ) {
        func note(_ name: String, _ isEqual: Bool) { if !isEqual { network.append(name) } }
        let (a, b) = (before.network, after.network)
        note("name", a.name == b.name)
        note("timeStep", a.timeStep == b.timeStep)
        note("drainSteps", a.drainSteps == b.drainSteps)
        note("rules", (a.rules ?? []) == (b.rules ?? []))
        func outputs(_ table: NetworkTable) -> [String] {
            table.outputs.map { "\($0.name) \(table.populations[$0.population].path)" }
        }
        note("outputs", outputs(a) == outputs(b))
        // Counts and errors follow from the synapses, which are compared one by one.
        func projections(_ table: NetworkTable) -> [ProjectionTable] {
            table.projections.map { projection in
                var projection = projection
                projection.synapses = 0
                projection.largestError = 0
                projection.rootMeanSquareError = 0
                return projection
            }
        }
        note("projections", projections(a) == projections(b))
        note(
            "inputs",
            before.inputs.allSatisfy { input in
                after.inputs.allSatisfy { $0.name != input.name || $0.shape == input.shape }
            }
        )
        removed = names.all.filter { names.isBefore.contains($0) && !names.isAfter.contains($0) }
        added = names.all.filter { names.isAfter.contains($0) && !names.isBefore.contains($0) }
    }

    private mutating func comparePopulations(_ before: ChipImage, _ after: ChipImage) {
        let (mapBefore, mapAfter) = (SourceMap(before), SourceMap(after))
        let (placesBefore, placesAfter) = (before.denseCores, after.denseCores)
        for (index, table) in before.network.populations.enumerated() {
            guard
                let other = after.network.populations.firstIndex(where: { $0.path == table.path })
            else { continue }
            var population = Population(
                path: table.path,
                before: table.count,
                after: after.network.populations[other].count
            )
            population.properties = table.differences(from: after.network.populations[other])
            var counts = [Int](repeating: 0, count: NeuronTables.registerNames.count)
            for (one, two) in zip(
                mapBefore.addresses(ofPopulation: index),
                mapAfter.addresses(ofPopulation: other)
            ) {
                if one != two { population.moved += 1 }
                guard let a = placesBefore[one.core], let b = placesAfter[two.core] else {
                    continue
                }
                let differs = before.cores[a].neurons.differences(
                    ofSlot: Int(one.neuron),
                    from: after.cores[b].neurons,
                    slot: Int(two.neuron)
                )
                for (register, isDifferent) in differs.enumerated() where isDifferent {
                    counts[register] += 1
                }
            }
            population.registers = zip(NeuronTables.registerNames, counts)
                .filter { $0.1 > 0 }.map { (name: $0.0, neurons: $0.1) }
            populations.append(population)
        }
    }

    private mutating func compareSynapses(
        _ before: SynapseView,
        _ after: SynapseView,
        _ names: SharedNames
    ) {
        var pairs: [Int: Projection] = [:]
        func update(_ source: Int, _ target: Int, _ body: (inout Projection) -> Void) {
            body(
                &pairs[
                    source * names.all.count + target,
                    default: Projection(source: names.all[source], target: names.all[target])
                ]
            )
        }
        for source in names.all.indices {
            for sender in 0..<max(before.senders(of: source), after.senders(of: source)) {
                let (a, b) = (
                    before.synapses(of: source, sender), after.synapses(of: source, sender)
                )
                var (i, j) = (0, 0)
                while i < a.count || j < b.count {
                    if j == b.count || (i < a.count && a[i].key < b[j].key) {
                        update(source, a[i].key.population) {
                            $0.before += 1
                            $0.removed += 1
                        }
                        i += 1
                    } else if i == a.count || b[j].key < a[i].key {
                        update(source, b[j].key.population) {
                            $0.after += 1
                            $0.added += 1
                        }
                        j += 1
                    } else {
                        let change = abs(a[i].weight - b[j].weight)
                        update(source, a[i].key.population) {
                            $0.before += 1
                            $0.after += 1
                            if change > 0 { $0.changed += 1 }
                            $0.largestChange = max($0.largestChange, change)
                        }
                        i += 1
                        j += 1
                    }
                }
            }
        }
        projections = pairs.keys.sorted().compactMap { pairs[$0] }
    }
}

/// Names of populations and inputs of two images.
private struct SharedNames {
    /// Those of the first image, then those that only the second has; inputs after populations.
    let all: [String]
    let isBefore: Set<String>
    let isAfter: Set<String>

    init(_ before: ChipImage, _ after: ChipImage) {
        func names(_ image: ChipImage) -> [String] {
            image.network.populations.map(\.path) + image.inputs.map(\.name)
        }
        isBefore = Set(names(before))
        isAfter = Set(names(after))
        let known = isBefore
        all = names(before) + names(after).filter { !known.contains($0) }
    }
}

/// What tells the synapses of a neuron apart.
private struct SynapseKey: Comparable {
    /// Index of the target in the shared names.
    var population: Int
    var neuron: Int
    var delay: UInt8
    var compartment: UInt8
    var learns: Bool

    static func < (a: Self, b: Self) -> Bool {
        (a.population, a.neuron, a.delay, a.compartment, a.learns ? 1 : 0)
            < (b.population, b.neuron, b.delay, b.compartment, b.learns ? 1 : 0)
    }
}

/// The synapses of an image, sender by sender.
private struct SynapseView {
    private let image: ChipImage
    /// Population of the image, or input, of each shared name.
    private var populationOfName: [Int?]
    private var inputOfName: [Int?]
    /// Shared name of each population.
    private var nameOfPopulation: [Int]
    private let map: SourceMap
    private let dense: [UInt32: Int]
    /// Shared name and neuron of each slot, `[used core][slot]`.
    private var targets: [[(name: Int, neuron: Int)]] = []

    init(_ image: ChipImage, _ names: SharedNames) {
        self.image = image
        populationOfName = names.all.map { name in
            image.network.populations.firstIndex { $0.path == name }
        }
        inputOfName = names.all.map { name in image.inputs.firstIndex { $0.name == name } }
        var nameOfPopulation = [Int](repeating: 0, count: image.network.populations.count)
        for (name, population) in populationOfName.enumerated() {
            if let population { nameOfPopulation[population] = name }
        }
        self.nameOfPopulation = nameOfPopulation
        map = SourceMap(image)
        dense = image.denseCores
        for core in image.cores {
            targets.append(
                core.segments.flatMap { segment in
                    (segment.firstSlot..<(segment.firstSlot + segment.count)).map { slot in
                        (
                            name: nameOfPopulation[Int(segment.population)],
                            neuron: Int(core.neurons.indexInPopulation[Int(slot)])
                        )
                    }
                }
            )
        }
    }

    /// Neurons or channels of a name; 0 if the image does not have it.
    func senders(of name: Int) -> Int {
        if let population = populationOfName[name] {
            return image.network.populations[population].count
        }
        return inputOfName[name].map { image.inputs[$0].channelCount } ?? 0
    }

    /// Synapses of a neuron or channel, ascending by key, then weight.
    func synapses(of name: Int, _ sender: Int) -> [(key: SynapseKey, weight: Double)] {
        guard sender < senders(of: name) else { return [] }
        let routes: ArraySlice<Route>
        if let population = populationOfName[name] {
            let address = map.addresses(ofPopulation: population)[sender]
            guard let core = dense[address.core] else { return [] }
            routes = image.cores[core].routes[Int(address.neuron)]
        } else if let input = inputOfName[name] {
            routes = image.inputs[input].routes[sender]
        } else {
            return []
        }
        var found: [(key: SynapseKey, weight: Double)] = []
        let hidden = 1.0 / Double(1 << image.chip.synapse.hiddenWeightBits)
        for route in routes {
            guard let core = dense[route.core] else { continue }
            let tables = image.cores[core].synapses
            let axon = Int(route.axon)
            for row in Int(tables.axonRows[axon])..<Int(tables.axonRows[axon + 1]) {
                let scale = Double(
                    sign: .plus,
                    exponent: Int(tables.rowExponent[row]),
                    significand: 1
                )
                let learns = !tables.rowProjection.isEmpty && tables.rowProjection[row] != 0
                for k in Int(tables.rowSynapses[row])..<Int(tables.rowSynapses[row + 1]) {
                    let target = targets[core][Int(tables.targets[k])]
                    let below =
                        tables.hiddenWeights.isEmpty
                        ? 0 : Double(tables.hiddenWeights[k]) * hidden
                    found.append(
                        (
                            key: SynapseKey(
                                population: target.name,
                                neuron: target.neuron,
                                delay: tables.rowDelay[row],
                                compartment: tables.rowCompartment[row],
                                learns: learns
                            ),
                            weight: (Double(tables.weights[k]) + below) * scale
                        )
                    )
                }
            }
        }
        return found.sorted { $0.key == $1.key ? $0.weight < $1.weight : $0.key < $1.key }
    }
}

extension ChipImage {
    /// Index in `cores` of each used core.
    fileprivate var denseCores: [UInt32: Int] {
        var dense: [UInt32: Int] = [:]
        for (index, tables) in cores.enumerated() { dense[tables.core] = index }
        return dense
    }

    fileprivate var routeCount: Int {
        cores.reduce(0) { $0 + $1.routes.routes.count }
            + inputs.reduce(0) { $0 + $1.routes.routes.count }
    }
}

extension PopulationTable {
    /// Names of the properties that differ.
    fileprivate func differences(from other: Self) -> [String] {
        var names: [String] = []
        func note(_ name: String, _ isEqual: Bool) { if !isEqual { names.append(name) } }
        note("shape", shape == other.shape)
        note("model", model == other.model)
        note("reset", reset == other.reset)
        note("hasCurrent", hasCurrent == other.hasCurrent)
        note("compartmentExponents", compartmentExponents == other.compartmentExponents)
        note("membraneScale", membraneScale == other.membraneScale)
        note("depth", depth == other.depth)
        note("refractorySteps", (refractorySteps ?? 0) == (other.refractorySteps ?? 0))
        note("noise", (noise ?? []) == (other.noise ?? []))
        note("sampling", sampling == other.sampling)
        return names
    }
}

extension NeuronTables {
    /// Names of the registers that `differences` compares, in its order.
    fileprivate static let registerNames = [
        "threshold", "membraneDecay", "currentDecay", "membraneBias", "currentBias",
        "resetPotential", "initialPotential", "modelRegisters",
    ]

    /// Which registers of two neurons differ.
    fileprivate func differences(ofSlot slot: Int, from other: Self, slot otherSlot: Int) -> [Bool]
    {
        let words = count == 0 ? 0 : modelRegisters.count / count
        let otherWords = other.count == 0 ? 0 : other.modelRegisters.count / other.count
        let own = modelRegisters[slot * words..<(slot + 1) * words]
        let others = other.modelRegisters[otherSlot * otherWords..<(otherSlot + 1) * otherWords]
        return [
            threshold[slot] != other.threshold[otherSlot],
            membraneDecay[slot] != other.membraneDecay[otherSlot],
            currentDecay[slot] != other.currentDecay[otherSlot],
            membraneBias[slot] != other.membraneBias[otherSlot],
            currentBias[slot] != other.currentBias[otherSlot],
            resetPotential[slot] != other.resetPotential[otherSlot],
            initialPotential[slot] != other.initialPotential[otherSlot],
            !own.elementsEqual(others),
        ]
    }
}
