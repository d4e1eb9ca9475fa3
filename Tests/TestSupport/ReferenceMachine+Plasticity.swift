import ChipImage
package import ChipSpec
import Events
import FixedPoint

/// Section 9 of `docs/NUMERICS.md`: a step of plasticity.
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
        // e.
        runServos()
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
            plasticity.registers[synapse.core][synapse.index] + change,
            synapse.projection
        )
        if planted == .hiddenBitsDropped {
            let one = PlainArithmetic.power(image.chip.synapse.hiddenWeightBits)
            register = PlainArithmetic.floorDivision(register, one) * one
        }
        let before = plasticity.registers[synapse.core][synapse.index]
        noteUpdate(
            synapse,
            change: planted == .servoTakesIntendedChange ? change : register - before,
            weight: planted == .servoReadsWeightAfter ? register : before
        )
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
        case .e: return 0
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
}

// What tests read.
extension ReferenceMachine {
    /// A learning trace of a projection's rule.
    ///
    /// - Parameters:
    ///   - register: x1, x2, y1, y2 or y3.
    ///   - projection: Index of the projection.
    /// - Returns: Neuron, physical core and value of each register that a synapse of the projection reads; empty
    ///   without such a trace.
    package func learningTrace(
        _ register: RuleVariable,
        of projection: Int
    ) -> [(neuron: Int, core: Int, value: Int)] {
        let number = [.x1, .x2, .y1, .y2, .y3].firstIndex(of: register)
        let places = Set(
            plasticity.synapses.filter { $0.projection == projection }.flatMap {
                [$0.pre, $0.post]
            }
        )
        return plasticity.traces.filter { $0.register == number && places.contains($0.place) }.map {
            ($0.neuron, Int(image.cores[$0.place.core].core), Int($0.value))
        }
    }
}
