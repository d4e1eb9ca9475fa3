/// What a training run does, apart from the data.
///
/// Defaults are the configuration of this project's studies of deep networks: stochastic gradient descent
/// with momentum 0.9, batches of 20, weights uniform in ±√(4.5/fanIn).
public struct TrainingPlan: Sendable {
    /// Neurons of each hidden layer, the lowest first.
    public var hiddenWidths: [Int]
    /// Passes over the training data.
    public var epochs: Int
    /// Samples of a batch; the last batch of an epoch may have fewer.
    public var batchSize: Int
    /// Step of the descent on the mean loss of a batch.
    public var learningRate: Float
    /// Share of the velocity that is kept, 0 ..< 1.
    public var momentum: Float
    /// g in the limits ±√(g/fanIn) of the initial weights.
    public var initialGain: Double
    /// How forward and feedback weights are kept.
    public var precision: WeightPrecision
    /// Gains of the synapses.
    public var mismatch: SynapseMismatch
    /// Deviation of normal noise on the inputs, fresh at each presentation, evaluation included.
    public var inputNoise: Double
    /// Deviation of a transmitted value of 1; activities of hidden layers and errors travel as spike counts.
    public var spikeNoise: Double
    /// Deviation of the thresholds of hidden neurons, fresh at each presentation, evaluation included.
    public var thresholdNoise: Double
    /// Where feedback weights come from.
    public var arm: any FeedbackArm
    /// Of weights, order of samples, rounding and noise.
    public var seed: UInt64

    /// A plan.
    ///
    /// - Parameters:
    ///   - hiddenWidths: Neurons of each hidden layer, the lowest first.
    ///   - epochs: Passes over the training data.
    ///   - batchSize: Samples of a batch.
    ///   - learningRate: Step of the descent.
    ///   - momentum: Share of the velocity that is kept, 0 ..< 1.
    ///   - initialGain: g in ±√(g/fanIn).
    ///   - precision: How weights are kept.
    ///   - mismatch: Gains of the synapses.
    ///   - inputNoise: Deviation of the noise on the inputs.
    ///   - spikeNoise: Deviation of a transmitted value of 1.
    ///   - thresholdNoise: Deviation of the thresholds.
    ///   - arm: Where feedback weights come from.
    ///   - seed: Of everything that is drawn.
    public init(
        hiddenWidths: [Int],
        epochs: Int = 20,
        batchSize: Int = 20,
        learningRate: Float = 0.01,
        momentum: Float = 0.9,
        initialGain: Double = 4.5,
        precision: WeightPrecision = .float,
        mismatch: SynapseMismatch = .none,
        inputNoise: Double = 0,
        spikeNoise: Double = 0,
        thresholdNoise: Double = 0,
        arm: any FeedbackArm,
        seed: UInt64
    ) {
        self.hiddenWidths = hiddenWidths
        self.epochs = epochs
        self.batchSize = batchSize
        self.learningRate = learningRate
        self.momentum = momentum
        self.initialGain = initialGain
        self.precision = precision
        self.mismatch = mismatch
        self.inputNoise = inputNoise
        self.spikeNoise = spikeNoise
        self.thresholdNoise = thresholdNoise
        self.arm = arm
        self.seed = seed
    }

    /// Carries the plan out.
    ///
    /// - Parameter data: Test samples are read once, at the end.
    /// - Returns: The course of the run and the network learned.
    /// - Throws: `RateNetworkError`, or what a hook of the arm throws.
    public func result(on data: DataSplit) throws -> TrainingResult {
        var run = try TrainingRun(plan: self, data: data)
        for _ in 0..<epochs { try run.advance() }
        return run.finished()
    }

    func validate() throws(RateNetworkError) {
        func require(_ holds: Bool, _ name: String, _ value: some Any, _ limit: String)
            throws(RateNetworkError)
        {
            if !holds { throw .outOfRange(name: name, value: "\(value)", limit: limit) }
        }
        try require((0...100_000).contains(epochs), "epochs", epochs, "in 0...100000")
        try require((1...65_536).contains(batchSize), "batchSize", batchSize, "in 1...65536")
        try require(
            learningRate >= 0 && learningRate.isFinite,
            "learningRate",
            learningRate,
            "0 or more"
        )
        try require(momentum >= 0 && momentum < 1, "momentum", momentum, "in 0..<1")
        try require(
            initialGain >= 0 && initialGain.isFinite,
            "initialGain",
            initialGain,
            "0 or more"
        )
        for (name, noise) in [
            ("inputNoise", inputNoise), ("spikeNoise", spikeNoise),
            ("thresholdNoise", thresholdNoise),
        ] {
            try require(noise >= 0 && noise.isFinite, name, noise, "0 or more")
        }
        let shrink = learningRate * arm.decay
        try require(shrink >= 0 && shrink <= 1, "learningRate · decay", shrink, "in 0...1")
        if case .drawn(let variation, _) = mismatch {
            try require((0...10).contains(variation), "mismatch", variation, "in 0...10")
        }
    }
}
