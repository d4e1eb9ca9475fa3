import Description
import Emulator
import Events
import Experiments
import Testing

@Suite("Dendritic compartments of an experiment")
struct CompartmentTests {
    /// Two inputs drive eight neurons, one of them through a compartment.
    private static func spikes(
        compartments: String,
        apical: String,
        weight: Double
    ) throws -> [Spike] {
        let text = """
            experiment: compartments
            chip: pilot
            network:
              populations:
                below: { count: 20, neuron: input }
                above: { count: 20, neuron: input }
                cells: { count: 8, neuron: lif, tau: 10, tauSyn: 5, bias: 0.5\(compartments) }
              projections:
                basal: { from: below, to: cells, weights: { uniform: [0.05, 0.4] }, fullScale: 0.5 }
                apical: { from: above, to: cells\(apical), weights: \(weight), fullScale: \(2 * weight) }
            phases:
              - run:
                  name: drive
                  seconds: 0.5
                  stimuli:
                    - poisson: { input: below, rate: 40 }
                    - poisson: { input: above, rate: 40 }
            """
        let study = try LearningStudy(
            ExperimentFile(text: text, path: "compartments.yaml"),
            catalogue: LearningExamples.catalogue
        )
        var run = try LearningStudy.run(of: study.arms[0], seed: 5)
        var spikes: [Spike] = []
        run.probe = { machine, _ in spikes += machine.spikes }
        _ = try run.run()
        return spikes
    }

    @Test("a weight of 0.5 through a gain of 1/2 is a weight of 0.25, spike for spike")
    func gains() throws {
        let halved = try Self.spikes(
            compartments: ", compartments: { basal: 1, apical: 0.5 }",
            apical: ", compartment: apical",
            weight: 0.5
        )
        let plain = try Self.spikes(compartments: "", apical: "", weight: 0.25)
        let full = try Self.spikes(
            compartments: ", compartments: { basal: 1, apical: 1 }",
            apical: ", compartment: apical",
            weight: 0.5
        )
        #expect(halved.count > 50)
        #expect(halved == plain)
        #expect(full.count > halved.count)
    }
}
