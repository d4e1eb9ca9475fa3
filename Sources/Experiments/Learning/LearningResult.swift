public import Analysis
public import Events

/// What a learning experiment measured on one device with one seed.
public struct LearningResult: Sendable {
    /// Seed of network, run and device.
    public var seed: UInt64
    /// What happened in each phase; phases of one name, as repeats make them, are one entry.
    public var phases: [PhaseResult]
    /// Each feedback projection over time.
    public var projections: [ProjectionCourse]
    /// Each projection with a rule over time.
    public var weights: [WeightCourse] = []
}

/// The weights of a projection with a rule over time, author's units, without the device's gains.
public struct WeightCourse: Sendable, Equatable {
    /// Name of the projection.
    public var name: String
    /// Mean weight at each look, the first before the first step.
    public var means: [Double]
    /// Lowest weight of a synapse at any look.
    public var lowest: Double
    /// Highest weight of a synapse at any look.
    public var highest: Double

    /// First and last mean.
    var ends: (Double, Double)? {
        guard let first = means.first, let last = means.last else { return nil }
        return (first, last)
    }
}

/// What a phase took.
public struct PhaseResult: Sendable, Equatable {
    /// Name of the phase.
    public var name: String
    /// Steps it lasted.
    public var steps: UInt64
    /// What the chip did.
    public var counts: ActionCounts
    /// Energy of the phase in joules, and of weight, trace and bias updates alone.
    public var joules: Double
    /// Energy of the weight, trace and bias updates of the phase.
    public var learningJoules: Double
    /// Whether the energies are lower bounds.
    public var isLowerBound: Bool
    /// Chip time of the phase in seconds.
    public var chipSeconds: Double
    /// Steps in which a core was busy for longer than the step.
    public var overruns: UInt64
    /// Bytes that host and chip exchanged for learning.
    public var hostBytes: UInt64
    /// Packets that cores sent and no spike accounts for.
    public var learningPackets: UInt64
    /// Mean rate of each population over the phase, and the lowest and highest of a neuron.
    public var rates: [PopulationRate]
    /// Projections that the monitor stopped, and why.
    public var stops: [MonitorStop]

    /// Adds a repeat of the phase.
    ///
    /// - Parameter other: What it took; rates are weighted by steps.
    mutating func merge(_ other: PhaseResult) {
        let share = Double(other.steps) / Double(max(1, steps + other.steps))
        for (index, rate) in other.rates.enumerated() where rates.indices.contains(index) {
            rates[index].mean += (rate.mean - rates[index].mean) * share
            rates[index].lowest = min(rates[index].lowest, rate.lowest)
            rates[index].highest = max(rates[index].highest, rate.highest)
        }
        steps += other.steps
        counts += other.counts
        joules += other.joules
        learningJoules += other.learningJoules
        isLowerBound = isLowerBound || other.isLowerBound
        chipSeconds += other.chipSeconds
        overruns += other.overruns
        hostBytes += other.hostBytes
        learningPackets += other.learningPackets
        stops += other.stops
    }
}

extension [PhaseResult] {
    /// Appends a phase, or adds it to the entry of its name.
    ///
    /// - Parameter phase: What a phase took.
    mutating func add(_ phase: PhaseResult) {
        if let index = firstIndex(where: { $0.name == phase.name }) {
            self[index].merge(phase)
        } else {
            append(phase)
        }
    }
}

/// Rates of a population, in spikes a second of the network's time.
public struct PopulationRate: Sendable, Equatable {
    /// Path of the population.
    public var population: String
    /// Mean over neurons.
    public var mean: Double
    /// Lowest of a neuron.
    public var lowest: Double
    /// Highest of a neuron.
    public var highest: Double
}

/// A feedback projection over time.
public struct ProjectionCourse: Sendable, Equatable {
    /// Name of the projection.
    public var name: String
    /// Looks, from before the first step of learning.
    public var points: [AlignmentPoint]
    /// Weight pairs before learning, author's units.
    public var before: WeightPairs
    /// Weight pairs at the end.
    public var after: WeightPairs
    /// Spike-time differences of the last phase; nil unless they were asked for.
    public var differences: SpikeDifferences?

    /// When the angle of the registers first comes below a bound, on straight lines between looks.
    ///
    /// - Parameter angle: The bound in degrees.
    /// - Returns: Network time in seconds since the first run phase began; nil if it never does.
    public func seconds(untilAngle angle: Double) -> Double? {
        guard let index = points.firstIndex(where: { $0.nominal.angle < angle }) else { return nil }
        let point = points[index]
        guard index > 0 else { return point.seconds }
        let before = points[index - 1]
        let share = (before.nominal.angle - angle) / (before.nominal.angle - point.nominal.angle)
        return before.seconds + share * (point.seconds - before.seconds)
    }
}

/// One look at the weights of a projection.
public struct AlignmentPoint: Sendable, Equatable {
    /// Network time in seconds since the first run phase began.
    public var seconds: Double
    /// Of the registers.
    public var nominal: WeightAlignment
    /// Of registers times the device's gains.
    public var effective: WeightAlignment
}

/// Forward and feedback weights of reciprocal pairs, author's units, in the order of the feedback's synapses.
public struct WeightPairs: Sendable, Equatable {
    /// Forward weight of each pair.
    public var forward: [Double]
    /// Feedback weight of each pair.
    public var feedback: [Double]
}
