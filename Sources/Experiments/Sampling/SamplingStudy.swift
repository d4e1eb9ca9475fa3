public import ChipSpec
public import NetworkIR
public import Report

/// Sampling networks with and without SAL, at several noises and seeds.
public struct SamplingStudy: Sendable {
    /// A point of a curve, with SAL or without.
    public struct Arm: Sendable, Equatable {
        /// What is run.
        public var plan: SamplingPlan
        /// One result a seed.
        public var results: [SamplingResult] = []

        /// Middle of a figure of the results.
        ///
        /// - Parameter figure: Of a result.
        /// - Returns: The median; nil without results.
        public func median(_ figure: (SamplingResult) -> Double) -> Double? {
            let values = results.map(figure).sorted()
            guard !values.isEmpty else { return nil }
            return (values[(values.count - 1) / 2] + values[values.count / 2]) / 2
        }
    }

    /// Arms, without SAL and with it at each noise.
    public var arms: [Arm]
    /// Seeds of each arm.
    public var seeds: [UInt64]
    /// Runs at a time.
    public var threads: Int

    /// Pairs arms with and without SAL.
    ///
    /// - Parameters:
    ///   - plan: What all arms share; its rate of SAL is that of the arms with SAL.
    ///   - initialNoises: Noises of the first weights.
    ///   - plasticityNoises: Noises of the windows.
    ///   - seeds: Seeds of each arm.
    ///   - threads: Runs at a time.
    public init(
        _ plan: SamplingPlan,
        initialNoises: [Double],
        plasticityNoises: [Double],
        seeds: [UInt64],
        threads: Int = 1
    ) {
        var arms: [Arm] = []
        for initial in initialNoises {
            for plasticity in plasticityNoises {
                for rate in [0, plan.alignmentRate] {
                    var arm = plan
                    arm.initialNoise = initial
                    arm.plasticityNoise = plasticity
                    arm.alignmentRate = rate
                    arms.append(Arm(plan: arm))
                }
            }
        }
        self.arms = arms
        self.seeds = seeds
        self.threads = threads
    }

    /// Runs everything.
    ///
    /// - Parameters:
    ///   - rule: `Examples/rules/wake-sleep.yaml`.
    ///   - chip: A chip with an engine of the kind `pilot`.
    ///   - progress: Called with the number of runs done.
    /// - Returns: The arms with their results.
    /// - Throws: `RuleError`, `CompilerError`.
    public func callAsFunction(
        rule: LearningRule,
        chip: ChipSpec,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> [Arm] {
        let jobs = arms.flatMap { arm in seeds.map { (plan: arm.plan, seed: $0) } }
        let results = try Parallel.map(jobs, threads: threads, progress: progress) { job in
            var run = try SamplingRun(job.plan, seed: job.seed, rule: rule, chip: chip)
            return run.run()
        }
        return arms.enumerated().map { index, arm in
            let first = index * seeds.count
            return Arm(plan: arm.plan, results: Array(results[first..<first + seeds.count]))
        }
    }

    /// The report as JSON.
    ///
    /// - Parameters:
    ///   - arms: What the study returned.
    ///   - chip: Name of the chip.
    ///   - command: The command that made it.
    ///   - toolVersion: Version of the tool.
    /// - Returns: Everything measured.
    public static func json(
        _ arms: [Arm],
        chip: String,
        command: String,
        toolVersion: String
    ) -> JSONValue {
        [
            "format": "spikeloom sampling study",
            "version": .string(toolVersion),
            "command": .string(command),
            "chip": .string(chip),
            "arms": .array(
                arms.map { arm in
                    [
                        "initialNoise": .number(arm.plan.initialNoise),
                        "plasticityNoise": .number(arm.plan.plasticityNoise),
                        "learningRate": .number(arm.plan.learningRate),
                        "alignmentRate": .number(arm.plan.alignmentRate),
                        "iterations": .integer(arm.plan.iterations),
                        "phaseInSteps": .integer(arm.plan.phaseInSteps),
                        "finalSteps": .integer(arm.plan.finalSteps),
                        "divergenceMedian": .optional(arm.median(\.divergence)),
                        "asymmetryMedian": .optional(arm.median(\.asymmetry)),
                        "runs": .array(arm.results.map(\.json)),
                    ]
                }
            ),
        ]
    }

    /// The report as a table: medians, lowest and highest seed.
    ///
    /// - Parameter arms: What the study returned.
    /// - Returns: One row an arm.
    public static func text(_ arms: [Arm]) -> String {
        var table = TextTable([
            .init("initial noise", alignment: .right),
            .init("plasticity noise", alignment: .right), .init("SAL"),
            .init("DKL", unit: "nats", alignment: .right), .init("lowest", alignment: .right),
            .init("highest", alignment: .right), .init("Var(W - W')", alignment: .right),
            .init("before", alignment: .right),
        ])
        func figure(_ value: Double?, _ decimals: Int) -> String {
            value.map { Format.fixed($0, decimals: decimals) } ?? "-"
        }
        for arm in arms {
            let divergences = arm.results.map(\.divergence).sorted()
            table.append([
                figure(arm.plan.initialNoise, 2), figure(arm.plan.plasticityNoise, 3),
                arm.plan.alignmentRate > 0 ? "with" : "without",
                figure(arm.median(\.divergence), 4),
                figure(divergences.first, 4), figure(divergences.last, 4),
                figure(arm.median(\.asymmetry), 4),
                figure(arm.median { $0.looks.first?.asymmetry ?? 0 }, 3),
            ])
        }
        return table.text
    }
}
