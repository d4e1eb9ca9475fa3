import ChipImage
import ChipSpec
import Events
import TestSupport
import Testing

@Suite("Chip image encoding")
struct EncodingTests {
    @Test("an image that is written and read is the same image", arguments: [false, true])
    func roundTrip(compressing: Bool) throws {
        var images = [try TinyImage.plain(), try TinyImage.loihi()]
        images += (UInt64(0)..<60).map { RandomImage.make(seed: $0).image }
        for image in images {
            let bytes = try image.encoded(compressing: compressing)
            #expect(try ChipImage(decoding: bytes) == image)
            #expect(try image.encoded(compressing: compressing) == bytes)
        }
    }

    @Test("the header holds the digest of the chip, and the section its canonical JSON")
    func chipDigest() throws {
        let image = try TinyImage.plain()
        let bytes = try image.encoded()
        #expect(Array(bytes[16..<48]) == image.chip.digest.bytes)
        let section = try #require(sections(of: bytes).first { $0.type == 1 })
        let start = Int(section.offset)
        #expect(
            Array(bytes[start..<(start + Int(section.storedSize))]) == image.chip.canonicalJSON()
        )
    }

    @Test("tables that break every rule come back as they are")
    func roundTripOfBrokenTables() throws {
        var image = try TinyImage.plain()
        image.cores[0].neurons.membraneDecay = []
        image.cores[0].neurons.currentBias = [0, 0]
        image.cores[0].synapses.rowDelay = []
        image.cores[0].synapses.axonRows = []
        image.cores[0].synapses.rowSynapses = []
        image.cores[0].routes.offsets = [0]
        image.cores[1].segments = []
        image.cores[1].neurons = NeuronTables()
        image.cores[1].routes = RouteTable(offsets: [])
        image.inputs[0].routes = RouteTable(offsets: [])
        #expect(try ChipImage(decoding: try image.encoded()) == image)
    }

    @Test("extreme values of every column come back")
    func roundTripOfExtremes() throws {
        var image = try TinyImage.plain()
        image.cores[0].neurons.membraneBias = [.min, .max, -1, 0, 1]
        image.cores[0].neurons.membraneDecay = [.min, .max, 1, 0x1234, 0]
        image.cores[0].neurons.indexInPopulation = [.max, 0, 1, 2, 3]
        image.cores[0].synapses.weights = [.min, .max, -1, 0, 1, 2, 3]
        image.cores[0].synapses.rowExponent = [.min, .max, -1, 0]
        image.cores[0].synapses.rowDelay = [.max, 0, 1, 2]
        image.network.populations[0].membraneScale = [
            .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1, 1.0 / 3, .pi,
        ]
        image.network.timeStep = 0.1 + 0.2
        image.network.name = "ü/\"\\\u{0}\n🧠"
        #expect(try ChipImage(decoding: try image.encoded()) == image)
    }

    @Test("columns that hold nothing but their default take no byte")
    func emptyTablesCostNothing() throws {
        let image = try TinyImage.plain()
        let usual = try sections(of: image.encoded())
        // Core 2: one threshold, no bias, no current, one row an axon, delay 1, exponent 0,
        // compartment 0, no route.
        let expected: [UInt16] = [16, 19, 26, 27, 37, 41, 42]
        #expect(usual.filter { $0.core == 2 }.map(\.type) == expected)

        var other = image
        other.cores[1].neurons.initialPotential[1] = 1
        other.cores[1].synapses.rowDelay[1] = 2
        let types = try sections(of: other.encoded()).filter { $0.core == 2 }.map(\.type)
        #expect(types == [16, 19, 24, 26, 27, 34, 37, 41, 42])
    }

    @Test("raw sections are aligned, and the bytes of a small image are as documented")
    func layout() throws {
        let bytes = try TinyImage.plain().encoded()
        #expect(Array(bytes[0..<16]) == [0x8D] + Array("CHIPIMG".utf8) + [1, 0, 1, 0, 0, 0, 0, 0])
        let table = sections(of: bytes)
        #expect(table.allSatisfy { $0.offset % 64 == 0 && $0.flags == 1 })
        #expect(table.first.map { bytes[Int($0.offset)] } == UInt8(ascii: "{"))
        let weights = try #require(table.first { $0.type == 41 && $0.core == 0 })
        let stored = bytes[Int(weights.offset)..<Int(weights.offset + weights.storedSize)]
        #expect(Array(stored) == [127, 0x80, 3, 4, 0xFB, 6, 7])
        let axons = try #require(table.first { $0.type == 8 })
        #expect(
            Array(bytes[Int(axons.offset)..<Int(axons.offset) + 4]) == [0, 0, 1, 0]
        )
        #expect(bytes.count == Int(table.map { $0.offset + $0.storedSize }.max() ?? 0))
    }

    @Test("a compressed image is smaller and holds the same image")
    func compression() throws {
        var image = try TinyImage.plain()
        image.cores[0].synapses.weights = (0..<40_000).map { Int16($0 / 4000) }
        image.cores[0].synapses.targets = [UInt16](repeating: 3, count: 40_000)
        let raw = try image.encoded()
        let compressed = try image.encoded(compressing: true)
        #expect(compressed.count < raw.count / 20)
        #expect(try ChipImage(decoding: compressed) == image)
        let flags = Set(sections(of: compressed).map(\.flags))
        #expect(flags == [1, 3, 7], "what does not shrink stays raw")
    }

    @Test("a number that JSON does not have is refused on writing")
    func notEncodable() throws {
        var image = try TinyImage.plain()
        image.network.projections[0].weightScale = .nan
        #expect(throws: ChipImageError.self) { try image.encoded() }
        image = try TinyImage.plain()
        image.cores.swapAt(0, 1)
        #expect(
            throws: ChipImageError.notEncodable(
                place: "Core 0",
                what: "its tables follow those of core 2",
                limit: "Cores must ascend"
            )
        ) { try image.encoded() }
    }
}
