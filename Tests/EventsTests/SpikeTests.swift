import Events
import Foundation
import Testing

@Suite("Spikes and addresses")
struct SpikeTests {
    @Test("spikes are ordered by step, tick, core, neuron")
    func order() {
        let ascending = [
            Spike(step: 0, tick: 9, core: 9, neuron: 9),
            Spike(step: 1, tick: 0, core: 9, neuron: 9),
            Spike(step: 1, tick: 1, core: 0, neuron: 9),
            Spike(step: 1, tick: 1, core: 1, neuron: 0),
            Spike(step: 1, tick: 1, core: 1, neuron: 1),
            Spike(step: 1, tick: 1, core: NeuronAddress.firstInputCore, neuron: 0),
        ]
        for i in ascending.indices {
            for j in ascending.indices {
                #expect((ascending[i] < ascending[j]) == (i < j))
            }
        }
        #expect(ascending.reversed().sorted() == ascending)
    }

    @Test("inputs come after every neuron of the chip")
    func inputs() {
        let last = NeuronAddress(core: NeuronAddress.firstInputCore - 1, neuron: .max)
        let first = NeuronAddress(core: NeuronAddress.firstInputCore, neuron: 0)
        #expect(last < first)
        #expect(!last.isInput)
        #expect(first.isInput)
        #expect(Spike(step: 3, core: 4, neuron: 5).address == NeuronAddress(core: 4, neuron: 5))
        #expect(NeuronAddress(core: 1, neuron: 9) < NeuronAddress(core: 2, neuron: 0))
    }
}

@Suite("Time base")
struct TimeBaseTests {
    @Test("is kept in lowest terms")
    func lowestTerms() {
        let base = TimeBase(numerator: 6, denominator: 4000)
        #expect(base == TimeBase(numerator: 3, denominator: 2000))
        #expect(base.numerator == 3 && base.denominator == 2000)
        #expect(base.seconds == 0.0015)
        #expect(
            TimeBase(numerator: .max, denominator: .max) == TimeBase(numerator: 1, denominator: 1)
        )
    }

    @Test("nanoseconds are exact and rounded down")
    func nanoseconds() {
        let bases = [
            TimeBase(numerator: 1, denominator: 1000), TimeBase(numerator: 1, denominator: 3),
            TimeBase(numerator: 7, denominator: 1_000_000_007),
            TimeBase(numerator: 1, denominator: 1_000_000_000_000),
            TimeBase(numerator: 123_456_789, denominator: .max - 58),
        ]
        let steps: [UInt64] = [0, 1, 2, 3, 999, 1_000_000, 1 << 32, 1 << 40, (1 << 53) + 1]
        for base in bases {
            for step in steps {
                let product = UInt128(step) * UInt128(base.numerator)
                let whole = product / UInt128(base.denominator)
                let rest = product % UInt128(base.denominator)
                let exact =
                    whole * 1_000_000_000 + rest * 1_000_000_000 / UInt128(base.denominator)
                #expect(
                    base.nanoseconds(atStep: step) == UInt64(truncatingIfNeeded: exact),
                    "step \(step) of \(base)"
                )
            }
        }
        // One third of a second: a Double would say 333333333333333312 for 10⁹ steps.
        let third = TimeBase(numerator: 1, denominator: 3)
        #expect(third.nanoseconds(atStep: 1_000_000_000) == 333_333_333_333_333_333)
    }

    @Test("the last step of the longest run does not trap")
    func lastStep() {
        #expect(TimeBase(numerator: 1, denominator: 1).nanoseconds(atStep: .max) > 0)
        #expect(TimeBase(numerator: .max, denominator: 1).nanoseconds(atStep: .max) == .max)
        #expect(
            TimeBase(numerator: 1, denominator: .max).nanoseconds(atStep: .max) == 1_000_000_000
        )
    }

    @Test("one that is read from a file is positive and in lowest terms, or refused")
    func decoding() throws {
        func decode(_ json: String) throws -> TimeBase {
            try JSONDecoder().decode(TimeBase.self, from: Data(json.utf8))
        }
        let base = try decode(#"{"numerator": 2, "denominator": 2000}"#)
        #expect(base == TimeBase(numerator: 1, denominator: 1000))
        let copy = try JSONDecoder().decode(TimeBase.self, from: JSONEncoder().encode(base))
        #expect(copy == base)
        for json in [
            #"{"numerator": 0, "denominator": 1}"#, #"{"numerator": 1, "denominator": 0}"#,
            #"{"numerator": -1, "denominator": 1}"#, #"{"numerator": 1}"#,
        ] {
            #expect(throws: DecodingError.self) { try decode(json) }
        }
    }
}
