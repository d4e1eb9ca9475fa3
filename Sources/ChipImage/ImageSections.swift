/// The sections of a `.chipimg` file as they are stored, for those who look into the format.
public struct ImageSections: Sendable {
    /// A section.
    public struct Section: Sendable, Hashable {
        /// Number of its type.
        public let type: Int
        /// Name of its type; nil if this version does not know it.
        public let name: String?
        /// Physical core, or index of the input port or projection; nil for sections of the whole image.
        public let owner: UInt32?
        /// Where the stored bytes begin.
        public let offset: Int
        /// Bytes in the file.
        public let storedSize: Int
        /// Bytes after decompression.
        public let rawSize: Int
        /// CRC32C of the stored bytes.
        public let checksum: UInt32
        /// What the numbers are: `u16` and the like, or `JSON`; nil if the type is not known.
        public let element: String?
        /// Numbers of a record.
        public let elementsPerRecord: Int
        /// Whether a reader that does not know the type must refuse the image.
        public let isCritical: Bool
        /// Whether the stored bytes are a zstd frame.
        public let isCompressed: Bool
        /// Whether the raw bytes are byte planes.
        public let hasPlanes: Bool

        /// Numbers of the section, or bytes of its text.
        public var count: Int {
            rawSize / (element.flatMap(SectionElement.init(rawValue:))?.size ?? 1)
        }

        /// As `--section` takes it: `weights8:3`, `chipSpec`, or the number of an unknown type.
        public var label: String {
            (name ?? "\(type)") + (owner.map { ":\($0)" } ?? "")
        }
    }

    /// What a section holds.
    public enum Content: Sendable, Equatable {
        /// The numbers, in the order of the records.
        case numbers([Int64])
        /// JSON.
        case text(String)
    }

    /// Sections in the order of the file.
    public let sections: [Section]
    /// Minor version of the file.
    public let minorVersion: Int
    private let table: SectionTable

    /// Bytes of the file.
    public var fileSize: Int { table.source.size }

    /// Opens a file and checks its header and its section table.
    ///
    /// - Parameter path: The file.
    /// - Throws: `ChipImageError.inFile`.
    public init(path: String) throws(ChipImageError) {
        do throws(ChipImageError) {
            table = try SectionTable(.file(ImageInputFile(path: path)))
        } catch {
            throw .inFile(path: path, error)
        }
        minorVersion = table.minor
        sections = table.entries.map { entry in
            let type = SectionType(rawValue: entry.name.type)
            return Section(
                type: Int(entry.name.type),
                name: type.map { "\($0)" },
                owner: entry.name.core == ImageFormat.noCore ? nil : entry.name.core,
                offset: Int(entry.offset),
                storedSize: Int(entry.storedSize),
                rawSize: Int(clamping: entry.rawSize),
                checksum: entry.checksum,
                element: type?.element.rawValue,
                elementsPerRecord: type?.elementsPerRecord ?? 1,
                isCritical: entry.flags.contains(.critical),
                isCompressed: entry.flags.contains(.compressed),
                hasPlanes: entry.flags.contains(.planes)
            )
        }
    }

    /// Sections of a name: of all owners, or of one.
    ///
    /// - Parameter label: As `Section.label`; without an owner, all sections of the type.
    /// - Returns: In the order of the file; empty if there are none.
    public func sections(labelled label: String) -> [Section] {
        sections.filter { $0.label == label || ($0.name ?? "\($0.type)") == label }
    }

    /// Reads a section and checks its checksum.
    ///
    /// - Parameter section: One of `sections`, of a known type.
    /// - Returns: Its numbers, or its text.
    /// - Throws: `ChipImageError`.
    public func content(of section: Section) throws(ChipImageError) -> Content {
        guard let index = sections.firstIndex(of: section) else { return .numbers([]) }
        let entry = table.entries[index]
        guard let element = SectionType(rawValue: entry.name.type)?.element else {
            throw .malformed(
                part: "section \(entry.name)",
                offset: section.offset,
                what: "its type is unknown",
                limit: "This version knows types up to \(SectionType.allCases.last?.rawValue ?? 0)"
            )
        }
        guard section.rawSize.isMultiple(of: element.size * section.elementsPerRecord) else {
            throw .malformed(
                part: "section \(entry.name)",
                offset: section.offset,
                what: "it has \(section.rawSize) raw bytes",
                limit: "It holds records of \(element.size * section.elementsPerRecord) bytes"
            )
        }
        switch element {
        case .text:
            return .text(String(decoding: try table.column(entry, as: UInt8.self), as: UTF8.self))
        case .u8: return .numbers(try table.column(entry, as: UInt8.self).map(Int64.init))
        case .i8: return .numbers(try table.column(entry, as: Int8.self).map(Int64.init))
        case .u16: return .numbers(try table.column(entry, as: UInt16.self).map(Int64.init))
        case .i16: return .numbers(try table.column(entry, as: Int16.self).map(Int64.init))
        case .u32: return .numbers(try table.column(entry, as: UInt32.self).map(Int64.init))
        case .i32: return .numbers(try table.column(entry, as: Int32.self).map(Int64.init))
        }
    }
}
