import ChipImage
import ChipSpec
import TestSupport
import Testing

@Suite("Chip image decoding")
struct DecodingTests {
    private func fault(in bytes: [UInt8]) -> ChipImageError? {
        do throws(ChipImageError) {
            _ = try ChipImage(decoding: bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test("a file cut short at any byte is refused")
    func truncated() throws {
        let bytes = try TinyImage.plain().encoded()
        for length in 0..<bytes.count {
            #expect(fault(in: Array(bytes[..<length])) != nil, "\(length) bytes")
        }
        #expect(fault(in: []) == .notAChipImage(size: 0))
        #expect(fault(in: bytes) == nil)
    }

    @Test("a flipped bit in header, table or a section is found by its checksum")
    func flipped() throws {
        let bytes = try TinyImage.plain().encoded()
        let table = sections(of: bytes)
        var places = Array(0..<(64 + 40 * table.count))
        for section in table where section.storedSize > 0 {
            places.append(Int(section.offset))
            places.append(Int(section.offset + section.storedSize) - 1)
        }
        for place in places {
            var flipped = bytes
            flipped[place] ^= 1 << UInt8(place % 8)
            #expect(fault(in: flipped) != nil, "byte \(place)")
        }
        var flipped = bytes
        let weights = try #require(table.last { $0.type == 41 })
        flipped[Int(weights.offset)] ^= 1
        guard case .checksum(let part, let offset, _, _) = fault(in: flipped) else {
            Issue.record("no checksum error")
            return
        }
        #expect(part == "section weights8 of core 2")
        #expect(offset == Int(weights.offset))
    }

    @Test("bytes behind the last section are refused")
    func trailing() throws {
        let bytes = try TinyImage.plain().encoded()
        guard case .malformed(_, let offset, _, _) = fault(in: bytes + [0]) else {
            Issue.record("trailing byte accepted")
            return
        }
        #expect(offset == bytes.count)
    }

    @Test("a newer major version is refused, a newer minor one read")
    func versions() throws {
        let bytes = try TinyImage.plain().encoded()
        var newer = bytes
        newer.put(2, at: 8, size: 2)
        #expect(fault(in: newer) == .newerVersion(major: 2, minor: 1))
        newer = bytes
        newer.put(7, at: 10, size: 2)
        newer.seal()
        #expect(fault(in: newer) == nil)
        newer = bytes
        newer.put(1, at: 12, size: 4)
        newer.seal()
        #expect(fault(in: newer) != nil, "unknown flag of the file")
        newer = bytes
        newer.put(0, at: 8, size: 2)
        newer.seal()
        #expect(fault(in: newer) != nil, "version 0")
    }

    @Test("an unknown optional section is skipped, an unknown critical one refused")
    func unknownSections() throws {
        // The routes of core 0 become a section of a type from the future.
        let bytes = try TinyImage.plain().encoded()
        let table = sections(of: bytes)
        let routes = try #require(table.first { $0.type == 51 && $0.core == 0 })
        let axons = try #require(table.first { $0.type == 52 && $0.core == 0 })
        var critical = bytes
        critical.put(4711, at: routes.entry, size: 2)
        critical.seal()
        #expect(
            fault(in: critical)
                == .unknownCriticalSection(type: 4711, core: 0, offset: routes.entry)
        )
        var optional = critical
        optional.put(0b10_0000, at: routes.entry + 2, size: 2)
        optional.put(4712, at: axons.entry, size: 2)
        optional.put(0, at: axons.entry + 2, size: 2)
        optional.seal()
        let image = try ChipImage(decoding: optional)
        var expected = try TinyImage.plain()
        expected.cores[0].routes.routes = []
        #expect(image == expected)
    }

    @Test("sections that lie outside, overlap, repeat or belong to nobody are refused")
    func tableFaults() throws {
        let bytes = try TinyImage.plain().encoded()
        let table = sections(of: bytes)
        let last = try #require(table.last)
        let faults: [(name: String, says: String, damage: (inout [UInt8]) -> Void)] = [
            (
                "outside", "It must lie in",
                { $0.put(UInt64($0.count) + 64, at: last.entry + 8, size: 8) }
            ),
            (
                "too long", "It must lie in",
                { $0.put(last.storedSize + 1, at: last.entry + 16, size: 8) }
            ),
            ("overflowing", "It must lie in", { $0.put(.max, at: last.entry + 16, size: 8) }),
            (
                "overflowing offset", "It must lie in",
                { $0.put(.max - 63, at: last.entry + 8, size: 8) }
            ),
            (
                "overlapping", "It must lie in",
                { $0.put(table[1].offset, at: last.entry + 8, size: 8) }
            ),
            ("in the table", "It must lie in", { $0.put(64, at: table[0].entry + 8, size: 8) }),
            (
                "not aligned", "multiples of 64",
                { $0.put(table[1].offset + 1, at: table[1].entry + 8, size: 8) }
            ),
            (
                "raw size", "They are equal",
                { $0.put(last.rawSize + 1, at: last.entry + 24, size: 8) }
            ),
            ("flags", "its flags are 5", { $0.put(5, at: last.entry + 2, size: 2) }),
            (
                "repeated", "it is there twice",
                { $0.put(UInt64(table[4].type), at: table[3].entry, size: 2) }
            ),
            ("of no core", "belongs to nothing", { $0.put(3, at: last.entry + 4, size: 4) }),
            ("of no port", "belongs to nothing", { $0.put(1, at: table[3].entry + 4, size: 4) }),
            ("too many", "room for", { $0.put(0xFFFF_FFFF, at: 48, size: 4) }),
            ("none", "follow the last section", { $0.put(0, at: 48, size: 4) }),
        ]
        for (name, says, damage) in faults {
            var damaged = bytes
            damage(&damaged)
            damaged.seal()
            let message = fault(in: damaged)?.description
            #expect(message?.contains(says) ?? false, "\(name): \(message ?? "accepted")")
        }
    }

    @Test("a chip that is not the one of the digest is refused")
    func chipDigest() throws {
        var bytes = try TinyImage.plain().encoded()
        let place = try #require(
            bytes.indices.first { Array(bytes[$0...].prefix(6)) == Array("\"tiny\"".utf8) }
        )
        bytes[place + 1] = UInt8(ascii: "T")
        bytes.seal()
        guard case .malformed(let part, _, _, _) = fault(in: bytes) else {
            Issue.record("another chip accepted")
            return
        }
        #expect(part == "section chipSpec")
    }

    @Test("a compressed section gives exactly its raw size or is refused")
    func compressedSizes() throws {
        var image = try TinyImage.plain()
        image.cores[0].synapses.weights = [Int16](repeating: 5, count: 50_000)
        let bytes = try image.encoded(compressing: true)
        let weights = try #require(sections(of: bytes).first { $0.type == 41 && $0.flags == 3 })
        for rawSize in [0, 1, 49_999, 50_001, 1 << 28, 1 << 28 + 1, 1 << 63] as [UInt64] {
            var damaged = bytes
            damaged.put(rawSize, at: weights.entry + 24, size: 8)
            damaged.seal()
            #expect(fault(in: damaged) != nil, "\(rawSize)")
        }
        var damaged = bytes
        damaged.put(weights.storedSize - 1, at: weights.entry + 16, size: 8)
        damaged.seal()
        #expect(fault(in: damaged) != nil, "frame cut short")
    }

    @Test("hostile shapes and chips are refused before anything is computed with them")
    func hostileValues() throws {
        for shape in [[Int.max], [1 << 20, 1 << 20], [0], [-1], [1 << 31]] {
            var image = try TinyImage.plain()
            image.network.populations[0].shape = shape
            #expect(fault(in: try image.encoded()) != nil, "\(shape)")
            image = try TinyImage.plain()
            image.inputs[0].shape = shape
            #expect(fault(in: try image.encoded()) != nil, "\(shape)")
        }
        var image = try TinyImage.plain()
        image.chip.mesh.width = .max
        #expect(fault(in: try image.encoded()) != nil)
        image = try TinyImage.plain()
        image.chip.synapse.weightBits = 9
        image.chip.synapse.hasSignModes = true
        #expect(fault(in: try image.encoded()) != nil)
    }
}
