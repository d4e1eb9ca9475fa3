public import ChipSpec
public import Description
import Emulator
import Energy
public import Events

/// Runs the arms and seeds of a circuit study, side by side.
public struct CircuitStudy: Sendable {
    /// One arm, ready to run.
    public struct Arm: Sendable {
        /// What it does.
        public var circuit: Circuit
        /// The chip, settings applied.
        public var chip: ChipSpec
        /// Prices.
        public var table: EnergyTable
    }

    /// Arms, in the order of the report.
    public var arms: [Arm]
    /// Seeds; nil takes each arm's own.
    public var seeds: [UInt64]?
    /// Epochs; nil takes each arm's own.
    public var epochs: Int?
    /// Runs at a time.
    public var threads: Int

    /// Prepares the arms of a file.
    ///
    /// - Parameters:
    ///   - file: The study.
    ///   - arms: Names of arms; empty for all.
    ///   - catalogue: Where chips are found.
    ///   - threads: Runs at a time.
    ///   - energy: Name of an energy table, or nil for a chip's first.
    /// - Throws: `DescriptionError`, `ChipSpecError`.
    public init(
        _ file: CircuitFile,
        arms: [String] = [],
        catalogue: ChipCatalogue,
        threads: Int = 1,
        energy: String? = nil
    ) throws {
        let names: [String?] = arms.isEmpty ? (file.arms.isEmpty ? [nil] : file.arms) : arms
        self.arms = try names.map { name in
            let circuit = try file.circuit(arm: name)
            let (chip, table) = try catalogue.chip(
                circuit.chip,
                circuit.chipSettings,
                energy: energy
            )
            return Arm(circuit: circuit, chip: chip, table: table)
        }
        self.threads = threads
    }

    /// Number of runs.
    public var runCount: Int {
        arms.reduce(0) { $0 + (seeds ?? $1.circuit.seeds).count }
    }

    private struct Job: Sendable {
        var arm: Int
        var seed: UInt64
    }

    /// Runs everything.
    ///
    /// - Parameter progress: Called with the number of runs done.
    /// - Returns: For each arm, one result a seed.
    /// - Throws: `RuleError`, `CompilerError`, `CircuitError`.
    public func callAsFunction(
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> [[TrainedCircuit]] {
        let jobs = arms.enumerated().flatMap { index, arm in
            (seeds ?? arm.circuit.seeds).map { Job(arm: index, seed: $0) }
        }
        let (arms, epochs) = (arms, epochs)
        let results = try Parallel.map(jobs, threads: threads, progress: progress) { job in
            var arm = arms[job.arm]
            if let epochs { arm.circuit.schedule.epochs = epochs }
            return try Self.train(arm, seed: job.seed)
        }
        return arms.indices.map { arm in
            zip(jobs, results).filter { $0.0.arm == arm }.map(\.1)
        }
    }

    static func train(_ arm: Arm, seed: UInt64) throws -> TrainedCircuit {
        let circuit = arm.circuit
        func substrate(_ seed: UInt64) throws -> any CircuitSubstrate {
            circuit.isFloat
                ? FloatCircuit(circuit, seed: seed)
                : try ChipCircuit(circuit, chip: arm.chip, seed: seed)
        }
        // The teacher's spikes are others than the student's.
        let run = try CircuitRun(circuit, seed: seed) { try substrate(seed ^ (1 << 63)) }
        let student = try substrate(seed)
        CircuitRun.drawWeights(of: circuit, seed: seed, into: student)
        let course = run.train(student)
        let chip = student as? ChipCircuit
        return TrainedCircuit(
            seed: seed,
            course: course,
            counts: chip?.machine.counts ?? ActionCounts(),
            hostBytes: chip?.hostBytes ?? 0,
            table: arm.table,
            stepInSeconds: arm.chip.time.step.seconds
        )
    }
}

/// What came of one arm and one seed.
public struct TrainedCircuit: Sendable {
    /// Seed of samples, weights and run.
    public var seed: UInt64
    /// How it learned.
    public var course: CircuitCourse
    /// What the chip did; zero on the host.
    public var counts: ActionCounts
    /// Bytes that host and chip exchanged.
    public var hostBytes: UInt64
    /// Prices.
    public var table: EnergyTable
    /// Length of a time step.
    public var stepInSeconds: Double

    /// Energy of weight, trace and bias updates in joules.
    public var learningJoules: Double {
        EnergyReport(counts: counts, table: table, chipTimeInSeconds: 0).learningJoules
    }

    /// Chip time in seconds, if no step is late.
    public var chipSeconds: Double { Double(counts[.step]) * stepInSeconds }
}
