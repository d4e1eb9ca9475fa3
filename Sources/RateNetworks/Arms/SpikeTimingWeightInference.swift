import FixedPoint

/// Spike-timing-dependent weight inference: the feedback synapse compares a fast and a slow trace of the
/// lower neuron at each spike of the upper one.
///
/// ΔB = η (x_fast − x_slow − α B) at each upper spike; Ahmad, van Gerven and Ambrogioni, arXiv:2003.03988. Phases of
/// stimulation before training and before each epoch, one pair of layers after the other, in isolation: a
/// fifth of the lower layer spikes at 200 Hz (Poisson), another fifth every 100 ms; upper neurons leak,
/// integrate effective weights and fire. What B means in the unit of W depends on rates: it is brought to
/// the root mean square that B began with. A reference on the host: two traces a neuron, a decay and
/// stimulation from outside are needed.
public struct SpikeTimingWeightInference: FeedbackArm {
    /// η.
    public var rate: Double
    /// α.
    public var relaxation: Double
    /// Length of the phase before training.
    public var warmUpSeconds: Double
    /// Length of the phase before each further epoch.
    public var epochSeconds: Double

    /// `stdwi`.
    public var name: String { "stdwi" }
    /// Layer by layer.
    public var path: FeedbackPath { .layered }

    private var estimates: [[Double]] = []
    private var scales: [Double] = []

    /// An arm.
    ///
    /// - Parameters:
    ///   - rate: η, above 0.
    ///   - relaxation: α; η · α is below 1.
    ///   - warmUpSeconds: Length of the phase before training, at most 100000.
    ///   - epochSeconds: Length of the phase before each further epoch, at most 100000.
    public init(
        rate: Double = 0.02,
        relaxation: Double = 0.1,
        warmUpSeconds: Double = 200,
        epochSeconds: Double = 20
    ) {
        self.rate = rate
        self.relaxation = relaxation
        self.warmUpSeconds = warmUpSeconds
        self.epochSeconds = epochSeconds
    }

    /// Infers from nothing.
    ///
    /// - Parameters:
    ///   - network: Its feedback weights are replaced.
    ///   - moment: Gives the seed.
    public mutating func beforeTraining(_ network: inout ReLUNetwork, _ moment: TrainingMoment) {
        estimates = network.feedback.map { Array(repeating: 0, count: $0.rows * $0.columns) }
        scales = network.feedback.map(\.rootMeanSquare)
        infer(&network, seconds: warmUpSeconds, seed: moment.seed, phase: 0)
    }

    /// Goes on inferring.
    ///
    /// - Parameters:
    ///   - network: Its feedback weights are replaced.
    ///   - moment: Gives seed and epoch; before epoch 0 nothing happens.
    public mutating func beforeEpoch(_ network: inout ReLUNetwork, _ moment: TrainingMoment) {
        guard moment.epoch > 0 else { return }
        infer(&network, seconds: epochSeconds, seed: moment.seed, phase: UInt32(moment.epoch))
    }

    private mutating func infer(
        _ network: inout ReLUNetwork,
        seconds: Double,
        seed: UInt64,
        phase: UInt32
    ) {
        let stimulus = RandomStream(seed: seed, purpose: .stimulus)
        for layer in network.feedback.indices {
            let steps = Int((seconds * Self.stepsPerSecond).rounded())
            stimulate(
                network.forward[layer + 1],
                &estimates[layer],
                steps: steps,
                stimulus.named(RandomStream.id(of: "RateNetworks.stdwi.\(layer)")),
                phase
            )
            network.feedback[layer].setWeights(estimates[layer], rootMeanSquare: scales[layer])
        }
    }

    // Steps of 0.25 ms, membranes of 20 ms, threshold 1, reset −1, traces of 10 and 200 ms.
    private static let stepsPerSecond = 4000.0
    private static let stepsOfBlock = 400
    private static let chance = 200 / stepsPerSecond

    /// One phase of a pair of layers.
    ///
    /// - Parameters:
    ///   - forward: W, `[upper][lower]`.
    ///   - estimates: B, `[lower][upper]`.
    ///   - steps: Length.
    ///   - stream: Purpose `stimulus`.
    ///   - phase: Number of the phase.
    private func stimulate(
        _ forward: WeightMatrix,
        _ estimates: inout [Double],
        steps: Int,
        _ stream: RandomStream,
        _ phase: UInt32
    ) {
        let (uppers, lowers) = (forward.rows, forward.columns)
        let weights = forward.effective
        func kept(_ milliseconds: Double) -> Double {
            PortableMath.exp(-1000 / Self.stepsPerSecond / milliseconds)
        }
        let (membrane, fastKept, slowKept) = (kept(20), kept(10), kept(200))
        var v = Array(repeating: 0.0, count: uppers)
        var fast = Array(repeating: 0.0, count: lowers)
        var slow = fast
        var subset = StimulatedSubset(units: lowers)
        let blocks = stream.named(RandomStream.id(of: "subset"))
        for step in 0..<steps {
            if step % Self.stepsOfBlock == 0 {
                subset.draw(blocks, block: UInt32(step / Self.stepsOfBlock), phase: phase)
            }
            for i in 0..<uppers { v[i] *= membrane }
            for j in 0..<lowers {
                fast[j] *= fastKept
                slow[j] *= slowKept
            }
            for j in subset.members
            where stream.uniform(UInt32(j), UInt32(step), phase) < Self.chance {
                fast[j] += 1
                // Equal areas: what a steady rate adds to both traces cancels.
                slow[j] += 10.0 / 200
                for i in 0..<uppers { v[i] += Double(weights[i * lowers + j]) }
            }
            for i in 0..<uppers where v[i] >= 1 {
                v[i] = -1
                for j in 0..<lowers {
                    let index = j * uppers + i
                    estimates[index] += rate * (fast[j] - slow[j] - relaxation * estimates[index])
                }
            }
        }
    }
}
