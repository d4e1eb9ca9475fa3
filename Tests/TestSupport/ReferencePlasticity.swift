package import ChipImage
import ChipSpec
package import Events
import FixedPoint

/// State of the learning engine `pilot` of the reference machine.
package struct ReferencePlasticity {
    /// Where a learning trace or a last spike time sits.
    struct Place: Hashable {
        var core: Int
        /// Axon of a presynaptic place, slot of a postsynaptic one.
        var index: Int
        /// o of a presynaptic place; nil for a postsynaptic one.
        var offset: Int?
        var rule: Int
    }

    /// A learning trace.
    struct Trace {
        var place: Place
        var program: TraceProgram
        /// 0 … 4 for x1, x2, y1, y2, y3.
        var register: Int
        /// τ on this device.
        var tau: Double?
        /// Index in the population (input), whose path (name) is hashed in `id`.
        var neuron: Int
        var id: UInt32
        var value: Int64 = 0
    }

    /// A synapse of a plastic row.
    struct Synapse {
        var core: Int
        var index: Int
        var projection: Int
        var rule: Int
        var pre: Place
        var post: Place
        /// Index of each neuron in its population (input).
        var i: Int
        var j: Int
    }

    /// Rate control of a population.
    struct RateControl {
        var target: Int
        var gain: Int64
        var period: Int
        var steps = 0
        /// Spikes in these steps, by core of the image and slot.
        var spikes: [[Int]: Int] = [:]
    }

    /// Weight registers R by core of the image and synapse; 0 for static ones.
    var registers: [[Int64]] = []
    /// The registers before the updates of the last step, which only a mistake reads.
    var oldRegisters: [[Int64]] = []
    var synapses: [Synapse] = []
    var traces: [Trace] = []
    var traceIndices: [Place: [Int]] = [:]
    /// Step of the last spike; no entry without one.
    var lastSpikes: [Place: Int] = [:]
    /// Spikes of each step since the last state reset.
    var history: [Int: Set<NeuronAddress>] = [:]
    /// The sender of each axon with plastic rows.
    var senders: [Place: NeuronAddress] = [:]
    var isOn: [Bool] = []
    var amplitudes: [[Double]] = []
    var rewards: [Int64] = []
    /// By population.
    var rateControls: [RateControl?] = []
}

extension SynapseTables {
    /// The projection of a plastic row; nil for a static one.
    ///
    /// - Parameter row: Any row.
    /// - Returns: Index in the projections of the network.
    package func projection(ofRow row: Int) -> Int? {
        guard !rowProjection.isEmpty, rowProjection[row] > 0 else { return nil }
        return Int(rowProjection[row]) - 1
    }
}

// Set-up.
extension ReferenceMachine {
    mutating func setUpPlasticity() {
        let network = image.network
        let hiddenBits = image.chip.synapse.hiddenWeightBits
        plasticity.isOn = network.projections.map { _ in false }
        plasticity.amplitudes = network.projections.map {
            rule(of: $0)?.amplitudes.map { _ in 0 } ?? []
        }
        plasticity.rewards = network.projections.map { _ in 0 }
        plasticity.rateControls = network.populations.map { _ in nil }
        for c in image.cores.indices {
            let tables = image.cores[c].synapses
            plasticity.registers.append(tables.weights.map { _ in 0 })
            for axon in 0..<tables.axonCount {
                for row in Int(tables.axonRows[axon])..<Int(tables.axonRows[axon + 1]) {
                    guard let projection = tables.projection(ofRow: row) else { continue }
                    for k in Int(tables.rowSynapses[row])..<Int(tables.rowSynapses[row + 1]) {
                        let hidden = tables.hiddenWeights.isEmpty ? 0 : tables.hiddenWeights[k]
                        plasticity.registers[c][k] =
                            Int64(tables.weights[k]) * PlainArithmetic.power(hiddenBits)
                            + Int64(hidden)
                    }
                    addRow(row, axon, projection, c)
                }
            }
        }
        plasticity.oldRegisters = plasticity.registers
        addPostsynapticTraces()
    }

    private func rule(of projection: ProjectionTable) -> RuleProgram? {
        projection.rule.flatMap { image.network.rules?[$0] }
    }

    /// Index of the neuron or channel in its population or input, and the name of that.
    private func identity(_ sender: NeuronAddress) -> (index: Int, name: String) {
        if sender.isInput {
            let port = Int(sender.core - NeuronAddress.firstInputCore)
            return (Int(sender.neuron), image.inputs[port].name)
        }
        for core in image.cores where core.core == sender.core {
            let slot = Int(sender.neuron)
            let index = Int(core.neurons.indexInPopulation[slot])
            return (index, population(ofSlot: slot, core).path)
        }
        preconditionFailure("spikes come from cores of the image")
    }

    private func sender(ofAxon axon: Int, _ c: Int) -> NeuronAddress {
        var found: [NeuronAddress] = []
        let wanted = Route(core: image.cores[c].core, axon: UInt32(axon))
        for core in image.cores {
            for slot in 0..<core.neurons.count where core.routes[slot].contains(wanted) {
                found.append(NeuronAddress(core: core.core, neuron: UInt32(slot)))
            }
        }
        for (port, input) in image.inputs.enumerated() {
            for channel in 0..<input.channelCount where input.routes[channel].contains(wanted) {
                found.append(
                    NeuronAddress(
                        core: NeuronAddress.firstInputCore + UInt32(port),
                        neuron: UInt32(channel)
                    )
                )
            }
        }
        precondition(found.count == 1, "an axon with plastic rows has one sender")
        return found[0]
    }

    private mutating func addRow(_ row: Int, _ axon: Int, _ projection: Int, _ c: Int) {
        let tables = image.cores[c].synapses
        guard let rule = image.network.projections[projection].rule else {
            preconditionFailure("the projection of a plastic row has a rule")
        }
        let actsOnArrival =
            image.chip.learning?.timestamp == .arrival && planted != .arrivalIgnored
        let pre = ReferencePlasticity.Place(
            core: c,
            index: axon,
            offset: actsOnArrival ? Int(tables.rowDelay[row]) : 0,
            rule: rule
        )
        let sender = sender(ofAxon: axon, c)
        if plasticity.senders[pre] == nil {
            plasticity.senders[pre] = sender
            addTraces(pre, [.x1, .x2], identity(sender))
        }
        for k in Int(tables.rowSynapses[row])..<Int(tables.rowSynapses[row + 1]) {
            let slot = Int(tables.targets[k])
            plasticity.synapses.append(
                ReferencePlasticity.Synapse(
                    core: c,
                    index: k,
                    projection: projection,
                    rule: rule,
                    pre: pre,
                    post: ReferencePlasticity.Place(core: c, index: slot, rule: rule),
                    i: identity(sender).index,
                    j: Int(image.cores[c].neurons.indexInPopulation[slot])
                )
            )
        }
    }

    private mutating func addPostsynapticTraces() {
        for rule in (image.network.rules ?? []).indices {
            let targets = image.network.projections.filter { $0.rule == rule }.map(\.target)
            for c in image.cores.indices {
                let core = image.cores[c]
                for slot in 0..<core.neurons.count
                where targets.contains(population(ofSlot: slot, core).path) {
                    let address = NeuronAddress(core: core.core, neuron: UInt32(slot))
                    addTraces(
                        ReferencePlasticity.Place(core: c, index: slot, rule: rule),
                        [.y1, .y2, .y3],
                        identity(address)
                    )
                }
            }
        }
    }

    private mutating func addTraces(
        _ place: ReferencePlasticity.Place,
        _ registers: [RuleVariable],
        _ identity: (index: Int, name: String)
    ) {
        for program in image.network.rules?[place.rule].traces ?? []
        where registers.contains(program.register) {
            let all: [RuleVariable] = [.x1, .x2, .y1, .y2, .y3]
            let register = all.firstIndex(of: program.register) ?? 0
            let g = pattern.factor(
                .traceTau,
                core: image.cores[place.core].core,
                place.index + (planted == .traceMismatchIsShared ? 0 : register * (1 << 20))
            )
            plasticity.traceIndices[place, default: []].append(plasticity.traces.count)
            plasticity.traces.append(
                ReferencePlasticity.Trace(
                    place: place,
                    program: program,
                    register: register,
                    tau: program.tau.map { $0 * g },
                    neuron: identity.index,
                    id: Self.id(identity.name)
                )
            )
        }
    }

    /// What a state reset clears.
    mutating func forgetSpikes() {
        plasticity.history = [:]
        if planted == .resetKeepsTraces { return }
        plasticity.lastSpikes = [:]
        for index in plasticity.traces.indices { plasticity.traces[index].value = 0 }
    }
}

// Registers.
extension ReferenceMachine {
    /// w of a register.
    func visibleWeight(_ register: Int64) -> Int64 {
        let synapse = image.chip.synapse
        guard synapse.hiddenWeightBits > 0 else { return register }
        let half = PlainArithmetic.power(synapse.hiddenWeightBits - 1)
        return min(
            PlainArithmetic.floorDivision(
                register + (planted == .visibleWeightFloors ? 0 : half),
                2 * half
            ),
            PlainArithmetic.power(synapse.weightBits - 1) - 1
        )
    }

    /// The register that a charge is formed from.
    func chargeRegister(_ c: Int, _ k: Int) -> Int64 {
        planted == .chargeUsesOldWeight
            ? plasticity.oldRegisters[c][k] : plasticity.registers[c][k]
    }

    func fitWeightRegister(_ value: Int64) -> Int64 {
        let bits = image.chip.synapse.weightBits + image.chip.synapse.hiddenWeightBits
        let top = PlainArithmetic.power(bits - 1)
        return PlainArithmetic.fit(value, -top, top - 1, .saturate)
    }

    /// Lane n of a block of draws.
    static func lane(_ n: Int, of block: Philox4x32.Block) -> Int64 {
        let word = Int64(word(n / 2, of: block))
        return n % 2 == 0 ? word % 65536 : word / 65536
    }
}

// A step of plasticity.
extension ReferenceMachine {
    /// Phase 4, without rate control.
    mutating func learn(_ spikes: [Spike], _ inputs: [NeuronAddress]) {
        guard let engine = image.chip.learning else { return }
        plasticity.oldRegisters = plasticity.registers
        let now = Int(nextStep)
        plasticity.history[now - 64] = nil
        plasticity.history[now] = Set(spikes.map(\.address) + inputs)
        let acting = actingPlaces(spikes)
        // a.
        for index in plasticity.traces.indices { decay(index, acting, engine) }
        // b.
        var early: (pre: Bool, post: Bool)
        switch engine.tieRule {
        case .exclude: early = (false, false)
        case .include: early = (true, true)
        case .preFirst: early = (true, false)
        case .postFirst: early = (false, true)
        }
        if planted == .tracesReadAfterBump { early = (true, true) }
        if planted == .tracesReadBeforeBump { early = (false, false) }
        bump(acting, pre: early.pre, post: early.post)
        if planted == .lastSpikeSetEarly { setLastSpikes(acting) }
        // c.
        for trigger in planted == .postBeforePre ? [1, 0, 2] : [0, 1, 2] {
            for synapse in plasticity.synapses where plasticity.isOn[synapse.projection] {
                update(synapse, Trigger(rawValue: trigger) ?? .every, acting, engine)
            }
        }
        // d.
        bump(acting, pre: !early.pre, post: !early.post)
        setLastSpikes(acting)
    }

    private enum Trigger: Int {
        case x0, y0, every

        func matches(_ trigger: RuleTrigger, step: Int, epoch: Int) -> Bool {
            switch trigger {
            case .x0: return self == .x0
            case .y0: return self == .y0
            case .every(let epochs): return self == .every && (step + 1) % (epochs * epoch) == 0
            }
        }
    }

    /// Every place where a spike acts in this step.
    private func actingPlaces(_ spikes: [Spike]) -> Set<ReferencePlasticity.Place> {
        var acting: Set<ReferencePlasticity.Place> = []
        for (place, sender) in plasticity.senders {
            let step = Int(nextStep) - (place.offset ?? 0)
            if plasticity.history[step]?.contains(sender) == true { acting.insert(place) }
        }
        for spike in spikes {
            for c in image.cores.indices where image.cores[c].core == spike.core {
                for rule in (image.network.rules ?? []).indices {
                    acting.insert(
                        ReferencePlasticity.Place(core: c, index: Int(spike.neuron), rule: rule)
                    )
                }
            }
        }
        return acting
    }

    private mutating func decay(
        _ index: Int,
        _ acting: Set<ReferencePlasticity.Place>,
        _ engine: LearningSpec
    ) {
        let trace = plasticity.traces[index]
        let z = trace.value
        if z != 0 || acting.contains(trace.place) {
            report.actions[.traceUpdate] += 1
            report.cores[trace.place.core].traceUpdates += 1
        }
        if planted == .tracesStandStillWhenOff, !isAnyOn(trace.place.rule) { return }
        guard let tau = trace.tau else { return }
        guard tau != 0 else {
            plasticity.traces[index].value = 0
            return
        }
        switch trace.program.shape {
        case .triangular:
            let impulse = PlainArithmetic.nearest(trace.program.impulse)
            let loss = max(1, PlainArithmetic.nearest(Double(impulse) / tau))
            plasticity.traces[index].value = max(0, z - loss)
        case .exponential:
            let one = PlainArithmetic.power(engine.traceDecayBits)
            let factor = PlainArithmetic.nearest(
                Double(one) * PortableMath.exp(-1 / tau),
                0,
                one - 1
            )
            switch engine.traceRounding {
            case .stochastic:
                let stream = RandomStream(seed: seed, purpose: .learningTrace)
                let block = stream.words(
                    UInt32(trace.neuron / 8) + UInt32(trace.register) * (1 << 20)
                        + UInt32(trace.place.offset ?? 0) * (1 << 23),
                    trace.id,
                    drawStep
                )
                let r =
                    planted == .tracesDecayByFloor
                    ? 0 : Self.lane(trace.neuron % 8, of: block) % one
                plasticity.traces[index].value =
                    PlainArithmetic.floorDivision(z * factor + r, one)
            case .floor, .towardZero, .nearest:
                plasticity.traces[index].value =
                    PlainArithmetic.divide(z * factor, by: one, rounding: engine.traceRounding)
            }
        }
    }

    private func isAnyOn(_ rule: Int) -> Bool {
        image.network.projections.indices.contains {
            image.network.projections[$0].rule == rule && plasticity.isOn[$0]
        }
    }

    private mutating func bump(
        _ acting: Set<ReferencePlasticity.Place>,
        pre: Bool,
        post: Bool
    ) {
        guard let engine = image.chip.learning else { return }
        let top = PlainArithmetic.power(engine.traceBits) - 1
        for index in plasticity.traces.indices {
            let trace = plasticity.traces[index]
            let isBumped = trace.place.offset == nil ? post : pre
            guard isBumped, acting.contains(trace.place) else { continue }
            let impulse = PlainArithmetic.nearest(trace.program.impulse)
            let isSet = trace.program.shape == .triangular && planted != .triangularBumpsAdd
            plasticity.traces[index].value = min(isSet ? impulse : trace.value + impulse, top)
        }
    }

    private mutating func setLastSpikes(_ acting: Set<ReferencePlasticity.Place>) {
        for place in acting { plasticity.lastSpikes[place] = Int(nextStep) }
    }

    private mutating func update(
        _ synapse: ReferencePlasticity.Synapse,
        _ trigger: Trigger,
        _ acting: Set<ReferencePlasticity.Place>,
        _ engine: LearningSpec
    ) {
        guard let program = image.network.rules?[synapse.rule] else { return }
        switch trigger {
        case .x0: guard acting.contains(synapse.pre) else { return }
        case .y0: guard acting.contains(synapse.post) else { return }
        case .every: break
        }
        let step = Int(nextStep)
        let limit = PlainArithmetic.power(62)
        var sum: Int64 = 0
        for product in program.products
        where trigger.matches(product.trigger, step: step, epoch: program.epoch) {
            let c = coefficient(
                product.mantissa,
                product.exponent,
                product.amplitude,
                synapse.projection
            )
            let value = c * factors(product.factors, synapse, acting)
            sum = PlainArithmetic.fit(sum + value, -limit, limit, .saturate)
        }
        for window in program.windows
        where trigger.matches(window.trigger, step: step, epoch: program.epoch) {
            guard counts(window, synapse, acting, step) else { continue }
            let value = coefficient(
                window.mantissa,
                window.exponent,
                window.amplitude,
                synapse.projection
            )
            sum = PlainArithmetic.fit(sum + value, -limit, limit, .saturate)
        }
        guard sum != 0 else { return }
        report.actions[.weightUpdate] += 1
        report.cores[synapse.core].weightUpdates += 1
        let change = rounded(sum, synapse, trigger, engine)
        var register = fitWeightRegister(
            plasticity.registers[synapse.core][synapse.index] + change
        )
        if planted == .hiddenBitsDropped {
            let one = PlainArithmetic.power(image.chip.synapse.hiddenWeightBits)
            register = PlainArithmetic.floorDivision(register, one) * one
        }
        plasticity.registers[synapse.core][synapse.index] = register
    }

    /// C.
    private func coefficient(
        _ mantissa: Int,
        _ exponent: Int,
        _ amplitude: Int?,
        _ projection: Int
    ) -> Int64 {
        let size = amplitude.map { plasticity.amplitudes[projection][$0] } ?? 1
        let scale = Double(
            sign: .plus,
            exponent: exponent + image.chip.synapse.hiddenWeightBits + 12,
            significand: 1
        )
        let top = PlainArithmetic.power(31) - 1
        return PlainArithmetic.nearest(Double(mantissa) * size * scale, -top, top)
    }

    /// The product of the factors.
    private func factors(
        _ factors: [RuleFactor],
        _ synapse: ReferencePlasticity.Synapse,
        _ acting: Set<ReferencePlasticity.Place>
    ) -> Int64 {
        let limit = PlainArithmetic.power(31)
        var product: Int64 = 1
        for factor in factors {
            let sum = value(factor.variable, synapse, acting) + Int64(factor.constant)
            let isSign = factor.isSign && planted != .signIgnored
            product = PlainArithmetic.fit(
                product * (isSign ? sum.signum() : sum),
                -limit,
                limit,
                .saturate
            )
        }
        return product
    }

    private func value(
        _ variable: RuleVariable,
        _ synapse: ReferencePlasticity.Synapse,
        _ acting: Set<ReferencePlasticity.Place>
    ) -> Int64 {
        let (c, slot) = (synapse.post.core, synapse.post.index)
        switch variable {
        case .x0: return acting.contains(synapse.pre) ? 1 : 0
        case .y0: return acting.contains(synapse.post) ? 1 : 0
        case .x1, .x2: return trace(variable, synapse.pre)
        case .y1, .y2, .y3: return trace(variable, synapse.post)
        case .w: return visibleWeight(plasticity.registers[synapse.core][synapse.index])
        case .r: return plasticity.rewards[synapse.projection]
        case .v: return v[c][slot]
        case .u: return u[c][slot]
        case .refractory: return zeta[c][slot] > 0 ? 1 : 0
        case .d, .t, .calcium, .lastPre, .lastPost:
            preconditionFailure("\(variable) is no factor of this engine")
        }
    }

    private func trace(_ register: RuleVariable, _ place: ReferencePlasticity.Place) -> Int64 {
        for index in plasticity.traceIndices[place] ?? []
        where plasticity.traces[index].program.register == register {
            return plasticity.traces[index].value
        }
        return 0
    }

    /// Whether the pair of spikes lies in the window.
    private func counts(
        _ window: RuleWindow,
        _ synapse: ReferencePlasticity.Synapse,
        _ acting: Set<ReferencePlasticity.Place>,
        _ now: Int
    ) -> Bool {
        let isPre = window.trigger == .x0
        let own = isPre ? synapse.pre : synapse.post
        let partner = isPre ? synapse.post : synapse.pre
        let lastStep = window.lastStep - (planted == .windowEndsEarly ? 1 : 0)
        if acting.contains(partner) {
            if window.skipsTies && planted != .tiesCount { return false }
            if window.firstStep == 0 { return true }
            // The last spike of an early side is the one of this step.
            let rule = image.chip.learning?.tieRule
            let isEarly = rule == .include || rule == (isPre ? .postFirst : .preFirst)
            if isEarly && planted != .windowsIgnoreTieRule { return false }
        }
        guard let last = plasticity.lastSpikes[partner],
            window.firstStep <= now - last, now - last <= lastStep
        else { return false }
        guard window.requiresNewerPartner, planted != .newerPartnerIgnored else { return true }
        return last > plasticity.lastSpikes[own] ?? Int.min
    }

    /// round(s / 2^12).
    private func rounded(
        _ sum: Int64,
        _ synapse: ReferencePlasticity.Synapse,
        _ trigger: Trigger,
        _ engine: LearningSpec
    ) -> Int64 {
        guard engine.weightRounding == .stochastic, planted != .updatesRoundDown else {
            let mode = planted == .updatesRoundDown ? .floor : engine.weightRounding
            return PlainArithmetic.divide(sum, by: 4096, rounding: mode)
        }
        let projection = image.network.projections[synapse.projection]
        let name = projection.name ?? projection.source + ">" + projection.target
        // The low word of the key is xored with the id.
        let stream = RandomStream(
            seed: seed ^ UInt64(Self.id(name)),
            purpose: .stochasticRounding
        )
        let (i, j) = (synapse.i, synapse.j)
        let block: Philox4x32.Block
        var lane: Int
        switch trigger {
        case .x0:
            block = stream.words(UInt32(j / 8), UInt32(i), drawStep)
            lane = j % 8
        case .y0:
            block = stream.words(UInt32(i / 8) + (1 << 31), UInt32(j), drawStep)
            lane = i % 8
        case .every:
            block = stream.words(UInt32(j / 8) + (1 << 30), UInt32(i), drawStep)
            lane = j % 8
        }
        if planted == .weightDrawsAreShared { lane = 0 }
        return PlainArithmetic.floorDivision(sum + Self.lane(lane, of: block) % 4096, 4096)
    }

    /// Phase 4, rate control.
    mutating func controlRates(_ spikes: [Spike]) {
        for p in plasticity.rateControls.indices {
            guard var control = plasticity.rateControls[p] else { continue }
            let places = places(ofPopulation: p)
            for (c, slot) in places {
                let hasSpiked = spikes.contains {
                    $0.core == image.cores[c].core && $0.neuron == UInt32(slot)
                }
                if hasSpiked { control.spikes[[c, slot], default: 0] += 1 }
            }
            control.steps += 1
            if control.steps == control.period {
                for (c, slot) in places {
                    let n = control.spikes[[c, slot]] ?? 0
                    let (lowest, highest) = biasRange(p)
                    var bias = PlainArithmetic.fit(
                        biasRegisters[c][slot] + control.gain * Int64(control.target - n),
                        lowest * 4096,
                        highest * 4096,
                        .saturate
                    )
                    if planted == .biasFractionDropped {
                        bias = PlainArithmetic.floorDivision(bias, 4096) * 4096
                    }
                    biasRegisters[c][slot] = bias
                    report.actions[.biasUpdate] += 1
                }
                control.steps = 0
                control.spikes = [:]
            }
            plasticity.rateControls[p] = control
        }
    }

    private func places(ofPopulation p: Int) -> [(core: Int, slot: Int)] {
        image.cores.indices.flatMap { c in
            image.cores[c].segments.filter { Int($0.population) == p }.flatMap { segment in
                (segment.firstSlot..<segment.firstSlot + segment.count).map { (c, Int($0)) }
            }
        }
    }

    /// The range of v.
    private func biasRange(_ p: Int) -> (lowest: Int64, highest: Int64) {
        let membrane = image.chip.soma.membrane
        return image.network.populations[p].model == .cubaLIF
            ? (-(1 << 23) + 1, (1 << 23) - 1) : (membrane.minimum, membrane.maximum)
    }
}

// What the host sets and reads.
extension ReferenceMachine: LearningMachine {
    package mutating func setLearning(projection: Int, isOn: Bool) {
        plasticity.isOn[projection] = isOn
    }

    package mutating func setAmplitude(projection: Int, index: Int, value: Double) {
        plasticity.amplitudes[projection][index] = value
    }

    package mutating func setReward(projection: Int, value: Int32) {
        plasticity.rewards[projection] = Int64(value)
    }

    package mutating func setAttenuation(population: Int, shift: Int) {
        attenuations[population] = shift
    }

    package mutating func setRateControl(
        population: Int,
        target: Int,
        gain: Int32,
        periodInSteps: Int
    ) {
        plasticity.rateControls[population] = ReferencePlasticity.RateControl(
            target: target,
            gain: Int64(gain),
            period: periodInSteps
        )
    }

    package mutating func stopRateControl(population: Int) {
        plasticity.rateControls[population] = nil
    }

    package mutating func setBias(population: Int, neuron: Int, raw: Int32) {
        let (c, slot) = place(population, neuron)
        let (lowest, highest) = biasRange(population)
        biasRegisters[c][slot] =
            PlainArithmetic.fit(Int64(raw), lowest, highest, .saturate) * 4096
    }

    package func bias(population: Int, neuron: Int) -> Int32 {
        let (c, slot) = place(population, neuron)
        return Int32(bias(c, slot))
    }

    package mutating func setWeightRegister(
        projection: Int,
        pre: Int,
        post: Int,
        value: Int
    ) {
        let synapse = synapse(projection, pre, post)
        plasticity.registers[synapse.core][synapse.index] = fitWeightRegister(Int64(value))
    }

    package func weightRegister(projection: Int, pre: Int, post: Int) -> Int {
        let synapse = synapse(projection, pre, post)
        return Int(plasticity.registers[synapse.core][synapse.index])
    }

    package mutating func advance(_ inputs: [NeuronAddress]) -> [Spike] { step(inputs: inputs) }

    package mutating func resetState() { reset() }

    package var actionsDone: ActionCounts { actions }

    package var lastCoreCounts: [CoreStepCounts] { report.cores }

    package func membranePotential(population: Int, neuron: Int) -> Int64 {
        let (c, slot) = place(population, neuron)
        return v[c][slot]
    }

    package func synapticCurrent(population: Int, neuron: Int) -> Int64 {
        let (c, slot) = place(population, neuron)
        return u[c][slot]
    }

    private func place(_ population: Int, _ neuron: Int) -> (core: Int, slot: Int) {
        for (c, slot) in places(ofPopulation: population)
        where Int(image.cores[c].neurons.indexInPopulation[slot]) == neuron {
            return (c, slot)
        }
        preconditionFailure("population \(population) has no neuron \(neuron)")
    }

    private func synapse(_ projection: Int, _ pre: Int, _ post: Int) -> ReferencePlasticity.Synapse
    {
        for synapse in plasticity.synapses
        where synapse.projection == projection && synapse.i == pre && synapse.j == post {
            return synapse
        }
        preconditionFailure("projection \(projection) has no plastic synapse \(pre) → \(post)")
    }

    /// Weight registers by core of the image and synapse; 0 for static ones.
    package var weightRegisters: [[Int64]] { plasticity.registers }

    /// Every plastic synapse: projection, pre, post.
    package var plasticSynapses: [(projection: Int, pre: Int, post: Int)] {
        plasticity.synapses.map { ($0.projection, $0.i, $0.j) }
    }
}
