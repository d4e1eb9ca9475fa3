import ChipSpec
import Events
import FixedPoint
import Testing

@Suite("Loading of chip specs")
struct LoadingTests {
    @Test("pilot has the numbers of its description")
    func pilot() throws {
        let chip = try Specs.load("pilot")
        #expect(chip.name == "pilot")
        #expect(chip.mesh.coreCount == 16)
        #expect(chip.core.neurons == 256)
        #expect(chip.core.axonsIn == 1024)
        #expect(chip.core.synapseMemoryInBytes == 64 << 10)
        #expect(chip.synapse.weightRange(.mixed).range == -128...127)
        #expect(chip.synapse.hiddenWeightBits == 8)
        #expect(chip.synapse.maximumDelayInSteps == 16)
        #expect(chip.synapse.minimumExponent == 0)
        #expect(chip.synapse.maximumExponent == 7)
        #expect(chip.synapse.bytesPerSynapse == 2)
        #expect(chip.synapse.bytesPerPlasticSynapse == 3)
        #expect(chip.synapse.bytesPerRowHeader == 4)
        #expect(chip.dendrite.accumulator == RegisterFormat(bits: 16))
        #expect(chip.dendrite.maximumCompartments == 4)
        #expect(chip.soma.models == [.lif, .integrateAndFire, .li])
        #expect(chip.soma.membrane == RegisterFormat(bits: 24))
        #expect(chip.soma.current == RegisterFormat(bits: 24))
        #expect(chip.soma.accumulatorShift == 6)
        #expect(chip.soma.decayBits == 12)
        #expect(chip.soma.decayRounding == .towardZero)
        #expect(chip.soma.thresholdBits == 23)
        #expect(chip.soma.thresholdShift == 0)
        #expect(chip.soma.biasMantissaBits == 24)
        #expect(chip.soma.biasMaximumExponent == 0)
        #expect(chip.soma.hasCurrentBias)
        #expect(chip.soma.resetRules == [.zero, .subtract])
        #expect(chip.soma.hasResetPotential)
        #expect(
            chip.time == TimeSpec(mode: .realTime, step: TimeBase(numerator: 1, denominator: 1000))
        )
        #expect(chip.mismatch.distribution == .logNormal)
        #expect(chip.mismatch.parameters == [.threshold, .membraneTau, .currentTau, .weight])
        let table = try #require(chip.energyTables.first)
        #expect(chip.energyTables.count == 1)
        #expect(table.prices.map(\.action) == Action.allCases)
        #expect(
            table.prices.allSatisfy { $0.energyInPicojoules != nil && $0.provenance == .assumed }
        )
        #expect(table.staticPowerInMilliwatts == 1.6)
        #expect(table.barrier.isEmpty)
    }
}
