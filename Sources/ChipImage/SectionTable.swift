import Events

/// Header and section table of an image, checked, and the way to the bytes of each section.
struct SectionTable: Sendable {
    /// The bytes.
    let source: ImageSource
    /// Minor version of the file.
    let minor: Int
    /// SHA-256 of the chip, as the header has it.
    let chipDigest: Digest?
    /// Sections in the order of the file, of unknown types as well.
    let entries: [SectionEntry]

    /// Reads header and table.
    ///
    /// - Parameter source: The whole file.
    /// - Throws: `ChipImageError`.
    init(_ source: ImageSource) throws(ChipImageError) {
        self.source = source
        let header = try source.column(
            0..<min(source.size, ImageFormat.headerSize),
            of: UInt8.self
        )
        let count = try Self.checkedHeader(header.span, fileSize: source.size)
        minor = Int(UInt16(littleEndianAt: 10, in: header.span))
        chipDigest = Digest(bytes: Array(header[16..<48]))
        var end = ImageFormat.headerSize + count * ImageFormat.entrySize
        let table = try source.column(ImageFormat.headerSize..<end, of: UInt8.self)
        try Self.check(
            UInt32(littleEndianAt: 52, in: header.span),
            CRC32C.checksum(of: table),
            "the section table",
            offset: ImageFormat.headerSize
        )
        var entries: [SectionEntry] = []
        var names: Set<SectionName> = []
        for index in 0..<count {
            let start = ImageFormat.headerSize + index * ImageFormat.entrySize
            let entry = SectionEntry(at: index * ImageFormat.entrySize, in: table.span)
            end = try Self.checked(entry, at: start, from: end, to: source.size)
            entries.append(entry)
            guard SectionType(rawValue: entry.name.type) != nil else {
                if entry.flags.contains(.critical) {
                    throw .unknownCriticalSection(
                        type: Int(entry.name.type),
                        core: entry.name.core,
                        offset: start
                    )
                }
                continue
            }
            guard names.insert(entry.name).inserted else {
                throw .malformed(
                    part: "section \(entry.name)",
                    offset: start,
                    what: "it is there twice",
                    limit: "Each type is there once for each core or input port"
                )
            }
        }
        guard end == source.size else {
            throw .malformed(
                part: "the file",
                offset: end,
                what: "\(source.size - end) bytes follow the last section",
                limit: "Nothing may follow it"
            )
        }
        self.entries = entries
    }

    /// Checks the header.
    ///
    /// - Parameters:
    ///   - bytes: The header, or the whole of a file that is shorter.
    ///   - fileSize: Bytes of the file.
    /// - Returns: The number of sections, whose entries lie inside the file.
    /// - Throws: `ChipImageError`.
    private static func checkedHeader(
        _ bytes: Span<UInt8>,
        fileSize: Int
    ) throws(ChipImageError) -> Int {
        guard bytes.count >= ImageFormat.headerSize,
            ImageFormat.magic.indices.allSatisfy({ bytes[$0] == ImageFormat.magic[$0] })
        else { throw .notAChipImage(size: fileSize) }
        let major = UInt16(littleEndianAt: 8, in: bytes)
        let minor = UInt16(littleEndianAt: 10, in: bytes)
        guard major <= ImageFormat.major else {
            throw .newerVersion(major: Int(major), minor: Int(minor))
        }
        let stored = UInt32(littleEndianAt: 60, in: bytes)
        let computed = CRC32C.checksum(of: bytes.extracting(0..<60))
        try check(stored, computed, "the header", offset: 0)
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
        let room = UInt64((fileSize - ImageFormat.headerSize) / ImageFormat.entrySize)
        guard count <= room else {
            throw .malformed(
                part: "the header",
                offset: 48,
                what: "it counts \(count) sections",
                limit: "The file has room for \(room) entries of the section table"
            )
        }
        return Int(count)
    }

    private static func check(
        _ stored: UInt32,
        _ computed: UInt32,
        _ part: @autoclosure () -> String,
        offset: Int
    ) throws(ChipImageError) {
        if stored != computed {
            throw .checksum(part: part(), offset: offset, stored: stored, computed: computed)
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
                "Flags are 1 (critical), 2 (compressed) and 4 (planes)"
            )
        }
        if entry.flags.contains(.planes), let type = SectionType(rawValue: entry.name.type) {
            let size = type.element.size
            guard entry.flags.contains(.compressed), size > 1,
                entry.rawSize.isMultiple(of: UInt64(size))
            else {
                throw malformed(
                    2,
                    "its flags are \(entry.flags.rawValue), with \(entry.rawSize) raw bytes",
                    "Only compressed sections of integers of several bytes have planes (4)"
                )
            }
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

    /// Bytes of a section as they are stored, with their checksum checked.
    ///
    /// - Parameters:
    ///   - entry: Which section.
    ///   - type: What the stored bytes are a column of; a whole number of them.
    /// - Returns: The column.
    /// - Throws: `ChipImageError`.
    func stored<T: FixedWidthInteger & BitwiseCopyable>(
        _ entry: SectionEntry,
        as type: T.Type
    ) throws(ChipImageError) -> [T] {
        let start = Int(entry.offset)
        let column = try source.column(start..<(start + Int(entry.storedSize)), of: type)
        try Self.check(
            entry.checksum,
            CRC32C.checksum(ofColumn: column),
            "section \(entry.name)",
            offset: start
        )
        return column
    }

    /// The integers of a section.
    ///
    /// - Parameters:
    ///   - entry: Which section, of a whole number of integers.
    ///   - type: Type of its integers.
    /// - Returns: The column.
    /// - Throws: `ChipImageError`.
    func column<T: FixedWidthInteger & BitwiseCopyable>(
        _ entry: SectionEntry,
        as type: T.Type
    ) throws(ChipImageError) -> [T] {
        guard entry.flags.contains(.compressed) else { return try stored(entry, as: type) }
        let frame = try stored(entry, as: UInt8.self)
        let size = Int(entry.rawSize)
        guard let raw = Zstandard.decompressed(frame.span, size: size) else {
            throw .malformed(
                part: "section \(entry.name)",
                offset: Int(entry.offset),
                what: "it does not decompress to \(size) bytes",
                limit: "It must be one zstd frame with a window of at most 8 MiB"
            )
        }
        return entry.flags.contains(.planes)
            ? [T](planes: raw.span) : [T](littleEndian: raw.span)
    }
}
