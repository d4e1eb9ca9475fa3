/// A synapse as it is now.
public struct SynapseState: Sendable, Equatable {
    /// Index of the presynaptic neuron in its population.
    public var pre: Int
    /// Index of the postsynaptic neuron.
    public var post: Int
    /// Weight register, hidden bits included.
    public var register: Int
    /// Visible weight.
    public var weight: Int
    /// The device's gain; 1 without mismatch of weights.
    public var gain: Double
}
