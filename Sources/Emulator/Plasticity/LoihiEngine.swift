package import ChipImage
package import ChipSpec
package import Events

/// Loihi's learning engine as in lava-nc, for one projection (`docs/NUMERICS.md`, section 10).
///
/// Spikes are noted step by step; at the end of an epoch the traces of its steps are worked out and all
/// synapses are walked row by row. Steps are counted from 1, as in lava-nc: the step s of a machine is
/// s + 1 here. A spike of step t is delivered with the weights of before the end of step t.
@safe
package final class LoihiEngine {
    private static let lowestSum: Int32 = -32769
    private static let highestSum: Int32 = 32767

    private var rule: LoihiRule
    private let draws: LoihiDraws
    private let signMode: SignMode
    private let pre: LoihiTraces
    private let post: LoihiTraces
    private let rowLine: [UInt32]
    private let rowStart: [UInt32]
    private let lineCore: [UInt32]
    private let neuronCore: [UInt32]
    private let target: HostArray<UInt32>
    /// Weights, delays (lava-nc: tag_2) and tags (tag_1).
    private let registers: [HostArray<Int32>]
    /// Accumulators of the running row, by target, and what its products add.
    private let sums: [HostArray<Int32>]
    private let product: HostArray<Int32>
    private let touched: HostArray<Int32>
    /// 1 for neurons that spiked in the epoch, and their traces at that time.
    private let postFlag: HostArray<Int32>
    private let postOwn: [HostArray<Int32>]
    /// Traces x1, x2 of the running line at each step of the epoch.
    private let lineHistory: [HostArray<Int32>]
    private var traceUpdates: [UInt32]
    /// Rows that the last end of an epoch changed a weight of.
    package private(set) var changedRows: [Int] = []

    /// Loads a rule and its synapses.
    ///
    /// - Parameters:
    ///   - program: The rule; the chip image is verified.
    ///   - rows: Synapses with their weights.
    ///   - signMode: What signs the weights may have.
    ///   - draws: Random numbers.
    package init(program: RuleProgram, rows: LoihiRows, signMode: SignMode, draws: LoihiDraws) {
        rows.verify()
        rule = LoihiRule(program)
        self.draws = draws
        self.signMode = signMode
        pre = LoihiTraces(program, names: [.x1, .x2], count: rows.lineCore.count)
        post = LoihiTraces(program, names: [.y1, .y2, .y3], count: rows.neuronCore.count)
        rowLine = rows.rowLine
        rowStart = rows.rowStart
        lineCore = rows.lineCore
        neuronCore = rows.neuronCore
        target = HostArray(rows.targets, else: 0)
        let count = rows.targets.count
        registers = [
            HostArray(rows.weights, else: 0),
            HostArray(repeating: 0, count: count),
            HostArray(repeating: 0, count: count),
        ]
        let longest = zip(rows.rowStart, rows.rowStart.dropFirst()).map { Int($1 - $0) }.max() ?? 0
        sums = (0..<3).map { _ in HostArray(repeating: 0, count: longest) }
        product = HostArray(repeating: 0, count: longest)
        touched = HostArray(repeating: 0, count: longest)
        postFlag = HostArray(repeating: 0, count: rows.neuronCore.count)
        postOwn = (0..<3).map { _ in HostArray(repeating: 0, count: rows.neuronCore.count) }
        lineHistory = (0..<2).map { _ in HostArray(repeating: 0, count: program.epoch + 1) }
        traceUpdates = .init(repeating: 0, count: rows.coreCount)
    }
}

// What the host sees and sets.
extension LoihiEngine {
    /// Number of synapses.
    package var synapseCount: Int { target.count }

    /// A register of a synapse.
    ///
    /// - Parameters:
    ///   - register: Weight, delay or tag.
    ///   - synapse: Its index.
    /// - Returns: The value.
    package func register(_ register: RuleTarget, of synapse: Int) -> Int32 {
        registers[Self.index(register)][synapse]
    }

    /// Writes a register of a synapse; saturates.
    ///
    /// - Parameters:
    ///   - register: Weight, delay or tag.
    ///   - synapse: Its index.
    ///   - value: The value.
    package func setRegister(_ register: RuleTarget, of synapse: Int, to value: Int32) {
        let range = range(Self.index(register))
        registers[Self.index(register)][synapse] = min(
            max(value, range.lowerBound),
            range.upperBound
        )
    }

    /// A learning trace at the last end of an epoch, bumped by second spikes since.
    ///
    /// - Parameters:
    ///   - name: x1, x2 of a presynaptic line; y1, y2, y3 of a postsynaptic neuron.
    ///   - place: Index of the line or neuron.
    /// - Returns: 0...127; 0 for other registers.
    package func trace(_ name: RuleVariable, of place: Int) -> Int32 {
        switch name {
        case .x1: pre.value(0, of: place)
        case .x2: pre.value(1, of: place)
        case .y1: post.value(0, of: place)
        case .y2: post.value(1, of: place)
        case .y3: post.value(2, of: place)
        default: 0
        }
    }

    /// Sets a named amplitude, in lowest bits of the weight; 0 at first.
    ///
    /// - Parameters:
    ///   - index: Index in `RuleProgram.amplitudes`.
    ///   - value: The amplitude.
    package func setAmplitude(_ index: Int, _ value: Double) { rule.setAmplitude(index, value) }

    /// The reward register; 0 at first.
    package var reward: Int32 {
        get { rule.reward }
        set { rule.reward = newValue }
    }

    /// The state reset: traces and spike times; weights, delays and tags stay.
    package func reset() {
        pre.reset()
        post.reset()
    }

    private static func index(_ register: RuleTarget) -> Int {
        switch register {
        case .w: 0
        case .d: 1
        case .t: 2
        }
    }

    private func range(_ register: Int) -> ClosedRange<Int32> {
        switch register {
        case 0:
            switch signMode {
            case .mixed: -256...255
            case .excitatory: 0...255
            case .inhibitory: -255...0
            }
        case 1: 0...255
        default: -257...255
        }
    }
}

// The steps.
extension LoihiEngine {
    /// Notes the spikes of a step.
    ///
    /// - Parameters:
    ///   - lines: Presynaptic lines with a spike, each once.
    ///   - neurons: Postsynaptic neurons with a spike, each once.
    ///   - step: Number of the step, from 1.
    package func note(preSpikes lines: [UInt32], postSpikes neurons: [UInt32], step: UInt64) {
        let time = Int32((step - 1) % UInt64(rule.epoch)) + 1
        // lava-nc does not round the second presynaptic spike of an epoch at random: draw 0.
        pre.note(lines, step: time, draw: 0, updates: &traceUpdates, cores: lineCore)
        guard !neurons.isEmpty else { return }
        let draw = draws.secondImpulse(step: step)
        post.note(neurons, step: time, draw: draw, updates: &traceUpdates, cores: neuronCore)
    }

    /// Ends a step, and the epoch if it is its last one.
    ///
    /// - Parameters:
    ///   - step: Number of the step, from 1.
    ///   - isOn: Whether synapses learn; traces always run.
    ///   - cores: Counts of the step by core; raised.
    /// - Returns: Synapses that were updated.
    @discardableResult
    package func endOfStep(
        step: UInt64,
        isOn: Bool = true,
        cores: inout [CoreStepCounts]
    ) -> Int {
        changedRows.removeAll(keepingCapacity: true)
        var updates = 0
        if step % UInt64(rule.epoch) == 0 {
            pre.run(decay: draws.decay(.pre, step: step), impulse: draws.impulse(.pre, step: step))
            post.run(
                decay: draws.decay(.post, step: step),
                impulse: draws.impulse(.post, step: step)
            )
            if isOn { updates = learn(epoch: step / UInt64(rule.epoch), cores: &cores) }
            pre.endEpoch(updates: &traceUpdates, cores: lineCore)
            post.endEpoch(updates: &traceUpdates, cores: neuronCore)
        }
        for core in traceUpdates.indices {
            cores[core].traceUpdates &+= traceUpdates[core]
            traceUpdates[core] = 0
        }
        return updates
    }

    /// Walks all rows.
    private func learn(epoch: UInt64, cores: inout [CoreStepCounts]) -> Int {
        // A fraction f of the accumulator, in 1/128, carries if draw < f/128.
        let carry = Int32((draws.weight(epoch: epoch) * 128).rounded(.down))
        for neuron in post.spiked {
            let n = Int(neuron)
            postFlag[n] = 1
            for r in 0..<3 where post.isUsed[r] {
                postOwn[r][n] = post.history[post.offset(r, step: Int(post.spikeStep[n])) + n]
            }
        }
        // Which products act on rows whose line has spiked, and on the others.
        let isDue = rule.products.map { product in
            switch product.trigger {
            case .x0: true
            case .y0: !post.spiked.isEmpty
            case .every(let epochs): epoch % UInt64(epochs) == 0
            }
        }
        let isDueOtherwise = zip(isDue, rule.products).map { $0 && $1.trigger != .x0 }
        // A tag of −257 does not fit the accumulator: it changes even where no product acts.
        let always = isDueOtherwise.contains(true) || !rule.targets[2].isEmpty
        let sometimes = isDue.contains(true)
        var updates = 0
        for row in rowLine.indices {
            let line = Int(rowLine[row])
            let lineHasSpiked = pre.spikeStep[line] > 0
            guard always || (sometimes && lineHasSpiked) else { continue }
            let acts = lineHasSpiked ? isDue : isDueOtherwise
            let count = learn(row: row, line: line, acts: acts, carry: carry)
            cores[Int(lineCore[line])].weightUpdates &+= UInt32(count)
            updates += count
        }
        for neuron in post.spiked { postFlag[Int(neuron)] = 0 }
        return updates
    }

    /// Changes the synapses of a row: first all sums, from the registers of before, then the registers.
    private func learn(row: Int, line: Int, acts: [Bool], carry: Int32) -> Int {
        let synapses = Int(rowStart[row])..<Int(rowStart[row + 1])
        for r in 0..<2 where pre.isUsed[r] {
            for step in 0...rule.epoch {
                lineHistory[r][step] = pre.history[pre.offset(r, step: step) + line]
            }
        }
        for k in 0..<synapses.count { unsafe touched.base[k] = 0 }
        for register in 0..<3 where !rule.targets[register].isEmpty {
            for k in 0..<synapses.count {
                unsafe sums[register].base[k] =
                    registers[register].base[synapses.lowerBound + k] &<< LoihiRule.fractionBits
            }
            for index in rule.targets[register] {
                if acts[index] {
                    multiply(rule.products[index], line: line, synapses: synapses)
                    accumulate(rule.products[index], into: sums[register], count: synapses.count)
                } else if register == 2 {
                    accumulateNothing(into: sums[register], count: synapses.count)
                }
            }
        }
        var hasChanged = false
        for register in 0..<3 where !rule.targets[register].isEmpty {
            let changed = round(register, synapses: synapses, carry: carry)
            if register == 0 { hasChanged = changed }
        }
        if hasChanged { changedRows.append(row) }
        var updates = 0
        for k in 0..<synapses.count where unsafe touched.base[k] != 0 { updates += 1 }
        return updates
    }

    /// Works out trigger · mantissa · Π factors of every synapse of a row, in 32 bits that wrap.
    private func multiply(_ product: LoihiRule.Product, line: Int, synapses: Range<Int>) {
        let count = synapses.count
        let first = synapses.lowerBound
        let values = self.product
        // When the factors of the product are read: a step of the epoch for triggers other than y0.
        let time: Int
        switch product.trigger {
        case .x0: time = Int(pre.spikeStep[line])
        case .y0: time = 0
        case .every: time = rule.epoch
        }
        let isPost = product.trigger == .y0
        var scale = product.mantissa
        for factor in rule.factors[product.factors] {
            switch factor.operand {
            case .x0: scale = scale &* factor(pre.spikeStep[line] > 0 ? 1 : 0)
            case .reward: scale = scale &* factor(rule.reward)
            case .x(let r) where !isPost: scale = scale &* factor(lineHistory[r][time])
            default: break
            }
        }
        if isPost {
            for k in 0..<count {
                unsafe values.base[k] = scale &* postFlag.base[Int(target.base[first + k])]
            }
        } else {
            for k in 0..<count { unsafe values.base[k] = scale }
        }
        for factor in rule.factors[product.factors] {
            switch factor.operand {
            case .x0, .reward: break
            case .x(let r):
                guard isPost else { break }
                let history = lineHistory[r]
                for k in 0..<count {
                    let step = unsafe post.spikeStep.base[Int(target.base[first + k])]
                    unsafe values.base[k] = values.base[k] &* factor(history.base[Int(step)])
                }
            case .y(let r):
                let source = isPost ? postOwn[r] : post.history
                let offset = isPost ? 0 : post.offset(r, step: time)
                for k in 0..<count {
                    let value = unsafe source.base[offset + Int(target.base[first + k])]
                    unsafe values.base[k] = values.base[k] &* factor(value)
                }
            case .y0:
                for k in 0..<count {
                    let value = unsafe postFlag.base[Int(target.base[first + k])]
                    unsafe values.base[k] = values.base[k] &* factor(value)
                }
            case .w, .d, .t:
                let source = registers[Self.index(of: factor.operand)]
                for k in 0..<count {
                    unsafe values.base[k] = values.base[k] &* factor(source.base[first + k])
                }
            }
        }
    }

    private static func index(of operand: LoihiRule.Operand) -> Int {
        switch operand {
        case .d: 1
        case .t: 2
        default: 0
        }
    }

    /// Shifts the products into the accumulators' format and adds them; both saturate.
    private func accumulate(_ product: LoihiRule.Product, into sums: HostArray<Int32>, count: Int) {
        let right = product.rightShift
        let left = product.leftShift
        let values = self.product
        for k in 0..<count {
            // At most 2^14 in magnitude after the right shift, so at most 2^29 after the left one.
            let value = unsafe Self.clamp((values.base[k] &>> right) &<< left)
            unsafe touched.base[k] |= value
            unsafe sums.base[k] = Self.clamp(sums.base[k] &+ value)
        }
    }

    private func accumulateNothing(into sums: HostArray<Int32>, count: Int) {
        for k in 0..<count { unsafe sums.base[k] = Self.clamp(sums.base[k]) }
    }

    /// Rounds the accumulators of a row into the registers.
    private func round(_ register: Int, synapses: Range<Int>, carry: Int32) -> Bool {
        let range = range(register)
        // Signs saturate before rounding, magnitudes after.
        let lowest = range.lowerBound == 0 ? 0 : Int32.min
        let highest = range.upperBound == 0 ? 0 : Int32.max
        let sums = sums[register]
        let registers = registers[register]
        var difference: Int32 = 0
        for k in 0..<synapses.count {
            let sum = unsafe min(max(sums.base[k], lowest), highest)
            let value = (sum &>> LoihiRule.fractionBits) &+ (sum & 127 > carry ? 1 : 0)
            let fitted = min(max(value, range.lowerBound), range.upperBound)
            let place = synapses.lowerBound + k
            unsafe difference |= fitted ^ registers.base[place]
            unsafe registers.base[place] = fitted
        }
        return difference != 0
    }

    @inline(__always)
    private static func clamp(_ value: Int32) -> Int32 {
        min(max(value, lowestSum), highestSum)
    }
}
