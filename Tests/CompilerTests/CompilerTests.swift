import ChipImage
import ChipSpec
import Compiler
import NetworkIR
import TestSupport
import Testing

@Suite("Compiler")
struct CompilerTests {
    @Test("puts a network of the digits shape on one core of each chip")
    func digitsFitOneCore() throws {
        for chip in [try TestChips.pilot(), try TestChips.loihi()] {
            let network = TestNetworks.digits(seed: 1)
            let compiled = try Compiler.compile(network, for: chip)
            let report = compiled.report
            #expect(report.cores.count == 1)
            #expect(report.cores[0].neurons == Fill(used: 106, limit: chip.core.neurons))
            #expect(report.cores[0].axonsIn.used == 64 + 96)
            let author = network.projections.reduce(0) { sum, projection in
                sum + projection.connectivity.weights.filter { $0 != 0 }.count
            }
            let kept = report.projections.reduce(0) { $0 + $1.synapses + $1.weightsRoundedToZero }
            #expect(kept == author)
            #expect(report.projections.allSatisfy { $0.signalToErrorInDecibels ?? 0 > 40 })
            #expect(compiled.image.network.drainSteps == 2)
            #expect(report.packets == 64)
            #expect(report.localPackets == 96)
            #expect(report.hops == 0)
        }
    }

    @Test("gives the same image, report and quantised network twice")
    func isDeterministic() throws {
        var chip = try TestChips.pilot()
        chip.core.neurons = 16
        let network = TestNetworks.digits(seed: 2)
        #expect(try Compiler.compile(network, for: chip) == Compiler.compile(network, for: chip))
    }

    @Test("does not depend on the order of the projections")
    func sortsProjections() throws {
        let chip = try TestChips.pilot()
        let network = TestNetworks.digits(seed: 2)
        var reversed = network
        reversed.projections.reverse()
        #expect(
            try Compiler.compile(network, for: chip).image
                == Compiler.compile(reversed, for: chip).image
        )
    }

    @Test(
        "makes images that run as the quantised network does, register for register",
        arguments: 0..<24
    )
    func imageIsNetwork(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let isLoihi = seed % 3 == 2
        var chip = try isLoihi ? TestChips.loihi() : TestChips.pilot()
        if seed % 2 == 1 { chip.core.neurons = random.int(5...12) }
        let network = RandomNetworks.network(
            &random,
            models: isLoihi ? [.lif, .integrateAndFire, .cubaLIF] : RandomNetworks.Model.allCases,
            reset: !isLoihi && random.chance(0.5) ? .subtractThreshold : .toResetPotential
        )
        let drive = randomDrive(for: network, steps: 60, silent: 10, rate: 0.2, seed: 7)
        let quantised = try Pipeline.quantised(network, for: chip)
        let compiled = try Compiler.compile(network, for: chip)
        let plain = integerRun(quantised, on: chip, drive)
        let onChip = imageRun(compiled.image, quantised.canonical, drive)
        #expect(plain.spikes == onChip.spikes)
        #expect(plain.v == onChip.v)
        #expect((1..<network.populations.count).contains { plain.count($0) > 0 })
    }

    @Test("stays near a float run with the dequantised numbers", arguments: [3, 4, 5, 6])
    func staysNearFloat(seed: UInt64) throws {
        for chip in [try TestChips.pilot(), try TestChips.loihi()] {
            let network = TestNetworks.digits(seed: seed)
            let drive = randomDrive(for: network, steps: 32, silent: 0, rate: 0.15, seed: seed)
            let quantised = try Pipeline.quantised(network, for: chip)
            let plain = integerRun(quantised, on: chip, drive)
            let float = floatRun(try Compiler.compile(network, for: chip).quantisedNetwork(), drive)
            // A decay loses less than one raw unit a step, tau = 10 steps remember 10 of them; a
            // neuron is compared up to the first spike that only one of the two has.
            var different = 0
            for (index, population) in quantised.populations.enumerated() where index == 0 {
                let p = population.lowered.population
                for k in population.threshold.indices {
                    for step in drive.indices {
                        if plain.spikes[step][p][k] != float.spikes[step][p][k] {
                            different += 1
                            break
                        }
                        let v = plain.v[step][p][k] * population.unit
                        #expect((v - float.v[step][p][k]).magnitude < 11 * population.unit)
                    }
                }
            }
            #expect(plain.count(1) > 100)
            #expect(different <= 5)
        }
    }
}
