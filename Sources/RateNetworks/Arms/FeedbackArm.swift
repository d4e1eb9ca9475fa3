/// An answer to weight transport: where the feedback weights come from.
///
/// One arm is one small file. The trainer calls the hooks in the order: before training; then before each
/// epoch, and in it before each batch. After the forward weights of a batch are written, `tracks` and
/// `decay` say what else happens.
public protocol FeedbackArm: Sendable {
    /// What tables and figures call the arm.
    var name: String { get }
    /// How errors travel.
    var path: FeedbackPath { get }
    /// Whether each feedback synapse applies the update of its forward partner, with rounding of its own.
    var tracks: Bool { get }
    /// Weight decay λ of all pairs of synapses: w −= learning rate · λ · w at each update.
    var decay: Float { get }

    /// Once, before the first epoch.
    ///
    /// - Parameters:
    ///   - network: Forward weights and gains are to be read, feedback weights may be written.
    ///   - moment: When.
    /// - Throws: Whatever stops the run.
    mutating func beforeTraining(_ network: inout ReLUNetwork, _ moment: TrainingMoment) throws
    /// Before each epoch, the first included.
    ///
    /// - Parameters:
    ///   - network: Forward weights and gains are to be read, feedback weights may be written.
    ///   - moment: When.
    /// - Throws: Whatever stops the run.
    mutating func beforeEpoch(_ network: inout ReLUNetwork, _ moment: TrainingMoment) throws
    /// Before each batch; no allocation here.
    ///
    /// - Parameters:
    ///   - network: Forward weights and gains are to be read, feedback weights may be written.
    ///   - moment: When.
    mutating func beforeBatch(_ network: inout ReLUNetwork, _ moment: TrainingMoment)
}

/// When a hook of an arm is called.
public struct TrainingMoment: Sendable, Equatable {
    /// Seed of the run.
    public let seed: UInt64
    /// Epoch, from 0.
    public let epoch: Int
    /// Number of updates so far.
    public let update: UInt32

    /// A moment of a run.
    ///
    /// - Parameters:
    ///   - seed: Seed of the run.
    ///   - epoch: From 0.
    ///   - update: Number of updates so far.
    public init(seed: UInt64, epoch: Int, update: UInt32) {
        self.seed = seed
        self.epoch = epoch
        self.update = update
    }
}

extension FeedbackArm {
    /// No tracking.
    public var tracks: Bool { false }
    /// No decay.
    public var decay: Float { 0 }

    /// Nothing.
    ///
    /// - Parameters:
    ///   - network: Untouched.
    ///   - moment: When.
    public mutating func beforeTraining(_ network: inout ReLUNetwork, _ moment: TrainingMoment) {}
    /// Nothing.
    ///
    /// - Parameters:
    ///   - network: Untouched.
    ///   - moment: When.
    public mutating func beforeEpoch(_ network: inout ReLUNetwork, _ moment: TrainingMoment) {}
    /// Nothing.
    ///
    /// - Parameters:
    ///   - network: Untouched.
    ///   - moment: When.
    public mutating func beforeBatch(_ network: inout ReLUNetwork, _ moment: TrainingMoment) {}
}
