import ChipImage
import Compiler
import Emulator
import Events
import FloatReference
import NetworkIR
import Testing

@Suite("Membrane potentials")
struct PotentialTests {
    /// One neuron whose reset potential is not 0, driven by one input.
    private var network: Network {
        Network(
            name: "moved origin",
            timeStep: 1,
            populations: [
                Population(path: "x", shape: [1], dynamics: .input),
                Population(
                    path: "n",
                    shape: [1],
                    dynamics: .leakyIntegrateAndFire(
                        LeakyIntegrator(tau: [8], r: [8], leak: [0.25]),
                        Firing(threshold: [1], reset: [-0.5])
                    )
                ),
            ],
            projections: [
                Projection(source: 0, target: 1, delay: 0, connectivity: .dense([0.4]))
            ],
            outputs: [NetworkOutput(name: "out", population: 1, shape: [1])]
        )
    }

    @Test(
        "on a chip are the author's, even where the chip's origin is the reset potential",
        arguments: ["pilot", "loihi"]
    )
    func areTheAuthors(chip: String) throws {
        let spec = try DigitsFixture.chip(chip)
        let image = try Compiler.compile(network, for: spec).image
        let units = MembraneUnits(image, population: 0)
        let address = SourceMap(image).addresses(ofPopulation: 0)[0]
        let machine = Machine(image: image)
        var float = try FloatMachine(network)
        // The chip answers one step later.
        machine.step(inputs: [[0]])
        #expect(machine.membranePotential(at: address).map { units.potential($0, of: 0) } == 0)
        var spikes = 0
        for step in 0..<40 {
            let isOn = step % 3 != 0
            try float.step(inputSpikes: [step == 0 || isOn ? [0] : []])
            machine.step(inputs: [(step + 1) % 3 != 0 ? [0] : []])
            spikes += machine.spikes.count
            #expect(machine.spikes.count == float.spikes(of: 1).count, "step \(step)")
            let raw = try #require(machine.membranePotential(at: address))
            let difference = units.potential(raw, of: 0) - float.values(of: 1)[0]
            // The decay register holds 1/8 exactly; what is left is rounding of weight and bias.
            #expect(difference.magnitude < 0.02, "step \(step)")
        }
        #expect(spikes > 3)
    }
}
