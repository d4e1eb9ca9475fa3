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

/// A pass that every compilation runs.
package protocol ListedPass: Pass {
    /// Its place in the list.
    static var pass: CompilerPass { get }
}

extension ListedPass {
    package static var name: String { pass.rawValue }
}

extension Pass {
    package func notes(on output: Output) -> [String] { [] }
}

/// The list of passes, and what each has to say.
package struct Pipeline {
    private let chip: ChipSpec
    private let options: CompilerOptions
    private let last: CompilerPass
    private let observer: PassObserver
    private var passes: [PassReport] = []
    private var notes: [String] = []

    private init(
        for chip: ChipSpec,
        _ options: CompilerOptions = CompilerOptions(),
        last: CompilerPass = .verify,
        _ observer: PassObserver = PassObserver()
    ) {
        self.chip = chip
        self.options = options
        self.last = last
        self.observer = observer
    }

    /// Runs all passes.
    ///
    /// - Parameters:
    ///   - network: The network as its author meant it.
    ///   - chip: The chip.
    ///   - options: What the user asks for.
    ///   - rules: Programs of `network.rules`, in their order.
    ///   - last: The pass after which it stops.
    ///   - observer: Watches the passes.
    /// - Returns: Image, quantised network and report; what is known where it stopped early.
    /// - Throws: `CompilerError`, or what the observer throws.
    package static func run(
        _ network: consuming Network,
        for chip: ChipSpec,
        options: CompilerOptions,
        rules: [RuleProgram] = [],
        last: CompilerPass = .verify,
        observer: PassObserver = PassObserver()
    ) throws -> CompileOutcome {
        var pipeline = Pipeline(for: chip, options, last: last, observer)
        let learns = network.projections.contains { $0.plasticity?.rule != nil }
        guard rules.count == network.rules.count || rules.isEmpty && !learns else {
            throw CompilerError.rulesNotCompiled(
                network: network.name,
                rules: network.rules.count,
                programs: rules.count
            )
        }
        switch try pipeline.front(network) {
        case .stopped(let report): return .stopped(report)
        case .quantised(let quantised): return try pipeline.back(quantised, rules: rules)
        }
    }

    /// Runs the passes up to the chip's integers: what a plain simulation of the network needs.
    ///
    /// - Parameters:
    ///   - network: The network as its author meant it.
    ///   - chip: The chip.
    ///   - options: What the user asks for.
    /// - Returns: Registers and raw weights, population by population.
    /// - Throws: `CompilerError`.
    package static func quantised(
        _ network: Network,
        for chip: ChipSpec,
        options: CompilerOptions = CompilerOptions()
    ) throws -> QuantisedNetwork {
        var pipeline = Pipeline(for: chip, options)
        return try pipeline.quantised(pipeline.canonical(network))
    }

    /// What comes out of the passes up to the chip's integers.
    private enum Front {
        case stopped(StoppedReport)
        case quantised(QuantisedNetwork)
    }

    private mutating func front(_ network: consuming Network) throws -> Front {
        let canonical = try canonical(network)
        if last == .canonicalise { return .stopped(report(canonical)) }
        if last == .lower {
            _ = try apply(Lower(chip: chip), to: canonical)
            return .stopped(report(canonical))
        }
        let quantised = try quantised(canonical)
        guard last == .quantise else { return .quantised(quantised) }
        return .stopped(report(quantised))
    }

    private mutating func back(
        _ quantised: QuantisedNetwork,
        rules: [RuleProgram]
    ) throws -> CompileOutcome {
        let partition = try apply(Partition(chip: chip, options: options), to: quantised)
        if last == .partition { return .stopped(report(partition)) }
        let placement = try apply(Place(chip: chip, options: options), to: partition)
        if last == .place { return .stopped(report(placement.partitioning)) }
        let routing = try apply(RouteSpikes(chip: chip), to: placement)
        if last == .route { return .stopped(report(routing)) }
        let image = try apply(Emit(chip: chip, rules: rules), to: routing)
        if last == .emit { return .stopped(report(routing)) }
        let usage = try apply(Verify(chip: chip), to: (routing, image))
        let report = CompileReport(
            routing: routing,
            usage: usage,
            chip: chip,
            passes: passes,
            notes: notes
        )
        return .finished(
            Compilation(
                image: image,
                report: report,
                quantised: quantised,
                chip: chip,
                keepsNetwork: options.keepsNetwork
            )
        )
    }

    private mutating func canonical(_ network: consuming Network) throws -> CanonicalNetwork {
        try apply(Canonicalise(chip: chip), to: network)
    }

    private mutating func quantised(_ canonical: CanonicalNetwork) throws -> QuantisedNetwork {
        let lowered = try apply(Lower(chip: chip), to: canonical)
        var quantised = try apply(
            Quantise(
                chip: chip,
                scale: options.scale,
                scaleOfPopulation: options.scaleOfPopulation
            ),
            to: lowered
        )
        // Here, where nobody else holds them for longer than this call.
        if !options.keepsNetwork { quantised.dropAuthorsWeights() }
        return quantised
    }

    private mutating func apply<P: ListedPass>(_ pass: P, to input: P.Input) throws -> P.Output
    where P.Output: WrittenValue {
        let name = P.pass
        observer.didStart(name)
        let output = try pass.run(input)
        if let fault = pass.violation(in: output, of: input) {
            throw CompilerError.verification(pass: P.name, fault: fault)
        }
        observer.didFinish(name)
        passes.append(PassReport(name: P.name, statistics: pass.statistics(of: output)))
        notes += pass.notes(on: output)
        if observer.dumped.contains(name) {
            try output.write { try observer.write(name, $0) }
        }
        return output
    }

    // MARK: Reports of an early stop

    private func report(_ canonical: CanonicalNetwork) -> StoppedReport {
        StoppedReport(canonical, chip: chip, after: last, passes: passes, notes: notes)
    }

    private func report(_ quantised: QuantisedNetwork) -> StoppedReport {
        var report = report(quantised.canonical)
        report.note(quantised, chip: chip)
        return report
    }

    private func report(_ partitioning: Partitioning) -> StoppedReport {
        var report = report(partitioning.quantised)
        report.note(partitioning)
        return report
    }

    private func report(_ routing: Routing) -> StoppedReport {
        var report = report(routing.placement.partitioning)
        report.note(routing, chip: chip)
        return report
    }
}
