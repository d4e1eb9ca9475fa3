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
    private(set) var rule: LoihiRule
    private let draws: LoihiDraws
    private let signMode: SignMode
    let pre: LoihiTraces
    let post: LoihiTraces
    private let rowLine: [UInt32]
    let rowStart: [UInt32]
    private let lineCore: [UInt32]
    private let neuronCore: [UInt32]
    let target: HostArray<UInt32>
    /// Weights, delays (lava-nc: tag_2) and tags (tag_1).
    let registers: [HostArray<Int32>]
    /// The running row.
    let chosen: LoihiSynapses
    /// 1 for neurons that spiked in the epoch, and their traces at that time.
    let postFlag: HostArray<Int32>
    let postOwn: [HostArray<Int32>]
    /// Traces x1, x2 of the running line at each step of the epoch.
    let lineHistory: [HostArray<Int32>]
    private var traceUpdates: [UInt32]
    /// Rows that the last end of an epoch changed a weight of.
    package internal(set) var changedRows: [Int] = []

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
        chosen = LoihiSynapses(capacity: longest)
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

    static func index(_ register: RuleTarget) -> Int {
        switch register {
        case .w: 0
        case .d: 1
        case .t: 2
        }
    }

    func range(_ register: Int) -> ClosedRange<Int32> {
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
        let spiking = LoihiActs(isDue, of: rule)
        let silent = LoihiActs(zip(isDue, rule.products).map { $0 && $1.trigger != .x0 }, of: rule)
        var updates = 0
        for row in rowLine.indices {
            let line = Int(rowLine[row])
            let acts = pre.spikeStep[line] > 0 ? spiking : silent
            guard acts.onAny else { continue }
            let count = learn(row: row, line: line, acts: acts, carry: carry)
            cores[Int(lineCore[line])].weightUpdates &+= UInt32(count)
            updates += count
        }
        for neuron in post.spiked { postFlag[Int(neuron)] = 0 }
        return updates
    }
}
