/// How a training run went, and what came of it.
public struct TrainingResult: Sendable, Equatable {
    /// One entry an epoch.
    public var epochs: [EpochRecord]
    /// Share of test samples classified correctly, 0...1; nil without test samples.
    public var testAccuracy: Double?
    /// The network learned.
    public var network: ReLUNetwork
}

/// One epoch of a run.
public struct EpochRecord: Sendable, Equatable {
    /// Mean cross entropy of the training samples in nats, each read before its batch's update.
    public var trainingLoss: Double
    /// Share of validation samples classified correctly after the epoch; nil without any.
    public var validationAccuracy: Double?
    /// Agreement of B with Wᵀ, as felt, before the last batch; one a hidden layer, or none.
    public var agreement: [WeightAgreement]
    /// Angle in degrees between what the arm takes for the gradient and the exact one, before the last batch.
    ///
    /// One a layer, over the first 200 training samples; the last layer's is 0; NaN if an update is 0 or
    /// not finite.
    public var gradientAngles: [Double]
}
