/// Weight transport by the host: the feedback register takes the forward register before every batch.
///
/// Without mismatch it is back-propagation through quantised weights. With gains of variation c on both
/// sides the effective angle is acos(1/(1 + c²)).
public struct RegisterCopy: FeedbackArm {
    /// `copy`.
    public var name: String { "copy" }
    /// Layer by layer.
    public var path: FeedbackPath { .layered }

    /// The only one.
    public init() {}

    /// Copies all registers.
    ///
    /// - Parameters:
    ///   - network: Its feedback weights are replaced.
    ///   - moment: Does not matter.
    public mutating func beforeBatch(_ network: inout ReLUNetwork, _ moment: TrainingMoment) {
        for layer in network.feedback.indices {
            network.feedback[layer].copyTranspose(of: network.forward[layer + 1])
        }
    }
}
