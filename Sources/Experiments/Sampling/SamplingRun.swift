import Analysis
import ChipImage
public import ChipSpec
public import Emulator
import Events
import FixedPoint
public import NetworkIR

/// Runs a sampling network on a chip through wake and sleep.
public struct SamplingRun {
    private let plan: SamplingPlan
    private let seed: UInt64
    private let task: SamplingTask
    private let network: SamplingNetwork
    /// The machine, for probes between and after phases.
    public let machine: Machine
    private let units: MembraneUnits
    private let indexOfSlot: [UInt32]
    private var biases: [Double]
    private var spikeCounts: [Int]
    private var hostBytes: UInt64 = 0
    private var writers: [AmplitudeDither] = []
    /// What the wake phases owe each weight register, by post · n + pre.
    private var owed: [Double]

    /// A coefficient of the chip is a whole number, and its mean over the phases any.
    private struct AmplitudeDither {
        var projection: Int
        var amplitude: Int
        /// What is to be written, in units of the engine's coefficients.
        var value: Double
        var carried = 0.0
        var written: Int?
    }

    /// Fraction bits of the engine's coefficients, below the lowest hidden bit.
    private static let coefficientBits = 12

    /// Loads the network.
    ///
    /// - Parameters:
    ///   - plan: What to run.
    ///   - seed: Of the task and of the chip's random numbers.
    ///   - rule: `Examples/rules/wake-sleep.yaml`.
    ///   - chip: A chip with an engine of the kind `pilot`.
    /// - Throws: `RuleError`, `CompilerError`.
    public init(
        _ plan: SamplingPlan,
        seed: UInt64,
        rule: LearningRule,
        chip: ChipSpec
    ) throws {
        let n = plan.neuronCount
        self.plan = plan
        self.seed = seed
        task = SamplingTask(plan, seed: seed)
        network = try SamplingNetwork(
            neuronCount: n,
            refractorySteps: plan.refractorySteps,
            isSplit: plan.plasticityNoise > 0,
            rule: rule,
            chip: chip
        )
        machine = Machine(image: network.image, seed: seed)
        units = MembraneUnits(network.image, population: 0)
        indexOfSlot = network.image.cores[0].neurons.indexInPopulation.map { UInt32($0) }
        biases = task.firstBiases
        spikeCounts = .init(repeating: 0, count: n)
        owed = .init(repeating: 0, count: n * n)
        for pair in 0..<n * n where pair / n != pair % n {
            let register = task.firstWeights[pair] / network.registerUnit
            write(Int(register.rounded()), pair)
        }
        for k in biases.indices where biases[k] != 0 { writeBias(k) }
        writers = makeWriters(hiddenBits: chip.synapse.hiddenWeightBits)
    }

    /// Runs everything.
    ///
    /// - Parameter progress: Called with the number of iterations done.
    /// - Returns: What it came to.
    public mutating func run(progress: (Int) -> Void = { _ in }) -> SamplingResult {
        var looks = [look(at: 0)]
        setLearning(isOn: true)
        for iteration in 1...max(1, plan.iterations) where iteration <= plan.iterations {
            sleep()
            wake()
            if iteration < plan.iterations { writeAmplitudes() }
            if iteration % plan.lookEvery == 0 || iteration == plan.iterations {
                looks.append(look(at: iteration))
                progress(iteration)
            }
        }
        setLearning(isOn: false)
        let updates = machine.counts[.weightUpdate]
        let sampled = distribution(steps: plan.finalSteps)
        return SamplingResult(
            seed: seed,
            plan: plan,
            looks: looks,
            divergence: SamplingChain.divergence(of: task.probabilities, from: sampled),
            weights: weights,
            biases: biases,
            weightUpdates: updates,
            spikes: machine.counts[.spike],
            hostBytes: hostBytes
        )
    }

    /// Begins a sleep phase by hand, or ends it.
    ///
    /// - Parameter isOn: Whether the rule works; its amplitudes are those of the first phase.
    public mutating func setLearning(isOn: Bool) {
        if isOn { writeAmplitudes() }
        for projection in network.image.network.projections.indices {
            machine.setLearning(projection: projection, isOn: isOn)
        }
    }

    // MARK: Learning

    private func makeWriters(hiddenBits: Int) -> [AmplitudeDither] {
        let n = plan.neuronCount
        // Of a phase, Hebb's products add up to 2 T ⟨z z⟩, SAL's to twice the overlap of its pairs.
        let unit = network.registerUnit * 2 * Double(plan.phaseInSteps)
        let coefficients = Double(1 << Self.coefficientBits) / unit
        let (hebb, sal) = (plan.learningRate * coefficients, plan.alignmentRate * coefficients)
        let program = network.image.network.rules?.first
        return network.image.network.projections.indices.flatMap { projection in
            let pair = network.projectionOfPair.firstIndex(of: projection) ?? n
            func deviation(_ half: SamplingTask.Half) -> Double {
                1 + task.deviations[half.rawValue][pair]
            }
            let tied = (deviation(.hebbAnticausal) + deviation(.hebbCausal)) / 2
            let values = [
                ("hebbAnticausal", hebb * deviation(.hebbAnticausal)),
                ("hebbCausal", hebb * deviation(.hebbCausal)),
                ("hebbTied", hebb * tied),
                ("salAnticausal", sal * deviation(.salAnticausal)),
                ("salCausal", sal * deviation(.salCausal)),
            ]
            return values.compactMap { name, value in
                program?.amplitudes.firstIndex(of: name).map { index in
                    AmplitudeDither(projection: projection, amplitude: index, value: value)
                }
            }
        }
    }

    private mutating func writeAmplitudes() {
        let bits = machine.image.chip.synapse.hiddenWeightBits + Self.coefficientBits
        for index in writers.indices {
            writers[index].carried += writers[index].value
            let whole = writers[index].carried.rounded()
            writers[index].carried -= whole
            guard writers[index].written != Int(whole) else { continue }
            writers[index].written = Int(whole)
            machine.setAmplitude(
                projection: writers[index].projection,
                index: writers[index].amplitude,
                value: whole / Double(1 << bits)
            )
            hostBytes += 4
        }
    }

    /// The chip runs by itself, and its spike counters count.
    private mutating func sleep() {
        for k in spikeCounts.indices { spikeCounts[k] = 0 }
        for _ in 0..<plan.phaseInSteps where machine.step() > 0 {
            for spike in machine.spikes {
                spikeCounts[Int(indexOfSlot[Int(spike.neuron)])] += 1
            }
        }
    }

    /// The host adds what the target asks for: weights are read and written, counters read, biases written.
    private mutating func wake() {
        let n = plan.neuronCount
        for pair in 0..<n * n where pair / n != pair % n {
            owed[pair] +=
                plan.learningRate * task.coactivation(pair / n, pair % n) / network.registerUnit
            let whole = owed[pair].rounded()
            owed[pair] -= whole
            write(register(pair) + Int(whole), pair)
            hostBytes += 4
        }
        for k in 0..<n {
            let share =
                Double(spikeCounts[k] * plan.refractorySteps) / Double(plan.phaseInSteps)
            biases[k] += plan.learningRate * (task.coactivation(k, k) - share)
            writeBias(k)
            hostBytes += 8
        }
    }

    private func writeBias(_ k: Int) {
        let raw = units.bias(toMoveRestBy: biases[k], of: k).rounded()
        machine.setBias(population: 0, neuron: k, raw: Int32(raw))
    }

    private func register(_ pair: Int) -> Int {
        let n = plan.neuronCount
        return machine.weightRegister(
            projection: network.projectionOfPair[pair],
            pre: pair % n,
            post: pair / n
        ) ?? 0
    }

    private func write(_ value: Int, _ pair: Int) {
        let n = plan.neuronCount
        machine.setWeightRegister(
            projection: network.projectionOfPair[pair],
            pre: pair % n,
            post: pair / n,
            value: value
        )
    }

    // MARK: Looks

    private var weights: [Double] {
        let n = plan.neuronCount
        return (0..<n * n).map {
            $0 / n == $0 % n ? 0 : Double(register($0)) * network.registerUnit
        }
    }

    private func look(at iteration: Int) -> SamplingResult.Look {
        let asymmetry = SamplingResult.asymmetry(of: weights, count: plan.neuronCount)
        return SamplingResult.Look(iteration: iteration, asymmetry: asymmetry)
    }

    /// Relative frequencies of z over steps without learning; bit k is neuron k.
    private func distribution(steps: Int) -> [Double] {
        var counts = [Int](repeating: 0, count: 1 << plan.neuronCount)
        var ending = [Int](repeating: 0, count: plan.refractorySteps)
        var (state, slot) = (0, 0)
        let settling = 20 * plan.refractorySteps
        for step in 0..<steps + settling {
            state &= ~ending[slot]
            ending[slot] = 0
            if machine.step() > 0 {
                for spike in machine.spikes {
                    let bit = 1 << Int(indexOfSlot[Int(spike.neuron)])
                    state |= bit
                    ending[slot] |= bit
                }
            }
            if step >= settling { counts[state] += 1 }
            slot = slot + 1 == plan.refractorySteps ? 0 : slot + 1
        }
        return counts.map { Double($0) / Double(max(1, steps)) }
    }
}
