/// Constants of the `.chipimg` format (`docs/FORMATS.md`).
enum ImageFormat {
    /// 0x8D, "CHIPIMG": no text file, and not valid UTF-8.
    static let magic: [UInt8] = [0x8D, 0x43, 0x48, 0x49, 0x50, 0x49, 0x4D, 0x47]
    /// Readers refuse a newer major version.
    static let major: UInt16 = 1
    /// Readers accept a newer minor version.
    static let minor: UInt16 = 2
    /// Minor version of an image without kernels: nothing that it holds is newer.
    static let minorWithoutKernels: UInt16 = 1
    static let headerSize = 64
    static let entrySize = 40
    /// Sections start at multiples of this.
    static let alignment = 64
    /// Core field of a section that belongs to no core and no input port.
    static let noCore = UInt32.max
    /// Largest raw size of a compressed section.
    ///
    /// Larger sections are stored raw, where the file itself is the limit.
    static let compressedLimit = 256 << 20
    /// Most bytes of memory that all compressed sections together become.
    static let compressedTotalLimit = 1 << 30
}

/// What a section holds.
///
/// The raw values are part of the format: never renumber, only add.
enum SectionType: UInt16, CaseIterable {
    case chipSpec = 1
    case network = 2
    case inputPorts = 3
    case inputRouteOffsets = 4
    case inputRoutes = 5
    case inputRouteCounts = 6
    case inputRouteCores = 7
    case inputRouteAxons = 8
    case kernelWeights = 9
    case kernelWeights8 = 10
    case segments = 16
    case indexInPopulation = 17
    case threshold = 18
    case membraneDecay = 19
    case currentDecay = 20
    case membraneBias = 21
    case currentBias = 22
    case resetPotential = 23
    case initialPotential = 24
    case modelRegisters = 25
    case constants = 26
    case smallIndices = 27
    case axonRows = 32
    case rowSynapses = 33
    case rowDelay = 34
    case rowExponent = 35
    case rowCompartment = 36
    case targets = 37
    case weights = 38
    case rowProjection = 39
    case hiddenWeights = 40
    case weights8 = 41
    case rowLengths8 = 42
    case rowLengths16 = 43
    case axonRowCounts = 44
    case targetDeltas = 45
    case routeOffsets = 48
    case routes = 49
    case routeCounts = 50
    case routeCores = 51
    case routeAxons = 52

    /// What the core field of the section means.
    var owner: Owner {
        switch self {
        case .chipSpec, .network, .inputPorts: .image
        case .inputRouteOffsets, .inputRoutes, .inputRouteCounts, .inputRouteCores,
            .inputRouteAxons:
            .inputPort
        case .kernelWeights, .kernelWeights8: .projection
        default: .core
        }
    }

    /// Whom a section belongs to.
    enum Owner {
        case image, inputPort, projection, core
    }

    /// The integers that the section is a list of.
    var element: SectionElement {
        switch self {
        case .chipSpec, .network, .inputPorts: .text
        case .inputRouteOffsets, .inputRoutes, .segments, .indexInPopulation, .axonRows,
            .rowSynapses, .routeOffsets, .routes:
            .u32
        case .threshold, .membraneBias, .currentBias, .resetPotential, .initialPotential,
            .modelRegisters, .constants:
            .i32
        case .membraneDecay, .currentDecay, .smallIndices, .targets, .rowProjection,
            .rowLengths16, .targetDeltas, .inputRouteCores, .inputRouteAxons, .routeCores,
            .routeAxons:
            .u16
        case .weights, .kernelWeights: .i16
        case .rowDelay, .rowCompartment, .hiddenWeights, .rowLengths8, .axonRowCounts,
            .routeCounts, .inputRouteCounts:
            .u8
        case .rowExponent, .weights8, .kernelWeights8: .i8
        }
    }

    /// Integers of a record.
    var elementsPerRecord: Int {
        switch self {
        case .segments: 3
        case .inputRoutes, .routes, .constants: 2
        default: 1
        }
    }

    /// Bytes of memory that a raw byte can become, columns that are filled in beside it included.
    ///
    /// A compressed section counts with this many bytes, so that a small file does not fill a large
    /// memory.
    var memoryPerByte: Int {
        switch self {
        // Two bytes are a slot with all its registers.
        case .smallIndices: 14
        case .indexInPopulation, .threshold: 7
        // One byte is a row with its offset, delay, exponent and compartment, and an axon.
        case .rowLengths8: 12
        case .rowLengths16: 6
        case .axonRowCounts, .routeCounts, .inputRouteCounts: 4
        case .inputRouteCores, .inputRouteAxons, .routeCores, .routeAxons: 2
        case .weights8, .kernelWeights8, .rowSynapses: 2
        default: 1
        }
    }
}

/// What the numbers of a section are, in the words of `docs/FORMATS.md`.
enum SectionElement: String {
    case text = "JSON"
    case u8, i8, u16, i16, u32, i32

    /// Bytes of one.
    var size: Int {
        switch self {
        case .text, .u8, .i8: 1
        case .u16, .i16: 2
        case .u32, .i32: 4
        }
    }
}

/// Flags of a section.
struct SectionFlags: OptionSet, Sendable {
    let rawValue: UInt16
    /// A reader that does not know the type refuses the image.
    static let critical = Self(rawValue: 1)
    /// The stored bytes are one zstd frame.
    static let compressed = Self(rawValue: 2)
    /// The raw bytes are byte planes: the lowest bytes of all integers, then the next ones, ….
    static let planes = Self(rawValue: 4)
    static let known: Self = [.critical, .compressed, .planes]
}

/// Which section: its type and whom it belongs to.
package struct SectionName: Sendable, Hashable, CustomStringConvertible {
    /// Number of the type.
    package let type: UInt16
    /// Physical core, input port, projection, or `UInt32.max`.
    package let core: UInt32

    init(_ type: SectionType, _ core: UInt32 = ImageFormat.noCore) {
        self.type = type.rawValue
        self.core = core
    }

    init(type: UInt16, core: UInt32) {
        self.type = type
        self.core = core
    }

    /// As in messages: "weights of core 3".
    package var description: String {
        guard let known = SectionType(rawValue: type) else {
            return core == ImageFormat.noCore ? "type \(type)" : "type \(type) of core \(core)"
        }
        switch known.owner {
        case .image: return "\(known)"
        case .inputPort: return "\(known) of input port \(core)"
        case .projection: return "\(known) of projection \(core)"
        case .core: return "\(known) of core \(core)"
        }
    }
}

/// One entry of the section table.
struct SectionEntry: Sendable {
    var name: SectionName
    var flags: SectionFlags
    var offset: UInt64
    var storedSize: UInt64
    var rawSize: UInt64
    var checksum: UInt32

    /// Reads an entry.
    ///
    /// - Parameters:
    ///   - start: Its offset.
    ///   - bytes: The file, long enough.
    init(at start: Int, in bytes: Span<UInt8>) {
        name = SectionName(
            type: UInt16(littleEndianAt: start, in: bytes),
            core: UInt32(littleEndianAt: start + 4, in: bytes)
        )
        flags = SectionFlags(rawValue: UInt16(littleEndianAt: start + 2, in: bytes))
        offset = UInt64(littleEndianAt: start + 8, in: bytes)
        storedSize = UInt64(littleEndianAt: start + 16, in: bytes)
        rawSize = UInt64(littleEndianAt: start + 24, in: bytes)
        checksum = UInt32(littleEndianAt: start + 32, in: bytes)
    }

    init(
        name: SectionName,
        flags: SectionFlags,
        offset: UInt64,
        storedSize: UInt64,
        rawSize: UInt64,
        checksum: UInt32
    ) {
        self.name = name
        self.flags = flags
        self.offset = offset
        self.storedSize = storedSize
        self.rawSize = rawSize
        self.checksum = checksum
    }

    /// Appends the 40 bytes of the entry.
    ///
    /// - Parameter bytes: Where to.
    func append(to bytes: inout [UInt8]) {
        bytes.append(littleEndian: name.type)
        bytes.append(littleEndian: flags.rawValue)
        bytes.append(littleEndian: name.core)
        bytes.append(littleEndian: offset)
        bytes.append(littleEndian: storedSize)
        bytes.append(littleEndian: rawSize)
        bytes.append(littleEndian: checksum)
        bytes.append(littleEndian: UInt32(0))
    }
}
