import ChipImage
import ChipSpec
import FixedPoint

/// Spike probability of a `sampling` soma by membrane potential: `docs/NUMERICS.md`, section 8.
struct SpikeProbability {
    /// Entries −1024...1024 as thresholds of a 32-bit draw.
    let table: HostArray<UInt32>
    let indexShift: Int64

    static let half = 1024

    init(_ sampling: SamplingTable) {
        let unit = sampling.logOddsPerRaw
        var shift: Int64 = 0
        while shift < 20, Double(Int64(1) << (shift + 1)) * unit <= 1.0 / 32 { shift += 1 }
        indexShift = shift
        let offset = PortableMath.log(Double(sampling.refractorySteps))
        let interval = Double(Int64(1) << shift) * unit
        let entries = (-Self.half...Self.half).map { entry in
            let x = Double(entry) * interval - offset
            let probability = 1 / (1 + PortableMath.exp(-x))
            return UInt32(min(4_294_967_295, (probability * 4_294_967_296).rounded()))
        }
        table = HostArray(entries, else: 0)
    }
}

/// The `sampling` soma: `docs/NUMERICS.md`, section 8.
///
/// Numbers and pointers only: the partition owns what they point at.
@safe
struct Sampling {
    let soma: SomaFormats
    let psp: PSPShape
    let pspSteps: UInt64
    /// Entries −1024...1024 of `SpikeProbability.table`.
    let probabilities: UnsafePointer<UInt32>
    let indexShift: Int64
    /// The last `pspSteps` inputs, `[slot][neuron]`, of a rectangular potential.
    let history: UnsafeMutablePointer<Int64>
    let populationID: UInt32

    /// Integrates the inputs of a segment over one step.
    ///
    /// - Parameters:
    ///   - columns: The segment.
    ///   - age: Steps since the state reset: where the input of `pspSteps` ago is.
    @inline(__always)
    func integrate(_ columns: RandomSomaColumns, age: UInt64) {
        if psp == .rectangular {
            // Sums of inputs: nothing is rounded.
            let slot = Int(truncatingIfNeeded: age % pspSteps)
            unsafe integrateRectangular(columns, history + slot &* columns.count)
        } else {
            switch soma.decayRounding {
            case .floor, .stochastic: integrate(columns, RoundingDown.self)
            case .towardZero: integrate(columns, RoundingTowardZero.self)
            case .nearest: integrate(columns, RoundingToNearest.self)
            }
        }
    }

    /// p(v) as a threshold of a 32-bit draw.
    @inline(__always)
    func threshold(at v: Int64) -> UInt32 {
        let half = SpikeProbability.half
        let index = v &>> indexShift
        if index < Int64(-half) { return unsafe probabilities[0] }
        if index >= Int64(half) { return unsafe probabilities[2 * half] }
        let entry = Int(truncatingIfNeeded: index) &+ half
        let low = unsafe Int64(probabilities[entry])
        let high = unsafe Int64(probabilities[entry &+ 1])
        let fraction = v & ((1 &<< indexShift) &- 1)
        return UInt32(truncatingIfNeeded: low &+ ((high &- low) &* fraction) &>> indexShift)
    }

    @inline(__always)
    private func integrateRectangular(
        _ columns: RandomSomaColumns,
        _ past: UnsafeMutablePointer<Int64>
    ) {
        let shift = Int64(soma.accumulatorShift)
        for k in 0..<columns.count {
            let input = unsafe columns.input[k]
            let u = unsafe soma.current.fitted(Int64(columns.u[k]) &+ input &- past[k])
            unsafe past[k] = input
            let reach = (u &>> columns.attenuation) &<< shift
            unsafe columns.u[k] = Int32(truncatingIfNeeded: u)
            let v = unsafe soma.membrane.fitted(reach &+ Int64(columns.membraneBias[k]))
            unsafe columns.v[k] = Int32(truncatingIfNeeded: v)
        }
    }

    private func integrate<R: DecayRounding>(_ columns: RandomSomaColumns, _ rounding: R.Type) {
        let shift = Int64(soma.accumulatorShift)
        let bits = soma.decayBits
        for k in 0..<columns.count {
            let input = unsafe columns.input[k]
            let u0 = unsafe Int64(columns.u[k])
            let factor = unsafe Int64(columns.currentFactor[k])
            let drive = (input &>> columns.attenuation) &<< shift
            let u: Int64
            if psp == .alpha {
                let h0 = unsafe Int64(columns.h[k])
                let h = soma.current.fitted(R.product(h0, factor, bits: bits) &+ drive)
                let gain = (Int64(1) &<< Int64(bits)) &- factor
                let rise = R.product(h, gain, bits: bits)
                u = soma.current.fitted(R.product(u0, factor, bits: bits) &+ rise)
                unsafe columns.h[k] = Int32(truncatingIfNeeded: h)
            } else {
                u = soma.current.fitted(R.product(u0, factor, bits: bits) &+ drive)
            }
            unsafe columns.u[k] = Int32(truncatingIfNeeded: u)
            let v = unsafe soma.membrane.fitted(u &+ Int64(columns.membraneBias[k]))
            unsafe columns.v[k] = Int32(truncatingIfNeeded: v)
        }
    }

    /// Decides which neurons of a segment spike.
    ///
    /// - Parameters:
    ///   - columns: The segment, integrated.
    ///   - stream: Draws of purpose `stochasticSpike`.
    ///   - step: Number of the step.
    /// - Returns: Number of spikes.
    @inline(__always)
    func fire(_ columns: RandomSomaColumns, stream: RandomStream, step: UInt32) -> Int {
        var spikeCount = 0
        var block = UInt32.max
        var words: Philox4x32.Block = (0, 0, 0, 0)
        for k in 0..<columns.count {
            if unsafe columns.zeta[k] > 1 {
                unsafe columns.zeta[k] &-= 1
                if columns.resets(k, spikes: false) {
                    unsafe columns.zeta[k] = columns.refractorySteps[k]
                }
                continue
            }
            let index = unsafe columns.indexInPopulation[k]
            if index >> 2 != block {
                block = index >> 2
                words = stream.words(block, populationID, step)
            }
            let word =
                switch index & 3 {
                case 0: words.0
                case 1: words.1
                case 2: words.2
                default: words.3
                }
            let spikes = unsafe word < threshold(at: Int64(columns.v[k]))
            if spikes {
                unsafe columns.spikes[spikeCount] = columns.firstSender &+ UInt32(k)
                spikeCount &+= 1
            }
            let resets = columns.resets(k, spikes: spikes)
            unsafe columns.zeta[k] = resets ? columns.refractorySteps[k] : 0
        }
        return spikeCount
    }
}
