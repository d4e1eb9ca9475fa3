import ChipImage
import Foundation
import TestSupport
import Testing

@Suite("Packed sections of a chip image")
struct PackedSectionsTests {
    /// Cores across and down: a tenth of the benchmark, or all of it.
    private static let size =
        ProcessInfo.processInfo.environment["SPIKELOOM_LONG"] == nil ? (3, 2) : (8, 8)

    @Test("a static sparse network takes 3.1 bytes a synapse, its file 3.8, its archive 1.8")
    func sizes() throws {
        let image = try LocalImage.make(width: Self.size.0, height: Self.size.1, seed: 1)
        try image.verify()
        let synapses = Double(image.cores.reduce(0) { $0 + $1.synapses.weights.count })
        let raw = try image.encoded()
        let archive = try image.encoded(compressing: true)
        var perSynapse: [Double] = []
        for (name, bytes) in [("raw", raw), ("archive", archive)] {
            // The table of `docs/FORMATS.md`.
            func stored(_ types: [ClosedRange<UInt16>]) -> Double {
                let sections = sections(of: bytes).filter { section in
                    types.contains { $0.contains(section.type) }
                }
                return Double(sections.reduce(0) { $0 + $1.storedSize }) / synapses
            }
            let targets = stored([37...37, 45...45])
            let weights = stored([38...38, 41...41])
            let rows = stored([32...36, 42...44])
            let routes = stored([4...8, 48...52])
            let all = Double(bytes.count) / synapses
            print(
                "\(name), bytes a synapse: targets \(targets), weights \(weights), rows and axons "
                    + "\(rows), routes \(routes), file \(all)"
            )
            perSynapse += [targets + weights + rows, all]
        }
        #expect(perSynapse[0] <= 3.1)
        #expect(perSynapse[1] <= 3.8)
        #expect(perSynapse[3] <= 1.8)
        #expect(try ChipImage(decoding: raw) == image)
        #expect(try ChipImage(decoding: archive) == image)
    }

    @Test("an image of format 1.0 is read as before")
    func oldFormat() throws {
        var images = [try TinyImage.plain(), try TinyImage.loihi(), try TinyImage.learning()]
        images += (UInt64(0)..<20).map { RandomImage.make(seed: $0).image }
        images.append(try RandomImage.makeTrueNorth(seed: 1).image)
        images.append(RandomImage.makeWide(seed: 1).image)
        for image in images {
            let old = try bytesOfVersion10(image)
            #expect(try ChipImage(decoding: old) == image)
            #expect(try image.encoded().count < old.count)
        }
    }

    /// A core of one row with as many synapses as asked for.
    private func image(row synapses: Int, weight: Int16 = 1) throws -> ChipImage {
        var image = try TinyImage.plain()
        image.cores[1].synapses.axonRows = [0, 1]
        image.cores[1].synapses.rowSynapses = [0, UInt32(synapses)]
        image.cores[1].synapses.rowDelay = [1]
        image.cores[1].synapses.rowExponent = [0]
        image.cores[1].synapses.rowCompartment = [0]
        image.cores[1].synapses.targets = (0..<synapses).map { UInt16(truncatingIfNeeded: $0) }
        image.cores[1].synapses.weights = [Int16](repeating: weight, count: synapses)
        return image
    }

    @Test(
        "numbers take the narrowest section that holds them",
        arguments: [
            (synapses: 255, weight: Int16(127), types: [UInt16]([41, 42])),
            (synapses: 256, weight: -128, types: [41, 43]),
            (synapses: 65_535, weight: 128, types: [38, 43]),
            (synapses: 65_536, weight: -129, types: [33, 38]),
        ]
    )
    func widths(synapses: Int, weight: Int16, types: [UInt16]) throws {
        let image = try image(row: synapses, weight: weight)
        for compressing in [false, true] {
            let bytes = try image.encoded(compressing: compressing)
            let stored = sections(of: bytes).filter { $0.core == 2 }.map(\.type)
            #expect(stored.filter { [33, 38, 41, 42, 43].contains($0) } == types)
            #expect(stored.contains(compressing ? 45 : 37))
            #expect(try ChipImage(decoding: bytes) == image)
        }
    }

    @Test("rows of an axon, routes and indices have wide sections for what does not fit")
    func wideTables() throws {
        var image = try TinyImage.plain()
        image.cores[0].neurons.indexInPopulation[0] = 65_536
        image.cores[0].routes.routes[0].axon = 65_536
        image.inputs[0].routes.routes[1].core = 65_536
        image.cores[1].synapses.axonRows = [0, 0, 2]
        let bytes = try image.encoded()
        func types(_ core: UInt32) -> Set<UInt16> {
            Set(sections(of: bytes).filter { $0.core == core }.map(\.type))
        }
        #expect(types(0).isSuperset(of: [5, 6, 17, 44, 49, 50]))
        #expect(types(0).isDisjoint(with: [7, 8, 27, 32, 51, 52]))
        #expect(types(2).contains(44))
        #expect(try ChipImage(decoding: bytes) == image)
        // 256 routes of one sender, and an axon of 256 rows.
        image.cores[0].routes.offsets = [0, 256, 256, 256, 256, 256]
        image.cores[0].routes.routes = (0..<256).map { Route(core: $0, axon: 1) }
        image.cores[0].synapses.axonRows = [0, 256]
        let wider = try image.encoded()
        let stored = sections(of: wider).filter { $0.core == 0 }.map(\.type)
        #expect(Set(stored).isSuperset(of: [32, 48, 51, 52]))
        #expect(try ChipImage(decoding: wider) == image)
    }

    private func fault(in bytes: [UInt8]) -> String {
        do throws(ChipImageError) {
            _ = try ChipImage(decoding: bytes)
            return "accepted"
        } catch {
            return error.description
        }
    }

    @Test("constants that repeat, do not fit, or have a column as well are refused")
    func badConstants() throws {
        let bytes = try TinyImage.plain().encoded()
        let constants = try #require(
            sections(of: bytes).first { $0.type == 26 && $0.core == 2 }
        )
        let place = Int(constants.offset)
        #expect(word(bytes, place, 4) == 18 && word(bytes, place + 4, 4) == 0)
        let faults: [(says: String, records: [UInt64])] = [
            ("gives a value to membraneDecay of core 2", [19, 1]),
            ("gives a value to weights8 of core 2", [41, 1]),
            ("gives a value to type 65535", [0xFFFF_FFFF, 1]),
            ("has 128 for rowExponent of core 2", [35, 128]),
            ("has -1 for rowDelay of core 2", [34, 0xFFFF_FFFF]),
        ]
        for (says, records) in faults {
            var damaged = bytes
            for (index, value) in records.enumerated() {
                damaged.put(value, at: place + 4 * index, size: 4)
            }
            damaged.seal()
            let message = fault(in: damaged)
            let isOther = says.hasPrefix("gives a value to type")
            #expect(message.contains(isOther ? "gives a value to" : says), "\(message)")
        }
    }

    @Test("differences of targets that do not fit the rows are refused")
    func badDeltas() throws {
        var image = try image(row: 4000)
        image.cores[1].synapses.targets = [UInt16](repeating: 1, count: 4000)
        let bytes = try image.encoded(compressing: true)
        let deltas = try #require(sections(of: bytes).first { $0.type == 45 && $0.core == 2 })
        let lengths = try #require(sections(of: bytes).first { $0.type == 43 && $0.core == 2 })
        #expect(deltas.flags == 7 && lengths.flags == 1)
        var damaged = bytes
        damaged.put(3999, at: Int(lengths.offset), size: 2)
        damaged.seal()
        #expect(fault(in: damaged).contains("it has 4000 entries, the rows end at 3999"))
    }

    @Test("byte planes are refused where nothing is compressed, and where integers have one byte")
    func badPlanes() throws {
        let image = try image(row: 4000)
        for compressing in [false, true] {
            let bytes = try image.encoded(compressing: compressing)
            let weights = try #require(sections(of: bytes).first { $0.type == 41 && $0.core == 2 })
            let targets = try #require(
                sections(of: bytes).first { [37, 45].contains($0.type) && $0.core == 2 }
            )
            var damaged = bytes
            damaged.put(UInt64(weights.flags | 4), at: weights.entry + 2, size: 2)
            damaged.seal()
            #expect(fault(in: damaged).contains("have planes (4)"))
            damaged = bytes
            damaged.put(UInt64(targets.flags ^ 4), at: targets.entry + 2, size: 2)
            damaged.seal()
            let message = fault(in: damaged)
            #expect(compressing ? message == "accepted" : message.contains("have planes (4)"))
        }
    }

    @Test("a compressed section counts with the memory it becomes")
    func memoryOfCompressed() throws {
        var image = try TinyImage.plain()
        let rows = 5000
        image.cores[1].synapses.axonRows = [0, 0]
        image.cores[1].synapses.rowSynapses = [UInt32](repeating: 0, count: rows + 1)
        image.cores[1].synapses.rowDelay = [UInt8](repeating: 1, count: rows)
        image.cores[1].synapses.rowExponent = [Int8](repeating: 0, count: rows)
        image.cores[1].synapses.rowCompartment = [UInt8](repeating: 0, count: rows)
        var bytes = try image.encoded(compressing: true)
        let lengths = try #require(sections(of: bytes).first { $0.type == 42 && $0.core == 2 })
        #expect(lengths.flags == 3)
        // 90 million rows take more than 2^30 bytes; 85 million do not, but they are not there.
        for (size, says) in [(90_000_000, "become"), (85_000_000, "does not decompress")] {
            bytes.put(UInt64(size), at: lengths.entry + 24, size: 8)
            bytes.seal()
            #expect(fault(in: bytes).contains(says))
        }
    }
}
