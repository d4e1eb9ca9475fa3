import ChipSpec
import Events
import Experiments
import SpikeTrace
import Testing

@Suite("Sample plan and run facts")
struct SamplePlanTests {
    @Test(
        "reads what --between takes, and nothing else",
        arguments: [
            ("reset", BetweenSamples.reset), ("carry", .carry), ("blank 0", .blank(0)),
            ("blank 1000000", .blank(1_000_000)), ("blank 1000001", nil), ("blank", nil),
            ("blank -1", nil), ("reset 3", nil), ("", nil), ("Reset", nil),
        ] as [(String, BetweenSamples?)]
    )
    func readsBetween(text: String, expected: BetweenSamples?) {
        #expect(BetweenSamples(text) == expected)
        if let expected { #expect(BetweenSamples(expected.description) == expected) }
    }

    @Test("a sample takes its input, drain and blank steps")
    func countsSteps() {
        #expect(SamplePlan(inputSteps: 32, drainSteps: 2).stepsPerSample == 34)
        #expect(
            SamplePlan(inputSteps: 32, drainSteps: 2, between: .blank(5)).stepsPerSample == 39
        )
        #expect(SamplePlan(inputSteps: 32, drainSteps: 2, between: .carry).stepsPerSample == 34)
    }

    @Test("facts of a run come back from the metadata of its recording, and only if all are there")
    func factsRoundTrip() {
        let facts = RunFacts(
            chipDigest: "c0ffee",
            imageDigest: "1234",
            runSeed: .max,
            device: Device(seed: 7, variation: [.threshold: 0.2, .weight: 0.1]),
            samples: 450,
            plan: SamplePlan(inputSteps: 32, drainSteps: 2, between: .blank(3)),
            toolVersion: "0.1.0"
        )
        let base = TimeBase(numerator: 1, denominator: 1000)
        let info = SpikeTraceInfo(timeBase: base, metadata: facts.metadata, channels: [])
        #expect(RunFacts(info) == facts)
        for key in facts.metadata.keys where key != SpikeTraceInfo.Key.toolVersion {
            var fewer = info
            // The length of a sample follows from its parts.
            fewer.metadata[key] = nil
            let isNeeded = key != SpikeTraceInfo.Key.stepsPerSample
            #expect((RunFacts(fewer) == nil) == isNeeded, "\(key)")
        }
        var hostile = info
        hostile.metadata["inputSteps"] = "9223372036854775807"
        #expect(RunFacts(hostile) == nil)
    }

    @Test(
        "reads mismatch as one number, by parameter, or off",
        arguments: [
            ("threshold=0.2,weight=0.1", [.threshold: 0.2, .weight: 0.1]), ("off", [:]),
        ] as [(String, [MismatchParameter: Double])]
    )
    func readsMismatch(text: String, expected: [MismatchParameter: Double]) throws {
        #expect(try MismatchArgument.variation(text) == expected)
        #expect(MismatchArgument.text(expected) == text)
    }

    @Test(
        "refuses mismatch that is no coefficient of variation",
        arguments: ["-0.1", "5.1", "nan", "x", "leak=0.1", "threshold=", "threshold=-1", "0.1=2"]
    )
    func refusesMismatch(text: String) throws {
        let chip = try DigitsFixture.chip("pilot")
        #expect(throws: MismatchArgument.Fault.self) {
            try MismatchArgument.device(text, of: chip, seed: 1)
        }
    }
}
