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
    /// T is Int32 where the loader proved that |input << 6| is below 2^29, else Int64.
    ///
    /// - Parameter columns: The segment.
    /// - Returns: Number of active neurons.
    @inline(__always)
    static func update<T: FixedWidthInteger & SignedInteger>(_ columns: SomaColumns<T>) -> Int {
        let bits = T(decayBits)
        let rail: T = (1 << 23) - 1
        let half: T = 1 << 23
        var active: Int32 = 0
        for k in 0..<columns.count {
            let input = unsafe columns.input[k]
            let u0 = unsafe T(columns.u[k])
            let v0 = unsafe T(columns.v[k])
            let bias = unsafe T(columns.membraneBias[k])
            var u = unsafe RoundingTowardZero.decayed(
                u0,
                factor: T(columns.currentFactor[k]),
                bits: bits
            )
            u = u &+ (input &<< T(accumulatorShift))
            // Into -2^23 + 1 ... 2^23 modulo 2^24: +2^23 stays, -2^23 becomes +2^23.
            u = half &- ((half &- u) & ((1 << 24) - 1))
            var v = unsafe RoundingTowardZero.decayed(
                v0,
                factor: T(columns.membraneFactor[k]),
                bits: bits
            )
            v = min(max(v &+ u &+ bias, -rail), rail)
            let spikes = unsafe v > T(columns.threshold[k])
            unsafe columns.spiked[k] = spikes ? 1 : 0
            unsafe columns.u[k] = Int32(truncatingIfNeeded: u)
            unsafe columns.v[k] = Int32(truncatingIfNeeded: spikes ? 0 : v)
            active &+= (input | u0 | v0 | bias) != 0 ? 1 : 0
        }
        return Int(active)
    }
}
