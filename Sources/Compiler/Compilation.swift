public import ChipImage
import ChipSpec
public import NetworkIR

/// What comes out of a compilation.
public struct Compilation: Sendable, Equatable {
    /// What the chip is loaded with.
    public var image: ChipImage
    /// What the compiler did.
    public var report: CompileReport
    /// The chip's integers, from which the quantised network is made.
    let quantised: QuantisedNetwork
    /// The chip.
    let chip: ChipSpec
    /// Whether the author's weights are still there.
    let keepsNetwork: Bool

    /// The same network with the numbers that the chip holds, in the author's units.
    ///
    /// A float run of it (`--numerics quantised`) differs from the chip only by what the chip's
    /// arithmetic does: decay rounding, saturation, the rounding of an initial potential. It is made
    /// anew at every call, 8 bytes a synapse.
    ///
    /// Needs `CompilerOptions.keepsNetwork`.
    ///
    /// - Returns: The network; equal ones at every call.
    /// - Throws: `CompilerError.verification` if the pass broke its promise.
    public func quantisedNetwork() throws -> Network {
        precondition(keepsNetwork, "the author's weights were let go by keepsNetwork: false")
        let pass = Dequantise(chip: chip)
        let network = pass.run(quantised)
        if let fault = pass.violation(in: network, of: quantised) {
            throw CompilerError.verification(pass: Dequantise.name, fault: fault)
        }
        return network
    }
}
