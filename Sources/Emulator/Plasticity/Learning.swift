import ChipImage
import ChipSpec
import Events
import FixedPoint

/// The learning part of a machine: phase 4 of a step (`docs/NUMERICS.md`, section 9).
@safe
final class Learning {
    /// Engine of each projection; nil where it is static, or runs on the other engine.
    let engines: [PilotEngine?]
    let loihi: [LoihiProjection?]
    let odin: [ODINProjection?]
    /// Whether the rule of each projection is switched on.
    var isOn: [Bool] {
        didSet {
            for (index, projection) in odin.enumerated() where isOn[index] != oldValue[index] {
                projection?.setOn(isOn[index])
            }
        }
    }
    private let banks: [TraceBank]
    let bankOfProjection: [TraceBank?]
    private let tieRule: TieRule
    private let longestOffset: Int
    /// Whether a rule has products that come at regular times, spikes or not.
    private let hasRegularProducts: Bool
    /// Senders that spiked in the last steps, `[step mod count]`.
    private var past: [[UInt32]]
    private let updates: HostArray<UInt32>
    private var weightUpdates: [UInt32]
    private var firedLines: [UInt32] = []
    private var firedPosts: [UInt32] = []
    private var enginesWithServo: [PilotEngine] = []

    init(
        engines: [PilotEngine?],
        loihi: [LoihiProjection?],
        odin: [ODINProjection?],
        banks: [TraceBank],
        bankOfProjection: [TraceBank?],
        tieRule: TieRule,
        coreCount: Int
    ) {
        self.bankOfProjection = bankOfProjection
        self.engines = engines
        self.loihi = loihi
        self.odin = odin
        self.banks = banks
        self.tieRule = tieRule
        isOn = .init(repeating: false, count: engines.count)
        longestOffset = banks.flatMap(\.offsets).max().map { Int($0) } ?? 0
        past = .init(repeating: [], count: longestOffset + 1)
        updates = HostArray(repeating: 0, count: coreCount)
        weightUpdates = .init(repeating: 0, count: coreCount)
        hasRegularProducts = engines.contains { !($0?.rule.regularProducts.isEmpty ?? true) }
    }

    /// The state reset: traces and last spikes; weights stay.
    func reset() {
        for bank in banks { bank.reset() }
        for projection in loihi { projection?.engine.reset() }
        for index in past.indices { past[index].removeAll(keepingCapacity: true) }
    }

    /// Overwrites the banks' own state at random: `Machine.overwriteState`.
    ///
    /// - Parameters:
    ///   - registers: Left alone.
    ///   - step: Number of the step.
    ///   - stream: What is written.
    func overwriteState(besides registers: [RuleVariable], step: UInt64, _ stream: RandomStream) {
        for (number, bank) in banks.enumerated() {
            func word(_ index: Int, _ kind: UInt32) -> Int {
                Int(stream.words(UInt32(index), UInt32(number), kind).0 & 0x7F)
            }
            for column in bank.columns where !registers.contains(column.register) {
                for k in 0..<column.value.count {
                    column.value[k] = Int32(word(k, 10 + TraceColumn.number(of: column.register)))
                }
            }
            for (register, last, kind) in [
                (RuleVariable.lastPre, bank.lastPre, UInt32(20)), (.lastPost, bank.lastPost, 21),
            ] where !registers.contains(register) {
                for k in 0..<last.count { last[k] = Int64(step) - 1 - Int64(word(k, kind)) }
            }
        }
    }

    /// Runs a step of plasticity.
    ///
    /// - Parameters:
    ///   - senders: Spikes of the step, inputs included, ascending.
    ///   - step: Number of the step.
    ///   - cores: Counts of the step by core; raised.
    func step(senders: [UInt32], step: UInt64, cores: inout [CoreStepCounts]) {
        if longestOffset > 0 {
            let slot = Int(step % UInt64(past.count))
            past[slot].removeAll(keepingCapacity: true)
            past[slot].append(contentsOf: senders)
        }
        for bank in banks {
            bank.decay(step: UInt32(truncatingIfNeeded: step), updates: updates)
            // Most steps of a small network have no spike: traces fall, and that is all.
            if longestOffset > 0 || !senders.isEmpty || hasRegularProducts || bank.isLoihi {
                learn(bank, senders: senders, step: step, cores: &cores)
            }
            for core in 0..<updates.count {
                cores[core].traceUpdates &+= updates[core]
                updates[core] = 0
            }
        }
        for (index, projection) in odin.enumerated() where isOn[index] {
            guard let bank = bankOfProjection[index] else { continue }
            projection?.endStep(step, cores: &cores) { Int(bank.posts[Int($0)].denseCore) }
        }
        guard !enginesWithServo.isEmpty else { return }
        for engine in enginesWithServo { engine.endStep(step: step, updates: &weightUpdates) }
        countWeightUpdates(&cores)
    }

    /// Switches the gain servo of a projection on, afresh, or off.
    func setServo(_ servo: GainServo?, of projection: Int) {
        guard let engine = engines[projection] else { return }
        engine.setServo(servo)
        enginesWithServo = engines.compactMap { $0 }.filter(\.hasServo)
    }

    /// Lets the spikes of somas run back into their dendrites: at the synapses there they are postsynaptic.
    ///
    /// - Parameters:
    ///   - somas: Neurons.
    ///   - dendrites: Neurons that serve them as dendrites, in the same order; empty takes them away.
    func setDendrites(of somas: [UInt32], _ dendrites: [UInt32]) {
        for bank in banks {
            if bank.dendriteOfNeuron.isEmpty, !dendrites.isEmpty {
                bank.dendriteOfNeuron = .init(repeating: -1, count: bank.postOfNeuron.count)
            }
            guard !bank.dendriteOfNeuron.isEmpty else { continue }
            for soma in somas { bank.dendriteOfNeuron[Int(soma)] = -1 }
            for (soma, dendrite) in zip(somas, dendrites) {
                bank.dendriteOfNeuron[Int(soma)] = bank.postOfNeuron[Int(dendrite)]
            }
        }
    }

    /// Everything but the decay of traces.
    private func learn(
        _ bank: TraceBank,
        senders: [UInt32],
        step: UInt64,
        cores: inout [CoreStepCounts]
    ) {
        collect(bank, senders: senders, step: step)
        for line in firedLines { unsafe bank.preFired.base[Int(line)] = 1 }
        for post in firedPosts { unsafe bank.postFired.base[Int(post)] = 1 }
        let preIsEarly = tieRule == .include || tieRule == .preFirst
        let postIsEarly = tieRule == .include || tieRule == .postFirst
        if preIsEarly { bank.bumpPre(firedLines, updates: updates) }
        if postIsEarly { bank.bumpPost(firedPosts, updates: updates) }
        take(bank, step: step, cores: &cores)
        if !preIsEarly { bank.bumpPre(firedLines, updates: updates) }
        if !postIsEarly { bank.bumpPost(firedPosts, updates: updates) }
        for line in firedLines {
            unsafe bank.preFired.base[Int(line)] = 0
            unsafe bank.lastPre.base[Int(line)] = Int64(step)
        }
        for post in firedPosts {
            unsafe bank.postFired.base[Int(post)] = 0
            unsafe bank.lastPost.base[Int(post)] = Int64(step)
        }
    }

    private func collect(_ bank: TraceBank, senders: [UInt32], step: UInt64) {
        firedLines.removeAll(keepingCapacity: true)
        firedPosts.removeAll(keepingCapacity: true)
        for offset in bank.offsets where step >= UInt64(offset) {
            if offset == 0 {
                collectLines(bank, senders, offset: 0)
            } else {
                let slot = Int((step - UInt64(offset)) % UInt64(past.count))
                collectLines(bank, past[slot], offset: offset)
            }
        }
        if firedLines.count > 1 { firedLines.sort() }
        for sender in senders {
            guard Int(sender) < bank.postOfNeuron.count else { break }
            let post = bank.postOfNeuron[Int(sender)]
            if post >= 0 { firedPosts.append(UInt32(post)) }
        }
        guard !bank.dendriteOfNeuron.isEmpty else { return }
        for sender in senders {
            guard Int(sender) < bank.dendriteOfNeuron.count else { break }
            let dendrite = bank.dendriteOfNeuron[Int(sender)]
            if dendrite >= 0 { firedPosts.append(UInt32(dendrite)) }
        }
        firedPosts.sort()
    }

    private func collectLines(_ bank: TraceBank, _ senders: [UInt32], offset: UInt32) {
        for sender in senders {
            let first = Int(bank.senderStart[Int(sender)])
            for index in first..<Int(bank.senderStart[Int(sender) + 1]) {
                let line = bank.senderLines[index]
                if unsafe bank.lines.base[Int(line)].offset == offset {
                    firedLines.append(line)
                }
            }
        }
    }

    /// Plastic synapses of a projection, in blocks.
    func blocks(of projection: Int) -> [PlasticBlock] {
        engines[projection]?.blocks ?? loihi[projection]?.blocks ?? odin[projection]?.blocks ?? []
    }

    private func take(_ bank: TraceBank, step: UInt64, cores: inout [CoreStepCounts]) {
        for (projection, engine) in loihi.enumerated() {
            guard let engine, engine.bank === bank else { continue }
            engine.step(
                lines: firedLines,
                posts: firedPosts,
                step: step,
                isOn: isOn[projection],
                cores: &cores
            )
        }
        for (projection, engine) in engines.enumerated() {
            guard let engine, engine.bank === bank, isOn[projection] else { continue }
            engine.takePre(firedLines, step: step, updates: &weightUpdates)
            engine.takePost(firedPosts, step: step, updates: &weightUpdates)
            engine.takeRegular(step: step, updates: &weightUpdates)
        }
        countWeightUpdates(&cores)
    }

    private func countWeightUpdates(_ cores: inout [CoreStepCounts]) {
        for core in weightUpdates.indices {
            cores[core].weightUpdates &+= weightUpdates[core]
            weightUpdates[core] = 0
        }
    }
}

extension Learning {
    /// Builds the engines of an image; nil if no projection learns.
    ///
    /// - Parameters:
    ///   - image: A verified image.
    ///   - layout: How it lies on the host.
    ///   - partitions: Of the layout.
    ///   - format: Weight registers.
    ///   - device: Whose fixed pattern to apply.
    ///   - seed: Run seed.
    convenience init?(
        image: ChipImage,
        layout: HostLayout,
        partitions: [HostPartition],
        format: WeightFormat,
        device: Device,
        seed: UInt64
    ) {
        guard let spec = image.chip.learning, let rules = image.network.rules, !rules.isEmpty else {
            return nil
        }
        let factors = DeviceFactors(device: device, distribution: image.chip.mismatch.distribution)
        let isLoihi = spec.engine == .loihi
        let isODIN = spec.engine == .odin
        let banks = rules.enumerated().map { rule, program in
            // The engine loihi keeps traces of its own.
            var program = program
            if isLoihi { program.traces = [] }
            return TraceBank(
                program: program,
                spec: spec,
                lines: layout.ruleLines[rule],
                posts: layout.rulePosts[rule],
                senderCount: layout.addresses.count,
                neuronCount: layout.neuronCount,
                factors: factors,
                seed: seed,
                isLoihi: isLoihi
            )
        }
        let rounding = RandomStream(seed: seed, purpose: .stochasticRounding)
        func blocks(of number: Int, _ rule: Int) -> [PlasticBlock] {
            zip(partitions, layout.plastic).compactMap { partition, drafts in
                let own = drafts.filter { $0.projection == number }
                return own.isEmpty
                    ? nil
                    : PlasticBlock(
                        own,
                        projection: number,
                        partition: partition,
                        lineCount: layout.ruleLines[rule].count,
                        postCount: layout.rulePosts[rule].count
                    )
            }
        }
        var engines: [PilotEngine?] = []
        var loihi: [LoihiProjection?] = []
        var odin: [ODINProjection?] = []
        for (number, projection) in image.network.projections.enumerated() {
            guard let rule = projection.rule else {
                engines.append(nil)
                loihi.append(nil)
                odin.append(nil)
                continue
            }
            let blocks = blocks(of: number, rule)
            let name = projection.name ?? "\(projection.source)>\(projection.target)"
            odin.append(
                isODIN
                    ? ODINProjection(
                        blocks: blocks,
                        signMode: projection.signMode,
                        period: rules[rule].epoch
                    ) : nil
            )
            engines.append(
                isLoihi || isODIN
                    ? nil
                    : PilotEngine(
                        rule: PilotRule(
                            rules[rule],
                            hiddenBits: image.chip.synapse.hiddenWeightBits
                        ),
                        bank: banks[rule],
                        blocks: blocks,
                        format: format.keeping(projection.signMode),
                        rounding: spec.weightRounding,
                        tieRule: spec.tieRule,
                        stream: rounding.named(RandomStream.id(of: name))
                    )
            )
            loihi.append(
                isLoihi
                    ? LoihiProjection(
                        program: rules[rule],
                        projection: projection,
                        bank: banks[rule],
                        blocks: blocks,
                        format: format,
                        seed: seed
                    ) : nil
            )
        }
        self.init(
            engines: engines,
            loihi: loihi,
            odin: odin,
            banks: banks,
            bankOfProjection: image.network.projections.map { $0.rule.map { banks[$0] } },
            tieRule: spec.tieRule,
            coreCount: image.cores.count
        )
    }
}
