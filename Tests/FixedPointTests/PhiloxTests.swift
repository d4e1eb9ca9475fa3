import FixedPoint
import Testing

@Suite("Philox4x32-10")
struct PhiloxTests {
    @Test("gives the known answers of Random123")
    func knownAnswers() {
        let zero = Philox4x32.block(counter: (0, 0, 0, 0), key: (0, 0))
        #expect(zero == (0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
        let top = UInt32.max
        let ones = Philox4x32.block(counter: (top, top, top, top), key: (top, top))
        #expect(ones == (0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
        let pi = Philox4x32.block(
            counter: (0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344),
            key: (0xA409_3822, 0x299F_31D0)
        )
        #expect(pi == (0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
    }

    @Test("a stream is the block of its address, purpose and seed")
    func address() {
        let stream = RandomStream(seed: 0x299F_31D0_A409_3822, purpose: .stimulus)
        let block = Philox4x32.block(counter: (7, 8, 9, 3), key: (0xA409_3822, 0x299F_31D0))
        #expect(stream.words(7, 8, 9) == block)
    }

    @Test("a change of any part of seed, purpose or address changes the draw")
    func everythingCounts() {
        let seed: UInt64 = 0x0123_4567_89AB_CDEF
        let base = RandomStream(seed: seed, purpose: .fixedPattern)
        var draws: Set<UInt64> = [base.uniform(1, 2, 3).bitPattern]
        for bit in [UInt64(0), 31, 32, 63] {
            let other = RandomStream(seed: seed ^ (1 << bit), purpose: .fixedPattern)
            draws.insert(other.uniform(1, 2, 3).bitPattern)
        }
        for purpose in [RandomPurpose.temporalNoise, .stimulus, .stochasticRounding] {
            draws.insert(RandomStream(seed: seed, purpose: purpose).uniform(1, 2, 3).bitPattern)
        }
        for address: (UInt32, UInt32, UInt32) in [(0, 2, 3), (1, 3, 3), (1, 2, 2), (2, 1, 3)] {
            draws.insert(base.uniform(address.0, address.1, address.2).bitPattern)
        }
        #expect(draws.count == 12)
    }

    @Test("purposes and their numbers never change: every result depends on them")
    func purposes() {
        #expect(RandomPurpose.fixedPattern.rawValue == 1)
        #expect(RandomPurpose.temporalNoise.rawValue == 2)
        #expect(RandomPurpose.stimulus.rawValue == 3)
        #expect(RandomPurpose.stochasticRounding.rawValue == 4)
    }

    @Test("draws have the bits they had when this was written")
    func bitPatterns() {
        let stream = RandomStream(seed: 0x0123_4567_89AB_CDEF, purpose: .fixedPattern)
        let expected: [(address: (UInt32, UInt32, UInt32), uniform: UInt64, normal: UInt64)] = [
            ((0, 0, 1), 0x3FA0_0F22_27C8_8970, 0xBFFD_C70A_6568_71CF),
            ((1, 0, 1), 0x3FED_CF43_0A0C_7A17, 0x3FF7_CC8C_9F35_3465),
            ((0, 1, 1), 0x3FB8_8115_BFE4_46B8, 0xBFF4_E6BD_5E1A_B15B),
            ((17, 3, 5), 0x3FD9_28E2_8FA2_55F2, 0xBFD1_5B43_6F82_4E74),
            ((1000, 127, 4), 0x3FEA_21AB_5DBB_6967, 0x3FEC_E174_AA41_60F3),
        ]
        for (address, uniform, normal) in expected {
            let (a, b, c) = address
            #expect(stream.uniform(a, b, c).bitPattern == uniform, "\(address)")
            #expect(stream.normal(a, b, c).bitPattern == normal, "\(address)")
        }
    }

    /// Moments of n draws stay within five standard errors: under a correct stream a test fails once
    /// in two million seeds, and the seeds are fixed.
    @Test("uniform and normal draws have the moments of their distribution")
    func moments() {
        let stream = RandomStream(seed: 42, purpose: .temporalNoise)
        let count = 1 << 16
        let n = Double(count)
        var uniform = [0.0, 0.0]
        var normal = [0.0, 0.0, 0.0, 0.0]
        var product = 0.0
        var previous = 0.0
        for k in 0..<UInt32(count) {
            let u = stream.uniform(k, 0, 0) - 0.5
            uniform[0] += u / n
            uniform[1] += u * u / n
            let z = stream.normal(k, 1, 0)
            #expect(z.magnitude < 8.3)
            var power = 1.0
            for moment in normal.indices {
                power *= z
                normal[moment] += power / n
            }
            product += z * previous / n
            previous = z
        }
        // Variances: u² has E u⁴ − (E u²)² = 1/80 − 1/144; zᵏ has E z²ᵏ − (E zᵏ)² with
        // E z², z⁴, z⁶, z⁸ = 1, 3, 15, 105.
        let bound = 5 / n.squareRoot()
        #expect(uniform[0].magnitude < bound * (1.0 / 12).squareRoot())
        #expect((uniform[1] - 1.0 / 12).magnitude < bound * (1.0 / 180).squareRoot())
        #expect(normal[0].magnitude < bound)
        #expect((normal[1] - 1).magnitude < bound * 2.0.squareRoot())
        #expect(normal[2].magnitude < bound * 15.0.squareRoot())
        #expect((normal[3] - 3).magnitude < bound * 96.0.squareRoot())
        #expect(product.magnitude < bound)
    }
}
