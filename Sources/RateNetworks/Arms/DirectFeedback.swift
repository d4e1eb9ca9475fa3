/// Direct feedback alignment: each hidden layer hears the error of the output through a fixed random B.
///
/// δ_l = (B_l δ_out) ⊙ [a_l > 0]. Nøkland, NeurIPS 2016, arXiv:1609.01596.
public struct DirectFeedback: FeedbackArm {
    /// `dfa`.
    public var name: String { "dfa" }
    /// From the output.
    public var path: FeedbackPath { .direct }

    /// The only one.
    public init() {}
}
