/// The control without feedback: only the last layer learns.
public struct FrozenLowerLayers: FeedbackArm {
    /// `frozen`.
    public var name: String { "frozen" }
    /// None.
    public var path: FeedbackPath { .blocked }

    /// The only one.
    public init() {}
}
