import ChipImage
import ChipSpec
import Energy
public import Samples
import Synchronization

/// What one device of a population did.
public struct DeviceOutcome: Sendable, Equatable {
    /// Seed of its fixed pattern.
    public var seed: UInt64
    /// Share of correct answers.
    public var accuracy: Double
    /// Energy of a sample in joules; a lower bound if a price is unknown.
    public var joulesPerSample: Double
    /// Chip time of a sample in seconds.
    public var secondsPerSample: Double
}

/// What a population of devices did at one level of mismatch.
public struct MismatchLevel: Sendable, Equatable {
    /// Coefficient of variation of all parameters that the chip names.
    public var coefficient: Double
    /// One entry a device, in the order of their seeds; one device at level 0, where all are equal.
    public var devices: [DeviceOutcome]
    /// Whether an unknown price makes the energies lower bounds.
    public var energyIsLowerBound: Bool

    /// Mean accuracy.
    public var meanAccuracy: Double { Self.mean(devices.map(\.accuracy)) }

    /// Standard deviation of the accuracy between devices (n − 1); 0 for one device.
    public var accuracyDeviation: Double {
        guard devices.count > 1 else { return 0 }
        let mean = meanAccuracy
        let squares = devices.map { ($0.accuracy - mean) * ($0.accuracy - mean) }
        return (squares.reduce(0, +) / Double(devices.count - 1)).squareRoot()
    }

    /// The device with the lowest accuracy, the first of equals.
    public var worst: DeviceOutcome? { devices.min { $0.accuracy < $1.accuracy } }

    /// Mean energy of a sample in joules.
    public var meanJoulesPerSample: Double { Self.mean(devices.map(\.joulesPerSample)) }

    private static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}

/// Measures an image on populations of devices.
public struct DeviceStudy {
    /// How each device is run; its `device` is replaced where there is mismatch.
    public var run: ChipRun
    /// Coefficients of variation.
    public var levels: [Double]
    /// Devices a level.
    public var devices: Int
    /// Seed of the first device; the others follow.
    public var firstSeed: UInt64
    /// Devices that run at a time.
    public var threads: Int

    /// Plans a study.
    ///
    /// - Parameters:
    ///   - run: How each device is run.
    ///   - levels: Coefficients of variation.
    ///   - devices: Devices a level, at least 1.
    ///   - firstSeed: Seed of the first device.
    ///   - threads: Devices that run at a time.
    public init(run: ChipRun, levels: [Double], devices: Int, firstSeed: UInt64, threads: Int) {
        self.run = run
        self.levels = levels
        self.devices = devices
        self.firstSeed = firstSeed
        self.threads = threads
    }

    private struct Job: Sendable {
        var level: Int
        var seed: UInt64
    }

    private var jobs: [Job] {
        levels.indices.flatMap { level in
            // Without mismatch all devices are one.
            (0..<(levels[level] == 0 ? 1 : devices)).map {
                Job(level: level, seed: firstSeed &+ UInt64($0))
            }
        }
    }

    /// Number of devices to run, all levels together.
    public var jobCount: Int { jobs.count }

    /// Runs every device at every level.
    ///
    /// - Parameters:
    ///   - samples: Labelled samples in the order of the image's ports.
    ///   - progress: Called with the number of devices done, on any thread, one call at a time.
    /// - Returns: One entry a level. The same for any number of threads.
    /// - Throws: What a run throws.
    public func callAsFunction(
        _ samples: SampleSet,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> [MismatchLevel] {
        let jobs = jobs
        let run = run
        let levels = levels
        let outcomes = try Parallel.map(jobs, threads: threads, progress: progress) { job in
            var run = run
            // Without mismatch it is the device that the run names, ideal unless one is given.
            if levels[job.level] > 0 {
                run.device = .drawn(
                    from: run.image.chip,
                    coefficient: levels[job.level],
                    seed: job.seed
                )
            }
            let result = try run(samples)
            let energy = run.energy(of: result)
            let count = Double(max(1, result.samples.count))
            let outcome = DeviceOutcome(
                seed: job.seed,
                accuracy: result.accuracy ?? 0,
                joulesPerSample: energy.totalJoules / count,
                secondsPerSample: result.chipTimeInNanoseconds * 1e-9 / count
            )
            return (job.level, outcome, energy.isLowerBound)
        }
        return levels.indices.map { level in
            let own = outcomes.filter { $0.0 == level }
            return MismatchLevel(
                coefficient: levels[level],
                devices: own.map(\.1),
                energyIsLowerBound: own.contains(where: \.2)
            )
        }
    }
}
