import ChipSpec

extension ChipImage {
    /// Proves that the tables agree with each other and with the chip: what the emulator relies on.
    ///
    /// Takes time linear in the tables. Never traps, whatever the image holds.
    ///
    /// - Throws: `ChipImageError.invalid`, with the first fault.
    public func verify() throws(ChipImageError) {
        try verifyStructure()
        let kernels = try kernels
        for tables in cores {
            try tables.verifyLimits(
                "Core \(tables.core)",
                chip: chip,
                network: network,
                bytes: kernels.bytes(of: tables, chip.synapse)
            )
        }
        try verifySynapseCounts()
        try verifyPlasticAxons()
    }

    /// Proves that all places, offsets and routes lead somewhere: all but what adds up over the image.
    ///
    /// - Throws: `ChipImageError.invalid`, with the first fault.
    func verifyStructure() throws(ChipImageError) {
        try verifyChip()
        try network.verify(chip: chip, inputs: inputs)
        try verifyPlaces()
        let rules = WeightRules(chip: chip, network: network)
        let hasPlanes = rules.planes != nil
        // Cores ascend, and the last is one of the chip.
        var axons = [Int](repeating: -1, count: Int(cores.last?.core ?? 0) + 1)
        for tables in cores {
            let place = "Core \(tables.core)"
            try tables.neurons.verify(place, tables.segments, network: network, chip: chip)
            try tables.synapses.verify(place, tables.segments, network: network, rules: rules)
            axons[Int(tables.core)] = tables.synapses.axonCount
        }
        for tables in cores {
            let place = "Core \(tables.core)"
            try tables.routes.verify(
                place,
                senders: tables.neurons.count,
                axons: axons,
                hasPlanes: hasPlanes
            )
        }
        for input in inputs {
            try input.routes.verify(
                "Input '\(input.name)'",
                senders: elementCount(of: input.shape) ?? 0,
                axons: axons,
                hasPlanes: hasPlanes
            )
        }
    }

    /// An axon with plastic rows has one sender, of the population its projections come from.
    private func verifyPlasticAxons() throws(ChipImageError) {
        /// Source that the plastic rows of an axon name; nil without such rows.
        var sources: [UInt32: [String?]] = [:]
        for tables in cores where !tables.synapses.rowProjection.isEmpty {
            let synapses = tables.synapses
            var named = [String?](repeating: nil, count: synapses.axonCount)
            for axon in 0..<synapses.axonCount {
                for row in Int(synapses.axonRows[axon])..<Int(synapses.axonRows[axon + 1])
                where synapses.rowProjection[row] != 0 {
                    let source = network.projections[Int(synapses.rowProjection[row]) - 1].source
                    guard named[axon] == nil || named[axon] == source else {
                        throw .invalid(
                            place: "Core \(tables.core), axon \(axon)",
                            what:
                                "its plastic rows come from '\(named[axon] ?? "")' and '\(source)'",
                            limit: "An axon with plastic rows has one sender"
                        )
                    }
                    named[axon] = source
                }
            }
            sources[tables.core] = named
        }
        guard !sources.isEmpty else { return }
        var isTaken = sources.mapValues { [Bool](repeating: false, count: $0.count) }
        func follow(_ routes: ArraySlice<Route>, from sender: String) throws(ChipImageError) {
            for route in routes {
                guard let source = sources[route.core]?[Int(route.axon)] else { continue }
                guard source == sender, isTaken[route.core]?[Int(route.axon)] == false else {
                    throw .invalid(
                        place: "Core \(route.core), axon \(route.axon)",
                        what: "a route of '\(sender)' leads to it",
                        limit: "An axon with plastic rows has one sender, of '\(source)'"
                    )
                }
                isTaken[route.core]?[Int(route.axon)] = true
            }
        }
        for tables in cores {
            for segment in tables.segments {
                let path = network.populations[Int(segment.population)].path
                for slot in Int(segment.firstSlot)..<Int(segment.firstSlot + segment.count) {
                    try follow(tables.routes[slot], from: path)
                }
            }
        }
        for input in inputs {
            for channel in 0..<input.channelCount {
                try follow(input.routes[channel], from: input.name)
            }
        }
        for core in sources.keys.sorted() {
            for (axon, source) in (sources[core] ?? []).enumerated() {
                guard let source, isTaken[core]?[axon] == false else { continue }
                throw .invalid(
                    place: "Core \(core), axon \(axon)",
                    what: "it has plastic rows, and no route leads to it",
                    limit: "An axon with plastic rows has one sender, of '\(source)'"
                )
            }
        }
    }

    /// The chip is one that a chip spec can describe.
    ///
    /// The loader's ranges hold for chips built in memory as well, so they are asked for there.
    private func verifyChip() throws(ChipImageError) {
        do {
            _ = try ChipSpec(canonicalJSON: chip.canonicalJSON(), path: "chip spec")
        } catch {
            throw .invalid(
                place: "The chip",
                what: ImageJSON.explanation(of: error),
                limit: "It must be one that a chip spec can describe"
            )
        }
    }

    /// Every neuron of every population sits in exactly one slot.
    private func verifyPlaces() throws(ChipImageError) {
        var previous: UInt32?
        var slots = 0
        for tables in cores {
            let place = "Core \(tables.core)"
            guard Int(tables.core) < chip.mesh.coreCount, previous.map({ $0 < tables.core }) ?? true
            else {
                throw .invalid(
                    place: place,
                    what: "its tables follow those of "
                        + (previous.map { "core \($0)" } ?? "no other core"),
                    limit: "Cores ascend; the last core of the chip is \(chip.mesh.coreCount - 1)"
                )
            }
            previous = tables.core
            slots += tables.neurons.count
            try tables.verifySegments(place, populations: network.populations.count)
        }
        let neurons = network.populations.reduce(0) { $0 + (elementCount(of: $1.shape) ?? 0) }
        guard neurons == slots else {
            throw .invalid(
                place: "Network '\(network.name)'",
                what: "its populations have \(neurons) neurons, the cores \(slots)",
                limit: "Every neuron has one slot"
            )
        }
        // As many slots as neurons, and no neuron twice: a bijection.
        var isMapped = network.populations.map { [Bool](repeating: false, count: $0.count) }
        for tables in cores {
            guard tables.neurons.indexInPopulation.count == tables.neurons.count else {
                throw .wrongLength(
                    "Core \(tables.core)",
                    "indexInPopulation",
                    tables.neurons.indexInPopulation.count,
                    tables.neurons.count
                )
            }
            for segment in tables.segments {
                let population = Int(segment.population)
                let count = isMapped[population].count
                for slot in Int(segment.firstSlot)..<Int(segment.firstSlot + segment.count) {
                    let index = Int(tables.neurons.indexInPopulation[slot])
                    guard index < count, !isMapped[population][index] else {
                        throw .invalid(
                            place: "Core \(tables.core), slot \(slot)",
                            what: "it holds neuron \(index) of population "
                                + "'\(network.populations[population].path)'"
                                + (index < count ? ", as another slot does" : ""),
                            limit: "The population has neurons 0...\(count - 1), each in one slot"
                        )
                    }
                    isMapped[population][index] = true
                }
            }
        }
    }

    private func verifySynapseCounts() throws(ChipImageError) {
        guard !network.projections.isEmpty else { return }
        // Saturating, because each count may be as large as an Int.
        let named = network.projections.reduce(0) {
            let (sum, overflow) = $0.addingReportingOverflow($1.synapses)
            return overflow ? Int.max : sum
        }
        let stored = cores.reduce(0) { $0 + $1.synapses.weights.count }
        guard named == stored else {
            throw .invalid(
                place: "Network '\(network.name)'",
                what: "its projections have \(named) synapses, the cores \(stored)",
                limit: "They must be the same"
            )
        }
    }
}

extension CoreTables {
    /// Segments cover the slots from 0 without a gap.
    fileprivate func verifySegments(
        _ place: String,
        populations: Int
    ) throws(ChipImageError) {
        var end: UInt32 = 0
        for (index, segment) in segments.enumerated() {
            let next = segment.firstSlot.addingReportingOverflow(segment.count)
            guard segment.firstSlot == end, segment.count > 0, !next.overflow,
                Int(next.partialValue) <= neurons.count
            else {
                throw .invalid(
                    place: "\(place), segment \(index)",
                    what: "it has \(segment.count) slots from slot \(segment.firstSlot)",
                    limit: "It must begin at slot \(end), have a slot, and end by slot "
                        + "\(neurons.count), where the neurons end"
                )
            }
            guard Int(segment.population) < populations else {
                throw .invalid(
                    place: "\(place), segment \(index)",
                    what: "it is of population \(segment.population)",
                    limit: "The network has \(populations) populations"
                )
            }
            end = next.partialValue
        }
        guard Int(end) == neurons.count else {
            throw .invalid(
                place: place,
                what: "its segments have \(end) slots, its columns \(neurons.count) neurons",
                limit: "Every slot lies in a segment"
            )
        }
    }

    fileprivate func verifyLimits(
        _ place: String,
        chip: ChipSpec,
        network: NetworkTable,
        bytes: Int
    ) throws(ChipImageError) {
        let uses = [
            ("neurons", neurons.count, chip.core.neurons),
            ("axons in", synapses.axonCount, chip.core.axonsIn),
            ("routes out", routes.routes.count, chip.core.axonsOut),
            ("bytes of synapse memory", bytes, chip.core.synapseMemoryInBytes),
            (
                "learning rules",
                synapses.rules(in: network).count,
                chip.learning?.maximumRules ?? 0
            ),
        ]
        for (what, used, limit) in uses where used > limit {
            throw .invalid(
                place: place,
                what: "it has \(used) \(what)",
                limit: "A core of chip '\(chip.name)' has \(limit)"
            )
        }
    }
}

extension ChipImageError {
    static func wrongLength(
        _ place: String,
        _ column: String,
        _ count: Int,
        _ expected: Int
    ) -> Self {
        .invalid(
            place: place,
            what: "\(column) has \(count) entries",
            limit: "It must have \(expected)"
        )
    }
}

/// Checks part of a column; the error names the first offender and counts the others.
///
/// - Parameters:
///   - column: The column.
///   - indices: Which part of it.
///   - name: Where and which column, as in "Core 3, threshold".
///   - limit: The rule as a sentence without its full stop.
///   - isValid: The rule.
/// - Throws: `ChipImageError.invalid`.
func check<T>(
    _ column: [T],
    in indices: Range<Int>,
    _ name: @autoclosure () -> String,
    limit: @autoclosure () -> String,
    _ isValid: (T) -> Bool
) throws(ChipImageError) {
    var first: Int?
    var others = -1
    for index in indices where !isValid(column[index]) {
        if first == nil { first = index }
        others += 1
    }
    guard let first else { return }
    throw .invalid(
        place: "\(name())[\(first)]",
        what: "it is \(column[first])" + (others > 0 ? ", and \(others) more are wrong" : ""),
        limit: limit()
    )
}

/// Checks a table of offsets: first 0, never descending, last the end of what it points into.
///
/// - Parameters:
///   - offsets: The table.
///   - owners: Number of those who own a range, or nil if the table itself says.
///   - end: Number of entries it points into.
///   - name: Where and which table.
/// - Throws: `ChipImageError.invalid`.
func checkOffsets(
    _ offsets: [UInt32],
    owners: Int?,
    end: Int,
    _ name: @autoclosure () -> String
) throws(ChipImageError) {
    guard offsets.count >= 1, offsets.count == (owners.map { $0 + 1 } ?? offsets.count) else {
        throw .invalid(
            place: name(),
            what: "it has \(offsets.count) entries",
            limit: "It must have \(owners.map { $0 + 1 } ?? 1)\(owners == nil ? " or more" : "")"
        )
    }
    var previous: UInt32 = 0
    for (index, offset) in offsets.enumerated() {
        guard offset >= previous, index > 0 || offset == 0 else {
            throw .invalid(
                place: "\(name())[\(index)]",
                what: "it is \(offset)",
                limit: index == 0 ? "The first is 0" : "It must not be below \(previous)"
            )
        }
        previous = offset
    }
    guard Int(previous) == end else {
        throw .invalid(
            place: name(),
            what: "it ends at \(previous)",
            limit: "It must end at \(end), where what it points into ends"
        )
    }
}
