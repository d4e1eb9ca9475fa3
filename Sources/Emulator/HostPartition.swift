import ChipImage
import ChipSpec
import FixedPoint

/// A range of neurons with their state: what one thread works on in a step.
///
/// A partition reads the spikes of the last step and writes nothing but its own state, so
/// partitions run side by side and the order in which they run changes nothing.
@safe
final class HostPartition: @unchecked Sendable {
    let tables: HostTables
    private let chip: ChipSpec
    private let slots: Int
    private let fractionBits: Int
    private let noiseStream: RandomStream
    private let spikeStream: RandomStream

    let v: HostArray<Int32>
    let u: HostArray<Int32>
    /// Second stage of an alpha-shaped potential.
    let h: HostArray<Int32>
    /// Refractory counters.
    let zeta: HostArray<Int32>
    /// Right shift of the dendritic sum of each segment.
    let attenuation: HostArray<Int64>
    private let noise: HostArray<Int32>
    /// Inputs of the last steps of segments with rectangular potentials, `[segment][slot][neuron]`.
    private let histories: [HostArray<Int64>]
    private let probabilities: [SpikeProbability?]
    private let narrow: HostArray<Int32>
    private let wide: HostArray<Int64>
    private let usesWideAccumulators: Bool
    private let narrowInput: HostArray<Int32>
    private let wideInput: HostArray<Int64>

    /// Spikes of the running step: sender numbers, ascending; the first `spikeCount` count.
    let spikes: HostArray<UInt32>
    private(set) var spikeCount = 0
    /// Active neurons of each segment in the running step.
    let activeInSegment: HostArray<UInt32>

    init(tables: HostTables, chip: ChipSpec, layout: HostLayout, seed: UInt64) {
        self.tables = tables
        self.chip = chip
        noiseStream = RandomStream(seed: seed, purpose: .temporalNoise)
        spikeStream = RandomStream(seed: seed, purpose: .stochasticSpike)
        slots = layout.longestDelay
        fractionBits = layout.fractionBits
        usesWideAccumulators = layout.needsWideAccumulators
        let neurons = tables.columnCount
        v = HostArray(repeating: 0, count: neurons)
        u = HostArray(repeating: 0, count: neurons)
        h = HostArray(repeating: 0, count: neurons)
        zeta = HostArray(repeating: 0, count: neurons)
        attenuation = HostArray(repeating: 0, count: tables.segments.count)
        noise = HostArray(repeating: 0, count: neurons)
        histories = tables.segments.map { segment in
            let isRectangular = segment.sampling?.psp == .rectangular
            let steps = isRectangular ? segment.sampling?.pspSteps ?? 1 : 0
            return HostArray(repeating: 0, count: steps * segment.count)
        }
        probabilities = tables.segments.map { $0.sampling.map(SpikeProbability.init) }
        let accumulators = slots * tables.accumulatorCount
        narrow = HostArray(repeating: 0, count: usesWideAccumulators ? 0 : accumulators)
        wide = HostArray(repeating: 0, count: usesWideAccumulators ? accumulators : 0)
        narrowInput = HostArray(repeating: 0, count: neurons)
        wideInput = HostArray(repeating: 0, count: neurons)
        spikes = HostArray(repeating: 0, count: neurons)
        activeInSegment = HostArray(repeating: 0, count: tables.segments.count)
        reset()
    }

    /// The state reset of `docs/NUMERICS.md`, section 1.
    func reset() {
        for neuron in 0..<tables.columnCount { v[neuron] = tables.initialPotential[neuron] }
        u.fill(0)
        h.fill(0)
        zeta.fill(0)
        for history in histories { history.fill(0) }
        narrow.fill(0)
        wide.fill(0)
        spikeCount = 0
    }

    /// Phases 1 to 3 of a step.
    ///
    /// - Parameters:
    ///   - senders: Spikes of the last step, ascending.
    ///   - slot: Ring slot of this step.
    ///   - age: Steps since the state reset.
    ///   - step: Number of the step since the machine was made.
    func step(senders: UnsafeBufferPointer<UInt32>, slot: Int, age: UInt64, step: UInt64) {
        let number = UInt32(truncatingIfNeeded: step)
        if usesWideAccumulators {
            unsafe self.step(senders, slot, age, number, accumulators: wide.base)
        } else {
            unsafe self.step(senders, slot, age, number, accumulators: narrow.base)
        }
    }

    @inline(__always)
    private func step<Sum: FixedWidthInteger & SignedInteger>(
        _ senders: UnsafeBufferPointer<UInt32>,
        _ slot: Int,
        _ age: UInt64,
        _ number: UInt32,
        accumulators: UnsafeMutablePointer<Sum>
    ) {
        unsafe deliver(senders, slot, accumulators: accumulators)
        spikeCount = 0
        let base = unsafe accumulators + slot * tables.accumulatorCount
        for (index, segment) in tables.segments.enumerated() {
            let first = unsafe base + segment.accumulator
            guard age >= UInt64(segment.depth) else {
                // Charge that reaches a sleeping neuron is lost.
                unsafe first.update(
                    repeating: 0,
                    count: segment.paddedCount * segment.exponents.count
                )
                activeInSegment[index] = 0
                continue
            }
            if segment.model.isRandom {
                unsafe updateRandom(index, segment, first, age: age, number)
            } else if segment.fitsInt32 {
                unsafe update(index, segment, first, EightLanes.self, input: narrowInput.base)
            } else {
                unsafe update(index, segment, first, OneLane.self, input: wideInput.base)
            }
        }
    }

    @inline(__always)
    private func deliver<Sum: FixedWidthInteger & SignedInteger>(
        _ senders: UnsafeBufferPointer<UInt32>,
        _ slot: Int,
        accumulators: UnsafeMutablePointer<Sum>
    ) {
        let format = chip.dendrite.accumulator
        let scale = Int64(1) << Int64(fractionBits)
        let rails =
            tables.needsSaturation
            ? (low: Sum(format.minimum * scale), high: Sum(format.maximum * scale)) : nil
        if fractionBits > 0 {
            unsafe Emulator.deliver(
                senders: senders,
                tables: tables,
                charges: UnsafePointer(tables.wideCharges.base),
                accumulators: accumulators,
                slots: slots,
                slot: slot,
                rails: rails
            )
        } else {
            unsafe Emulator.deliver(
                senders: senders,
                tables: tables,
                charges: UnsafePointer(tables.charges.base),
                accumulators: accumulators,
                slots: slots,
                slot: slot,
                rails: rails
            )
        }
    }

    @inline(__always)
    private func update<Sum: FixedWidthInteger & SignedInteger, T: Lanes>(
        _ index: Int,
        _ segment: HostSegment,
        _ accumulators: UnsafeMutablePointer<Sum>,
        _ lanes: T.Type,
        input: UnsafeMutablePointer<T.Input>
    ) {
        let format = chip.dendrite.accumulator
        unsafe gather(
            accumulators: accumulators,
            count: segment.paddedCount,
            exponents: segment.exponents,
            fractionBits: fractionBits,
            wrapBits: format.overflow == .wrap ? format.bits + fractionBits : nil,
            input: input
        )
        let first = segment.first
        let columns = unsafe SomaColumns<T>(
            paddedCount: segment.paddedCount,
            input: UnsafePointer(input),
            v: v.base + first,
            u: u.base + first,
            threshold: UnsafePointer(tables.threshold.base + first),
            membraneFactor: UnsafePointer(tables.membraneFactor.base + first),
            currentFactor: UnsafePointer(tables.currentFactor.base + first),
            membraneBias: UnsafePointer(tables.membraneBias.base + first),
            currentBias: UnsafePointer(tables.currentBias.base + first),
            resetPotential: UnsafePointer(tables.resetPotential.base + first),
            firstSender: UInt32(segment.firstNeuron),
            spikes: spikes.base + spikeCount
        )
        let outcome: SomaOutcome<T>
        switch segment.model {
        case .cubaLIF:
            outcome = CubaLIF.update(columns)
        case .noisyLIF, .sampling: preconditionFailure("random somas have kernels of their own")
        case .lif, .integrateAndFire, .li:
            let kernel = LIF(
                soma: chip.soma,
                model: segment.model,
                reset: segment.reset,
                hasCurrent: segment.hasCurrent
            )
            outcome = kernel.update(columns)
        }
        activeInSegment[index] = UInt32(outcome.activeCount)
        spikeCount += outcome.spikeCount
    }

    private func updateRandom<Sum: FixedWidthInteger & SignedInteger>(
        _ index: Int,
        _ segment: HostSegment,
        _ accumulators: UnsafeMutablePointer<Sum>,
        age: UInt64,
        _ number: UInt32
    ) {
        let format = chip.dendrite.accumulator
        unsafe gather(
            accumulators: accumulators,
            count: segment.paddedCount,
            exponents: segment.exponents,
            fractionBits: fractionBits,
            wrapBits: format.overflow == .wrap ? format.bits + fractionBits : nil,
            input: wideInput.base
        )
        let first = segment.first
        let columns = unsafe RandomSomaColumns(
            count: segment.count,
            input: UnsafePointer(wideInput.base),
            v: v.base + first,
            u: u.base + first,
            h: h.base + first,
            zeta: zeta.base + first,
            threshold: UnsafePointer(tables.threshold.base + first),
            membraneFactor: UnsafePointer(tables.membraneFactor.base + first),
            currentFactor: UnsafePointer(tables.currentFactor.base + first),
            membraneBias: UnsafePointer(tables.membraneBias.base + first),
            currentBias: UnsafePointer(tables.currentBias.base + first),
            resetPotential: UnsafePointer(tables.resetPotential.base + first),
            refractorySteps: UnsafePointer(tables.refractorySteps.base + first),
            indexInPopulation: UnsafePointer(tables.indexInPopulation.base + first),
            attenuation: attenuation[index],
            firstSender: UInt32(segment.firstNeuron),
            spikes: spikes.base + spikeCount
        )
        activeInSegment[index] = UInt32(segment.count)
        if let sampling = segment.sampling, let probability = probabilities[index] {
            let kernel = Sampling(
                soma: chip.soma,
                table: sampling,
                probability: probability,
                populationID: segment.populationID
            )
            spikeCount += unsafe kernel.update(
                columns,
                history: histories[index].base,
                slot: Int(age % UInt64(max(1, sampling.pspSteps))),
                stream: spikeStream,
                step: number
            )
        } else {
            unsafe segment.noise.write(
                stream: noiseStream,
                step: number,
                indices: columns.indexInPopulation,
                count: segment.count,
                noise: noise.base
            )
            let kernel = NoisyLIF(soma: chip.soma, hasCurrent: segment.hasCurrent)
            spikeCount += unsafe kernel.update(columns, noise: UnsafePointer(noise.base))
        }
    }
}
