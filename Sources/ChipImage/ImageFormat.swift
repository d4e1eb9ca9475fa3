/// Constants of the `.chipimg` format (`docs/FORMATS.md`).
enum ImageFormat {
    /// 0x8D, "CHIPIMG": no text file, and not valid UTF-8.
    static let magic: [UInt8] = [0x8D, 0x43, 0x48, 0x49, 0x50, 0x49, 0x4D, 0x47]
    /// Readers refuse a newer major version.
    static let major: UInt16 = 1
    /// Readers accept a newer minor version.
    static let minor: UInt16 = 0
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
    /// Largest raw size of all compressed sections together.
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
    case axonRows = 32
    case rowSynapses = 33
    case rowDelay = 34
    case rowExponent = 35
    case rowCompartment = 36
    case targets = 37
    case weights = 38
    case rowProjection = 39
    case hiddenWeights = 40
    case routeOffsets = 48
    case routes = 49

    /// What the core field of the section means.
    var owner: Owner {
        switch self {
        case .chipSpec, .network, .inputPorts: .image
        case .inputRouteOffsets, .inputRoutes: .inputPort
        default: .core
        }
    }

    /// Whom a section belongs to.
    enum Owner {
        case image, inputPort, core
    }
}

/// Flags of a section.
struct SectionFlags: OptionSet {
    let rawValue: UInt16
    /// A reader that does not know the type refuses the image.
    static let critical = Self(rawValue: 1)
    /// The stored bytes are one zstd frame.
    static let compressed = Self(rawValue: 2)
    static let known: Self = [.critical, .compressed]
}

/// Which section: its type and whom it belongs to.
package struct SectionName: Sendable, Hashable, CustomStringConvertible {
    /// Number of the type.
    package let type: UInt16
    /// Physical core, input port, or `UInt32.max`.
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
        case .core: return "\(known) of core \(core)"
        }
    }
}

/// One entry of the section table.
struct SectionEntry {
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
