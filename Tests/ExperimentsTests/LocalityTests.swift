import ChipImage
import ChipSpec
import Description
import Emulator
import Events
import Experiments
import Foundation
import Testing

/// The weight update reads what `inspect` lists, and nothing else of the chip.
@Suite("Locality of learning")
struct LocalityTests {
    @Test(
        "overwriting all state that a rule does not read changes no weight",
        arguments: ["H2", "H9"]
    )
    func updatesAreLocal(_ arm: String) throws {
        let study = try LearningStudy(
            LearningExamples.file("reciprocal"),
            arms: [arm],
            catalogue: LearningExamples.catalogue
        )
        let image = try LearningStudy.image(of: study.arms[0], seed: 200)
        let feedback = try #require(image.network.projections.firstIndex { $0.rule != nil })
        let program = try #require(image.network.rules?.first)
        let lines = image.disassembly(limit: nil)
        for register in program.registersRead where register != .x0 && register != .y0 {
            #expect(lines.contains(register.rawValue), "inspect lists \(register)")
        }
        var changed = 0
        var noticed = 0
        for last in stride(from: 40, through: 400, by: 24) {
            let plain = run(image, feedback, until: last, scrambles: false, program)
            let scrambled = run(image, feedback, until: last, scrambles: true, program)
            #expect(plain.weights == scrambled.weights, "step \(last)")
            #expect(plain.potentials != scrambled.potentials)
            changed += plain.isChanged ? 1 : 0
            // What it does read matters.
            let bare = run(image, feedback, until: last, scrambles: true, program, sparing: [])
            noticed += plain.weights != bare.weights ? 1 : 0
        }
        #expect(changed > 5 && noticed > 5)
    }

    private func run(
        _ image: ChipImage,
        _ feedback: Int,
        until last: Int,
        scrambles: Bool,
        _ program: RuleProgram,
        sparing registers: [RuleVariable]? = nil
    ) -> (weights: [Int], potentials: [Int32], isChanged: Bool) {
        let machine = Machine(image: image, seed: 3)
        machine.setLearning(projection: feedback, isOn: true)
        for index in program.amplitudes.indices {
            machine.setAmplitude(projection: feedback, index: index, value: 1)
        }
        for _ in 0..<last { machine.step() }
        let before = machine.synapses(of: feedback).map(\.register)
        if scrambles {
            let registers = registers ?? program.registersRead
            machine.beforeLearning = { $0.overwriteState(besides: registers, seed: 9) }
        }
        machine.step()
        let after = machine.synapses(of: feedback).map(\.register)
        let potentials = image.network.populations[0].count
        return (
            after,
            (0..<potentials).compactMap {
                machine.membranePotential(at: .init(core: image.cores[0].core, neuron: UInt32($0)))
            },
            before != after
        )
    }
}
