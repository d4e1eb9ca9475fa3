package import ChipImage
package import ChipSpec
package import NetworkIR

/// One step of the compiler: a value in, a value out, statistics, a verifier.
package protocol Pass {
    /// What it reads.
    associatedtype Input
    /// What it makes of it.
    associatedtype Output
    /// A verb, as shown in reports.
    static var name: String { get }

    /// Does the work.
    ///
    /// - Parameter input: What the pass reads.
    /// - Returns: What it makes of it.
    /// - Throws: `CompilerError` if the network cannot run on the chip.
    func run(_ input: Input) throws -> Output

    /// Counts that tell what the pass did.
    ///
    /// - Parameter output: What the pass made.
    /// - Returns: Counts, in the order of the report.
    func statistics(of output: Output) -> [Statistic]

    /// What the user should know about the result.
    ///
    /// - Parameter output: What the pass made.
    /// - Returns: Sentences.
    func notes(on output: Output) -> [String]

    /// Checks the promise of the pass independently of how it was kept.
    ///
    /// - Parameters:
    ///   - output: What the pass made.
    ///   - input: What it made it of.
    /// - Returns: A sentence about the first violation, or nil.
    func violation(in output: Output, of input: Input) -> String?
}

extension Pass {
    package func notes(on output: Output) -> [String] { [] }
}

/// The list of passes, and what each has to say.
package struct Pipeline {
    private var passes: [PassReport] = []
    private var notes: [String] = []

    /// Runs all passes.
    ///
    /// - Parameters:
    ///   - network: The network as its author meant it.
    ///   - chip: The chip.
    ///   - options: What the user asks for.
    ///   - rules: Programs of `network.rules`, in their order.
    /// - Returns: Image, quantised network and report.
    /// - Throws: `CompilerError`.
    package static func compile(
        _ network: consuming Network,
        for chip: ChipSpec,
        options: CompilerOptions,
        rules: [RuleProgram] = []
    ) throws -> Compilation {
        var pipeline = Pipeline()
        let learns = network.projections.contains { $0.plasticity?.rule != nil }
        guard rules.count == network.rules.count || rules.isEmpty && !learns else {
            throw CompilerError.rulesNotCompiled(
                network: network.name,
                rules: network.rules.count,
                programs: rules.count
            )
        }
        var quantised = try pipeline.quantised(network, for: chip)
        if !options.keepsNetwork { quantised.dropAuthorsWeights() }
        let partition = try pipeline.apply(Partition(chip: chip, options: options), to: quantised)
        let placement = try pipeline.apply(Place(chip: chip, options: options), to: partition)
        let routing = try pipeline.apply(RouteSpikes(chip: chip), to: placement)
        let image = try pipeline.apply(Emit(chip: chip, rules: rules), to: routing)
        let usage = try pipeline.apply(Verify(chip: chip), to: (routing, image))
        let report = CompileReport(
            routing: routing,
            usage: usage,
            chip: chip,
            passes: pipeline.passes,
            notes: pipeline.notes
        )
        return Compilation(
            image: image,
            report: report,
            quantised: quantised,
            chip: chip,
            keepsNetwork: options.keepsNetwork
        )
    }

    /// Runs the passes up to the chip's integers: what a plain simulation of the network needs.
    ///
    /// - Parameters:
    ///   - network: The network as its author meant it.
    ///   - chip: The chip.
    /// - Returns: Registers and raw weights, population by population.
    /// - Throws: `CompilerError`.
    package static func quantised(
        _ network: Network,
        for chip: ChipSpec
    ) throws -> QuantisedNetwork {
        var pipeline = Pipeline()
        return try pipeline.quantised(network, for: chip)
    }

    private mutating func quantised(
        _ network: consuming Network,
        for chip: ChipSpec
    ) throws -> QuantisedNetwork {
        let canonical = try apply(Canonicalise(chip: chip), to: network)
        let lowered = try apply(Lower(chip: chip), to: canonical)
        return try apply(Quantise(chip: chip), to: lowered)
    }

    private mutating func apply<P: Pass>(_ pass: P, to input: P.Input) throws -> P.Output {
        let output = try pass.run(input)
        if let fault = pass.violation(in: output, of: input) {
            throw CompilerError.verification(pass: P.name, fault: fault)
        }
        passes.append(PassReport(name: P.name, statistics: pass.statistics(of: output)))
        notes += pass.notes(on: output)
        return output
    }
}
