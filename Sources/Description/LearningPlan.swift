import FixedPoint

/// What a learning experiment does with a chip once it is loaded: phases, and how often to look.
public struct LearningPlan: Sendable, Equatable {
    /// One after the other.
    public var phases: [LearningPhase]
    /// Chip time between two looks at the weights, in seconds.
    public var probeEverySeconds: Double
    /// Registers of neurons that are written down step by step.
    public var probes: [StateProbe]

    /// Makes a plan.
    ///
    /// - Parameters:
    ///   - phases: One after the other.
    ///   - probeEverySeconds: Chip time between two looks at the weights.
    ///   - probes: Registers of neurons that are written down step by step.
    public init(phases: [LearningPhase], probeEverySeconds: Double, probes: [StateProbe] = []) {
        self.phases = phases
        self.probeEverySeconds = probeEverySeconds
        self.probes = probes
    }
}

/// A register of neurons, step by step, for a part of the run phases.
public struct StateProbe: Sendable, Equatable {
    /// Registers of neurons that can be probed.
    public enum Register: String, Sendable, CaseIterable {
        /// Membrane potential.
        case v
        /// Synaptic current.
        case u
    }

    /// Learning traces that can be probed.
    public enum Trace: String, Sendable, CaseIterable {
        /// Traces of presynaptic spikes.
        case x1, x2
        /// Traces of postsynaptic spikes.
        case y1, y2, y3
    }

    /// What is probed.
    public enum Quantity: Sendable, Equatable {
        /// A register of the neurons of a population.
        case register(Register, population: String)
        /// A learning trace of the rule of a projection.
        case trace(Trace, projection: String)
    }

    /// Register or trace, and of what.
    public var quantity: Quantity
    /// Indices in the population, of a trace x in the source of the projection, of a trace y in its target; empty
    /// means all.
    public var neurons: [Int]
    /// Where it begins, in seconds since the first run phase began.
    public var from: Double
    /// Where it ends.
    public var to: Double

    /// Describes a probe.
    ///
    /// - Parameters:
    ///   - quantity: Register or trace, and of what.
    ///   - neurons: Indices of neurons; empty means all.
    ///   - from: Seconds since the first run phase began.
    ///   - to: Where it ends.
    public init(
        _ quantity: Quantity,
        neurons: [Int] = [],
        from: Double = 0,
        to: Double = .infinity
    ) {
        self.quantity = quantity
        self.neurons = neurons
        self.from = from
        self.to = to
    }

    /// Population or projection.
    public var source: String {
        switch quantity {
        case .register(_, let population): population
        case .trace(_, let projection): projection
        }
    }

    /// Name of the register or trace.
    public var name: String {
        switch quantity {
        case .register(let register, _): register.rawValue
        case .trace(let trace, _): trace.rawValue
        }
    }

    /// Whether a time lies in the part that is probed.
    ///
    /// - Parameter seconds: Since the first run phase began.
    /// - Returns: Whether it does.
    public func includes(_ seconds: Double) -> Bool { seconds >= from && seconds <= to }
}

/// A phase of a learning experiment.
///
/// Times are in seconds of the network's own time.
public enum LearningPhase: Sendable, Equatable {
    /// Rules off; the host moves biases until the rates fit.
    case trim(TrimPhase)
    /// The chip runs; rules are on as named.
    case run(RunPhase)
}

/// Biases set by the host: after each round, bias += gain · clip(ln(target / rate), ±3).
public struct TrimPhase: Sendable, Equatable {
    /// Number of rounds.
    public var rounds: Int
    /// Length of a round.
    public var seconds: Double
    /// Rate in spikes a second.
    public var target: Double
    /// Step of the bias, author's units.
    public var gain: Double

    /// Describes the phase.
    ///
    /// - Parameters:
    ///   - rounds: Number of rounds.
    ///   - seconds: Length of a round.
    ///   - target: Rate in spikes a second.
    ///   - gain: Step of the bias, author's units.
    public init(rounds: Int, seconds: Double, target: Double, gain: Double) {
        self.rounds = rounds
        self.seconds = seconds
        self.target = target
        self.gain = gain
    }
}

/// The chip runs for some time.
public struct RunPhase: Sendable, Equatable {
    /// Name in reports.
    public var name: String
    /// Length of the phase.
    public var seconds: Double
    /// Projections whose rules are on.
    public var learning: [String]
    /// Amplitudes of rules over the phase.
    public var amplitudes: [AmplitudeCourse]
    /// Rate control on the chip; nil without.
    public var rateControl: RateControlPlan?
    /// Gain servos on the chip, no two for one projection.
    public var servos: [GainServoPlan]
    /// Right shift of the dendritic sums of populations.
    public var attenuation: [String: Int]
    /// Whether shifts that are not given follow from the weights (`docs/SAL.md`, the law of the shift).
    public var choosesAttenuation = false
    /// Stops projections that go wrong; nil without.
    public var monitor: MonitorPlan?
    /// Spikes from outside.
    public var stimuli: [Stimulus]

    /// Describes the phase.
    ///
    /// - Parameters:
    ///   - name: Name in reports.
    ///   - seconds: Length of the phase.
    ///   - learning: Projections whose rules are on.
    ///   - amplitudes: Amplitudes of rules.
    ///   - rateControl: Rate control on the chip.
    ///   - servos: Gain servos on the chip.
    ///   - attenuation: Right shift of dendritic sums.
    ///   - monitor: Stops projections that go wrong.
    ///   - stimuli: Spikes from outside.
    public init(
        name: String,
        seconds: Double,
        learning: [String] = [],
        amplitudes: [AmplitudeCourse] = [],
        rateControl: RateControlPlan? = nil,
        servos: [GainServoPlan] = [],
        attenuation: [String: Int] = [:],
        monitor: MonitorPlan? = nil,
        stimuli: [Stimulus] = []
    ) {
        self.name = name
        self.seconds = seconds
        self.learning = learning
        self.amplitudes = amplitudes
        self.rateControl = rateControl
        self.servos = servos
        self.attenuation = attenuation
        self.monitor = monitor
        self.stimuli = stimuli
    }
}

/// How a named amplitude of a rule moves over a phase of length T.
public struct AmplitudeCourse: Sendable, Equatable {
    /// Between the ends of the course.
    public enum Shape: String, Sendable, CaseIterable {
        /// a(t) = from · (to / from)^(t / T).
        case geometric
        /// a(t) = from + (to − from) · t / T.
        case linear
    }

    /// Projection; nil for all whose rule has the amplitude.
    public var projection: String?
    /// Name in the rule.
    public var name: String
    /// Value at the start, in the unit of the projection's weights.
    public var from: Double
    /// Value at the end.
    public var to: Double
    /// Between them.
    public var shape: Shape
    /// Steps after which the host writes the amplitude anew.
    public var everySteps: Int

    /// Describes a course.
    ///
    /// - Parameters:
    ///   - projection: Projection, or nil for all.
    ///   - name: Name in the rule.
    ///   - from: Value at the start.
    ///   - to: Value at the end.
    ///   - shape: Between them.
    ///   - everySteps: Steps after which the host writes the amplitude anew.
    public init(
        projection: String? = nil,
        name: String,
        from: Double,
        to: Double,
        shape: Shape = .geometric,
        everySteps: Int = 1024
    ) {
        self.projection = projection
        self.name = name
        self.from = from
        self.to = to
        self.shape = shape
        self.everySteps = everySteps
    }

    /// Value at a share of the phase.
    ///
    /// - Parameter share: 0...1.
    /// - Returns: The amplitude.
    public func value(at share: Double) -> Double {
        guard from != to else { return from }
        switch shape {
        case .linear: return from + (to - from) * share
        case .geometric:
            guard from > 0, to > 0 else { return from }
            return from * PortableMath.exp(PortableMath.log(to / from) * share)
        }
    }
}

/// Rate control of populations during a phase: bias += h · (target − spikes) / target each period.
public struct RateControlPlan: Sendable, Equatable {
    /// Populations; empty for all.
    public var populations: [String]
    /// Spikes a second.
    public var target: Double
    /// Step h of the bias, author's units.
    public var step: Double
    /// Period in seconds.
    public var everySeconds: Double

    /// Describes the control.
    ///
    /// - Parameters:
    ///   - populations: Populations; empty for all.
    ///   - target: Spikes a second.
    ///   - step: Step h of the bias.
    ///   - everySeconds: Period.
    public init(
        populations: [String] = [],
        target: Double,
        step: Double,
        everySeconds: Double = 1
    ) {
        self.populations = populations
        self.target = target
        self.step = step
        self.everySeconds = everySeconds
    }
}

/// Gain servo of projections during a phase: w *= 1 + κ · Σ Δw w / Σ w² each period, on each core.
public struct GainServoPlan: Sendable, Equatable {
    /// How a core computes the factor (`docs/NUMERICS.md`, section 9).
    public enum Law: String, Sendable, CaseIterable {
        /// With a multiplier an update and a division a period.
        case exact
        /// With signs and shifts alone; κ is a power of two, and acts with half to twice of it.
        case shifts
    }

    /// Projections; empty for all whose rules are on in the phase.
    public var projections: [String]
    /// κ.
    public var kappa: Double
    /// Period in steps.
    public var everySteps: Int
    /// How a core computes the factor.
    public var law: Law

    /// Describes the servo.
    ///
    /// - Parameters:
    ///   - projections: Projections; empty for all whose rules are on.
    ///   - kappa: κ; nil takes 30, or 32 with `shifts`.
    ///   - everySteps: Period in steps.
    ///   - law: How a core computes the factor.
    public init(
        projections: [String] = [],
        kappa: Double? = nil,
        everySteps: Int = 1000,
        law: Law = .exact
    ) {
        self.projections = projections
        self.kappa = kappa ?? (law == .exact ? 30 : 32)
        self.everySteps = everySteps
        self.law = law
    }
}

/// Spikes from outside during a phase.
public enum Stimulus: Sendable, Equatable {
    /// Each channel of an input spikes at random with a rate in spikes a second.
    case poisson(input: String, rate: Double)
    /// Given spikes: (step in the phase, channel), ascending; repeated every `period` steps if given.
    case spikes(input: String, steps: [UInt32], channels: [UInt32], period: Int?)
    /// A constant added to the biases of a population for some steps of the phase, author's units.
    case current(population: String, value: Double, from: Double, to: Double)
}
