import ChipImage
import ChipSpec
import Compiler
import Emulator
import Energy
import Events
import Experiments
import Foundation
import HDF5
import NIRImport
import NetworkIR
import Samples
import SpikeTrace
import TestSupport
import Testing

/// The digits network of `Examples/digits`, from its NIR file to spikes.
struct DigitsFixture {
    let network: Network
    let samples: SampleSet
    /// Output counts that the framework got, `[sample][class]`.
    let frameworkCounts: [[Int]]

    private struct Expected: Decodable {
        let output_counts: [[Int]]
    }

    static func folder() -> URL {
        Fixtures.repository.appendingPathComponent("Examples/digits")
    }

    init() throws {
        let folder = Self.folder()
        network = try NIRFile.read(
            HDF5File(path: folder.appendingPathComponent("digits_fc.nir").path),
            name: "digits_fc",
            settings: ImportSettings(exporter: .snntorch)
        ).network
        samples = try SampleSet(
            contentsOf: folder.appendingPathComponent("digits_fc_test.npz").path
        )
        let json = try Data(contentsOf: folder.appendingPathComponent("digits_fc_test.json"))
        frameworkCounts = try JSONDecoder().decode(Expected.self, from: json).output_counts
    }

    static func chip(_ name: String) throws -> ChipSpec {
        let path = Fixtures.repository.appendingPathComponent("chipspecs/\(name).yaml").path
        return try ChipSpec.load(contentsOf: path)
    }
}

/// Two dense LIF layers in plain integers: `docs/NUMERICS.md` in a few lines, for this network alone.
///
/// It takes the author's numbers and the scale of each layer from the compiler's report, nothing
/// from the image.
struct PlainDigits {
    struct Layer {
        var weights: [[Int]]
        var bias: [Int]
        var threshold: Int
        var decay: Int
    }

    var layers: [Layer]

    init(_ network: Network, scales: [Double], chip: ChipSpec) {
        let isLoihi = chip.soma.models == [.cubaLIF]
        let shift = 64.0
        layers = network.projections.enumerated().map { index, projection in
            let population = network.populations[projection.target]
            guard case .leakyIntegrateAndFire(let leak, let firing) = population.dynamics,
                case .dense(let weights) = projection.connectivity
            else { preconditionFailure("digits has two dense LIF layers") }
            let sources = network.populations[projection.source].count
            let scale = scales[index]
            // All neurons of a layer have equal parameters.
            let alpha = network.timeStep / leak.tau[0]
            let gain = alpha * leak.r[0]
            func rounded(_ x: Double) -> Int { Int(x.rounded(.toNearestOrAwayFromZero)) }
            let (range, step) = chip.synapse.weightRange(.mixed)
            return Layer(
                weights: (0..<population.count).map { target in
                    (0..<sources).map { source in
                        let weight = weights[target * sources + source] * gain / scale
                        let nearest = rounded(weight / Double(step)) * step
                        return min(max(nearest, range.lowerBound), range.upperBound)
                    }
                },
                bias: population.bias.map { author in
                    // mantissa · 2^exponent, with the smallest exponent whose mantissa fits.
                    let exact = author * gain / scale * shift
                    let largest = 1 << (chip.soma.biasMantissaBits - 1)
                    let unit =
                        (0...chip.soma.biasMaximumExponent).map { Double(1 << $0) }
                        .first { (-largest..<largest).contains(rounded(exact / $0)) } ?? 1
                    return rounded(exact / unit) * Int(unit)
                },
                threshold: isLoihi
                    ? rounded(firing.threshold[0] / scale) * 64
                    : rounded(firing.threshold[0] / scale * shift),
                decay: rounded(alpha * 4096)
            )
        }
    }

    /// Spikes of each step and layer for one sample, `[step][layer]`, ascending.
    func run(_ inputs: [[Int]], steps: Int) -> [[[Int]]] {
        var v = layers.map { [Int](repeating: 0, count: $0.bias.count) }
        var last: [[Int]] = [[], [], []]
        var result: [[[Int]]] = []
        for step in 0..<steps {
            var now: [[Int]] = [step < inputs.count ? inputs[step] : [], [], []]
            for layer in layers.indices where step > layer {
                for neuron in v[layer].indices {
                    let sum = last[layer].reduce(0) { $0 + layers[layer].weights[neuron][$1] }
                    let product = v[layer][neuron] * (4096 - layers[layer].decay)
                    // Division of integers rounds towards zero, as both chips do.
                    v[layer][neuron] = product / 4096 + sum * 64 + layers[layer].bias[neuron]
                    if v[layer][neuron] > layers[layer].threshold {
                        v[layer][neuron] = 0
                        now[layer + 1].append(neuron)
                    }
                }
            }
            last = now
            result.append([now[1], now[2]])
        }
        return result
    }
}

@Suite("Digits, end to end")
struct DigitsTests {
    @Test("in float gives the framework's 438 of 450 and its output counts on every sample")
    func floatEqualsFramework() throws {
        let digits = try DigitsFixture()
        let result = try FloatRun(network: digits.network, readout: .count)(digits.samples)
        #expect(result.correct == 438)
        #expect(result.samples.map(\.outputCounts) == digits.frameworkCounts)
    }

    @Test(
        "on a chip equals a plain integer simulation, spike for spike, on every sample",
        arguments: [(chip: "pilot", correct: 437), (chip: "loihi", correct: 436)]
    )
    func chipEqualsPlainIntegers(chip name: String, correct: Int) throws {
        let digits = try DigitsFixture()
        let chip = try DigitsFixture.chip(name)
        let compilation = try Compiler.compile(digits.network, for: chip)
        let run = ChipRun(image: compilation.image, readout: .count)
        var recorded: [[Spike]] = []
        let result = try run(digits.samples, sink: { recorded.append($0) })
        #expect((result.correct ?? 0) >= correct)

        let plain = PlainDigits(
            digits.network,
            scales: compilation.report.projections.map(\.scale),
            chip: chip
        )
        let map = SourceMap(compilation.image)
        let steps = run.plan(for: digits.samples).stepsPerSample
        var differingSamples = 0
        for sample in 0..<digits.samples.sampleCount {
            let inputs = (0..<digits.samples.stepCount).map {
                digits.samples.spikes(sample: sample, step: $0).map(Int.init)
            }
            let expected = plain.run(inputs, steps: steps)
            let found = (0..<steps).map { step in
                layers(of: recorded[sample * steps + step], map)
            }
            if found != expected { differingSamples += 1 }
        }
        #expect(differingSamples == 0)

        let unequal = zip(result.samples, digits.frameworkCounts).count { $0.outputCounts != $1 }
        print(
            "\(name): \(result.correct ?? 0) of 450 correct; output counts differ from float on "
                + "\(unequal) of 450 samples"
        )
    }

    private func layers(of spikes: [Spike], _ map: SourceMap) -> [[Int]] {
        var layers: [[Int]] = [[], []]
        for spike in spikes {
            guard let neuron = map.neuron(at: spike.address) else { continue }
            layers[neuron.population].append(neuron.index)
        }
        return layers.map { $0.sorted() }
    }

    @Test("changes its answers when one weight is negated")
    func weightMatters() throws {
        let digits = try DigitsFixture()
        var negated = digits.network
        guard case .dense(var weights) = negated.projections[1].connectivity else { return }
        let largest = weights.indices.max { weights[$0].magnitude < weights[$1].magnitude } ?? 0
        weights[largest].negate()
        negated.projections[1].connectivity = .dense(weights)
        let chip = try DigitsFixture.chip("pilot")
        let results = try [digits.network, negated].map { network in
            let image = try Compiler.compile(network, for: chip).image
            return try ChipRun(image: image, readout: .count)(digits.samples)
        }
        #expect(results[0].samples != results[1].samples)
        #expect(results[0].digest != results[1].digest)
    }

    @Test("balances its packets and its energy, and gives one image and one digest")
    func conserves() throws {
        let digits = try DigitsFixture()
        let chip = try DigitsFixture.chip("pilot")
        let image = try Compiler.compile(digits.network, for: chip).image
        #expect(
            try image.encoded() == Compiler.compile(digits.network, for: chip).image.encoded()
        )
        let run = ChipRun(image: image, readout: .count)
        let result = try run(digits.samples)
        #expect(result.packets.sent > 0)
        #expect(result.packets.sent == result.packets.delivered + result.packets.droppedInTotal)
        let energy = run.energy(of: result)
        #expect(energy.totalJoules == energy.terms.reduce(0) { $0 + ($1.joules ?? 0) })
        var threaded = run
        threaded.machine = MachineOptions(threads: 2, partitionSize: 16, smallestSplitWork: 0)
        #expect(try threaded(digits.samples).digest == result.digest)
    }
}
