public import ChipImage
public import ChipSpec
public import NetworkIR

/// Turns a network into the image of a chip.
public enum Compiler {
    /// Compiles a network for a chip.
    ///
    /// Deterministic: equal arguments give an equal image, report and quantised network.
    ///
    /// - Parameters:
    ///   - network: The network as its author meant it.
    ///   - chip: The chip; a validated spec.
    ///   - options: What the user asks for.
    ///   - rules: Programs of `network.rules`, in their order.
    /// - Returns: Image, quantised network and report.
    /// - Throws: `CompilerError` if the network cannot run on this chip.
    public static func compile(
        _ network: consuming Network,
        for chip: ChipSpec,
        options: CompilerOptions = CompilerOptions(),
        rules: [RuleProgram] = []
    ) throws -> Compilation {
        try Pipeline.compile(network, for: chip, options: options, rules: rules)
    }
}
