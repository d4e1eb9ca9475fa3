import ChipImage
import ChipSpec
import Emulator
import Events
import FixedPoint
import TestSupport
import Testing

@Suite("Learning traces that are looked at")
struct LearningTraceTests {
    private static let registers: [RuleVariable] = [.x1, .x2, .y1, .y2, .y3]

    @Test(
        "are those of the plain machine in every step, on any number of threads",
        arguments: [1, 3]
    )
    func random(threads: Int) throws {
        var (compared, aboveZero) = (0, 0)
        for seed in 300..<330 {
            let random = RandomImage.make(seed: UInt64(seed))
            guard random.image.chip.learning?.engine == .pilot else { continue }
            let machine = Machine(
                image: random.image,
                device: random.device,
                seed: 5,
                options: MachineOptions(threads: threads, partitionSize: 64, smallestSplitWork: 0)
            )
            var reference = ReferenceMachine(image: random.image, device: random.device, seed: 5)
            let traces = random.image.network.projections.indices.flatMap { projection in
                Self.registers.compactMap { register in
                    machine.learningTrace(register, of: projection).map { (projection, $0) }
                }
            }
            let actions = random.actions(steps: 30)
            for (step, inputs) in random.inputs(steps: 30).enumerated() {
                for action in actions[step] {
                    machine.apply(action)
                    reference.apply(action)
                }
                _ = reference.step(inputs: inputs)
                machine.step(inputs: byPort(inputs, ports: random.image.inputs.count))
                for (projection, trace) in traces {
                    let values = machine.values(of: trace).map { Int($0) }
                    let found = trace.neurons.indices.map {
                        [trace.neurons[$0], trace.cores[$0], values[$0]]
                    }
                    let expected = reference.learningTrace(trace.register, of: projection).map {
                        [$0.neuron, $0.core, $0.value]
                    }
                    #expect(
                        found.sorted { $0.lexicographicallyPrecedes($1) }
                            == expected.sorted { $0.lexicographicallyPrecedes($1) },
                        "seed \(seed), step \(step), projection \(projection), \(trace.register)"
                    )
                    compared += values.count
                    aboveZero += values.count { $0 > 0 }
                }
            }
        }
        #expect(compared > 1000 && aboveZero > 100)
    }

    @Test("are looked at in part, and are none where the rule has none")
    func parts() throws {
        let image = PairImage(PairImage.exponential()).image
        let machine = Machine(image: image)
        let trace = try #require(machine.learningTrace(.x1, of: PairImage.forward))
        #expect(trace.neurons == trace.neurons.sorted())
        #expect(machine.values(of: trace, at: [0]).count == 1)
        #expect(machine.learningTrace(.y3, of: PairImage.forward) == nil)
        #expect(machine.learningTrace(.w, of: PairImage.forward) == nil)
    }
}
