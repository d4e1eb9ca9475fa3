import ChipSpec
import FixedPoint

/// The generic fixed-point neurons `lif`, `if` and `li`: `docs/NUMERICS.md`, section 5.
struct LIF {
    /// Formats of the chip's soma.
    let soma: SomaSpec
    /// Which of the three.
    let model: NeuronModel
    /// What a spike does to v.
    let reset: SomaReset
    /// Whether the synaptic current is used.
    let hasCurrent: Bool

    /// Updates the neurons of a segment by one step.
    ///
    /// - Parameter columns: The segment.
    /// - Returns: Spikes and active neurons.
    func update<T: Lanes>(_ columns: SomaColumns<T>) -> SomaOutcome<T> {
        switch soma.decayRounding {
        case .floor, .stochastic: update(columns, RoundingDown.self)
        case .towardZero: update(columns, RoundingTowardZero.self)
        case .nearest: update(columns, RoundingToNearest.self)
        }
    }

    private func update<T: Lanes, R: DecayRounding>(
        _ columns: SomaColumns<T>,
        _ rounding: R.Type
    ) -> SomaOutcome<T> {
        let scale = DecayScale<T>(bits: soma.decayBits)
        let shift = T(every: Int64(soma.accumulatorShift))
        let membrane = Rails<T>(soma.membrane)
        let synaptic = Rails<T>(soma.current ?? soma.membrane)
        let leaks = model != .integrateAndFire
        let fires = model.isSpiking
        let subtracts = reset == .subtract
        var outcome = SomaOutcome<T>()
        for k in stride(from: 0, to: columns.paddedCount, by: T.count) {
            let input = unsafe T.load(input: columns.input + k)
            let v0 = unsafe T.load(columns.v + k)
            let bias = unsafe T.load(columns.membraneBias + k)
            var drive = input &<< shift
            var anything = input | v0 | bias
            if hasCurrent {
                let u0 = unsafe T.load(columns.u + k)
                let currentBias = unsafe T.load(columns.currentBias + k)
                let factor = unsafe T.load(columns.currentFactor + k)
                let decayed = R.decayed(u0, factor: factor, scale)
                drive = synaptic.fitted(decayed &+ drive &+ currentBias)
                anything = anything | u0 | currentBias
                unsafe drive.store(columns.u + k)
            }
            var v = v0
            if leaks {
                let factor = unsafe T.load(columns.membraneFactor + k)
                v = R.decayed(v0, factor: factor, scale)
            }
            v = membrane.fitted(v &+ drive &+ bias)
            if fires {
                let threshold = unsafe T.load(columns.threshold + k)
                let spiking = v.mask(above: threshold)
                let after =
                    subtracts
                    ? membrane.fitted(v &- threshold) : unsafe T.load(columns.resetPotential + k)
                v = v.replaced(by: after, where: columns.resetting(spiking, at: k))
                outcome.list(spiking, at: k, in: columns)
            }
            unsafe v.store(columns.v + k)
            outcome.countActive(anything, at: k, in: columns)
        }
        return outcome
    }
}

/// Overflow rule of a register, in the integers of a kernel.
private struct Rails<T: Lanes> {
    private let low: T
    private let high: T
    private let wraps: Bool
    private let span: T

    init(_ format: RegisterFormat) {
        low = T(every: format.minimum)
        high = T(every: format.maximum)
        wraps = format.overflow == .wrap
        span = T(every: (1 << Int64(format.bits)) - 1)
    }

    @inline(__always)
    func fitted(_ x: T) -> T {
        // Wrapping: x − low modulo 2^bits, back above low.
        wraps ? low &+ ((x &- low) & span) : x.clamped(low, high)
    }
}
