import ChipSpec

extension SynapseTables {
    /// Checks offsets, rows, targets and weights.
    ///
    /// - Parameters:
    ///   - place: As in messages.
    ///   - segments: Segments of the core, verified.
    ///   - network: Populations, verified.
    ///   - rules: Which weights may be where.
    /// - Throws: `ChipImageError.invalid`.
    func verify(
        _ place: String,
        _ segments: [Segment],
        network: NetworkTable,
        rules: WeightRules
    ) throws(ChipImageError) {
        let rows = rowDelay.count
        for (column, length) in [
            ("rowExponent", rowExponent.count), ("rowCompartment", rowCompartment.count),
        ] where length != rows {
            throw .wrongLength(place, column, length, rows)
        }
        guard targets.count == weights.count else {
            throw .wrongLength(place, "targets", targets.count, weights.count)
        }
        try checkOffsets(axonRows, owners: nil, end: rows, "\(place), axonRows")
        try checkOffsets(
            rowSynapses,
            owners: rows,
            end: weights.count,
            "\(place), rowSynapses"
        )
        try check(
            rowDelay,
            in: 0..<rows,
            "\(place), rowDelay",
            limit: "It must lie in \(rules.delays)"
        ) { rules.delays.contains(Int($0)) }
        try check(
            rowExponent,
            in: 0..<rows,
            "\(place), rowExponent",
            limit: "It must lie in \(rules.exponents)"
        ) { rules.exponents.contains(Int($0)) }
        try verifyPlasticRows(place, network: network, rules: rules)
        if rules.planes != nil { try verifyPlanes(place) }
        var table = AllowedWeights(segments, network: network, rules: rules)
        for row in 0..<rows { try verify(row, place, &table) }
    }

    /// Checks that an axon is one row of a crossbar.
    private func verifyPlanes(_ place: String) throws(ChipImageError) {
        for axon in 0..<axonCount where axonRows[axon + 1] - axonRows[axon] > 1 {
            throw .invalid(
                place: "\(place), axonRows[\(axon + 1)]",
                what: "axon \(axon) has \(axonRows[axon + 1] - axonRows[axon]) rows",
                limit: "An axon is one row where weights have planes"
            )
        }
        for row in rowDelay.indices {
            let own = weights[Int(rowSynapses[row])..<Int(rowSynapses[row + 1])]
            guard own.allSatisfy({ $0 >= 0 }) || own.allSatisfy({ $0 <= 0 }) else {
                throw .invalid(
                    place: "\(place), row \(row)",
                    what: "it has weights of both signs",
                    limit: "An axon has one sign where weights have planes"
                )
            }
        }
    }

    /// Checks which rows are plastic, their order, and the bits below the weights.
    private func verifyPlasticRows(
        _ place: String,
        network: NetworkTable,
        rules: WeightRules
    ) throws(ChipImageError) {
        let rows = rowDelay.count
        guard [0, rows].contains(rowProjection.count) else {
            throw .wrongLength(place, "rowProjection", rowProjection.count, rows)
        }
        guard [0, weights.count].contains(hiddenWeights.count) else {
            throw .wrongLength(place, "hiddenWeights", hiddenWeights.count, weights.count)
        }
        let projections = network.projections
        try check(
            rowProjection,
            in: rowProjection.indices,
            "\(place), rowProjection",
            limit: "It must be 0 or 1 + the index of a projection that learns"
        ) { $0 == 0 || $0 <= projections.count && projections[Int($0) - 1].rule != nil }
        if !rowProjection.isEmpty {
            for axon in 0..<axonCount {
                var previous: UInt16 = 0
                for row in Int(axonRows[axon])..<Int(axonRows[axon + 1]) {
                    guard rowProjection[row] > previous || previous == 0 else {
                        throw .invalid(
                            place: "\(place), rowProjection[\(row)]",
                            what: "it is \(rowProjection[row]) and follows \(previous)",
                            limit: "In an axon, plastic rows follow static ones and ascend by "
                                + "projection, one row each"
                        )
                    }
                    previous = rowProjection[row]
                }
            }
        }
        guard !hiddenWeights.isEmpty else { return }
        for row in 0..<rows {
            let isPlastic = !rowProjection.isEmpty && rowProjection[row] != 0
            let limit = isPlastic ? 1 << rules.hiddenBits : 1
            let synapses = Int(rowSynapses[row])..<Int(rowSynapses[row + 1])
            try check(
                hiddenWeights,
                in: synapses,
                "\(place), hiddenWeights",
                limit: "It must be below \(limit)" + (isPlastic ? "" : ", as its row is static")
            ) { Int($0) < limit }
            guard isPlastic, projections[Int(rowProjection[row]) - 1].signMode == .inhibitory else {
                continue
            }
            if let first = synapses.first(where: { weights[$0] == 0 && hiddenWeights[$0] != 0 }) {
                throw .invalid(
                    place: "\(place), hiddenWeights[\(first)]",
                    what: "it is \(hiddenWeights[first]) below a weight of 0",
                    limit: "Its projection is inhibitory, so the register must not be above 0"
                )
            }
        }
    }

    /// Checks the targets and weights of a row.
    private func verify(
        _ row: Int,
        _ place: String,
        _ table: inout AllowedWeights
    ) throws(ChipImageError) {
        let synapses = Int(rowSynapses[row])..<Int(rowSynapses[row + 1])
        let projection = rowProjection.isEmpty ? 0 : rowProjection[row]
        // A pair of neurons has one synapse in a plastic projection, and in a crossbar.
        let isOnce = table.rules.planes != nil || projection != 0
        let (targets, weights) = (targets.span, weights.span)
        var segment = -1
        // Targets below this are of the segment; the first target is beyond it.
        var end = 0
        var allowed: [Bool] = []
        // The least that the next target may be.
        var least = 0
        for synapse in synapses {
            let target = Int(targets[synapse])
            if target < least {
                throw .invalid(
                    place: "\(place), targets[\(synapse)]",
                    what: "it is \(target)",
                    limit:
                        "Targets ascend within a row, in a plastic one or one of a crossbar each is "
                        + "there once; the one before is \(isOnce ? least - 1 : least)"
                )
            }
            least = isOnce ? target + 1 : target
            if target >= end {
                repeat {
                    segment += 1
                    guard segment < table.ends.count else {
                        throw .invalid(
                            place: "\(place), targets[\(synapse)]",
                            what: "it is \(target)",
                            limit: "The core has \(end) neurons"
                        )
                    }
                    end = table.ends[segment]
                } while target >= end
                allowed = try self.allowed(row, place, segment, projection, &table)
            }
            let index = Int(weights[synapse]) + table.rules.offset
            guard allowed.indices.contains(index), allowed[index] else {
                throw .invalid(
                    place: "\(place), weights[\(synapse)]",
                    what: "it is \(weights[synapse])",
                    limit: "The sign mode of its projection does not have that weight"
                )
            }
        }
    }

    /// Which weights a row may have for the neurons of a segment.
    private func allowed(
        _ row: Int,
        _ place: String,
        _ segment: Int,
        _ projection: UInt16,
        _ table: inout AllowedWeights
    ) throws(ChipImageError) -> [Bool] {
        let (delay, compartment) = (rowDelay[row], rowCompartment[row])
        let kind = (segment, delay, compartment, projection)
        if kind == table.lastKind { return table.last }
        let population = table.populations[segment]
        let path = table.network.populations[population].path
        let compartments = table.network.populations[population].compartmentExponents.count
        guard Int(compartment) < compartments else {
            throw .invalid(
                place: "\(place), rowCompartment[\(row)]",
                what: "it is \(compartment)",
                limit: "Population '\(path)', which it feeds, has \(compartments) compartments"
            )
        }
        guard let allowed = table.rules.allowed(population, delay, compartment, projection) else {
            throw .invalid(
                place: "\(place), row \(row)",
                what: "it has delay \(delay) and compartment \(compartment), and feeds "
                    + "population '\(path)'"
                    + (projection > 0 ? " by projection \(projection - 1)" : ""),
                limit: projection > 0
                    ? "That projection does not" : "No projection of the network does"
            )
        }
        table.lastKind = kind
        table.last = allowed
        return allowed
    }
}

/// What the rows of a core are checked against.
private struct AllowedWeights {
    let network: NetworkTable
    let rules: WeightRules
    /// First slot behind each segment.
    let ends: [Int]
    /// Population of each segment.
    let populations: [Int]
    /// Segment, delay, compartment and projection of the row before, as most rows are like it.
    var lastKind: (segment: Int, delay: UInt8, compartment: UInt8, projection: UInt16) = (
        -1, 0, 0, 0
    )
    /// Weights of that kind.
    var last: [Bool] = []

    init(_ segments: [Segment], network: NetworkTable, rules: WeightRules) {
        self.network = network
        self.rules = rules
        ends = segments.map { Int($0.firstSlot + $0.count) }
        populations = segments.map { Int($0.population) }
    }
}

/// Which weights, delays and exponents the synapses of a network may have.
struct WeightRules {
    /// Weight w has entry `w + offset`; weights beyond −offset...offset do not exist on the chip.
    let offset: Int

    /// Delays of the chip.
    let delays: ClosedRange<Int>
    /// Exponents a row may have.
    let exponents: ClosedRange<Int>
    private struct Kind: Hashable {
        var population: Int
        var delay: Int
        var compartment: Int
    }
    /// Set of sign modes, bit m for mode m, of the projections of a kind.
    private var modes: [Kind: Int] = [:]
    /// Which weights a set of sign modes has, `[set][weight + offset]`.
    private let tables: [[Bool]]
    private let namesProjections: Bool
    /// Kind and set of sign modes of each plastic projection; nil for static ones.
    private var plastic: [(Kind, Int)?] = []
    /// Bits below the weight of a plastic synapse.
    let hiddenBits: Int
    /// How weights are spread over axons.
    let planes: WeightPlanes?

    init(chip: ChipSpec, network: NetworkTable) {
        delays = 1...chip.synapse.maximumDelayInSteps
        exponents = chip.exponents(of: .perSynapse)
        hiddenBits = chip.learning == nil ? 0 : chip.synapse.hiddenWeightBits
        planes = chip.synapse.weightPlanes
        let offset = max(256, 1 << (chip.synapse.weightBits - 1))
        self.offset = offset
        let ranges =
            planes == .bits
            ? SignMode.allCases.map { _ in (range: 1...1, step: 1) }
            : SignMode.allCases.map(chip.synapse.weightRange)
        tables = (0..<(1 << ranges.count)).map { set in
            (-offset...offset).map { weight in
                ranges.enumerated().contains { mode, values in
                    set >> mode & 1 == 1 && values.range.contains(weight)
                        && (weight - values.range.lowerBound) % values.step == 0
                }
            }
        }
        namesProjections = !network.projections.isEmpty
        var populationOfPath: [String: Int] = [:]
        for (index, population) in network.populations.enumerated() {
            populationOfPath[population.path] = index
        }
        for projection in network.projections {
            guard let population = populationOfPath[projection.target],
                let mode = SignMode.allCases.firstIndex(of: projection.signMode)
            else {
                plastic.append(nil)
                continue
            }
            let kind = Kind(
                population: population,
                delay: projection.delay,
                compartment: projection.compartment
            )
            if projection.rule != nil {
                plastic.append((kind, 1 << mode))
            } else {
                plastic.append(nil)
                modes[kind, default: 0] |= 1 << mode
            }
        }
    }

    /// Weights of the synapses that feed a population in a compartment after a delay.
    ///
    /// - Parameters:
    ///   - population: Index of the target population.
    ///   - delay: Delay of the row.
    ///   - compartment: Compartment of the row.
    ///   - projection: 1 + index of the projection of a plastic row, 0 for a static one.
    /// - Returns: Entry `w + offset` says whether a weight may be w; nil if no projection is of this
    ///   kind. A network that lists no projections may have all weights of the chip.
    func allowed(
        _ population: Int,
        _ delay: UInt8,
        _ compartment: UInt8,
        _ projection: UInt16
    ) -> [Bool]? {
        if projection > 0 {
            let kind = Kind(
                population: population,
                delay: Int(delay),
                compartment: Int(compartment)
            )
            return plastic[Int(projection) - 1].flatMap { $0.0 == kind ? tables[$0.1] : nil }
        }
        guard namesProjections else { return tables.last }
        // Compartments are axon types there, and a projection uses all of them.
        let compartment = planes == .bits ? 0 : Int(compartment)
        let kind = Kind(population: population, delay: Int(delay), compartment: compartment)
        return modes[kind].map { tables[$0] }
    }
}

extension SynapseTables {
    /// Synapses in plastic rows; the offsets must be verified.
    package var plasticSynapses: Int {
        var count = 0
        for row in rowProjection.indices where rowProjection[row] != 0 {
            count += Int(rowSynapses[row + 1] - rowSynapses[row])
        }
        return count
    }

    /// Rules that the plastic rows run, ascending; the tables must be verified.
    ///
    /// - Parameter network: Says which rule a projection runs.
    /// - Returns: Indices in `NetworkTable.rules`.
    package func rules(in network: NetworkTable) -> [Int] {
        let projections = Set(rowProjection.filter { $0 != 0 })
        return Set(projections.compactMap { network.projections[Int($0) - 1].rule }).sorted()
    }
}

extension SynapseSpec {
    /// Bytes of synapse memory.
    ///
    /// - Parameters:
    ///   - synapses: Synapses, plastic ones among them.
    ///   - plastic: Those that are plastic.
    ///   - rows: Rows.
    ///   - shared: Synapses that follow from kernels, and take no memory of their own.
    ///   - kernelWeights: Weights of the kernels; each takes what a synapse takes.
    /// - Returns: Row headers, synapses and kernels.
    package func bytes(
        synapses: Int,
        plastic: Int,
        rows: Int,
        shared: Int = 0,
        kernelWeights: Int = 0
    ) -> Int {
        (synapses - plastic - shared + kernelWeights) * bytesPerSynapse
            + plastic * bytesPerPlasticSynapse + rows * bytesPerRowHeader
    }
}
