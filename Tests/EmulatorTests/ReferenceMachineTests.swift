import ChipImage
import ChipSpec
import Events
import FixedPoint
import Foundation
import TestSupport
import Testing

/// The reference machine against recorded vectors, and the random images against their purpose.
@Suite("Reference machine")
struct ReferenceMachineTests {
    static func vectors(_ prefix: String) -> [URL] {
        Fixtures.files("lava \(prefix)", of: "Emulator", in: "lava") {
            $0.hasPrefix(prefix) && $0.hasSuffix(".json")
        }
    }

    /// Steps of a `lif_*` vector that differ in any register or spike.
    static func differences(_ vector: LavaNeuronVector, planted: PlantedError?) -> Int {
        var machine = ReferenceMachine(image: vector.image, device: .ideal, planted: planted)
        var differences = 0
        for (step, inputs) in vector.inputSpikes.enumerated() {
            let spikes = Set(machine.step(inputs: inputs).map { Int($0.neuron) })
            guard step > 0 else { continue }
            let k = step - 1
            let expected = Set((0..<vector.neurons).filter { vector.spikes[k][$0] == 1 })
            if machine.u[0] != vector.u[k] || machine.v[0] != vector.v[k] || spikes != expected {
                differences += 1
            }
        }
        return differences
    }

    /// Steps of a `dense_*` vector in which any sum differs.
    static func differences(_ vector: LavaDenseVector, planted: PlantedError?) -> Int {
        var machine = ReferenceMachine(image: vector.image, device: .ideal, planted: planted)
        return zip(vector.inputSpikes, vector.u).count { inputs, expected in
            _ = machine.step(inputs: inputs)
            return machine.u[0] != expected
        }
    }

    @Test("repeats every register and spike of the recorded LIF vectors")
    func neuronVectors() throws {
        let files = Self.vectors("lif_")
        #expect(!files.isEmpty)
        for file in files {
            let vector = try LavaNeuronVector(file: file)
            #expect(vector.u.count == vector.steps && vector.steps > 0)
            #expect(Self.differences(vector, planted: nil) == 0, "\(file.lastPathComponent)")
        }
    }

    @Test("repeats every sum of the recorded Dense vectors, with weights of our quantiser")
    func denseVectors() throws {
        let files = Self.vectors("dense_")
        #expect(!files.isEmpty)
        for file in files {
            let vector = try LavaDenseVector(file: file)
            guard vector.isBinary else {
                print("skipped (graded input): \(file.lastPathComponent)")
                continue
            }
            #expect(vector.u.count == vector.steps && vector.steps > 0)
            #expect(vector.quantisedWeights == vector.effectiveWeights)
            #expect(Self.differences(vector, planted: nil) == 0, "\(file.lastPathComponent)")
        }
    }

    @Test(
        "the LIF vectors notice a planted error of the neuron",
        arguments: [
            PlantedError.decayFloors, .currentDecayLacksOffset, .membraneUsesOldCurrent,
            .delayIsOneLate, .accumulatorIsKept, .spikeKeepsPotential, .spikeClearsCurrent,
            .biasBeforeDecay, .sleeperIsAwake,
        ]
    )
    func neuronVectorsNotice(_ planted: PlantedError) throws {
        let found = try Self.vectors("lif_").reduce(0) {
            $0 + Self.differences(try LavaNeuronVector(file: $1), planted: planted)
        }
        #expect(found > 0, "\(planted.sentence)")
    }

    @Test(
        "the Dense vectors notice a planted error of the accumulator",
        arguments: [PlantedError.delayIsOneLate, .accumulatorIsKept]
    )
    func denseVectorsNotice(_ planted: PlantedError) throws {
        let found = try Self.vectors("dense_").reduce(0) {
            $0 + Self.differences(try LavaDenseVector(file: $1), planted: planted)
        }
        #expect(found > 0, "\(planted.sentence)")
    }
}
