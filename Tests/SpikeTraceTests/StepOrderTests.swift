import SpikeTrace
import Testing

@Suite("Trains put in order of steps")
struct StepOrderTests {
    /// A batch of trains, in order of neurons.
    private struct Trains {
        var trains: [Train] = []
        var steps: [UInt32] = []
        var neuronCount: UInt32
        var stepCount: UInt32

        /// Trains of random neurons: half of the spikes lie anywhere, the others in three steps.
        init(
            _ spikeCount: Int,
            neurons: UInt32,
            steps stepCount: UInt32,
            _ random: inout SplitMix
        ) {
            (neuronCount, self.stepCount) = (neurons, stepCount)
            // The last neuron spikes, in the last step.
            var counts = [neurons - 1: 1]
            for _ in 1..<spikeCount {
                counts[UInt32.random(in: 0..<neurons, using: &random), default: 0] += 1
            }
            let busy = UInt32.random(in: 0..<stepCount, using: &random)
            for (neuron, count) in counts.sorted(by: { $0.key < $1.key }) {
                var train = Train()
                (train.neuron, train.count) = (neuron, UInt32(count))
                trains.append(train)
                steps += (0..<count).map { _ in
                    Bool.random(using: &random)
                        ? UInt32.random(in: 0..<stepCount, using: &random)
                        : min(stepCount - 1, busy + UInt32.random(in: 0..<3, using: &random))
                }.sorted()
            }
            self.steps[spikeCount - 1] = stepCount - 1
        }

        /// Steps above neurons, in order, by the plain sort of the standard library.
        var expected: [UInt64] {
            var spikes: [UInt64] = []
            for train in trains {
                for _ in 0..<train.count {
                    spikes.append(UInt64(steps[spikes.count]) << 32 | UInt64(train.neuron))
                }
            }
            return spikes.sorted()
        }

        func sorted(by order: StepOrder) -> [UInt64] {
            var output = [BatchSpike](
                repeating: BatchSpike(step: 0, neuron: 0),
                count: steps.count
            )
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe steps.withUnsafeBufferPointer { steps in
                    unsafe trains.withUnsafeBufferPointer { trains in
                        unsafe order.place(
                            steps,
                            of: trains,
                            stepCount: stepCount,
                            neuronCount: neuronCount,
                            output: output
                        )
                    }
                }
            }
            return output.map { $0.step << 32 | UInt64($0.neuron) }
        }
    }

    @Test(
        "random trains, as the standard library sorts them",
        arguments: [
            // The groups have 8 or 16 bits of the step, or there are none, up to the widest numbers.
            (spikes: 1, neurons: UInt32(1), steps: UInt32(1)),
            (1, .max, .max), (40, 1, 300), (500, 7, 256), (500, 7, 257), (5000, 300, 20_000),
            (5000, 300, 20_225), (5000, 65_536, 5_000_000), (5000, 65_537, 5_000_000),
            (5000, 40, 5_242_881), (3000, 20, .max), (3000, .max, .max), (70_000, 900, 262_144),
            (70_000, 900, 262_145), (70_000, 65_536, 1 << 26), (70_000, 900, 1 << 26 + 1),
        ]
    )
    func random(spikes: Int, neurons: UInt32, steps: UInt32) {
        var random = SplitMix(state: UInt64(steps) << 20 ^ UInt64(spikes))
        let order = StepOrder()
        // The storage of a larger batch serves a smaller one.
        for count in [spikes, (spikes + 1) / 2, spikes] {
            let trains = Trains(count, neurons: neurons, steps: steps, &random)
            #expect(trains.sorted(by: order) == trains.expected)
        }
    }

    @Test("the settled mean is the mean")
    func settledMean() {
        var random = SplitMix(state: 5)
        for bits in 1...32 {
            let most = Int64(1) << bits - 1
            var predictor = IntervalPredictor(
                first: Int64.random(in: 0...most, using: &random),
                isMean: true
            )
            for index in 0..<40 {
                let interval = Int64.random(in: 0...most, using: &random)
                if index >= IntervalPredictor.settled {
                    let step = IntervalPredictor.settledStep(
                        predictor.mean,
                        difference: interval - predictor.next
                    )
                    predictor.take(interval)
                    #expect(step == (interval, predictor.mean))
                } else {
                    predictor.take(interval)
                }
            }
        }
    }
}
