package import ChipImage
package import ChipSpec
import FixedPoint
import Foundation

/// The engine `loihi` written down plainly: dense matrices, one neuron and one synapse at a time.
package struct ReferenceLoihi {
    private typealias Plain = PlainArithmetic

    /// Random numbers of a step, by side and kind.
    package struct Draws {
        package var xDecay: Double
        package var yDecay: Double
        package var xImpulse: Int
        package var yImpulse: Int
        /// For neurons that spike again within the epoch.
        package var secondImpulse: Int
        /// For weights, delays and tags; of the epoch.
        package var weight: Double

        /// Collects the draws of a step.
        ///
        /// - Parameters:
        ///   - xDecay: Of presynaptic decays.
        ///   - yDecay: Of postsynaptic decays.
        ///   - xImpulse: Of presynaptic impulses.
        ///   - yImpulse: Of postsynaptic impulses.
        ///   - secondImpulse: Of second postsynaptic spikes.
        ///   - weight: Of synaptic registers.
        package init(
            xDecay: Double,
            yDecay: Double,
            xImpulse: Int,
            yImpulse: Int,
            secondImpulse: Int,
            weight: Double
        ) {
            self.xDecay = xDecay
            self.yDecay = yDecay
            self.xImpulse = xImpulse
            self.yImpulse = yImpulse
            self.secondImpulse = secondImpulse
            self.weight = weight
        }
    }

    /// A neuron of either side.
    private struct Neuron {
        /// Traces by register.
        var traces: [RuleVariable: Int] = [:]
        /// Step of the last spike in the epoch; 0 without one.
        var spike = 0
        /// Traces at each step of the epoch that ended, its start first.
        var history: [[RuleVariable: Int]] = []
    }

    private let program: RuleProgram
    private let signMode: SignMode
    private let planted: LoihiPlantedError?
    private var pre: [Neuron]
    private var post: [Neuron]
    /// Registers of synapses, `[register][post][pre]`; nil where there is no synapse.
    package private(set) var registers: [RuleTarget: [[Int?]]]
    /// The reward register.
    package var reward = 0
    /// Draws of the last end of an epoch, which only a mistake reads.
    private var oldDraws: Draws?
    /// Synapses updated at the last end of an epoch.
    package private(set) var updates = 0

    /// Makes an engine with all traces, delays and tags 0.
    ///
    /// - Parameters:
    ///   - program: The rule.
    ///   - weights: Weights `[post][pre]`; nil where there is no synapse.
    ///   - signMode: What signs the weights may have.
    ///   - planted: A mistake to make.
    package init(
        program: RuleProgram,
        weights: [[Int?]],
        signMode: SignMode,
        planted: LoihiPlantedError? = nil
    ) {
        self.program = program
        self.signMode = signMode
        self.planted = planted
        pre = .init(repeating: Neuron(), count: weights.first?.count ?? 0)
        post = .init(repeating: Neuron(), count: weights.count)
        let zeros = weights.map { row in row.map { $0.map { _ in 0 } } }
        registers = [.w: weights, .d: zeros, .t: zeros]
    }

    /// Writes a register of a synapse.
    ///
    /// - Parameters:
    ///   - register: Weight, delay or tag.
    ///   - j: Postsynaptic neuron.
    ///   - i: Presynaptic neuron.
    ///   - value: In the register's range.
    package mutating func set(_ register: RuleTarget, post j: Int, pre i: Int, to value: Int) {
        registers[register]?[j][i] = value
    }

    /// A learning trace.
    ///
    /// - Parameters:
    ///   - register: x1 ... y3.
    ///   - n: Neuron of that side.
    /// - Returns: Its value.
    package func trace(_ register: RuleVariable, of n: Int) -> Int {
        (Self.isPre(register) ? pre : post)[n].traces[register] ?? 0
    }

    private static func isPre(_ register: RuleVariable) -> Bool {
        [.x0, .x1, .x2].contains(register)
    }

    /// Forgets traces and spikes.
    package mutating func reset() {
        pre = .init(repeating: Neuron(), count: pre.count)
        post = .init(repeating: Neuron(), count: post.count)
    }
}

// Steps.
extension ReferenceLoihi {
    /// Runs a step.
    ///
    /// - Parameters:
    ///   - t: Number of the step, from 1.
    ///   - preSpikes: Presynaptic neurons with a spike.
    ///   - postSpikes: Postsynaptic ones.
    ///   - draws: Random numbers of the step.
    ///   - learns: Whether synapses change.
    package mutating func step(
        _ t: Int,
        preSpikes: [Int],
        postSpikes: [Int],
        draws: Draws,
        learns: Bool = true
    ) {
        let epoch = program.epoch
        let time = (t - 1) % epoch + 1
        let preDraw = planted == .secondPreSpikeIsRandom ? draws.secondImpulse : 0
        for i in preSpikes { spike(&pre[i], true, at: time, draw: preDraw) }
        for j in postSpikes { spike(&post[j], false, at: time, draw: draws.secondImpulse) }
        updates = 0
        let phase = planted == .epochEndsLate ? (t - 1) % epoch : t % epoch
        guard phase == 0 else { return }
        let ownDraws = draws
        let draws = planted == .drawsOfEpochBefore ? oldDraws ?? draws : draws
        oldDraws = ownDraws
        let second = planted == .drawsOfSecondSpikes
        let xImpulse = second ? draws.secondImpulse : draws.xImpulse
        let yImpulse = second ? draws.secondImpulse : draws.yImpulse
        let yDecay = planted == .sidesShareDraw ? draws.xDecay : draws.yDecay
        let oldPre = pre
        let oldPost = post
        for i in pre.indices { run(&pre[i], true, own(draws.xDecay, i), xImpulse) }
        for j in post.indices { run(&post[j], false, own(yDecay, j), yImpulse) }
        if learns {
            let newPre = pre
            let newPost = post
            if planted == .tracesAreOfLastEpoch {
                for i in pre.indices {
                    pre[i].history = .init(repeating: oldPre[i].traces, count: epoch + 1)
                }
                for j in post.indices {
                    post[j].history = .init(repeating: oldPost[j].traces, count: epoch + 1)
                }
            }
            learn(t, ownDraws.weight)
            pre = newPre
            post = newPost
        }
        for i in pre.indices { finish(&pre[i]) }
        for j in post.indices { finish(&post[j]) }
    }

    private func own(_ draw: Double, _ n: Int) -> Double {
        guard planted == .drawForEachNeuron else { return draw }
        let shifted = draw + 0.37 * Double(n + 1)
        return shifted - shifted.rounded(.down)
    }

    private func names(_ isPre: Bool) -> [RuleVariable] { isPre ? [.x1, .x2] : [.y1, .y2, .y3] }

    private func bumped(_ value: Int, _ register: RuleVariable, draw: Int) -> Int {
        let impulse = program.traces.first { $0.register == register }?.impulse ?? 0
        let whole = Int(impulse)
        let fraction = Int(((impulse - Double(whole)) * 256).rounded(.toNearestOrEven))
        return min(value + whole + (draw < fraction ? 1 : 0), planted == .traceIsWide ? 255 : 127)
    }

    private func spike(_ neuron: inout Neuron, _ isPre: Bool, at time: Int, draw: Int) {
        if neuron.spike > 0, planted != .secondSpikeIgnored {
            for name in names(isPre) {
                neuron.traces[name] = bumped(neuron.traces[name] ?? 0, name, draw: draw)
            }
        }
        if neuron.spike == 0 || planted != .firstSpikeIsKept { neuron.spike = time }
    }

    private func decayed(_ value: Int, _ register: RuleVariable, draw: Double) -> Int {
        guard let trace = program.traces.first(where: { $0.register == register }) else { return 0 }
        if trace.tau == 0 { return 0 }
        let exact = Double(value) * PlainExponential.decay(tau: trace.tau)
        let whole = Int(exact)
        if planted == .decayFloors { return whole }
        if planted == .decayRoundsToNearest { return Int(exact.rounded()) }
        return draw < exact - Double(whole) ? whole + 1 : whole
    }

    private func run(_ neuron: inout Neuron, _ isPre: Bool, _ decay: Double, _ impulse: Int) {
        neuron.history = [neuron.traces]
        for time in 1...program.epoch {
            var now: [RuleVariable: Int] = [:]
            for name in names(isPre) {
                var value = neuron.history[time - 1][name] ?? 0
                let isSpike = neuron.spike == time
                if planted == .impulseBeforeDecay {
                    if isSpike { value = bumped(value, name, draw: impulse) }
                    value = decayed(value, name, draw: decay)
                } else {
                    value = decayed(value, name, draw: decay)
                    if isSpike { value = bumped(value, name, draw: impulse) }
                }
                now[name] = value
            }
            neuron.history.append(now)
        }
    }

    private func finish(_ neuron: inout Neuron) {
        neuron.traces = neuron.history[program.epoch]
        neuron.spike = 0
    }
}

// Synapses.
extension ReferenceLoihi {
    private mutating func learn(_ t: Int, _ draw: Double) {
        var new = registers
        for j in post.indices {
            for i in pre.indices where registers[.w]?[j][i] != nil {
                var isUpdated = false
                for target in RuleTarget.allCases {
                    let products = program.products.filter { $0.target == target }
                    guard !products.isEmpty else { continue }
                    var sum = read(target, j, i, new) * 128
                    for product in products {
                        let added = value(product, j, i, t, new)
                        if added != 0 { isUpdated = true }
                        sum += added
                        if planted != .sumSaturatesAtTheEnd { sum = accumulator(sum) }
                    }
                    let written = planted == .tagAsWeight && target == .w ? RuleTarget.t : target
                    new[written]?[j][i] = rounded(accumulator(sum), target, draw)
                }
                if isUpdated { updates += 1 }
            }
        }
        registers = new
    }

    private func accumulator(_ sum: Int) -> Int { min(max(sum, -32769), 32767) }

    private func read(
        _ target: RuleTarget,
        _ j: Int,
        _ i: Int,
        _ new: [RuleTarget: [[Int?]]]
    ) -> Int {
        let source = planted == .targetsReadNewValues ? new : registers
        return source[target]?[j][i] ?? 0
    }

    private func value(
        _ product: RuleProduct,
        _ j: Int,
        _ i: Int,
        _ t: Int,
        _ new: [RuleTarget: [[Int?]]]
    ) -> Int {
        let time: Int
        switch product.trigger {
        case .x0:
            guard pre[i].spike > 0 else { return 0 }
            time = pre[i].spike
        case .y0:
            guard post[j].spike > 0 else { return 0 }
            time = post[j].spike
        case .every(let epochs):
            let count = planted == .decimationCountsSteps ? t : t / program.epoch
            guard count % epochs == 0 else { return 0 }
            time = program.epoch
        }
        var bits = planted == .triggerHasWidth ? 1 : 0
        var exact: Int64 =
            planted == .mantissaLosesSign
            ? Int64(abs(product.mantissa)) : Int64(product.mantissa)
        for (index, factor) in product.factors.enumerated() {
            let width = width(of: factor)
            bits += width
            var number =
                register(factor.variable, j, i, time, product.trigger, new) + factor.constant
            if factor.isSign { number = number.signum() }
            if planted == .mantissaBeforeClamp, index == 0 {
                exact = 1
                number *= product.mantissa
            }
            if planted != .factorIsWide {
                number = min(max(number, -Int(Plain.power(width))), Int(Plain.power(width)) - 1)
            }
            exact = exact &* Int64(number)
            if planted != .productIsWide {
                exact = Plain.fit(exact, -(1 << 31), (1 << 31) - 1, .wrap)
            }
        }
        let right = max(0, bits + 4 - 15)
        let left = product.exponent + (planted == .exponentLacksOffset ? 0 : 7)
        let shifted =
            planted == .leftShiftFirst
            ? Plain.shift(Plain.shift(exact, by: left), by: -min(right, 62))
            : Plain.shift(Plain.shift(exact, by: -min(right, 62)), by: left)
        return accumulator(Int(shifted))
    }

    private func width(of factor: RuleFactor) -> Int {
        if factor.isSign, planted == .signIsNarrow { return 1 }
        switch factor.variable {
        case .x0, .y0: return 1
        case .w, .d, .t: return 9
        case .r: return 8
        default: return 7
        }
    }

    private func register(
        _ variable: RuleVariable,
        _ j: Int,
        _ i: Int,
        _ time: Int,
        _ trigger: RuleTrigger,
        _ new: [RuleTarget: [[Int?]]]
    ) -> Int {
        switch variable {
        case .x0: return pre[i].spike > 0 ? 1 : 0
        case .y0: return post[j].spike > 0 ? 1 : 0
        case .w: return read(.w, j, i, new)
        case .d: return read(.d, j, i, new)
        case .t: return read(.t, j, i, new)
        case .r: return reward
        default:
            let neuron = Self.isPre(variable) ? pre[i] : post[j]
            var moment = time
            if planted == .tracesReadAtEndOfEpoch { moment = program.epoch }
            var value = neuron.history[moment][variable] ?? 0
            if planted == .tracesReadWithoutImpulse, neuron.spike == moment {
                let impulse = program.traces.first { $0.register == variable }?.impulse ?? 0
                value = max(0, value - Int(impulse))
            }
            return value
        }
    }

    private func rounded(_ sum: Int, _ target: RuleTarget, _ draw: Double) -> Int {
        var lowest = -256
        var highest = 255
        switch (target, signMode) {
        case (.w, _) where planted == .signClamps: lowest = 0
        case (.w, .mixed): break
        case (.w, .excitatory): lowest = 0
        case (.w, .inhibitory): (lowest, highest) = (-255, 0)
        case (.d, _): lowest = 0
        case (.t, _): lowest = -257
        }
        var sum = sum
        if lowest == 0 { sum = max(sum, 0) }
        if highest == 0 { sum = min(sum, 0) }
        let whole = Int(Plain.floorDivision(Int64(sum), 128))
        let fraction = sum - whole * 128
        var value = whole
        switch planted {
        case .fractionDropped: break
        case .fractionAlwaysCarries: value += fraction > 0 ? 1 : 0
        case .accumulatorTruncates:
            value = sum / 128 + (draw < Double(abs(sum % 128)) / 128 ? 1 : 0)
        default: value += draw < Double(fraction) / 128 ? 1 : 0
        }
        value = min(max(value, lowest), highest)
        if planted == .lowBitDropped, target == .w, signMode == .mixed {
            value -= (value % 2 + 2) % 2
        }
        return value
    }
}

/// e^(−1/τ) from the C library, which differs from ours in the last bit at most.
private enum PlainExponential {
    static func decay(tau: Double?) -> Double { tau.map { exp(-1 / $0) } ?? 1 }
}
