import Events
import Testing

@Suite("Digests")
struct DigestTests {
    @Test("SHA-256 gives the known answers of FIPS 180-4")
    func knownAnswers() {
        #expect(
            Digest(of: []).description
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
        #expect(
            Digest(of: "abc".utf8).description
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        let twoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
        #expect(
            Digest(of: twoBlocks.utf8).description
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        )
        #expect(
            Digest(of: [UInt8](repeating: 0x61, count: 1_000_000)).description
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        )
    }

    @Test("bytes may come in any pieces")
    func pieces() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        for size in [1, 63, 64, 65, 999] {
            var builder = DigestBuilder()
            for start in stride(from: 0, to: bytes.count, by: size) {
                builder.append(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            builder.append([])
            #expect(builder.finish() == Digest(of: bytes))
        }
    }

    @Test("a digest read from a file has exactly 32 bytes")
    func length() {
        #expect(Digest(bytes: [UInt8](repeating: 1, count: 31)) == nil)
        #expect(Digest(bytes: [UInt8](repeating: 1, count: 33)) == nil)
        let digest = Digest(of: "abc".utf8)
        #expect(Digest(bytes: digest.bytes) == digest)
    }
}

/// Expected values from Python: sha256 over struct.pack("<QII", step, core, neuron).
@Suite("Digest of a run")
struct SpikeDigestTests {
    @Test("each spike adds step, core and neuron, little-endian, and no clock tick")
    func layout() {
        var builder = SpikeDigestBuilder()
        builder.append([
            Spike(step: 0, core: 0, neuron: 0),
            Spike(step: 1, tick: 99, core: 2, neuron: 3),
            Spike(step: 0x0102_0304_0506_0708, core: 0x1112_1314, neuron: 0x2122_2324),
            Spike(step: .max, core: NeuronAddress.firstInputCore, neuron: 7),
        ])
        #expect(
            builder.finish().description
                == "99d928c7b16afb90d692665e9c806e41071a03128e0d541fe0fb8e9a968edaee"
        )
    }

    @Test("more spikes than the buffer holds give the same digest in one piece and in many")
    func manySpikes() {
        let spikes = (0..<UInt32(10_000)).map {
            Spike(step: UInt64($0 / 7), core: $0 % 5, neuron: $0)
        }
        var whole = SpikeDigestBuilder()
        whole.append(spikes)
        let digest = whole.finish()
        #expect(
            digest.description
                == "5c1f87917c5a915c51e43b4db17dccaf5c3175cd4087f7cd6fe765d57d0d9ea6"
        )
        var pieces = SpikeDigestBuilder()
        for start in stride(from: 0, to: spikes.count, by: 37) {
            pieces.append(spikes[start..<min(start + 37, spikes.count)])
        }
        #expect(pieces.finish() == digest)
    }

    @Test("a run without spikes has the digest of no bytes")
    func empty() {
        #expect(SpikeDigestBuilder().finish() == Digest(of: []))
    }
}
