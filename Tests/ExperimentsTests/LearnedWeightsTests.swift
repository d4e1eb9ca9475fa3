import ChipImage
import ChipSpec
import Description
import Emulator
import Experiments
import NetworkIR
import Testing

@Suite("What a learning run leaves")
struct LearnedWeightsTests {
    /// 8 + 6 neurons that learn for two seconds; a third of the pairs are synapses.
    private static func study() throws -> LearningStudy {
        let text = """
            experiment: small
            chip: pilot
            network:
              populations:
                lower:
                  { count: 8, neuron: lif, tau: 10, tauSyn: 5, bias: 0.9, noise: { deviation: 0.35 } }
                upper: { like: lower, count: 6 }
              projections:
                forward:
                  from: lower
                  to: upper
                  connect: { probability: 0.35 }
                  weights: { normal: { deviation: 0.2, clip: 0.6 } }
                  fullScale: 0.6
                feedback:
                  from: upper
                  to: lower
                  feedbackOf: forward
                  weights: { normal: { deviation: 0.2, clip: 0.6 } }
                  fullScale: 0.6
                  rule:
                    name: nearest
                    dw:
                      - +0.5*eta if 0 < t_pre - t_post <= 6, newer, untied
                      - -0.5*eta if 0 < t_post - t_pre <= 6, newer, untied
            phases:
              - run: { name: align, seconds: 2, amplitudes: { eta: 0.05 } }
            """
        return try LearningStudy(
            ExperimentFile(text: text, path: "small.yaml"),
            catalogue: LearningExamples.catalogue
        )
    }

    @Test("image and network hold the registers of the run's end, and nothing else is changed")
    func learned() throws {
        let study = try Self.study()
        let before = study.arms[0].experiment.network(seed: 1)
        var run = try LearningStudy.run(of: study.arms[0], seed: 1)
        let result = try run.run()
        let course = try #require(result.projections.first)
        #expect(course.before.feedback != course.after.feedback)

        let image = try run.learnedImage()
        let machine = Machine(image: image, seed: 1)
        for projection in image.network.projections.indices {
            #expect(machine.synapses(of: projection) == run.machine.synapses(of: projection))
        }

        let after = run.learnedNetwork(before)
        let feedback = try #require(after.projections.firstIndex { $0.name == "feedback" })
        guard case .sparse(let sparse) = after.projections[feedback].connectivity else {
            Issue.record("pairs that are not all of them are stored as a list")
            return
        }
        #expect(sparse.count == course.after.feedback.count)
        let synapses = sparse.weights.filter { $0 != 0 }.sorted()
        #expect(synapses == course.after.feedback.filter { $0 != 0 }.sorted())
        var restored = after
        restored.projections[feedback].connectivity = before.projections[feedback].connectivity
        #expect(restored == before)
    }
}
