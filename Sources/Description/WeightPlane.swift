/// Two reciprocal synapses whose weights span a plane: the report says where they drift in it.
public struct WeightPlane: Sendable, Equatable {
    /// Projection whose weight is the horizontal axis.
    public var x: String
    /// Projection whose weight is the vertical axis; it leads the other way.
    public var y: String

    /// Names the synapses.
    ///
    /// - Parameters:
    ///   - x: Projection of the horizontal axis.
    ///   - y: Projection of the vertical axis.
    public init(x: String, y: String) {
        self.x = x
        self.y = y
    }
}
