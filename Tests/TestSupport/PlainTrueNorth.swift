package import ChipImage
import FixedPoint

/// A TrueNorth neuron in plain integers, one loop a sentence of section 12 of `docs/NUMERICS.md`.
package struct PlainTrueNorth {
    /// A mistake that the neuron makes on demand.
    package enum Mistake: String, CaseIterable, Sendable {
        /// A stochastic synapse acts only where its weight is above the draw.
        case synapseAbove
        /// Stochastic synapses add their weight instead of its sign.
        case synapseAddsWeight
        /// All events of an axon type share one draw.
        case synapseDrawShared
        /// The draw of an event does not depend on its axon type.
        case synapseDrawLacksType
        /// A weight of 0 counts as positive.
        case zeroWeightIsPositive
        /// The leak is added before the synapses.
        case leakFirst
        /// A leak with reversal crosses 0.
        case leakCrossesZero
        /// A stochastic leak acts only where it is above the draw.
        case leakAbove
        /// A leak with reversal turns at 0 as well.
        case leakAtZero
        /// The neuron spikes above its threshold only.
        case thresholdAbove
        /// The random part of the threshold is not there.
        case thresholdFixed
        /// The random part of the threshold is drawn below the mask instead of masked.
        case thresholdModulo
        /// Reset 1 does not subtract the random part.
        case resetLacksEta
        /// Resets 0 and 2 are exchanged.
        case resetsExchanged
        /// κ is negated.
        case kappaNegated
        /// Without saturation the negative threshold lacks the random part.
        case negativeLacksEta
        /// The negative threshold holds at equality as well.
        case negativeAtEquality
        /// A negative reset goes to R instead of −R.
        case negativeResetSign
        /// Potentials are not clamped.
        case noClamp
        /// A potential that is clamped from above does not spike.
        case ceilingIsSilent
        /// A spike at the ceiling resets.
        case ceilingResets

        /// What the neuron does wrong.
        package var sentence: String { "TrueNorth: \(rawValue)" }
    }

    /// Draws of a neuron in a tick.
    package struct Draws {
        let stream: RandomStream
        let neuron: UInt32
        let population: UInt32
        let step: UInt32

        /// Draws of a run.
        ///
        /// - Parameters:
        ///   - seed: Run seed.
        ///   - neuron: Index in the population.
        ///   - population: FNV-1a of its path.
        ///   - step: Low 32 bits of the number of the step.
        package init(seed: UInt64, neuron: UInt32, population: UInt32, step: UInt32) {
            stream = RandomStream(seed: seed, purpose: .stochasticNeuron)
            self.neuron = neuron
            self.population = population
            self.step = step
        }

        private func word(_ index: Int, of block: Int) -> Int64 {
            let words = stream.words(neuron * 128 + UInt32(block), population, step)
            return Int64([words.0, words.1, words.2, words.3][index])
        }

        /// ρ of event k of a type.
        func synapse(_ type: Int, _ k: Int) -> Int64 {
            let byte = k % 256
            let word = word(byte % 16 / 4, of: type * 16 + byte / 16)
            return word / PlainArithmetic.power(8 * (byte % 4)) % 256
        }

        /// ρ of the leak.
        var leak: Int64 { word(0, of: 64) % 256 }

        /// ρ of the threshold.
        var threshold: Int64 { word(1, of: 64) }
    }

    /// Potential.
    package var v: Int64
    let registers: TrueNorthRegisters
    let alpha: Int64
    let lambda: Int64
    let reset: Int64
    let mistake: Mistake?

    /// Makes a neuron.
    ///
    /// - Parameters:
    ///   - v: Potential.
    ///   - registers: Registers of its own.
    ///   - alpha: α.
    ///   - lambda: λ.
    ///   - reset: R.
    ///   - mistake: What it does wrong.
    package init(
        v: Int64,
        registers: TrueNorthRegisters,
        alpha: Int64,
        lambda: Int64,
        reset: Int64,
        mistake: Mistake? = nil
    ) {
        self.v = v
        self.registers = registers
        self.alpha = alpha
        self.lambda = lambda
        self.reset = reset
        self.mistake = mistake
    }

    private func sign(_ x: Int64) -> Int64 { x > 0 ? 1 : x < 0 ? -1 : 0 }

    /// Does one tick.
    ///
    /// - Parameters:
    ///   - types: Axon types of the active axons with a synapse on the neuron, in any order.
    ///   - draws: Its draws.
    /// - Returns: Whether it spikes.
    package mutating func tick(_ types: [Int], _ draws: Draws) -> Bool {
        if mistake == .leakFirst { leak(draws) }
        var met = [0, 0, 0, 0]
        for type in types {
            let s = Int64(registers.weights[type])
            if registers.hasStochasticSynapses[type] {
                let k = mistake == .synapseDrawShared ? 0 : met[type]
                let rho = draws.synapse(mistake == .synapseDrawLacksType ? 0 : type, k)
                let acts = mistake == .synapseAbove ? abs(s) > rho : abs(s) >= rho
                var direction = sign(s)
                if mistake == .zeroWeightIsPositive && s == 0 { direction = 1 }
                if mistake == .synapseAddsWeight { direction = s }
                if acts { v += direction }
            } else {
                v += s
            }
            met[type] += 1
        }
        if mistake != .leakFirst { leak(draws) }
        return fire(draws)
    }

    private mutating func leak(_ draws: Draws) {
        var size = abs(lambda)
        if registers.hasStochasticLeak {
            size = (mistake == .leakAbove ? size > draws.leak : size >= draws.leak) ? 1 : 0
        }
        let before = v
        var direction = sign(lambda)
        if registers.hasLeakReversal {
            direction *= mistake == .leakAtZero && v == 0 ? 1 : sign(v)
        }
        v += direction * size
        if registers.hasLeakReversal, mistake != .leakCrossesZero, sign(v) != sign(before),
            mistake != .leakAtZero || before != 0
        {
            v = 0
        }
    }

    private mutating func fire(_ draws: Draws) -> Bool {
        let mask = Int64(registers.thresholdMask)
        var eta = draws.threshold & mask
        if mistake == .thresholdModulo { eta = draws.threshold % (mask + 1) }
        if mistake == .thresholdFixed { eta = 0 }
        let ceiling: Int64 = 3 * 131_072
        if v > ceiling && mistake != .noClamp {
            v = ceiling
            if mistake == .ceilingResets { resetAbove(eta) }
            return mistake != .ceilingIsSilent
        }
        if v < -ceiling && mistake != .noClamp { v = -ceiling }
        if mistake == .thresholdAbove ? v > alpha + eta : v >= alpha + eta {
            resetAbove(eta)
            return true
        }
        let beta = Int64(registers.negativeThreshold)
        let saturates = registers.saturatesBelow != (mistake == .kappaNegated)
        let lowest = saturates || mistake == .negativeLacksEta ? -beta : -(beta + eta)
        guard v < lowest || mistake == .negativeAtEquality && v == lowest else { return false }
        if saturates {
            v = -beta
        } else {
            switch registers.resetMode {
            case 0: v = mistake == .negativeResetSign ? reset : -reset
            case 1: v += beta + eta
            default: break
            }
        }
        return false
    }

    private mutating func resetAbove(_ eta: Int64) {
        var mode = registers.resetMode
        if mistake == .resetsExchanged && mode != 1 { mode = 2 - mode }
        switch mode {
        case 0: v = reset
        case 1: v -= alpha + (mistake == .resetLacksEta ? 0 : eta)
        default: break
        }
    }
}
