import FixedPoint

/// Two neurons that drive each other: the smallest network that spike-based alignment learning works on.
///
/// Lower neuron i and upper neuron j, forward weight W (i to j), feedback weight B (j to i). Both are
/// sampling neurons (see `SamplingChain`): spike probability σ(u − ln τ_ref), spikes at least τ_ref steps
/// apart, rectangular postsynaptic potentials, renewed and not added up, that begin `delay` steps after
/// the spike and last for τ_ref steps, or for as long as is set: set-up R of a chip, say, has a
/// refractory time of 2 steps and synaptic currents of 5.
///
/// The chain over (steps since the last spike of each) is solved exactly, and from it the distribution
/// of spike-time differences by moving the states after a spike ahead step by step, as in the
/// transfer-matrix calculation of Gierlich et al. (arXiv 2503.02642, `stdd_calculator` of their code).
/// The drift of a window follows without sampling.
public struct CoupledPair: Sendable, Equatable {
    /// W, log-odds.
    public var forward: Double
    /// B, log-odds.
    public var feedback: Double
    /// Bias of the lower neuron, log-odds.
    public var lowerBias: Double
    /// Bias of the upper neuron, log-odds.
    public var upperBias: Double
    /// τ_ref, steps.
    public var refractorySteps: Int
    /// Length of the postsynaptic potential, steps.
    public var synapticSteps: Int
    /// Steps from a spike of the lower neuron to its effect, 1 or more.
    public var forwardDelay = 1
    /// Steps from a spike of the upper neuron to its effect, 1 or more.
    public var feedbackDelay = 1

    /// Makes a pair without extra delay.
    ///
    /// - Parameters:
    ///   - forward: W.
    ///   - feedback: B.
    ///   - lowerBias: Of the lower neuron.
    ///   - upperBias: Of the upper neuron.
    ///   - refractorySteps: τ_ref.
    ///   - synapticSteps: Length of the postsynaptic potential; nil: τ_ref.
    public init(
        forward: Double,
        feedback: Double,
        lowerBias: Double = 0,
        upperBias: Double = 0,
        refractorySteps: Int,
        synapticSteps: Int? = nil
    ) {
        self.forward = forward
        self.feedback = feedback
        self.lowerBias = lowerBias
        self.upperBias = upperBias
        self.refractorySteps = refractorySteps
        self.synapticSteps = synapticSteps ?? refractorySteps
    }

    /// Longest refractory time, and reach of a window, that are analysed.
    public static let stepLimit = 1 << 16

    /// Distribution of spike-time differences, as a pairing sees them.
    ///
    /// - Parameters:
    ///   - range: Largest difference in steps, 1 or more.
    ///   - pairing: Which pairs of spikes count.
    /// - Throws: `AnalysisError` on numbers out of range.
    /// - Returns: Probabilities a step.
    public func timeDifferences(
        range: Int,
        pairing: PlasticityWindow.Pairing = .all
    ) throws -> PairTimeDifferences {
        guard 1...Self.stepLimit ~= range else {
            throw AnalysisError.outOfRange(
                name: "The range of spike-time differences in steps",
                value: range,
                limit: 1...Self.stepLimit,
                advice: "Shorten the window."
            )
        }
        let chain = try chain()
        let stationary = try chain.stationaryDistribution()
        let flux = chain.flux(stationary)
        var result = PairTimeDifferences(
            lowerRate: flux[Self.lower] + flux[Self.both],
            upperRate: flux[Self.upper] + flux[Self.both],
            coincident: flux[Self.both]
        )
        // Which spikes, between the earlier and the later spike of a pair, make it count no more.
        func follow(_ first: Int, then second: Int) -> (alone: [Double], tied: [Double]) {
            let breaking =
                switch pairing {
                case .all: 0
                case .last: first
                case .nearest: Self.both
                }
            // 'Newer than my own last spike' also rules out a partner's spike in the step of my own.
            let start = pairing == .nearest ? Self.both : first
            var weight = chain.advanced(stationary, where: start, is: first)
            var alone: [Double] = []
            var tied: [Double] = []
            for _ in 0..<range {
                let flux = chain.flux(weight)
                alone.append(flux[second])
                tied.append(flux[Self.both])
                weight = chain.advanced(weight, where: breaking, is: 0)
            }
            return (alone, tied)
        }
        (result.upperThenLower, result.upperThenBoth) = follow(Self.upper, then: Self.lower)
        (result.lowerThenUpper, result.lowerThenBoth) = follow(Self.lower, then: Self.upper)
        return result
    }

    /// Mean change a step of both weights under a window.
    ///
    /// - Parameter window: Acts on B, whose presynaptic neuron is the upper one, and likewise on W.
    /// - Throws: `AnalysisError` on numbers out of range.
    /// - Returns: The drift, in units of the amplitudes.
    public func drift(of window: PlasticityWindow) throws -> PairDrift {
        try timeDifferences(range: max(1, window.amplitudes.count), pairing: window.pairing)
            .drift(of: window)
    }

    /// Drift over a grid of weights; everything else as in this pair.
    ///
    /// - Parameters:
    ///   - forward: Values of W.
    ///   - feedback: Values of B.
    ///   - window: The window.
    /// - Throws: `AnalysisError` on numbers out of range.
    /// - Returns: Drift at each (W, B).
    public func driftField(
        forward: [Double],
        feedback: [Double],
        window: PlasticityWindow
    ) throws -> DriftField {
        var field = DriftField(forward: forward, feedback: feedback)
        var pair = self
        for w in forward {
            pair.forward = w
            for b in feedback {
                pair.feedback = b
                field.drifts.append(try pair.drift(of: window))
            }
        }
        return field
    }

    /// Where B comes to rest for a given W: the zero of E[ΔB], which falls with B.
    ///
    /// - Parameters:
    ///   - window: The window.
    ///   - range: Values of B to search.
    ///   - tolerance: Width of the bracket to end with.
    /// - Throws: `AnalysisError` on numbers out of range.
    /// - Returns: B*, or nil if the drift does not change its sign within the range.
    public func fixedFeedback(
        window: PlasticityWindow,
        in range: ClosedRange<Double>,
        tolerance: Double = 1e-9
    ) throws -> Double? {
        var pair = self
        func drift(at b: Double) throws -> Double {
            pair.feedback = b
            return try pair.drift(of: window).feedback
        }
        var (low, high) = (range.lowerBound, range.upperBound)
        var (atLow, atHigh) = (try drift(at: low), try drift(at: high))
        if atLow == 0 { return low }
        if atHigh == 0 { return high }
        guard (atLow > 0) != (atHigh > 0) else { return nil }
        // False position, with the value of an end that stays halved (Illinois): superlinear.
        var side = 0
        for _ in 0..<200 where high - low > tolerance {
            let b = (low * atHigh - high * atLow) / (atHigh - atLow)
            let value = try drift(at: b)
            if value == 0 { return b }
            if (value > 0) == (atLow > 0) {
                if b - low < tolerance { return b }
                (low, atLow) = (b, value)
                if side == -1 { atHigh /= 2 }
                side = -1
            } else {
                if high - b < tolerance { return b }
                (high, atHigh) = (b, value)
                if side == 1 { atLow /= 2 }
                side = 1
            }
        }
        return (low + high) / 2
    }

    // MARK: The chain

    private static let lower = 1
    private static let upper = 2
    private static let both = 3

    private func chain() throws -> SpikingChain {
        for (name, value) in [
            ("refractory time", refractorySteps), ("postsynaptic potential", synapticSteps),
            ("forward delay", forwardDelay), ("feedback delay", feedbackDelay),
        ] where !(1...Self.stepLimit ~= value) {
            throw AnalysisError.outOfRange(
                name: "The \(name) in steps",
                value: value,
                limit: 1...Self.stepLimit,
                advice: "Take longer steps, or shorter times."
            )
        }
        for (name, value) in [
            ("The forward weight", forward), ("The feedback weight", feedback),
            ("The lower bias", lowerBias), ("The upper bias", upperBias),
        ] where !value.isFinite {
            throw AnalysisError.invalidNumber(name: name, value: "\(value)", limit: "finite")
        }
        let offset = PortableMath.log(Double(refractorySteps))
        func sigma(_ u: Double) -> Double { 1 / (1 + PortableMath.exp(offset - u)) }
        return try SpikingChain(automata: [
            try neuron(delay: forwardDelay), try neuron(delay: feedbackDelay),
        ]) { neuron, drives in
            neuron == 0
                ? sigma(lowerBias + (drives & Self.upper != 0 ? feedback : 0))
                : sigma(upperBias + (drives & Self.lower != 0 ? forward : 0))
        }
    }

    /// What a neuron remembers: the ages of its last spikes.
    ///
    /// Ages are those in the coming step, 1 after a spike. The effect of a spike lasts for ages
    /// delay ..< delay + length; so spikes whose effect is under way are kept, and of the others the
    /// newest, whose effect outlasts those before it.
    private func neuron(delay: Int) throws -> SpikingChain.Automaton {
        let old = max(refractorySteps, delay + synapticSteps)
        // Newest first; the last one has arrived, or is so old that it does not matter how old.
        func kept(_ ages: [Int]) -> [Int] {
            var result: [Int] = []
            for age in ages {
                result.append(min(age, old))
                if age >= delay { break }
            }
            // While a newer spike is in memory, one without effect is as good as none.
            if let last = result.last, result.count > 1, last >= delay + synapticSteps {
                result[result.count - 1] = old
            }
            return result
        }
        var memories = [[old]]
        var numbers = [memories[0]: 0]
        func number(_ memory: [Int]) -> Int {
            if let known = numbers[memory] { return known }
            numbers[memory] = memories.count
            memories.append(memory)
            return memories.count - 1
        }
        var result = SpikingChain.Automaton(
            maySpike: [],
            drives: [],
            afterSilence: [],
            afterSpike: []
        )
        var state = 0
        while state < memories.count {
            guard memories.count <= Self.stepLimit else {
                throw AnalysisError.outOfRange(
                    name: "The number of states of a neuron",
                    value: memories.count,
                    limit: 1...Self.stepLimit,
                    advice: "Take longer steps, or shorter times."
                )
            }
            let memory = memories[state]
            let maySpike = memory[0] >= refractorySteps
            let aged = memory.map { $0 + 1 }
            result.maySpike.append(maySpike)
            result.drives.append(memory.contains { delay..<delay + synapticSteps ~= $0 })
            result.afterSilence.append(number(kept(aged)))
            // A spike in the refractory time is never made: no state is added for it.
            result.afterSpike.append(maySpike ? number(kept([1] + aged)) : 0)
            state += 1
        }
        return result
    }
}
