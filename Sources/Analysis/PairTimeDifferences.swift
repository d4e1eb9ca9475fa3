/// Exact distribution of spike-time differences of a coupled pair, as a pairing sees them.
///
/// All are probabilities a step; element Δ − 1 belongs to difference Δ. 'Upper, then lower' is causal for
/// the feedback weight, whose presynaptic neuron is the upper one.
public struct PairTimeDifferences: Sendable, Equatable {
    /// Probability that the lower neuron spikes.
    public var lowerRate: Double
    /// Probability that the upper neuron spikes.
    public var upperRate: Double
    /// Probability that both spike in the same step.
    public var coincident: Double
    /// The upper neuron spikes, and the lower one alone Δ later.
    public internal(set) var upperThenLower: [Double] = []
    /// The upper neuron spikes, and both do Δ later.
    public internal(set) var upperThenBoth: [Double] = []
    /// The lower neuron spikes, and the upper one alone Δ later.
    public internal(set) var lowerThenUpper: [Double] = []
    /// The lower neuron spikes, and both do Δ later.
    public internal(set) var lowerThenBoth: [Double] = []

    init(lowerRate: Double, upperRate: Double, coincident: Double) {
        self.lowerRate = lowerRate
        self.upperRate = upperRate
        self.coincident = coincident
    }

    /// Probability a step of each difference t_lower − t_upper, from −range to range.
    public var histogram: [Double] {
        zip(lowerThenUpper, lowerThenBoth).map { $0 + $1 }.reversed()
            + [coincident]
            + zip(upperThenLower, upperThenBoth).map { $0 + $1 }
    }

    /// Mean change a step under a window of the same pairing.
    ///
    /// - Parameter window: Its amplitudes reach no further than the range of these differences.
    /// - Returns: Drift of both weights.
    public func drift(of window: PlasticityWindow) -> PairDrift {
        // What a half adds up to: the later spike meets earlier ones of the side that spiked first.
        func half(_ alone: [Double], _ tied: [Double], earlySide: Bool) -> Double {
            var sum = 0.0
            for (amplitude, p) in zip(window.amplitudes, alone) { sum += amplitude * p }
            if window.isUntied { return sum }
            if earlySide { sum += window.amplitudeAtZero * coincident }
            // A timestamp noted early hides the older one; a learning trace adds to it.
            if !earlySide || window.pairing == .all {
                for (amplitude, p) in zip(window.amplitudes, tied) { sum += amplitude * p }
            }
            return sum
        }
        let preIsEarly = window.ties == .include || window.ties == .preFirst
        let postIsEarly = window.ties == .include || window.ties == .postFirst
        // The upper neuron is presynaptic to B and postsynaptic to W.
        let feedback =
            window.anticausalGain * half(lowerThenUpper, lowerThenBoth, earlySide: postIsEarly)
            - window.causalGain * half(upperThenLower, upperThenBoth, earlySide: preIsEarly)
        let forward =
            window.anticausalGain * half(upperThenLower, upperThenBoth, earlySide: postIsEarly)
            - window.causalGain * half(lowerThenUpper, lowerThenBoth, earlySide: preIsEarly)
        return PairDrift(forward: forward, feedback: feedback)
    }
}

/// Mean change a step of the two weights of a coupled pair.
public struct PairDrift: Sendable, Equatable {
    /// E[ΔW], if the rule acts on it.
    public var forward: Double
    /// E[ΔB].
    public var feedback: Double

    /// Names a drift.
    ///
    /// - Parameters:
    ///   - forward: E[ΔW].
    ///   - feedback: E[ΔB].
    public init(forward: Double, feedback: Double) {
        self.forward = forward
        self.feedback = feedback
    }
}

/// Drift of a coupled pair over a grid of weights.
public struct DriftField: Sendable, Equatable {
    /// Values of W.
    public let forward: [Double]
    /// Values of B.
    public let feedback: [Double]
    /// Drifts, `[W][B]`, row-major.
    public internal(set) var drifts: [PairDrift] = []

    init(forward: [Double], feedback: [Double]) {
        self.forward = forward
        self.feedback = feedback
    }

    /// Drift at a grid point.
    ///
    /// - Parameters:
    ///   - w: Index of W.
    ///   - b: Index of B.
    /// - Returns: The drift.
    public subscript(w: Int, b: Int) -> PairDrift { drifts[w * feedback.count + b] }

    /// Where E[ΔB] changes its sign, for each W: the line on which B rests.
    ///
    /// Interpolated linearly between grid points; nil where it is outside the grid.
    public var zeroLine: [Double?] {
        forward.indices.map { w in
            for b in feedback.indices.dropLast() {
                let (here, next) = (self[w, b].feedback, self[w, b + 1].feedback)
                if here == 0 { return feedback[b] }
                guard (here > 0) != (next > 0) else { continue }
                return feedback[b] + (feedback[b + 1] - feedback[b]) * here / (here - next)
            }
            guard let last = feedback.indices.last, self[w, last].feedback == 0 else { return nil }
            return feedback[last]
        }
    }
}
