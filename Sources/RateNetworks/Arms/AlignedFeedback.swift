/// Feedback that somebody else aligns between epochs: a chip with its own rule, for example SAL.
///
/// The closure gets the network before training and before each epoch. It reads the registers of
/// `network.forward[k + 1]` and writes those of `network.feedback[k]`. With `tracks`, each feedback synapse
/// also applies the update of its forward partner in between: then the arm is a hybrid of the closure's
/// rule and Kolen–Pollack tracking, and is to be called so.
public struct AlignedFeedback: FeedbackArm {
    /// When the closure is called.
    public enum Occasion: Sendable, Equatable {
        /// Once, with random feedback weights.
        case beforeTraining
        /// Before each epoch, from 0 on; 0 follows `beforeTraining` at once.
        case beforeEpoch(Int)
    }

    /// Aligns the feedback weights of a network.
    public typealias Align = @Sendable (inout ReLUNetwork, Occasion) throws -> Void

    /// What tables and figures call the arm.
    public let name: String
    /// Whether feedback synapses apply the updates of their partners.
    public let tracks: Bool
    /// Layer by layer.
    public var path: FeedbackPath { .layered }
    private let align: Align

    /// An arm of somebody else's.
    ///
    /// - Parameters:
    ///   - name: For example `sal+servo+tracking`.
    ///   - tracks: Whether feedback synapses apply the updates of their partners.
    ///   - align: Called before training and before each epoch; what it throws ends the run.
    public init(name: String, tracks: Bool, align: @escaping Align) {
        self.name = name
        self.tracks = tracks
        self.align = align
    }

    /// Calls the closure.
    ///
    /// - Parameters:
    ///   - network: Handed on.
    ///   - moment: Does not matter.
    /// - Throws: What the closure throws.
    public mutating func beforeTraining(
        _ network: inout ReLUNetwork,
        _ moment: TrainingMoment
    ) throws {
        try align(&network, .beforeTraining)
    }

    /// Calls the closure.
    ///
    /// - Parameters:
    ///   - network: Handed on.
    ///   - moment: Gives the epoch.
    /// - Throws: What the closure throws.
    public mutating func beforeEpoch(
        _ network: inout ReLUNetwork,
        _ moment: TrainingMoment
    ) throws {
        try align(&network, .beforeEpoch(moment.epoch))
    }
}
