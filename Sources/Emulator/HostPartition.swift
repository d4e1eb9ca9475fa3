import ChipImage
import ChipSpec
import FixedPoint
import Interconnect

/// A range of neurons with their state: what one thread works on in a step.
///
/// A partition reads the spikes of the last step and writes nothing but its own state, so
/// partitions run side by side and the order in which they run changes nothing.
@safe
final class HostPartition: @unchecked Sendable {
    let tables: HostTables
    /// What a step needs to know of each segment.
    let places: HostArray<SegmentPlace>
    private let exponents: HostArray<Int>
    private let chip: ChipSpec
    private let slots: Int
    private let fractionBits: Int
    private let rails: (low: Int64, high: Int64)?
    private let wrapBits: Int?
    private let noiseStream: RandomStream
    private let spikeStream: RandomStream
    private let neuronStream: RandomStream

    let v: HostArray<Int32>
    let u: HostArray<Int32>
    /// Second stage of an alpha-shaped potential.
    let h: HostArray<Int32>
    /// Refractory counters.
    let zeta: HostArray<Int32>
    /// Dendritic errors; 0 where a soma has no dendrites.
    let error: HostArray<Int32>
    /// Right shift of the dendritic sum of each segment.
    let attenuation: HostArray<Int64>
    /// Whether the `sampling` somas of a segment integrate only: they serve as dendrites.
    let isSilent: HostArray<Bool>
    private let noise: HostArray<Int32>
    /// Inputs of the last steps of segments with rectangular potentials, `[segment][slot][neuron]`.
    private let histories: [HostArray<Int64>]
    private let probabilities: [SpikeProbability?]
    private let samplers: [Sampling?]
    private let noisyNeurons: NoisyLIF
    private let narrow: HostArray<Int32>
    private let wide: HostArray<Int64>
    private let usesWideAccumulators: Bool
    private let narrowInput: HostArray<Int32>
    private let wideInput: HostArray<Int64>
    /// Sums of `trueNorth` neurons while their axon types are worked off, and whether they are active.
    private let sums: HostArray<Int64>
    private let isActive: HostArray<UInt8>
    /// Calcium of `odinLIF` neurons, and time references since it last lost 1.
    let calcium: HostArray<Int32>
    private let calciumCount: HostArray<Int32>
    /// What an `odinLIF` neuron has met in the step (`ODIN`).
    private let met: HostArray<UInt8>
    /// Weights onto each neuron that changed in the running step, or would have but for their rail.
    let weightUpdates: HostArray<UInt32>
    private let isODIN: Bool

    /// Spikes of the running step: sender numbers, ascending; the first `spikeCount` count.
    let spikes: HostArray<UInt32>
    private(set) var spikeCount = 0
    /// −1 for each neuron that resets whatever it computes, by column; made when first needed.
    private var resets: HostArray<Int32>?
    /// The same for kernels, owned by `resets`; nil unless the running step follows a recording.
    private var followed: UnsafePointer<Int32>?
    /// Active neurons of each segment in the running step.
    let activeInSegment: HostArray<UInt32>
    /// What each soma did in the running step, by column; kept if `recordsVisits`.
    let visits: HostArray<SomaVisit>
    var recordsVisits = false
    /// −1 for each active soma of the segment that was updated last.
    private let activity: HostArray<Int32>

    init(tables: HostTables, chip: ChipSpec, layout: HostLayout, seed: UInt64) {
        self.tables = tables
        self.chip = chip
        noiseStream = RandomStream(seed: seed, purpose: .temporalNoise)
        spikeStream = RandomStream(seed: seed, purpose: .stochasticSpike)
        neuronStream = RandomStream(seed: seed, purpose: .stochasticNeuron)
        slots = layout.longestDelay
        fractionBits = layout.fractionBits
        var compartments: [Int] = []
        places = HostArray(
            tables.segments.map { segment in
                let first = compartments.count
                compartments += segment.exponents
                return SegmentPlace(segment, firstExponent: first)
            },
            else: SegmentPlace()
        )
        exponents = HostArray(compartments, else: 0)
        let accumulator = chip.dendrite.accumulator
        let scale = Int64(1) << Int64(layout.fractionBits)
        rails =
            tables.needsSaturation
            ? (low: accumulator.minimum * scale, high: accumulator.maximum * scale) : nil
        wrapBits = accumulator.overflow == .wrap ? accumulator.bits + layout.fractionBits : nil
        usesWideAccumulators = layout.needsWideAccumulators
        let neurons = tables.columnCount
        v = HostArray(repeating: 0, count: neurons)
        u = HostArray(repeating: 0, count: neurons)
        h = HostArray(repeating: 0, count: neurons)
        zeta = HostArray(repeating: 0, count: neurons)
        error = HostArray(repeating: 0, count: neurons)
        attenuation = HostArray(repeating: 0, count: tables.segments.count)
        isSilent = HostArray(repeating: false, count: tables.segments.count)
        noise = HostArray(repeating: 0, count: neurons)
        let histories = tables.segments.map { segment in
            let isRectangular = segment.sampling?.psp == .rectangular
            let steps = isRectangular ? segment.sampling?.pspSteps ?? 1 : 0
            return HostArray<Int64>(repeating: 0, count: steps * segment.count)
        }
        let probabilities = tables.segments.map { $0.sampling.map(SpikeProbability.init) }
        self.histories = histories
        self.probabilities = probabilities
        let soma = SomaFormats(chip.soma)
        noisyNeurons = NoisyLIF(soma: soma)
        samplers = tables.segments.indices.map { index in
            guard let sampling = tables.segments[index].sampling,
                let probability = probabilities[index]
            else { return nil }
            return unsafe Sampling(
                soma: soma,
                psp: sampling.psp,
                pspSteps: UInt64(max(1, sampling.pspSteps)),
                probabilities: UnsafePointer(probability.table.base),
                indexShift: probability.indexShift,
                history: histories[index].base,
                populationID: tables.segments[index].populationID
            )
        }
        let accumulators = slots * tables.accumulatorCount
        narrow = HostArray(repeating: 0, count: usesWideAccumulators ? 0 : accumulators)
        wide = HostArray(repeating: 0, count: usesWideAccumulators ? accumulators : 0)
        narrowInput = HostArray(repeating: 0, count: neurons)
        wideInput = HostArray(repeating: 0, count: neurons)
        isODIN = chip.soma.models == [.odinLIF]
        let odinNeurons = isODIN ? neurons : 0
        calcium = HostArray(repeating: 0, count: odinNeurons)
        calciumCount = HostArray(repeating: 0, count: odinNeurons)
        met = HostArray(repeating: 0, count: odinNeurons)
        weightUpdates = HostArray(repeating: 0, count: odinNeurons)
        let trueNorthNeurons = chip.soma.models == [.trueNorth] ? neurons : 0
        sums = HostArray(repeating: 0, count: trueNorthNeurons)
        isActive = HostArray(repeating: 0, count: trueNorthNeurons)
        spikes = HostArray(repeating: 0, count: neurons)
        activeInSegment = HostArray(repeating: 0, count: tables.segments.count)
        visits = HostArray(repeating: .none, count: neurons)
        activity = HostArray(repeating: 0, count: neurons)
        reset()
    }

    /// Begins a step that follows a recording, or ends the following.
    func setFollowing(_ isFollowing: Bool) {
        guard isFollowing else {
            unsafe followed = nil
            return
        }
        let resets = resets ?? HostArray(repeating: 0, count: tables.columnCount)
        resets.fill(0)
        self.resets = resets
        unsafe followed = UnsafePointer(resets.base)
    }

    /// Lets a neuron reset in the running step.
    func follow(column: Int) { resets?[column] = -1 }

    /// Takes recorded spikes for those of the step.
    func replaceSpikes(by senders: ArraySlice<UInt32>) {
        for (index, sender) in senders.enumerated() { spikes[index] = sender }
        spikeCount = senders.count
    }

    /// The state reset of `docs/NUMERICS.md`, section 1.
    func reset() {
        for neuron in 0..<tables.columnCount { v[neuron] = tables.initialPotential[neuron] }
        u.fill(0)
        h.fill(0)
        zeta.fill(0)
        calcium.fill(0)
        calciumCount.fill(0)
        for history in histories { history.fill(0) }
        narrow.fill(0)
        wide.fill(0)
        spikeCount = 0
    }

    /// Phases 1 to 3 of a step.
    ///
    /// - Parameters:
    ///   - senders: Spikes of the last step, ascending.
    ///   - lost: Packets of these spikes that do not arrive, ascending.
    ///   - slot: Ring slot of this step.
    ///   - age: Steps since the state reset.
    ///   - step: Number of the step since the machine was made.
    func step(
        senders: UnsafeBufferPointer<UInt32>,
        lost: [LostPacket],
        slot: Int,
        age: UInt64,
        step: UInt64
    ) {
        let number = UInt32(truncatingIfNeeded: step)
        if isODIN {
            // One core: its packets pass no network.
            unsafe stepODIN(senders, age)
        } else if usesWideAccumulators {
            unsafe deliver(senders, lost, slot, accumulators: wide.base)
            unsafe self.step(slot, age, number, accumulators: wide.base)
        } else {
            unsafe deliver(senders, lost, slot, accumulators: narrow.base)
            unsafe self.step(slot, age, number, accumulators: narrow.base)
        }
    }

    /// Delivers the spikes of the last step, those of a sender with lost packets synapse by synapse.
    @inline(__always)
    private func deliver<Sum: FixedWidthInteger & SignedInteger>(
        _ senders: UnsafeBufferPointer<UInt32>,
        _ lost: [LostPacket],
        _ slot: Int,
        accumulators: UnsafeMutablePointer<Sum>
    ) {
        guard !senders.isEmpty else { return }
        var first = 0
        var packet = 0
        while packet < lost.count {
            let sender = lost[packet].sender
            var next = packet
            var cores: Set<UInt32> = []
            while next < lost.count, lost[next].sender == sender {
                cores.insert(lost[next].core)
                next += 1
            }
            packet = next
            guard let index = unsafe senders[first...].firstIndex(of: sender) else { continue }
            unsafe deliver(
                .init(rebasing: senders[first..<index]),
                slot,
                accumulators: accumulators
            )
            unsafe deliver(sender, except: cores, slot, accumulators: accumulators)
            first = index + 1
        }
        unsafe deliver(.init(rebasing: senders[first...]), slot, accumulators: accumulators)
    }

    private func deliver<Sum: FixedWidthInteger & SignedInteger>(
        _ sender: UInt32,
        except cores: Set<UInt32>,
        _ slot: Int,
        accumulators: UnsafeMutablePointer<Sum>
    ) {
        for row in Int(tables.senderRows[Int(sender)])..<Int(tables.senderRows[Int(sender) + 1]) {
            let ring = (slot + Int(tables.rowDelay[row]) - 1) % slots
            let base = unsafe accumulators + ring * tables.accumulatorCount
            for synapse in Int(tables.rowSynapses[row])..<Int(tables.rowSynapses[row + 1]) {
                let target = Int(tables.targets[synapse])
                let segment = tables.segments.last { $0.accumulator <= target }
                guard let segment, !cores.contains(UInt32(segment.core)) else { continue }
                let charge =
                    fractionBits > 0
                    ? Sum(truncatingIfNeeded: tables.wideCharges[synapse])
                    : Sum(truncatingIfNeeded: tables.charges[synapse])
                let sum = unsafe base[target] &+ charge
                unsafe base[target] =
                    rails.map { min(max(sum, Sum($0.low)), Sum($0.high)) } ?? sum
            }
        }
    }

    @inline(__always)
    private func step<Sum: FixedWidthInteger & SignedInteger>(
        _ slot: Int,
        _ age: UInt64,
        _ number: UInt32,
        accumulators: UnsafeMutablePointer<Sum>
    ) {
        spikeCount = 0
        let base = unsafe accumulators + slot * tables.accumulatorCount
        for index in 0..<places.count {
            let place = unsafe places.base[index]
            let first = unsafe base + place.accumulator
            guard age >= UInt64(place.depth) else {
                // Charge that reaches a sleeping neuron is lost.
                unsafe first.update(repeating: 0, count: place.paddedCount * place.compartments)
                unsafe activeInSegment.base[index] = 0
                if recordsVisits { note(place) { _ in .none } }
                continue
            }
            switch place.kernel {
            case .random:
                unsafe updateRandom(index, place, first, age: age, number)
                if recordsVisits { note(place) { _ in .active } }
            case .trueNorth:
                unsafe updateTrueNorth(index, place, first, number)
                if recordsVisits {
                    note(place) {
                        unsafe isActive.base[place.first + $0] == 0 ? .inactive : .active
                    }
                }
            case .odin: break
            case .narrow:
                unsafe update(index, place, first, EightLanes.self, input: narrowInput.base)
                if recordsVisits { noteActivity(place) }
            case .wide:
                unsafe update(index, place, first, OneLane.self, input: wideInput.base)
                if recordsVisits { noteActivity(place) }
            }
        }
    }

    private func noteActivity(_ place: SegmentPlace) {
        note(place) { unsafe activity.base[place.first + $0] == 0 ? .inactive : .active }
    }

    private func note(_ place: SegmentPlace, _ visit: (Int) -> SomaVisit) {
        for k in 0..<place.count { unsafe visits.base[place.first + k] = visit(k) }
    }

    /// Spike probability of a segment's `sampling` somas at a potential, as a threshold of a 32-bit draw.
    func spikeThreshold(of segment: Int, at v: Int64) -> UInt32 {
        samplers[segment]?.threshold(at: v) ?? 0
    }

    @inline(__always)
    private func deliver<Sum: FixedWidthInteger & SignedInteger>(
        _ senders: UnsafeBufferPointer<UInt32>,
        _ slot: Int,
        accumulators: UnsafeMutablePointer<Sum>
    ) {
        let rails = rails.map { (low: Sum($0.low), high: Sum($0.high)) }
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
    private func gather<
        Sum: FixedWidthInteger & SignedInteger,
        Input: FixedWidthInteger & SignedInteger
    >(
        _ place: SegmentPlace,
        _ accumulators: UnsafeMutablePointer<Sum>,
        _ input: UnsafeMutablePointer<Input>
    ) {
        unsafe Emulator.gather(
            accumulators: accumulators,
            count: place.paddedCount,
            exponents: UnsafeBufferPointer(
                start: exponents.base + place.firstExponent,
                count: place.compartments
            ),
            fractionBits: fractionBits,
            wrapBits: wrapBits,
            input: input
        )
    }

    @inline(__always)
    private func update<Sum: FixedWidthInteger & SignedInteger, T: Lanes>(
        _ index: Int,
        _ place: SegmentPlace,
        _ accumulators: UnsafeMutablePointer<Sum>,
        _ lanes: T.Type,
        input: UnsafeMutablePointer<T.Input>
    ) {
        unsafe gather(place, accumulators, input)
        let first = place.first
        let columns = unsafe SomaColumns<T>(
            paddedCount: place.paddedCount,
            input: UnsafePointer(input),
            v: v.base + first,
            u: u.base + first,
            threshold: UnsafePointer(tables.threshold.base + first),
            membraneFactor: UnsafePointer(tables.membraneFactor.base + first),
            currentFactor: UnsafePointer(tables.currentFactor.base + first),
            membraneBias: UnsafePointer(tables.membraneBias.base + first),
            currentBias: UnsafePointer(tables.currentBias.base + first),
            resetPotential: UnsafePointer(tables.resetPotential.base + first),
            firstSender: place.firstNeuron,
            spikes: spikes.base + spikeCount,
            activity: recordsVisits ? activity.base + first : nil,
            followed: unsafe followed.map { unsafe $0 + first }
        )
        let outcome: SomaOutcome<T>
        let model = tables.segments[index].model
        switch model {
        case .cubaLIF:
            outcome = CubaLIF.update(columns)
        case .noisyLIF, .sampling, .trueNorth, .odinLIF:
            preconditionFailure("these somas have kernels of their own")
        case .lif, .integrateAndFire, .li:
            let kernel = LIF(
                soma: chip.soma,
                model: model,
                reset: tables.segments[index].reset,
                hasCurrent: place.hasCurrent
            )
            outcome = kernel.update(columns)
        }
        unsafe activeInSegment.base[index] = UInt32(outcome.activeCount)
        spikeCount += outcome.spikeCount
    }

    /// Phases 1 to 3 for `odinLIF` neurons: the time reference, then the events in their order.
    private func stepODIN(_ senders: UnsafeBufferPointer<UInt32>, _ age: UInt64) {
        let neurons = unsafe ODIN(
            stride: tables.columnCount,
            v: v.base,
            calcium: calcium.base,
            calciumCount: calciumCount.base,
            threshold: UnsafePointer(tables.threshold.base),
            leak: UnsafePointer(tables.membraneBias.base),
            registers: UnsafePointer(tables.modelRegisters.base),
            met: met.base,
            weightUpdates: weightUpdates.base
        )
        met.fill(ODIN.isAsleep)
        weightUpdates.fill(0)
        for index in 0..<places.count {
            let place = unsafe places.base[index]
            if age >= UInt64(place.depth) {
                neurons.refer(place.first..<place.first + place.count)
            }
        }
        unsafe neurons.deliver(senders, tables)
        spikeCount = 0
        for index in 0..<places.count {
            let place = unsafe places.base[index]
            var active: UInt32 = 0
            for k in 0..<place.count {
                let flags = unsafe met.base[place.first + k]
                if flags & ODIN.isActive != 0 { active &+= 1 }
                if flags & ODIN.hasSpiked != 0 {
                    unsafe spikes.base[spikeCount] = place.firstNeuron &+ UInt32(k)
                    spikeCount &+= 1
                }
            }
            unsafe activeInSegment.base[index] = active
            if recordsVisits {
                note(place) { k in
                    let flags = unsafe met.base[place.first + k]
                    return flags & ODIN.isAsleep != 0
                        ? .none : flags & ODIN.isActive != 0 ? .active : .inactive
                }
            }
        }
    }

    private func updateTrueNorth<Sum: FixedWidthInteger & SignedInteger>(
        _ index: Int,
        _ place: SegmentPlace,
        _ accumulators: UnsafeMutablePointer<Sum>,
        _ number: UInt32
    ) {
        let first = place.first
        let registers = unsafe UnsafePointer(tables.modelRegisters.base + first)
        let neurons = unsafe TrueNorth(
            count: place.count,
            stride: tables.columnCount,
            v: v.base + first,
            threshold: UnsafePointer(tables.threshold.base + first),
            leak: UnsafePointer(tables.membraneBias.base + first),
            resetPotential: UnsafePointer(tables.resetPotential.base + first),
            registers: registers,
            indexInPopulation: UnsafePointer(tables.indexInPopulation.base + first),
            sums: sums.base + first,
            isActive: isActive.base + first,
            firstSender: place.firstNeuron,
            spikes: spikes.base + spikeCount,
            stream: neuronStream,
            populationID: tables.segments[index].populationID,
            step: number,
            followed: unsafe followed.map { unsafe $0 + first }
        )
        neurons.begin()
        for type in 0..<place.compartments {
            var alone = place
            alone.firstExponent += type
            alone.compartments = 1
            unsafe gather(
                alone,
                accumulators + type * place.paddedCount,
                wideInput.base
            )
            unsafe neurons.integrate(type, UnsafePointer(wideInput.base))
        }
        unsafe activeInSegment.base[index] = UInt32(neurons.countActive())
        spikeCount += neurons.fire()
    }

    @inline(__always)
    private func updateRandom<Sum: FixedWidthInteger & SignedInteger>(
        _ index: Int,
        _ place: SegmentPlace,
        _ accumulators: UnsafeMutablePointer<Sum>,
        age: UInt64,
        _ number: UInt32
    ) {
        unsafe gather(place, accumulators, wideInput.base)
        let first = place.first
        let columns = unsafe RandomSomaColumns(
            count: place.count,
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
            attenuation: attenuation.base[index],
            firstSender: place.firstNeuron,
            spikes: spikes.base + spikeCount,
            followed: unsafe followed.map { unsafe $0 + first }
        )
        unsafe activeInSegment.base[index] = UInt32(place.count)
        if let sampler = samplers[index] {
            sampler.integrate(columns, age: age)
            if !isSilent[index] {
                spikeCount += sampler.fire(columns, stream: spikeStream, step: number)
            }
        } else {
            unsafe tables.segments[index].noise.write(
                stream: noiseStream,
                step: number,
                indices: columns.indexInPopulation,
                count: place.count,
                noise: noise.base
            )
            spikeCount += unsafe noisyNeurons.update(
                columns,
                hasCurrent: place.hasCurrent,
                noise: UnsafePointer(noise.base)
            )
        }
    }
}
