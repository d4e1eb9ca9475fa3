public import ChipImage
public import NetworkIR

/// What comes out of a compilation.
public struct Compilation: Sendable, Equatable {
    /// What the chip is loaded with.
    public var image: ChipImage
    /// The same network with the numbers that the chip holds, in the author's units.
    ///
    /// A float run of it (`--numerics quantised`) differs from the chip only by what the chip's
    /// arithmetic does: decay rounding, saturation, the rounding of an initial potential.
    public var quantised: Network
    /// What the compiler did.
    public var report: CompileReport
}
