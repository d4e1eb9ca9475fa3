public import Report

/// What one run of a sampling network came to.
public struct SamplingResult: Sendable, Equatable {
    /// A look at the weights.
    public struct Look: Sendable, Equatable {
        /// Wake and sleep phases done.
        public var iteration: Int
        /// Var(W − Wᵀ).
        public var asymmetry: Double

        package init(iteration: Int, asymmetry: Double) {
            self.iteration = iteration
            self.asymmetry = asymmetry
        }
    }

    /// Seed of task and chip.
    public var seed: UInt64
    /// What was run.
    public var plan: SamplingPlan
    /// Asymmetry over the course of learning, the first look before it.
    public var looks: [Look]
    /// D_KL(target ‖ sampled) of the final run, in nats.
    public var divergence: Double
    /// Weights at the end, log-odds, `[post][pre]`.
    public var weights: [Double]
    /// Biases at the end, log-odds.
    public var biases: [Double]
    /// Weight updates of the chip's rule.
    public var weightUpdates: UInt64
    /// Spikes of all neurons, the final run included.
    public var spikes: UInt64
    /// Bytes between host and chip for learning.
    public var hostBytes: UInt64

    package init(
        seed: UInt64,
        plan: SamplingPlan,
        looks: [Look],
        divergence: Double,
        weights: [Double],
        biases: [Double] = [],
        weightUpdates: UInt64 = 0,
        spikes: UInt64 = 0,
        hostBytes: UInt64 = 0
    ) {
        self.seed = seed
        self.plan = plan
        self.looks = looks
        self.divergence = divergence
        self.weights = weights
        self.biases = biases
        self.weightUpdates = weightUpdates
        self.spikes = spikes
        self.hostBytes = hostBytes
    }

    /// Var(W − Wᵀ) at the end.
    public var asymmetry: Double { Self.asymmetry(of: weights, count: plan.neuronCount) }

    /// Mean of (W_ij − W_ji)² over pairs of different neurons.
    static func asymmetry(of weights: [Double], count n: Int) -> Double {
        var sum = 0.0
        for post in 0..<n {
            for pre in 0..<n where pre != post {
                let difference = weights[post * n + pre] - weights[pre * n + post]
                sum += difference * difference
            }
        }
        return sum / Double(n * (n - 1))
    }

    /// The result as JSON.
    public var json: JSONValue {
        [
            "seed": .unsigned(seed),
            "divergence": .number(divergence),
            "asymmetryBefore": .optional(looks.first?.asymmetry),
            "asymmetry": .number(asymmetry),
            "looks": .array(
                looks.map { [.integer($0.iteration), .number($0.asymmetry)] }
            ),
            "weights": .array(weights.map(JSONValue.number)),
            "biases": .array(biases.map(JSONValue.number)),
            "weightUpdates": .unsigned(weightUpdates),
            "spikes": .unsigned(spikes),
            "hostBytes": .unsigned(hostBytes),
        ]
    }
}
