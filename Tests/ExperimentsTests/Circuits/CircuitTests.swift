import ChipSpec
import Description
import Experiments
import Foundation
import Testing

/// Circuits that learn all on the chip.
@Suite("Circuits")
struct CircuitTests {
    private static func study(
        _ arms: [String],
        seeds: [UInt64],
        epochs: Int,
        threads: Int = 2,
        change: (inout Circuit) -> Void = { _ in }
    ) throws -> [[TrainedCircuit]] {
        let path = LearningExamples.root.appending(path: "Examples/studies/microcircuit.yaml").path
        var study = try CircuitStudy(
            CircuitFile(path: path),
            arms: arms,
            catalogue: LearningExamples.catalogue,
            threads: threads
        )
        study.seeds = seeds
        study.epochs = epochs
        for index in study.arms.indices { change(&study.arms[index].circuit) }
        return try study()
    }

    private static func short(_ circuit: inout Circuit) {
        circuit.schedule.steps = 2000
        circuit.schedule.lag = 500
        circuit.schedule.patterns = 3
        circuit.alignment?.patterns = 2
        circuit.alignment?.steps = 2000
    }

    @Test("give the same bits for any number of threads, and others for another seed")
    func deterministic() throws {
        let one = try Self.study(
            ["sal", "sal-float"],
            seeds: [1, 2],
            epochs: 2,
            threads: 1,
            change: Self.short
        )
        let two = try Self.study(
            ["sal", "sal-float"],
            seeds: [1, 2],
            epochs: 2,
            change: Self.short
        )
        for (a, b) in zip(one.joined(), two.joined()) {
            #expect(a.course == b.course && a.counts == b.counts && a.hostBytes == b.hostBytes)
        }
        #expect(one[0][0].course != one[0][1].course)
        // Chip and float version begin with the same weights, to the rounding of registers.
        let (chip, float) = (one[0][0].course, one[1][0].course)
        for (a, b) in zip(
            (chip.initialForward + chip.initialFeedback).joined(),
            (float.initialForward + float.initialFeedback).joined()
        ) {
            #expect(abs(a - b) < 1e-4)
        }
    }

    @Test("arms differ in what they say: frozen, random and shared feedback")
    func arms() throws {
        let results = try Self.study(
            ["frozen", "fa", "bp", "sal"],
            seeds: [5],
            epochs: 2,
            change: Self.short
        ).map { $0[0].course }
        #expect(results[0].forward[0] == results[0].initialForward[0])
        #expect(results[0].forward[1] != results[0].initialForward[1])
        #expect(results[1].forward[0] != results[1].initialForward[0])
        #expect(results[1].feedback == results[1].initialFeedback)
        // Visible bits of the forward weight: 1/32 a step.
        #expect(abs(results[2].feedback[0][0] - results[2].forward[1][0]) <= 1.0 / 64 + 1e-9)
        #expect(results[3].feedback != results[3].initialFeedback)
        #expect(results[3].angles.count == 2)
    }

    @Test("a student approaches its teacher, on the chip and in floating point numbers alike")
    func learns() throws {
        let results = try Self.study(["bp", "bp-float"], seeds: [3], epochs: 8) { circuit in
            circuit.schedule.patterns = 10
        }
        for result in results {
            let losses = result[0].course.losses
            #expect(losses.count == 8)
            // About 0.01 at first, 0.001 in the end; noise alone comes to 0.0003.
            let last = losses.suffix(3).reduce(0, +) / 3
            #expect(last < losses[0] / 2, "\(losses)")
        }
    }

    @Test("what a chip cannot run is refused in one sentence")
    func refused() throws {
        let path = LearningExamples.root.appending(path: "Examples/studies/microcircuit.yaml").path
        func refusal(_ change: (inout CircuitStudy.Arm) throws -> Void) throws -> String {
            var study = try CircuitStudy(
                CircuitFile(path: path),
                arms: ["sal"],
                catalogue: LearningExamples.catalogue
            )
            try change(&study.arms[0])
            return #expect(throws: CircuitError.self) { try study() }?.description ?? ""
        }
        let chip = try refusal { $0.chip = try LearningExamples.catalogue.load("loihi") }
        #expect(chip.contains("register e"))
        // SAL's rule learns by eta, and as a forward rule it would not learn at all.
        let rule = try refusal { $0.circuit.rule = try #require($0.circuit.alignment).rule }
        #expect(rule.contains("no amplitude 'rate'"))
        let scale = try refusal { $0.circuit.fullScales = [0.001, 1000] }
        #expect(scale.contains("network.fullScale") && scale.contains("up to 256"))
    }
}
