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
        switch try Pipeline.run(network, for: chip, options: options, rules: rules) {
        case .finished(let compilation): return compilation
        case .stopped(let report):
            // No pass before the last was asked to be the last.
            throw CompilerError.verification(
                pass: report.stoppedAfter.rawValue,
                fault: "it ended the compilation."
            )
        }
    }

    /// Compiles a network for a chip, up to one of the passes, watched.
    ///
    /// Deterministic, as `compile` is.
    ///
    /// - Parameters:
    ///   - network: The network as its author meant it.
    ///   - chip: The chip; a validated spec.
    ///   - options: What the user asks for.
    ///   - rules: Programs of `network.rules`, in their order.
    ///   - last: The pass after which it stops.
    ///   - observer: Watches the passes.
    /// - Returns: What came out, or what is known where it stopped.
    /// - Throws: `CompilerError` if the network cannot run on this chip, or what the observer throws.
    public static func run(
        _ network: consuming Network,
        for chip: ChipSpec,
        options: CompilerOptions = CompilerOptions(),
        rules: [RuleProgram] = [],
        upTo last: CompilerPass = .verify,
        observer: PassObserver = PassObserver()
    ) throws -> CompileOutcome {
        try Pipeline.run(
            network,
            for: chip,
            options: options,
            rules: rules,
            last: last,
            observer: observer
        )
    }
}
