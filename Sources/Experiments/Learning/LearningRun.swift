import Analysis
public import ChipImage
public import ChipSpec
public import Description
public import Emulator
import Energy
public import Events
import FixedPoint
import Interconnect
public import NetworkIR

/// Runs the phases of a learning experiment on one chip.
///
/// Host and chip meet as they would on silicon: the host writes amplitudes, biases in trim phases and
/// switches, and reads spike counters; weights never leave the chip while it learns. The looks at the
/// weights that make the report are an emulator's privilege and are not counted.
public struct LearningRun {
    /// A name that the image does not have.
    public struct UnknownName: Error, CustomStringConvertible {
        /// The message.
        public let description: String
    }

    /// A mechanism that the chip does not have.
    public struct MissingMechanism: Error, CustomStringConvertible {
        /// The message.
        public let description: String
    }

    /// The machine, for probes between and after phases.
    public let machine: Machine
    private let plan: LearningPlan
    private let table: EnergyTable
    private var clock: StepClock
    /// Steps of network time in a second.
    private let stepsPerSecond: Double
    private let pairs: [ProjectionPair]
    /// One entry a population.
    private let units: [MembraneUnits]
    private var spikeCounts: [[UInt32]]
    private var populationOfNeuron: [[(population: Int, neuron: Int)]]
    private let coreIndex: [UInt32: Int]

    /// Whether spike-time differences are counted in the last quarter of each phase.
    public var countsDifferences = false
    /// Called after each step of a run phase, with the seconds since the first of them began.
    public var probe: ((Machine, Double) throws -> Void)?
    /// Called after each step, those of trim phases too, with the spikes of neurons, then of inputs.
    public var sink: SpikeSink?
    /// Called before the first phase and with every later look at the weights.
    public var look: ((Machine) throws -> Void)?
    /// Gives the recorded spikes of a step, neurons then inputs: then these take the place of the chip's
    /// own, and of its stimuli (`Machine.step(inputs:following:)`).
    public var following: ((UInt64) throws -> [Spike])?
    private var tallies: [SpikeDifferenceTally] = []
    private var stepSpikes: [(population: Int, neuron: Int)] = []
    /// Empty unless all phases are run.
    private var weightCourses: [WeightCourse] = []

    /// A feedback projection and the forward projection it belongs to.
    private struct ProjectionPair {
        var name: String
        var forward: Int
        var feedback: Int
    }

    /// Loads a chip.
    ///
    /// - Parameters:
    ///   - image: A verified image.
    ///   - plan: Phases.
    ///   - device: Whose fixed pattern to apply.
    ///   - seed: Run seed.
    ///   - stepInSeconds: Network time of a step.
    ///   - energyTable: Prices; nil takes the chip's first table.
    ///   - options: How to use the host.
    public init(
        image: ChipImage,
        plan: LearningPlan,
        device: Device,
        seed: UInt64,
        stepInSeconds: Double,
        energyTable: EnergyTable? = nil,
        options: MachineOptions = .init()
    ) {
        machine = Machine(image: image, device: device, seed: seed, options: options)
        self.plan = plan
        let table = energyTable ?? image.chip.energyTables[0]
        self.table = table
        clock = StepClock(chip: image.chip, prices: table, packets: machine.packetTable)
        stepsPerSecond = 1 / stepInSeconds
        pairs = image.network.projections.enumerated().compactMap { index, projection in
            projection.feedbackOf.map { forward in
                ProjectionPair(
                    name: projection.name ?? "\(projection.source) > \(projection.target)",
                    forward: forward,
                    feedback: index
                )
            }
        }
        units = image.network.populations.indices.map { MembraneUnits(image, population: $0) }
        spikeCounts = image.network.populations.map { .init(repeating: 0, count: $0.count) }
        populationOfNeuron = image.cores.map { core in
            core.segments.flatMap { segment in
                (segment.firstSlot..<(segment.firstSlot + segment.count)).map { slot in
                    (Int(segment.population), Int(core.neurons.indexInPopulation[Int(slot)]))
                }
            }
        }
        var indices: [UInt32: Int] = [:]
        for (index, core) in image.cores.enumerated() { indices[core.core] = index }
        coreIndex = indices
    }

    private var network: NetworkTable { machine.image.network }

    /// Runs all phases.
    ///
    /// - Parameter progress: Called with the share of all steps that is done.
    /// - Returns: What was measured.
    /// - Throws: `UnknownName` if a phase names what the image does not have, `MissingMechanism` if it
    ///   asks for what the chip does not have.
    public mutating func run(progress: (Double) -> Void = { _ in }) throws -> LearningResult {
        try checkServos()
        let total = plan.phases.reduce(0.0) { sum, phase in
            switch phase {
            case .trim(let trim): sum + Double(trim.rounds) * trim.seconds
            case .run(let run): sum + run.seconds
            }
        }
        var done = 0.0
        var result = LearningResult(
            seed: machine.seed,
            phases: [],
            projections: pairs.map { pair in
                let weights = weights(of: pair)
                return ProjectionCourse(
                    name: pair.name,
                    points: point(of: pair, at: 0).map { [$0] } ?? [],
                    before: weights.pairs,
                    after: weights.pairs
                )
            }
        )
        weightCourses = []
        lookAtWeights()
        try look?(machine)
        var learned = 0.0
        for (index, phase) in plan.phases.enumerated() {
            switch phase {
            case .trim(let trim):
                // Rates are trimmed under the shifts and stimuli of the phase that they are for.
                var stimuli: [Stimulus] = []
                for case .run(let next) in plan.phases[index...].prefix(2) {
                    attenuate(next)
                    stimuli = next.stimuli
                }
                let outcome = try self.run(trim, under: stimuli) {
                    progress((done + $0) / max(total, 1e-9))
                }
                result.phases.add(outcome)
                done += Double(trim.rounds) * trim.seconds
            case .run(let run):
                let outcome = try self.run(run, after: learned, &result.projections) {
                    progress((done + $0) / max(total, 1e-9))
                }
                result.phases.add(outcome)
                done += run.seconds
                learned += run.seconds
            }
        }
        for (index, pair) in pairs.enumerated() {
            if countsDifferences, index < tallies.count {
                result.projections[index].differences = tallies[index].differences
            }
            result.projections[index].after = weights(of: pair).pairs
        }
        result.weights = weightCourses
        return result
    }

    /// Runs one phase more, on the state as it is: for hosts that act between phases.
    ///
    /// - Parameter phase: What to run; nobody looks at the weights meanwhile.
    /// - Returns: What it took.
    /// - Throws: `UnknownName` if the phase names what the image does not have.
    public mutating func run(_ phase: RunPhase) throws -> PhaseResult {
        var courses: [ProjectionCourse] = []
        return try run(phase, after: 0, &courses) { _ in }
    }

    /// The image with the weights as they are now, hidden bits included.
    ///
    /// - Returns: An image that goes on where this run ends; biases are those of the first image.
    /// - Throws: `ChipImageError` if a register does not fit its image.
    public func learnedImage() throws -> ChipImage {
        var image = machine.image
        for (index, projection) in network.projections.enumerated() where projection.rule != nil {
            var registers: [UInt64: Int] = [:]
            for synapse in machine.synapses(of: index) {
                registers[UInt64(synapse.pre) << 32 | UInt64(synapse.post)] = synapse.register
            }
            let ordered = image.synapses(ofProjection: index).map { place in
                Int32(registers[UInt64(place.pre) << 32 | UInt64(place.post)] ?? 0)
            }
            image = try image.settingWeights(ordered, ofProjection: index)
        }
        return image
    }

    /// A network with the weights as they are now.
    ///
    /// - Parameter network: The network that the image was compiled from.
    /// - Returns: The same network; projections with a rule have their registers as weights, author's
    ///   units, without the device's gains. Biases are those of the network.
    public func learnedNetwork(_ network: Network) -> Network {
        var network = network
        let hidden = Double(1 << machine.image.chip.synapse.hiddenWeightBits)
        for (index, table) in self.network.projections.enumerated() where table.rule != nil {
            guard let place = network.projections.firstIndex(where: { $0.name == table.name })
            else { continue }
            let projection = network.projections[place]
            let sources = network.populations[projection.source].count
            let scale = table.weightScale / hidden
            let synapses = machine.synapses(of: index)
            switch projection.connectivity {
            case .dense(var weights):
                for synapse in synapses {
                    weights[synapse.post * sources + synapse.pre] = Double(synapse.register) * scale
                }
                network.projections[place].connectivity = .dense(weights)
            case .oneToOne(var weights):
                for synapse in synapses {
                    weights[synapse.post] = Double(synapse.register) * scale
                }
                network.projections[place].connectivity = .oneToOne(weights)
            case .sparse(let sparse):
                var weights = Array(sparse.weights)
                for synapse in synapses {
                    // Every synapse of the image is an entry of the network it was compiled from.
                    guard let entry = sparse.index(ofSource: synapse.pre, target: synapse.post)
                    else { continue }
                    weights[entry] = Double(synapse.register) * scale
                }
                network.projections[place].connectivity = .sparse(sparse.replacing(weights))
            }
        }
        return network
    }

    // MARK: Phases

    private mutating func run(
        _ trim: TrimPhase,
        under stimuli: [Stimulus],
        progress: (Double) -> Void
    ) throws -> PhaseResult {
        var tally = PhaseTally(machine: machine)
        let steps = wholeSteps(trim.seconds)
        var stimulation = try Stimulation(
            stimuli,
            machine: machine,
            stepsPerSecond: stepsPerSecond
        )
        for round in 0..<trim.rounds {
            clearSpikeCounts()
            for step in 0..<steps {
                try self.step(&tally, inputs: stimulation.inputs(at: step, machine: machine))
            }
            stimulation.end(machine: machine, after: steps)
            for (population, table) in network.populations.enumerated() {
                for neuron in 0..<table.count {
                    let rate = Double(spikeCounts[population][neuron]) / trim.seconds
                    let error = PortableMath.log(trim.target / max(rate, 0.05))
                    let change = units[population].bias(
                        toMoveRestBy: trim.gain * min(3, max(-3, error)),
                        of: neuron
                    )
                    let bias = machine.bias(population: population, neuron: neuron)
                    machine.setBias(
                        population: population,
                        neuron: neuron,
                        raw: Int32(clamping: Int64(bias) + Int64(change.rounded()))
                    )
                    // A spike counter of 4 bytes read, a bias of 4 bytes written.
                    tally.hostBytes += 8
                }
            }
            progress(Double(round + 1) * trim.seconds)
        }
        return finished("trim", &tally, seconds: trim.seconds)
    }

    private mutating func run(
        _ run: RunPhase,
        after learned: Double,
        _ courses: inout [ProjectionCourse],
        progress: (Double) -> Void
    ) throws -> PhaseResult {
        var tally = PhaseTally(machine: machine)
        let steps = wholeSteps(run.seconds)
        let probe = max(1, wholeSteps(plan.probeEverySeconds))
        try begin(run, &tally)
        clearSpikeCounts()
        let amplitudes = try run.amplitudes.map { try AmplitudeWriter($0, network: network) }
        var stimulation = try Stimulation(
            run.stimuli,
            machine: machine,
            stepsPerSecond: stepsPerSecond
        )
        var monitor = run.monitor.map { plan in
            Monitor(plan, machine: machine, projections: learningProjections(run))
        }
        let look = monitor.map { max(1, wholeSteps($0.plan.everySeconds)) } ?? Int.max
        for step in 0..<steps {
            if countsDifferences, step == steps - steps / 4 {
                tallies = try pairs.map { try differenceTally(of: $0) }
            }
            for writer in amplitudes {
                tally.hostBytes += writer.write(to: machine, step: step, of: steps)
            }
            try self.step(&tally, inputs: stimulation.inputs(at: step, machine: machine))
            try self.probe?(machine, learned + Double(step + 1) / stepsPerSecond)
            if (step + 1) % look == 0, step + 1 < steps {
                let seconds = Double(step + 1) / stepsPerSecond
                tally.stops += monitor?.look(machine, at: seconds, counts: spikeCounts) ?? []
            }
            if (step + 1) % probe == 0 || step + 1 == steps {
                let seconds = Double(step + 1) / stepsPerSecond
                for (index, pair) in pairs.enumerated().prefix(courses.count) {
                    if let point = self.point(of: pair, at: learned + seconds) {
                        courses[index].points.append(point)
                    }
                }
                if !weightCourses.isEmpty {
                    lookAtWeights()
                    try self.look?(machine)
                }
                progress(seconds)
            }
        }
        stimulation.end(machine: machine, after: steps)
        end(run)
        return finished(run.name, &tally, seconds: run.seconds)
    }

    /// The law of the shift: the smallest k for which the weights of a reciprocal pair of projections, in
    /// thresholds (half log-odds), have σ · √(fan-in / 40) / 2^k of at most 0.36, the geometric mean over the
    /// two directions.
    ///
    /// Both sides of a pair get one shift: else their effective weights would differ by a power of two.
    private func shift(for path: String) -> Int {
        var shift = 0
        for pair in pairs {
            let projections = [pair.forward, pair.feedback].map { network.projections[$0] }
            guard projections.contains(where: { $0.target == path }) else { continue }
            let product = drive(pair.forward) * drive(pair.feedback)
            var k = 0
            while product.squareRoot() / Double(1 << k) > 0.36 * 40.0.squareRoot(), k < 7 { k += 1 }
            shift = max(shift, k)
        }
        return min(shift, machine.image.chip.learning?.longestAttenuation ?? 0)
    }

    /// Root-mean-square weight onto a neuron of a projection's target times the root of its fan-in.
    private func drive(_ index: Int) -> Double {
        let projection = network.projections[index]
        let population = network.populations.first { $0.path == projection.target }
        let hidden = Double(1 << machine.image.chip.synapse.hiddenWeightBits)
        let squares = machine.synapses(of: index).reduce(0.0) {
            let weight = Double($1.register) / hidden * projection.weightScale
            return $0 + weight * weight
        }
        let unit = population?.sampling == nil ? 1.0 : 2.0
        return (squares / Double(max(1, population?.count ?? 1))).squareRoot() / unit
    }

    private func learningProjections(_ run: RunPhase) -> [(name: String, index: Int)] {
        run.learning.compactMap { name in
            network.projections.firstIndex { $0.name == name }.map { (name, $0) }
        }
    }

    private func begin(_ run: RunPhase, _ tally: inout PhaseTally) throws {
        for name in run.learning {
            guard let index = network.projections.firstIndex(where: { $0.name == name }) else {
                throw UnknownName(
                    description:
                        "Phase '\(run.name)' switches on the rule of '\(name)', which is no "
                        + "projection of the network."
                )
            }
            machine.setLearning(projection: index, isOn: true)
            tally.hostBytes += 1
        }
        try switchServosOn(run, &tally)
        attenuate(run)
        for (index, population) in network.populations.enumerated() {
            guard let control = run.rateControl,
                control.populations.isEmpty || control.populations.contains(population.path)
            else { continue }
            let period = max(1, wholeSteps(control.everySeconds))
            let target = max(1, (control.target * control.everySeconds).rounded())
            let unit = Double(1 << RateControl.fractionBits)
            // The chip has one gain a population.
            let step = units[index].bias(toMoveRestBy: control.step, of: 0)
            let gain = (step / target * unit).rounded()
            machine.setRateControl(
                population: index,
                RateControl(
                    target: Int(target),
                    gain: Int32(clamping: Int64(min(max(gain, -2e9), 2e9))),
                    periodInSteps: period
                )
            )
            tally.hostBytes += 12
        }
    }

    /// Refuses servos on a chip without, before anything runs.
    private func checkServos() throws {
        let chip = machine.image.chip
        guard chip.learning?.hasGainServo != true else { return }
        for case .run(let run) in plan.phases where !run.servos.isEmpty {
            throw MissingMechanism(
                description:
                    "Phase '\(run.name)' has a gain servo, and chip '\(chip.name)' has none "
                    + "(learning.hasGainServo). Leave servo out, or choose a chip that has it, such as "
                    + "'pilot'."
            )
        }
    }

    private func switchServosOn(_ run: RunPhase, _ tally: inout PhaseTally) throws {
        for plan in run.servos {
            let law: GainServo.Law
            switch plan.law {
            case .exact:
                let unit = Double(1 << GainServo.fractionBits)
                law = .exact(gain: Int32(min(max(0, (plan.kappa * unit).rounded()), 0x1p24)))
            case .shifts: law = .shifts(exponent: Int(max(1, plan.kappa).exponent))
            }
            for name in plan.projections.isEmpty ? run.learning : plan.projections {
                guard let index = network.projections.firstIndex(where: { $0.name == name }) else {
                    throw UnknownName(
                        description:
                            "Phase '\(run.name)' has a gain servo for '\(name)', which is no "
                            + "projection of the network."
                    )
                }
                let servo = GainServo(law: law, periodInSteps: plan.everySteps)
                machine.setGainServo(projection: index, servo)
                // Gain and period, each 4 bytes.
                tally.hostBytes += 8
            }
        }
    }

    private func attenuate(_ run: RunPhase) {
        for (index, population) in network.populations.enumerated() {
            machine.setAttenuation(
                population: index,
                shift: run.attenuation[population.path]
                    ?? (run.choosesAttenuation ? shift(for: population.path) : 0)
            )
        }
    }

    private func end(_ run: RunPhase) {
        for index in network.projections.indices {
            machine.setLearning(projection: index, isOn: false)
            machine.setGainServo(projection: index, nil)
        }
        for index in network.populations.indices {
            machine.setAttenuation(population: index, shift: 0)
            machine.setRateControl(population: index, nil)
        }
    }

    private mutating func step(_ tally: inout PhaseTally, inputs: [[UInt32]] = []) throws {
        let step = machine.currentStep
        var spikes: [Spike]
        if let following {
            let recorded = try following(step)
            let split = recorded.firstIndex { $0.address.isInput } ?? recorded.count
            var channels = [[UInt32]](repeating: [], count: machine.image.inputs.count)
            for spike in recorded[split...] {
                channels[Int(spike.core - NeuronAddress.firstInputCore)].append(spike.neuron)
            }
            spikes = Array(recorded[..<split])
            machine.step(inputs: channels, following: spikes)
        } else {
            machine.step(inputs: inputs)
            spikes = machine.spikes
        }
        if let sink {
            let ports = inputs.enumerated().flatMap { port, channels in
                channels.map {
                    Spike(step: step, core: NeuronAddress.firstInputCore + UInt32(port), neuron: $0)
                }
            }
            try sink(spikes + ports)
        }
        for spike in spikes {
            guard let core = coreIndex[spike.core] else { continue }
            tally.spikePackets += UInt64(
                machine.image.cores[core].routes[Int(spike.neuron)].count
            )
            let (population, neuron) = populationOfNeuron[core][Int(spike.neuron)]
            spikeCounts[population][neuron] &+= 1
            if countsDifferences { stepSpikes.append((population, neuron)) }
        }
        if countsDifferences {
            for index in tallies.indices {
                tallies[index].add(stepSpikes, step: machine.currentStep)
            }
            stepSpikes.removeAll(keepingCapacity: true)
        }
        let time = clock.duration(of: machine.activity)
        tally.add(time)
    }

    private func differenceTally(of pair: ProjectionPair) throws -> SpikeDifferenceTally {
        let feedback = network.projections[pair.feedback]
        func population(_ path: String) -> (population: Int, count: Int) {
            let index = network.populations.firstIndex { $0.path == path } ?? 0
            return (index, network.populations[index].count)
        }
        return try SpikeDifferenceTally(
            pre: population(feedback.source),
            post: population(feedback.target),
            weights: machine.synapses(of: pair.forward).map { ($0.post, $0.pre, $0.register) }
        )
    }

    private mutating func clearSpikeCounts() {
        for index in spikeCounts.indices {
            for neuron in spikeCounts[index].indices { spikeCounts[index][neuron] = 0 }
        }
    }

    private func wholeSteps(_ seconds: Double) -> Int {
        Int(min(max(0, (seconds * stepsPerSecond).rounded()), 1e15))
    }

    private func finished(
        _ name: String,
        _ tally: inout PhaseTally,
        seconds: Double
    ) -> PhaseResult {
        let counts = tally.counts(of: machine)
        let energy = EnergyReport(
            counts: counts,
            table: table,
            chipTimeInSeconds: tally.nanoseconds * 1e-9,
            chipTimeIsLowerBound: tally.isLowerBound
        )
        let rates = network.populations.enumerated().map { index, population in
            let counts = spikeCounts[index]
            return PopulationRate(
                population: population.path,
                mean: Double(counts.reduce(0, &+)) / Double(max(1, counts.count)) / seconds,
                lowest: Double(counts.min() ?? 0) / seconds,
                highest: Double(counts.max() ?? 0) / seconds
            )
        }
        return PhaseResult(
            name: name,
            steps: counts[.step],
            counts: counts,
            joules: energy.totalJoules,
            learningJoules: energy.learningJoules,
            isLowerBound: energy.isLowerBound,
            chipSeconds: tally.nanoseconds * 1e-9,
            overruns: tally.overruns,
            hostBytes: tally.hostBytes,
            learningPackets: counts[.axonOut] - tally.spikePackets,
            rates: rates,
            stops: tally.stops
        )
    }

    // MARK: Looks

    /// Effective angle of each feedback projection if its registers were copies of the forward ones.
    ///
    /// The yardstick of learning under mismatch: weight transport by copy, on this device.
    ///
    /// - Returns: Degrees, one entry a projection with a feedback.
    public func angleOfCopy() -> [Double] {
        pairs.compactMap { pair in
            let weights = weights(of: pair)
            return WeightAlignment(
                forward: zip(weights.pairs.forward, weights.gains).map { $0 * $1.0 },
                feedback: zip(weights.pairs.forward, weights.gains).map { $0 * $1.1 }
            )?.angle
        }
    }

    /// Weight pairs of a feedback projection, author's units, in the order of its synapses.
    private func weights(
        of pair: ProjectionPair
    ) -> (pairs: WeightPairs, gains: [(Double, Double)]) {
        let hidden = Double(1 << machine.image.chip.synapse.hiddenWeightBits)
        var partners: [UInt64: SynapseState] = [:]
        for synapse in machine.synapses(of: pair.forward) {
            partners[UInt64(synapse.pre) << 32 | UInt64(synapse.post)] = synapse
        }
        let forwardScale = network.projections[pair.forward].weightScale / hidden
        let feedbackScale = network.projections[pair.feedback].weightScale / hidden
        var forward: [Double] = []
        var feedback: [Double] = []
        var gains: [(Double, Double)] = []
        for synapse in machine.synapses(of: pair.feedback) {
            let partner = partners[UInt64(synapse.post) << 32 | UInt64(synapse.pre)]
            forward.append(Double(partner?.register ?? 0) * forwardScale)
            feedback.append(Double(synapse.register) * feedbackScale)
            gains.append((partner?.gain ?? 1, synapse.gain))
        }
        return (WeightPairs(forward: forward, feedback: feedback), gains)
    }

    /// Adds the weights as they are now to the courses of projections with a rule.
    private mutating func lookAtWeights() {
        let plastic = network.projections.enumerated().filter { $0.element.rule != nil }
        let hidden = Double(1 << machine.image.chip.synapse.hiddenWeightBits)
        for (place, (index, projection)) in plastic.enumerated() {
            let registers = machine.synapses(of: index).map { Double($0.register) }
            guard let low = registers.min(), let high = registers.max() else { continue }
            let scale = projection.weightScale / hidden
            let mean = registers.reduce(0, +) / Double(registers.count) * scale
            if place < weightCourses.count {
                weightCourses[place].means.append(mean)
                weightCourses[place].lowest = min(weightCourses[place].lowest, low * scale)
                weightCourses[place].highest = max(weightCourses[place].highest, high * scale)
            } else {
                weightCourses.append(
                    WeightCourse(
                        name: projection.name ?? "\(projection.source) > \(projection.target)",
                        means: [mean],
                        lowest: low * scale,
                        highest: high * scale
                    )
                )
            }
        }
    }

    private func point(of pair: ProjectionPair, at seconds: Double) -> AlignmentPoint? {
        let weights = weights(of: pair)
        let nominal = WeightAlignment(
            forward: weights.pairs.forward,
            feedback: weights.pairs.feedback
        )
        let effective = WeightAlignment(
            forward: zip(weights.pairs.forward, weights.gains).map { $0 * $1.0 },
            feedback: zip(weights.pairs.feedback, weights.gains).map { $0 * $1.1 }
        )
        guard let nominal, let effective else { return nil }
        return AlignmentPoint(seconds: seconds, nominal: nominal, effective: effective)
    }
}

/// What accrues over a phase.
private struct PhaseTally {
    private let before: ActionCounts
    var nanoseconds = 0.0
    var isLowerBound = false
    var overruns: UInt64 = 0
    var hostBytes: UInt64 = 0
    /// Packets that the spikes of neurons account for.
    var spikePackets: UInt64 = 0
    var stops: [MonitorStop] = []

    init(machine: Machine) { before = machine.counts }

    mutating func add(_ time: StepTime) {
        nanoseconds += time.nanoseconds
        isLowerBound = isLowerBound || time.isLowerBound
        overruns += time.isOverrun ? 1 : 0
    }

    func counts(of machine: Machine) -> ActionCounts {
        var counts = ActionCounts()
        for action in Action.allCases { counts[action] = machine.counts[action] - before[action] }
        return counts
    }
}

/// Writes one amplitude as its course says.
private struct AmplitudeWriter {
    private struct Register {
        var projection: Int
        var index: Int
        /// Visible lowest bits per author's unit.
        var scale: Double
    }

    private let course: AmplitudeCourse
    private let registers: [Register]

    init(_ course: AmplitudeCourse, network: NetworkTable) throws {
        self.course = course
        let rules = network.rules ?? []
        registers = network.projections.enumerated().compactMap { number, projection in
            guard let rule = projection.rule,
                course.projection == nil || course.projection == projection.name,
                let index = rules[rule].amplitudes.firstIndex(of: course.name)
            else { return nil }
            return Register(projection: number, index: index, scale: 1 / projection.weightScale)
        }
        guard !registers.isEmpty else {
            throw LearningRun.UnknownName(
                description:
                    "No rule\(course.projection.map { " of projection '\($0)'" } ?? "") has an "
                    + "amplitude '\(course.name)'. Name one that the rule uses."
            )
        }
    }

    /// Writes the registers when their time has come.
    ///
    /// - Returns: Bytes written.
    func write(to machine: Machine, step: Int, of steps: Int) -> UInt64 {
        guard step % max(1, course.everySteps) == 0, step == 0 || course.from != course.to else {
            return 0
        }
        let value = course.value(at: Double(step) / Double(max(1, steps)))
        for register in registers {
            machine.setAmplitude(
                projection: register.projection,
                index: register.index,
                value: value * register.scale
            )
        }
        return UInt64(4 * registers.count)
    }
}
