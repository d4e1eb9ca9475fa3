/// Loihi's current-based LIF neuron, bit-exact to `docs/NUMERICS.md`, section 4.
///
/// Source: lava-nc 0.10, `proc/lif/models.py`; Davies et al., IEEE Micro 38(1), 2018.
enum CubaLIF {
    /// Bits by which the soma's input is shifted left.
    static let accumulatorShift = 6
    /// Bits of the decays.
    static let decayBits = 12
    /// Rails of v.
    static let membraneRange = -Int64((1 << 23) - 1)...Int64((1 << 23) - 1)

    /// Updates the neurons of a segment by one step.
    ///
    /// - Parameter columns: The segment.
    /// - Returns: Spikes and active neurons.
    static func update<T: Lanes>(_ columns: SomaColumns<T>) -> SomaOutcome<T> {
        let scale = DecayScale<T>(bits: decayBits)
        let shift = T(every: Int64(accumulatorShift))
        let low = T(every: membraneRange.lowerBound)
        let high = T(every: membraneRange.upperBound)
        let half = T(every: 1 << 23)
        let wrap = T(every: (1 << 24) - 1)
        let zero = T(every: 0)
        var outcome = SomaOutcome<T>()
        for k in stride(from: 0, to: columns.paddedCount, by: T.count) {
            let input = unsafe T.load(input: columns.input + k)
            let u0 = unsafe T.load(columns.u + k)
            let v0 = unsafe T.load(columns.v + k)
            let bias = unsafe T.load(columns.membraneBias + k)
            let currentFactor = unsafe T.load(columns.currentFactor + k)
            let membraneFactor = unsafe T.load(columns.membraneFactor + k)
            let raw =
                RoundingTowardZero.decayed(u0, factor: currentFactor, scale)
                &+ (input &<< shift)
            // Into −2^23 + 1 ... 2^23 modulo 2^24: +2^23 stays, −2^23 becomes +2^23.
            let u = half &- ((half &- raw) & wrap)
            let decayed = RoundingTowardZero.decayed(v0, factor: membraneFactor, scale)
            let v = (decayed &+ u &+ bias).clamped(low, high)
            let spiking = unsafe v.mask(above: T.load(columns.threshold + k))
            unsafe u.store(columns.u + k)
            let resetting = columns.resetting(spiking, at: k)
            unsafe v.replaced(by: zero, where: resetting).store(columns.v + k)
            outcome.countActive(input | u0 | v0 | bias, at: k, in: columns)
            outcome.list(spiking, at: k, in: columns)
        }
        return outcome
    }
}
