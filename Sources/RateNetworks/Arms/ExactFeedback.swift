/// Back-propagation: errors travel through the exact transpose of the effective forward weights.
///
/// δ_l = (W_effᵀ δ_{l+1}) ⊙ [a_l > 0]. In float it is the textbook's; under mismatch it is the oracle,
/// for it knows every gain of both sides, which no chip does.
public struct ExactFeedback: FeedbackArm {
    /// `bp`.
    public var name: String { "bp" }
    /// The gradient's.
    public var path: FeedbackPath { .exact }

    /// The only one.
    public init() {}
}
