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
        var sections = try SectionReader(bytes)
        let chip = try sections.takeChip()
        guard let network = try sections.takeJSON(.network, as: NetworkTable.self) else {
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
                let routes = RouteTable(
                    offsets: try sections.takeColumn(.init(.inputRouteOffsets, owner)) ?? [0],
                    routes: try sections.takeRoutes(.init(.inputRoutes, owner))
                )
                inputs.append(InputPort(name: record.name, shape: record.shape, routes: routes))
            }
        }
        var cores: [CoreTables] = []
        for core in sections.usedCores { cores.append(try sections.takeTables(of: core)) }
        try sections.checkNothingLeft()
        self.init(chip: chip, network: network, inputs: inputs, cores: cores)
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

/// The section table of a file, each section read once.
private struct SectionReader {
    let chipDigest: Digest?
    /// Cores that have a section `segments`, ascending.
    let usedCores: [UInt32]
    private let bytes: [UInt8]
    private var entries: [SectionName: SectionEntry] = [:]
    private var compressedTotal = 0

    init(_ bytes: [UInt8]) throws(ChipImageError) {
        self.bytes = bytes
        let count = try Self.checkedHeader(bytes.span)
        chipDigest = Digest(bytes: Array(bytes[16..<48]))
        var usedCores: [UInt32] = []
        var end = ImageFormat.headerSize + count * ImageFormat.entrySize
        for index in 0..<count {
            let start = ImageFormat.headerSize + index * ImageFormat.entrySize
            let entry = SectionEntry(at: start, in: bytes.span)
            end = try Self.checked(entry, at: start, from: end, to: bytes.count)
            guard let type = SectionType(rawValue: entry.name.type) else {
                if entry.flags.contains(.critical) {
                    throw .unknownCriticalSection(
                        type: Int(entry.name.type),
                        core: entry.name.core,
                        offset: start
                    )
                }
                continue
            }
            if entries.updateValue(entry, forKey: entry.name) != nil {
                throw .malformed(
                    part: "section \(entry.name)",
                    offset: start,
                    what: "it is there twice",
                    limit: "Each type is there once for each core or input port"
                )
            }
            if type == .segments { usedCores.append(entry.name.core) }
        }
        guard end == bytes.count else {
            throw .malformed(
                part: "the file",
                offset: end,
                what: "\(bytes.count - end) bytes follow the last section",
                limit: "Nothing may follow it"
            )
        }
        self.usedCores = usedCores.sorted()
    }

    /// Checks header and table checksum.
    ///
    /// - Parameter bytes: The file.
    /// - Returns: The number of sections, whose entries lie inside the file.
    /// - Throws: `ChipImageError`.
    private static func checkedHeader(_ bytes: Span<UInt8>) throws(ChipImageError) -> Int {
        guard bytes.count >= ImageFormat.headerSize,
            ImageFormat.magic.indices.allSatisfy({ bytes[$0] == ImageFormat.magic[$0] })
        else { throw .notAChipImage(size: bytes.count) }
        let major = UInt16(littleEndianAt: 8, in: bytes)
        let minor = UInt16(littleEndianAt: 10, in: bytes)
        guard major <= ImageFormat.major else {
            throw .newerVersion(major: Int(major), minor: Int(minor))
        }
        let stored = UInt32(littleEndianAt: 60, in: bytes)
        try check(stored, bytes.extracting(0..<60), "the header", offset: 0)
        let flags = UInt32(littleEndianAt: 12, in: bytes)
        guard major == ImageFormat.major, flags == 0 else {
            throw .malformed(
                part: "the header",
                offset: major == ImageFormat.major ? 12 : 8,
                what: "version \(major) with flags \(flags)",
                limit: "There is version \(ImageFormat.major), which has no flags"
            )
        }
        let count = UInt64(UInt32(littleEndianAt: 48, in: bytes))
        let room = UInt64((bytes.count - ImageFormat.headerSize) / ImageFormat.entrySize)
        guard count <= room else {
            throw .malformed(
                part: "the header",
                offset: 48,
                what: "it counts \(count) sections",
                limit: "The file has room for \(room) entries of the section table"
            )
        }
        let end = ImageFormat.headerSize + Int(count) * ImageFormat.entrySize
        try check(
            UInt32(littleEndianAt: 52, in: bytes),
            bytes.extracting(ImageFormat.headerSize..<end),
            "the section table",
            offset: ImageFormat.headerSize
        )
        return Int(count)
    }

    private static func check(
        _ stored: UInt32,
        _ bytes: Span<UInt8>,
        _ part: String,
        offset: Int
    ) throws(ChipImageError) {
        let computed = CRC32C.checksum(of: bytes)
        if stored != computed {
            throw .checksum(part: part, offset: offset, stored: stored, computed: computed)
        }
    }

    /// Checks place, sizes and flags of an entry.
    ///
    /// - Parameters:
    ///   - entry: From the table.
    ///   - start: Offset of the entry itself.
    ///   - previousEnd: End of the section before.
    ///   - fileSize: Bytes of the file.
    /// - Returns: The end of its section.
    /// - Throws: `ChipImageError.malformed`.
    private static func checked(
        _ entry: SectionEntry,
        at start: Int,
        from previousEnd: Int,
        to fileSize: Int
    ) throws(ChipImageError) -> Int {
        func malformed(_ offset: Int, _ what: String, _ limit: String) -> ChipImageError {
            .malformed(
                part: "section \(entry.name)",
                offset: start + offset,
                what: what,
                limit: limit
            )
        }
        // Sections that overlapped would let a small file fill a large memory.
        guard entry.offset >= UInt64(previousEnd), entry.offset <= UInt64(fileSize),
            entry.storedSize <= UInt64(fileSize) - entry.offset
        else {
            throw malformed(
                8,
                "it has \(entry.storedSize) bytes at offset \(entry.offset)",
                "It must lie in \(previousEnd)...\(fileSize), behind the section before it"
            )
        }
        guard entry.offset % UInt64(ImageFormat.alignment) == 0 else {
            throw malformed(
                8,
                "it begins at offset \(entry.offset)",
                "Sections begin at multiples of \(ImageFormat.alignment)"
            )
        }
        guard SectionFlags.known.contains(entry.flags) else {
            // What cannot be decoded can still be skipped.
            guard SectionType(rawValue: entry.name.type) != nil else {
                return Int(entry.offset + entry.storedSize)
            }
            throw malformed(
                2,
                "its flags are \(entry.flags.rawValue)",
                "Flags are 1 (critical) and 2 (compressed)"
            )
        }
        if entry.flags.contains(.compressed) {
            guard entry.rawSize <= UInt64(ImageFormat.compressedLimit) else {
                throw malformed(
                    24,
                    "it has \(entry.rawSize) bytes when decompressed",
                    "A compressed section has at most \(ImageFormat.compressedLimit)"
                )
            }
        } else if entry.rawSize != entry.storedSize {
            throw malformed(
                24,
                "its raw size is \(entry.rawSize), its stored size \(entry.storedSize)",
                "They are equal where nothing is compressed"
            )
        }
        return Int(entry.offset + entry.storedSize)
    }

    /// Hands out a section: checks its checksum and decompresses it.
    ///
    /// - Parameter name: Which.
    /// - Returns: Its raw bytes, or nil if the file has none.
    /// - Throws: `ChipImageError`.
    mutating func take(_ name: SectionName) throws(ChipImageError) -> [UInt8]? {
        guard let entry = entries.removeValue(forKey: name) else { return nil }
        let start = Int(entry.offset)
        let file = bytes
        let stored = file.span.extracting(start..<(start + Int(entry.storedSize)))
        try Self.check(entry.checksum, stored, "section \(name)", offset: start)
        guard entry.flags.contains(.compressed) else { return [UInt8](littleEndian: stored) }
        let rawSize = Int(entry.rawSize)
        compressedTotal += rawSize
        guard compressedTotal <= ImageFormat.compressedTotalLimit else {
            throw .malformed(
                part: "section \(name)",
                offset: start,
                what: "the compressed sections up to it have \(compressedTotal) raw bytes",
                limit: "They may have \(ImageFormat.compressedTotalLimit)"
            )
        }
        guard let raw = Zstandard.decompressed(stored, size: rawSize) else {
            throw .malformed(
                part: "section \(name)",
                offset: start,
                what: "it does not decompress to \(rawSize) bytes",
                limit: "It must be one zstd frame with a window of at most 8 MiB"
            )
        }
        return raw
    }

    /// Hands out the chip, if it is the one whose digest is in the header.
    mutating func takeChip() throws(ChipImageError) -> ChipSpec {
        let offset = offset(of: .init(.chipSpec))
        guard let raw = try take(.init(.chipSpec)), Digest(of: raw) == chipDigest else {
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
        guard let raw = try take(.init(section)) else { return nil }
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

    /// Hands out a section as a column of integers.
    mutating func takeColumn<T: FixedWidthInteger & BitwiseCopyable>(
        _ name: SectionName,
        elementsPerRecord: Int = 1
    ) throws(ChipImageError) -> [T]? {
        let offset = offset(of: name)
        guard let raw = try take(name) else { return nil }
        let size = MemoryLayout<T>.stride * elementsPerRecord
        guard raw.count % size == 0 else {
            throw .malformed(
                part: "section \(name)",
                offset: offset,
                what: "it has \(raw.count) raw bytes",
                limit: "It holds records of \(size) bytes"
            )
        }
        return [T](littleEndian: raw.span)
    }

    mutating func takeRoutes(_ name: SectionName) throws(ChipImageError) -> [Route] {
        let words: [UInt32] = try takeColumn(name, elementsPerRecord: 2) ?? []
        return stride(from: 0, to: words.count, by: 2).map {
            Route(core: words[$0], axon: words[$0 + 1])
        }
    }

    /// Hands out the tables of a core; columns that are left out are filled with their default.
    mutating func takeTables(of core: UInt32) throws(ChipImageError) -> CoreTables {
        let words: [UInt32] = try takeColumn(.init(.segments, core), elementsPerRecord: 3) ?? []
        let segments = stride(from: 0, to: words.count, by: 3).map {
            Segment(population: words[$0], firstSlot: words[$0 + 1], count: words[$0 + 2])
        }
        var neurons = NeuronTables()
        neurons.indexInPopulation = try takeColumn(.init(.indexInPopulation, core)) ?? []
        neurons.threshold = try takeColumn(.init(.threshold, core)) ?? []
        // What the file leaves out has as many elements as a column that it holds.
        let slots = neurons.count
        neurons.membraneDecay = try takeColumn(.init(.membraneDecay, core), slots, of: 0)
        neurons.currentDecay = try takeColumn(.init(.currentDecay, core), slots, of: 0)
        neurons.membraneBias = try takeColumn(.init(.membraneBias, core), slots, of: 0)
        neurons.currentBias = try takeColumn(.init(.currentBias, core), slots, of: 0)
        neurons.resetPotential = try takeColumn(.init(.resetPotential, core), slots, of: 0)
        neurons.initialPotential = try takeColumn(.init(.initialPotential, core), slots, of: 0)
        neurons.modelRegisters = try takeColumn(.init(.modelRegisters, core)) ?? []
        var synapses = SynapseTables()
        synapses.axonRows = try takeColumn(.init(.axonRows, core)) ?? [0]
        synapses.rowSynapses = try takeColumn(.init(.rowSynapses, core)) ?? [0]
        let rows = max(synapses.rowSynapses.count - 1, 0)
        synapses.rowDelay = try takeColumn(.init(.rowDelay, core), rows, of: 1)
        synapses.rowExponent = try takeColumn(.init(.rowExponent, core), rows, of: 0)
        synapses.rowCompartment = try takeColumn(.init(.rowCompartment, core), rows, of: 0)
        synapses.targets = try takeColumn(.init(.targets, core)) ?? []
        synapses.weights = try takeColumn(.init(.weights, core)) ?? []
        synapses.rowProjection = try takeColumn(.init(.rowProjection, core)) ?? []
        synapses.hiddenWeights = try takeColumn(.init(.hiddenWeights, core)) ?? []
        let routes = RouteTable(
            offsets: try takeColumn(.init(.routeOffsets, core), slots + 1, of: 0),
            routes: try takeRoutes(.init(.routes, core))
        )
        return CoreTables(
            core: core,
            segments: segments,
            neurons: neurons,
            synapses: synapses,
            routes: routes
        )
    }

    private mutating func takeColumn<T: FixedWidthInteger & BitwiseCopyable>(
        _ name: SectionName,
        _ count: Int,
        of constant: T
    ) throws(ChipImageError) -> [T] {
        try takeColumn(name) ?? [T](repeating: constant, count: count)
    }

    /// Refuses sections of cores without `segments` and of ports without a name.
    func checkNothingLeft() throws(ChipImageError) {
        guard let stray = entries.values.min(by: { $0.offset < $1.offset }) else { return }
        throw .malformed(
            part: "section \(stray.name)",
            offset: Int(stray.offset),
            what: "it belongs to nothing in the image (\(entries.count) such sections)",
            limit: "A core has a section segments, an input port a row in inputPorts"
        )
    }
}
