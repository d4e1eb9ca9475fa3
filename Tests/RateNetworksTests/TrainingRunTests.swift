import RateNetworks
import Testing

@Suite("Training run")
struct TrainingRunTests {
    private let data: DataSplit

    init() throws {
        data = try LabelledData.yinYang(count: 340, seed: 1).split(
            validation: 50,
            test: 50,
            seed: 2
        )
    }

    private func plan(
        _ arm: any FeedbackArm,
        hidden: [Int] = [10, 8],
        epochs: Int = 3,
        precision: WeightPrecision = .registers(fullScale: 2),
        seed: UInt64 = 3
    ) -> TrainingPlan {
        TrainingPlan(
            hiddenWidths: hidden,
            epochs: epochs,
            learningRate: 0.02,
            precision: precision,
            arm: arm,
            seed: seed
        )
    }

    @Test(
        "one seed, one result; another seed, another",
        arguments: [
            ExactFeedback(), RegisterCopy(), RandomFeedback(),
            RandomFeedback(isSignConcordant: true), DirectFeedback(), KolenPollack(),
            WeightMirror(), FrozenLowerLayers(), SpikeTimingWeightInference(warmUpSeconds: 10),
            DiscontinuityRegression(warmUpSeconds: 10),
        ] as [any FeedbackArm]
    )
    func repeats(arm: any FeedbackArm) throws {
        var first = plan(arm, epochs: 2)
        first.mismatch = .drawn(variation: 0.3, deviceSeed: 8)
        first.inputNoise = 0.05
        first.spikeNoise = 0.1
        first.thresholdNoise = 0.1
        let result = try first.result(on: data)
        let again = try first.result(on: data)
        #expect(result.network == again.network && result.testAccuracy == again.testAccuracy)
        #expect(result.epochs.map(\.trainingLoss) == again.epochs.map(\.trainingLoss))
        #expect(
            result.epochs.map(\.validationAccuracy) == again.epochs.map(\.validationAccuracy)
        )
        var other = first
        other.seed = 4
        #expect(try other.result(on: data).network.forward != result.network.forward)
        #expect(result.epochs.count == 2 && result.epochs.allSatisfy { $0.trainingLoss.isFinite })
        #expect(result.epochs[1].trainingLoss < result.epochs[0].trainingLoss)
    }

    @Test("a seed gives these numbers in any build, on any machine")
    func golden() throws {
        var golden = plan(KolenPollack(), epochs: 2)
        golden.mismatch = .drawn(variation: 0.3, deviceSeed: 8)
        golden.inputNoise = 0.05
        let result = try golden.result(on: data)
        let registers = [result.network.forward[0], result.network.feedback[0]]
            .map { Array(($0.registers ?? []).prefix(6)) }
        #expect(
            registers == [
                [-6501, -2304, -11672, 2524, 4719, 3854],
                [-11107, 6778, -11476, -1219, 10694, -11961],
            ]
        )
        #expect(result.epochs[1].trainingLoss.bitPattern == 4_607_577_083_136_233_789)
        #expect(result.epochs[1].agreement[0].angle.bitPattern == 4_635_158_752_703_518_224)
    }

    @Test("momentum, learning rate and the mean over a batch are the textbook's")
    func twoUpdates() throws {
        // Four equal samples in batches of 3 and 1: each update sees the same gradient.
        let sample = data.training.selecting([0])
        let four = try DataSplit(
            training: data.training.selecting([0, 0, 0, 0]),
            validation: sample,
            test: sample
        )
        var plan = plan(ExactFeedback(), epochs: 1, precision: .float)
        plan.batchSize = 3
        plan.learningRate = 0.05
        plan.momentum = 0.7
        let start = try TrainingRun(plan: plan, data: four).network
        let result = try plan.result(on: four)
        let first = start.gradients(on: sample, path: .exact)
        var middle = start
        for layer in 0..<3 {
            middle.forward[layer].setWeights(
                zip(start.forward[layer].weights, first[layer]).map { $0 - 0.05 * $1 }
            )
        }
        let second = middle.gradients(on: sample, path: .exact)
        for layer in 0..<3 {
            for (index, weight) in result.network.forward[layer].weights.enumerated() {
                let velocity = -0.05 * (0.7 * first[layer][index] + second[layer][index])
                let expected = middle.forward[layer].weights[index] + velocity
                #expect((weight - expected).magnitude < 1e-6)
            }
        }
        let loss = (3 * start.evaluated(on: sample).loss + middle.evaluated(on: sample).loss) / 4
        #expect((result.epochs[0].trainingLoss - loss).magnitude < 1e-6)
    }

    @Test("noise on the inputs is fresh at each presentation")
    func inputNoise() throws {
        var noisy = plan(ExactFeedback(), epochs: 2)
        noisy.learningRate = 0
        noisy.inputNoise = 0.2
        let losses = try noisy.result(on: data).epochs.map(\.trainingLoss)
        noisy.inputNoise = 0
        let quiet = try noisy.result(on: data).epochs.map(\.trainingLoss)
        #expect(losses[0] != losses[1] && losses[0] != quiet[0])
        #expect((quiet[0] - quiet[1]).magnitude < 1e-9, "the order alone is another")
    }

    @Test("back-propagation learns yin-yang, and better than with lower layers frozen")
    func learns() throws {
        let bp = try plan(ExactFeedback(), hidden: [20], epochs: 60).result(on: data)
        let frozen = try plan(FrozenLowerLayers(), hidden: [20], epochs: 60).result(on: data)
        let (loss, frozenLoss) = (bp.epochs[59].trainingLoss, frozen.epochs[59].trainingLoss)
        #expect(loss < 0.45 && loss < frozenLoss - 0.1, "\(loss) \(frozenLoss)")
        #expect(try #require(bp.testAccuracy) > 0.75)
        #expect(try #require(bp.epochs[59].validationAccuracy) > 0.75)
    }

    @Test("frozen lower layers do not move, the last one does")
    func frozen() throws {
        let run = try TrainingRun(plan: plan(FrozenLowerLayers()), data: data)
        let result = try plan(FrozenLowerLayers()).result(on: data)
        #expect(result.network.forward[0] == run.network.forward[0])
        #expect(result.network.forward[1] == run.network.forward[1])
        #expect(result.network.forward[2] != run.network.forward[2])
        #expect(result.epochs[2].agreement.isEmpty)
        #expect(result.epochs[2].gradientAngles[2] < 1e-5)
    }

    @Test("registers copied before every batch learn what back-propagation learns, bit for bit")
    func copyIsBackpropagation() throws {
        let copy = try plan(RegisterCopy()).result(on: data)
        let bp = try plan(ExactFeedback()).result(on: data)
        #expect(copy.network.forward == bp.network.forward)
        #expect(copy.epochs.map(\.trainingLoss) == bp.epochs.map(\.trainingLoss))
        #expect(copy.epochs[2].gradientAngles.allSatisfy { $0 < 1e-5 })
    }

    @Test("random feedback is fixed, and its update leaves the gradient by an angle")
    func randomFeedback() throws {
        let run = try TrainingRun(plan: plan(RandomFeedback()), data: data)
        let result = try plan(RandomFeedback()).result(on: data)
        #expect(result.network.feedback == run.network.feedback)
        #expect(
            result.epochs.allSatisfy { $0.gradientAngles[0] > 20 && $0.gradientAngles[2] < 1e-5 }
        )
        #expect(result.epochs.allSatisfy { $0.agreement.allSatisfy { $0.angle > 40 } })
    }

    @Test("sign-concordant feedback has the signs of its partners")
    func signs() throws {
        let result = try plan(RandomFeedback(isSignConcordant: true), epochs: 1).result(on: data)
        for record in result.epochs[0].agreement { #expect(record.angle < 60) }
    }

    @Test("Kolen and Pollack's partners approach each other by (1 − ηλ) at each update")
    func kolenPollack() throws {
        var plan = plan(KolenPollack(decay: 2), epochs: 10, precision: .float)
        plan.learningRate = 0.02
        let start = try TrainingRun(plan: plan, data: data).network
        let result = try plan.result(on: data)
        let updates = 10 * 12
        var shrunk = 1.0
        for _ in 0..<updates { shrunk *= 1 - 0.02 * 2 }
        for layer in 0..<2 {
            func gap(_ network: ReLUNetwork) -> [Double] {
                let (w, b) = (network.forward[layer + 1], network.feedback[layer])
                return (0..<w.rows * w.columns).map { index in
                    let (i, j) = (index / b.columns, index % b.columns)
                    return Double(b.weights[index] - w.weights[j * w.columns + i])
                }
            }
            for (before, after) in zip(gap(start), gap(result.network)) {
                #expect((after - shrunk * before).magnitude < 1e-5)
            }
        }
        #expect(
            result.network.agreement.allSatisfy { $0.angle < 30 },
            "\(start.agreement) \(result.network.agreement)"
        )
        #expect(result.network.forward != start.forward)
    }

    @Test("mirrors find Wᵀ from noise alone")
    func mirror() throws {
        var frozen = plan(WeightMirror(), hidden: [16, 16], epochs: 1)
        frozen.learningRate = 0
        let result = try frozen.result(on: data)
        for pair in result.network.agreement {
            #expect(pair.angle < 20 && (0.85...1.15).contains(pair.slope), "\(pair)")
        }
    }

    @Test("weights are inferred from stimulated spikes", arguments: [3, 4] as [UInt64])
    func spikingRivals(seed: UInt64) throws {
        func agreement(_ arm: any FeedbackArm) throws -> [WeightAgreement] {
            var still = plan(arm, hidden: [16, 16, 16], epochs: 2, seed: seed)
            still.learningRate = 0
            return try still.result(on: data).network.agreement
        }
        let random = try agreement(RandomFeedback())
        let inferred = try agreement(SpikeTimingWeightInference(warmUpSeconds: 50))
        let regressed = try agreement(DiscontinuityRegression(warmUpSeconds: 100))
        for layer in 0..<3 {
            #expect(random[layer].angle > 75)
            #expect(inferred[layer].angle < 40, "\(inferred)")
            #expect(regressed[layer].angle < 25, "\(regressed)")
            // The scale is that of the first B, drawn with the fan-in of the other side: 16 and 3 below.
            let scale = layer < 2 ? 1 : (16.0 / 3).squareRoot()
            for pair in [inferred[layer], regressed[layer]] {
                #expect((0.6...1.2).contains(pair.slope / scale), "\(pair)")
            }
        }
        // A second phase adds to the first: the regression gets better.
        var long = DiscontinuityRegression(warmUpSeconds: 100)
        long.epochSeconds = 300
        let better = try agreement(long)
        for layer in 0..<3 { #expect(better[layer].angle < regressed[layer].angle) }
        // What a spike of the upper neuron finds is not linear in W: time does not help.
        let patient = try agreement(SpikeTimingWeightInference(warmUpSeconds: 400))
        for layer in patient { #expect((20..<40).contains(layer.angle), "\(layer)") }
    }

    @Test("tracking keeps feedback aligned that somebody aligned once, up to its own rounding")
    func tracking() throws {
        func once(_ tracks: Bool) -> AlignedFeedback {
            AlignedFeedback(name: "once", tracks: tracks) { network, occasion in
                guard occasion == .beforeTraining else { return }
                for layer in network.feedback.indices {
                    network.feedback[layer].copyTranspose(of: network.forward[layer + 1])
                }
            }
        }
        let tracked = try plan(once(true)).result(on: data)
        #expect(tracked.epochs[2].agreement.allSatisfy { $0.angle < 2 })
        for layer in 0..<2 {
            var aligned = tracked.network.feedback[layer]
            aligned.copyTranspose(of: tracked.network.forward[layer + 1])
            let gaps = zip(
                try #require(aligned.registers),
                try #require(tracked.network.feedback[layer].registers)
            ).map { abs(Int($0) - Int($1)) }
            // 36 updates on two sides, each rounded with a deviation of at most half an LSB: about 4 LSB.
            let largest = try #require(gaps.max())
            #expect((1...20).contains(largest), "\(largest)")
        }
        let left = try plan(once(false)).result(on: data)
        #expect(left.epochs[2].agreement.allSatisfy { $0.angle > 3 }, "\(left.epochs[2])")
        let float = try plan(once(true), precision: .float).result(on: data)
        #expect(
            float.network.forward
                == (try plan(ExactFeedback(), precision: .float).result(on: data)).network.forward
        )
    }

    @Test("whoever aligns is called before training and before each epoch, and may stop the run")
    func occasions() throws {
        struct Stop: Error {}
        let arm = AlignedFeedback(name: "registers", tracks: false) { network, occasion in
            if occasion == .beforeEpoch(2) { throw Stop() }
            // The occasion so far is written into a register.
            var registers = network.feedback[0].registers ?? []
            switch occasion {
            case .beforeTraining: registers[0] = 1000
            case .beforeEpoch(let epoch):
                registers[0] = registers[0] == 1000 + Int16(epoch) ? registers[0] + 1 : 0
            }
            network.feedback[0].setRegisters(registers)
        }
        var run = try TrainingRun(plan: plan(arm), data: data)
        try run.advance()
        #expect(run.network.feedback[0].registers?[0] == 1001)
        try run.advance()
        #expect(run.network.feedback[0].registers?[0] == 1002)
        #expect(throws: Stop.self) { try run.advance() }
    }

    @Test("refuses plans out of range")
    func refusals() {
        let changes: [(inout TrainingPlan) -> Void] = [
            { $0.batchSize = 0 }, { $0.momentum = 1 }, { $0.learningRate = .nan },
            { $0.hiddenWidths = [0] }, { $0.inputNoise = -1 }, { $0.spikeNoise = .infinity },
            { $0.thresholdNoise = -0.1 }, { $0.epochs = -1 },
            { $0.precision = .registers(fullScale: 0) }, { $0.arm = KolenPollack(decay: -1) },
            { $0.mismatch = .drawn(variation: .nan, deviceSeed: 1) }, { $0.initialGain = -1 },
        ]
        for (index, change) in changes.enumerated() {
            var plan = plan(RandomFeedback())
            change(&plan)
            #expect(throws: RateNetworkError.self, "\(index)") { try plan.result(on: data) }
        }
    }
}
