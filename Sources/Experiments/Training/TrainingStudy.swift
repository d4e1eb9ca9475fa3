public import ChipSpec
public import Description
import Events
public import RateNetworks

/// Runs the arms, seeds and learning rates of a training study, side by side.
public struct TrainingStudy: Sendable {
    /// One arm, ready to run.
    public struct Arm: Sendable {
        /// What it does.
        public var training: Training
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
        _ file: TrainingFile,
        arms: [String] = [],
        catalogue: ChipCatalogue,
        threads: Int = 1,
        energy: String? = nil
    ) throws {
        let names: [String?] = arms.isEmpty ? (file.arms.isEmpty ? [nil] : file.arms) : arms
        self.arms = try names.map { name in
            let training = try file.training(arm: name)
            let (chip, table) = try catalogue.chip(
                training.chip,
                training.chipSettings,
                energy: energy
            )
            return Arm(training: training, chip: chip, table: table)
        }
        self.threads = threads
    }

    /// Number of runs: arms times seeds times learning rates.
    public var runCount: Int {
        arms.reduce(0) {
            $0 + (seeds ?? $1.training.seeds).count * $1.training.learningRates.count
        }
    }

    private struct Job: Sendable {
        var arm: Int
        var seed: UInt64
    }

    /// Runs everything.
    ///
    /// - Parameter progress: Called with the number of (arm, seed) pairs done.
    /// - Returns: For each arm, one result a seed: that of the learning rate with the best validation
    ///   accuracy.
    /// - Throws: The error of the first run that failed.
    public func callAsFunction(
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> [[TrainedNetwork]] {
        let jobs = arms.enumerated().flatMap { index, arm in
            (seeds ?? arm.training.seeds).map { Job(arm: index, seed: $0) }
        }
        let arms = arms
        let results = try Parallel.map(jobs, threads: threads, progress: progress) { job in
            try Self.train(arms[job.arm], seed: job.seed)
        }
        return arms.indices.map { arm in
            zip(jobs, results).filter { $0.0.arm == arm }.map(\.1)
        }
    }

    /// Number of (arm, seed) pairs.
    public var pairCount: Int {
        arms.reduce(0) { $0 + (seeds ?? $1.training.seeds).count }
    }

    /// Trains one arm with one seed, once for each learning rate.
    ///
    /// Without validation samples the smallest rate is taken; ties go to the smaller one.
    static func train(_ arm: Arm, seed: UInt64) throws -> TrainedNetwork {
        let rates = arm.training.learningRates.sorted()
        var best = try train(arm, seed: seed, rate: rates.first ?? 0)
        for rate in rates.dropFirst() {
            let trial = try train(arm, seed: seed, rate: rate)
            if (trial.validation ?? 0) > (best.validation ?? 0) { best = trial }
        }
        return best
    }

    private static func train(_ arm: Arm, seed: UInt64, rate: Double) throws -> TrainedNetwork {
        let training = arm.training
        let data = try split(training.data, seed: seed)
        let widths = [data.training.featureCount] + training.hidden + [data.training.classCount]
        let aligner = try training.alignment.flatMap { plan in
            training.feedback == .aligned || training.mismatch > 0
                ? try ChipAligner(plan, widths: widths, arm: arm, seed: seed) : nil
        }
        let isMatched = training.mismatch == 0
        let mismatch: SynapseMismatch =
            isMatched
            ? .none
            : aligner?.gains
                ?? .drawn(variation: training.mismatch, deviceSeed: seed)
        let plan = TrainingPlan(
            hiddenWidths: training.hidden,
            epochs: training.epochs,
            batchSize: training.batchSize,
            learningRate: Float(rate),
            momentum: Float(training.momentum),
            initialGain: training.initialGain,
            precision: training.fullScale.map { .registers(fullScale: Float($0)) } ?? .float,
            mismatch: mismatch,
            inputNoise: training.inputNoise,
            spikeNoise: training.spikeNoise,
            thresholdNoise: training.thresholdNoise,
            arm: feedback(training, aligner),
            seed: seed
        )
        let result = try plan.result(on: data)
        return TrainedNetwork(
            seed: seed,
            learningRate: rate,
            result: result,
            phases: aligner?.phases ?? [],
            weightBytes: aligner?.weightBytes ?? 0
        )
    }

    private static func split(_ data: TrainingData, seed: UInt64) throws -> DataSplit {
        let samples =
            switch data.samples {
            case .images(let inputs, let features, let labels, let classes):
                try LabelledData(
                    inputs: inputs.map { Float($0) },
                    labels: labels,
                    featureCount: features,
                    classCount: classes
                )
            case .yinYang(let count): LabelledData.yinYang(count: count, seed: seed)
            case .temporalXOR(let count): LabelledData.temporalXOR(count: count, seed: seed)
            }
        return try samples.split(validation: data.validation, test: data.test, seed: seed)
    }

    private static func feedback(_ training: Training, _ aligner: ChipAligner?) -> any FeedbackArm {
        switch training.feedback {
        case .exact: ExactFeedback()
        case .copy: RegisterCopy()
        case .random: RandomFeedback()
        case .direct: DirectFeedback()
        case .signConcordant: RandomFeedback(isSignConcordant: true)
        case .kolenPollack: KolenPollack(decay: Float(training.decay))
        case .mirror:
            WeightMirror(
                spikeNoise: training.spikeNoise,
                thresholdNoise: training.thresholdNoise
            )
        case .stdwi: SpikeTimingWeightInference()
        case .rdd: DiscontinuityRegression()
        case .frozen: FrozenLowerLayers()
        case .aligned:
            AlignedFeedback(name: training.arm ?? training.name, tracks: training.tracking) {
                try aligner?.align(&$0, $1)
            }
        }
    }
}

/// What came of one arm and one seed.
public struct TrainedNetwork: Sendable {
    /// Seed of split, weights, run and device.
    public var seed: UInt64
    /// Learning rate that was chosen.
    public var learningRate: Double
    /// Course and network.
    public var result: TrainingResult
    /// What the chip did for the alignment; empty without one.
    public var phases: [PhaseResult]
    /// Bytes of weights that host and chip exchanged.
    public var weightBytes: UInt64

    /// Validation accuracy after the last epoch.
    var validation: Double? { result.epochs.last?.validationAccuracy }
    /// Angle and slope of B in each layer before the last batch.
    var agreement: [WeightAgreement] { result.epochs.last?.agreement ?? [] }

    /// Epochs until the validation accuracy first comes to a share of what another network ends with.
    ///
    /// - Parameters:
    ///   - share: 0...1.
    ///   - others: Results of the arm compared with; the one of the same seed counts.
    /// - Returns: Epochs from 1 on; nil without validation samples, or if it never comes to it.
    func epochs(toShare share: Double, of others: [TrainedNetwork]) -> Double? {
        guard let goal = others.first(where: { $0.seed == seed })?.validation else { return nil }
        let accuracies = result.epochs.map { $0.validationAccuracy ?? 0 }
        return accuracies.firstIndex { $0 >= share * goal }.map { Double($0 + 1) }
    }

    /// Standard deviation of the validation accuracy over the last five epochs; nil without it, or with fewer.
    var lateDeviation: Double? {
        let last = result.epochs.suffix(5).compactMap(\.validationAccuracy)
        guard last.count == 5 else { return nil }
        let mean = last.reduce(0, +) / 5
        return (last.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4).squareRoot()
    }

    /// How often the chip did something.
    func total(_ action: Action) -> UInt64 { phases.reduce(0) { $0 + $1.counts[action] } }

    /// Energy of the chip's weight, trace and bias updates in joules.
    var learningJoules: Double { phases.reduce(0) { $0 + $1.learningJoules } }
    /// Chip time of the alignment in seconds.
    var chipSeconds: Double { phases.reduce(0) { $0 + $1.chipSeconds } }
    /// Bytes that host and chip exchanged: weights, amplitudes, switches.
    var hostBytes: UInt64 { weightBytes + phases.reduce(0) { $0 + $1.hostBytes } }
}
