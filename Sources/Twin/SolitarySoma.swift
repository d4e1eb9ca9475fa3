package import ChipImage
package import ChipSpec
import Emulator
import FixedPoint

/// The arithmetic of one neuron by itself: `docs/NUMERICS.md`, sections 4 and 5, one soma at a time.
///
/// It equals the emulator's kernels bit for bit (`SolitarySomaTests`). Those run the neurons of a segment
/// side by side for one step; a fit runs one neuron through all steps, again and again.
package struct SolitarySoma: Sendable {
    /// Registers of the neuron on a device.
    package struct Registers: Sendable, Equatable {
        var threshold: Int64 = 0
        /// 2ⁿ less the decay.
        var membraneFactor: Int64 = 0
        var currentFactor: Int64 = 0
        var membraneBias: Int64 = 0
        var currentBias: Int64 = 0
        var resetPotential: Int64 = 0
        var initialPotential: Int64 = 0
    }

    /// Membrane potential and synaptic current.
    package struct State: Sendable, Equatable {
        var v: Int64
        var u: Int64 = 0
    }

    let isLoihi: Bool
    let leaks: Bool
    /// Without, v has no threshold.
    let fires: Bool
    let subtracts: Bool
    let hasCurrent: Bool
    let shift: Int64
    let decayBits: Int
    let rounding: RoundingMode
    let membrane: RegisterRule
    let current: RegisterRule
    /// Steps that a population sleeps after a state reset.
    let depth: Int

    /// Takes the soma of a population; nil for models that are random, or have no analog counterpart.
    ///
    /// - Parameters:
    ///   - population: Whose.
    ///   - chip: Its chip.
    package init?(_ population: PopulationTable, chip: ChipSpec) {
        switch population.model {
        case .cubaLIF, .lif, .integrateAndFire, .li: break
        default: return nil
        }
        isLoihi = population.model == .cubaLIF
        leaks = population.model != .integrateAndFire
        fires = population.model.isSpiking
        subtracts = population.reset == .subtract && !isLoihi
        hasCurrent = population.hasCurrent || isLoihi
        shift = Int64(isLoihi ? 6 : chip.soma.accumulatorShift)
        decayBits = isLoihi ? 12 : chip.soma.decayBits
        rounding = isLoihi ? .towardZero : chip.soma.decayRounding
        membrane = RegisterRule(isLoihi ? RegisterFormat(bits: 24) : chip.soma.membrane)
        current = RegisterRule(chip.soma.current ?? chip.soma.membrane)
        depth = population.depth
    }

    /// Range of v; Loihi's is symmetric.
    var membraneRange: ClosedRange<Int64> {
        isLoihi ? -membrane.maximum...membrane.maximum : membrane.minimum...membrane.maximum
    }

    /// Registers of a neuron as the image has them, with factors on some of them.
    ///
    /// - Parameters:
    ///   - tables: Registers of its core.
    ///   - slot: Its slot.
    ///   - factors: Of threshold, membrane and synaptic time constant, and bias.
    /// - Returns: What the device has (`docs/NUMERICS.md`, section 6).
    func registers(_ tables: NeuronTables, slot: Int, _ factors: SomaFactors) -> Registers {
        let top = Int64(1) << Int64(decayBits)
        let offset: Int64 = isLoihi ? 1 : 0
        var currentDecay = Int64(tables.currentDecay[slot]) + offset
        if hasCurrent && currentDecay < top {
            let range = offset...(top - 1 + offset)
            currentDecay = max(
                offset,
                FactorRule.decay(currentDecay, by: factors.currentTau, within: range)
            )
        }
        let decay = FactorRule.decay(
            Int64(tables.membraneDecay[slot]),
            by: factors.membraneTau,
            within: 0...(top - 1)
        )
        let currentRange = isLoihi ? membraneRange : current.minimum...current.maximum
        return Registers(
            threshold: FactorRule.scaled(
                Int64(tables.threshold[slot]),
                by: factors.threshold,
                within: membraneRange
            ),
            membraneFactor: top - decay,
            currentFactor: top - currentDecay,
            membraneBias: FactorRule.scaled(
                Int64(tables.membraneBias[slot]),
                by: factors.bias,
                within: membraneRange
            ),
            currentBias: FactorRule.scaled(
                Int64(tables.currentBias[slot]),
                by: factors.bias,
                within: currentRange
            ),
            resetPotential: Int64(tables.resetPotential[slot]),
            initialPotential: Int64(tables.initialPotential[slot])
        )
    }

    /// The state after a state reset.
    @inline(__always)
    func initial(_ registers: Registers) -> State { State(v: registers.initialPotential) }

    /// Updates v and u by the input of a step, before any spike.
    @inline(__always)
    func advance(_ state: inout State, _ input: Int64, _ registers: Registers) {
        var drive = input << shift
        if isLoihi {
            let raw = decayed(state.u, registers.currentFactor) &+ drive
            let half = Int64(1) << 23
            let u = half &- ((half &- raw) & ((1 << 24) - 1))
            state.u = u
            let v = decayed(state.v, registers.membraneFactor) &+ u &+ registers.membraneBias
            state.v = min(max(v, 1 - half), half - 1)
            return
        }
        if hasCurrent {
            drive = current.fitted(
                decayed(state.u, registers.currentFactor) &+ drive &+ registers.currentBias
            )
            state.u = drive
        }
        let kept = leaks ? decayed(state.v, registers.membraneFactor) : state.v
        state.v = membrane.fitted(kept &+ drive &+ registers.membraneBias)
    }

    /// What a spike does to v.
    @inline(__always)
    func spike(_ state: inout State, _ registers: Registers) {
        if isLoihi {
            state.v = 0
        } else {
            state.v =
                subtracts
                ? membrane.fitted(state.v &- registers.threshold) : registers.resetPotential
        }
    }

    /// x · factor / 2ⁿ; |x| below 2³² and factor up to 2¹²: 44 bits.
    @inline(__always)
    private func decayed(_ x: Int64, _ factor: Int64) -> Int64 {
        let product = x &* factor
        let bits = Int64(decayBits)
        switch rounding {
        case .towardZero: return product < 0 ? 0 &- ((0 &- product) >> bits) : product >> bits
        case .floor, .stochastic: return product >> bits
        case .nearest:
            let half = (Int64(1) << bits) >> 1
            return product < 0
                ? 0 &- ((0 &- product &+ half) >> bits) : (product &+ half) >> bits
        }
    }
}

/// Factors of one neuron; 1 is nominal.
package struct SomaFactors: Sendable, Equatable {
    /// Of the threshold.
    package var threshold = 1.0
    /// Of the membrane time constant.
    package var membraneTau = 1.0
    /// Of the synaptic time constant.
    package var currentTau = 1.0
    /// Of the bias.
    package var bias = 1.0

    /// Nominal.
    package init() {}

    /// A factor by its parameter; others than these four are 1.
    ///
    /// - Parameter parameter: Which one.
    package subscript(parameter: MismatchParameter) -> Double {
        get {
            switch parameter {
            case .threshold: threshold
            case .membraneTau: membraneTau
            case .currentTau: currentTau
            case .bias: bias
            default: 1
            }
        }
        set {
            switch parameter {
            case .threshold: threshold = newValue
            case .membraneTau: membraneTau = newValue
            case .currentTau: currentTau = newValue
            case .bias: bias = newValue
            default: break
            }
        }
    }
}
