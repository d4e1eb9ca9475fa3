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

    /// p(v) as a threshold of a 32-bit draw.
    @inline(__always)
    func threshold(at v: Int64) -> UInt32 {
        let index = v &>> indexShift
        if index < Int64(-Self.half) { return unsafe table.base[0] }
        if index >= Int64(Self.half) { return unsafe table.base[2 * Self.half] }
        let entry = Int(index) &+ Self.half
        let low = unsafe Int64(table.base[entry])
        let high = unsafe Int64(table.base[entry &+ 1])
        let fraction = v & ((1 &<< indexShift) &- 1)
        return UInt32(truncatingIfNeeded: low &+ ((high &- low) &* fraction) &>> indexShift)
    }
}

/// The `sampling` soma: `docs/NUMERICS.md`, section 8.
struct Sampling {
    let soma: SomaSpec
    let table: SamplingTable
    let probability: SpikeProbability
    let populationID: UInt32

    /// Updates the neurons of a segment by one step.
    ///
    /// - Parameters:
    ///   - columns: The segment.
    ///   - history: The last `pspSteps` inputs, `[slot][neuron]`, of a rectangular potential.
    ///   - slot: Where the input of `pspSteps` ago is, and where this step's goes.
    ///   - stream: Draws of purpose `stochasticSpike`.
    ///   - step: Number of the step.
    /// - Returns: Number of spikes.
    func update(
        _ columns: RandomSomaColumns,
        history: UnsafeMutablePointer<Int64>,
        slot: Int,
        stream: RandomStream,
        step: UInt32
    ) -> Int {
        switch soma.decayRounding {
        case .floor, .stochastic: unsafe integrate(columns, history, slot, RoundingDown.self)
        case .towardZero: unsafe integrate(columns, history, slot, RoundingTowardZero.self)
        case .nearest: unsafe integrate(columns, history, slot, RoundingToNearest.self)
        }
        return fire(columns, stream: stream, step: step)
    }

    private func integrate<R: DecayRounding>(
        _ columns: RandomSomaColumns,
        _ history: UnsafeMutablePointer<Int64>,
        _ slot: Int,
        _ rounding: R.Type
    ) {
        let current = soma.current ?? soma.membrane
        let shift = Int64(soma.accumulatorShift)
        let bits = soma.decayBits
        let past = unsafe history + slot * columns.count
        for k in 0..<columns.count {
            let input = unsafe columns.input[k]
            let u0 = unsafe Int64(columns.u[k])
            let factor = unsafe Int64(columns.currentFactor[k])
            let u: Int64
            let reach: Int64
            switch table.psp {
            case .rectangular:
                u = unsafe current.fitted(u0 &+ input &- past[k])
                unsafe past[k] = input
                reach = (u &>> columns.attenuation) &<< shift
            case .exponential:
                let drive = (input &>> columns.attenuation) &<< shift
                u = current.fitted(R.product(u0, factor, bits: bits) &+ drive)
                reach = u
            case .alpha:
                let drive = (input &>> columns.attenuation) &<< shift
                let h0 = unsafe Int64(columns.h[k])
                let h = current.fitted(R.product(h0, factor, bits: bits) &+ drive)
                let gain = (Int64(1) &<< Int64(bits)) &- factor
                let rise = R.product(h, gain, bits: bits)
                u = current.fitted(R.product(u0, factor, bits: bits) &+ rise)
                unsafe columns.h[k] = Int32(truncatingIfNeeded: h)
                reach = u
            }
            unsafe columns.u[k] = Int32(truncatingIfNeeded: u)
            let v = unsafe soma.membrane.fitted(reach &+ Int64(columns.membraneBias[k]))
            unsafe columns.v[k] = Int32(truncatingIfNeeded: v)
        }
    }

    private func fire(_ columns: RandomSomaColumns, stream: RandomStream, step: UInt32) -> Int {
        var spikeCount = 0
        var block = UInt32.max
        var words: Philox4x32.Block = (0, 0, 0, 0)
        for k in 0..<columns.count {
            if unsafe columns.zeta[k] > 1 {
                unsafe columns.zeta[k] &-= 1
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
            if unsafe word < probability.threshold(at: Int64(columns.v[k])) {
                unsafe columns.zeta[k] = columns.refractorySteps[k]
                unsafe columns.spikes[spikeCount] = columns.firstSender &+ UInt32(k)
                spikeCount &+= 1
            } else {
                unsafe columns.zeta[k] = 0
            }
        }
        return spikeCount
    }
}
