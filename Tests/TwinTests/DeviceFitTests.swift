import ChipImage
import ChipSpec
import Compiler
import Emulator
import Events
import FixedPoint
import Foundation
import NetworkIR
import TestSupport
import Testing
import Twin

@Suite("Fit of a device")
struct DeviceFitTests {
    private let image: ChipImage
    private let inputs: @Sendable (Int) -> [[UInt32]]

    init() throws {
        let path = Fixtures.repository.appendingPathComponent("chipspecs/pilot.yaml").path
        let (neurons, channels) = (10, 24)
        let draws = RandomStream(seed: 3, purpose: .network)
        func weights(_ sources: Int, _ size: Double, _ id: UInt32) -> [Double] {
            (0..<(neurons * sources)).map { index in
                let (target, source) = index.quotientAndRemainder(dividingBy: sources)
                let z = draws.uniform(UInt32(target), UInt32(source), id)
                return z < 0.5 ? 0 : size * (z - 0.4) * (source % 6 == 5 ? -1 : 1)
            }
        }
        let population = Population(
            path: "net",
            shape: [neurons],
            dynamics: .leakyIntegrateAndFire(
                LeakyIntegrator(
                    tau: [Double](repeating: 15, count: neurons),
                    r: [Double](repeating: 1, count: neurons),
                    leak: [Double](repeating: 0, count: neurons)
                ),
                Firing(
                    threshold: [Double](repeating: 1, count: neurons),
                    reset: [Double](repeating: 0, count: neurons)
                )
            )
        )
        let network = Network(
            name: "small",
            timeStep: 1,
            reset: .toResetPotential,
            populations: [
                Population(path: "input", shape: [channels], dynamics: .input), population,
            ],
            projections: [
                Projection(
                    source: 0,
                    target: 1,
                    delay: 0,
                    connectivity: .dense(weights(channels, 9, 0))
                ),
                Projection(
                    source: 1,
                    target: 1,
                    delay: 1,
                    connectivity: .dense(weights(neurons, 2, 1))
                ),
            ],
            outputs: [NetworkOutput(name: "out", population: 1, shape: [neurons])]
        )
        image = try Compiler.compile(network, for: ChipSpec.load(contentsOf: path)).image
        let stimulus = RandomStream(seed: 4, purpose: .stimulus)
        inputs = { step in
            [
                (0..<UInt32(24)).filter {
                    stimulus.uniform($0, UInt32(step), 0) < 0.05 + 0.04 * Double(step / 100 % 2)
                }
            ]
        }
    }

    private func recording(_ device: Device, noise: Double, loss: Double) -> RecordedSpikes {
        var chip = NoisyChip(image: image)
        chip.device = device
        chip.thresholdNoise = noise
        chip.spikeLoss = loss
        let spikes = chip(steps: 3000, stepsPerReset: nil, inputs: inputs)
        return RecordedSpikes(spikes, steps: 3000, stepsPerReset: nil, image: image)
    }

    private static let hidden = Device(seed: 77, variation: [.threshold: 0.2, .membraneTau: 0.2])

    /// Factors of the hidden device and estimates, of neurons with 100 spikes or more.
    private func pairs(
        _ result: DeviceFitResult,
        _ parameter: MismatchParameter
    ) -> [(truth: Double, estimate: ParameterEstimate)] {
        result.neurons.indices.compactMap { index in
            let place = result.place(of: index)
            guard result.neurons[index].spikes >= 100,
                let estimate = result.neurons[index].parameters[parameter]
            else { return nil }
            let truth = Self.hidden.factor(
                parameter,
                core: place.core,
                index: UInt32(place.slot),
                of: image.chip
            )
            return (truth, estimate)
        }
    }

    @Test("without noise finds thresholds and time constants, to within the registers")
    func exact() {
        var fit = DeviceFit(image: image, parameters: [.threshold, .membraneTau])
        let recording = recording(Self.hidden, noise: 0, loss: 0)
        let result = fit(recording)
        let thresholds = pairs(result, .threshold)
        #expect(thresholds.count >= 5)
        for (truth, estimate) in thresholds {
            #expect(abs(estimate.factor / truth - 1) < 0.02 && estimate.notIdentified == nil)
        }
        let all = thresholds + pairs(result, .membraneTau)
        let covered = all.count { ($0.estimate.low...$0.estimate.high).contains($0.truth) }
        #expect(Double(covered) >= 0.75 * Double(all.count))
        #expect(result.heldOut.fitted < 0.1 * result.heldOut.nominal)
        #expect(fit.heldOut(recording, of: result.device) == result.heldOut.fitted)
        // The same for any number of threads.
        fit.threads = 2
        #expect(fit(recording).device == result.device)
    }

    @Test("with noise and lost spikes still finds the thresholds, and about how many were lost")
    func noisy() {
        var fit = DeviceFit(image: image, parameters: [.threshold, .membraneTau])
        fit.draws = 150
        let result = fit(recording(Self.hidden, noise: 0.05, loss: 0.02))
        for (truth, estimate) in pairs(result, .threshold) {
            #expect(abs(estimate.factor / truth - 1) < 0.1, "\(truth) \(estimate)")
        }
        #expect((0.005...0.05).contains(result.lost))
        #expect(result.heldOut.fitted < result.heldOut.nominal)
    }

    @Test("with many lost spikes intervals still hold the truth")
    func lossy() {
        var fit = DeviceFit(image: image, parameters: [.threshold, .membraneTau])
        fit.draws = 150
        let result = fit(recording(Self.hidden, noise: 0.05, loss: 0.15))
        let all = pairs(result, .threshold) + pairs(result, .membraneTau)
        let covered = all.count { ($0.estimate.low...$0.estimate.high).contains($0.truth) }
        // Of 20 at 95 %, 15 or fewer are covered with a probability of 0.3 %.
        #expect(all.count >= 14 && covered >= all.count - 4, "\(covered) of \(all.count)")
        #expect((0.1...0.2).contains(result.lost), "\(result.lost)")
    }

    @Test("says what a recording without spikes does not tell")
    func silent() {
        var fit = DeviceFit(image: image, parameters: [.threshold])
        fit.draws = 50
        let empty = RecordedSpikes([], steps: 500, stepsPerReset: nil, image: image)
        let result = fit(empty)
        #expect(
            result.neurons.allSatisfy {
                [.neverNearThreshold, .fewSpikes].contains($0.parameters[.threshold]?.notIdentified)
            }
        )
    }

    @Test("a compensated image behaves on its device as the nominal one, in its registers")
    func compensates() throws {
        var known = KnownFactors()
        let count = image.cores[0].neurons.count
        known.factors[.threshold] = (0..<count).map { 0.7 + 0.05 * Double($0) }
        known.factors[.membraneTau] = (0..<count).map { 1.3 - 0.05 * Double($0) }
        var device = Device.ideal
        device.known[image.cores[0].core] = known
        var compensated = image
        let compensation = Compensation(&compensated, for: device)
        #expect(compensation.thresholds == count && compensation.decays == count)
        try compensated.verify()
        let nominal = image.cores[0].neurons
        let effective = EffectiveTables(compensated, on: device).neurons[0]
        for slot in 0..<count {
            #expect(abs(effective.threshold[slot] - nominal.threshold[slot]) <= 1)
            let decays = (Int(effective.membraneDecay[slot]), Int(nominal.membraneDecay[slot]))
            #expect(abs(decays.0 - decays.1) <= 1)
        }
        // The device without compensation is another one.
        #expect(EffectiveTables(image, on: device).neurons[0].threshold != nominal.threshold)
    }
}
