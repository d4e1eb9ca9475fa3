import ChipSpec
import Events

extension ChipImage {
    /// Reads the bytes of a `.chipimg` file.
    ///
    /// Checks the format and every checksum; `verify()` checks what the tables say. Hostile bytes
    /// give an error, never a trap, and never more memory than the file and its compressed sections
    /// account for.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: `ChipImageError`.
    package init(decoding bytes: [UInt8]) throws(ChipImageError) {
        try self.init(.memory(bytes))
    }

    /// Reads the bytes of a `.chipimg` file, each section once.
    ///
    /// - Parameter source: The whole file.
    /// - Throws: `ChipImageError`.
    init(_ source: ImageSource) throws(ChipImageError) {
        var sections = try SectionReader(source)
        let chip = try sections.takeChip()
        guard var network = try sections.takeJSON(.network, as: NetworkTable.self) else {
            throw .malformed(
                part: "section network",
                offset: ImageFormat.headerSize,
                what: "it is missing",
                limit: "An image has one"
            )
        }
        for population in network.populations where elementCount(of: population.shape) == nil {
            throw .impossibleShape(population.shape, of: "Population '\(population.path)'")
        }
        var inputs: [InputPort] = []
        if let records = try sections.takeJSON(.inputPorts, as: [InputPortRecord].self) {
            for (port, record) in records.enumerated() {
                guard elementCount(of: record.shape) != nil else {
                    throw .impossibleShape(record.shape, of: "Input '\(record.name)'")
                }
                let owner = UInt32(truncatingIfNeeded: port)
                let routes = try sections.takeRoutes(.inputPort(owner), absent: [0])
                inputs.append(InputPort(name: record.name, shape: record.shape, routes: routes))
            }
        }
        for index in network.projections.indices {
            try sections.takeKernels(of: index, &network.projections[index].kernels)
        }
        var cores: [CoreTables] = []
        for core in sections.usedCores { cores.append(try sections.takeTables(of: core)) }
        try sections.checkNothingLeft()
        self.init(chip: chip, network: network, inputs: inputs, cores: cores)
        try unrollKernels()
    }
}

extension ChipImageError {
    static func impossibleShape(_ shape: [Int], of owner: String) -> Self {
        .invalid(
            place: owner,
            what: "its shape is \(shape)",
            limit: "Every extent must be at least 1, and their product below 2³¹"
        )
    }
}

/// Number of elements of a shape, if every extent is at least 1 and the product is below 2³¹.
func elementCount(of shape: [Int]) -> Int? {
    var product = 1
    for extent in shape {
        guard extent >= 1, extent < 1 << 31 else { return nil }
        product *= extent
        guard product < 1 << 31 else { return nil }
    }
    return product
}

/// The sections of a file, each handed out once.
private struct SectionReader {
    let chipDigest: Digest?
    /// Cores that have a section `segments`, ascending.
    let usedCores: [UInt32]
    private let table: SectionTable
    private var entries: [SectionName: SectionEntry] = [:]
    private var compressedTotal = 0

    init(_ source: ImageSource) throws(ChipImageError) {
        table = try SectionTable(source)
        chipDigest = table.chipDigest
        var usedCores: [UInt32] = []
        for entry in table.entries {
            guard let type = SectionType(rawValue: entry.name.type) else { continue }
            entries[entry.name] = entry
            if type == .segments { usedCores.append(entry.name.core) }
        }
        self.usedCores = usedCores.sorted()
    }

    /// Hands out a section as a column of integers: checks its checksum, decompresses it.
    ///
    /// - Parameters:
    ///   - name: Which.
    ///   - element: Type of its integers.
    /// - Returns: Its integers, or nil if the file has no such section.
    /// - Throws: `ChipImageError`.
    mutating func take<T: FixedWidthInteger & BitwiseCopyable>(
        _ name: SectionName,
        as element: T.Type = T.self
    ) throws(ChipImageError) -> [T]? {
        guard let entry = entries.removeValue(forKey: name) else { return nil }
        let type = SectionType(rawValue: name.type)
        let size = MemoryLayout<T>.stride * (type?.elementsPerRecord ?? 1)
        if entry.flags.contains(.compressed) {
            // No overflow: a raw size has been checked to be at most 2^28.
            compressedTotal += Int(entry.rawSize) * (type?.memoryPerByte ?? 1)
            guard compressedTotal <= ImageFormat.compressedTotalLimit else {
                throw .malformed(
                    part: "section \(name)",
                    offset: Int(entry.offset),
                    what: "the compressed sections up to it become \(compressedTotal) bytes",
                    limit: "They may become \(ImageFormat.compressedTotalLimit)"
                )
            }
        }
        guard entry.rawSize.isMultiple(of: UInt64(size)) else {
            // What is damaged is said first.
            _ = try table.stored(entry, as: UInt8.self)
            throw malformed(
                name,
                "it has \(entry.rawSize) raw bytes",
                "It holds records of \(size) bytes"
            )
        }
        return try table.column(entry, as: element)
    }

    private func malformed(
        _ name: SectionName,
        _ what: String,
        _ limit: String
    ) -> ChipImageError {
        .malformed(
            part: "section \(name)",
            offset: Int(table.entries.first { $0.name == name }?.offset ?? 0),
            what: what,
            limit: limit
        )
    }

    /// Hands out the chip, if it is the one whose digest is in the header.
    mutating func takeChip() throws(ChipImageError) -> ChipSpec {
        let offset = offset(of: .init(.chipSpec))
        guard let raw = try take(.init(.chipSpec), as: UInt8.self), Digest(of: raw) == chipDigest
        else {
            throw .malformed(
                part: "section chipSpec",
                offset: offset,
                what: "its SHA-256 is not the one in the header",
                limit: "An image holds the chip it was compiled for"
            )
        }
        return try parsed(.chipSpec, at: offset) {
            try ChipSpec(canonicalJSON: raw, path: "chip spec")
        }
    }

    /// Hands out a section of JSON.
    mutating func takeJSON<T: Decodable>(
        _ section: SectionType,
        as type: T.Type
    ) throws(ChipImageError) -> T? {
        let offset = offset(of: .init(section))
        guard let raw = try take(.init(section), as: UInt8.self) else { return nil }
        return try parsed(section, at: offset) { try ImageJSON.decoded(type, from: raw) }
    }

    private func parsed<T>(
        _ section: SectionType,
        at offset: Int,
        _ body: () throws -> T
    ) throws(ChipImageError) -> T {
        do {
            return try body()
        } catch {
            throw .malformed(
                part: "section \(section)",
                offset: offset,
                what: ImageJSON.explanation(of: error),
                limit: "It must be the JSON that spikeloom writes"
            )
        }
    }

    private func offset(of name: SectionName) -> Int {
        entries[name].map { Int($0.offset) } ?? ImageFormat.headerSize
    }

    // MARK: Tables

    /// Hands out the weights of a projection's kernels, if it has any.
    ///
    /// - Parameters:
    ///   - projection: Index of the projection.
    ///   - kernels: Its kernels without weights.
    /// - Throws: `ChipImageError`.
    mutating func takeKernels(
        of projection: Int,
        _ kernels: inout KernelTable?
    ) throws(ChipImageError) {
        guard kernels != nil else { return }
        let owner = UInt32(truncatingIfNeeded: projection)
        if let weights = try take(.init(.kernelWeights, owner), as: Int16.self) {
            kernels?.weights = weights
        } else if let weights = try take(.init(.kernelWeights8, owner), as: Int8.self) {
            kernels?.weights = weights.converted(to: Int16.self)
        }
    }

    /// Hands out routes, as offsets or counts and as pairs or two columns.
    ///
    /// - Parameters:
    ///   - names: Their sections.
    ///   - absent: Offsets where the file has neither.
    /// - Returns: The routes.
    /// - Throws: `ChipImageError`.
    mutating func takeRoutes(
        _ names: RouteSections,
        absent: @autoclosure () -> [UInt32]
    ) throws(ChipImageError) -> RouteTable {
        var table = RouteTable()
        if let offsets = try take(names.offsets, as: UInt32.self) {
            table.offsets = offsets
        } else if let counts = try take(names.counts, as: UInt8.self) {
            table.offsets = try offsets(ofLengths: counts, names.counts)
        } else {
            table.offsets = absent()
        }
        if let words = try take(names.pairs, as: UInt32.self) {
            table.routes = stride(from: 0, to: words.count, by: 2).map {
                Route(core: words[$0], axon: words[$0 + 1])
            }
        } else if let cores = try take(names.cores, as: UInt16.self) {
            let axons = try take(names.axons, as: UInt16.self) ?? []
            guard cores.count == axons.count else {
                throw malformed(
                    names.cores,
                    "it has \(cores.count) entries, and there are \(axons.count) axons",
                    "Both columns have an entry for each route"
                )
            }
            table.routes = cores.indices.map {
                Route(core: UInt32(cores[$0]), axon: UInt32(axons[$0]))
            }
        }
        return table
    }

    /// Offsets of ranges that follow each other, from their lengths.
    private func offsets(
        ofLengths lengths: [some FixedWidthInteger],
        _ name: SectionName
    ) throws(ChipImageError) -> [UInt32] {
        var offsets: [UInt32] = [0]
        offsets.reserveCapacity(lengths.count + 1)
        var end = 0
        for length in lengths {
            end &+= Int(truncatingIfNeeded: length)
            offsets.append(UInt32(truncatingIfNeeded: end))
        }
        guard end <= Int(UInt32.max) else {
            throw malformed(name, "its lengths sum to \(end)", "They sum to less than 2³²")
        }
        return offsets
    }

    /// Hands out the tables of a core; columns that are left out are filled with their default.
    mutating func takeTables(of core: UInt32) throws(ChipImageError) -> CoreTables {
        let words = try take(.init(.segments, core), as: UInt32.self) ?? []
        let segments = stride(from: 0, to: words.count, by: 3).map {
            Segment(population: words[$0], firstSlot: words[$0 + 1], count: words[$0 + 2])
        }
        var constants = try takeConstants(of: core)
        let neurons = try takeNeurons(of: core, &constants)
        let synapses = try takeSynapses(of: core, &constants)
        if let type = constants.keys.min() {
            throw malformed(
                .init(.constants, core),
                "it gives a value to \(SectionName(type: UInt16(clamping: type), core: core))",
                "It names columns of neurons or rows that have no section of their own"
            )
        }
        let slots = neurons.count
        let routes = try takeRoutes(
            .core(core),
            absent: [UInt32](repeating: 0, count: slots + 1)
        )
        return CoreTables(
            core: core,
            segments: segments,
            neurons: neurons,
            synapses: synapses,
            routes: routes
        )
    }

    /// Values of columns that hold one everywhere, by type of their section.
    private mutating func takeConstants(
        of core: UInt32
    ) throws(ChipImageError) -> [Int32: Int32] {
        let name = SectionName(.constants, core)
        let words = try take(name, as: Int32.self) ?? []
        var values: [Int32: Int32] = [:]
        for index in stride(from: 0, to: words.count, by: 2)
        where values.updateValue(words[index + 1], forKey: words[index]) != nil {
            throw malformed(name, "it names type \(words[index]) twice", "Each is there once")
        }
        return values
    }

    /// Hands out a column that has a section, is constant or is left out.
    private mutating func takeColumn<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: SectionType,
        _ core: UInt32,
        _ constants: inout [Int32: Int32],
        _ count: Int,
        of usual: T
    ) throws(ChipImageError) -> [T] {
        let name = SectionName(type, core)
        if let column = try take(name, as: T.self) { return column }
        guard let value = constants.removeValue(forKey: Int32(type.rawValue)) else {
            return [T](repeating: usual, count: count)
        }
        guard let value = T(exactly: value) else {
            throw malformed(
                .init(.constants, core),
                "it has \(value) for \(name)",
                "It must lie in \(T.min)...\(T.max)"
            )
        }
        return [T](repeating: value, count: count)
    }

    private mutating func takeNeurons(
        of core: UInt32,
        _ constants: inout [Int32: Int32]
    ) throws(ChipImageError) -> NeuronTables {
        var neurons = NeuronTables()
        if let indices = try take(.init(.indexInPopulation, core), as: UInt32.self) {
            neurons.indexInPopulation = indices
        } else if let indices = try take(.init(.smallIndices, core), as: UInt16.self) {
            neurons.indexInPopulation = indices.converted(to: UInt32.self)
        }
        // A constant has as many entries as there are indices; without, a file has no slots.
        let named =
            constants[Int32(SectionType.threshold.rawValue)] == nil
            ? 0 : neurons.indexInPopulation.count
        neurons.threshold = try takeColumn(.threshold, core, &constants, named, of: 0)
        // What the file leaves out has as many elements as a column that it holds.
        let slots = neurons.count
        neurons.membraneDecay = try takeColumn(.membraneDecay, core, &constants, slots, of: 0)
        neurons.currentDecay = try takeColumn(.currentDecay, core, &constants, slots, of: 0)
        neurons.membraneBias = try takeColumn(.membraneBias, core, &constants, slots, of: 0)
        neurons.currentBias = try takeColumn(.currentBias, core, &constants, slots, of: 0)
        neurons.resetPotential = try takeColumn(.resetPotential, core, &constants, slots, of: 0)
        neurons.initialPotential = try takeColumn(
            .initialPotential,
            core,
            &constants,
            slots,
            of: 0
        )
        neurons.modelRegisters = try take(.init(.modelRegisters, core)) ?? []
        return neurons
    }

    private mutating func takeSynapses(
        of core: UInt32,
        _ constants: inout [Int32: Int32]
    ) throws(ChipImageError) -> SynapseTables {
        var synapses = SynapseTables()
        var areLengthsPacked = false
        if let offsets = try take(.init(.rowSynapses, core), as: UInt32.self) {
            synapses.rowSynapses = offsets
        } else if let lengths = try take(.init(.rowLengths8, core), as: UInt8.self) {
            synapses.rowSynapses = try offsets(ofLengths: lengths, .init(.rowLengths8, core))
            areLengthsPacked = true
        } else if let lengths = try take(.init(.rowLengths16, core), as: UInt16.self) {
            synapses.rowSynapses = try offsets(ofLengths: lengths, .init(.rowLengths16, core))
            areLengthsPacked = true
        }
        let rows = max(synapses.rowSynapses.count - 1, 0)
        if let offsets = try take(.init(.axonRows, core), as: UInt32.self) {
            synapses.axonRows = offsets
        } else if let counts = try take(.init(.axonRowCounts, core), as: UInt8.self) {
            synapses.axonRows = try offsets(ofLengths: counts, .init(.axonRowCounts, core))
        } else if areLengthsPacked {
            synapses.axonRows = [UInt32](0...UInt32(rows))
        }
        synapses.rowDelay = try takeColumn(.rowDelay, core, &constants, rows, of: 1)
        synapses.rowExponent = try takeColumn(.rowExponent, core, &constants, rows, of: 0)
        synapses.rowCompartment = try takeColumn(.rowCompartment, core, &constants, rows, of: 0)
        if let targets = try take(.init(.targets, core), as: UInt16.self) {
            synapses.targets = targets
        } else if let deltas = try take(.init(.targetDeltas, core), as: UInt16.self) {
            synapses.targets = try targets(of: deltas, synapses.rowSynapses, core)
        }
        if let weights = try take(.init(.weights, core), as: Int16.self) {
            synapses.weights = weights
        } else if let weights = try take(.init(.weights8, core), as: Int8.self) {
            synapses.weights = weights.converted(to: Int16.self)
        }
        synapses.rowProjection = try take(.init(.rowProjection, core)) ?? []
        synapses.hiddenWeights = try take(.init(.hiddenWeights, core)) ?? []
        return synapses
    }

    /// Targets from their differences within each row.
    private func targets(
        of deltas: [UInt16],
        _ rowSynapses: [UInt32],
        _ core: UInt32
    ) throws(ChipImageError) -> [UInt16] {
        guard let lengths = rowSynapses.rangeLengths,
            Int(rowSynapses.last ?? 0) == deltas.count
        else {
            throw malformed(
                .init(.targetDeltas, core),
                "it has \(deltas.count) entries, the rows end at \(rowSynapses.last ?? 0)",
                "Rows ascend from 0, and each synapse of a row has an entry"
            )
        }
        var targets = deltas
        var synapse = 0
        for length in lengths {
            var target: UInt16 = 0
            // In bounds: the lengths sum to the number of entries.
            for _ in 0..<length {
                target &+= targets[synapse]
                targets[synapse] = target
                synapse &+= 1
            }
        }
        return targets
    }

    /// Refuses sections of cores without `segments` and of ports without a name.
    func checkNothingLeft() throws(ChipImageError) {
        guard let stray = entries.values.min(by: { $0.offset < $1.offset }) else { return }
        throw .malformed(
            part: "section \(stray.name)",
            offset: Int(stray.offset),
            what: "it belongs to nothing in the image (\(entries.count) such sections)",
            limit: "A core has a section segments, an input port a row in inputPorts, a projection "
                + "kernels in network"
        )
    }
}
