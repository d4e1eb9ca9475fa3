/// Feedback alignment: B is drawn once and stays.
///
/// Lillicrap et al., Nature Communications 7, 13276 (2016). With `isSignConcordant` B keeps the magnitudes
/// it was drawn with and takes the signs of Wᵀ before each batch, B = |B₀| ⊙ sign(Wᵀ): Liao, Leibo and
/// Poggio, arXiv:1510.05067, there with fixed magnitudes ("uSF" with random ones).
public struct RandomFeedback: FeedbackArm {
    /// Whether B takes the signs of Wᵀ.
    public var isSignConcordant: Bool

    /// `fa` or `scfa`.
    public var name: String { isSignConcordant ? "scfa" : "fa" }
    /// Layer by layer.
    public var path: FeedbackPath { .layered }

    /// An arm of fixed magnitudes.
    ///
    /// - Parameter isSignConcordant: Whether B takes the signs of Wᵀ.
    public init(isSignConcordant: Bool = false) {
        self.isSignConcordant = isSignConcordant
    }

    /// Copies the signs, if they are to agree.
    ///
    /// - Parameters:
    ///   - network: Its feedback weights may change their signs.
    ///   - moment: Does not matter.
    public mutating func beforeBatch(_ network: inout ReLUNetwork, _ moment: TrainingMoment) {
        guard isSignConcordant else { return }
        for layer in network.feedback.indices {
            network.feedback[layer].copySigns(of: network.forward[layer + 1])
        }
    }
}
