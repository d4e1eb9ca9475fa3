package import ChipImage

/// A core of ODIN in plain integers, one loop a sentence of section 13 of `docs/NUMERICS.md`.
package struct PlainODIN {
    /// A mistake that the core makes on demand.
    package enum Mistake: String, CaseIterable, Sendable {
        /// The leak comes after the events of a step.
        case leakAfterEvents
        /// A neuron spikes above its threshold only.
        case thresholdAbove
        /// Inhibition leads below 0.
        case potentialBelowZero
        /// A neuron that has spiked ignores the other events of the step.
        case onceAStep
        /// An event acts with the weight after its own change.
        case weightAfterChange
        /// Weights change by the potential before the event.
        case oldPotential
        /// Weights change by the calcium before the event.
        case oldCalcium
        /// A weight rises above the membrane threshold only.
        case membraneAbove
        /// Calcium at the upper limit still lets weights rise.
        case risesAtLimit
        /// Weights fall up to the limit for rising ones.
        case fallsToRisingLimit
        /// Calcium at the lower limit is too little.
        case lowestAbove
        /// Calcium leaks one time reference late.
        case calciumLeaksLate
        /// Calcium goes beyond 7.
        case calciumUnbounded
        /// Weights wrap at their ends.
        case weightsWrap
        /// Weights of 3 drift upwards as well.
        case driftsFromThree
        /// Learning weights of inhibitory axons change in the other direction.
        case inhibitionReversed
        /// Events are worked off in the reverse order.
        case reverseOrder

        /// What the core does wrong.
        package var sentence: String { "ODIN: \(rawValue)" }
    }

    /// Potentials.
    package var v: [Int]
    /// Calcium.
    package var calcium: [Int]
    private var counts: [Int]
    /// Weights, `[axon][neuron]`; nil without a synapse.
    package var weights: [[Int?]]
    /// Whether an axon is inhibitory.
    package var isInhibitory: [Bool]
    /// Whether the synapses of an axon learn now.
    package var learns: [Bool]
    let threshold: [Int]
    let leak: [Int]
    let registers: [ODINRegisters]
    let mistake: Mistake?

    /// Makes a core in its initial state.
    ///
    /// - Parameters:
    ///   - v: Potentials.
    ///   - weights: Magnitudes, `[axon][neuron]`.
    ///   - isInhibitory: Sign of each axon.
    ///   - threshold: Of each neuron.
    ///   - leak: Of each neuron, 0 or more.
    ///   - registers: Of each neuron.
    ///   - mistake: What it does wrong.
    package init(
        v: [Int],
        weights: [[Int?]],
        isInhibitory: [Bool],
        threshold: [Int],
        leak: [Int],
        registers: [ODINRegisters],
        mistake: Mistake? = nil
    ) {
        self.v = v
        calcium = v.map { _ in 0 }
        counts = calcium
        self.weights = weights
        self.isInhibitory = isInhibitory
        learns = isInhibitory.map { _ in false }
        self.threshold = threshold
        self.leak = leak
        self.registers = registers
        self.mistake = mistake
    }

    /// Does one step.
    ///
    /// - Parameters:
    ///   - axons: Axons with an event, in their order.
    ///   - drifts: Whether the step ends with a drift of the weights that learn.
    /// - Returns: Neurons that have spiked, ascending.
    package mutating func step(_ axons: [Int], drifts: Bool) -> [Int] {
        var spiked = v.map { _ in false }
        if mistake != .leakAfterEvents { refer(&spiked) }
        for axon in mistake == .reverseOrder ? axons.reversed() : axons {
            for neuron in v.indices {
                guard let weight = weights[axon][neuron] else { continue }
                event(axon, neuron, weight, &spiked)
            }
        }
        if mistake == .leakAfterEvents { refer(&spiked) }
        if drifts { drift() }
        return v.indices.filter { spiked[$0] }
    }

    private mutating func refer(_ spiked: inout [Bool]) {
        for neuron in v.indices {
            v[neuron] = max(v[neuron] - leak[neuron], 0)
            let period = Int(registers[neuron].calciumLeak)
            var loses = false
            if registers[neuron].hasCalcium && period > 0 {
                counts[neuron] += 1
                if counts[neuron] == period + (mistake == .calciumLeaksLate ? 1 : 0) {
                    loses = true
                    counts[neuron] = 0
                }
            }
            finish(neuron, loses, &spiked)
        }
    }

    private mutating func finish(_ neuron: Int, _ loses: Bool, _ spiked: inout [Bool]) {
        let fires =
            mistake == .thresholdAbove
            ? v[neuron] > threshold[neuron] : v[neuron] >= threshold[neuron]
        if fires {
            v[neuron] = 0
            spiked[neuron] = true
        }
        guard registers[neuron].hasCalcium else { return }
        if fires && !loses && (calcium[neuron] < 7 || mistake == .calciumUnbounded) {
            calcium[neuron] += 1
        }
        if loses && !fires && calcium[neuron] > 0 { calcium[neuron] -= 1 }
    }

    private mutating func event(
        _ axon: Int,
        _ neuron: Int,
        _ weight: Int,
        _ spiked: inout [Bool]
    ) {
        if mistake == .onceAStep && spiked[neuron] { return }
        let before = (v[neuron], calcium[neuron])
        if mistake == .weightAfterChange && learns[axon] {
            let changed = min(
                max(weight + direction(axon, neuron, v[neuron], calcium[neuron]), 0),
                7
            )
            add(axon, neuron, changed)
        } else {
            add(axon, neuron, weight)
        }
        finish(neuron, false, &spiked)
        guard learns[axon] else { return }
        let change = direction(
            axon,
            neuron,
            mistake == .oldPotential ? before.0 : v[neuron],
            mistake == .oldCalcium ? before.1 : calcium[neuron]
        )
        let changed = weight + change
        weights[axon][neuron] =
            mistake == .weightsWrap ? (changed + 8) % 8 : min(max(changed, 0), 7)
    }

    private mutating func add(_ axon: Int, _ neuron: Int, _ weight: Int) {
        if isInhibitory[axon] {
            v[neuron] -= weight
            if mistake != .potentialBelowZero { v[neuron] = max(v[neuron], 0) }
        } else {
            v[neuron] = min(v[neuron] + weight, 255)
        }
    }

    private func direction(_ axon: Int, _ neuron: Int, _ v: Int, _ calcium: Int) -> Int {
        let own = registers[neuron]
        guard own.hasCalcium else { return 0 }
        let lowest = Int(own.lowestCalcium)
        guard mistake == .lowestAbove ? calcium > lowest : calcium >= lowest else { return 0 }
        let sign = mistake == .inhibitionReversed && isInhibitory[axon] ? -1 : 1
        let membrane = Int(own.membraneThreshold)
        if mistake == .membraneAbove ? v > membrane : v >= membrane {
            let limit = Int(own.risingLimit)
            let rises = mistake == .risesAtLimit ? calcium <= limit : calcium < limit
            return rises ? sign : 0
        }
        let limit =
            mistake == .fallsToRisingLimit ? Int(own.risingLimit) : Int(own.fallingLimit)
        return calcium < limit ? -sign : 0
    }

    private mutating func drift() {
        for axon in weights.indices where learns[axon] {
            for neuron in v.indices {
                guard let weight = weights[axon][neuron] else { continue }
                let rises = weight >= (mistake == .driftsFromThree ? 3 : 4)
                weights[axon][neuron] = rises ? min(weight + 1, 7) : max(weight - 1, 0)
            }
        }
    }
}
