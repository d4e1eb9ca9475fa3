import ChipImage
import Events

/// An entry of the section table, read by plain arithmetic from the bytes of an image.
struct StoredSection {
    var type: UInt16
    var flags: UInt16
    var core: UInt32
    var offset: UInt64
    var storedSize: UInt64
    var rawSize: UInt64
    /// Offset of the entry itself.
    var entry: Int
}

func sections(of bytes: [UInt8]) -> [StoredSection] {
    (0..<Int(word(bytes, 48, 4))).map { index in
        let entry = 64 + 40 * index
        return StoredSection(
            type: UInt16(word(bytes, entry, 2)),
            flags: UInt16(word(bytes, entry + 2, 2)),
            core: UInt32(word(bytes, entry + 4, 4)),
            offset: word(bytes, entry + 8, 8),
            storedSize: word(bytes, entry + 16, 8),
            rawSize: word(bytes, entry + 24, 8),
            entry: entry
        )
    }
}

/// A little-endian integer of some bytes.
func word(_ bytes: [UInt8], _ offset: Int, _ size: Int) -> UInt64 {
    bytes[offset..<(offset + size)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
}

extension [UInt8] {
    /// Puts a little-endian integer of some bytes.
    mutating func put(_ value: UInt64, at offset: Int, size: Int) {
        for index in 0..<size {
            self[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))
        }
    }

    /// Makes all checksums right again, so that what lies behind them is tested.
    ///
    /// - Parameter withDigest: Whether the digest of the chip is made right as well.
    mutating func seal(withDigest: Bool = false) {
        guard count >= 64 else { return }
        let sectionCount = Swift.min(Int(word(self, 48, 4)), (count - 64) / 40)
        for index in 0..<sectionCount {
            let entry = 64 + 40 * index
            let (offset, size) = (word(self, entry + 8, 8), word(self, entry + 16, 8))
            guard offset <= UInt64(count), size <= UInt64(count) - offset else { continue }
            let stored = Array(self[Int(offset)..<Int(offset + size)])
            if withDigest, word(self, entry, 4) == 0x0001_0001 {
                replaceSubrange(16..<48, with: Digest(of: stored).bytes)
            }
            put(UInt64(CRC32C.checksum(of: stored)), at: entry + 32, size: 4)
        }
        let table = Array(self[64..<(64 + 40 * sectionCount)])
        put(UInt64(CRC32C.checksum(of: table)), at: 52, size: 4)
        put(UInt64(CRC32C.checksum(of: Array(self[0..<60]))), at: 60, size: 4)
    }
}

/// An image in the words of format 1.0: every column whole and wide, nothing packed.
///
/// Written from `docs/FORMATS.md` alone; the sections of JSON are taken from the bytes of the image.
func bytesOfVersion10(_ image: ChipImage) throws -> [UInt8] {
    let packed = try image.encoded()
    var parts: [(type: UInt16, core: UInt32, raw: [UInt8])] = []
    for section in sections(of: packed) where section.type <= 3 {
        let stored = packed[Int(section.offset)..<Int(section.offset + section.storedSize)]
        parts.append((section.type, section.core, Array(stored)))
    }
    func bytes(_ values: [some FixedWidthInteger]) -> [UInt8] {
        values.flatMap { value in
            (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
    }
    for (port, input) in image.inputs.enumerated() {
        parts.append((4, UInt32(port), bytes(input.routes.offsets)))
        parts.append((5, UInt32(port), bytes(input.routes.routes.flatMap { [$0.core, $0.axon] })))
    }
    for core in image.cores {
        let (neurons, synapses) = (core.neurons, core.synapses)
        let segments = core.segments.flatMap { [$0.population, $0.firstSlot, $0.count] }
        let columns: [(UInt16, [UInt8])] = [
            (16, bytes(segments)), (17, bytes(neurons.indexInPopulation)),
            (18, bytes(neurons.threshold)), (19, bytes(neurons.membraneDecay)),
            (20, bytes(neurons.currentDecay)), (21, bytes(neurons.membraneBias)),
            (22, bytes(neurons.currentBias)), (23, bytes(neurons.resetPotential)),
            (24, bytes(neurons.initialPotential)), (25, bytes(neurons.modelRegisters)),
            (32, bytes(synapses.axonRows)), (33, bytes(synapses.rowSynapses)),
            (34, bytes(synapses.rowDelay)), (35, bytes(synapses.rowExponent)),
            (36, bytes(synapses.rowCompartment)), (37, bytes(synapses.targets)),
            (38, bytes(synapses.weights)), (39, bytes(synapses.rowProjection)),
            (40, bytes(synapses.hiddenWeights)), (48, bytes(core.routes.offsets)),
            (49, bytes(core.routes.routes.flatMap { [$0.core, $0.axon] })),
        ]
        parts += columns.map { ($0.0, core.core, $0.1) }
    }
    var result = Array(packed[0..<64]) + [UInt8](repeating: 0, count: 40 * parts.count)
    result.put(0, at: 10, size: 2)
    result.put(UInt64(parts.count), at: 48, size: 4)
    for (index, part) in parts.enumerated() {
        result += [UInt8](repeating: 0, count: (64 - result.count % 64) % 64)
        let entry = 64 + 40 * index
        result.put(UInt64(part.type), at: entry, size: 2)
        result.put(1, at: entry + 2, size: 2)
        result.put(UInt64(part.core), at: entry + 4, size: 4)
        result.put(UInt64(result.count), at: entry + 8, size: 8)
        result.put(UInt64(part.raw.count), at: entry + 16, size: 8)
        result.put(UInt64(part.raw.count), at: entry + 24, size: 8)
        result += part.raw
    }
    result.seal()
    return result
}
