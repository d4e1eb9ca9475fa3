/// The synapses of one core that follow from kernels, row by row.
///
/// A row that a kernel makes is found as a spike finds it: the sender's route names the axon, and delay,
/// exponent and compartment name one of its rows. So a core needs nothing beside its rows, the network's
/// kernels and the routes that lead to it.
struct KernelRows {
    /// Row r owns synapses `offsets[r]..<offsets[r + 1]`.
    private var offsets: [Int]
    /// Target slot of each synapse, ascending within a row.
    private var targets: [UInt16]
    /// Weight of each synapse.
    private var weights: [Int16]

    /// Unrolls what the kernels make on a core.
    ///
    /// - Parameters:
    ///   - kernels: The kernels of the image.
    ///   - senders: Who sends to the core.
    ///   - core: Its tables, verified; synapses of kernels may be missing from its rows.
    ///   - rowOf: Room for one number a sender of any population or input; −1 everywhere.
    /// - Throws: `ChipImageError.invalid` where there is no row for a synapse.
    init(
        _ kernels: ImageKernels,
        from senders: KernelSenders,
        on core: CoreTables,
        _ rowOf: inout [Int32]
    ) throws(ChipImageError) {
        let rows = core.synapses.rowDelay.count
        var next = [Int](repeating: 0, count: rows + 1)
        // First how many each row has, then where they go.
        for entry in kernels.entries {
            senders.place(entry, on: core, &rowOf)
            var missing: (source: Int, target: Int)?
            core.forEachSlot(ofPopulation: entry.target) { _, index in
                entry.geometry.forEachSynapse(of: index) { source, _ in
                    let row = Int(rowOf[source])
                    if row < 0 { missing = (source, index) } else { next[row + 1] += 1 }
                }
            }
            senders.clear(entry, on: core, &rowOf)
            if let missing {
                throw .invalid(
                    place: "Core \(core.core)",
                    what: "no row of it holds the synapse from '\(entry.projection.source)' "
                        + "\(missing.source) to '\(entry.projection.target)' \(missing.target)",
                    limit: "The kernels of the projection make it"
                )
            }
        }
        for row in 0..<rows { next[row + 1] += next[row] }
        offsets = next
        targets = [UInt16](repeating: 0, count: next[rows])
        weights = [Int16](repeating: 0, count: next[rows])
        for entry in kernels.entries {
            senders.place(entry, on: core, &rowOf)
            core.forEachSlot(ofPopulation: entry.target) { slot, index in
                entry.geometry.forEachSynapse(of: index) { source, weight in
                    let row = Int(rowOf[source])
                    targets[next[row]] = UInt16(truncatingIfNeeded: slot)
                    weights[next[row]] = weight
                    next[row] += 1
                }
            }
            senders.clear(entry, on: core, &rowOf)
        }
        sortRows()
    }

    /// Populations whose segments do not ascend leave rows out of order.
    private mutating func sortRows() {
        for row in 0..<offsets.count - 1 {
            let range = offsets[row]..<offsets[row + 1]
            if range.dropFirst().allSatisfy({ targets[$0 - 1] <= targets[$0] }) { continue }
            let pairs = range.map { (targets[$0], weights[$0]) }.sorted { $0.0 < $1.0 }
            for (k, pair) in zip(range, pairs) { (targets[k], weights[k]) = pair }
        }
    }

    /// Synapses in all.
    var count: Int { targets.count }

    /// The tables without these synapses: what an image stores.
    ///
    /// - Parameters:
    ///   - tables: Rows that hold them.
    ///   - core: The core, for the error.
    /// - Returns: The same rows, shorter.
    /// - Throws: `ChipImageError.invalid` if one is not there, with its weight.
    func removed(from tables: SynapseTables, ofCore core: UInt32) throws(ChipImageError)
        -> SynapseTables
    {
        var result = tables
        let hasHidden = !tables.hiddenWeights.isEmpty
        result.targets.removeAll()
        result.weights.removeAll()
        result.hiddenWeights.removeAll()
        for row in 0..<offsets.count - 1 {
            var own = offsets[row]
            for k in Int(tables.rowSynapses[row])..<Int(tables.rowSynapses[row + 1]) {
                if own < offsets[row + 1], targets[own] == tables.targets[k],
                    weights[own] == tables.weights[k]
                {
                    own += 1
                    continue
                }
                result.targets.append(tables.targets[k])
                result.weights.append(tables.weights[k])
                if hasHidden { result.hiddenWeights.append(tables.hiddenWeights[k]) }
            }
            guard own == offsets[row + 1] else {
                throw .invalid(
                    place: "Core \(core), row \(row)",
                    what: "it has no synapse to slot \(targets[own]) of weight \(weights[own])",
                    limit: "The kernels of a projection make it"
                )
            }
            result.rowSynapses[row + 1] = UInt32(result.targets.count)
        }
        return result
    }

    /// The tables with these synapses: what a chip holds.
    ///
    /// - Parameter tables: Rows without them.
    /// - Returns: The same rows, longer, targets ascending.
    func added(to tables: SynapseTables) -> SynapseTables {
        var result = tables
        let hasHidden = !tables.hiddenWeights.isEmpty
        let total = tables.targets.count + count
        result.targets.removeAll()
        result.weights.removeAll()
        result.hiddenWeights.removeAll()
        result.targets.reserveCapacity(total)
        result.weights.reserveCapacity(total)
        for row in 0..<offsets.count - 1 {
            var own = offsets[row]
            func takeOwn() {
                result.targets.append(targets[own])
                result.weights.append(weights[own])
                if hasHidden { result.hiddenWeights.append(0) }
                own += 1
            }
            for k in Int(tables.rowSynapses[row])..<Int(tables.rowSynapses[row + 1]) {
                while own < offsets[row + 1], targets[own] < tables.targets[k] { takeOwn() }
                result.targets.append(tables.targets[k])
                result.weights.append(tables.weights[k])
                if hasHidden { result.hiddenWeights.append(tables.hiddenWeights[k]) }
            }
            while own < offsets[row + 1] { takeOwn() }
            result.rowSynapses[row + 1] = UInt32(truncatingIfNeeded: result.targets.count)
        }
        return result
    }
}

/// Who sends to which axon, for the sources of kernels.
struct KernelSenders {
    /// Neuron or channel and axon, `[source][core]`.
    private var senders: [String: [UInt32: [(index: Int, axon: Int)]]] = [:]
    /// Most neurons or channels of a source.
    private(set) var largest = 0

    /// Follows all routes from the sources of kernels.
    ///
    /// - Parameters:
    ///   - kernels: The kernels of the image.
    ///   - image: Its places and routes, verified.
    /// - Throws: `ChipImageError.invalid` if such an axon has another sender besides.
    init(_ kernels: ImageKernels, of image: ChipImage) throws(ChipImageError) {
        for name in Set(kernels.entries.map(\.projection.source)) {
            var lists: [UInt32: [(index: Int, axon: Int)]] = [:]
            func follow(_ routes: ArraySlice<Route>, from index: Int) {
                for route in routes {
                    lists[route.core, default: []].append((index, Int(route.axon)))
                }
            }
            if let population = image.network.populations.firstIndex(where: { $0.path == name }) {
                largest = max(largest, image.network.populations[population].count)
                for core in image.cores {
                    core.forEachSlot(ofPopulation: population) { slot, index in
                        follow(core.routes[slot], from: index)
                    }
                }
            } else if let input = image.inputs.first(where: { $0.name == name }) {
                largest = max(largest, input.channelCount)
                for channel in 0..<input.channelCount {
                    follow(input.routes[channel], from: channel)
                }
            }
            senders[name] = lists
        }
        try checkAxons(of: image)
    }

    /// What a kernel makes for one sender must not act for another.
    private func checkAxons(of image: ChipImage) throws(ChipImageError) {
        var routes: [UInt32: [UInt8]] = [:]
        for core in image.cores {
            routes[core.core] = [UInt8](repeating: 0, count: core.synapses.axonCount)
        }
        for table in image.cores.map(\.routes) + image.inputs.map(\.routes) {
            for route in table.routes where routes[route.core]?[Int(route.axon)] != 2 {
                routes[route.core]?[Int(route.axon)] += 1
            }
        }
        for (name, lists) in senders {
            for (core, list) in lists {
                for (index, axon) in list where routes[core]?[axon] != 1 {
                    throw .invalid(
                        place: "Core \(core), axon \(axon)",
                        what: "'\(name)' \(index) and another sender share it",
                        limit: "An axon that kernels make synapses for has one sender"
                    )
                }
            }
        }
    }

    /// Room for `place`.
    var emptyRows: [Int32] { [Int32](repeating: -1, count: largest) }

    /// Notes the row in which each sender of a projection has its synapses on a core.
    ///
    /// - Parameters:
    ///   - entry: The projection.
    ///   - core: The core, its tables verified.
    ///   - rowOf: Row of each sender; −1 where it has none.
    func place(_ entry: ImageKernels.Entry, on core: CoreTables, _ rowOf: inout [Int32]) {
        let synapses = core.synapses
        for (index, axon) in senders[entry.projection.source]?[core.core] ?? [] {
            for row in Int(synapses.axonRows[axon])..<Int(synapses.axonRows[axon + 1])
            where Int(synapses.rowDelay[row]) == entry.projection.delay
                && Int(synapses.rowExponent[row]) == entry.geometry.table.exponent
                && Int(synapses.rowCompartment[row]) == entry.projection.compartment
                && (synapses.rowProjection.isEmpty || synapses.rowProjection[row] == 0)
            {
                rowOf[index] = Int32(truncatingIfNeeded: row)
            }
        }
    }

    /// Takes the notes back.
    ///
    /// - Parameters:
    ///   - entry: The projection.
    ///   - core: The core.
    ///   - rowOf: Row of each sender.
    func clear(_ entry: ImageKernels.Entry, on core: CoreTables, _ rowOf: inout [Int32]) {
        for (index, _) in senders[entry.projection.source]?[core.core] ?? [] { rowOf[index] = -1 }
    }
}

extension ChipImage {
    /// The tables of all cores without the synapses that follow from kernels.
    ///
    /// - Returns: As `cores`, in their order.
    /// - Throws: `ChipImageError.invalid` if the tables do not hold what the kernels make.
    package func rolledCores() throws(ChipImageError) -> [CoreTables] {
        guard network.hasKernels else { return cores }
        try verifyStructure()
        let kernels = try kernels
        let senders = try KernelSenders(kernels, of: self)
        var rowOf = senders.emptyRows
        var rolled: [CoreTables] = []
        for core in cores {
            let rows = try KernelRows(kernels, from: senders, on: core, &rowOf)
            var core = core
            core.synapses = try rows.removed(from: core.synapses, ofCore: core.core)
            rolled.append(core)
        }
        return rolled
    }

    /// Adds the synapses that follow from kernels to the rows of all cores.
    ///
    /// - Throws: `ChipImageError.invalid`.
    mutating func unrollKernels() throws(ChipImageError) {
        guard network.hasKernels else { return }
        // Offsets, places and routes are followed below: they must lead somewhere.
        try verifyStructure()
        let kernels = try kernels
        let senders = try KernelSenders(kernels, of: self)
        var rowOf = senders.emptyRows
        for core in cores.indices {
            let rows = try KernelRows(kernels, from: senders, on: cores[core], &rowOf)
            cores[core].synapses = rows.added(to: cores[core].synapses)
        }
    }
}

extension NetworkTable {
    /// Whether any projection shares kernels.
    fileprivate var hasKernels: Bool { projections.contains { $0.kernels != nil } }
}
