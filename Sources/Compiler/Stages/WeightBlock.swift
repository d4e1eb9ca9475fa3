package import ChipSpec
package import NetworkIR

/// The weights of a projection as the soma feels them, and the integers they may become.
package struct WeightBlock: Sendable {
    private let weights: WeightValues
    /// How the weights lie.
    package let layout: WeightLayout
    /// Gain of each target.
    private let gain: [Double]
    /// Sign mode found.
    package let mode: SignMode
    private let range: ClosedRange<Int>
    private let step: Int
    /// Magnitudes of the rails, at least 1.
    private let highest: Double
    private let lowest: Double
    /// Largest effective weight, at least 0.
    private let positive: Double
    private let isPresent: [Bool]?
    private let distinct: DistinctWeights
    /// Scale of a projection with weight registers, which its author chose; nil for others.
    package let fixedScale: Double?
    /// Whether its scale is chosen after those of the other projections.
    package let followsScale: Bool
    /// Magnitude of the most negative effective weight, at least 0.
    private let negative: Double
    /// Scale at which the weight that the rule names is at the rail; nil where the largest one is.
    private var ruledScale: Double?

    /// Looks at the weights of a projection.
    ///
    /// - Parameters:
    ///   - weights: The author's weights.
    ///   - layout: How they lie.
    ///   - gain: Gain of each target neuron.
    ///   - synapse: Formats of the chip.
    ///   - plasticity: Registers of the weights; nil where they need none.
    ///   - rule: Which weight reaches the rail; without effect where the author chose the scale.
    package init(
        weights: WeightValues,
        layout: WeightLayout,
        gain: [Double],
        synapse: SynapseSpec,
        plasticity: Plasticity? = nil,
        rule: ScaleRule = .max
    ) {
        self.weights = weights
        isPresent = plasticity?.isPresent
        followsScale = plasticity?.followsScale ?? false
        self.layout = layout
        self.gain = gain
        var (positive, negative) = (0.0, 0.0)
        var distinct = DistinctWeights()
        for target in gain.indices {
            let factor = gain[target]
            for k in layout.indices(of: target) {
                let weight = weights[k]
                positive = max(positive, factor * weight)
                negative = max(negative, -factor * weight)
                distinct.insert(weight, gain: factor)
            }
        }
        self.distinct = distinct
        // Below this, a scale could underflow: such weights are none.
        let least = 1e-200
        if positive < least { positive = 0 }
        if negative < least { negative = 0 }
        self.positive = positive
        self.negative = negative
        // A learning weight may change its sign unless its author says which one it keeps.
        let tellsSign = synapse.weightPlanes == .signs && plasticity != nil
        let found: SignMode =
            (!synapse.hasSignModes || plasticity != nil) && !tellsSign
            ? .mixed : negative == 0 ? .excitatory : positive == 0 ? .inhibitory : .mixed
        mode = plasticity?.sign.map(SignMode.init) ?? found
        (range, step) = synapse.weightRange(mode)
        let largestGain = gain.map(\.magnitude).max() ?? 0
        let rail = Double(max(-synapse.weightRange(.mixed).range.lowerBound, 1))
        fixedScale = plasticity.map { largestGain * $0.fullScale / rail }
            .flatMap { $0 < least ? nil : $0 }
        // A format without a positive weight (1 bit) still needs a finite scale.
        highest = Double(max(range.upperBound, 1))
        lowest = Double(max(-range.lowerBound, 1))
        ruledScale = nil
        guard rule.percentile < 100, fixedScale == nil else { return }
        let ruled = scale(atPercentile: rule.percentile)
        if ruled >= least, ruled < railScale { ruledScale = ruled }
    }

    /// Whether there is no weight other than 0, nor ever will be.
    package var isZero: Bool { positive == 0 && negative == 0 && fixedScale == nil }

    /// Finest scale (effective weight per raw 1) that the rule allows; the fixed one if there is one.
    package var finestScale: Double { ruledScale ?? railScale }

    /// Finest scale that clips no weight; the fixed one if there is one.
    package var railScale: Double { fixedScale ?? max(positive / highest, negative / lowest) }

    /// The scale at which a percentile of the weights other than 0 is within the rails: nearest rank.
    private func scale(atPercentile percentile: Double) -> Double {
        var needed: [Double] = []
        for target in gain.indices {
            for k in layout.indices(of: target) where weights[k] != 0 {
                let effective = gain[target] * weights[k]
                needed.append(max(effective / highest, -effective / lowest))
            }
        }
        guard !needed.isEmpty else { return 0 }
        needed.sort()
        // 99.9 % of 1000 is the 999th, whatever a Double makes of 99.9.
        let rank = (percentile * Double(needed.count) / 100 - 1e-6).rounded(.up)
        return needed[min(max(Int(rank) - 1, 0), needed.count - 1)]
    }

    /// Finest scale that clips no weight of one target.
    ///
    /// - Parameter target: Index of the neuron.
    /// - Returns: Effective weight per raw 1; 0 without weights.
    func finestScale(of target: Int) -> Double {
        layout.indices(of: target).reduce(0) { scale, k in
            let effective = gain[target] * weights[k]
            return max(scale, effective / highest, -effective / lowest)
        }
    }

    /// Scales at which the weight that decides `finestScale` is k steps, from the finest up.
    package var alignedScales: [Double] {
        let upper = positive / highest >= negative / lowest
        let (weight, rail) = upper ? (positive, highest) : (negative, lowest)
        let steps = max(1, Int(rail) / step)
        return (1...steps).reversed().map { weight / Double($0 * step) }
    }

    /// Whether every weight is a whole raw weight at a scale.
    ///
    /// The tolerance is what single-precision weights need. Many scales are tried, so the weights that
    /// differ are looked at first; only where there are very many, and these are exact, all.
    ///
    /// - Parameter scale: Effective weight per raw 1.
    /// - Returns: Whether rounding loses nothing.
    package func isExact(at scale: Double) -> Bool {
        let unit = scale * Double(step)
        guard distinct.areWhole(inUnitsOf: unit) else { return false }
        if distinct.isComplete { return true }
        for target in gain.indices {
            let factor = gain[target] / unit
            for k in layout.indices(of: target) where !isWhole(weights[k] * factor) {
                return false
            }
        }
        return true
    }

    /// Rounds to the nearest raw weights, ties away from zero.
    ///
    /// - Parameter scale: Effective weight per raw 1.
    /// - Returns: Raw weights in the order of the layout, and what rounding did.
    package func rounded(at scale: Double) -> (weights: [Int16], error: QuantisationError) {
        var raw = [Int16](repeating: 0, count: weights.count)
        var error = QuantisationError()
        let unit = scale * Double(step)
        let mayClip = fixedScale != nil || ruledScale != nil
        for target in gain.indices {
            for k in layout.indices(of: target)
            where weights[k] != 0 && isPresent?[k] ?? true {
                let effective = gain[target] * weights[k]
                let steps = (effective / unit).rounded()
                // A scale by the largest weight clips nothing; there the clamp guards the last bit.
                let value = Int(min(max(steps, -1e6), 1e6)) * step
                let fitted = min(max(value, range.lowerBound), range.upperBound)
                if mayClip, fitted != value { error.clipped += 1 }
                raw[k] = Int16(fitted)
                let difference = (Double(fitted) * scale - effective).magnitude
                error.weights += 1
                if fitted == 0 { error.lost += 1 }
                error.largest = max(error.largest, difference)
                error.squares += difference * difference
                error.power += effective * effective
            }
        }
        return (raw, error)
    }
}

extension SignMode {
    /// The mode of weights that keep a sign.
    fileprivate init(_ sign: SynapseSign) {
        switch sign {
        case .excitatory: self = .excitatory
        case .inhibitory: self = .inhibitory
        }
    }
}

/// Whether a number of steps is whole, with the tolerance that single-precision weights need.
@inline(__always)
private func isWhole(_ steps: Double) -> Bool { !((steps - steps.rounded()).magnitude > 3e-5) }

/// The first pairs of a gain and a weight that differ, gathered as weights come by.
private struct DistinctWeights {
    /// Whether all pairs were gathered.
    private(set) var isComplete = true
    /// Pairs in the order of their arrival, without those of weight 0.
    private var pairs: [(weight: Double, gain: Double)] = []
    /// Hash table, index in `pairs` plus 1, 0 for free; at most half full, a power of two long.
    private var places = [UInt16](repeating: 0, count: 16)

    /// A power of two; hand-written weights differ less, trained ones fail long before.
    private static let most = 4096

    @inline(__always)
    mutating func insert(_ weight: Double, gain: Double) {
        guard isComplete, weight != 0 else { return }
        if let last = pairs.last, last.weight == weight, last.gain == gain { return }
        insertNew(weight, gain)
    }

    private mutating func insertNew(_ weight: Double, _ gain: Double) {
        guard let slot = freeSlot(for: weight, gain) else { return }
        guard pairs.count < Self.most else {
            isComplete = false
            return
        }
        pairs.append((weight, gain))
        places[slot] = UInt16(pairs.count)
        guard pairs.count * 2 >= places.count else { return }
        places = [UInt16](repeating: 0, count: places.count * 2)
        for (index, pair) in pairs.enumerated() {
            if let slot = freeSlot(for: pair.weight, pair.gain) {
                places[slot] = UInt16(index + 1)
            }
        }
    }

    /// Where a pair belongs; nil if it is there.
    private func freeSlot(for weight: Double, _ gain: Double) -> Int? {
        let mixed =
            (weight.bitPattern ^ (gain.bitPattern &* 0x9E37_79B9_7F4A_7C15))
            &* 0xD6E8_FEB8_6659_FD93
        let mask = places.count - 1
        var slot = Int(truncatingIfNeeded: mixed >> 40) & mask
        while places[slot] != 0 {
            let pair = pairs[Int(places[slot]) - 1]
            if pair.weight == weight, pair.gain == gain { return nil }
            slot = (slot + 1) & mask
        }
        return slot
    }

    /// Whether all pairs that were gathered are whole numbers of a unit.
    func areWhole(inUnitsOf unit: Double) -> Bool {
        pairs.allSatisfy { isWhole($0.weight * ($0.gain / unit)) }
    }
}
