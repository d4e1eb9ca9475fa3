public import ChipImage
public import ChipSpec
public import Compiler
import Emulator
import Events
import FloatReference
public import NetworkIR
public import Samples

/// Chooses the scales of weights by what sample inputs make of them.
///
/// The network runs in real numbers once, then on the chip with each candidate in turn: population by
/// population, in the order of their depths, those before at what was chosen for them. The candidate that
/// leaves the population nearest to the real numbers is taken. Nothing is random.
public struct Calibration: Sendable {
    /// Candidates, in the order that decides between equals.
    public var candidates: [ScaleRule]
    /// Samples that are run, from the first.
    public var samples: Int

    /// The candidates where none are given.
    public static let standardCandidates: [ScaleRule] =
        [.max] + [99.9, 99.5, 99, 98, 95].map { .percentile($0) }

    /// Describes a calibration.
    ///
    /// - Parameters:
    ///   - candidates: At least one.
    ///   - samples: Samples that are run, at least 1.
    public init(candidates: [ScaleRule] = Self.standardCandidates, samples: Int = 16) {
        self.candidates = candidates
        self.samples = samples
    }

    /// Chooses.
    ///
    /// - Parameters:
    ///   - network: The network as its author meant it.
    ///   - chip: The chip.
    ///   - options: What the user asks of the compiler; mappings are sought in the shortest way here.
    ///   - rules: Programs of `network.rules`, in their order.
    ///   - inputs: Samples in the order of the network's inputs (`SampleSet.matched`).
    ///   - progress: Called with the share that is done.
    /// - Returns: What was chosen for each population, and why.
    /// - Throws: `CompilerError`, or `FloatReferenceError` for networks without a run in real numbers.
    public func callAsFunction(
        _ network: Network,
        for chip: ChipSpec,
        options: CompilerOptions,
        rules: [RuleProgram] = [],
        _ inputs: SampleSet,
        progress: (Double) -> Void = { _ in }
    ) throws -> CalibrationResult {
        var options = options.quick
        let count = min(max(samples, 1), inputs.sampleCount)
        let author = try Responses(network, inputs, count)
        let order = network.tunable
        var result = CalibrationResult(
            samples: count,
            stepsPerSample: inputs.stepCount,
            populations: []
        )
        for (position, population) in order.enumerated() {
            var tried: [(image: ChipImage, error: Double)] = []
            var errors: [CandidateError] = []
            let path = network.populations[population].path
            for (index, candidate) in candidates.enumerated() {
                options.scaleOfPopulation[path] = candidate
                let compilation = try Compiler.compile(
                    network,
                    for: chip,
                    options: options,
                    rules: rules
                )
                let known = tried.first { $0.image == compilation.image }
                let error =
                    known?.error
                    ?? Responses(compilation.image, of: path, inputs, count)
                    .distance(to: author, population: path)
                tried.append((compilation.image, error))
                errors.append(CandidateError(candidate, error, compilation.report, target: path))
                let done = Double(position * candidates.count + index + 1)
                progress(done / Double(order.count * candidates.count))
            }
            let choice = PopulationCalibration(
                path: path,
                measure: network.populations[population].dynamics.isSpiking
                    ? .spikeCounts : .potentials,
                reference: author.size(of: path),
                candidates: errors
            )
            options.scaleOfPopulation[path] = ScaleRule(choice.chosen) ?? .max
            result.populations.append(choice)
        }
        return result
    }
}

/// What a calibration chose.
public struct CalibrationResult: Sendable, Equatable, Encodable {
    /// Samples that were run.
    public var samples: Int
    /// Steps of each.
    public var stepsPerSample: Int
    /// One entry a population, in the order of the choices.
    public var populations: [PopulationCalibration]

    /// The chosen rules by path, for `CompilerOptions.scaleOfPopulation`.
    public var scales: [String: ScaleRule] {
        var scales: [String: ScaleRule] = [:]
        for population in populations { scales[population.path] = ScaleRule(population.chosen) }
        return scales
    }
}

/// What was chosen for a population, and why.
public struct PopulationCalibration: Sendable, Equatable, Encodable {
    /// How a population is compared with the real numbers.
    public enum Measure: String, Sendable, Encodable {
        /// Sum over samples and neurons of the difference of their spike counts.
        case spikeCounts
        /// Root of the mean square of the difference of potentials, author's units.
        case potentials
    }

    /// Path in the network file.
    public var path: String
    /// How it was compared.
    public var measure: Measure
    /// What the real numbers give: spikes, or the root of the mean square of the potentials.
    public var reference: Double
    /// The rule that was taken, as given to `--scale`.
    public var chosen: String
    /// All rules that were tried.
    public var candidates: [CandidateError]

    init(path: String, measure: Measure, reference: Double, candidates: [CandidateError]) {
        self.path = path
        self.measure = measure
        self.reference = reference
        self.candidates = candidates
        let best = candidates.indices.min {
            let (one, other) = (candidates[$0], candidates[$1])
            return (one.error, one.squaredWeightError, $0)
                < (other.error, other.squaredWeightError, $1)
        }
        chosen = best.map { candidates[$0].rule } ?? ScaleRule.max.description
    }
}

/// How far off a population is with one rule.
public struct CandidateError: Sendable, Equatable, Encodable {
    /// The rule, as given to `--scale`.
    public var rule: String
    /// How far off, by the measure of the population.
    public var error: Double
    /// Sum of the squared quantisation errors of its weights; decides between equal errors.
    public var squaredWeightError: Double
    /// Share of its weights that are clipped, 0...1.
    public var clippedShare: Double

    init(_ rule: ScaleRule, _ error: Double, _ report: CompileReport, target: String) {
        self.rule = rule.description
        self.error = error
        let projections = report.projections.filter { $0.target == target }
        let weights = projections.reduce(0) { $0 + $1.weights }
        let clipped = projections.reduce(0) { $0 + $1.weightsClipped }
        squaredWeightError = projections.reduce(0) {
            $0 + $1.rootMeanSquareError * $1.rootMeanSquareError * Double($1.weights)
        }
        clippedShare = weights == 0 ? 0 : Double(clipped) / Double(weights)
    }
}

extension Network {
    /// Populations whose incoming scales may be chosen, by depth.
    fileprivate var tunable: [Int] {
        let depth = depths() ?? []
        let free = Set(projections.filter { $0.plasticity == nil }.map(\.target))
        return free.filter { populations[$0].dynamics != .input }.sorted {
            let (one, other) = (depth.isEmpty ? 0 : depth[$0], depth.isEmpty ? 0 : depth[$1])
            return (one, $0) < (other, $1)
        }
    }
}

/// What populations did in some samples.
private struct Responses {
    /// Spikes by path, `[sample · neurons + neuron]`.
    private var spikes: [String: [Int]] = [:]
    /// Potentials by path of those that do not spike, `[(sample · steps + step) · neurons + neuron]`.
    private var potentials: [String: [Double]] = [:]

    /// Runs the author's network.
    init(_ network: Network, _ inputs: SampleSet, _ samples: Int) throws {
        var machine = try FloatMachine(network)
        let populations = network.populations.indices.filter {
            network.populations[$0].dynamics != .input
        }
        for index in populations where network.populations[index].dynamics.isSpiking {
            let population = network.populations[index]
            spikes[population.path] = .init(repeating: 0, count: samples * population.count)
        }
        for sample in 0..<samples {
            machine.reset()
            for step in 0..<inputs.stepCount {
                try machine.step(
                    inputSpikes: inputs.inputs.map {
                        $0.spikes(sample: sample, step: step).map(Int.init)
                    }
                )
                for index in populations {
                    let population = network.populations[index]
                    guard population.dynamics.isSpiking else {
                        potentials[population.path, default: []] += machine.values(of: index)
                        continue
                    }
                    for neuron in machine.spikes(of: index) {
                        spikes[population.path]?[sample * population.count + neuron] += 1
                    }
                }
            }
        }
    }

    /// Runs an image, and looks at one population in the steps in which it answers the input.
    init(_ image: ChipImage, of path: String, _ inputs: SampleSet, _ samples: Int) {
        guard let index = image.network.populations.firstIndex(where: { $0.path == path })
        else { return }
        let population = image.network.populations[index]
        let map = SourceMap(image)
        let addresses = map.addresses(ofPopulation: index)
        let units = MembraneUnits(image, population: index)
        let machine = Machine(image: image)
        var counts = [Int](repeating: 0, count: samples * population.count)
        var values: [Double] = []
        for sample in 0..<samples {
            machine.reset()
            for step in 0..<inputs.stepCount + population.depth {
                machine.step(
                    inputs: step < inputs.stepCount
                        ? inputs.inputs.map { Array($0.spikes(sample: sample, step: step)) } : []
                )
                guard step >= population.depth else { continue }
                if population.model.isSpiking {
                    for spike in machine.spikes {
                        guard let neuron = map.neuron(at: spike.address),
                            neuron.population == index
                        else { continue }
                        counts[sample * population.count + neuron.index] += 1
                    }
                } else {
                    for (neuron, address) in addresses.enumerated() {
                        let raw = machine.membranePotential(at: address) ?? 0
                        values.append(units.potential(raw, of: neuron))
                    }
                }
            }
        }
        if population.model.isSpiking { spikes[path] = counts } else { potentials[path] = values }
    }

    /// How far a population is off, by the measure that fits it.
    func distance(to other: Responses, population path: String) -> Double {
        if let one = spikes[path], let other = other.spikes[path] {
            return Double(zip(one, other).reduce(0) { $0 + ($1.0 - $1.1).magnitude })
        }
        let (one, other) = (potentials[path] ?? [], other.potentials[path] ?? [])
        let squares = zip(one, other).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (squares / Double(max(one.count, 1))).squareRoot()
    }

    /// Spikes of a population, or the root of the mean square of its potentials.
    func size(of path: String) -> Double {
        if let spikes = spikes[path] { return Double(spikes.reduce(0, +)) }
        let values = potentials[path] ?? []
        let squares = values.reduce(0.0) { $0 + $1 * $1 }
        return (squares / Double(max(values.count, 1))).squareRoot()
    }
}
