package import ChipImage
package import ChipSpec
package import Events
import FixedPoint

/// `docs/NUMERICS.md` as a program: slow and plain, the measure of the fast machine.
///
/// Written from the contract alone. It takes images that the verifier accepts. One loop a phase,
/// everything in Int64, nothing skipped.
package struct ReferenceMachine {
    /// What happened in one step.
    package struct Report: Equatable {
        /// Actions of the step.
        package var actions = ActionCounts()
        /// Actions of each core, in the order of the image's cores.
        package var cores: [CoreStepCounts]
        /// Additions that left the range of an accumulator.
        package var accumulatorOverflows = 0
        /// Updates of u that left its range.
        package var currentOverflows = 0
        /// Updates of v that left its range.
        package var membraneOverflows = 0

        /// Whether any accumulator or membrane left its range.
        package var hasOverflow: Bool { accumulatorOverflows + membraneOverflows > 0 }
    }

    /// Parameters of one neuron of this device.
    package struct Neuron: Equatable {
        package var threshold: Int64
        package var membraneDecay: Int64
        /// What the device makes of the amplitudes of noise.
        package var noiseScale = 1.0
        package var currentDecay: Int64
        package var membraneBias: Int64
        package var currentBias: Int64
        package var resetPotential: Int64
        package var initialPotential: Int64
        /// ζ after a spike of `noisyLIF` and `sampling`.
        package var refractorySteps: Int64
    }

    package let image: ChipImage
    package let planted: PlantedError?
    /// Run seed of all draws.
    package let seed: UInt64
    /// Number of the next step, counted from the start of the run across resets.
    package internal(set) var nextStep: UInt64 = 0
    /// Steps done since the last state reset.
    package internal(set) var age: UInt64 = 0
    /// Membrane potentials, `[core of the image][slot]`.
    package internal(set) var v: [[Int64]] = []
    /// Currents, `[core of the image][slot]`; 0 where the population has none.
    package internal(set) var u: [[Int64]] = []
    /// The first of the two filters of an alpha potential, `[core of the image][slot]`.
    package internal(set) var h: [[Int64]] = []
    /// Last inputs of neurons with a rectangular potential, oldest first.
    var pastInputs: [[[Int64]]] = []
    /// Refractory counters ζ, `[core of the image][slot]`.
    package internal(set) var zeta: [[Int64]] = []
    /// Biases of v with 12 fraction bits, `[core of the image][slot]`.
    package internal(set) var biasRegisters: [[Int64]] = []
    /// Right shift of the dendritic sum, `[population]`.
    package internal(set) var attenuations: [Int]
    /// The learning engine.
    package internal(set) var plasticity = ReferencePlasticity()
    /// The neurons with the mismatch of the device, `[core of the image][slot]`.
    package internal(set) var neurons: [[Neuron]] = []
    /// The last step.
    package internal(set) var report: Report
    /// Actions since the start of the run, resets included.
    package internal(set) var actions = ActionCounts()
    /// Packets since the start of the run: sent = delivered + dropped + `packetsUnderWay`.
    package internal(set) var packets = PacketCounts()

    /// Accumulators by step of arrival: `[core of the image][slot * compartments + compartment]`.
    private var accumulators: [UInt64: [[Int64]]] = [:]
    /// Spikes of the last step in canonical order, neurons first, then inputs.
    var underWay: [NeuronAddress] = []
    /// p(v) of each `sampling` population, `[population][i + 1024]`.
    let spikeTables: [[Int64]]
    let pattern: FixedPattern
    private var lost: Set<NeuronRoute> = []
    private let compartments: Int

    /// Loads an image into a device and puts it into the initial state.
    ///
    /// - Parameters:
    ///   - image: The image.
    ///   - device: The device.
    ///   - seed: Run seed.
    ///   - planted: A mistake to make.
    package init(
        image: ChipImage,
        device: Device,
        seed: UInt64 = 0,
        planted: PlantedError? = nil
    ) {
        self.image = image
        self.planted = planted
        self.seed = seed
        attenuations = image.network.populations.map { _ in 0 }
        spikeTables = image.network.populations.map {
            Self.spikeTable($0, forgetsRefractory: planted == .probabilityLacksRefractory)
        }
        pattern = FixedPattern(
            device,
            image.chip.mismatch.distribution,
            ignoresCore: planted == .patternIgnoresCore
        )
        compartments = image.chip.dendrite.maximumCompartments
        report = Report(cores: image.cores.map { _ in CoreStepCounts() })
        for core in image.cores { neurons.append(manufacture(core)) }
        biasRegisters = neurons.map { $0.map { $0.membraneBias * 4096 } }
        setUpPlasticity()
        setInitialState()
    }

    /// Packets of the last step, which the next step delivers.
    package var packetsUnderWay: UInt64 {
        underWay.reduce(0) { $0 + UInt64(routes(of: $1).count) }
    }

    /// Bits below the binary point that accumulators have beyond their format.
    ///
    /// 6 where weights are mismatched, else 0.
    package var accumulatorFractionBits: Int { pattern.varies(.weight) ? 6 : 0 }

    /// Raw accumulators of a coming step.
    ///
    /// - Parameter stepsAhead: 0 for the next step.
    /// - Returns: `[core of the image][slot][compartment of its population]`.
    package func accumulators(stepsAhead: Int) -> [[[Int64]]] {
        let flat = accumulators[nextStep + UInt64(stepsAhead)] ?? emptyAccumulators()
        return image.cores.indices.map { c in
            image.cores[c].segments.flatMap { segment in
                let population = image.network.populations[Int(segment.population)]
                return (segment.firstSlot..<segment.firstSlot + segment.count).map { slot in
                    population.compartmentExponents.indices.map {
                        flat[c][Int(slot) * compartments + $0]
                    }
                }
            }
        }
    }

    /// Loses packets of the last step.
    ///
    /// - Parameter packets: One for each; of a multicast packet all.
    package mutating func lose(_ packets: Set<NeuronRoute>) {
        lost = packets
        self.packets.dropped[DropCause.fullQueue.rawValue] += UInt64(packets.count)
    }

    /// Does a state reset.
    package mutating func reset() {
        packets.dropped[DropCause.endOfSample.rawValue] += packetsUnderWay - UInt64(lost.count)
        lost = []
        actions[.stateReset] += UInt64(image.cores.reduce(0) { $0 + $1.neurons.count })
        setInitialState()
    }

    /// Does one time step.
    ///
    /// - Parameter inputs: Input spikes of this step, sorted; the next step delivers them.
    /// - Returns: Spikes of neurons in this step, in canonical order.
    package mutating func step(inputs: [NeuronAddress] = []) -> [Spike] {
        precondition(zip(inputs, inputs.dropFirst()).allSatisfy { $0 <= $1 }, "inputs are sorted")
        report = Report(cores: image.cores.map { _ in CoreStepCounts() })
        deliver()
        lost = []
        if planted == .rateControlBeforeSoma { controlRates([]) }
        let spikes = updateSomata()
        learn(spikes, inputs)
        if planted != .rateControlBeforeSoma { controlRates(spikes) }
        putOut(spikes, inputs)
        report.actions[.step] = 1
        actions += report.actions
        nextStep += 1
        age += 1
        return spikes
    }
}

// The phases.
extension ReferenceMachine {
    private mutating func setInitialState() {
        v = neurons.map { $0.map(\.initialPotential) }
        u = neurons.map { $0.map { _ in 0 } }
        h = u
        pastInputs = u.map { $0.map { _ in [] } }
        zeta = u
        forgetSpikes()
        underWay = []
        age = 0
        if planted != .resetKeepsDelayedCharge { accumulators = [:] }
    }

    private func emptyAccumulators() -> [[Int64]] {
        image.cores.map { [Int64](repeating: 0, count: $0.neurons.count * compartments) }
    }

    package func routes(of sender: NeuronAddress) -> ArraySlice<Route> {
        if sender.isInput {
            let port = Int(sender.core - NeuronAddress.firstInputCore)
            return image.inputs[port].routes[Int(sender.neuron)]
        }
        for core in image.cores where core.core == sender.core {
            return core.routes[Int(sender.neuron)]
        }
        preconditionFailure("spikes come from cores of the image")
    }

    /// Phases 1 and 2: interconnect, axon in, synapse memory, dendritic accumulators.
    private mutating func deliver() {
        var senders = underWay
        if planted == .inputsBeforeNeurons {
            senders = senders.filter(\.isInput) + senders.filter { !$0.isInput }
        }
        for sender in senders {
            let arriving = routes(of: sender).filter {
                !lost.contains(NeuronRoute(sender: sender, core: $0.core))
            }
            travel(from: sender, to: arriving.map(\.core))
            for route in arriving {
                packets.delivered += 1
                for c in image.cores.indices where image.cores[c].core == route.core {
                    report.actions[.axonIn] += 1
                    readRows(ofAxon: Int(route.axon), c)
                }
            }
        }
    }

    private mutating func readRows(ofAxon axon: Int, _ c: Int) {
        let core = image.cores[c]
        let tables = core.synapses
        for row in Int(tables.axonRows[axon])..<Int(tables.axonRows[axon + 1]) {
            let delay = UInt64(tables.rowDelay[row]) + (planted == .delayIsOneLate ? 1 : 0)
            let arrival = nextStep + delay - 1
            for k in Int(tables.rowSynapses[row])..<Int(tables.rowSynapses[row + 1]) {
                report.actions[.synapticEvent] += 1
                let slot = Int(tables.targets[k])
                let compartment = Int(tables.rowCompartment[row])
                let population = population(ofSlot: slot, core)
                var charge = charge(of: k, row: row, c, population)
                if planted == .attenuationShiftsEachCharge {
                    charge = PlainArithmetic.shift(charge, by: -attenuation(of: slot, core))
                }
                if planted == .exponentShiftsEachSynapse {
                    charge = PlainArithmetic.shift(
                        charge,
                        by: population.compartmentExponents[compartment]
                    )
                }
                let index = slot * compartments + compartment
                accumulate(charge, arrival, c, index)
            }
        }
    }

    /// q of sections 2, 6 and 9.
    private func charge(
        of k: Int,
        row: Int,
        _ c: Int,
        _ population: PopulationTable
    ) -> Int64 {
        let core = image.cores[c]
        let exponent = Int(core.synapses.rowExponent[row])
        let g = pattern.factor(.weight, core: core.core, k)
        if core.synapses.projection(ofRow: row) != nil {
            let w = visibleWeight(chargeRegister(c, k))
            guard pattern.varies(.weight) else { return PlainArithmetic.shift(w, by: exponent) }
            let lost = 16 - exponent - 6
            return PlainArithmetic.floorDivision(
                w * PlainArithmetic.nearest(g * 65536) + PlainArithmetic.power(lost - 1),
                PlainArithmetic.power(lost)
            )
        }
        let charge = PlainArithmetic.shift(
            Int64(core.synapses.weights[k]),
            by: exponent,
            truncates: planted == .rightShiftTowardsZero
        )
        guard pattern.varies(.weight) else { return charge }
        return planted == .mismatchedChargeLacksFraction
            ? PlainArithmetic.nearest(Double(charge) * g) * 64
            : PlainArithmetic.nearest(Double(charge * 64) * g)
    }

    private mutating func accumulate(_ charge: Int64, _ arrival: UInt64, _ c: Int, _ index: Int) {
        var sum = (accumulators[arrival]?[c][index] ?? 0) + charge
        if planted != .accumulatorSaturatesAtTheEnd {
            let fitted = fitAccumulator(sum)
            if fitted != sum { report.accumulatorOverflows += 1 }
            sum = fitted
        }
        if accumulators[arrival] == nil { accumulators[arrival] = emptyAccumulators() }
        accumulators[arrival]?[c][index] = sum
    }

    private func fitAccumulator(_ sum: Int64) -> Int64 {
        let format = image.chip.dendrite.accumulator
        let scale = PlainArithmetic.power(accumulatorFractionBits)
        switch format.overflow {
        case .saturate:
            return PlainArithmetic.fit(
                sum,
                format.minimum * scale,
                format.maximum * scale,
                .saturate
            )
        case .wrap:
            return PlainArithmetic.fit(
                sum,
                format.minimum * scale,
                (format.maximum + 1) * scale - 1,
                .wrap
            )
        }
    }

    /// Phase 3.
    private mutating func updateSomata() -> [Spike] {
        let arrived = accumulators[nextStep] ?? emptyAccumulators()
        var kept = emptyAccumulators()
        var spikes: [Spike] = []
        for c in image.cores.indices {
            let core = image.cores[c]
            for segment in core.segments {
                let population = image.network.populations[Int(segment.population)]
                if age < UInt64(population.depth) && planted != .sleeperIsAwake { continue }
                for slot in Int(segment.firstSlot)..<Int(segment.firstSlot + segment.count) {
                    let range = slot * compartments..<(slot + 1) * compartments
                    let sums = Array(arrived[c][range])
                    kept[c].replaceSubrange(range, with: sums)
                    let s = somaInput(sums, population)
                    let events =
                        population.model == .trueNorth ? axonEvents(sums, population) : []
                    count(population, input: events.isEmpty ? s : events.max() ?? 0, c, slot)
                    let isSpiking =
                        events.isEmpty
                        ? update(s, Int(segment.population), c, slot)
                        : updateTrueNorth(events, population, c, slot)
                    guard isSpiking else { continue }
                    if planted == .spikeClearsCurrent { u[c][slot] = 0 }
                    report.actions[.spike] += 1
                    report.cores[c].spikes += 1
                    spikes.append(Spike(step: nextStep, core: core.core, neuron: UInt32(slot)))
                }
            }
        }
        accumulators[nextStep] = nil
        if planted == .accumulatorIsKept { keep(kept) }
        return spikes.sorted()
    }

    private mutating func update(_ s: Int64, _ p: Int, _ c: Int, _ slot: Int) -> Bool {
        let population = image.network.populations[p]
        switch population.model {
        case .cubaLIF: return updateLoihi(s, c, slot)
        case .lif, .integrateAndFire, .li: return updateGeneric(s, population, c, slot)
        case .noisyLIF: return updateNoisy(s, p, c, slot)
        case .sampling: return updateSampling(s, p, c, slot)
        case .trueNorth: preconditionFailure("its axon types count apart")
        case .odinLIF: preconditionFailure("PlainODIN has its own order of events")
        }
    }

    private mutating func keep(_ kept: [[Int64]]) {
        var next = accumulators[nextStep + 1] ?? emptyAccumulators()
        for c in next.indices {
            for index in next[c].indices {
                next[c][index] = fitAccumulator(next[c][index] + kept[c][index])
            }
        }
        accumulators[nextStep + 1] = next
    }

    /// Section 7.
    private mutating func count(_ population: PopulationTable, input: Int64, _ c: Int, _ i: Int) {
        let neuron = neurons[c][i]
        let isActive =
            population.model == .noisyLIF || population.model == .sampling
            || v[c][i] != 0 || u[c][i] != 0 || input != 0 || bias(c, i) != 0
            || (population.hasCurrent && neuron.currentBias != 0)
        report.actions[.somaAccess] += 1
        report.actions[isActive ? .somaUpdateActive : .somaUpdateInactive] += 1
        report.cores[c].somaAccesses += 1
        if isActive { report.cores[c].activeSomata += 1 }
    }

    /// S of section 2.
    func somaInput(_ sums: [Int64], _ population: PopulationTable) -> Int64 {
        var s: Int64 = 0
        for (c, exponent) in population.compartmentExponents.enumerated() {
            var a = planted == .accumulatorSaturatesAtTheEnd ? fitAccumulator(sums[c]) : sums[c]
            if pattern.varies(.weight) { a = PlainArithmetic.floorDivision(a + 32, 64) }
            s += PlainArithmetic.shift(
                a,
                by: planted == .exponentShiftsEachSynapse ? 0 : exponent,
                truncates: planted == .rightShiftTowardsZero
            )
        }
        return s
    }

    /// Section 4.
    private mutating func updateLoihi(_ s: Int64, _ c: Int, _ i: Int) -> Bool {
        let neuron = neurons[c][i]
        let top: Int64 = 1 << 23
        let rounding: RoundingMode = planted == .decayFloors ? .floor : .towardZero
        func decayed(_ x: Int64, _ d: Int64) -> Int64 {
            PlainArithmetic.divide(x * (4096 - d), by: 4096, rounding: rounding)
        }
        let old = u[c][i]
        let offset: Int64 = planted == .currentDecayLacksOffset ? 0 : 1
        let sum = decayed(old, neuron.currentDecay + offset) + s * 64
        let current = PlainArithmetic.fit(
            sum,
            -top + 1,
            top,
            planted == .currentSaturates ? .saturate : .wrap
        )
        if current != sum { report.currentOverflows += 1 }
        u[c][i] = current

        let drive = planted == .membraneUsesOldCurrent ? old : current
        let potential =
            planted == .biasBeforeDecay
            ? decayed(v[c][i] + bias(c, i), neuron.membraneDecay) + drive
            : decayed(v[c][i], neuron.membraneDecay) + drive + bias(c, i)
        v[c][i] = fitMembrane(potential, -top + 1, top - 1, .saturate)
        guard exceeds(v[c][i], neuron.threshold) else { return false }
        if planted != .spikeKeepsPotential { v[c][i] = 0 }
        return true
    }

    /// Section 5.
    private mutating func updateGeneric(
        _ s: Int64,
        _ population: PopulationTable,
        _ c: Int,
        _ i: Int
    ) -> Bool {
        let soma = image.chip.soma
        let neuron = neurons[c][i]
        let one = PlainArithmetic.power(soma.decayBits)
        let rounding = planted == .decayFloors ? .floor : soma.decayRounding
        func decayed(_ x: Int64, _ d: Int64) -> Int64 {
            PlainArithmetic.divide(x * (one - d), by: one, rounding: rounding)
        }
        var drive = PlainArithmetic.shift(s, by: soma.accumulatorShift)
        if population.hasCurrent, let format = soma.current {
            let old = u[c][i]
            let sum = decayed(old, neuron.currentDecay) + drive + neuron.currentBias
            u[c][i] = PlainArithmetic.fit(sum, format.minimum, format.maximum, format.overflow)
            if u[c][i] != sum { report.currentOverflows += 1 }
            drive = planted == .membraneUsesOldCurrent ? old : u[c][i]
        }
        let membrane = soma.membrane
        let decay = population.model == .integrateAndFire ? 0 : neuron.membraneDecay
        let potential =
            planted == .biasBeforeDecay
            ? decayed(v[c][i] + bias(c, i), decay) + drive
            : decayed(v[c][i], decay) + drive + bias(c, i)
        v[c][i] = fitMembrane(potential, membrane.minimum, membrane.maximum, membrane.overflow)
        guard population.model.isSpiking, exceeds(v[c][i], neuron.threshold) else { return false }
        if planted == .spikeKeepsPotential { return true }
        switch population.reset {
        case .subtract where planted != .subtractResetsToPotential:
            v[c][i] = fitMembrane(
                v[c][i] - neuron.threshold,
                membrane.minimum,
                membrane.maximum,
                membrane.overflow
            )
        default: v[c][i] = neuron.resetPotential
        }
        return true
    }

    mutating func fitMembrane(
        _ value: Int64,
        _ lowest: Int64,
        _ highest: Int64,
        _ rule: OverflowRule
    ) -> Int64 {
        let fitted = PlainArithmetic.fit(
            value,
            lowest,
            highest,
            planted == .membraneWraps ? .wrap : rule
        )
        if fitted != value { report.membraneOverflows += 1 }
        return fitted
    }

    func exceeds(_ v: Int64, _ threshold: Int64) -> Bool {
        planted == .thresholdIsInclusive ? v >= threshold : v > threshold
    }

    /// Phase 5.
    private mutating func putOut(_ spikes: [Spike], _ inputs: [NeuronAddress]) {
        underWay = spikes.map(\.address) + inputs
        packets.sent += packetsUnderWay
        // The receiving cores work on the packets in the step that waits for them.
        for route in underWay.flatMap({ routes(of: $0) }) {
            for c in image.cores.indices where image.cores[c].core == route.core {
                report.cores[c].axonIn += 1
                let tables = image.cores[c].synapses
                let rows = tables.axonRows[Int(route.axon)]..<tables.axonRows[Int(route.axon) + 1]
                for row in rows {
                    report.cores[c].synapticEvents +=
                        tables.rowSynapses[Int(row) + 1] - tables.rowSynapses[Int(row)]
                }
            }
        }
        let isMulticast = image.chip.interconnect.casting == .multicast
        for spike in spikes {
            let copies = routes(of: spike.address).count
            let count = isMulticast ? min(1, copies) : copies
            report.actions[.axonOut] += UInt64(count)
            for c in image.cores.indices where image.cores[c].core == spike.core {
                report.cores[c].axonOut += UInt32(count)
            }
        }
    }

    /// Section 6: the neurons of a core as this device has them.
    private func manufacture(_ core: CoreTables) -> [Neuron] {
        let soma = image.chip.soma
        var result: [Neuron] = []
        for slot in 0..<core.neurons.count {
            let population = population(ofSlot: slot, core)
            let isLoihi = population.model == .cubaLIF
            let lowestPotential = isLoihi ? -(1 << 23) + 1 : soma.membrane.minimum
            let highestPotential = isLoihi ? (1 << 23) - 1 : soma.membrane.maximum
            let tables = core.neurons
            var neuron = Neuron(
                threshold: Int64(tables.threshold[slot]),
                membraneDecay: Int64(tables.membraneDecay[slot]),
                currentDecay: Int64(tables.currentDecay[slot]),
                membraneBias: Int64(tables.membraneBias[slot]),
                currentBias: Int64(tables.currentBias[slot]),
                resetPotential: Int64(tables.resetPotential[slot]),
                initialPotential: Int64(tables.initialPotential[slot]),
                refractorySteps: Int64(
                    population.sampling?.refractorySteps ?? population.refractorySteps ?? 0
                )
            )
            func g(_ parameter: MismatchParameter) -> Double {
                pattern.factor(parameter, core: core.core, slot)
            }
            func exact(_ decay: Int64, _ g: Double) -> Double {
                if decay == 0 { return 0 }
                let full = Double(PlainArithmetic.power(soma.decayBits))
                let kept = (full - Double(decay)) / full
                return full * (1 - PortableMath.exp(PortableMath.log(kept) / g))
            }
            let highestDecay = isLoihi ? 4095 : PlainArithmetic.power(soma.decayBits) - 1
            if pattern.varies(.threshold) {
                neuron.threshold = PlainArithmetic.nearest(
                    Double(neuron.threshold) * g(.threshold),
                    lowestPotential,
                    highestPotential
                )
            }
            if pattern.varies(.membraneTau) {
                let full = Double(PlainArithmetic.power(2 * soma.decayBits))
                let top = PlainArithmetic.power(soma.decayBits)
                let nominal = Double(top - neuron.membraneDecay)
                neuron.membraneDecay = PlainArithmetic.nearest(
                    population.model.isRandom
                        ? exact(neuron.membraneDecay, g(.membraneTau))
                        : Double(neuron.membraneDecay) / g(.membraneTau),
                    0,
                    highestDecay
                )
                let actual = Double(top - neuron.membraneDecay)
                if nominal * nominal < full {
                    neuron.noiseScale =
                        ((full - actual * actual) / (full - nominal * nominal)).squareRoot()
                }
            }
            let forgetsAtOnce = isLoihi && neuron.currentDecay == 4095
            if pattern.varies(.currentTau) && population.hasCurrent && !forgetsAtOnce {
                let offset: Int64 = isLoihi ? 1 : 0
                neuron.currentDecay =
                    PlainArithmetic.nearest(
                        population.model.isRandom
                            ? exact(neuron.currentDecay, g(.currentTau))
                            : Double(neuron.currentDecay + offset) / g(.currentTau),
                        offset,
                        highestDecay + offset
                    ) - offset
            }
            if pattern.varies(.bias) {
                neuron.membraneBias = PlainArithmetic.nearest(
                    Double(neuron.membraneBias) * g(.bias),
                    lowestPotential,
                    highestPotential
                )
                neuron.currentBias = PlainArithmetic.nearest(
                    Double(neuron.currentBias) * g(.bias),
                    soma.current?.minimum ?? lowestPotential,
                    soma.current?.maximum ?? highestPotential
                )
            }
            if pattern.varies(.refractory) {
                neuron.refractorySteps = PlainArithmetic.nearest(
                    Double(neuron.refractorySteps) * g(.refractory),
                    0,
                    255
                )
            }
            result.append(neuron)
        }
        return result
    }

    func population(ofSlot slot: Int, _ core: CoreTables) -> PopulationTable {
        for segment in core.segments
        where segment.firstSlot <= slot && slot < segment.firstSlot + segment.count {
            return image.network.populations[Int(segment.population)]
        }
        preconditionFailure("every slot belongs to a segment")
    }
}

/// A packet by its sender and its core.
package struct NeuronRoute: Hashable {
    /// Sender, neuron or input channel.
    package var sender: NeuronAddress
    /// Physical core of the receiver.
    package var core: UInt32

    /// Describes a packet.
    ///
    /// - Parameters:
    ///   - sender: Sender, neuron or input channel.
    ///   - core: Physical core of the receiver.
    package init(sender: NeuronAddress, core: UInt32) {
        self.sender = sender
        self.core = core
    }
}
