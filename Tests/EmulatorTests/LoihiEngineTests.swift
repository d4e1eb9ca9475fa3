import ChipImage
import ChipSpec
import Emulator
import Events
import FixedPoint
import Foundation
import TestSupport
import Testing

@Suite("Learning engine loihi")
struct LoihiEngineTests {
    @Test("repeats every register, trace and sum of the recorded vectors, step by step")
    func vectors() throws {
        let files = ReferenceMachineTests.vectors("stdp_")
        #expect(!files.isEmpty)
        for file in files {
            let vector = try LavaLearningVector(file: file)
            let name = file.lastPathComponent
            #expect(vector.steps > 0 && vector.synapses[.w]?.count == vector.steps, "\(name)")
            let difference = Self.engineDifference(vector)
            #expect(difference == nil, "\(name): \(difference ?? "")")
            let steps = Self.differences(vector, planted: nil)
            #expect(steps == 0, "\(name): the plain reference differs in \(steps) steps")
        }
    }

    @Test("notices planted mistakes by stdp_a", arguments: LoihiPlantedError.allCases)
    func noticesByPairRule(_ planted: LoihiPlantedError) throws {
        let differences = Self.differences(try Self.own("stdp_a"), planted: planted)
        // The rest does not show: its epochs have one step, its rule one factor a product, impulses are
        // whole, only weights learn, and both products of a pair in one step cancel.
        let shown: Set<LoihiPlantedError> = [
            .decayFloors, .decayRoundsToNearest, .impulseBeforeDecay, .drawForEachNeuron,
            .drawsOfEpochBefore, .sidesShareDraw, .exponentLacksOffset, .mantissaLosesSign,
            .fractionDropped, .fractionAlwaysCarries, .accumulatorTruncates, .tracesAreOfLastEpoch,
            .signClamps, .lowBitDropped, .tagAsWeight,
        ]
        #expect((differences > 0) == shown.contains(planted), "\(planted)")
    }

    @Test("notices every planted mistake by the vectors", arguments: LoihiPlantedError.allCases)
    func noticesByVectors(_ planted: LoihiPlantedError) throws {
        let differences = try ["stdp_a", "stdp_epochs"].map {
            Self.differences(try Self.own($0), planted: planted)
        }
        #expect(differences.contains { $0 > 0 }, "\(planted)")
    }

    private static func own(_ name: String) throws -> LavaLearningVector {
        try LavaLearningVector(
            file: Fixtures.own("Emulator").appendingPathComponent("lava/\(name).json")
        )
    }

    /// First difference of the engine from a vector.
    static func engineDifference(_ vector: LavaLearningVector) -> String? {
        let engine = LoihiEngine(
            program: vector.program,
            rows: LoihiRows(dense: vector.quantisedWeights),
            signMode: vector.signMode,
            draws: .recorded(LoihiRecording(vector.random))
        )
        for k in 0..<engine.synapseCount {
            engine.setRegister(.t, of: k, to: Int32(vector.initialTag))
            engine.setRegister(.d, of: k, to: Int32(vector.initialDelay))
        }
        var cores = [CoreStepCounts()]
        var sums = [Int64](repeating: 0, count: vector.post)
        for t in 1...vector.steps {
            if sums != vector.output[t - 1] { return "step \(t): sums \(sums)" }
            let pre = LavaLearningVector.indices(vector.preSpikes[t - 1])
            let post = LavaLearningVector.indices(vector.postSpikes[t - 1])
            sums = (0..<vector.post).map { j in
                let sum = pre.reduce(Int64(0)) {
                    $0 + Int64(engine.register(.w, of: Int($1) * vector.post + j))
                }
                return PlainArithmetic.shift(sum, by: vector.parameters.weightExponent)
            }
            engine.note(preSpikes: pre, postSpikes: post, step: UInt64(t))
            engine.endOfStep(step: UInt64(t), cores: &cores)
            for (register, expected) in vector.synapses {
                for j in 0..<vector.post {
                    for i in 0..<vector.pre {
                        let value = Int(engine.register(register, of: i * vector.post + j))
                        guard value == expected[t - 1][j][i] else {
                            return "step \(t), \(i) to \(j): \(register) is \(value), "
                                + "expected \(expected[t - 1][j][i])"
                        }
                    }
                }
            }
            for (name, expected) in vector.traces {
                let row = expected[t - 1]
                let values = row.indices.map { Int(engine.trace(name, of: $0)) }
                if values != row { return "step \(t): \(name) is \(values), expected \(row)" }
            }
        }
        return nil
    }

    /// Steps in which the plain reference differs from a vector in any register or sum.
    static func differences(_ vector: LavaLearningVector, planted: LoihiPlantedError?) -> Int {
        var reference = ReferenceLoihi(
            program: vector.program,
            weights: vector.quantisedWeights,
            signMode: vector.signMode,
            planted: planted
        )
        for j in 0..<vector.post {
            for i in 0..<vector.pre {
                reference.set(.t, post: j, pre: i, to: vector.initialTag)
                reference.set(.d, post: j, pre: i, to: vector.initialDelay)
            }
        }
        var differences = 0
        var sums = [Int64](repeating: 0, count: vector.post)
        for t in 1...vector.steps {
            let k = t - 1
            let pre = LavaLearningVector.indices(vector.preSpikes[k]).map { Int($0) }
            let post = LavaLearningVector.indices(vector.postSpikes[k]).map { Int($0) }
            let isSame = sums == vector.output[k]
            sums = (0..<vector.post).map { j in
                let sum = pre.reduce(0) { $0 + (reference.registers[.w]?[j][$1] ?? 0) }
                return PlainArithmetic.shift(Int64(sum), by: vector.parameters.weightExponent)
            }
            reference.step(
                t,
                preSpikes: pre,
                postSpikes: post,
                draws: vector.draws(of: t)
            )
            let registersAgree = vector.synapses.allSatisfy {
                reference.registers[$0.key] == $0.value[k].map { $0.map(Optional.init) }
            }
            let tracesAgree = vector.traces.allSatisfy { name, values in
                values[k].indices.allSatisfy { reference.trace(name, of: $0) == values[k][$0] }
            }
            if !(isSame && registersAgree && tracesAgree) { differences += 1 }
        }
        return differences
    }
}

// Random rules.
extension LoihiEngineTests {
    @Test(
        "equals the plain reference for random rules, synapses and spikes",
        arguments: Array(stride(from: 0, to: 300, by: 50))
    )
    func equalsReference(firstSeed: Int) {
        for seed in firstSeed..<(firstSeed + 50) {
            let difference = RandomLoihi(seed: UInt64(seed)).firstDifference()
            #expect(difference == nil, "seed \(seed): \(difference ?? "")")
        }
    }

    @Test(
        "has random rules that notice a planted mistake",
        arguments: LoihiPlantedError.allCases
    )
    func randomRulesNotice(_ planted: LoihiPlantedError) {
        let noticed = (0..<300).first {
            RandomLoihi(seed: UInt64($0)).firstDifference(planted: planted) != nil
        }
        #expect(noticed != nil, "\(planted)")
    }
}

// Single rules.
extension LoihiEngineTests {
    /// An engine with one synapse and a rule that adds its only product at every presynaptic spike.
    private func engine(
        _ product: RuleProduct,
        weight: Int32 = 0,
        mode: SignMode = .mixed,
        carries: Bool = false
    ) -> LoihiEngine {
        let program = RuleProgram(
            name: "one",
            source: [],
            traces: [],
            products: [product],
            windows: [],
            amplitudes: ["eta"]
        )
        return LoihiEngine(
            program: program,
            rows: LoihiRows(dense: [[Int(weight)]]),
            signMode: mode,
            draws: .recorded(
                LoihiRecording(
                    xDecay: .init(repeating: 0, count: 9),
                    yDecay: .init(repeating: 0, count: 9),
                    xImpulse: .init(repeating: 0, count: 9),
                    yImpulse: .init(repeating: 0, count: 9),
                    weightRound: .init(repeating: carries ? 0 : 0.9999, count: 5)
                )
            )
        )
    }

    private func step(_ engine: LoihiEngine, isOn: Bool = true) -> Int {
        var cores = [CoreStepCounts()]
        engine.note(preSpikes: [0], postSpikes: [], step: 1)
        return engine.endOfStep(step: 1, isOn: isOn, cores: &cores)
    }

    @Test(
        "gives a coefficient with an amplitude the finest mantissa that holds it",
        arguments: [
            // In 1/128 of a weight: M · 2^(e + 7).
            (amplitude: 1.0, weight: 1), (amplitude: 7.0, weight: 7), (amplitude: -8, weight: -8),
            (amplitude: 8, weight: 8), (amplitude: 7.4, weight: 7), (amplitude: 7.5, weight: 8),
            (amplitude: 17, weight: 16), (amplitude: 100, weight: 96),
            (amplitude: -100, weight: -96),
            (amplitude: 1e9, weight: 255), (amplitude: -1e9, weight: -256),
            (amplitude: 0, weight: 0),
        ]
    )
    func amplitudes(amplitude: Double, weight: Int) {
        let engine = engine(
            RuleProduct(trigger: .x0, mantissa: 1, exponent: 0, amplitude: 0, factors: [])
        )
        engine.setAmplitude(0, amplitude)
        #expect(step(engine) == (amplitude == 0 ? 0 : 1))
        #expect(Int(engine.register(.w, of: 0)) == weight)
    }

    @Test(
        "keeps weights within the sign mode and the range",
        arguments: [
            (mode: SignMode.mixed, weight: Int32(250), mantissa: 7, expected: Int32(255)),
            (mode: .mixed, weight: 248, mantissa: 7, expected: 255),
            (mode: .mixed, weight: -250, mantissa: -8, expected: -256),
            (mode: .mixed, weight: 3, mantissa: -4, expected: -1),
            (mode: .excitatory, weight: 3, mantissa: -4, expected: 0),
            (mode: .excitatory, weight: 3, mantissa: -3, expected: 0),
            (mode: .excitatory, weight: 3, mantissa: -2, expected: 1),
            (mode: .inhibitory, weight: -3, mantissa: 4, expected: 0),
            (mode: .inhibitory, weight: -3, mantissa: 2, expected: -1),
            (mode: .inhibitory, weight: -254, mantissa: -3, expected: -255),
        ]
    )
    func ranges(mode: SignMode, weight: Int32, mantissa: Int, expected: Int32) {
        let engine = engine(
            RuleProduct(trigger: .x0, mantissa: mantissa, exponent: 0, factors: []),
            weight: weight,
            mode: mode
        )
        _ = step(engine)
        #expect(engine.register(.w, of: 0) == expected)
    }

    @Test("rounds a fraction up by a draw below it, and leaves weights alone when switched off")
    func carries() {
        let product = RuleProduct(trigger: .x0, mantissa: 1, exponent: -7, factors: [])
        for (carries, isOn, expected) in [(true, true, 5), (false, true, 4), (true, false, 4)] {
            let engine = engine(product, weight: 4, carries: carries)
            #expect(step(engine, isOn: isOn) == (isOn ? 1 : 0))
            #expect(Int(engine.register(.w, of: 0)) == expected)
            #expect(engine.changedRows == (expected == 5 ? [0] : []))
        }
    }

    @Test("counts traces that are not 0 or bumped, on the core of their neuron")
    func countsTraces() {
        let program = RuleProgram(
            name: "two",
            source: [],
            traces: [
                TraceProgram(register: .x1, impulse: 16, tau: 10),
                TraceProgram(register: .y1, impulse: 16, tau: 10),
                TraceProgram(register: .y2, impulse: 16, tau: 0),
            ],
            products: [RuleProduct(trigger: .x0, mantissa: 1, exponent: 0, factors: [])],
            windows: [],
            amplitudes: [],
            epoch: 2
        )
        let rows = LoihiRows(
            rowLine: [0, 1],
            rowStart: [0, 1, 2],
            targets: [0, 0],
            weights: [0, 0],
            lineCore: [0, 1],
            neuronCore: [2]
        )
        let engine = LoihiEngine(
            program: program,
            rows: rows,
            signMode: .mixed,
            draws: .projection("p", seed: 1)
        )
        func run(_ lines: [UInt32], _ neurons: [UInt32], step: UInt64) -> [[UInt32]] {
            var cores = [CoreStepCounts](repeating: CoreStepCounts(), count: 3)
            engine.note(preSpikes: lines, postSpikes: neurons, step: step)
            engine.endOfStep(step: step, cores: &cores)
            return [cores.map(\.traceUpdates), cores.map(\.weightUpdates)]
        }
        #expect(run([1], [0], step: 1) == [[0, 0, 0], [0, 0, 0]])
        // Second spikes bump one trace of line 1 and two of the neuron, then the epoch ends.
        #expect(run([1], [0], step: 2) == [[0, 2, 4], [0, 1, 0]])
        #expect(run([], [], step: 3) == [[0, 0, 0], [0, 0, 0]])
        // y2 was cleared only after its bump of step 2: it is still not 0.
        #expect(run([], [], step: 4) == [[0, 1, 2], [0, 0, 0]])
        #expect(run([], [], step: 6) == [[0, 1, 1], [0, 0, 0]])
    }
}

extension LavaLearningVector {
    /// Draws of a step.
    fileprivate func draws(of t: Int) -> ReferenceLoihi.Draws {
        ReferenceLoihi.Draws(
            xDecay: random.xDecay[2 * t],
            yDecay: random.yDecay[2 * t],
            xImpulse: random.xImpulse[2 * t],
            yImpulse: random.yImpulse[2 * t],
            secondImpulse: random.yImpulse[2 * t - 1],
            weight: random.weightRound[t / program.epoch]
        )
    }
}

extension LoihiRecording {
    fileprivate init(_ draws: LavaLearningVector.Draws) {
        self.init(
            xDecay: draws.xDecay,
            yDecay: draws.yDecay,
            xImpulse: draws.xImpulse.map { Int32($0) },
            yImpulse: draws.yImpulse.map { Int32($0) },
            weightRound: draws.weightRound
        )
    }
}

extension LoihiRows {
    /// Rows of a full matrix `[post][pre]`: synapse i · posts + j leads from i to j.
    fileprivate init(dense weights: [[Int]]) {
        let pre = weights.first?.count ?? 0
        self.init(
            rowLine: (0..<pre).map { UInt32($0) },
            rowStart: (0...pre).map { UInt32($0 * weights.count) },
            targets: (0..<pre).flatMap { _ in weights.indices.map { UInt32($0) } },
            weights: (0..<pre).flatMap { i in weights.map { Int32($0[i]) } },
            lineCore: .init(repeating: 0, count: pre),
            neuronCore: .init(repeating: 0, count: weights.count)
        )
    }
}

/// A random rule with random synapses, on the engine and on its plain reference.
private struct RandomLoihi {
    private var random: SplitMix64
    private let seed: UInt64
    private let program: RuleProgram
    private let mode: SignMode
    private let pre: Int
    private let post: Int
    /// `[post][pre]`.
    private let weights: [[Int?]]
    private let steps = 60
    private let rate: Double
    private let isHot: Bool

    init(seed: UInt64) {
        self.seed = seed
        var random = SplitMix64(seed: seed &* 77 &+ 5)
        pre = random.int(1...7)
        post = random.int(1...6)
        mode = random.pick([.mixed, .mixed, .excitatory, .inhibitory])
        let range: ClosedRange<Int>
        switch mode {
        case .mixed: range = -256...255
        case .excitatory: range = 0...255
        case .inhibitory: range = -255...0
        }
        let (rows, columns) = (post, pre)
        weights = (0..<rows).map { _ in
            (0..<columns).map { _ in random.chance(0.8) ? random.int(range) : nil }
        }
        rate = random.double(0.05...0.6)
        isHot = random.chance(0.3)
        program = Self.rule(&random)
        self.random = random
    }

    private static func rule(_ random: inout SplitMix64) -> RuleProgram {
        let registers: [RuleVariable] = [.x1, .x2, .y1, .y2, .y3]
        let k = random.int(0...3)
        var products: [RuleProduct] = []
        for target in RuleTarget.allCases where target == .w || random.chance(0.4) {
            for _ in 0..<random.int(1...4) {
                products.append(
                    RuleProduct(
                        target: target,
                        trigger: random.pick([
                            .x0, .x0, .y0, .y0, .every(epochs: 1 << k),
                        ]),
                        mantissa: random.int(-8...7),
                        exponent: random.chance(0.7) ? random.int(-5...0) : random.int(-7...8),
                        factors: (0..<random.int(0...4)).map { _ in
                            RuleFactor(
                                random.pick(
                                    registers + registers + [.x0, .y0, .w, .d, .t, .r]
                                ),
                                constant: random.chance(0.3) ? random.int(-300...300) : 0,
                                isSign: random.chance(0.15)
                            )
                        }
                    )
                )
            }
        }
        return RuleProgram(
            name: "random",
            source: [],
            traces: registers.filter { _ in random.chance(0.9) }.map {
                TraceProgram(
                    register: $0,
                    impulse: random.chance(0.5)
                        ? Double(random.int(0...127)) : random.double(0...90),
                    tau: random.pick([nil, 0, 1, 2.5, 7, 10, 20, 100])
                )
            },
            products: products,
            windows: [],
            amplitudes: [],
            epoch: random.int(1...8)
        )
    }

    /// Rows of the synapses that exist; a line may come in two pieces.
    private func rows(_ random: inout SplitMix64) -> (LoihiRows, [(pre: Int, post: Int)]) {
        var rowLine: [UInt32] = []
        var rowStart: [UInt32] = [0]
        var order: [(pre: Int, post: Int)] = []
        for i in random.shuffled(Array(0..<pre)) {
            let targets = (0..<post).filter { weights[$0][i] != nil }
            let cut = random.int(0...targets.count)
            for piece in [targets[..<cut], targets[cut...]] {
                rowLine.append(UInt32(i))
                order += piece.map { (i, $0) }
                rowStart.append(UInt32(order.count))
            }
        }
        let rows = LoihiRows(
            rowLine: rowLine,
            rowStart: rowStart,
            targets: order.map { UInt32($0.post) },
            weights: order.map { Int32(weights[$0.post][$0.pre] ?? 0) },
            lineCore: (0..<pre).map { UInt32($0 % 3) },
            neuronCore: (0..<post).map { UInt32($0 % 3) }
        )
        return (rows, order)
    }

    private func spikes(_ random: inout SplitMix64, _ count: Int) -> [Int] {
        (0..<count).filter { _ in random.chance(rate) }
    }

    /// Draws as section 10 of NUMERICS addresses them.
    private func draws(of t: Int) -> ReferenceLoihi.Draws {
        let key = (UInt32(truncatingIfNeeded: seed) ^ RandomStream.id(of: "p"), UInt32(0))
        let x = Philox4x32.block(counter: (0, 0, UInt32(t), 5), key: key)
        let y = Philox4x32.block(counter: (1, 0, UInt32(t), 5), key: key)
        let w = Philox4x32.block(counter: (0, 0, UInt32(t / program.epoch), 4), key: key)
        return ReferenceLoihi.Draws(
            xDecay: Double(x.0) / 4_294_967_296,
            yDecay: Double(y.0) / 4_294_967_296,
            xImpulse: Int(x.1 / 33_554_432),
            yImpulse: Int(y.1 / 33_554_432),
            secondImpulse: Int(y.2 / 33_554_432),
            weight: Double(w.0) / 4_294_967_296
        )
    }

    func firstDifference(planted: LoihiPlantedError? = nil) -> String? {
        var random = random
        let (rows, order) = rows(&random)
        let engine = LoihiEngine(
            program: program,
            rows: rows,
            signMode: mode,
            draws: .projection("p", seed: seed)
        )
        var reference = ReferenceLoihi(
            program: program,
            weights: weights,
            signMode: mode,
            planted: planted
        )
        for (k, synapse) in order.enumerated() where random.chance(0.7) {
            let tag = isHot ? random.pick([-257, -256, 255]) : random.int(-40...40)
            let delay = random.int(0...62)
            engine.setRegister(.t, of: k, to: Int32(tag))
            engine.setRegister(.d, of: k, to: Int32(delay))
            reference.set(.t, post: synapse.post, pre: synapse.pre, to: tag)
            reference.set(.d, post: synapse.post, pre: synapse.pre, to: delay)
        }
        for t in 1...steps {
            if random.chance(0.1) {
                reference.reward = random.int(-300...300)
                engine.reward = Int32(reference.reward)
            }
            if random.chance(0.01) {
                engine.reset()
                reference.reset()
            }
            let learns = random.chance(0.95)
            let preSpikes = spikes(&random, pre)
            let postSpikes = spikes(&random, post)
            var cores = [CoreStepCounts](repeating: CoreStepCounts(), count: 3)
            let old = order.indices.map { engine.register(.w, of: $0) }
            engine.note(
                preSpikes: preSpikes.map { UInt32($0) },
                postSpikes: postSpikes.map { UInt32($0) },
                step: UInt64(t)
            )
            let updates = engine.endOfStep(step: UInt64(t), isOn: learns, cores: &cores)
            reference.step(
                t,
                preSpikes: preSpikes,
                postSpikes: postSpikes,
                draws: draws(of: t),
                learns: learns
            )
            let counted = cores.reduce(0) { $0 + Int($1.weightUpdates) }
            if updates != reference.updates || counted != updates {
                return "step \(t): \(updates) updates, expected \(reference.updates)"
            }
            for register in RuleTarget.allCases {
                for (k, synapse) in order.enumerated() {
                    let value = Int(engine.register(register, of: k))
                    let plain = reference.registers[register]?[synapse.post][synapse.pre]
                    if value != plain { return "step \(t), \(register) of \(synapse): \(value)" }
                }
            }
            for name in [RuleVariable.x1, .x2, .y1, .y2, .y3] {
                let count = name == .x1 || name == .x2 ? pre : post
                for n in 0..<count
                where Int(engine.trace(name, of: n)) != reference.trace(name, of: n) {
                    return "step \(t), \(name) of \(n)"
                }
            }
            for row in rows.rowLine.indices where !engine.changedRows.contains(row) {
                for k in Int(rows.rowStart[row])..<Int(rows.rowStart[row + 1])
                where engine.register(.w, of: k) != old[k] {
                    return "step \(t): row \(row) changed and does not say so"
                }
            }
        }
        return nil
    }
}
