/// What the user may ask of the compiler.
public struct CompilerOptions: Sendable, Equatable {
    /// Most neurons put on one core, below the chip's own limit; nil leaves that limit alone.
    public var neuronsPerCore: Int?

    /// Makes options.
    ///
    /// - Parameter neuronsPerCore: Most neurons put on one core, at least 1; nil for the chip's limit.
    public init(neuronsPerCore: Int? = nil) {
        self.neuronsPerCore = neuronsPerCore
    }
}
