/// How errors travel down a network: δ of a layer is e ⊙ [a > 0], and this is where e comes from.
public enum FeedbackPath: Sendable, Equatable {
    /// e = W_effᵀ δ of the layer above: the gradient.
    case exact
    /// e = B δ of the layer above, B of its own.
    case layered
    /// e = B δ of the output, B of its own for each hidden layer.
    case direct
    /// No error arrives: all layers but the last stay as they are.
    case blocked
}
