import ChipImage
import ChipSpec
import Events

/// Draws rules and plastic projections, and adds their rows to the static ones of an image.
struct RandomPlasticity {
    /// A row of synapse memory.
    private struct Row {
        var delay: UInt8
        var exponent: Int8
        var compartment: UInt8
        var synapses: [(target: UInt16, weight: Int16, hidden: UInt8)]
        /// As `SynapseTables.rowProjection`.
        var projection: UInt16 = 0
    }

    /// A neuron or an input channel.
    private struct Sender {
        var name: String
        var index: Int
        var routes: [Route]
        /// Core of the tables and slot, or port and channel.
        var owner: Int
        var place: Int
        var isInput: Bool
    }

    let chip: ChipSpec
    var random: SplitMix64
    var projections: [ProjectionTable] = []
    var rules: [RuleProgram] = []
    /// Rows of each axon, `[core of the image][axon]`.
    private var axons: [[[Row]]] = []
    private var senders: [Sender] = []

    init(chip: ChipSpec, random: SplitMix64) {
        self.chip = chip
        self.random = random
    }

    mutating func connect(
        _ populations: inout [PopulationTable],
        _ cores: inout [CoreTables],
        _ inputs: inout [InputPort]
    ) {
        takeApart(populations, cores, inputs)
        nameStaticProjections(populations, cores)
        rules = (0..<random.int(1...3)).map { rule($0) }
        for number in 0..<random.int(1...4) { addProjection(number, populations, cores, inputs) }
        // Charge must not reach a population that still sleeps.
        for _ in populations {
            for projection in projections {
                guard let p = populations.firstIndex(where: { $0.path == projection.target })
                else { continue }
                let source = populations.first { $0.path == projection.source }
                populations[p].depth = min(
                    populations[p].depth,
                    (source?.depth ?? 0) + projection.delay
                )
            }
        }
        putTogether(&cores, &inputs)
    }
}

// Tables as lists, and back.
extension RandomPlasticity {
    private mutating func takeApart(
        _ populations: [PopulationTable],
        _ cores: [CoreTables],
        _ inputs: [InputPort]
    ) {
        for (c, core) in cores.enumerated() {
            let tables = core.synapses
            axons.append(
                (0..<tables.axonCount).map { axon in
                    (tables.axonRows[axon]..<tables.axonRows[axon + 1]).map { row in
                        let r = Int(row)
                        return Row(
                            delay: tables.rowDelay[r],
                            exponent: tables.rowExponent[r],
                            compartment: tables.rowCompartment[r],
                            synapses: (tables.rowSynapses[r]..<tables.rowSynapses[r + 1]).map {
                                (tables.targets[Int($0)], tables.weights[Int($0)], 0)
                            }
                        )
                    }
                }
            )
            for segment in core.segments {
                for slot in Int(segment.firstSlot)..<Int(segment.firstSlot + segment.count) {
                    senders.append(
                        Sender(
                            name: populations[Int(segment.population)].path,
                            index: Int(core.neurons.indexInPopulation[slot]),
                            routes: Array(core.routes[slot]),
                            owner: c,
                            place: slot,
                            isInput: false
                        )
                    )
                }
            }
        }
        for (port, input) in inputs.enumerated() {
            for channel in 0..<input.channelCount {
                senders.append(
                    Sender(
                        name: input.name,
                        index: channel,
                        routes: Array(input.routes[channel]),
                        owner: port,
                        place: channel,
                        isInput: true
                    )
                )
            }
        }
    }

    private func putTogether(_ cores: inout [CoreTables], _ inputs: inout [InputPort]) {
        for c in cores.indices {
            var tables = SynapseTables()
            for row in axons[c].flatMap({ $0 }) {
                tables.rowDelay.append(row.delay)
                tables.rowExponent.append(row.exponent)
                tables.rowCompartment.append(row.compartment)
                tables.rowProjection.append(row.projection)
                tables.targets += row.synapses.map(\.target)
                tables.weights += row.synapses.map(\.weight)
                tables.hiddenWeights += row.synapses.map(\.hidden)
                tables.rowSynapses.append(UInt32(tables.targets.count))
            }
            var rows = 0
            for axon in axons[c] {
                rows += axon.count
                tables.axonRows.append(UInt32(rows))
            }
            // Columns of nothing but 0 are empty.
            if tables.rowProjection.allSatisfy({ $0 == 0 }) { tables.rowProjection = [] }
            if tables.hiddenWeights.allSatisfy({ $0 == 0 }) { tables.hiddenWeights = [] }
            cores[c].synapses = tables
            cores[c].routes = routes { !$0.isInput && $0.owner == c }
        }
        for port in inputs.indices {
            inputs[port].routes = routes { $0.isInput && $0.owner == port }
        }
    }

    private func routes(_ isOwned: (Sender) -> Bool) -> RouteTable {
        var table = RouteTable()
        for sender in senders.filter(isOwned).sorted(by: { $0.place < $1.place }) {
            table.routes += sender.routes.sorted()
            table.offsets.append(UInt32(table.routes.count))
        }
        return table
    }

    /// A network that has plastic projections names the static ones as well.
    private mutating func nameStaticProjections(
        _ populations: [PopulationTable],
        _ cores: [CoreTables]
    ) {
        for (c, core) in cores.enumerated() {
            for (axon, rows) in axons[c].enumerated() {
                let route = Route(core: core.core, axon: UInt32(axon))
                guard let source = senders.first(where: { $0.routes.contains(route) }) else {
                    continue
                }
                for row in rows {
                    for synapse in row.synapses {
                        count(
                            source.name,
                            populations[populationIndex(core, Int(synapse.target))].path,
                            row
                        )
                    }
                }
            }
        }
    }

    private mutating func count(_ source: String, _ target: String, _ row: Row) {
        let known = projections.firstIndex {
            $0.source == source && $0.target == target && $0.delay == Int(row.delay)
                && $0.compartment == Int(row.compartment)
        }
        if let known {
            projections[known].synapses += 1
        } else {
            projections.append(
                projection(source, target, Int(row.delay), Int(row.compartment), synapses: 1)
            )
        }
    }

    private func projection(
        _ source: String,
        _ target: String,
        _ delay: Int,
        _ compartment: Int,
        synapses: Int
    ) -> ProjectionTable {
        ProjectionTable(
            source: source,
            target: target,
            delay: delay,
            compartment: compartment,
            signMode: .mixed,
            weightScale: 1,
            synapses: synapses,
            largestError: 0,
            rootMeanSquareError: 0
        )
    }

    private func populationIndex(_ core: CoreTables, _ slot: Int) -> Int {
        for segment in core.segments where slot < Int(segment.firstSlot + segment.count) {
            return Int(segment.population)
        }
        preconditionFailure("every slot belongs to a segment")
    }
}

// Plastic projections.
extension RandomPlasticity {
    private mutating func addProjection(
        _ number: Int,
        _ populations: [PopulationTable],
        _ cores: [CoreTables],
        _ inputs: [InputPort]
    ) {
        let p = random.int(0...populations.count - 1)
        let target = populations[p]
        let names = populations.map(\.path) + inputs.map(\.name)
        let source = random.chance(0.2) ? target.path : random.pick(names)
        let longest = min(chip.synapse.maximumDelayInSteps, random.chance(0.1) ? 62 : 4)
        let delay = random.chance(0.4) ? 1 : random.int(1...longest)
        let compartment = random.int(0...target.compartmentExponents.count - 1)
        let exponent =
            chip.synapse.exponentShift == .perSum
            ? 0 : random.int(chip.synapse.minimumExponent...chip.synapse.maximumExponent)
        let density = random.chance(0.3) ? 1 : random.double(0.3...0.9)
        let sign = random.chance(0.3) ? random.pick([SignMode.excitatory, .inhibitory]) : .mixed
        var synapses = 0
        for sender in senders.indices where senders[sender].name == source {
            for (c, core) in cores.enumerated() {
                let targets = (0..<core.neurons.indexInPopulation.count).filter {
                    populationIndex(core, $0) == p && random.chance(density)
                }
                guard !targets.isEmpty, let axon = axonOfItsOwn(sender, c, core) else { continue }
                axons[c][axon].append(
                    Row(
                        delay: UInt8(delay),
                        exponent: Int8(exponent),
                        compartment: UInt8(compartment),
                        synapses: targets.map { slot in
                            let (weight, hidden) = register(sign)
                            return (UInt16(slot), weight, hidden)
                        },
                        projection: UInt16(projections.count + 1)
                    )
                )
                synapses += targets.count
            }
        }
        guard synapses > 0 else { return }
        var table = projection(source, target.path, delay, compartment, synapses: synapses)
        table.name = random.chance(0.5) ? "plastic\(number)" : nil
        table.signMode = sign
        table.rule = random.int(0...rules.count - 1)
        projections.append(table)
    }

    /// The axon of a sender on a core, made if there is none; nil if it is shared.
    private mutating func axonOfItsOwn(_ sender: Int, _ c: Int, _ core: CoreTables) -> Int? {
        if let route = senders[sender].routes.first(where: { $0.core == core.core }) {
            let owners = senders.count { $0.routes.contains(route) }
            return owners == 1 ? Int(route.axon) : nil
        }
        axons[c].append([])
        let axon = axons[c].count - 1
        senders[sender].routes.append(Route(core: core.core, axon: UInt32(axon)))
        return axon
    }

    private mutating func register(_ sign: SignMode) -> (weight: Int16, hidden: UInt8) {
        let top = 1 << (chip.synapse.weightBits - 1)
        var weight =
            random.chance(0.1) ? random.pick([-top, top - 1]) : random.int(-top / 2...top / 2 - 1)
        let hidden = UInt8(random.int(0...(1 << chip.synapse.hiddenWeightBits) - 1))
        // Near 0, where the sign matters; the register of a negative weight stays below 0.
        if sign == .excitatory { weight = min(abs(weight), top - 1) >> 2 }
        if sign == .inhibitory { weight = -1 - abs(weight) >> 2 }
        return (Int16(weight), hidden)
    }
}

// Rules.
extension RandomPlasticity {
    private mutating func rule(_ index: Int) -> RuleProgram {
        let amplitudes = random.chance(0.5) ? ["eta"] : random.chance(0.5) ? ["a", "b"] : []
        let isWindow = random.chance(0.4)
        let traces = isWindow ? [] : self.traces()
        return RuleProgram(
            name: "rule\(index)",
            source: [],
            traces: traces,
            products: isWindow
                ? []
                : (0..<random.int(1...6)).map { _ in
                    product(traces.map(\.register), amplitudes.count)
                },
            windows: isWindow
                ? (0..<random.int(1...4)).map { _ in window(amplitudes.count) } : [],
            amplitudes: amplitudes,
            epoch: random.int(1...4)
        )
    }

    private mutating func traces() -> [TraceProgram] {
        let registers: [RuleVariable] = [.x1, .x2, .y1, .y2, .y3]
        let top = (1 << (chip.learning?.traceBits ?? 1)) - 1
        let chosen = registers.filter { _ in random.chance(0.6) }
        return (chosen.isEmpty ? [.x1, .y1] : chosen).map { register in
            guard random.chance(0.7) else {
                let loss = random.int(1...3)
                let tau = random.int(1...max(1, min(12, top / loss)))
                return TraceProgram(
                    register: register,
                    impulse: Double(loss * tau),
                    tau: Double(tau),
                    shape: .triangular
                )
            }
            let tau: Double? =
                random.chance(0.1) ? nil : random.chance(0.1) ? 0 : random.double(0.5...30)
            let impulse = random.chance(0.2) ? top : random.int(1...max(1, top / 2))
            return TraceProgram(register: register, impulse: Double(impulse), tau: tau)
        }
    }

    private mutating func trigger() -> RuleTrigger {
        switch random.int(0...9) {
        case 0...3: .x0
        case 4...7: .y0
        default: .every(epochs: random.int(1...3))
        }
    }

    private mutating func amplitude(_ amplitudes: Int) -> Int? {
        amplitudes > 0 && random.chance(0.6) ? random.int(0...amplitudes - 1) : nil
    }

    private mutating func product(_ traces: [RuleVariable], _ amplitudes: Int) -> RuleProduct {
        let trigger = trigger()
        let others: [RuleVariable] = [.x0, .y0, .w, .r, .refractory, .u, .v]
        let factors = (0..<random.int(0...3)).map { _ in
            let variable = random.chance(0.7) ? random.pick(traces) : random.pick(others)
            // A membrane potential has 24 bits: mostly its sign counts.
            let isWide = variable == .v || variable == .u
            return RuleFactor(
                variable,
                constant: random.chance(0.7) ? 0 : random.int(-5...5),
                isSign: random.chance(isWide ? 0.8 : 0.15)
            )
        }
        return RuleProduct(
            trigger: trigger,
            mantissa: random.pick([-7, -3, -1, 1, 1, 2, 5]),
            exponent: random.int(-11 - 2 * factors.count...1 - factors.count),
            amplitude: amplitude(amplitudes),
            factors: factors
        )
    }

    private mutating func window(_ amplitudes: Int) -> RuleWindow {
        let first = random.chance(0.3) ? 0 : random.int(1...3)
        return RuleWindow(
            trigger: random.chance(0.5) ? .x0 : .y0,
            mantissa: random.pick([-3, -1, 1, 1, 2]),
            exponent: random.int(-10...2),
            amplitude: amplitude(amplitudes),
            firstStep: first,
            lastStep: random.chance(0.1) ? 63 : first + random.int(0...8),
            requiresNewerPartner: random.chance(0.5),
            skipsTies: random.chance(0.5)
        )
    }
}
