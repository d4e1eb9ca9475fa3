import FixedPoint

/// Regression discontinuity design: what a spike of the lower neuron adds to the drive of the upper one.
///
/// Guerguiev, Kording and Richards, arXiv:1910.01689. When the membrane of a lower neuron comes within 0.1 of
/// its threshold, a window of 30 ms begins, in which a shadow of the membrane goes on without reset. The
/// highest value u of the shadow says whether there was a spike, by much or by little. Two lines are fitted
/// to the mean drive of each upper neuron against u, one on each side of the threshold; B is the step between
/// them there. Phases of stimulation before training and before each epoch, one pair of layers after the
/// other: noise brings a fifth of the lower layer to its threshold, another fifth every 100 ms. Departs from
/// the publication in fitting by sums that fade from phase to phase, where it descends step by step. B is
/// brought to the root mean square that it began with. A reference on the host: a synapse keeps four
/// numbers, a neuron a second membrane.
public struct DiscontinuityRegression: FeedbackArm {
    /// Length of the phase before training.
    public var warmUpSeconds: Double
    /// Length of the phase before each further epoch.
    public var epochSeconds: Double
    /// Share of the sums that a further phase keeps, 0...1.
    public var memory: Double

    /// `rdd`.
    public var name: String { "rdd" }
    /// Layer by layer.
    public var path: FeedbackPath { .layered }

    private var fits: [Fits] = []
    private var scales: [Double] = []

    /// An arm.
    ///
    /// - Parameters:
    ///   - warmUpSeconds: Length of the phase before training, at most 1000000.
    ///   - epochSeconds: Length of the phase before each further epoch, at most 1000000.
    ///   - memory: Share of the sums that a further phase keeps, 0...1.
    public init(warmUpSeconds: Double = 200, epochSeconds: Double = 20, memory: Double = 0.9) {
        self.warmUpSeconds = warmUpSeconds
        self.epochSeconds = epochSeconds
        self.memory = memory
    }

    /// Fits from nothing.
    ///
    /// - Parameters:
    ///   - network: Its feedback weights are replaced.
    ///   - moment: Gives the seed.
    public mutating func beforeTraining(_ network: inout ReLUNetwork, _ moment: TrainingMoment) {
        fits = network.feedback.map { Fits(lowers: $0.rows, uppers: $0.columns) }
        scales = network.feedback.map(\.rootMeanSquare)
        fit(&network, seconds: warmUpSeconds, seed: moment.seed, phase: 0)
    }

    /// Goes on fitting.
    ///
    /// - Parameters:
    ///   - network: Its feedback weights are replaced.
    ///   - moment: Gives seed and epoch; before epoch 0 nothing happens.
    public mutating func beforeEpoch(_ network: inout ReLUNetwork, _ moment: TrainingMoment) {
        guard moment.epoch > 0 else { return }
        for layer in fits.indices { fits[layer].fade(to: memory) }
        fit(&network, seconds: epochSeconds, seed: moment.seed, phase: UInt32(moment.epoch))
    }

    private mutating func fit(
        _ network: inout ReLUNetwork,
        seconds: Double,
        seed: UInt64,
        phase: UInt32
    ) {
        for layer in network.feedback.indices {
            let id = RandomStream.id(of: "RateNetworks.rdd.\(layer)")
            Self.stimulate(
                network.forward[layer + 1],
                &fits[layer],
                steps: Int((seconds * 1000).rounded()),
                subset: RandomStream(seed: seed, purpose: .stimulus).named(id),
                noise: RandomStream(seed: seed, purpose: .temporalNoise).named(id),
                phase
            )
            network.feedback[layer].setWeights(fits[layer].steps, rootMeanSquare: scales[layer])
        }
    }

    /// A window of a lower neuron.
    private struct Window {
        var end: Int
        /// Highest value of the shadow so far, and the shadow.
        var highest: Double
        var shadow: Double
    }

    // Steps of 1 ms, membranes of 20 ms, threshold 1, reset 0, drive of 10 ms; noise of mean 0.85 and
    // deviation 0.25 at the membrane.
    private static func stimulate(
        _ forward: WeightMatrix,
        _ fits: inout Fits,
        steps: Int,
        subset stream: RandomStream,
        noise: RandomStream,
        _ phase: UInt32
    ) {
        let (uppers, lowers) = (forward.rows, forward.columns)
        let weights = forward.effective
        let membrane = PortableMath.exp(-1.0 / 20)
        let driveKept = PortableMath.exp(-1.0 / 10)
        let (mean, deviation) = (0.85, 0.25 * (1 - membrane * membrane).squareRoot())
        let (nearness, length) = (0.1, 30)
        var v = Array(repeating: 0.0, count: lowers)
        var windows = [Window?](repeating: nil, count: lowers)
        var drive = Array(repeating: 0.0, count: uppers)
        /// Drive so far, and what it was when the window of each lower neuron began.
        var total = drive
        var begin = Array(repeating: 0.0, count: lowers * uppers)
        var subset = StimulatedSubset(units: lowers)
        var isDriven = Array(repeating: false, count: lowers)
        for step in 0..<steps {
            if step % 100 == 0 {
                for j in subset.members { isDriven[j] = false }
                subset.draw(stream, block: UInt32(step / 100), phase: phase)
                for j in subset.members { isDriven[j] = true }
            }
            for i in 0..<uppers {
                drive[i] *= driveKept
                total[i] += drive[i]
            }
            for j in 0..<lowers {
                let input =
                    isDriven[j]
                    ? (1 - membrane) * mean
                        + deviation * noise.normal(UInt32(j), UInt32(step), phase)
                    : 0
                v[j] = membrane * v[j] + input
                if var window = windows[j] {
                    window.shadow = membrane * window.shadow + input
                    window.highest = max(window.highest, window.shadow)
                    windows[j] = window
                    if step >= window.end {
                        let x = (window.highest - 1) / nearness
                        if x.magnitude < 1 {
                            fits.add(x, lower: j) { (total[$0] - begin[j * uppers + $0]) / 30 }
                        }
                        windows[j] = nil
                    }
                } else if (v[j] - 1).magnitude < nearness {
                    windows[j] = Window(end: step + length, highest: v[j], shadow: v[j])
                    for i in 0..<uppers { begin[j * uppers + i] = total[i] }
                }
                if v[j] >= 1 {
                    v[j] = 0
                    for i in 0..<uppers { drive[i] += Double(weights[i * lowers + j]) }
                }
            }
        }
    }
}

/// Two lines for each pair of neurons, by their sums.
private struct Fits {
    private let uppers: Int
    /// Number, Σx and Σx² of each side and lower neuron: below, above.
    private var counts: [[Double]]
    private var sums: [[Double]]
    private var squares: [[Double]]
    /// Σr and Σxr of each side and pair, `[lower][upper]`.
    private var responses: [[Double]]
    private var products: [[Double]]

    init(lowers: Int, uppers: Int) {
        self.uppers = uppers
        let neurons = Array(repeating: Array(repeating: 0.0, count: lowers), count: 2)
        let pairs = Array(repeating: Array(repeating: 0.0, count: lowers * uppers), count: 2)
        (counts, sums, squares, responses, products) = (neurons, neurons, neurons, pairs, pairs)
    }

    mutating func add(_ x: Double, lower j: Int, response: (Int) -> Double) {
        let side = x < 0 ? 0 : 1
        counts[side][j] += 1
        sums[side][j] += x
        squares[side][j] += x * x
        for i in 0..<uppers {
            let r = response(i)
            responses[side][j * uppers + i] += r
            products[side][j * uppers + i] += x * r
        }
    }

    mutating func fade(to share: Double) {
        func fade(_ values: inout [[Double]]) {
            for side in 0..<2 {
                for index in values[side].indices { values[side][index] *= share }
            }
        }
        fade(&counts)
        fade(&sums)
        fade(&squares)
        fade(&responses)
        fade(&products)
    }

    /// The step of each pair at the threshold; 0 where a side has seen too little for a line.
    var steps: [Double] {
        responses[0].indices.map { pair in
            let j = pair / uppers
            var step = 0.0
            for side in 0..<2 {
                let (n, s, q) = (counts[side][j], sums[side][j], squares[side][j])
                let determinant = n * q - s * s
                guard n > 3, determinant > 1e-9 * n * n else { return 0 }
                let intercept =
                    (q * responses[side][pair] - s * products[side][pair]) / determinant
                step += side == 0 ? -intercept : intercept
            }
            return step
        }
    }
}
