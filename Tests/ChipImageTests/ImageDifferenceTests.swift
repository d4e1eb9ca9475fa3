import ChipImage
import ChipSpec
import TestSupport
import Testing

@Suite("Image difference")
struct ImageDifferenceTests {
    private func difference(
        _ change: (inout ChipImage) -> Void
    ) throws -> ImageDifference {
        let image = try TinyImage.plain()
        var other = image
        change(&other)
        return ImageDifference(from: image, to: other)
    }

    @Test("an image does not differ from itself, nor from its archive")
    func equal() throws {
        var images = [try TinyImage.plain(), try TinyImage.loihi(), try TinyImage.learning()]
        images += (UInt64(0)..<10).map { RandomImage.make(seed: $0).image }
        for image in images {
            let archived = try ChipImage(decoding: image.encoded(compressing: true))
            let difference = ImageDifference(from: image, to: archived)
            #expect(difference.isSameNetwork && difference.isSamePlacement)
            #expect(difference.movedNeurons == 0 && difference.network.isEmpty)
            #expect(difference.projections.allSatisfy { $0.before == $0.after })
        }
    }

    @Test("a network that is only placed differently is the same network")
    func placement() throws {
        // Core 2 becomes core 3, and the two neurons of core 2 change their slots.
        let moved = try difference { image in
            image.cores[1].core = 3
            for index in image.cores[0].routes.routes.indices
            where image.cores[0].routes.routes[index].core == 2 {
                image.cores[0].routes.routes[index].core = 3
            }
            image.cores[1].neurons.indexInPopulation = [1, 0]
            image.cores[1].neurons.membraneDecay = [20, 10]
            image.cores[1].synapses.weights = [-1, 1, -100, 100]
        }
        #expect(moved.isSameNetwork && !moved.isSamePlacement)
        #expect(moved.movedNeurons == 2)
        #expect(moved.populations.map(\.moved) == [0, 2])
        // Moved, but with the weights of the other neuron.
        let wrong = try difference { image in
            image.cores[1].neurons.indexInPopulation = [1, 0]
            image.cores[1].neurons.membraneDecay = [20, 10]
        }
        #expect(!wrong.isSameNetwork)
        // Two routes lead to the second axon.
        #expect(wrong.projections.map(\.changed) == [0, 6, 0])
    }

    @Test("synapses that came, went or changed are counted by projection")
    func synapses() throws {
        let changed = try difference { image in
            image.cores[0].synapses.weights[0] = 100
            image.cores[1].synapses.weights[3] = -98
            image.cores[1].synapses.rowExponent[0] = 2
        }
        let names = changed.projections.map { "\($0.source) \($0.target)" }
        #expect(names == ["hidden hidden", "hidden readout", "in hidden"])
        #expect(changed.projections.map(\.changed) == [0, 4, 1])
        // ±1 · 2² against ±1, and −98 against −100; two routes lead to the second axon.
        #expect(changed.projections.map(\.largestChange) == [0, 3, 27])
        #expect(changed.projections.map(\.before) == [2, 6, 5])

        let gone = try difference { image in
            image.cores[0].synapses.rowSynapses = [0, 1, 3, 4, 6]
            image.cores[0].synapses.targets.remove(at: 1)
            image.cores[0].synapses.weights.remove(at: 1)
            image.cores[0].synapses.rowDelay[3] = 2
        }
        #expect(gone.projections.map(\.removed) == [2, 0, 1])
        #expect(gone.projections.map(\.added) == [2, 0, 0])
        #expect(gone.projections.map(\.after) == [2, 6, 4])
        #expect(!gone.isSameNetwork)
    }

    @Test("registers, properties, chip, and what only one image has are named")
    func registers() throws {
        let changed = try difference { image in
            image.cores[0].neurons.threshold[1] += 1
            image.cores[0].neurons.threshold[2] += 1
            image.cores[1].neurons.membraneDecay[0] = 11
            image.network.populations[1].depth = 3
            image.network.timeStep = 2
            image.chip.name = "other"
        }
        #expect(changed.populations[0].registers.map(\.name) == ["threshold"])
        #expect(changed.populations[0].registers.map(\.neurons) == [2])
        #expect(changed.populations[1].registers.map(\.name) == ["membraneDecay"])
        #expect(changed.populations[1].properties == ["depth"])
        #expect(changed.network == ["timeStep"])
        #expect(changed.chips?.before == "tiny" && changed.chips?.after == "other")

        let renamed = try difference { image in
            image.network.populations[1].path = "answer"
            image.network.projections[2].target = "answer"
            image.inputs[0].name = "retina"
            image.network.projections[0].source = "retina"
        }
        #expect(renamed.removed == ["readout", "in"] && renamed.added == ["answer", "retina"])
        #expect(renamed.populations.map(\.path) == ["hidden"])
        #expect(!renamed.isSameNetwork)
    }
}
