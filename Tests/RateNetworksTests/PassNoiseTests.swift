import FixedPoint
import RateNetworks
import Testing

@Suite("Noise of the passes")
struct PassNoiseTests {
    @Test(
        "a value arrives as a whole number of spikes, unbiased, of variance deviation² · |value|",
        arguments: [(0.2, 0.4), (1.0, 0.2), (-1.5, 0.3), (3.0, 0.1), (-0.01, 0.1)]
    )
    func transmission(value: Double, deviation: Double) {
        let stream = RandomStream(seed: 1, purpose: .stochasticSpike)
        let count = 20_000
        let unit = deviation * deviation
        var (sum, squares) = (0.0, 0.0)
        for index in 0..<count {
            let arrived = Double(
                stream.transmitted(Float(value), deviation: deviation, UInt32(index), 2, 3)
            )
            #expect((arrived / unit - (arrived / unit).rounded()).magnitude < 1e-3)
            #expect(arrived * value >= 0)
            sum += arrived
            squares += (arrived - value) * (arrived - value)
        }
        let variance = unit * value.magnitude
        // Five standard errors; the fourth moment of a Poisson number is 3 variance² + variance.
        let mean = sum / Double(count) - value
        #expect(mean.magnitude < 5 * (variance / Double(count)).squareRoot())
        let kurtosis = 2 + unit / value.magnitude
        let error = variance * (kurtosis / Double(count)).squareRoot()
        #expect((squares / Double(count) - variance).magnitude < 5 * error)
    }

    @Test("0 and what is not finite arrive as they are")
    func edges() {
        let stream = RandomStream(seed: 1, purpose: .stochasticSpike)
        #expect(stream.transmitted(0, deviation: 0.1, 1, 2, 3) == 0)
        #expect(stream.transmitted(.nan, deviation: 0.1, 1, 2, 3).isNaN)
        #expect(stream.transmitted(.infinity, deviation: 0.1, 1, 2, 3) == .infinity)
    }

    /// A plan that learns nothing, of one epoch.
    private static func plan(_ arm: any FeedbackArm = ExactFeedback()) -> TrainingPlan {
        TrainingPlan(hiddenWidths: [10, 8], epochs: 1, learningRate: 0, arm: arm, seed: 3)
    }

    private static let noises: [@Sendable (inout TrainingPlan) -> Void] = [
        { $0.inputNoise = 0.2 }, { $0.spikeNoise = 0.2 }, { $0.thresholdNoise = 0.2 },
    ]

    @Test("draws belong to samples, not to batches", arguments: noises.indices)
    func batches(noise: Int) throws {
        let data = try LabelledData.yinYang(count: 200, seed: 1)
            .split(validation: 50, test: 50, seed: 2)
        var plan = Self.plan()
        Self.noises[noise](&plan)
        let twenty = try plan.result(on: data).epochs[0]
        plan.batchSize = 7
        let seven = try plan.result(on: data).epochs[0]
        #expect((twenty.trainingLoss - seven.trainingLoss).magnitude < 1e-9)
        #expect(twenty.validationAccuracy == seven.validationAccuracy)
        let quiet = try Self.plan().result(on: data).epochs[0]
        #expect((twenty.trainingLoss - quiet.trainingLoss).magnitude > 1e-6)
    }

    @Test(
        "errors that travel as spikes turn the update, of back-propagation too; thresholds do not"
    )
    func updates() throws {
        let data = try LabelledData.yinYang(count: 200, seed: 1)
            .split(validation: 50, test: 50, seed: 2)
        var plan = Self.plan()
        plan.thresholdNoise = 0.5
        #expect(try plan.result(on: data).epochs[0].gradientAngles == [0, 0, 0])
        plan.spikeNoise = 0.3
        let angles = try plan.result(on: data).epochs[0].gradientAngles
        #expect(angles[0] > 2 && angles[1] > 2 && angles[0] < 60 && angles[2] < 1e-5)
    }

    @Test("noise on spikes parts the updates of the two partners, which are equal without")
    func partners() throws {
        let data = try LabelledData.yinYang(count: 200, seed: 1)
            .split(validation: 50, test: 50, seed: 2)
        func angles(_ spikeNoise: Double) throws -> [Double] {
            let arm = AlignedFeedback(name: "once", tracks: true) { network, occasion in
                guard occasion == .beforeTraining else { return }
                for layer in network.feedback.indices {
                    network.feedback[layer].copyTranspose(of: network.forward[layer + 1])
                }
            }
            var plan = Self.plan(arm)
            plan.epochs = 5
            plan.learningRate = 0.02
            plan.spikeNoise = spikeNoise
            return try plan.result(on: data).network.agreement.map(\.angle)
        }
        #expect(try angles(0).allSatisfy { $0 < 1e-3 })
        #expect(try angles(0.3).allSatisfy { $0 > 0.5 && $0 < 45 })
    }

    @Test("mirrors send by the same spikes and still find Wᵀ")
    func mirrors() throws {
        let data = try LabelledData.yinYang(count: 200, seed: 1)
            .split(validation: 50, test: 50, seed: 2)
        var quiet = Self.plan(WeightMirror())
        quiet.hiddenWidths = [16, 16]
        var noisy = quiet
        noisy.arm = WeightMirror(spikeNoise: 0.3, thresholdNoise: 0.3)
        let (a, b) = (
            try quiet.result(on: data).network.agreement,
            try noisy.result(on: data).network.agreement
        )
        for (quiet, noisy) in zip(a, b) {
            #expect(noisy.angle != quiet.angle && noisy.angle < 25)
            #expect((0.85...1.15).contains(noisy.slope))
        }
    }
}
