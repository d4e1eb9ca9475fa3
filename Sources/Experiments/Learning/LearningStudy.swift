public import ChipImage
public import ChipSpec
import Compiler
public import Description
import Emulator
public import NetworkIR

/// Runs the arms and seeds of an experiment file, side by side.
public struct LearningStudy: Sendable {
    /// One arm, ready to run.
    public struct Arm: Sendable {
        /// What it does.
        public var experiment: Experiment
        /// The chip, settings applied.
        public var chip: ChipSpec
        /// Prices.
        public var table: EnergyTable
    }

    /// Arms, in the order of the report.
    public var arms: [Arm]
    /// Seeds; nil takes each arm's own.
    public var seeds: [UInt64]?
    /// Runs at a time.
    public var threads: Int
    /// Whether amplitudes, lengths, rate control and shifts are chosen instead of read from the file.
    public var isAutomatic = false
    /// Whether spike-time differences are counted.
    public var countsDifferences = false

    /// Prepares the arms of a file.
    ///
    /// - Parameters:
    ///   - file: The experiment file.
    ///   - arms: Names of arms; empty for all.
    ///   - catalogue: Where chips are found.
    ///   - seeds: Seeds instead of the file's.
    ///   - threads: Runs at a time.
    ///   - energy: Name of an energy table, or nil for a chip's first.
    /// - Throws: `DescriptionError`, `ChipSpecError`.
    public init(
        _ file: ExperimentFile,
        arms: [String] = [],
        catalogue: ChipCatalogue,
        seeds: [UInt64]? = nil,
        threads: Int = 1,
        energy: String? = nil
    ) throws {
        let names: [String?] = arms.isEmpty ? (file.arms.isEmpty ? [nil] : file.arms) : arms
        self.arms = try names.map { name in
            let experiment = try file.experiment(arm: name)
            let (chip, table) = try catalogue.chip(
                experiment.chip,
                experiment.chipSettings,
                energy: energy
            )
            return Arm(experiment: experiment, chip: chip, table: table)
        }
        self.seeds = seeds
        self.threads = threads
    }

    /// Compiles the network of an arm and a seed.
    ///
    /// - Parameters:
    ///   - arm: The arm.
    ///   - seed: The seed.
    ///   - rule: A rule in the place of all that the experiment has; nil for its own.
    /// - Returns: The image.
    /// - Throws: `RuleError`, `CompilerError`.
    public static func image(
        of arm: Arm,
        seed: UInt64,
        rule: LearningRule? = nil
    ) throws -> ChipImage {
        var network = arm.experiment.network(seed: seed)
        if let rule { network.rules = network.rules.map { _ in rule } }
        let rules = try network.rules.map { try RuleCompiler.program(for: $0, on: arm.chip) }
        return try Compiler.compile(network, for: arm.chip, rules: rules).image
    }

    /// The run of an arm and a seed, loaded and not started.
    ///
    /// - Parameters:
    ///   - arm: The arm.
    ///   - seed: Of network, noise and device.
    ///   - isAutomatic: Whether settings are chosen instead of read from the file.
    ///   - rule: A rule in the place of all that the experiment has; nil for its own.
    /// - Returns: The run.
    /// - Throws: `RuleError`, `CompilerError`.
    public static func run(
        of arm: Arm,
        seed: UInt64,
        isAutomatic: Bool = false,
        rule: LearningRule? = nil
    ) throws -> LearningRun {
        let image = try image(of: arm, seed: seed, rule: rule)
        return LearningRun(
            image: image,
            plan: isAutomatic
                ? AutomaticSettings(of: arm, image: image).plan : arm.experiment.plan,
            device: Device(seed: seed, variation: arm.experiment.mismatch),
            seed: seed,
            stepInSeconds: arm.experiment.stepInSeconds,
            energyTable: arm.table
        )
    }

    /// What is chosen for an arm and a seed, and why.
    ///
    /// - Parameters:
    ///   - arm: The arm.
    ///   - seed: The seed.
    /// - Returns: The settings.
    /// - Throws: `RuleError`, `CompilerError`.
    public static func automaticSettings(of arm: Arm, seed: UInt64) throws -> AutomaticSettings {
        AutomaticSettings(of: arm, image: try image(of: arm, seed: seed))
    }

    /// Number of runs.
    public var runCount: Int { arms.reduce(0) { $0 + (seeds ?? $1.experiment.seeds).count } }

    private struct Job: Sendable {
        var arm: Int
        var seed: UInt64
    }

    /// Runs everything.
    ///
    /// - Parameter progress: Called with the thousandths of all runs that are done.
    /// - Returns: For each arm, one result a seed.
    /// - Throws: The error of the first run that failed.
    public func callAsFunction(
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> [[LearningResult]] {
        let jobs = arms.enumerated().flatMap { index, arm in
            (seeds ?? arm.experiment.seeds).map { Job(arm: index, seed: $0) }
        }
        let shares = Shares(count: jobs.count)
        let arms = arms
        let countsDifferences = countsDifferences
        let isAutomatic = isAutomatic
        let results = try Parallel.map(
            Array(jobs.enumerated()),
            threads: threads,
            progress: { _ in }
        ) { number, job in
            var run = try Self.run(
                of: arms[job.arm],
                seed: job.seed,
                isAutomatic: isAutomatic
            )
            run.countsDifferences = countsDifferences
            return try run.run { share in progress(shares.set(number, to: share)) }
        }
        return arms.indices.map { arm in
            zip(jobs, results).filter { $0.0.arm == arm }.map(\.1)
        }
    }
}
