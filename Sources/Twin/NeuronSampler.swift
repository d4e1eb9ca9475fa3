import ChipSpec
import FixedPoint

/// Finds where the likelihood of one neuron's parameters is high, and draws them from their posterior.
///
/// First Fisher scoring, from much assumed noise to little; then adaptive Metropolis: Haario, Saksman and
/// Tamminen, Bernoulli 7(2), 2001. The last coordinate of a point is the logarithm of the noise. Every draw
/// is addressed by (seed, neuron, number of the draw).
struct NeuronSampler: Sendable {
    let evidence: NeuronEvidence
    let parameters: [MismatchParameter]
    /// Steps that are fitted.
    let steps: Int
    var prior: PopulationPrior
    var odds: SpikeOdds
    private let stream: RandomStream
    private let neuron: UInt32
    private var draw: UInt32 = 0
    /// Logarithms of the factors, then of the noise.
    private(set) var point: [Double]
    private var mean: [Double]
    private(set) var covariance: [[Double]]
    private var stretch = 1.0
    /// Spikes lost and strayed, and how near the threshold came, where the approach ended.
    private(set) var lost = 0
    private(set) var stray = 0
    private(set) var nearest = -1.0

    /// Least noise, as a share of the threshold: below it a recording without noise is sharp.
    static let leastNoise = 2e-4
    private static let mostNoise = 0.5

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
        let start = parameters.map { prior.spread($0).mean } + [PortableMath.log(0.32)]
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
    mutating func approach() {
        let count = parameters.count
        var here = Array(point.prefix(count))
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
        guard best.value > -.infinity else { return }
        var matrix = best.information
        for (index, parameter) in parameters.enumerated() {
            let spread = prior.spread(parameter)
            matrix[index][index] += 1 / (spread.deviation * spread.deviation)
        }
        let inverse = SmallMatrix.inverse(matrix)
        point = best.here + [PortableMath.log(best.noise)]
        mean = point
        covariance = point.indices.map { row in
            point.indices.map { column in
                row < count && column < count ? inverse[row][column] : (row == column ? 0.01 : 0)
            }
        }
    }

    // MARK: The posterior

    private func logPosterior(_ point: [Double]) -> Double {
        let noise = point[parameters.count]
        guard noise >= PortableMath.log(Self.leastNoise) - 1e-9,
            noise <= PortableMath.log(Self.mostNoise), point.allSatisfy({ $0.magnitude < 12 })
        else { return -.infinity }
        var sum = evidence.logLikelihood(
            factors(point),
            noise: PortableMath.exp(noise),
            odds,
            steps: steps
        )
        for (parameter, value) in zip(parameters, point) {
            let spread = prior.spread(parameter)
            let z = (value - spread.mean) / spread.deviation
            sum -= z * z / 2
        }
        let z = (noise - prior.noise.mean) / prior.noise.deviation
        return sum - z * z / 2
    }

    /// Draws from the posterior of parameters and noise.
    ///
    /// - Parameters:
    ///   - count: Draws that are kept.
    ///   - warmUp: Draws before them, in which the walk learns its shape.
    /// - Returns: Points, in order.
    mutating func sample(_ count: Int, warmUp: Int) -> [[Double]] {
        _ = walk(warmUp, learns: true)
        return walk(count, learns: false)
    }

    private mutating func walk(_ count: Int, learns: Bool) -> [[Double]] {
        let dimensions = parameters.count + 1
        var value = logPosterior(point)
        var points: [[Double]] = []
        var root = SmallMatrix.root(covariance)
        for number in 0..<count {
            draw &+= 1
            let z = (0..<dimensions).map { stream.normal(UInt32($0), neuron, draw) }
            // Every fourth step is ten times smaller: it moves where the shape is not known yet.
            let length =
                stretch * 2.38 / Double(dimensions).squareRoot() * (number % 4 == 3 ? 0.1 : 1)
            var proposal = point
            for row in 0..<dimensions {
                for column in 0...row {
                    proposal[row] += length * root[row][column] * z[column]
                }
            }
            let proposed = logPosterior(proposal)
            let chance = stream.uniform(UInt32(dimensions), neuron, draw)
            let accepts = PortableMath.log(chance) < proposed - value
            if accepts {
                point = proposal
                value = proposed
            }
            guard learns else {
                points.append(point)
                continue
            }
            if number % 4 != 3 {
                stretch *= PortableMath.exp((accepts ? 0.7 : -0.3) * 0.15)
                stretch = min(max(stretch, 1e-3), 10)
            }
            learn()
            if number % 8 == 7 { root = SmallMatrix.root(covariance) }
        }
        return points
    }

    private mutating func learn() {
        let rate = 0.02
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
