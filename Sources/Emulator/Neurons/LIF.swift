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
    /// T is Int32 where the loader proved that no sum leaves 31 bits, else Int64.
    ///
    /// - Parameter columns: The segment.
    /// - Returns: Number of active neurons.
    func update<T: FixedWidthInteger & SignedInteger>(_ columns: SomaColumns<T>) -> Int {
        switch soma.decayRounding {
        case .floor, .stochastic: update(columns, RoundingDown.self)
        case .towardZero: update(columns, RoundingTowardZero.self)
        case .nearest: update(columns, RoundingToNearest.self)
        }
    }

    @inline(__always)
    private func update<T: FixedWidthInteger & SignedInteger, R: DecayRounding>(
        _ columns: SomaColumns<T>,
        _ rounding: R.Type
    ) -> Int {
        switch (hasCurrent, reset) {
        case (false, .zero): update(columns, rounding, current: false, subtracts: false)
        case (false, .subtract): update(columns, rounding, current: false, subtracts: true)
        case (true, .zero): update(columns, rounding, current: true, subtracts: false)
        case (true, .subtract): update(columns, rounding, current: true, subtracts: true)
        }
    }

    @inline(__always)
    private func update<T: FixedWidthInteger & SignedInteger, R: DecayRounding>(
        _ columns: SomaColumns<T>,
        _ rounding: R.Type,
        current: Bool,
        subtracts: Bool
    ) -> Int {
        let bits = T(soma.decayBits)
        let shift = T(soma.accumulatorShift)
        let membrane = Rails<T>(soma.membrane)
        let synaptic = Rails<T>(soma.current ?? soma.membrane)
        let leaks = model != .integrateAndFire
        let fires = model.isSpiking
        var active: Int32 = 0
        for k in 0..<columns.count {
            let input = unsafe columns.input[k]
            let v0 = unsafe T(columns.v[k])
            let bias = unsafe T(columns.membraneBias[k])
            var drive = input &<< shift
            var anything = input | v0 | bias
            if current {
                let u0 = unsafe T(columns.u[k])
                let currentBias = unsafe T(columns.currentBias[k])
                let decayed = unsafe R.decayed(u0, factor: T(columns.currentFactor[k]), bits: bits)
                drive = synaptic.fitted(decayed &+ drive &+ currentBias)
                anything |= u0 | currentBias
                unsafe columns.u[k] = Int32(truncatingIfNeeded: drive)
            }
            let decayed =
                leaks
                ? unsafe R.decayed(v0, factor: T(columns.membraneFactor[k]), bits: bits) : v0
            let v = membrane.fitted(decayed &+ drive &+ bias)
            let threshold = unsafe T(columns.threshold[k])
            let spikes = fires && v > threshold
            let after =
                subtracts
                ? membrane.fitted(v &- threshold) : unsafe T(columns.resetPotential[k])
            unsafe columns.spiked[k] = spikes ? 1 : 0
            unsafe columns.v[k] = Int32(truncatingIfNeeded: spikes ? after : v)
            active &+= anything != 0 ? 1 : 0
        }
        return Int(active)
    }
}

/// Overflow rule of a register, in the integers of a kernel.
private struct Rails<T: FixedWidthInteger & SignedInteger> {
    let low: T
    let high: T
    let wraps: Bool
    let unused: T

    init(_ format: RegisterFormat) {
        low = T(truncatingIfNeeded: format.minimum)
        high = T(truncatingIfNeeded: format.maximum)
        wraps = format.overflow == .wrap
        unused = T(T.bitWidth - format.bits)
    }

    @inline(__always)
    func fitted(_ x: T) -> T {
        wraps ? (x &<< unused) &>> unused : min(max(x, low), high)
    }
}
