import ChipSpec
import Events

extension ChipImage {
    /// The bytes of a `.chipimg` file.
    ///
    /// Equal images give equal bytes. Columns that hold nothing but one value take a few bytes, and
    /// numbers are as narrow as they can be.
    ///
    /// - Parameter compressing: Whether sections are compressed with zstd where that saves bytes.
    ///   Without, they are read straight into their tables.
    /// - Returns: The bytes.
    /// - Throws: `ChipImageError.notEncodable` for numbers that JSON does not have, and for cores
    ///   out of order; `ChipImageError.invalid` where kernels and synapses contradict each other.
    public func encoded(compressing: Bool = false) throws(ChipImageError) -> [UInt8] {
        var sink = MemorySink()
        try encode(to: &sink, compressing: compressing)
        return sink.bytes
    }

    /// Writes the bytes of a `.chipimg` file, section by section.
    ///
    /// - Parameters:
    ///   - sink: Where to; empty.
    ///   - compressing: Whether sections are compressed with zstd where that saves bytes.
    /// - Throws: `ChipImageError.notEncodable`, and what the sink throws.
    func encode(to sink: inout some ImageSink, compressing: Bool) throws(ChipImageError) {
        var plan = SectionPlan(isCompressing: compressing)
        let chipBytes = chip.canonicalJSON()
        plan.add(.init(.chipSpec), chipBytes)
        plan.add(.init(.network), try json("The network") { try ImageJSON.encoded(network) })
        if !inputs.isEmpty {
            let ports = inputs.map { InputPortRecord(name: $0.name, shape: $0.shape) }
            plan.add(.init(.inputPorts), try json("The inputs") { try ImageJSON.encoded(ports) })
        }
        for (port, input) in inputs.enumerated() {
            plan.add(
                input.routes,
                .inputPort(UInt32(truncatingIfNeeded: port)),
                leftOut: { $0 == [0] }
            )
        }
        for (previous, next) in zip(cores, cores.dropFirst()) where previous.core >= next.core {
            throw .notEncodable(
                place: "Core \(next.core)",
                what: "its tables follow those of core \(previous.core)",
                limit: "Cores must ascend"
            )
        }
        for (index, projection) in network.projections.enumerated() {
            guard let kernels = projection.kernels else { continue }
            plan.add(kernels.weights, ofProjection: UInt32(truncatingIfNeeded: index))
        }
        for tables in try rolledCores() { plan.add(tables) }
        try plan.write(to: &sink, chipDigest: Digest(of: chipBytes))
    }

    private func json(
        _ place: String,
        _ body: () throws -> [UInt8]
    ) throws(ChipImageError) -> [UInt8] {
        do {
            return try body()
        } catch {
            throw .notEncodable(
                place: place,
                what: ImageJSON.explanation(of: error),
                limit: "Every number must be finite"
            )
        }
    }
}

/// Names of the sections of a table of routes.
struct RouteSections {
    let offsets, counts, pairs, cores, axons: SectionName

    /// Of the slots of a core.
    ///
    /// - Parameter core: Physical core.
    /// - Returns: The names.
    static func core(_ core: UInt32) -> Self {
        Self(
            offsets: .init(.routeOffsets, core),
            counts: .init(.routeCounts, core),
            pairs: .init(.routes, core),
            cores: .init(.routeCores, core),
            axons: .init(.routeAxons, core)
        )
    }

    /// Of the channels of an input port.
    ///
    /// - Parameter port: Index of the port.
    /// - Returns: The names.
    static func inputPort(_ port: UInt32) -> Self {
        Self(
            offsets: .init(.inputRouteOffsets, port),
            counts: .init(.inputRouteCounts, port),
            pairs: .init(.inputRoutes, port),
            cores: .init(.inputRouteCores, port),
            axons: .init(.inputRouteAxons, port)
        )
    }
}

extension [UInt32] {
    /// Lengths of the ranges that offsets say; nil unless they ascend from 0.
    var rangeLengths: [UInt32]? {
        guard first == 0 else { return nil }
        var lengths: [UInt32] = []
        lengths.reserveCapacity(count - 1)
        var previous: UInt32 = 0
        for offset in dropFirst() {
            guard offset >= previous else { return nil }
            lengths.append(offset - previous)
            previous = offset
        }
        return lengths
    }
}

/// The sections of an image, which are made when they are written: one at a time is in memory.
private struct SectionPlan {
    private struct Section {
        let name: SectionName
        /// Bytes of an integer.
        let size: Int
        let raw: () -> [UInt8]
    }

    let isCompressing: Bool
    private var sections: [Section] = []
    private var hasKernels = false

    init(isCompressing: Bool) { self.isCompressing = isCompressing }

    mutating func add(_ name: SectionName, _ raw: [UInt8]) {
        sections.append(Section(name: name, size: 1) { raw })
    }

    private mutating func add<T: FixedWidthInteger & BitwiseCopyable>(
        _ name: SectionName,
        _ column: [T]
    ) {
        sections.append(
            Section(name: name, size: MemoryLayout<T>.stride) { column.littleEndianBytes }
        )
    }

    /// Adds a column in a narrower type.
    private mutating func add<T: FixedWidthInteger & BitwiseCopyable>(
        _ name: SectionName,
        _ column: [some FixedWidthInteger & BitwiseCopyable],
        as type: T.Type
    ) {
        sections.append(
            Section(name: name, size: MemoryLayout<T>.stride) {
                column.converted(to: type).littleEndianBytes
            }
        )
    }

    mutating func add(
        _ table: RouteTable,
        _ names: RouteSections,
        leftOut: ([UInt32]) -> Bool
    ) {
        if !leftOut(table.offsets) {
            if let counts = table.offsets.rangeLengths, counts.fits(UInt8.self) {
                add(names.counts, counts, as: UInt8.self)
            } else {
                add(names.offsets, table.offsets)
            }
        }
        let routes = table.routes
        guard !routes.isEmpty else { return }
        if routes.allSatisfy({ $0.core <= UInt16.max && $0.axon <= UInt16.max }) {
            sections.append(
                Section(name: names.cores, size: 2) {
                    routes.map { UInt16(truncatingIfNeeded: $0.core) }.littleEndianBytes
                }
            )
            sections.append(
                Section(name: names.axons, size: 2) {
                    routes.map { UInt16(truncatingIfNeeded: $0.axon) }.littleEndianBytes
                }
            )
        } else {
            sections.append(
                Section(name: names.pairs, size: 4) {
                    routes.flatMap { [$0.core, $0.axon] }.littleEndianBytes
                }
            )
        }
    }

    mutating func add(_ kernels: [Int16], ofProjection projection: UInt32) {
        hasKernels = true
        if kernels.fits(Int8.self) {
            add(.init(.kernelWeights8, projection), kernels, as: Int8.self)
        } else {
            add(.init(.kernelWeights, projection), kernels)
        }
    }

    mutating func add(_ tables: CoreTables) {
        let core = tables.core
        let segments = tables.segments.flatMap { [$0.population, $0.firstSlot, $0.count] }
        // Always there, even if empty: it says that the core is in use.
        add(.init(.segments, core), segments)
        // Sections of a core are in the order of their types.
        let first = sections.count
        var constants = ConstantColumns()
        add(tables.neurons, core, &constants)
        add(tables.synapses, core, &constants)
        if !constants.records.isEmpty { add(.init(.constants, core), constants.records) }
        let slots = tables.neurons.count
        add(tables.routes, .core(core)) { $0.holds(slots + 1, of: 0) }
        sections[first...].sort { $0.name.type < $1.name.type }
    }

    private mutating func add(
        _ neurons: NeuronTables,
        _ core: UInt32,
        _ constants: inout ConstantColumns
    ) {
        let slots = neurons.count
        if neurons.indexInPopulation.fits(UInt16.self) {
            if !neurons.indexInPopulation.isEmpty {
                add(.init(.smallIndices, core), neurons.indexInPopulation, as: UInt16.self)
            }
        } else {
            add(.init(.indexInPopulation, core), neurons.indexInPopulation)
        }
        if !neurons.threshold.isEmpty {
            // A reader takes the number of slots from the indices.
            let isConstant =
                neurons.indexInPopulation.count == slots
                && constants.take(.threshold, neurons.threshold, slots)
            if !isConstant { add(.init(.threshold, core), neurons.threshold) }
        }
        add(.init(.membraneDecay, core), neurons.membraneDecay, slots, of: 0, &constants)
        add(.init(.currentDecay, core), neurons.currentDecay, slots, of: 0, &constants)
        add(.init(.membraneBias, core), neurons.membraneBias, slots, of: 0, &constants)
        add(.init(.currentBias, core), neurons.currentBias, slots, of: 0, &constants)
        add(.init(.resetPotential, core), neurons.resetPotential, slots, of: 0, &constants)
        add(.init(.initialPotential, core), neurons.initialPotential, slots, of: 0, &constants)
        if !neurons.modelRegisters.isEmpty {
            add(.init(.modelRegisters, core), neurons.modelRegisters)
        }
    }

    private mutating func add(
        _ synapses: SynapseTables,
        _ core: UInt32,
        _ constants: inout ConstantColumns
    ) {
        let rows = max(synapses.rowSynapses.count - 1, 0)
        let lengths = synapses.rowSynapses.rangeLengths
        let areLengthsPacked = lengths?.fits(UInt16.self) ?? false
        if synapses.rowSynapses != [0] {
            switch lengths {
            case let lengths? where lengths.fits(UInt8.self):
                add(.init(.rowLengths8, core), lengths, as: UInt8.self)
            case let lengths? where areLengthsPacked:
                add(.init(.rowLengths16, core), lengths, as: UInt16.self)
            default: add(.init(.rowSynapses, core), synapses.rowSynapses)
            }
        }
        // Where lengths are packed and nothing is said of axons, each has one row.
        let hasOneRowEach =
            areLengthsPacked && rows > 0
            && synapses.axonRows.elementsEqual(0...UInt32(truncatingIfNeeded: rows))
        let isDefault = synapses.axonRows == [0] && !(areLengthsPacked && rows > 0)
        if !hasOneRowEach && !isDefault {
            if let counts = synapses.axonRows.rangeLengths, counts.fits(UInt8.self) {
                add(.init(.axonRowCounts, core), counts, as: UInt8.self)
            } else {
                add(.init(.axonRows, core), synapses.axonRows)
            }
        }
        add(.init(.rowDelay, core), synapses.rowDelay, rows, of: 1, &constants)
        add(.init(.rowExponent, core), synapses.rowExponent, rows, of: 0, &constants)
        add(.init(.rowCompartment, core), synapses.rowCompartment, rows, of: 0, &constants)
        addTargets(synapses, core, lengths)
        if !synapses.weights.isEmpty {
            if synapses.weights.fits(Int8.self) {
                add(.init(.weights8, core), synapses.weights, as: Int8.self)
            } else {
                add(.init(.weights, core), synapses.weights)
            }
        }
        if !synapses.rowProjection.isEmpty {
            add(.init(.rowProjection, core), synapses.rowProjection)
        }
        if !synapses.hiddenWeights.isEmpty {
            add(.init(.hiddenWeights, core), synapses.hiddenWeights)
        }
    }

    /// Adds the targets: in archives as differences, which compress better.
    private mutating func addTargets(
        _ synapses: SynapseTables,
        _ core: UInt32,
        _ lengths: [UInt32]?
    ) {
        let targets = synapses.targets
        guard !targets.isEmpty else { return }
        let rowSynapses = synapses.rowSynapses
        guard isCompressing, lengths != nil, Int(rowSynapses.last ?? 0) == targets.count else {
            return add(.init(.targets, core), targets)
        }
        sections.append(
            Section(name: .init(.targetDeltas, core), size: 2) {
                var deltas = targets
                for row in rowSynapses.indices.dropLast() {
                    var previous: UInt16 = 0
                    for synapse in Int(rowSynapses[row])..<Int(rowSynapses[row + 1]) {
                        deltas[synapse] = targets[synapse] &- previous
                        previous = targets[synapse]
                    }
                }
                return deltas.littleEndianBytes
            }
        )
    }

    /// Adds a column that is left out if it has `count` elements and all are `usual`.
    private mutating func add<T: FixedWidthInteger & BitwiseCopyable>(
        _ name: SectionName,
        _ column: [T],
        _ count: Int,
        of usual: T,
        _ constants: inout ConstantColumns
    ) {
        if column.holds(count, of: usual) { return }
        if let type = SectionType(rawValue: name.type), constants.take(type, column, count) {
            return
        }
        add(name, column)
    }

    /// Makes and writes the sections, then header and table, which tell where they are.
    func write(to sink: inout some ImageSink, chipDigest: Digest) throws(ChipImageError) {
        var end = ImageFormat.headerSize + sections.count * ImageFormat.entrySize
        try sink.append([UInt8](repeating: 0, count: end))
        var table: [UInt8] = []
        var compressedTotal = 0
        for section in sections {
            let raw = section.raw()
            var flags: SectionFlags = .critical
            var stored = raw
            if isCompressing, let packed = compressed(section, raw, &compressedTotal) {
                flags.formUnion(packed.flags)
                stored = packed.frame
            }
            let offset = aligned(end)
            if offset > end { try sink.append([UInt8](repeating: 0, count: offset - end)) }
            try sink.append(stored)
            end = offset + stored.count
            SectionEntry(
                name: section.name,
                flags: flags,
                offset: UInt64(offset),
                storedSize: UInt64(stored.count),
                rawSize: UInt64(raw.count),
                checksum: CRC32C.checksum(of: stored)
            ).append(to: &table)
        }
        var front: [UInt8] = ImageFormat.magic
        front.append(littleEndian: ImageFormat.major)
        front.append(
            littleEndian: hasKernels ? ImageFormat.minor : ImageFormat.minorWithoutKernels
        )
        front.append(littleEndian: UInt32(0))
        front += chipDigest.bytes
        front.append(littleEndian: UInt32(sections.count))
        front.append(littleEndian: CRC32C.checksum(of: table))
        front.append(littleEndian: UInt32(0))
        front.append(littleEndian: CRC32C.checksum(of: front))
        try sink.replaceFront(with: front + table)
    }

    /// One frame, with byte planes where integers have several bytes; nil if that saves nothing.
    private func compressed(
        _ section: Section,
        _ raw: [UInt8],
        _ total: inout Int
    ) -> (frame: [UInt8], flags: SectionFlags)? {
        let memory = raw.count * (SectionType(rawValue: section.name.type)?.memoryPerByte ?? 1)
        guard raw.count <= ImageFormat.compressedLimit,
            memory <= ImageFormat.compressedTotalLimit - total
        else { return nil }
        let hasPlanes = section.size > 1
        let bytes = hasPlanes ? raw.planes(ofSize: section.size) : raw
        guard let frame = Zstandard.compressed(bytes), frame.count < raw.count else { return nil }
        total += memory
        return (frame, hasPlanes ? [.compressed, .planes] : .compressed)
    }

    private func aligned(_ offset: Int) -> Int {
        (offset + ImageFormat.alignment - 1) / ImageFormat.alignment * ImageFormat.alignment
    }
}

/// Columns of a core that hold one value everywhere.
private struct ConstantColumns {
    /// Type and value, type and value, ….
    private(set) var records: [Int32] = []

    /// Notes a column if it is constant.
    ///
    /// - Parameters:
    ///   - type: Section it would otherwise be.
    ///   - column: The column.
    ///   - count: Elements a reader would give it.
    /// - Returns: Whether it is, and is noted.
    mutating func take(
        _ type: SectionType,
        _ column: [some FixedWidthInteger & BitwiseCopyable],
        _ count: Int
    ) -> Bool {
        guard count > 0, column.holds(count, of: nil), let value = column.first else {
            return false
        }
        records.append(Int32(type.rawValue))
        records.append(Int32(truncatingIfNeeded: value))
        return true
    }
}
