public import ChipSpec
public import Description
public import NetworkIR
public import Report

/// Sampling networks with and without SAL, at several noises and seeds.
public struct SamplingStudy: Sendable {
    /// A point of a curve: an arm at a pair of noises.
    public struct Arm: Sendable, Equatable {
        /// Name of the arm in the file.
        public var name: String
        /// What is run.
        public var plan: SamplingPlan
        /// One result a seed.
        public var results: [SamplingResult]

        package init(name: String, plan: SamplingPlan, results: [SamplingResult] = []) {
            self.name = name
            self.plan = plan
            self.results = results
        }

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

    /// Arms, side by side at each noise.
    public var arms: [Arm]
    /// Seeds of each arm.
    public var seeds: [UInt64]
    /// Runs at a time.
    public var threads: Int

    /// Makes a point of each arm and each pair of noises.
    ///
    /// - Parameters:
    ///   - samplings: Arms of a file; levels and seeds are those of the first.
    ///   - threads: Runs at a time.
    public init(_ samplings: [Sampling], threads: Int = 1) {
        var arms: [Arm] = []
        for initial in samplings.first?.initialNoises ?? [] {
            for plasticity in samplings.first?.plasticityNoises ?? [] {
                for sampling in samplings {
                    var plan = SamplingPlan()
                    plan.neuronCount = sampling.neuronCount
                    plan.phaseInRefractoryTimes = sampling.phaseInRefractoryTimes
                    plan.iterations = sampling.iterations
                    plan.learningRate = sampling.learningRate
                    plan.alignmentRate = sampling.alignmentRate
                    plan.initialDeviation = sampling.initialDeviation
                    plan.initialNoise = initial
                    plan.initialBiasNoise = sampling.initialBiasNoise
                    plan.plasticityNoise = plasticity
                    plan.finalSteps = sampling.finalSteps
                    plan.lookEvery = sampling.lookEvery
                    arms.append(Arm(name: sampling.arm ?? sampling.name, plan: plan))
                }
            }
        }
        self.arms = arms
        seeds = samplings.first?.seeds ?? []
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
            var finished = arm
            finished.results = Array(results[first..<first + seeds.count])
            return finished
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
            "schema": "spikeloom.sampling/1",
            "version": .string(toolVersion),
            "command": .string(command),
            "chip": .string(chip),
            "arms": .array(
                arms.map { arm in
                    [
                        "arm": .string(arm.name),
                        "initialNoise": .number(arm.plan.initialNoise),
                        "initialBiasNoise": .number(arm.plan.initialBiasNoise),
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
            .init("plasticity noise", alignment: .right), .init("arm"),
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
                arm.name,
                figure(arm.median(\.divergence), 4),
                figure(divergences.first, 4), figure(divergences.last, 4),
                figure(arm.median(\.asymmetry), 4),
                figure(arm.median { $0.looks.first?.asymmetry ?? 0 }, 3),
            ])
        }
        return table.text
    }

    /// D_KL and asymmetry against the noise that has several levels, one line an arm.
    ///
    /// - Parameters:
    ///   - arms: What the study returned.
    ///   - title: A line above.
    /// - Returns: Medians over seeds, with the lowest and highest.
    public static func figure(_ arms: [Arm], title: String) -> MultiFigure {
        let isInitial = Set(arms.map(\.plan.plasticityNoise)).count < 2
        let noise = FigureAxis(
            isInitial ? "noise of first weights" : "relative noise of the windows",
            unit: isInitial ? "log-odds" : ""
        )
        func panel(_ y: FigureAxis, _ figure: (SamplingResult) -> Double) -> MultiFigure.Part {
            var names: [String] = []
            var points: [String: [LineFigure.Point]] = [:]
            for arm in arms {
                if points[arm.name] == nil { names.append(arm.name) }
                let values = arm.results.map(figure)
                points[arm.name, default: []].append(
                    LineFigure.Point(
                        isInitial ? arm.plan.initialNoise : arm.plan.plasticityNoise,
                        arm.median(figure),
                        low: values.min(),
                        high: values.max()
                    )
                )
            }
            return .lines(
                LineFigure(
                    title: "",
                    x: noise,
                    y: y,
                    series: names.map { name in
                        LineFigure.Series(name, (points[name] ?? []).sorted { $0.x < $1.x })
                    },
                    caption:
                        "Medians over \(arms.first?.results.count ?? 0) seeds, lowest and highest."
                )
            )
        }
        return MultiFigure(
            title: title,
            parts: [
                panel(FigureAxis("D_KL", unit: "nats"), \.divergence),
                panel(FigureAxis("Var(W − Wᵀ)"), \.asymmetry),
            ],
            columns: 2
        )
    }
}
