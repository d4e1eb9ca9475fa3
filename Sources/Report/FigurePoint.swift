/// A point of a figure.
public struct FigurePoint: Sendable, Equatable {
    /// Along the horizontal axis.
    public var x: Double
    /// Along the vertical axis; not a number where there is none.
    public var y: Double

    /// Describes a point.
    ///
    /// - Parameters:
    ///   - x: Along the horizontal axis.
    ///   - y: Along the vertical axis; not a number where there is none.
    public init(_ x: Double, _ y: Double) {
        self.x = x
        self.y = y
    }
}
