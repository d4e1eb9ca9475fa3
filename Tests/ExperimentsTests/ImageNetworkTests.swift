import ChipImage
import ChipSpec
import Compiler
import Events
import Experiments
import FloatReference
import NetworkIR
import TestSupport
import Testing

@Suite("The network of an image")
struct ImageNetworkTests {
    @Test(
        "of the digits runs as the compiler's quantised network, spike for spike",
        arguments: ["pilot", "loihi"]
    )
    func digits(chip name: String) throws {
        let digits = try DigitsFixture()
        let compilation = try Compiler.compile(digits.network, for: DigitsFixture.chip(name))
        let network = try ImageNetwork(compilation.image)
        #expect(network.notes.isEmpty)
        let own = try FloatRun(network: network.network, readout: .count)(digits.samples)
        let quantised = try compilation.quantisedNetwork()
        let other = try FloatRun(network: quantised, readout: .count)(digits.samples)
        #expect(own.digest == other.digest)
        #expect(own.samples.map(\.outputCounts) == other.samples.map(\.outputCounts))
    }

    /// Two inputs, three populations with loops, skips and delays.
    private func network(_ random: inout SplitMix64, isLoihi: Bool) -> Network {
        var populations = [
            Population(path: "a", shape: [8], dynamics: .input),
            Population(path: "b", shape: [2, 3], dynamics: .input),
        ]
        var projections: [Projection] = []
        func values(_ count: Int, _ range: ClosedRange<Double>) -> [Double] {
            (0..<count).map { _ in random.double(range) }
        }
        for index in 0..<3 {
            let count = random.int(4...9)
            // Loihi's somas have no reset register: another origin of v would be rounded.
            let firing = Firing(
                threshold: values(count, 0.8...1.2),
                reset: [Double](repeating: isLoihi ? 0 : random.pick([0, -0.25]), count: count)
            )
            let membrane = LeakyIntegrator(
                tau: values(count, 5...12),
                r: values(count, 4...8),
                leak: values(count, -0.1...0.2)
            )
            let dynamics: Dynamics =
                switch random.int(0...2) {
                case 0: .leakyIntegrateAndFire(membrane, firing)
                case 1:
                    .integrateAndFire(IntegrateAndFire(r: values(count, 0.5...1), firing: firing))
                default:
                    .currentBased(
                        SynapticFilter(
                            tau: values(count, 2...6),
                            inputGain: values(count, 0.8...2)
                        ),
                        membrane,
                        firing
                    )
                }
            populations.append(
                Population(
                    path: "p\(index)",
                    shape: [count],
                    dynamics: dynamics,
                    bias: random.chance(0.5) ? values(count, -0.05...0.1) : []
                )
            )
            let target = populations.count - 1
            for source in 0..<target where source == target - 1 || random.chance(0.6) {
                projections.append(
                    Projection(
                        source: source,
                        target: target,
                        delay: random.pick([0, 0, 2]),
                        connectivity: .dense(
                            values(populations[source].count * count, -0.3...0.7)
                        )
                    )
                )
            }
            projections.append(
                Projection(
                    source: target,
                    target: target,
                    delay: random.int(1...3),
                    connectivity: .oneToOne(values(count, -0.4...0.3))
                )
            )
        }
        projections.sort { ($0.target, $0.source, $0.delay) < ($1.target, $1.source, $1.delay) }
        return Network(
            name: "random",
            timeStep: 1,
            reset: isLoihi || random.chance(0.5) ? .toResetPotential : .subtractThreshold,
            populations: populations,
            projections: projections,
            outputs: [NetworkOutput(name: "out", population: 4, shape: populations[4].shape)]
        )
    }

    @Test(
        "of random networks runs as the quantised network, spike for spike",
        arguments: ["pilot", "loihi"]
    )
    func randomNetworks(chip name: String) throws {
        let chip = try DigitsFixture.chip(name)
        var spikes = 0
        for seed in 0..<20 as Range<UInt64> {
            var random = SplitMix64(seed: 900 + seed)
            let author = network(&random, isLoihi: name == "loihi")
            let compilation = try Compiler.compile(author, for: chip)
            let own = try ImageNetwork(compilation.image).network
            #expect(own.populations.map(\.path) == author.populations.map(\.path))
            #expect(own.projections.map(\.delay) == author.projections.map(\.delay))
            #expect(own.reset == author.reset)
            var machines = [
                try FloatMachine(own), try FloatMachine(compilation.quantisedNetwork()),
            ]
            for step in 0..<80 {
                let inputs = [8, 6].map { count in (0..<count).filter { _ in random.chance(0.2) } }
                for index in machines.indices { try machines[index].step(inputSpikes: inputs) }
                for population in author.populations.indices {
                    let (a, b) = (
                        machines[0].spikes(of: population), machines[1].spikes(of: population)
                    )
                    #expect(a == b, "seed \(seed), step \(step), population \(population)")
                    if population > 1 { spikes += a.count }
                }
            }
        }
        #expect(spikes > 2000)
    }

    @Test("has the numbers of a device that is asked for")
    func effective() throws {
        var image = try TinyImage.plain()
        // No initial potentials: thresholds are the registers in the author's units.
        image.cores[0].neurons.initialPotential = [0, 0, 0, 0, 0]
        image.chip.mismatch.parameters = [.threshold, .weight]
        let device = Device(seed: 5, variation: [.threshold: 0.3, .weight: 0.2])
        let pattern = FixedPattern(device, image.chip.mismatch.distribution, ignoresCore: false)
        let network = try ImageNetwork(image, device: device).network
        guard case .currentBased(_, _, let firing) = network.populations[1].dynamics,
            case .dense(let weights) = network.projections[1].connectivity
        else {
            Issue.record("other populations than in the image")
            return
        }
        // Neuron 0 of 'hidden' is in slot 1, with threshold 2000 and unit 0.25.
        let threshold = (2000 * pattern.factor(.threshold, core: 0, 1)).rounded()
        #expect(firing.threshold[0] == threshold * 0.25)
        // Projections by target, source and delay: 'hidden' to 'hidden' comes second. Synapse 5: neuron 4
        // (slot 0, unit 3) sends by axon 2 to itself, with weight 6 and exponent 0.
        let charge = (6 * 64 * pattern.factor(.weight, core: 0, 5)).rounded() / 64
        #expect(network.projections[1].source == 1 && network.projections[1].target == 1)
        #expect(weights.filter { $0 != 0 }.count == 2)
        #expect(weights.contains { $0 == charge * 64 * 3 })
    }

    @Test("refuses somas that have no equation in NIR, and says what it leaves out")
    func refusals() throws {
        let trueNorth = try RandomImage.makeTrueNorth(seed: 1).image
        let error = #expect(throws: ImageNetworkError.self) { try ImageNetwork(trueNorth) }
        #expect(error?.description.contains("trueNorth") ?? false)
        var mixed = try TinyImage.plain()
        mixed.network.populations[1].model = .lif
        #expect(throws: ImageNetworkError.self) { try ImageNetwork(mixed) }
        // Delay 3 in a loop of 'hidden' is no matter, delays before the spike are.
        var image = try TinyImage.plain()
        #expect(try ImageNetwork(image).notes.isEmpty)
        image.network.populations[0].depth = 9
        let notes = try ImageNetwork(image).notes
        #expect(!notes.isEmpty && notes.allSatisfy { $0.hasSuffix(" steps, in the file 0.") })
    }
}
