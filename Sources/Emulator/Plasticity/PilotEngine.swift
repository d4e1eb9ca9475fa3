import ChipImage
import ChipSpec
import FixedPoint

/// Synapses that one spike touches: a row side by side, or the synapses onto one neuron.
private protocol SynapseList {
    var count: Int { get }
    /// Number of the k-th synapse in its block.
    func synapse(_ k: Int) -> Int
}

@safe
private struct Row: SynapseList {
    let first: Int
    let count: Int

    @inline(__always)
    func synapse(_ k: Int) -> Int { first &+ k }
}

@safe
private struct Column: SynapseList {
    let synapses: UnsafePointer<UInt32>
    let count: Int

    @inline(__always)
    func synapse(_ k: Int) -> Int { unsafe Int(synapses[k]) }
}

/// Step c of the engine `pilot`: the products and windows of a rule change weight registers.
///
/// `docs/NUMERICS.md`, section 9. One engine serves one projection; blocks are its parts on the
/// partitions.
@safe
final class PilotEngine {
    var rule: PilotRule
    let bank: TraceBank
    let blocks: [PlasticBlock]
    private let format: WeightFormat
    private let rounding: RoundingMode
    private let tieRule: TieRule
    private let stream: RandomStream
    private let sums: HostArray<Int64>
    private let products: HostArray<Int64>
    /// The gain servo of the projection; nil while it is switched off.
    private var servo: RunningGainServo?

    init(
        rule: PilotRule,
        bank: TraceBank,
        blocks: [PlasticBlock],
        format: WeightFormat,
        rounding: RoundingMode,
        tieRule: TieRule,
        stream: RandomStream
    ) {
        self.tieRule = tieRule
        self.rule = rule
        self.bank = bank
        self.blocks = blocks
        self.format = format
        self.rounding = rounding
        self.stream = stream
        let longest = blocks.map(\.longestList).max() ?? 0
        sums = HostArray(repeating: 0, count: longest)
        products = HostArray(repeating: 0, count: longest)
    }

    /// Presynaptic spikes.
    ///
    /// - Parameters:
    ///   - lines: Lines that fire, ascending.
    ///   - step: Number of the step.
    ///   - updates: Weights updated, by core; raised.
    func takePre(_ lines: [UInt32], step: UInt64, updates: inout [UInt32]) {
        for line in lines {
            let place = Int(line)
            let core = unsafe Int(bank.lines.base[place].denseCore)
            for block in blocks {
                let start = unsafe Int(block.lineStart.base[place])
                let end = unsafe Int(block.lineStart.base[place + 1])
                // Of many small projections a line has rows in a few.
                guard start < end else { continue }
                guard !rule.preProducts.isEmpty || !rule.preWindows.isEmpty else { return }
                for index in start..<end {
                    let row = unsafe Int(block.lineRows.base[index])
                    let first = unsafe Int(block.rowStart.base[row])
                    let list = unsafe Row(
                        first: first,
                        count: Int(block.rowStart.base[row + 1]) - first
                    )
                    if rule.preWindows.isEmpty {
                        evaluate(rule.preProducts, block, list)
                    } else {
                        match(rule.preWindows, block, list, step: Int64(step), firesPre: true)
                    }
                    let pre = unsafe block.preIndex.base[first]
                    updates[core] &+= apply(block, list, step: step, core: core) {
                        engine,
                        synapse,
                        lanes in
                        let post = unsafe block.postIndex.base[synapse]
                        return lanes.draw(
                            post & 7,
                            engine.stream,
                            post >> 3,
                            pre,
                            UInt32(truncatingIfNeeded: step)
                        )
                    }
                }
            }
        }
    }

    /// Postsynaptic spikes.
    ///
    /// - Parameters:
    ///   - posts: Entries of the bank that fire, ascending.
    ///   - step: Number of the step.
    ///   - updates: Weights updated, by core; raised.
    func takePost(_ posts: [UInt32], step: UInt64, updates: inout [UInt32]) {
        for entry in posts {
            let place = Int(entry)
            let neuron = unsafe bank.posts.base[place]
            for block in blocks {
                let first = unsafe Int(block.postStart.base[place])
                let count = unsafe Int(block.postStart.base[place + 1]) - first
                guard count > 0 else { continue }
                guard !rule.postProducts.isEmpty || !rule.postWindows.isEmpty else { return }
                let list = unsafe Column(
                    synapses: UnsafePointer(block.postSynapses.base + first),
                    count: count
                )
                if rule.postWindows.isEmpty {
                    evaluate(rule.postProducts, block, list)
                } else {
                    match(rule.postWindows, block, list, step: Int64(step), firesPre: false)
                }
                let core = Int(neuron.denseCore)
                updates[core] &+= apply(block, list, step: step, core: core) {
                    engine,
                    synapse,
                    lanes in
                    let pre = unsafe block.preIndex.base[synapse]
                    return lanes.draw(
                        pre & 7,
                        engine.stream,
                        pre >> 3 &+ 1 << 31,
                        neuron.index,
                        UInt32(truncatingIfNeeded: step)
                    )
                }
            }
        }
    }

    /// Products that come at regular times.
    ///
    /// - Parameters:
    ///   - step: Number of the step.
    ///   - updates: Weights updated, by core; raised.
    func takeRegular(step: UInt64, updates: inout [UInt32]) {
        let due = rule.regularProducts.filter { epochs, _ in
            (step + 1).isMultiple(of: UInt64(epochs * rule.program.epoch))
        }.map(\.product)
        guard !due.isEmpty else { return }
        for block in blocks {
            for row in 0..<block.rowLine.count {
                let first = unsafe Int(block.rowStart.base[row])
                let list = unsafe Row(
                    first: first,
                    count: Int(block.rowStart.base[row + 1]) - first
                )
                let core = unsafe Int(bank.lines.base[Int(block.rowLine.base[row])].denseCore)
                evaluate(due, block, list)
                let pre = unsafe block.preIndex.base[first]
                updates[core] &+= apply(block, list, step: step, core: core) {
                    engine,
                    synapse,
                    lanes in
                    let post = unsafe block.postIndex.base[synapse]
                    return lanes.draw(
                        post & 7,
                        engine.stream,
                        post >> 3 &+ 1 << 30,
                        pre,
                        UInt32(truncatingIfNeeded: step)
                    )
                }
            }
        }
    }

    /// Writes the register of a synapse, and keeps its charge in step.
    func setRegister(_ value: Int32, of synapse: Int, in block: PlasticBlock) {
        let fitted = Int32(min(max(Int64(value), format.lowest), format.highest))
        unsafe block.register.base[synapse] = fitted
        block.writeCharge(synapse, format)
    }

    // MARK: Sums

    /// Sums the products for every synapse of a list.
    @inline(__always)
    private func evaluate<L: SynapseList>(
        _ list: [PilotRule.Product],
        _ block: PlasticBlock,
        _ synapses: L
    ) {
        let count = synapses.count
        unsafe sums.base.update(repeating: 0, count: count)
        for product in list where product.coefficient != 0 {
            if product.factors.count == 1, let factor = product.factors.first,
                factor.constant == 0, !factor.isSign, let column = bank.column(factor.variable)
            {
                // The common case: a coefficient times one trace.
                let indices = column.isPre ? block.line : block.post
                for k in 0..<count {
                    let entry = unsafe Int(indices.base[synapses.synapse(k)])
                    unsafe sums.base[k] &+= product.coefficient &* Int64(column.value.base[entry])
                }
                continue
            }
            unsafe products.base.update(repeating: 1, count: count)
            for factor in product.factors { multiply(by: factor, block, synapses) }
            let limit = Int64(1) << 62
            for k in 0..<count {
                // Both below 2^62: their sum stays inside 64 bits.
                let sum = unsafe sums.base[k] &+ product.coefficient &* products.base[k]
                unsafe sums.base[k] = min(max(sum, -limit), limit)
            }
        }
    }

    private func multiply<L: SynapseList>(
        by factor: RuleFactor,
        _ block: PlasticBlock,
        _ synapses: L
    ) {
        let limit = Int64(1) << 31
        for k in 0..<synapses.count {
            var value = read(factor.variable, block, synapses.synapse(k)) &+ Int64(factor.constant)
            if factor.isSign { value = value.signum() }
            let product = unsafe products.base[k].multipliedReportingOverflow(by: value)
            let clamped =
                product.overflow
                ? (unsafe products.base[k] < 0) == (value < 0) ? limit : -limit
                : min(max(product.partialValue, -limit), limit)
            unsafe products.base[k] = clamped
        }
    }

    private func read(_ variable: RuleVariable, _ block: PlasticBlock, _ synapse: Int) -> Int64 {
        let line = unsafe Int(block.line.base[synapse])
        let post = unsafe Int(block.post.base[synapse])
        let column = unsafe Int(block.column.base[synapse])
        switch variable {
        case .x0: return unsafe Int64(bank.preFired.base[line])
        case .y0: return unsafe Int64(bank.postFired.base[post])
        case .x1, .x2:
            return bank.column(variable).map { unsafe Int64($0.value.base[line]) } ?? 0
        case .y1, .y2, .y3:
            return bank.column(variable).map { unsafe Int64($0.value.base[post]) } ?? 0
        case .w: return unsafe Int64(format.visible(block.register.base[synapse]))
        case .r: return Int64(rule.reward)
        case .v: return unsafe Int64(block.partition.v.base[column])
        case .u: return unsafe Int64(block.partition.u.base[column])
        case .refractory: return unsafe block.partition.zeta.base[column] > 0 ? 1 : 0
        case .e: return unsafe Int64(block.partition.error.base[column])
        case .d, .t, .calcium, .lastPre, .lastPost: return 0
        }
    }

    /// Sums the windows that a pair of spikes falls into, for every synapse of a list.
    ///
    /// - Parameters:
    ///   - windows: Windows closed by the spike.
    ///   - block: Where the synapses are.
    ///   - synapses: Those the spike touches.
    ///   - step: Number of the step.
    ///   - firesPre: Whether the spike is presynaptic.
    @inline(__always)
    private func match<L: SynapseList>(
        _ windows: [PilotRule.Window],
        _ block: PlasticBlock,
        _ synapses: L,
        step: Int64,
        firesPre: Bool
    ) {
        unsafe sums.base.update(repeating: 0, count: synapses.count)
        let partners = firesPre ? block.post : block.line
        let own = firesPre ? block.line : block.post
        let lastOfPartner = firesPre ? bank.lastPost : bank.lastPre
        let lastOfOwn = firesPre ? bank.lastPre : bank.lastPost
        let partnerFires = firesPre ? bank.postFired : bank.preFired
        let partnerIsEarly =
            tieRule == .include || tieRule == (firesPre ? .postFirst : .preFirst)
        for window in windows where window.coefficient != 0 {
            for k in 0..<synapses.count {
                let synapse = synapses.synapse(k)
                let partner = unsafe Int(partners.base[synapse])
                let fires = unsafe partnerFires.base[partner] != 0
                if fires, window.skipsTies { continue }
                if fires, window.firstStep == 0 {
                    unsafe sums.base[k] &+= window.coefficient
                    continue
                }
                // The last spike of an early side is this one already: Δ = 0.
                if fires, partnerIsEarly { continue }
                let last = unsafe lastOfPartner.base[partner]
                let difference = step &- last
                guard difference >= window.firstStep, difference <= window.lastStep else {
                    continue
                }
                if window.requiresNewerPartner {
                    guard unsafe last > lastOfOwn.base[Int(own.base[synapse])] else { continue }
                }
                unsafe sums.base[k] &+= window.coefficient
            }
        }
    }

    // MARK: Registers

    /// Adds the sums to the registers.
    ///
    /// - Parameters:
    ///   - block: Where the synapses are.
    ///   - synapses: One sum each.
    ///   - step: Number of the step.
    ///   - core: Where the synapses are, as an index of the used cores.
    ///   - draw: The draw of a synapse.
    /// - Returns: Number of synapses updated.
    @inline(__always)
    private func apply<L: SynapseList>(
        _ block: PlasticBlock,
        _ synapses: L,
        step: UInt64,
        core: Int,
        _ draw: (PilotEngine, Int, inout DrawLanes) -> UInt32
    ) -> UInt32 {
        let bits = Int64(PilotRule.fractionBits)
        let mask = (Int64(1) << bits) - 1
        let isStochastic = rounding == .stochastic
        var lanes = DrawLanes()
        let hasServo = servo != nil
        let takesSigns = servo?.takesSigns == true
        var gained: Int64 = 0
        var updates: UInt32 = 0
        for k in 0..<synapses.count {
            let sum = unsafe sums.base[k]
            guard sum != 0 else { continue }
            updates &+= 1
            let synapse = synapses.synapse(k)
            let change: Int64
            if isStochastic {
                let random = Int64(draw(self, synapse, &lanes)) & mask
                change = (sum &+ random) &>> bits
            } else {
                change = rounding.shifted(sum, rightBy: Int(bits))
            }
            guard change != 0 else { continue }
            let before = unsafe block.register.base[synapse]
            let after = Int32(
                truncatingIfNeeded: min(max(Int64(before) &+ change, format.lowest), format.highest)
            )
            unsafe block.register.base[synapse] = after
            if hasServo {
                // 17 bits times 17 bits.
                let weight = Int64(takesSigns ? before.signum() : before)
                gained &+= Int64(after &- before) &* weight
            }
            if format.visible(before) != format.visible(after) {
                block.writeCharge(synapse, format)
            }
        }
        if hasServo { servo?.pending[core] &+= gained }
        return updates
    }
}

// The gain servo.
extension PilotEngine {
    /// Whether the servo is on.
    var hasServo: Bool { servo != nil }

    /// Switches the servo on, afresh, or off.
    func setServo(_ servo: GainServo?) {
        var cores: Set<Int> = []
        for block in blocks {
            for row in 0..<block.rowLine.count { cores.insert(core(ofRow: row, block)) }
        }
        self.servo = servo.map { RunningGainServo($0, cores: cores.sorted()) }
    }

    /// Step e: ends the step of the servo; after a period all weights are scaled.
    ///
    /// - Parameters:
    ///   - step: Number of the step.
    ///   - updates: Weights rewritten, by core; raised.
    func endStep(step: UInt64, updates: inout [UInt32]) {
        guard servo?.endStep() == true, let running = servo else { return }
        var sizes = [Int64](repeating: 0, count: running.sums.count)
        for block in blocks {
            for row in 0..<block.rowLine.count {
                var size: Int64 = 0
                for synapse in synapses(ofRow: row, block) {
                    let weight = unsafe Int64(block.register.base[synapse])
                    size &+= running.takesSigns ? abs(weight) : weight &* weight
                }
                sizes[core(ofRow: row, block)] &+= size
            }
        }
        let limit = GainServo.largestSum
        let changes = zip(running.sums, sizes).map { sum, size in
            running.servo.change(sum: sum, size: min(size, limit))
        }
        for block in blocks {
            for row in 0..<block.rowLine.count {
                let core = core(ofRow: row, block)
                guard changes[core] != 0 else { continue }
                let synapses = synapses(ofRow: row, block)
                scale(synapses, block, by: changes[core], step: step)
                updates[core] &+= UInt32(synapses.count)
            }
        }
        for core in running.cores { servo?.sums[core] = 0 }
    }

    private func core(ofRow row: Int, _ block: PlasticBlock) -> Int {
        unsafe Int(bank.lines.base[Int(block.rowLine.base[row])].denseCore)
    }

    private func synapses(ofRow row: Int, _ block: PlasticBlock) -> Range<Int> {
        unsafe Int(block.rowStart.base[row])..<Int(block.rowStart.base[row + 1])
    }

    private func scale(
        _ synapses: Range<Int>,
        _ block: PlasticBlock,
        by change: Int64,
        step: UInt64
    ) {
        let bits = GainServo.factorBits
        var lanes = DrawLanes()
        for synapse in synapses {
            let before = unsafe block.register.base[synapse]
            // 17 bits times 15 bits.
            let product = Int64(before) &* change
            guard product != 0 else { continue }
            let moved: Int64
            if rounding == .stochastic {
                let post = unsafe block.postIndex.base[synapse]
                let random = unsafe lanes.draw(
                    post & 7,
                    stream,
                    post >> 3 &+ 3 << 30,
                    block.preIndex.base[synapse],
                    UInt32(truncatingIfNeeded: step)
                )
                moved = (product &+ Int64(random)) &>> Int64(bits)
            } else {
                moved = rounding.shifted(product, rightBy: bits)
            }
            let after = Int32(
                truncatingIfNeeded: min(max(Int64(before) &+ moved, format.lowest), format.highest)
            )
            unsafe block.register.base[synapse] = after
            if format.visible(before) != format.visible(after) {
                block.writeCharge(synapse, format)
            }
        }
    }
}
