import ChipImage
import ChipSpec
import Compiler
import Emulator
import Energy
import Events
import Experiments
import Interconnect
import Samples
import Testing

@Suite("Prediction from rates")
struct ActivityPredictionTests {
    /// Chips that differ in what matters: one core or several, a barrier or real time.
    @Test(
        "meets a run of the digits: exactly but for what the ends of samples drop",
        arguments: [("pilot", nil), ("loihi", nil), ("loihi", 20)] as [(String, Int?)]
    )
    func meetsRun(chip name: String, neuronsPerCore: Int?) throws {
        let digits = try DigitsFixture()
        let samples = digits.samples.prefix(12)
        let image = try Compiler.compile(
            digits.network,
            for: try DigitsFixture.chip(name),
            options: CompilerOptions(neuronsPerCore: neuronsPerCore)
        ).image
        for table in image.chip.energyTables {
            var run = ChipRun(image: image, readout: .count)
            run.table = table
            let result = try run(samples)
            let steps = run.plan(for: samples).stepsPerSample
            let rates = try #require(SenderRates(result, stepsPerReset: steps))
            let prediction = try ActivityPrediction(image, rates: rates, table: table)
            let dropped = Double(result.packets.droppedInTotal)
            // A packet reads at most as many synapses as the widest axon has, and crosses the mesh at
            // the most once.
            let packets = Machine(image: image).packetTable
            let widest = Double(packets.routes.map(\.synapses).max() ?? 0)
            let mesh = Double(image.chip.mesh.width + image.chip.mesh.height)
            for action in Action.allCases {
                let range = prediction.countPerStep(of: action)
                let slack: Double =
                    switch action {
                    case .axonIn, .withinTile: dropped
                    case .synapticEvent: dropped * widest
                    case .hopEastWest, .hopNorthSouth, .hop: dropped * mesh
                    default: 0
                    }
                let actual = Double(result.counts[action])
                let (low, high) = (
                    range.lowerBound * Double(result.steps), range.upperBound * Double(result.steps)
                )
                #expect(actual >= low - slack - 1e-6 * low, "\(action)")
                #expect(actual <= high + 1e-6 * high, "\(action)")
            }
            #expect(
                (prediction.countPerStep(of: .axonIn).upperBound * Double(result.steps)
                    - Double(result.counts[.axonIn]) - dropped).magnitude < 1e-6
            )
            let meanStep = result.chipTimeInNanoseconds / Double(result.steps)
            let time = prediction.stepTime
            #expect(time.nanoseconds.lowerBound <= meanStep * (1 + 1e-9))
            #expect(time.nanoseconds.upperBound >= meanStep * (1 - 1e-9))
            #expect(time.isLowerBound == result.chipTimeIsLowerBound)
            let energy = prediction.energy(ofSteps: result.steps)
            let actual = run.energy(of: result)
            // What the dropped packets would have cost.
            let lost = zip(actual.terms, energy.most.terms).reduce(0.0) { sum, pair in
                let each = pair.0.joulesEach ?? 0
                switch pair.0.name {
                case "axonIn", "withinTile": return sum + dropped * each
                case "synapticEvent": return sum + dropped * widest * each
                case "hop", "hopEastWest", "hopNorthSouth": return sum + dropped * mesh * each
                default: return sum
                }
            }
            #expect(actual.totalJoules >= energy.least.totalJoules * (1 - 1e-6) - lost)
            #expect(actual.totalJoules <= energy.most.totalJoules * (1 + 1e-6))
            #expect(actual.isLowerBound == energy.least.isLowerBound)
            if lost < actual.totalJoules {
                #expect(energy.least.totalJoules > 0.2 * actual.totalJoules)
            }
        }
    }

    @Test("refuses rates of another image, and no rates at all")
    func refuses() throws {
        let digits = try DigitsFixture()
        let image = try Compiler.compile(digits.network, for: try DigitsFixture.chip("pilot")).image
        let senders = 106 + 64
        #expect(throws: SenderRatesError.wrongCount(3, senders: senders)) {
            try ActivityPrediction(image, rates: SenderRates(spikesPerStep: [0, 0, 0]))
        }
        var rates = [Double](repeating: 0, count: senders)
        rates[5] = 1.5
        #expect(throws: SenderRatesError.notARate(1.5, sender: 5)) {
            try ActivityPrediction(image, rates: SenderRates(spikesPerStep: rates))
        }
        rates[5] = .nan
        #expect(throws: SenderRatesError.self) {
            try ActivityPrediction(image, rates: SenderRates(spikesPerStep: rates))
        }
        // Silence costs visits of somas, and no packet.
        rates[5] = 0
        let silent = try ActivityPrediction(image, rates: SenderRates(spikesPerStep: rates))
        #expect(silent.countPerStep(of: .somaAccess) == 106...106)
        #expect(silent.countPerStep(of: .axonIn) == 0...0)
        #expect(silent.countPerStep(of: .step) == 1...1)
    }
}
