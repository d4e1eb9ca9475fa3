/// Kolen and Pollack's rule: both partners get the same update and the same decay.
///
/// W − Bᵀ shrinks by (1 − learning rate · λ) at each update. Akrout et al., NeurIPS 2019,
/// arXiv:1904.05391, section 4. The decay acts beside the momentum, not through it, and on pairs only: the
/// input layer has no partner and does not decay.
public struct KolenPollack: FeedbackArm {
    /// λ; 0.02 was best in the studies of this project.
    public var decay: Float

    /// `kp`.
    public var name: String { "kp" }
    /// Layer by layer.
    public var path: FeedbackPath { .layered }
    /// Always.
    public var tracks: Bool { true }

    /// An arm with a decay.
    ///
    /// - Parameter decay: λ, 0 or more; times the learning rate at most 1.
    public init(decay: Float = 0.02) { self.decay = decay }
}
