import ChipImage
import ChipSpec
import Events
import TestSupport
import Testing

@Suite("Hostile chip images")
struct HostileImageTests {
    /// Decodes and verifies; anything but a value or a `ChipImageError` ends the test process.
    private func outcome(of bytes: [UInt8]) -> String {
        do throws(ChipImageError) {
            let image = try ChipImage(decoding: bytes)
            try image.verify()
            run(image)
            return "valid"
        } catch {
            return switch error.withoutPath {
            case .invalid: "invalid"
            case .malformed: "malformed"
            case .checksum: "checksum"
            default: "other"
            }
        }
    }

    /// What is verified must run, and must print.
    private func run(_ image: ChipImage) {
        var machine = ReferenceMachine(image: image, device: .ideal)
        let inputs = image.inputs.enumerated().flatMap { port, input in
            (0..<input.channelCount).map {
                NeuronAddress(
                    core: NeuronAddress.firstInputCore + UInt32(port),
                    neuron: UInt32($0)
                )
            }
        }
        for (index, projection) in image.network.projections.enumerated() {
            machine.setLearning(projection: index, isOn: true)
            let amplitudes = projection.rule.flatMap { image.network.rules?[$0].amplitudes } ?? []
            for amplitude in amplitudes.indices {
                machine.setAmplitude(projection: index, index: amplitude, value: 1e3)
            }
            #expect(image.synapses(ofProjection: index).count <= image.summary.synapses)
        }
        for _ in 0..<3 { _ = machine.step(inputs: inputs) }
        #expect(machine.packets.sent > 0 || inputs.isEmpty || image.summary.inputRoutes == 0)
        #expect(image.disassembly().contains("fullest"))
        for core in image.cores { #expect(image.disassembly(core: core.core) != nil) }
    }

    @Test("mutated bytes with right checksums give an image or an error", arguments: [false, true])
    func mutations(compressing: Bool) throws {
        var random = SplitMix64(seed: compressing ? 2 : 1)
        let originals = try [
            TinyImage.plain(), TinyImage.loihi(), TinyImage.learning(),
            TinyImage.kernels(),
            RandomImage.make(seed: 3).image,
            RandomImage.make(seed: 7).image,
        ].map { try $0.encoded(compressing: compressing) }
        var outcomes: [String: Int] = [:]
        for round in 0..<3000 {
            var bytes = originals[round % originals.count]
            let table = sections(of: bytes)
            for _ in 0..<random.int(1...4) { mutate(&bytes, table, &random) }
            if round % 8 != 0 { bytes.seal(withDigest: true) }
            outcomes[outcome(of: bytes), default: 0] += 1
        }
        print("hostile images, compressed \(compressing): \(outcomes.sorted { $0.key < $1.key })")
        // Mutations reach every layer of checks.
        for expected in ["valid", "invalid", "malformed", "checksum"] {
            #expect(outcomes[expected, default: 0] > 20, "\(expected)")
        }
    }

    private func mutate(
        _ bytes: inout [UInt8],
        _ sections: [StoredSection],
        _ random: inout SplitMix64
    ) {
        let table = sections.filter { Int($0.offset + $0.storedSize) <= bytes.count }
        guard !table.isEmpty else { return }
        let extremes: [UInt64] = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF_FFFF, 0xFFFF_FFFF, .max, 1 << 63]
        switch random.int(0...9) {
        case 0:
            bytes.removeLast(random.int(1...min(200, bytes.count)))
        case 1:
            let entry = random.pick(table).entry
            let field = random.pick([0, 2, 4, 8, 16, 24])
            bytes.put(random.pick(extremes), at: entry + field, size: field < 4 ? 2 : 4)
        case 2:
            bytes.put(UInt64(random.int(0...80)), at: random.pick(table).entry, size: 2)
        case 3:
            bytes[random.int(0...bytes.count - 1)] = UInt8(random.int(0...255))
        case 4...5:
            // A digit of JSON: numbers stay numbers and become hostile.
            let json = table.filter { $0.type < 4 && $0.flags == 1 && $0.storedSize > 0 }
            guard !json.isEmpty else { return }
            let place = range(of: random.pick(json))
            let digits = place.filter { (48...57).contains(bytes[$0]) }
            guard !digits.isEmpty else { return }
            bytes[random.pick(digits)] = random.pick(Array("0123456789-e.".utf8))
        default:
            let filled = table.filter { $0.type > 3 && $0.storedSize > 0 }
            guard !filled.isEmpty else { return }
            let place = range(of: random.pick(filled))
            let size = min(random.pick([1, 2, 4]), place.count)
            let offset = place.lowerBound + random.int(0...(place.count - size)) / size * size
            bytes.put(random.pick(extremes), at: offset, size: size)
        }
    }

    private func range(of section: StoredSection) -> Range<Int> {
        Int(section.offset)..<Int(section.offset + section.storedSize)
    }
}
