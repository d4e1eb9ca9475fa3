import ChipImage
import ChipSpec
import FixedPoint

/// Finds where the likelihood of one neuron's parameters is high, and draws them from their posterior.
///
/// First Fisher scoring, from much assumed noise to little; then adaptive Metropolis: Haario, Saksman and
/// Tamminen, Bernoulli 7(2), 2001. The noise is estimated once and then held: it has next to no say in the
/// parameters, and what is sharp without noise would be sharper than a walk can follow. Every draw is
/// addressed by (seed, neuron, number of the draw).
struct NeuronSampler: Sendable {
    var evidence: NeuronEvidence
    let parameters: [MismatchParameter]
    /// Steps that are fitted.
    let steps: Int
    var prior: PopulationPrior
    var odds: SpikeOdds
    private let stream: RandomStream
    private let neuron: UInt32
    private var draw: UInt32 = 0
    /// Logarithms of the factors.
    private(set) var point: [Double]
    /// Standard deviation of the noise, as a share of the threshold.
    private(set) var noise = 0.32
    private var mean: [Double]
    private(set) var covariance: [[Double]]
    private var stretch = 1.0
    /// Spikes lost and strayed, and how near the threshold came, where the approach ended.
    private(set) var lost = 0
    private(set) var stray = 0
    private(set) var nearest = -1.0
    /// Whether the posterior was listed rather than walked.
    var isExact: Bool { sharp != nil }
    private var sharp: SharpPosterior?

    /// Least noise, as a share of the threshold: below it a recording without noise is sharp.
    static let leastNoise = 3e-4

    init(
        _ evidence: NeuronEvidence,
        parameters: [MismatchParameter],
        steps: Int,
        prior: PopulationPrior,
        odds: SpikeOdds,
        seed: UInt64,
        neuron: Int
    ) {
        self.evidence = evidence
        self.parameters = parameters
        self.steps = steps
        self.prior = prior
        self.odds = odds
        stream = RandomStream(seed: seed, purpose: .fitting)
        self.neuron = UInt32(neuron)
        let start = parameters.map { prior.spread($0).mean }
        point = start
        mean = start
        covariance = start.indices.map { row in
            start.indices.map { $0 == row ? 0.04 : 0 }
        }
    }

    func factors(_ point: [Double]) -> SomaFactors {
        var factors = SomaFactors()
        for (parameter, value) in zip(parameters, point) {
            factors[parameter] = PortableMath.exp(min(max(value, -4), 4))
        }
        return factors
    }

    // MARK: The way there

    private func slope(_ point: [Double], noise: Double, steps: Int) -> (NeuronSlope, Double) {
        let slope = NeuronSlope(
            evidence,
            parameters,
            at: factors(point),
            noise: noise,
            steps: steps
        )
        var value = slope.logLikelihood
        for (parameter, value0) in zip(parameters, point) {
            let spread = prior.spread(parameter)
            let z = (value0 - spread.mean) / spread.deviation
            value -= z * z / 2
        }
        return (slope, value)
    }

    /// Looks for the region of high likelihood: from much noise, which sees from afar, to little.
    ///
    /// - Parameter start: Logarithms of the factors to begin with; those of the prior if nil.
    /// - Returns: How good it is there.
    @discardableResult
    mutating func approach(from start: [Double]? = nil) -> Double {
        var here = start ?? parameters.map { prior.spread($0).mean }
        var noise = 0.64
        var best = (value: -Double.infinity, here: here, noise: noise, information: [[Double]]())
        var worse = 0
        while noise >= Self.leastNoise {
            let isRough = noise > 0.05
            let most = isRough ? min(steps, 8192) : steps
            var (now, value) = slope(here, noise: noise, steps: most)
            var damping = 0.0
            for _ in 0..<(isRough ? 5 : 4) {
                var matrix = now.information
                var right = now.slope
                for (index, parameter) in parameters.enumerated() {
                    let spread = prior.spread(parameter)
                    let precision = 1 / (spread.deviation * spread.deviation)
                    matrix[index][index] += precision
                    right[index] -= precision * (here[index] - spread.mean)
                    matrix[index][index] *= 1 + damping
                }
                let step = SmallMatrix.solved(matrix, right)
                let longest = step.map(\.magnitude).max() ?? 0
                guard longest > 1e-4 else { break }
                let scale = min(1, 0.5 / longest)
                let there = zip(here, step).map { $0 + scale * $1 }
                let (next, nextValue) = slope(there, noise: noise, steps: most)
                if nextValue > value {
                    let gain = nextValue - value
                    here = there
                    now = next
                    value = nextValue
                    damping /= 4
                    if gain < 0.05 { break }
                } else {
                    damping = max(0.5, damping * 6)
                }
            }
            if !isRough {
                if value > best.value {
                    best = (value, here, noise, now.information)
                    lost = now.lost
                    stray = now.stray
                    nearest = now.nearest
                    worse = 0
                } else if value < best.value - 10 {
                    worse += 1
                    if worse == 2 { break }
                }
            }
            noise *= 0.6
        }
        guard best.value > -.infinity else { return best.value }
        var matrix = best.information
        for (index, parameter) in parameters.enumerated() {
            let spread = prior.spread(parameter)
            matrix[index][index] += 1 / (spread.deviation * spread.deviation)
        }
        point = best.here
        mean = point
        covariance = SmallMatrix.inverse(matrix)
        self.noise = max(Self.leastNoise, best.noise)
        return best.value
    }

    /// Approaches again from where the other neurons are, if a neuron is far off or far noisier: it may have
    /// got lost.
    mutating func retryIfLost() {
        let isFar = zip(parameters, point).contains { parameter, value in
            let spread = prior.spread(parameter)
            return (value - spread.mean).magnitude > 2.5 * spread.deviation
        }
        let usual = PortableMath.exp(prior.noise.mean)
        guard isFar || noise > max(2 * usual, 2 * Self.leastNoise) else { return }
        settleNoise()
        for trial in 0..<(2 * parameters.count + 1) {
            var start = parameters.map { prior.spread($0).mean }
            if trial > 0 {
                let place = (trial - 1) / 2
                start[place] +=
                    (trial % 2 == 0 ? 1 : -1) * prior.spread(parameters[place]).deviation
            }
            var other = self
            other.approach(from: start)
            other.settleNoise()
            if other.logPosterior(other.point, noise: other.noise)
                > logPosterior(point, noise: noise)
            {
                self = other
                if noise < 2 * usual { return }
            }
        }
    }

    /// Moves to a point, and chooses the noise there.
    mutating func settle(at point: [Double]) {
        guard point.count == self.point.count else { return }
        self.point = point
        settleNoise()
    }

    /// Chooses the noise under which the recording is likeliest, with the parameters as they are.
    mutating func settleNoise() {
        var best = (value: -Double.infinity, noise: noise)
        for step in -3...3 {
            let candidate = max(Self.leastNoise, noise * PortableMath.exp(0.15 * Double(step)))
            let value = logPosterior(point, noise: candidate)
            if value > best.value { best = (value, candidate) }
        }
        noise = best.noise
    }

    // MARK: The posterior

    /// Logarithm of the posterior, up to a constant; −∞ may be given below `least`.
    private func logPosterior(
        _ point: [Double],
        noise: Double,
        least: Double = -.infinity
    ) -> Double {
        guard point.allSatisfy({ $0.magnitude < 12 }) else { return -.infinity }
        var sum = 0.0
        for (parameter, value) in zip(parameters, point) {
            let spread = prior.spread(parameter)
            let z = (value - spread.mean) / spread.deviation
            sum -= z * z / 2
        }
        let z = (PortableMath.log(noise) - prior.noise.mean) / prior.noise.deviation
        sum -= z * z / 2
        guard sum >= least else { return -.infinity }
        return sum
            + evidence.logLikelihood(
                factors(point),
                noise: noise,
                odds,
                steps: steps,
                least: least - sum
            )
    }

    /// Draws from the posterior of the parameters.
    ///
    /// - Parameters:
    ///   - count: Draws that are kept.
    ///   - warmUp: Draws before them, in which the walk learns its shape.
    /// - Returns: Points, in order.
    mutating func sample(_ count: Int, warmUp: Int) -> [[Double]] {
        // A recording without noise leaves a region that can be listed.
        if noise < 0.003, sharp == nil {
            sharp = SharpPosterior(evidence, parameters, near: factors(point), steps: steps)
        }
        if let sharp {
            return sharp.draws(4 * count, prior: prior, stream: stream, neuron: neuron)
        }
        // With more noise the region is wider, and the walk crosses the steps of the decay registers.
        let wider = noise < 0.01 ? 4.0 : 1.5
        _ = walk(warmUp / 2, noise: wider * noise, learns: true)
        stretch /= wider
        _ = walk(warmUp - warmUp / 2, noise: noise, learns: true)
        return walk(count, noise: noise, learns: false)
    }

    /// How much wider than the draws intervals must be; listed posteriors are exact.
    func widths(_ points: [[Double]]) -> [Double] {
        guard !isExact else { return point.map { _ in 1 } }
        let precisions = parameters.map { parameter in
            let spread = prior.spread(parameter)
            return 1 / (spread.deviation * spread.deviation)
        }
        return Sandwich(points, precisions: precisions) { point in
            evidence.blockLogLikelihoods(factors(point), noise: noise, odds, steps: steps)
        }.widths
    }

    private mutating func walk(_ count: Int, noise: Double, learns: Bool) -> [[Double]] {
        let dimensions = parameters.count
        var value = logPosterior(point, noise: noise)
        var points: [[Double]] = []
        var root = SmallMatrix.root(covariance)
        for number in 0..<count {
            draw &+= 1
            let isJump = number % 4 == 3
            let proposal = isJump ? jump(number / 4) : stepped(root)
            let chance = stream.uniform(UInt32(dimensions), neuron, draw)
            let least = value + PortableMath.log(chance)
            let proposed = logPosterior(proposal, noise: noise, least: least)
            let accepts = proposed > least
            if accepts {
                point = proposal
                value = proposed
            }
            guard learns else {
                points.append(point)
                continue
            }
            if !isJump {
                stretch *= PortableMath.exp((accepts ? 0.7 : -0.3) * 0.15)
                stretch = min(max(stretch, 1e-3), 10)
            }
            learn(rate: 1 / Double(40 + number))
            if number % 8 == 7 { root = SmallMatrix.root(covariance) }
        }
        return points
    }

    /// A step in the shape of the covariance.
    private func stepped(_ root: [[Double]]) -> [Double] {
        let length = stretch * 2.38 / Double(point.count).squareRoot()
        var proposal = point
        for column in point.indices {
            let z = stream.normal(UInt32(column), neuron, draw)
            for row in column..<point.count { proposal[row] += length * root[row][column] * z }
        }
        return proposal
    }

    /// A step that moves one parameter by about the resolution of its register, and the others as they go
    /// along with it.
    private func jump(_ number: Int) -> [Double] {
        let k = number % point.count
        let u = stream.uniform(UInt32(k), neuron, draw)
        let tables = evidence.tables
        let decay: UInt16 =
            switch parameters[k] {
            case .membraneTau: tables.membraneDecay[evidence.slot]
            case .currentTau: tables.currentDecay[evidence.slot]
            default: 0
            }
        let resolution = decay == 0 ? 0 : 1.5 / Double(decay)
        let size = max(resolution, 0.5 * stretch * covariance[k][k].squareRoot())
        let step = (u < 0.5 ? -1 : 1) * size * (0.5 + (u < 0.5 ? 2 * u : 2 * u - 1))
        var proposal = point
        for row in point.indices {
            proposal[row] += step * (row == k ? 1 : covariance[row][k] / covariance[k][k])
        }
        return proposal
    }

    private mutating func learn(rate: Double) {
        let difference = zip(point, mean).map { $0 - $1 }
        for row in point.indices {
            mean[row] += rate * difference[row]
            for column in point.indices {
                covariance[row][column] =
                    (1 - rate) * covariance[row][column]
                    + rate * difference[row] * difference[column]
            }
        }
    }
}
