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
        for row in 0..<rows { try verify(row, place, segments, network: network, rules: rules) }
    }

    private func verify(
        _ row: Int,
        _ place: String,
        _ segments: [Segment],
        network: NetworkTable,
        rules: WeightRules
    ) throws(ChipImageError) {
        let (delay, compartment) = (rowDelay[row], rowCompartment[row])
        var segment = -1
        var end: UInt32 = 0
        var previous: UInt16 = 0
        var allowed: [Bool] = []
        for synapse in Int(rowSynapses[row])..<Int(rowSynapses[row + 1]) {
            let target = targets[synapse]
            guard target >= previous else {
                throw .invalid(
                    place: "\(place), targets[\(synapse)]",
                    what: "it is \(target)",
                    limit: "Targets ascend within a row; the one before is \(previous)"
                )
            }
            previous = target
            if UInt32(target) >= end {
                repeat {
                    segment += 1
                    guard segment < segments.count else {
                        throw .invalid(
                            place: "\(place), targets[\(synapse)]",
                            what: "it is \(target)",
                            limit: "The core has \(end) neurons"
                        )
                    }
                    end = segments[segment].firstSlot + segments[segment].count
                } while UInt32(target) >= end
                let population = Int(segments[segment].population)
                let compartments = network.populations[population].compartmentExponents.count
                guard Int(compartment) < compartments else {
                    throw .invalid(
                        place: "\(place), rowCompartment[\(row)]",
                        what: "it is \(compartment)",
                        limit: "Population '\(network.populations[population].path)', which it "
                            + "feeds, has \(compartments) compartments"
                    )
                }
                guard let table = rules.allowed(population, delay, compartment) else {
                    throw .invalid(
                        place: "\(place), row \(row)",
                        what: "it has delay \(delay) and compartment \(compartment), and feeds "
                            + "population '\(network.populations[population].path)'",
                        limit: "No projection of the network does"
                    )
                }
                allowed = table
            }
            let index = Int(weights[synapse]) + WeightRules.offset
            guard allowed.indices.contains(index), allowed[index] else {
                throw .invalid(
                    place: "\(place), weights[\(synapse)]",
                    what: "it is \(weights[synapse])",
                    limit: "The sign mode of its projection does not have that weight"
                )
            }
        }
    }
}

/// Which weights, delays and exponents the synapses of a network may have.
struct WeightRules {
    /// Weight w has entry `w + offset`; weights beyond −256...256 exist on no chip.
    static let offset = 256

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

    init(chip: ChipSpec, network: NetworkTable) {
        delays = 1...chip.synapse.maximumDelayInSteps
        exponents = chip.exponents(of: .perSynapse)
        let ranges = SignMode.allCases.map(chip.synapse.weightRange)
        tables = (0..<(1 << ranges.count)).map { set in
            (-Self.offset...Self.offset).map { weight in
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
            else { continue }
            let kind = Kind(
                population: population,
                delay: projection.delay,
                compartment: projection.compartment
            )
            modes[kind, default: 0] |= 1 << mode
        }
    }

    /// Weights of the synapses that feed a population in a compartment after a delay.
    ///
    /// - Parameters:
    ///   - population: Index of the target population.
    ///   - delay: Delay of the row.
    ///   - compartment: Compartment of the row.
    /// - Returns: Entry `w + offset` says whether a weight may be w; nil if no projection is of this
    ///   kind. A network that lists no projections may have all weights of the chip.
    func allowed(_ population: Int, _ delay: UInt8, _ compartment: UInt8) -> [Bool]? {
        guard namesProjections else { return tables.last }
        let kind = Kind(population: population, delay: Int(delay), compartment: Int(compartment))
        return modes[kind].map { tables[$0] }
    }
}
