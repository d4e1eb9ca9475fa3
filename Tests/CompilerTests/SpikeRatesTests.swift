import ChipImage
import ChipSpec
import Compiler
import Emulator
import Events
import NetworkIR
import TestSupport
import Testing

/// Mappings that know how often senders spike, against runs that count packets.
@Suite("Spike rates")
struct SpikeRatesTests {
    /// What a run sent.
    private struct Run {
        var rates: SpikeRates
        /// Packets to other cores than the sender's, and from outside.
        var packets = 0
    }

    /// 200 channels, of which every tenth is loud, onto 150 neurons with 20 random channels each, and these onto
    /// 30.
    private static func network(seed: UInt64) -> Network {
        var random = SplitMix64(seed: seed)
        func weights(_ sources: Int, _ targets: Int, fanIn: Int, _ weight: Double) -> [Double] {
            (0..<targets).flatMap { _ in
                let chosen = Set(random.shuffled(Array(0..<sources)).prefix(fanIn))
                return (0..<sources).map { chosen.contains($0) ? weight : 0 }
            }
        }
        return TestNetworks.network(
            [
                TestNetworks.input(200),
                TestNetworks.integrateAndFire("x", 150, threshold: 4),
                TestNetworks.integrateAndFire("y", 30, threshold: 4),
            ],
            [
                TestNetworks.dense(0, 1, weights(200, 150, fanIn: 20, 1)),
                TestNetworks.dense(1, 2, weights(150, 30, fanIn: 20, 1)),
            ]
        )
    }

    private static func chip() throws -> ChipSpec {
        var chip = try TestChips.pilot()
        chip.core.neurons = 16
        return chip
    }

    /// Runs an image: spikes of every sender, and packets by the routes of the image.
    private static func run(_ image: ChipImage, seed: UInt64, steps: Int) -> Run {
        var random = SplitMix64(seed: seed)
        let machine = Machine(image: image)
        let map = SourceMap(image)
        var spikes = image.network.populations.map { [UInt64](repeating: 0, count: $0.count) }
        var inputs = [UInt64](repeating: 0, count: image.inputs[0].channelCount)
        var packets = 0
        var local = 0
        for _ in 0..<steps {
            let drive = inputs.indices.filter { random.chance($0 % 10 == 0 ? 0.4 : 0.01) }
            for channel in drive {
                inputs[channel] += 1
                packets += image.inputs[0].routes[channel].count
            }
            machine.step(inputs: [drive.map { UInt32($0) }])
            for spike in machine.spikes {
                guard let neuron = map.neuron(at: spike.address),
                    let core = image.cores.first(where: { $0.core == spike.core })
                else { continue }
                spikes[neuron.population][neuron.index] += 1
                let routes = core.routes[Int(spike.neuron)]
                packets += routes.count { $0.core != spike.core }
                local += routes.count { $0.core == spike.core }
            }
        }
        // Spikes of the last step arrive in the next.
        machine.step(inputs: [[]])
        #expect(machine.counts[.axonIn] == UInt64(packets + local))
        var byPath = [image.inputs[0].name: inputs]
        for (population, counts) in zip(image.network.populations, spikes) {
            byPath[population.path] = counts
        }
        return Run(rates: SpikeRates(steps: UInt64(steps), spikes: byPath), packets: packets)
    }

    @Test(
        "save packets of a real run where senders differ, and say how many",
        arguments: [1, 2, 3]
    )
    func save(seed: UInt64) throws {
        let network = Self.network(seed: seed)
        let chip = try Self.chip()
        let plain = try Compiler.compile(network, for: chip, options: CompilerOptions(seed: seed))
        #expect(plain.report.rates == nil)
        let before = Self.run(plain.image, seed: 9, steps: 300)
        var options = CompilerOptions(seed: seed)
        options.rates = before.rates
        let weighed = try Compiler.compile(network, for: chip, options: options)
        try weighed.image.verify()
        let after = Self.run(weighed.image, seed: 9, steps: 300)
        // The chip does the same, with fewer packets, and exactly those that the report tells.
        #expect(after.rates == before.rates)
        #expect(after.packets * 100 < before.packets * 93)
        let report = try #require(weighed.report.rates)
        #expect(report.steps == 300)
        #expect(Int((report.packetsPerStep * 300).rounded()) == after.packets)
        #expect(Int((report.packetsPerStepUnweighted * 300).rounded()) == before.packets)
        #expect(report.packetsPerStep < report.packetsPerStepInOrder ?? 0)
        #expect(report.spikes == before.rates.spikes.values.joined().reduce(0, +))
        // Another run of the same kind is cheaper too.
        let other = Self.run(weighed.image, seed: 10, steps: 300)
        #expect(other.packets < Self.run(plain.image, seed: 10, steps: 300).packets)
        #expect(try Compiler.compile(network, for: chip, options: options) == weighed)
        print("packets: \(before.packets) → \(after.packets)")
    }

    @Test("change nothing for a network on one core")
    func oneCore() throws {
        let network = Self.network(seed: 4)
        let chip = try TestChips.pilot()
        let plain = try Compiler.compile(network, for: chip)
        var options = CompilerOptions()
        options.rates = Self.run(plain.image, seed: 1, steps: 50).rates
        let weighed = try Compiler.compile(network, for: chip, options: options)
        #expect(weighed.image == plain.image)
        #expect(
            weighed.report.rates?.packetsPerStep == weighed.report.rates?.packetsPerStepUnweighted
        )
    }

    @Test("of silence weigh all senders alike")
    func silence() throws {
        let network = Self.network(seed: 5)
        let chip = try Self.chip()
        var options = CompilerOptions()
        options.rates = SpikeRates(
            steps: 0,
            spikes: [
                "input": [UInt64](repeating: 0, count: 200),
                "x": [UInt64](repeating: 0, count: 150),
                "y": [UInt64](repeating: 0, count: 30),
            ]
        )
        let compiled = try Compiler.compile(network, for: chip, options: options)
        #expect(compiled.report.rates?.packetsPerStep == 0)
        #expect(compiled.report.rates?.silentSenders == 380)
        // Counts beyond those of any recording end in an answer, too.
        options.rates?.spikes["x"] = [UInt64](repeating: .max, count: 150)
        options.rates?.steps = .max
        #expect(try Compiler.compile(network, for: chip, options: options).report.rates != nil)
    }
}
