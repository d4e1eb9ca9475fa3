import ChipSpec
import Events

extension ChipImage {
    /// The bytes of a `.chipimg` file.
    ///
    /// Equal images give equal bytes. Columns that hold nothing but their default are left out.
    ///
    /// - Parameter compressing: Whether sections are compressed with zstd where that saves bytes.
    ///   Without, they can be mapped.
    /// - Returns: The bytes.
    /// - Throws: `ChipImageError.notEncodable` for numbers that JSON does not have, and for cores
    ///   out of order.
    public func encoded(compressing: Bool = false) throws(ChipImageError) -> [UInt8] {
        var writer = SectionWriter(isCompressing: compressing)
        let chipBytes = chip.canonicalJSON()
        writer.add(.init(.chipSpec), chipBytes)
        writer.add(.init(.network), try json("The network") { try ImageJSON.encoded(network) })
        if !inputs.isEmpty {
            let ports = inputs.map { InputPortRecord(name: $0.name, shape: $0.shape) }
            writer.add(.init(.inputPorts), try json("The inputs") { try ImageJSON.encoded(ports) })
        }
        for (port, input) in inputs.enumerated() {
            let owner = UInt32(truncatingIfNeeded: port)
            writer.add(.init(.inputRouteOffsets, owner), input.routes.offsets, default: [0])
            writer.add(.init(.inputRoutes, owner), flattened(input.routes.routes), default: [])
        }
        for (previous, next) in zip(cores, cores.dropFirst()) where previous.core >= next.core {
            throw .notEncodable(
                place: "Core \(next.core)",
                what: "its tables follow those of core \(previous.core)",
                limit: "Cores must ascend"
            )
        }
        for tables in cores { writer.add(tables) }
        return writer.finished(chipDigest: Digest(of: chipBytes))
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

/// Routes as (core, axon), (core, axon), ….
private func flattened(_ routes: [Route]) -> [UInt32] {
    var words: [UInt32] = []
    words.reserveCapacity(2 * routes.count)
    for route in routes {
        words.append(route.core)
        words.append(route.axon)
    }
    return words
}

/// Collects sections, then lays them out behind the header and the table.
private struct SectionWriter {
    let isCompressing: Bool
    private var sections: [(entry: SectionEntry, stored: [UInt8])] = []
    private var compressedTotal = 0

    init(isCompressing: Bool) { self.isCompressing = isCompressing }

    mutating func add(_ name: SectionName, _ raw: [UInt8]) {
        var flags: SectionFlags = .critical
        var stored = raw
        let isInLimits =
            raw.count <= ImageFormat.compressedLimit
            && raw.count <= ImageFormat.compressedTotalLimit - compressedTotal
        if isCompressing, isInLimits, let frame = Zstandard.compressed(raw), frame.count < raw.count
        {
            flags.insert(.compressed)
            stored = frame
            compressedTotal += raw.count
        }
        let entry = SectionEntry(
            name: name,
            flags: flags,
            offset: 0,
            storedSize: UInt64(stored.count),
            rawSize: UInt64(raw.count),
            checksum: CRC32C.checksum(of: stored)
        )
        sections.append((entry, stored))
    }

    mutating func add<T: FixedWidthInteger & BitwiseCopyable>(
        _ name: SectionName,
        _ column: [T],
        default absent: [T]
    ) {
        if column != absent { add(name, column.littleEndianBytes) }
    }

    /// Adds a column that is left out if it has `count` elements and all are `constant`.
    mutating func add<T: FixedWidthInteger & BitwiseCopyable>(
        _ name: SectionName,
        _ column: [T],
        _ count: Int,
        of constant: T
    ) {
        let isDefault = column.count == count && column.allSatisfy { $0 == constant }
        if !isDefault { add(name, column.littleEndianBytes) }
    }

    mutating func add(_ tables: CoreTables) {
        let core = tables.core
        let segments = tables.segments.flatMap { [$0.population, $0.firstSlot, $0.count] }
        // Always there, even if empty: it says that the core is in use.
        add(.init(.segments, core), segments.littleEndianBytes)
        let neurons = tables.neurons
        let slots = neurons.count
        add(.init(.indexInPopulation, core), neurons.indexInPopulation, default: [])
        add(.init(.threshold, core), neurons.threshold, default: [])
        add(.init(.membraneDecay, core), neurons.membraneDecay, slots, of: 0)
        add(.init(.currentDecay, core), neurons.currentDecay, slots, of: 0)
        add(.init(.membraneBias, core), neurons.membraneBias, slots, of: 0)
        add(.init(.currentBias, core), neurons.currentBias, slots, of: 0)
        add(.init(.resetPotential, core), neurons.resetPotential, slots, of: 0)
        add(.init(.initialPotential, core), neurons.initialPotential, slots, of: 0)
        add(.init(.modelRegisters, core), neurons.modelRegisters, default: [])
        let synapses = tables.synapses
        let rows = max(synapses.rowSynapses.count - 1, 0)
        add(.init(.axonRows, core), synapses.axonRows, default: [0])
        add(.init(.rowSynapses, core), synapses.rowSynapses, default: [0])
        add(.init(.rowDelay, core), synapses.rowDelay, rows, of: 1)
        add(.init(.rowExponent, core), synapses.rowExponent, rows, of: 0)
        add(.init(.rowCompartment, core), synapses.rowCompartment, rows, of: 0)
        add(.init(.targets, core), synapses.targets, default: [])
        add(.init(.weights, core), synapses.weights, default: [])
        add(.init(.rowProjection, core), synapses.rowProjection, default: [])
        add(.init(.hiddenWeights, core), synapses.hiddenWeights, default: [])
        add(.init(.routeOffsets, core), tables.routes.offsets, slots + 1, of: 0)
        add(.init(.routes, core), flattened(tables.routes.routes), default: [])
    }

    func finished(chipDigest: Digest) -> [UInt8] {
        var table: [UInt8] = []
        var end = ImageFormat.headerSize + sections.count * ImageFormat.entrySize
        var offsets: [Int] = []
        for (entry, stored) in sections {
            let offset = aligned(end)
            offsets.append(offset)
            end = offset + stored.count
            var placed = entry
            placed.offset = UInt64(offset)
            placed.append(to: &table)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(end)
        bytes += ImageFormat.magic
        bytes.append(littleEndian: ImageFormat.major)
        bytes.append(littleEndian: ImageFormat.minor)
        bytes.append(littleEndian: UInt32(0))
        bytes += chipDigest.bytes
        bytes.append(littleEndian: UInt32(sections.count))
        bytes.append(littleEndian: CRC32C.checksum(of: table))
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: CRC32C.checksum(of: bytes))
        bytes += table
        for (offset, section) in zip(offsets, sections) {
            bytes.append(contentsOf: repeatElement(0, count: offset - bytes.count))
            bytes += section.stored
        }
        return bytes
    }

    private func aligned(_ offset: Int) -> Int {
        (offset + ImageFormat.alignment - 1) / ImageFormat.alignment * ImageFormat.alignment
    }
}
