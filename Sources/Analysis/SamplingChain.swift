import FixedPoint

/// The exact discrete Markov chain of 2 or 3 sampling neurons (1 is allowed too).
///
/// Buesing et al., PLoS Comput. Biol. 7(11), 2011, in discrete time: a spike sets ζ to τ_ref, ζ falls by 1
/// a step, z = [ζ > 0]; a neuron may spike while ζ ≤ 1, so that spikes lie τ_ref steps apart at
/// least; its membrane potential is u = b + Σ W z with z of the step before. With the spike
/// probability σ(u − ln τ_ref) one neuron alone has P(z = 1) = σ(u) exactly. Several neurons approach
/// the Boltzmann distribution as τ_ref grows, the divergence falling about as τ_ref⁻²: within a step
/// they do not see each other, an effect of order 1/τ_ref on the probabilities.
public struct SamplingChain: Sendable {
    /// Number of neurons.
    public let neuronCount: Int
    /// Refractory time in steps.
    public let refractorySteps: Int
    private let chain: SpikingChain
    /// Stationary probability of each state; ζ of neuron 0 varies fastest.
    package let stateProbabilities: [Double]

    /// Solves a chain whose spike probabilities are given, for example a chip's own table.
    ///
    /// - Parameters:
    ///   - neuronCount: 1 ... 3.
    ///   - refractorySteps: τ_ref, 1 or more; (τ_ref + 1) to the power of the neurons are the states.
    ///   - spikeProbability: Of a neuron with ζ ≤ 1, given z of all neurons in the step before (bit k:
    ///     neuron k).
    /// - Throws: `AnalysisError` on numbers out of range, or if no stationary distribution is reached.
    public init(
        neuronCount: Int,
        refractorySteps: Int,
        spikeProbability: (_ neuron: Int, _ state: Int) -> Double
    ) throws {
        try Self.check("The number of sampling neurons", neuronCount, 1...3)
        try Self.check("The refractory time in steps", refractorySteps, 1...4096)
        self.neuronCount = neuronCount
        self.refractorySteps = refractorySteps
        let counters = Array(0...refractorySteps)
        let neuron = SpikingChain.Automaton(
            maySpike: counters.map { $0 <= 1 },
            drives: counters.map { $0 > 0 },
            afterSilence: counters.map { max(0, $0 - 1) },
            afterSpike: counters.map { _ in refractorySteps }
        )
        chain = try SpikingChain(
            automata: Array(repeating: neuron, count: neuronCount),
            spikeProbability: spikeProbability
        )
        stateProbabilities = try chain.stationaryDistribution()
    }

    /// Solves the chain of given weights and biases, spike probability σ(u − ln τ_ref).
    ///
    /// - Parameters:
    ///   - weights: Log-odds, `[post][pre]`, row-major; any, also asymmetric ones.
    ///   - biases: Log-odds, one a neuron.
    ///   - refractorySteps: τ_ref, 1 or more.
    /// - Throws: `AnalysisError` on numbers out of range, or if no stationary distribution is reached.
    public init(weights: [Double], biases: [Double], refractorySteps: Int) throws {
        let n = biases.count
        try Self.check("The refractory time in steps", refractorySteps, 1...4096)
        guard weights.count == n * n else {
            throw AnalysisError.lengthMismatch(
                name: "The weight matrix",
                count: weights.count,
                expected: n * n
            )
        }
        for (name, values) in [("A weight", weights), ("A bias", biases)] {
            for value in values where !value.isFinite {
                throw AnalysisError.invalidNumber(name: name, value: "\(value)", limit: "finite")
            }
        }
        let offset = PortableMath.log(Double(refractorySteps))
        try self.init(neuronCount: n, refractorySteps: refractorySteps) { neuron, state in
            let u = (0..<n).reduce(biases[neuron]) {
                state >> $1 & 1 == 1 ? $0 + weights[neuron * n + $1] : $0
            }
            return 1 / (1 + PortableMath.exp(offset - u))
        }
    }

    private static func check(_ name: String, _ value: Int, _ limit: ClosedRange<Int>) throws {
        guard limit.contains(value) else {
            throw AnalysisError.outOfRange(
                name: name,
                value: value,
                limit: limit,
                advice: "An exact chain keeps every state; sample larger networks instead."
            )
        }
    }

    /// Stationary probability of each z; bit k is neuron k.
    public var jointProbabilities: [Double] {
        var joint = Array(repeating: 0.0, count: 1 << neuronCount)
        for (state, p) in stateProbabilities.enumerated() { joint[chain.driveMasks[state]] += p }
        return joint
    }

    /// The distribution of z that the neurons stand for.
    ///
    /// - Parameters:
    ///   - weights: Symmetric, zero diagonal, `[post][pre]`, row-major.
    ///   - biases: One a neuron.
    /// - Returns: p(z) ∝ exp(½ zᵀ W z + bᵀ z); bit k is neuron k.
    public static func boltzmann(weights: [Double], biases: [Double]) -> [Double] {
        let n = biases.count
        let factors = (0..<1 << n).map { z in
            var energy = 0.0
            for k in 0..<n where z >> k & 1 == 1 {
                energy += biases[k]
                for j in 0..<n where z >> j & 1 == 1 { energy += 0.5 * weights[k * n + j] }
            }
            return PortableMath.exp(energy)
        }
        let sum = factors.reduce(0, +)
        return factors.map { $0 / sum }
    }

    /// Kullback–Leibler divergence Σ p ln(p/q) in nats.
    ///
    /// From a Boltzmann target p to a sampled q it is 3.85e-3, 7.5e-4 and 2.0e-4 for two neurons with
    /// w = 2, b = −1 and −0.7 at τ_ref 10, 25 and 50; the other way round 3.80e-3, 7.5e-4 and 2.0e-4.
    ///
    /// - Parameters:
    ///   - p: The distribution that weighs the terms.
    ///   - q: The distribution p is compared with, as long.
    /// - Returns: 0 or more; ∞ if q is 0 where p is not.
    public static func divergence(of p: [Double], from q: [Double]) -> Double {
        zip(p, q).reduce(0) { sum, pair in
            guard pair.0 > 0 else { return sum }
            return pair.1 > 0 ? sum + pair.0 * PortableMath.log(pair.0 / pair.1) : .infinity
        }
    }

    /// Covariance of the relative frequencies of z over a long run, times the number of steps.
    ///
    /// Successive z are correlated, for a spike holds z for τ_ref steps. With f_a = [z = a] − p_a the mean over N steps
    /// has covariance Γ/N for large N, Γ_ab = Σ_k E[f_a(0) f_b(k)] over all lags k, also negative ones.
    /// With g = Σ_{k ≥ 0} Pᵏ f (P the chain) this is E[f_a g_b] + E[g_a f_b] − E[f_a f_b]; the sum
    /// converges as fast as the chain forgets. Independent samples would give Γ_aa = p_a (1 − p_a), so
    /// N steps are worth N · p_a (1 − p_a)/Γ_aa samples of [z = a].
    ///
    /// - Returns: Γ, 2ⁿ × 2ⁿ, row-major, symmetric; its rows sum to 0.
    public func frequencyCovariance() -> [Double] {
        let joint = jointProbabilities
        let functions = joint.indices.map { a in
            chain.driveMasks.map { ($0 == a ? 1 : 0) - joint[a] }
        }
        let sums = functions.map { function in
            var term = function
            var sum = function
            for step in 1...1 << 20 {
                let next = chain.expected(term)
                // A nearly periodic chain: Σ Pᵏ f = ½ Σ ((1 + P)/2)ᵏ f, which converges sooner.
                let isLazy = step > SpikingChain.patience
                var size = 0.0
                for state in term.indices {
                    if isLazy {
                        sum[state] -= step == SpikingChain.patience + 1 ? 0.5 * term[state] : 0
                        term[state] = 0.5 * (term[state] + next[state])
                        sum[state] += 0.5 * term[state]
                    } else {
                        term[state] = next[state]
                        sum[state] += term[state]
                    }
                    size += term[state].magnitude * stateProbabilities[state]
                }
                if size < 1e-13 { break }
            }
            return sum
        }
        let n = joint.count
        var covariance = Array(repeating: 0.0, count: n * n)
        for (state, p) in stateProbabilities.enumerated() {
            for a in 0..<n {
                for b in 0..<n {
                    let (f, g) = (functions[a][state], functions[b][state])
                    covariance[a * n + b] += p * (f * sums[b][state] + sums[a][state] * g - f * g)
                }
            }
        }
        return covariance
    }

    /// Compares sampled frequencies with the exact ones.
    ///
    /// - Parameter counts: Number of steps in each z; bit k is neuron k.
    /// - Throws: `AnalysisError` if the number of counts is not 2ⁿ, or there are no steps.
    /// - Returns: The comparison.
    public func agreement(withCounts counts: [Int]) throws -> SamplingAgreement {
        try SamplingAgreement(
            counts: counts,
            probabilities: jointProbabilities,
            covariance: frequencyCovariance()
        )
    }
}
